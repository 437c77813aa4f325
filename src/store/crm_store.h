/*
 * The blocking Redis client of the command line and the tests.
 *
 * One connection, made by open and dropped at the first failure: a late reply
 * must not be taken for the next command's. Every command has a deadline.
 * Error texts name the address. Replies live in the caller's pool. The program
 * ignores SIGPIPE: a Redis that goes away must be an error, not a death.
 */

#ifndef CRM_STORE_H
#define CRM_STORE_H

#include "state/crm_cmd.h"
#include "state/crm_redis_url.h"
#include "state/crm_reply.h"


#define CRM_STORE_TIMEOUT_MS  5000

typedef struct crm_store_s  crm_store_t;

typedef struct {
    const char  *password_file;     /* NULL: none; its first line counts */
    long         timeout_ms;        /* of each command; 0: the default */
} crm_store_opts_t;


/* Connects, authenticates, selects the database. *store is the caller's to
 * close. CRM_EINVAL with *err, or CRM_ENOMEM. opts may be NULL. */
crm_status_t crm_store_open(crm_store_t **store, crm_str_t url,
    const crm_store_opts_t *opts, crm_error_t *err);

/* NULL is fine. */
void crm_store_close(crm_store_t *store);

/*
 * Runs cmd; a script that Redis does not know is sent in full. An error reply
 * of Redis is CRM_EINVAL with its text in *err, and *reply holds it too (so
 * that crm_reply_is_error() can tell which); it is NULL when no reply came.
 */
crm_status_t crm_store_run(crm_store_t *store, const crm_cmd_t *cmd,
    crm_pool_t *pool, crm_reply_t **reply, crm_error_t *err);

/* The same for a plain command given as n crm_str_t:
 * crm_store_command(store, pool, &reply, err, 2, CRM_STR("GET"), key). */
crm_status_t crm_store_command(crm_store_t *store, crm_pool_t *pool,
    crm_reply_t **reply, crm_error_t *err, int n, ...);

#endif
