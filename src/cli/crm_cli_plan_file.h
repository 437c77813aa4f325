/*
 * A saved plan: what plan --out writes and apply stores, and nothing else.
 *
 * One JSON document that begins with "crm_plan". It holds the whole bundle that
 * would be live, from what it was made (revision, digest, epoch), and the
 * digest of all of this: a plan that was cut off or edited is none any more.
 */

#ifndef CRM_CLI_PLAN_FILE_H
#define CRM_CLI_PLAN_FILE_H

#include <jansson.h>

#include "base/crm_pool.h"


typedef struct {
    const char  *org;
    long long    base;              /* revision that was live; 0: none */
    const char  *base_sha256;       /* digest of its bundle, or "" */
    const char  *epoch;             /* of that Redis, or "" */
    long long    made_at_ms;        /* Redis time */
    const char  *author;
    const char  *managed_by;
    int          prune;
    json_t      *bundle;            /* borrowed; of a plan that was read: ends
                                       with the pool */
} crm_cli_plan_file_t;


/* Is path a file that begins as a saved plan does, whole or not? */
int crm_cli_plan_file_is(const char *path);

/* Writes it all or nothing. CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_plan_file_write(const crm_cli_plan_file_t *plan,
    const char *path, crm_pool_t *pool, crm_error_t *err);

/* CRM_EINVAL with *err when it is not as it was written, or CRM_ENOMEM. */
crm_status_t crm_cli_plan_file_read(crm_cli_plan_file_t *plan,
    const char *path, crm_pool_t *pool, crm_error_t *err);

#endif
