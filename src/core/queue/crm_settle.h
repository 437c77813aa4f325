/*
 * A settlement: what became of a write whose outcome nobody saw.
 *
 * Pure: the intent and what the backend shows now go in, a decision comes
 * out. A write is committed or not only on evidence; where the record could
 * look like this either way, the write is undetermined, never repeated and
 * never dropped.
 *
 *     crm_settle_path(&intent, pool)      ask the backend for this
 *     crm_settle(&s, &intent, &answer, max_time_ms, NULL, pool)
 *
 * The answer must have been asked for after at_ms + max_time_ms by Redis'
 * clock: a slow commit may land until then.
 */

#ifndef CRM_SETTLE_H
#define CRM_SETTLE_H

#include "queue/crm_intent.h"


/* What clocks of nginx and the backend may differ by. Where those of nginx and
 * Redis differ by more, one of them is wrong, and no time proves anything. */
#define CRM_SETTLE_SKEW_MS  5000


typedef enum {
    CRM_SETTLED_UNREADABLE = 0,     /* ask again later */
    CRM_SETTLED_COMMITTED,
    CRM_SETTLED_NOT_COMMITTED,
    CRM_SETTLED_UNDETERMINED        /* asking again would not help */
} crm_settled_t;

typedef struct {
    crm_settled_t  how;
    crm_str_t      record_id;       /* of COMMITTED: that of a created record
                                       too */
    const char    *reason;          /* a sentence without a full stop, for
                                       people; never NULL */
} crm_settlement_t;

/* What the backend answered to a GET of crm_settle_path(). */
typedef struct {
    unsigned    status;             /* 0: no answer, or one cut off */
    crm_str_t   body;               /* whole */
    crm_str_t   event;              /* the header CRM-Event, or empty: whoever
                                       sends it back looked up by event */
} crm_settle_answer_t;


/*
 * The target behind the backend's base URL (which ends with the API version),
 * query included, no slash in front: "Leads/42", or on create the dialect's
 * look-up by event, such as "Leads?__event=…&fields=…". data is NULL without
 * memory.
 */
crm_str_t crm_settle_path(const crm_intent_t *intent, crm_pool_t *pool);

/*
 * Decides. max_time_ms: crm_backend_max_time, until which after intent->at_ms
 * a create may have been carried out. limits NULL: those of crm_limits.h.
 * CRM_OK with *settlement whole, or CRM_ENOMEM.
 */
crm_status_t crm_settle(crm_settlement_t *settlement,
    const crm_intent_t *intent, const crm_settle_answer_t *answer,
    long long max_time_ms, const crm_scan_limits_t *limits,
    crm_pool_t *pool);

/* "committed", "not committed", "undetermined", "unreadable" */
const char *crm_settle_name(crm_settled_t how);

#endif
