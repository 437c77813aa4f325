/*
 * How a record enters an approval process.
 */

#include "decide/crm_approval_enter.h"

#include "decide/crm_approval_right.h"


/* What record enters. */
typedef struct {
    crm_approval_move_t      *move;
    const crm_write_t        *write;
    const crm_approval_t     *approval;
    unsigned                  rule;         /* 1-based */
    crm_who_near_t            near;
} entry_t;


static const crm_approval_t *enter_match(const crm_module_t *module,
    crm_operation_t operation, crm_str_t first, crm_eval_t *eval,
    unsigned *rule);
static int enter_looks(const crm_approval_t *approval,
    crm_operation_t operation);
static unsigned enter_rule(const crm_approval_t *approval, crm_eval_t *eval);
static crm_status_t enter_process(entry_t *e, const char *how,
    crm_str_t comments, const crm_record_t *record);
static void enter_head(entry_t *e);
static void enter_near(entry_t *e, const crm_record_t *record);
static crm_status_t enter_levels(entry_t *e,
    const crm_approval_rule_t *rule);
static crm_status_t enter_level(entry_t *e, const crm_approval_rule_t *rule,
    size_t at, size_t count);
static crm_status_t enter_missing(crm_who_t *who, const entry_t *e);


crm_status_t
crm_approval_enter(crm_approval_move_t *move, const crm_write_t *write,
    crm_eval_t *eval, const crm_record_t *record)
{
    entry_t  e;

    memset(move, 0, sizeof(crm_approval_move_t));
    memset(&e, 0, sizeof(entry_t));

    e.move = move;
    e.write = write;
    e.approval = enter_match(write->module, write->operation, CRM_STR_NULL,
                             eval, &e.rule);

    if (e.approval == NULL) {
        return eval->status == CRM_OK ? CRM_DECLINED : eval->status;
    }

    return enter_process(&e, "submitted", CRM_STR(""), record);
}


crm_status_t
crm_approval_enter_again(crm_approval_move_t *move, crm_write_t *write,
    crm_str_t comments)
{
    entry_t                e;
    crm_approval_state_t  *state;

    memset(&e, 0, sizeof(entry_t));

    state = &move->state;
    e.move = move;
    e.write = write;
    e.approval = enter_match(write->module, CRM_OP_NONE, state->process,
                             &write->stored_eval, &e.rule);

    if (write->stored_eval.status != CRM_OK) {
        return write->stored_eval.status;
    }

    if (e.approval) {
        return enter_process(&e, "resubmitted", comments, write->before);
    }

    memset(state, 0, sizeof(crm_approval_state_t));

    return CRM_OK;
}


/* The first that matches: the one called first before the others, which are
 * in their order. NONE: whatever write it looks at. */
static const crm_approval_t *
enter_match(const crm_module_t *module, crm_operation_t operation,
    crm_str_t first, crm_eval_t *eval, unsigned *rule)
{
    size_t                 i;
    const crm_approval_t  *approval;

    approval = first.len ? crm_approval_right_find(module, first) : NULL;

    if (approval && (*rule = enter_rule(approval, eval)) != 0) {
        return approval;
    }

    for (i = 0; i < module->approvals.count; i++) {
        approval = module->approvals.items[i];

        if (enter_looks(approval, operation)
            && (*rule = enter_rule(approval, eval)) != 0)
        {
            return approval;
        }
    }

    return NULL;
}


static int
enter_looks(const crm_approval_t *approval, crm_operation_t operation)
{
    return operation == CRM_OP_CREATE ? approval->on_create
           : operation == CRM_OP_UPDATE ? approval->on_edit : 1;
}


/* 1-based; 0: none matches. */
static unsigned
enter_rule(const crm_approval_t *approval, crm_eval_t *eval)
{
    size_t  i;

    for (i = 0; i < approval->rules_count; i++) {
        if (crm_eval_criteria(eval, &approval->rules[i].criteria) == CRM_TRUE)
        {
            return (unsigned) i + 1;
        }
    }

    return 0;
}


