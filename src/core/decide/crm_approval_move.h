/*
 * How a record moves through an approval process.
 *
 *              submit                approve (last level)
 *      none ──────────▶ waiting(1..n) ────────────────────▶ approved
 *       ▲ ▲                │    ▲                              │
 *       │ └── recall ──────┤    └──── a later edit matches ────┘
 *       │                  │ reject
 *       │                  ▼
 *       └── recall ──── rejected ── resubmit ──▶ waiting(1), or none where
 *                                                nothing matches any more
 *
 * Each move gives the state that follows, and which lists of actions are done;
 * what is not allowed is a refusal, the state as it was. Pure: who acts, the
 * time and the record are the write's.
 */

#ifndef CRM_APPROVAL_MOVE_H
#define CRM_APPROVAL_MOVE_H

#include "decide/crm_approval_state.h"
#include "decide/crm_verdict.h"
#include "decide/crm_write.h"
#include "rules/crm_process.h"


#define CRM_APPROVAL_RESUBMIT_DAYS  180

/* The sorted set of records that wait: crm:{ORG}:approvals. */
#define CRM_APPROVAL_SET  "approvals"

typedef struct {
    crm_approval_state_t  state;            /* NONE: the record is free */
    crm_step_t            steps[2];
    size_t                steps_count;
} crm_approval_move_t;

typedef enum {
    CRM_APPROVAL_APPROVE = 0,
    CRM_APPROVAL_REJECT,
    CRM_APPROVAL_DELEGATE,
    CRM_APPROVAL_RESUBMIT,
    CRM_APPROVAL_RECALL
} crm_approval_action_t;


/*
 * What write's actor does with a record that stands at state. A refusal is in
 * *verdict, else *move is set. user is to whom it is delegated. CRM_OK or
 * CRM_ENOMEM.
 */
typedef struct {
    crm_approval_action_t  action;
    crm_str_t              comments;
    crm_str_t              user;
} crm_approval_act_t;

crm_status_t crm_approval_move_act(crm_approval_move_t *move,
    crm_verdict_t *verdict, const crm_approval_state_t *state,
    crm_write_t *write, const crm_approval_act_t *act);

/* The actions of that stage are done, of the rule that the state names. */
void crm_approval_move_step(crm_approval_move_t *move, crm_stage_t stage);

#endif
