/*
 * The list of records that wait for an approval: for who asks, for others, or
 * both, as far as they are his to see. A page at a time: one of Redis' pages
 * may hold nothing for him, and say that there is more.
 *
 *     GET {base}/actions/approvals[?type=awaiting|others_awaiting]
 *     GET /crm_api/approvals[?mine=1|0]                     &cursor=
 *
 * His to see are those that he decides at some level or has submitted, those
 * of processes that he administers, and all for the profile Administrator.
 */

#ifndef CRM_CALL_APPROVALS_H
#define CRM_CALL_APPROVALS_H

#include "state/crm_waits.h"
#include "transform/crm_call.h"


/* Whether any module has approvals. */
int crm_call_approvals_stands(const crm_ruleset_t *rules);

/* Reads the query. As crm_call_decode(). */
crm_status_t crm_call_approvals_decode(crm_call_t *call,
    const crm_call_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal);

/* Where call's list begins. As crm_waits_at(). */
crm_status_t crm_call_approvals_at(crm_waits_at_t *at,
    const crm_call_t *call, crm_pool_t *pool);

/*
 * The answer: of waits what call asks for and actor, who is somebody, may see.
 * CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_call_approvals_answer(crm_called_t *called,
    const crm_call_t *call, const crm_ruleset_t *rules, crm_actor_t actor,
    const crm_waits_t *waits, crm_pool_t *pool);

#endif