/* Who decides is settled now; how says in what way it came here. */
static crm_status_t
enter_process(entry_t *e, const char *how, crm_str_t comments,
    const crm_record_t *record)
{
    crm_status_t           rc;
    crm_approval_entry_t   entry;
    crm_approval_state_t  *state;

    state = &e->move->state;
    enter_head(e);
    enter_near(e, record);

    rc = enter_levels(e, &e->approval->rules[e->rule - 1]);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&entry, 0, sizeof(crm_approval_entry_t));
    entry.action = crm_strz(how);
    entry.user = e->write->actor.id;
    entry.at_ms = e->write->now_ms;
    entry.comments = comments;
    entry.level = 1;

    rc = crm_approval_state_note(state, &entry, e->write->pool);
    crm_approval_move_step(e->move, CRM_STAGE_SUBMIT);

    if (rc != CRM_OK || state->levels_count) {
        return rc;
    }

    state->status = CRM_APPROVAL_APPROVED;
    state->decided_ms = e->write->now_ms;
    state->levels_count = 1;                /* where nobody is: [[]] */
    crm_approval_move_step(e->move, CRM_STAGE_APPROVE);

    entry.action = CRM_STR("approved");
    entry.user = CRM_AUTOMATION;
    entry.comments = CRM_STR("");

    return crm_approval_state_note(state, &entry, e->write->pool);
}


static void
enter_head(entry_t *e)
{
    const crm_write_t     *w;
    crm_approval_state_t  *state;

    w = e->write;
    state = &e->move->state;

    state->status = CRM_APPROVAL_WAITING;
    state->process = e->approval->name;
    state->rule = e->rule;
    state->revision = crm_ruleset_revision(w->rules);
    state->mode = e->approval->rules[e->rule - 1].mode;
    state->level = 1;
    memset(&state->given, 0, sizeof(crm_who_t));
    state->submitter = w->actor.id;
    state->at_ms = w->now_ms;
    state->event = w->event;
    state->decided_ms = 0;
}


/* Who creates a record owns it, unless it says who. */
static void
enter_near(entry_t *e, const crm_record_t *record)
{
    const crm_write_t  *w;

    w = e->write;
    e->near.owner = crm_approval_right_owner(w, record);
    if (e->near.owner.len == 0 && w->operation == CRM_OP_CREATE) {
        e->near.owner = w->actor.id;
    }

    e->near.actor = w->actor.id;
    e->move->state.owner = e->near.owner;
}


/* A level each, or one of all of them. */
static crm_status_t
enter_levels(entry_t *e, const crm_approval_rule_t *rule)
{
    size_t                 i;
    crm_status_t           rc;
    crm_approval_state_t  *state;

    state = &e->move->state;
    state->levels_count = 0;
    state->levels = crm_pool_calloc(e->write->pool,
                                    rule->approvers_count + 1,
                                    sizeof(crm_who_t));
    if (state->levels == NULL) {
        return CRM_ENOMEM;
    }

    if (rule->mode != CRM_APPROVAL_SEQUENTIAL) {
        return enter_level(e, rule, 0, rule->approvers_count);
    }

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < rule->approvers_count; i++) {
        rc = enter_level(e, rule, i, 1);
    }

    return rc;
}


/* Where nobody is there to decide the process says what then: a level of its
 * administrators, or no level. */
static crm_status_t
enter_level(entry_t *e, const crm_approval_rule_t *rule, size_t at,
    size_t count)
{
    crm_who_t             *who;
    crm_status_t           rc;
    crm_approval_state_t  *state;

    state = &e->move->state;
    who = &state->levels[state->levels_count];

    rc = crm_who_all(who, e->write->rules, &rule->approvers[at], count,
                     &e->near, e->write->pool);

    if (rc == CRM_OK && who->count == 0) {
        if (e->approval->auto_approve) {
            return CRM_OK;
        }

        rc = enter_missing(who, e);
    }

    state->levels_count++;

    return rc;
}


/* Those that the process names, else everybody of the profile. Nobody there
 * either: the record waits until somebody of that profile is there. */
static crm_status_t
enter_missing(crm_who_t *who, const entry_t *e)
{
    size_t        i;
    crm_party_t   party;

    who->count = 0;
    who->ids = crm_pool_calloc(e->write->pool,
                               e->approval->administrators_count + 1,
                               sizeof(crm_str_t));
    if (who->ids == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < e->approval->administrators_count; i++) {
        if (crm_who_active(e->write->rules, e->approval->administrators[i])) {
            who->ids[who->count++] = e->approval->administrators[i];
        }
    }

    if (who->count) {
        return CRM_OK;
    }

    memset(&party, 0, sizeof(crm_party_t));
    party.type = CRM_PARTY_PROFILE;
    party.name = CRM_APPROVAL_PROFILE;

    return crm_who(who, e->write->rules, &party, e->write->pool);
}
