/*
 * How a record moves through an approval process.
 */

#include "decide/crm_approval_move.h"

#include "decide/crm_approval_enter.h"
#include "decide/crm_approval_right.h"


#define DAY_MS  (24 * 3600 * 1000LL)


/* A move being made. */
typedef struct {
    crm_approval_move_t       *move;
    crm_verdict_t             *verdict;
    crm_write_t               *write;
    const crm_approval_act_t  *act;
    const crm_approval_t      *approval;    /* that it is in; NULL: gone */
    int                        member;      /* an approver of the level */
    int                        admin;
} act_t;


static crm_status_t act_approve(act_t *a);
static crm_status_t act_agree(act_t *a);
static int act_passes_over(act_t *a);
static crm_status_t act_reject(act_t *a);
static crm_status_t act_delegate(act_t *a);
static crm_status_t act_replace(act_t *a);
static crm_status_t act_resubmit(act_t *a);
static crm_status_t act_recall(act_t *a);
static int act_pending(act_t *a);
static int act_owns(act_t *a);
static int act_refuse(act_t *a, crm_refusal_kind_t kind, const char *reason,
    const char *field);
static crm_status_t act_note(act_t *a, const char *what);


/* By crm_approval_action_t. */
static crm_status_t  (*const acts[])(act_t *a) = {
    act_approve, act_reject, act_delegate, act_resubmit, act_recall
};


crm_status_t
crm_approval_move_act(crm_approval_move_t *move, crm_verdict_t *verdict,
    const crm_approval_state_t *state, crm_write_t *write,
    const crm_approval_act_t *act)
{
    act_t  a;

    memset(move, 0, sizeof(crm_approval_move_t));
    move->state = *state;

    a.move = move;
    a.verdict = verdict;
    a.write = write;
    a.act = act;
    a.approval = crm_approval_right_find(write->module, state->process);
    a.admin = crm_approval_right_administers(write, a.approval);
    a.member = crm_approval_right_decides(write, state, state->level);

    return acts[act->action](&a);
}


static crm_status_t
act_approve(act_t *a)
{
    crm_status_t           rc;
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (!act_pending(a)) {
        return CRM_OK;
    }

    if (a->member && crm_approval_right_agreed(a->write, state)) {
        act_refuse(a, CRM_REFUSE_PROCESS,
                   "you have agreed already; others are still to decide",
                   NULL);
        return CRM_OK;
    }

    rc = act_note(a, "approved");

    return rc == CRM_OK ? act_agree(a) : rc;
}


/* Of everyone each counts for himself, but who administers decides for all.
 * Who has agreed may agree again when the others have left since. */
static crm_status_t
act_agree(act_t *a)
{
    crm_who_t              given;
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (state->mode == CRM_APPROVAL_EVERYONE && a->member) {
        given.ids = crm_pool_calloc(a->write->pool, state->given.count + 1,
                                    sizeof(crm_str_t));
        if (given.ids == NULL) {
            return CRM_ENOMEM;
        }

        for (given.count = 0; given.count < state->given.count;
             given.count++)
        {
            given.ids[given.count] = state->given.ids[given.count];
        }

        given.ids[given.count++] = a->write->actor.id;
        state->given = given;

        if (crm_approval_right_awaits(a->write, state)) {
            return CRM_OK;
        }
    }

    memset(&state->given, 0, sizeof(crm_who_t));

    while (state->level < state->levels_count) {
        state->level++;

        if (!act_passes_over(a)) {
            return CRM_OK;
        }
    }

    state->status = CRM_APPROVAL_APPROVED;
    state->decided_ms = a->write->now_ms;

    if (a->approval && state->rule <= a->approval->rules_count) {
        crm_approval_move_step(a->move, CRM_STAGE_APPROVE);
    }

    return CRM_OK;
}


/* A level at which nobody is left, of a process that does without then. */
static int
act_passes_over(act_t *a)
{
    return a->approval && a->approval->auto_approve
           && !crm_approval_right_awaits(a->write, &a->move->state);
}


static crm_status_t
act_reject(act_t *a)
{
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (!act_pending(a)) {
        return CRM_OK;
    }

    memset(&state->given, 0, sizeof(crm_who_t));
    state->status = CRM_APPROVAL_REJECTED;
    state->decided_ms = a->write->now_ms;

    if (a->approval && state->rule <= a->approval->rules_count) {
        crm_approval_move_step(a->move, CRM_STAGE_REJECT);
    }

    return act_note(a, "rejected");
}


