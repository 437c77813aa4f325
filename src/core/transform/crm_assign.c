/*
 * Who gets a record that is created.
 */

#include "transform/crm_assign.h"

#include "record/crm_dialect_write.h"


static const crm_assignment_t *assign_rule(const crm_write_t *w);
static crm_status_t assign_entry(crm_assigned_t *assigned,
    const crm_write_t *w);
static crm_status_t assign_whom(crm_assigned_t *assigned,
    const crm_write_t *w);
static void assign_otherwise(crm_assigned_t *assigned, const crm_write_t *w,
    const char *reason);
static int assign_named(const crm_write_t *w);
static crm_status_t assign_request(crm_write_t *w, crm_str_t json,
    crm_record_t **request);


/* Why the one it was meant for did not get a record. */
static const char  owner_given[] = "owner_given";
static const char  no_entry[] = "no_entry_matches";
static const char  user_inactive[] = "user_inactive";
static const char  nobody_active[] = "nobody_active";
static const char  nobody_available[] = "nobody_available";


crm_status_t
crm_assign(crm_assigned_t *assigned, const crm_write_t *write)
{
    memset(assigned, 0, sizeof(crm_assigned_t));

    assigned->taken = -1;
    assigned->turns = CRM_STR("");
    assigned->owner = CRM_STR("");
    assigned->rule = assign_rule(write);

    if (assigned->rule == NULL) {
        return CRM_DECLINED;
    }

    if (assign_named(write)) {
        assigned->reason = owner_given;
        return CRM_OK;
    }

    return assign_entry(assigned, write);
}


/* What automation writes itself has the owner that its rule gave it. */
static const crm_assignment_t *
assign_rule(const crm_write_t *w)
{
    size_t                   i;
    const crm_assignment_t  *rule;

    if (w->operation != CRM_OP_CREATE || w->request == NULL
        || w->module->assignments.count == 0
        || (w->skip & CRM_SKIP_ASSIGNMENT)
        || (w->chain && !w->chain->cascade))
    {
        return NULL;
    }

    for (i = 0; i < w->module->assignments.count; i++) {
        rule = w->module->assignments.items[i];

        if (w->lar_id.len ? crm_str_eq(rule->id, w->lar_id)
            : rule->always || (w->apply & CRM_APPLY_ASSIGNMENT))
        {
            return rule;
        }
    }

    return NULL;
}


static crm_status_t
assign_entry(crm_assigned_t *assigned, const crm_write_t *w)
{
    size_t                   i;
    crm_truth_t              truth;
    crm_eval_t              *eval;
    const crm_assignment_t  *rule;

    rule = assigned->rule;
    eval = (crm_eval_t *) &w->after_eval;   /* remembers what it was asked */

    for (i = 0; i < rule->entries_count; i++) {
        truth = crm_eval_criteria(eval, &rule->entries[i].criteria);

        if (eval->status != CRM_OK) {
            return eval->status;
        }

        if (truth == CRM_TRUE) {
            assigned->entry = &rule->entries[i];
            assigned->index = (unsigned) i + 1;

            return assign_whom(assigned, w);
        }
    }

    assign_otherwise(assigned, w, no_entry);

    return CRM_OK;
}


