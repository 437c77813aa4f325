/*
 * Calls: somebody acts on, or asks about, the lock, the approval or the
 * blueprint of one record.
 *
 * Steps 4 and 5 (decide, transform). A call comes by the vendor's own path of a
 * record, or by crm_api, and takes the way that writes take: lease and state,
 * the current record, a verdict. What is judged hands back what is to change of
 * what Redis knows of the record, what is to be done, and the answer. A
 * transition goes on from there as the update that it comes to.
 *
 * A topic is a row in crm_call.c, with a file of its own.
 */

#ifndef CRM_CALL_H
#define CRM_CALL_H

#include "base/crm_time.h"
#include "decide/crm_call_kind.h"
#include "decide/crm_verdict.h"
#include "transform/crm_effects.h"
#include "transform/crm_transform.h"


/* What a client sent. The body is what came, unread. */
typedef struct {
    crm_str_t                 method;       /* GET, POST, PUT, DELETE */
    int                       vendor;
    crm_str_t                 lock_id;      /* that the path names */
    crm_str_t                 query;        /* of a list */
    crm_str_t                 body;
    const crm_scan_limits_t  *limits;
} crm_call_ask_t;

/* What a judged call comes to. Zeroed before it is judged. */
typedef struct {
    crm_verdict_t   verdict;        /* else all below is void */
    crm_effects_t   effects;        /* what is done; of calls on a lock none */
    crm_transform_t transform;      /* rules that a score starts */
    crm_str_t       manual;         /* of LOCK: the lock (crm_manual.h); of
                                       UNLOCK: the id of the one that goes;
                                       empty: nothing is to do */
    crm_str_t       update;         /* of TRANSITION and of scores: the fields
                                       that are written, a JSON object */
    unsigned        status;         /* of the answer: 200, 201, 204 */
    crm_str_t       answer;         /* JSON; empty: without a body */
} crm_called_t;


/*
 * Whether a request of this topic ("lock", "blueprint", "approvals", "why",
 * "scores": crm_route_t's action) for a record of module is a call; else the
 * backend knows what it means. module may be NULL.
 */
int crm_call_stands(crm_str_t topic, const crm_module_t *module);

/* Whether there is such a topic. */
int crm_call_known(crm_str_t topic);

/* Whether the call asks only. */
int crm_call_reads(crm_call_kind_t kind);

/* "lock_read", "approve" ...: for traces and logs. */
const char *crm_call_name(crm_call_kind_t kind);

/*
 * Reads what was sent for a topic; *call keeps module and record_id that the
 * host has set. CRM_EINVAL with *refusal for whatever the client got wrong;
 * CRM_DECLINED: the topic has no such method; CRM_ENOMEM.
 */
crm_status_t crm_call_decode(crm_call_t *call, crm_str_t topic,
    const crm_call_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal);

/*
 * Judges write->call over write's before-image and state: write is that of an
 * action, crm_write_init() has seen it, its module is one where the topic
 * stands. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_call_judge(crm_called_t *called, crm_write_t *write);

/* A refusal, for the rows: reason is a sentence for the client, field may be
 * empty. Returns CRM_OK. */
crm_status_t crm_call_refuse(crm_called_t *called, crm_refusal_kind_t kind,
    crm_str_t reason, crm_str_t field);

/* For the rows that decode: what the client got wrong; reason is a constant.
 * Returns CRM_EINVAL. */
crm_status_t crm_call_wrong(crm_refusal_t *refusal, crm_refusal_kind_t kind,
    const char *reason);

/* For the rows: the body as the one object that it must be, checked. Errors as
 * of crm_call_decode(). */
crm_status_t crm_call_body(crm_span_t *object, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* For the rows: an instant as the vendor writes it, 2026-11-22T19:08:11+01:00,
 * by the clocks of zone. */
void crm_call_time(crm_buf_t *buf, long long ms, const crm_zone_t *zone);

#endif