static crm_status_t
act_delegate(act_t *a)
{
    crm_status_t           rc;
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (!act_pending(a)) {
        return CRM_OK;
    }

    if (a->act->user.len == 0) {
        act_refuse(a, CRM_REFUSE_MANDATORY,
                   "\"user\" must say to whom the decision goes", "user");
        return CRM_OK;
    }

    if (crm_who_active(a->write->rules, a->act->user) == NULL) {
        act_refuse(a, CRM_REFUSE_VALUE,
                   "there is no active user of that id", "user");
        return CRM_OK;
    }

    if (crm_approval_state_lists(&state->levels[state->level - 1],
                                 a->act->user))
    {
        act_refuse(a, CRM_REFUSE_VALUE,
                   "that user decides here already", "user");
        return CRM_OK;
    }

    if (a->member && crm_approval_right_agreed(a->write, state)) {
        act_refuse(a, CRM_REFUSE_PROCESS,
                   "you have agreed already; others are still to decide",
                   NULL);
        return CRM_OK;
    }

    rc = act_replace(a);

    return rc == CRM_OK ? act_note(a, "delegated") : rc;
}


/* Who delegates is one of them no more; of an administrator who is none, that
 * goes for all who have not decided yet. */
static crm_status_t
act_replace(act_t *a)
{
    size_t                 i;
    crm_who_t             *level, who;
    crm_who_t             *levels;
    crm_approval_state_t  *state;

    state = &a->move->state;

    levels = crm_pool_calloc(a->write->pool, state->levels_count,
                             sizeof(crm_who_t));
    level = &state->levels[state->level - 1];
    who.ids = crm_pool_calloc(a->write->pool, level->count + 1,
                              sizeof(crm_str_t));
    who.count = 0;

    if (levels == NULL || who.ids == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < level->count; i++) {
        if (a->member ? !crm_str_eq(level->ids[i], a->write->actor.id)
            : crm_approval_state_lists(&state->given, level->ids[i]))
        {
            who.ids[who.count++] = level->ids[i];
        }
    }

    who.ids[who.count++] = a->act->user;

    for (i = 0; i < state->levels_count; i++) {
        levels[i] = state->levels[i];
    }

    levels[state->level - 1] = who;
    state->levels = levels;

    return CRM_OK;
}


static crm_status_t
act_resubmit(act_t *a)
{
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (state->status != CRM_APPROVAL_REJECTED) {
        act_refuse(a, CRM_REFUSE_PROCESS,
                   "only what was rejected can be submitted again", NULL);

    } else if (!act_owns(a)) {
        return CRM_OK;

    } else if (a->write->now_ms - state->decided_ms
               > CRM_APPROVAL_RESUBMIT_DAYS * DAY_MS)
    {
        act_refuse(a, CRM_REFUSE_NOT_ALLOWED,
                   "it was rejected more than 180 days ago", NULL);

    } else {
        return crm_approval_enter_again(a->move, a->write, a->act->comments);
    }

    return CRM_OK;
}


static crm_status_t
act_recall(act_t *a)
{
    crm_approval_state_t  *state;

    state = &a->move->state;

    if (state->status != CRM_APPROVAL_WAITING
        && state->status != CRM_APPROVAL_REJECTED)
    {
        act_refuse(a, CRM_REFUSE_PROCESS,
                   "the record does not wait for an approval", NULL);

    } else if (act_owns(a)) {
        memset(state, 0, sizeof(crm_approval_state_t));
    }

    return CRM_OK;
}


/* Is there something to decide, and may this user? */
static int
act_pending(act_t *a)
{
    if (a->move->state.status != CRM_APPROVAL_WAITING) {
        return act_refuse(a, CRM_REFUSE_PROCESS,
                          "the record does not wait for an approval", NULL);
    }

    if (!a->member && !a->admin) {
        return act_refuse(a, CRM_REFUSE_PERMISSION,
                          "only who is to decide at this level, and"
                          " administrators, may", NULL);
    }

    return 1;
}


static int
act_owns(act_t *a)
{
    if (a->admin || crm_approval_right_owns(a->write, &a->move->state)) {
        return 1;
    }

    return act_refuse(a, CRM_REFUSE_PERMISSION,
                      "only the owner of the record, who submitted it, and"
                      " administrators may", NULL);
}


/* 0, for those who ask whether they may. */
static int
act_refuse(act_t *a, crm_refusal_kind_t kind, const char *reason,
    const char *field)
{
    a->verdict->kind = kind;
    a->verdict->gate = "approval";
    a->verdict->rule = a->move->state.process;
    a->verdict->reason = crm_strz(reason);
    a->verdict->field = field ? crm_strz(field) : CRM_STR_NULL;

    return 0;
}


static crm_status_t
act_note(act_t *a, const char *what)
{
    crm_approval_entry_t  entry;

    memset(&entry, 0, sizeof(crm_approval_entry_t));
    entry.action = crm_strz(what);
    entry.user = a->write->actor.id;
    entry.at_ms = a->write->now_ms;
    entry.comments = a->act->comments;
    entry.level = a->move->state.level;

    if (a->act->action == CRM_APPROVAL_DELEGATE) {
        entry.to = a->act->user;
    }

    return crm_approval_state_note(&a->move->state, &entry, a->write->pool);
}


void
crm_approval_move_step(crm_approval_move_t *move, crm_stage_t stage)
{
    crm_step_t  *step;

    step = &move->steps[move->steps_count++];

    step->process = CRM_PROCESS_APPROVAL;
    step->stage = stage;
    step->name = move->state.process;
    step->index = move->state.rule;
}
