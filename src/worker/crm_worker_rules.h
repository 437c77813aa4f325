/*
 * Revisions of rules, as recovery needs them: a write is settled by the rules
 * that judged it, whatever is current by now.
 *
 *   get -> known: told at once
 *       -> GET crm:{O}:rules:N -> parse, compile -> told, and all who wait
 *
 * Those last used are kept. Compiling takes the loop's time, some milliseconds
 * for hundreds of rules, which a worker can afford and nginx could not.
 */

#ifndef CRM_WORKER_RULES_H
#define CRM_WORKER_RULES_H

#include "crm_worker_link.h"

#include "rules/crm_ruleset.h"


/* Kept without a user: the current revision of some organisations and the one
 * before it. */
#define CRM_WORKER_RULES_KEPT  16


typedef struct crm_worker_rules_s  crm_worker_rules_t;
typedef struct crm_worker_rules_wait_s  crm_worker_rules_wait_t;
typedef struct crm_worker_revision_s  crm_worker_revision_t;

/* A compiled revision; lives as long as somebody holds it. */
struct crm_worker_revision_s {
    crm_worker_revision_t  *next;
    crm_worker_rules_t     *cache;
    crm_pool_t             *pool;       /* this lives in it */
    unsigned                refs;

    crm_str_t               org;
    long long               number;
    crm_ruleset_t          *set;
};

typedef enum {
    CRM_WORKER_RULES_OK = 0,
    CRM_WORKER_RULES_MISSING,   /* Redis has no such revision */
    CRM_WORKER_RULES_BAD,       /* one that this worker cannot compile */
    CRM_WORKER_RULES_AWAY       /* no Redis, no memory: ask again */
} crm_worker_rules_status_t;

/* revision is NULL unless OK, and held for the callee, who lets go of it; text
 * says what is wrong. */
typedef void (*crm_worker_rules_done_pt)(void *data,
    crm_worker_rules_status_t status, crm_worker_revision_t *revision,
    const char *text);


/* link is borrowed. NULL without memory. */
crm_worker_rules_t *crm_worker_rules_create(crm_worker_link_t *link);

/* After the link has been destroyed; whoever waits is told nothing. */
void crm_worker_rules_destroy(crm_worker_rules_t *cache);

/*
 * Fetches a revision. done is called from within or from the loop, once.
 * Returns NULL when it has been called, else what cancel takes until then.
 */
crm_worker_rules_wait_t *crm_worker_rules_get(crm_worker_rules_t *cache,
    crm_str_t org, long long number, crm_worker_rules_done_pt done,
    void *data);

/* done will not be called. */
void crm_worker_rules_cancel(crm_worker_rules_wait_t *wait);

/* Another holder of revision; each lets go once. */
void crm_worker_rules_hold(crm_worker_revision_t *revision);
void crm_worker_rules_release(crm_worker_revision_t *revision);

#endif