static crm_status_t
assign_whom(crm_assigned_t *assigned, const crm_write_t *w)
{
    int                 alone;
    crm_status_t        rc;
    const crm_party_t  *to;

    to = &assigned->entry->to;

    rc = crm_who(&assigned->who, w->rules, to, w->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    alone = to->type == CRM_PARTY_USER;

    if (assigned->who.count == 0) {
        assign_otherwise(assigned, w, alone ? user_inactive
                                            : nobody_active);
        return CRM_OK;
    }

    if (alone) {
        assigned->owner = assigned->who.ids[0];
        return CRM_OK;
    }

    assigned->turns = crm_assign_turns(assigned->rule, assigned->index,
                                       w->pool);

    return assigned->turns.data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_assign_reason(const char **reason, crm_str_t word)
{
    size_t  i;

    static const char *const  all[] = {
        owner_given, no_entry, user_inactive, nobody_active, nobody_available
    };

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (crm_str_is(word, all[i])) {
            *reason = all[i];
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


crm_str_t
crm_assign_turns(const crm_assignment_t *rule, unsigned index,
    crm_pool_t *pool)
{
    return crm_pool_printf(pool, "assignment:%.*s:%u", (int) rule->name.len,
                           rule->name.data, index);
}


void
crm_assign_turn(crm_assigned_t *assigned, const crm_write_t *write,
    long long member)
{
    if (member >= 0 && (unsigned long long) member < assigned->who.count) {
        assigned->owner = assigned->who.ids[member];
        return;
    }

    assign_otherwise(assigned, write, nobody_available);
}


crm_status_t
crm_assign_suppose(crm_write_t *write)
{
    crm_status_t     rc;
    crm_assigned_t  *assigned;

    assigned = crm_pool_alloc(write->pool, sizeof(crm_assigned_t));
    if (assigned == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_assign(assigned, write);

    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    if (assigned->turns.len) {
        crm_assign_turn(assigned, write, 0);
    }

    write->assigned = assigned;

    return CRM_OK;
}


static void
assign_otherwise(crm_assigned_t *assigned, const crm_write_t *w,
    const char *reason)
{
    crm_str_t  id;

    assigned->entry = NULL;
    assigned->reason = reason;

    id = assigned->rule->otherwise_current && w->chain == NULL
         ? w->actor.id : assigned->rule->otherwise;

    if (id.len && !crm_who_is_inactive(w->rules, id)) {
        assigned->owner = id;
    }
}


/* Whether the client says who owns the record. */
static int
assign_named(const crm_write_t *w)
{
    const crm_field_t  *field;

    field = crm_record_field(w->request, crm_dialect_owner_field(w->dialect));

    return field && !crm_value_span_empty(field->value);
}


crm_status_t
crm_assign_lay(crm_write_t *write, crm_changes_t *changes)
{
    crm_str_t              json;
    crm_span_t             none;
    crm_status_t           rc;
    crm_record_t          *request;
    crm_workflow_t        *rule;
    const crm_assigned_t  *assigned;

    assigned = write->assigned;

    if (assigned == NULL || assigned->owner.len == 0) {
        return CRM_OK;
    }

    json = crm_dialect_write_owner(write->dialect, assigned->owner,
                                   write->pool);
    rule = crm_pool_calloc(write->pool, 1, sizeof(crm_workflow_t));

    if (json.data == NULL || rule == NULL) {
        return CRM_ENOMEM;
    }

    rule->name = assigned->rule->name;
    rule->id = assigned->rule->id;
    rule->status = CRM_STATUS_ON;
    memset(&none, 0, sizeof(crm_span_t));

    rc = crm_changes_set(changes, crm_dialect_owner_field(write->dialect),
                         json, none, 0, rule, write->pool);

    if (rc == CRM_OK) {
        rc = assign_request(write, json, &request);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    write->asked = write->request;
    write->request = request;

    return crm_write_init(write, write->pool);
}


/* What the client sent, with the owner in it. */
static crm_status_t
assign_request(crm_write_t *w, crm_str_t json, crm_record_t **request)
{
    crm_field_t    field;
    crm_record_t   owner;
    crm_value_t    value;
    crm_status_t   rc;

    *request = crm_pool_alloc(w->pool, sizeof(crm_record_t));
    if (*request == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_value_parse(&value, json, w->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    field.name = crm_dialect_owner_field(w->dialect);
    field.hash = crm_str_hash(field.name);
    field.value = value.span;

    memset(&owner, 0, sizeof(crm_record_t));
    owner.fields = &field;
    owner.count = 1;

    rc = crm_image_merge(*request, w->request, &owner, w->pool);
    (*request)->object = w->request->object;

    return rc;
}


crm_status_t
crm_assign_follow(crm_effects_t *effects, const crm_write_t *write)
{
    crm_step_t             step;
    crm_str_t              turn;
    crm_status_t           rc;
    const crm_assigned_t  *assigned;

    assigned = write->assigned;

    if (assigned == NULL) {
        return CRM_OK;
    }

    if (assigned->taken >= 0 && assigned->entry) {
        turn = crm_pool_printf(write->pool, "%lld", assigned->taken);
        rc = turn.data ? crm_effects_add(effects, CRM_STR("turn"), turn,
                                         CRM_STR(""), write->pool)
                       : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    step.process = CRM_PROCESS_ASSIGNMENT;
    step.name = assigned->rule->name;
    step.index = assigned->entry ? assigned->index : 1;
    rc = CRM_OK;

    if (assigned->entry && assigned->entry->task) {
        step.stage = CRM_STAGE_FOLLOW;
        rc = crm_effects_start(effects, write->module, &step, write->pool);
    }

    if (rc == CRM_OK && assigned->rule->notify && assigned->owner.len) {
        step.stage = CRM_STAGE_NOTIFY;
        rc = crm_effects_start(effects, write->module, &step, write->pool);
    }

    return rc;
}
