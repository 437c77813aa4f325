/*
 * Storing a bundle as the next revision, and telling of it.
 */

#ifndef CRM_CLI_PUBLISH_H
#define CRM_CLI_PUBLISH_H

#include <jansson.h>

#include "crm_cli_bundle.h"
#include "crm_store.h"


typedef struct {
    const char             *org;
    json_t                 *bundle;         /* borrowed */
    const crm_cli_merge_t  *merge;          /* what changes, for its counts */
    const char             *managed_by;     /* whose folder, or NULL */
    const char             *author;         /* who; NULL: USER@host */
    const char             *message;        /* why, or NULL */
    long long               rollback_to;    /* whose bundle it is, or 0 */
    long long               expected;       /* that it was made from */
    long long               now_ms;         /* Redis time */

    long long               revision;       /* result: current now */
    int                     moved;          /* result: somebody was faster */
    int                     in_doubt;       /* result, of a failure: Redis has
                                               not answered, it may be stored */
} crm_cli_publish_t;


#define CRM_CLI_EPOCH_LEN  26

/* A new epoch and a zero byte: CRM_CLI_EPOCH_LEN random characters.
 * CRM_ENOMEM: the system has no random bytes. */
crm_status_t crm_cli_publish_epoch(char *epoch);

/* USER@host, or data is NULL without memory. */
crm_str_t crm_cli_publish_author(crm_pool_t *pool);

/* Stores publish->bundle as revision expected + 1, all or nothing. CRM_EINVAL
 * with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_publish(crm_cli_publish_t *publish, crm_store_t *store,
    crm_pool_t *pool, crm_error_t *err);

/*
 * Lists the organisation and gives the processes a hint, so that they need not
 * wait for their next look. To be called without a change too: an earlier call
 * may have been cut off before it came here.
 */
crm_status_t crm_cli_publish_announce(crm_store_t *store, const char *org,
    long long revision, crm_pool_t *pool, crm_error_t *err);


#endif
