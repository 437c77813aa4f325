/*
 * What the scripts of recovery answered: recover, reclaim, postpone,
 * undetermined.
 *
 * Strings borrow from the reply. A claim is the right to settle one intent
 * until its claim time has run out or another worker has claimed it; whatever
 * is done under it names its fence, and is refused when that is not current.
 */

#ifndef CRM_RECOVER_H
#define CRM_RECOVER_H

#include "state/crm_cmd.h"
#include "state/crm_reply.h"


typedef struct {
    crm_str_t           event;
    long long           fence;      /* counts the claims of this intent */
    int                 lapsed;     /* a lease had been lost: it was free and
                                       is taken anew. crm_intent_since_t */
    long long           begun_ms;   /* when the write began; 0: not known */
    long long           max_time_ms; /* crm_backend_max_time it began with */
    crm_str_t           doc;        /* crm_intent_parse() */
    crm_record_name_t  *records;    /* leased; none on create */
    size_t              n_records;
} crm_claim_t;

typedef struct {
    long long     dropped;          /* never prepared: gone, nothing to do */
    long long     blocked;          /* another write holds the record: they
                                       come due when its lease ends */
    long long     next_ms;          /* until the next is due; 0: there are
                                       more now; -1: there is none */
    crm_claim_t  *claims;
    size_t        n_claims;
} crm_recover_t;

/* recover. CRM_EINVAL for a reply that makes no sense; CRM_ENOMEM. */
crm_status_t crm_recover_parse(crm_recover_t *recover,
    const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err);


/* reclaim, postpone, undetermined. */
typedef enum {
    CRM_RECOVER_OK = 0,
    CRM_RECOVER_STALE           /* settled, or somebody else's claim now */
} crm_recover_status_t;

crm_status_t crm_recover_status(crm_recover_status_t *status,
    const crm_reply_t *reply, crm_error_t *err);

#endif
