/*
 * An intent that this worker has claimed: what it says, what became of it, and
 * the script that ends it.
 *
 * Each end is one script under the fence of the claim: what another worker has
 * claimed meanwhile is not touched.
 */

#ifndef CRM_WORKER_CLAIM_H
#define CRM_WORKER_CLAIM_H

#include "crm_worker_backend.h"
#include "crm_worker_rules.h"

#include "queue/crm_intent.h"
#include "queue/crm_settle_many.h"
#include "queue/crm_settling.h"
#include "state/crm_recover.h"


/* What cannot be read is asked again after so long, by how often it has been
 * claimed: doubled from the first to the last. */
#define CRM_WORKER_CLAIM_WAIT_MS      1000
#define CRM_WORKER_CLAIM_WAIT_MAX_MS  60000


typedef struct crm_worker_claim_s  crm_worker_claim_t;

struct crm_worker_claim_s {
    crm_worker_claim_t        *next;        /* of the one who holds it */
    void                      *owner;       /* of the same one */
    crm_pool_t                *pool;        /* this and all below live in it */

    crm_str_t                  org;
    crm_claim_t                claimed;
    crm_worker_backend_t       backend;
    crm_intents_t              intents;     /* none until they are read */
    crm_settle_many_t          many;
    crm_worker_revision_t     *revision;    /* held; NULL: not yet known */
    crm_worker_revision_t     *current;     /* held; NULL: there was none */
    crm_worker_answer_t        answer;

    /* of crm_worker_settle.c: under way, one of the two */
    const void                *settle;
    crm_worker_rules_wait_t   *wait;
    crm_worker_http_call_t    *call;
    unsigned                   starting:1;
    unsigned                   finished:1;

    /* what became of it; commit: of one that was, but for the claim's own */
    crm_settled_t              how;
    char                       reason[320];
    crm_cmd_commit_t           commit;
};


/* A copy of what recover gave out, to be settled with what backend shows; both
 * are borrowed for the call. NULL without memory. */
crm_worker_claim_t *crm_worker_claim_create(crm_str_t org,
    const crm_claim_t *claimed, const crm_worker_backend_t *backend);

void crm_worker_claim_destroy(crm_worker_claim_t *claim);

/* The script that ends it as claim->how says; NULL without memory. */
crm_cmd_t *crm_worker_claim_command(const crm_worker_claim_t *claim,
    crm_pool_t *pool);

/*
 * What the script made of it: *status is a word for the log, empty for what
 * was to be expected, "stale" when the claim was another worker's by then.
 */
crm_status_t crm_worker_claim_ended(const char **status,
    const crm_worker_claim_t *claim, const crm_reply_t *reply,
    crm_error_t *err);

int64_t crm_worker_claim_delay_ms(const crm_worker_claim_t *claim);

#endif
