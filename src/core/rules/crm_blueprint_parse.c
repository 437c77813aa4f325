/*
 * kind: blueprint. A field that goes from state to state.
 */

#include "rules/crm_blueprint.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"
#include "rules/crm_notice.h"


static crm_status_t blueprint_field(crm_blueprint_t *blueprint,
    const json_t *json, crm_compile_t *cc);
static crm_status_t blueprint_transitions(crm_blueprint_t *blueprint,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t blueprint_id(crm_blueprint_t *blueprint, size_t i,
    const char *path, crm_compile_t *cc);
static crm_status_t blueprint_timers(crm_blueprint_t *blueprint,
    crm_compile_t *cc);
static crm_status_t blueprint_run(crm_transition_t *transition,
    crm_str_t field, crm_str_t state, crm_pool_t *pool);
static crm_status_t blueprint_states(crm_blueprint_t *blueprint,
    const json_t *json, crm_compile_t *cc);
static crm_status_t blueprint_one_state(crm_blueprint_t *blueprint,
    const json_t *json, const char *path, crm_compile_t *cc);
static crm_status_t blueprint_stay(const crm_blueprint_t *blueprint,
    crm_blueprint_state_t *state, const char *path, crm_compile_t *cc);
static crm_status_t blueprint_unknown_state(crm_blueprint_t *blueprint,
    crm_str_t name, const char *path, crm_compile_t *cc);


static const crm_key_t  blueprint_state_keys[] = {
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 255, NULL, NULL,
      "the value of the field" },
    { "escalate_after", CRM_KEY_OBJECT, 0, 0, 0, NULL, crm_duration_forms,
      "how long a record may stay" },
    { "notify", CRM_KEY_LIST, 0, 0, CRM_MAX_APPROVERS, NULL,
      crm_party_superiors, "who is told when it stays longer" },
    CRM_KEYS_END
};

static const crm_form_t  blueprint_state_forms[] = {
    { "state", blueprint_state_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_blueprint_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what people see" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it leads" },
    { "sequence", CRM_KEY_INTEGER, 0, 0, CRM_MAX_SEQUENCE, NULL, NULL,
      "smaller is looked at first; default: 1000" },
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the picklist whose values are the states" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_NULLABLE, 0, 0, NULL,
      crm_criteria_forms,
      "which records enter; null or left out: all" },
    { "blueprint_auto_transition", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether a write that fits one open transition runs it" },
    { "states", CRM_KEY_LIST, 0, 0, CRM_MAX_STATES, NULL,
      blueprint_state_forms, "states that somebody must watch" },
    { "transitions", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_TRANSITIONS,
      NULL, crm_transition_forms, "the ways from state to state" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_blueprint(crm_build_t *b, const json_t *json)
{
    crm_status_t      rc;
    crm_module_t     *module;
    crm_blueprint_t  *blueprint;

    blueprint = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_blueprint_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (blueprint == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_blueprint_parse(blueprint, json, &b->rules->library, &b->cc);

    return rc == CRM_OK ? crm_array_push(&module->blueprints, blueprint,
                                         b->cc.pool) : rc;
}


crm_status_t
crm_blueprint_parse(crm_blueprint_t *blueprint, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc[4];

    memset(blueprint, 0, sizeof(crm_blueprint_t));
    crm_map_init(&blueprint->states, cc->pool);
    blueprint->slot = CRM_SLOT_NONE;

    blueprint->sequence = crm_kind_sequence(json);
    blueprint->auto_transition = json_is_true(json_object_get(json,
                                              "blueprint_auto_transition"));

    if (crm_shape_copy(&blueprint->name, json_object_get(json, "name"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc[0] = blueprint_field(blueprint, json_object_get(json, "field"), cc);
    rc[1] = crm_criteria_compile(&blueprint->criteria,
                                 json_object_get(json, "criteria"),
                                 "criteria", cc);
    rc[2] = blueprint_transitions(blueprint,
                                  json_object_get(json, "transitions"),
                                  library, cc);
    rc[3] = blueprint_states(blueprint, json_object_get(json, "states"), cc);

    for (i = 0; i < 4; i++) {
        if (rc[i] == CRM_ENOMEM) {
            return rc[i];
        }
    }

    for (i = 0; i < 4; i++) {
        if (rc[i] != CRM_OK) {
            return rc[i];
        }
    }

    return blueprint_timers(blueprint, cc);
}


/* What runs by itself: a write of the field, by the worker. */
static crm_status_t
blueprint_timers(crm_blueprint_t *blueprint, crm_compile_t *cc)
{
    size_t             i, n;
    crm_str_t          field, state;
    crm_status_t       rc;
    crm_transition_t  *transition;

    field = cc->schema->names.entries[blueprint->slot].key;
    n = 0;

    for (i = 0; i < blueprint->transitions_count; i++) {
        transition = &blueprint->transitions[i];

        if (!transition->automatic) {
            continue;
        }

        if (++n > CRM_MAX_AUTOMATIC) {
            return crm_shape_error(cc, "transitions", "limit_exceeded", NULL,
                                   "a blueprint has %d transitions that run"
                                   " by themselves at most",
                                   CRM_MAX_AUTOMATIC);
        }

        state = blueprint->states.entries[transition->to].key;

        rc = blueprint_run(transition, field, state, cc->pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
blueprint_run(crm_transition_t *transition, crm_str_t field, crm_str_t state,
    crm_pool_t *pool)
{
    crm_buf_t         json;
    crm_action_t     *action;
    crm_scheduled_t  *run;

    run = crm_pool_calloc(pool, 1, sizeof(crm_scheduled_t));
    action = crm_pool_calloc(pool, 1, sizeof(crm_action_t));

    if (run == NULL || action == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&json, pool, 0);
    crm_buf_json(&json, state);

    action->id = CRM_ACTION_ASYNC_UPDATE;
    action->type = "field_updates";
    action->seq = 1;
    action->u.update.field = field;
    action->u.update.source = CRM_UPDATE_STATIC;
    action->u.update.json = crm_buf_view(&json);
    action->u.update.async = 1;

    run->seq = 1;
    run->after = transition->automatic_after;
    run->actions = action;
    run->actions_count = 1;
    transition->run = run;

    return crm_buf_status(&json);
}


crm_status_t
crm_blueprint_state(crm_blueprint_t *blueprint, unsigned *index,
    crm_str_t name, crm_pool_t *pool)
{
    crm_map_entry_t        *entry;
    crm_blueprint_state_t  *state;

    entry = crm_map_find(&blueprint->states, name);

    if (entry == NULL) {
        state = crm_pool_calloc(pool, 1, sizeof(crm_blueprint_state_t));
        if (state == NULL) {
            return CRM_ENOMEM;
        }

        state->name = crm_pool_dup(pool, name);
        entry = state->name.data ? crm_map_add(&blueprint->states,
                                               state->name) : NULL;
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        entry->value = state;
    }

    *index = (unsigned) (entry - blueprint->states.entries);

    return CRM_OK;
}


static crm_status_t
blueprint_field(crm_blueprint_t *blueprint, const json_t *json,
    crm_compile_t *cc)
{
    crm_str_t          name;
    crm_field_type_t   type;

    name = crm_pool_dup(cc->pool, crm_shape_str(json));
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_shape_field(cc, name, "field") != CRM_OK) {
        return CRM_EINVAL;
    }

    blueprint->slot = crm_schema_slot(cc->schema, name);
    if (blueprint->slot == CRM_SLOT_NONE) {
        return CRM_ENOMEM;
    }

    type = cc->schema->types[blueprint->slot];

    if (type != CRM_FIELD_ANY && type != CRM_FIELD_PICKLIST
        && type != CRM_FIELD_TEXT)
    {
        return crm_shape_error(cc, "field", "wrong_value", NULL,
                               "a blueprint leads a picklist, not a field of"
                               " type %s",
                               crm_schema_type_name(cc->schema,
                                                    blueprint->slot));
    }

    return CRM_OK;
}


static crm_status_t
blueprint_transitions(crm_blueprint_t *blueprint, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    const char   *path;
    crm_status_t  rc, all;

    blueprint->transitions = crm_pool_calloc(cc->pool, json_array_size(json),
                                             sizeof(crm_transition_t));
    if (blueprint->transitions == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        path = crm_shape_index(cc, "transitions", i);

        rc = crm_transition_parse(&blueprint->transitions[i], blueprint, item,
                                  path, library, cc);
        if (rc == CRM_OK) {
            rc = blueprint_id(blueprint, i, path, cc);
        }
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }

        blueprint->transitions_count++;
    }

    return all;
}


static crm_status_t
blueprint_id(crm_blueprint_t *blueprint, size_t i, const char *path,
    crm_compile_t *cc)
{
    size_t     k;
    crm_str_t  id;

    id = blueprint->transitions[i].id;

    for (k = 0; k < i; k++) {
        if (crm_str_eq(blueprint->transitions[k].id, id)) {
            return crm_shape_error(cc, crm_shape_path(cc, path, "id"),
                                   "duplicate_name", NULL,
                                   "there are two transitions \"%s\"",
                                   id.data);
        }
    }

    return CRM_OK;
}


/* Transitions come first: they tell which states there are. */
static crm_status_t
blueprint_states(crm_blueprint_t *blueprint, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = blueprint_one_state(blueprint, item,
                                 crm_shape_index(cc, "states", i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
blueprint_one_state(crm_blueprint_t *blueprint, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    unsigned                index;
    crm_str_t               name;
    crm_status_t            rc, parties;
    const json_t           *after, *notify;
    crm_blueprint_state_t  *state;

    rc = crm_shape_check(json, blueprint_state_keys, "a state", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = crm_shape_str(json_object_get(json, "name"));

    rc = blueprint_unknown_state(blueprint, name,
                                 crm_shape_path(cc, path, "name"), cc);
    if (rc == CRM_OK) {
        rc = crm_blueprint_state(blueprint, &index, name, cc->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    state = blueprint->states.entries[index].value;
    after = json_object_get(json, "escalate_after");
    notify = json_object_get(json, "notify");

    if (after == NULL && notify) {
        rc = crm_shape_error(cc, path, "missing_key", "escalate_after",
                             "notify needs escalate_after, which says when");
    }

    if (after) {
        state->has_escalation = 1;
        rc = crm_duration_parse(&state->escalate_after, after,
                                CRM_PERIODS_ALL, "escalate_after",
                                crm_shape_path(cc, path, "escalate_after"),
                                cc);
    }

    parties = crm_party_list(&state->notify, &state->notify_count, notify,
                             crm_party_superiors, "notify",
                             crm_shape_path(cc, path, "notify"), cc);

    if (rc != CRM_OK || parties != CRM_OK) {
        return parties == CRM_OK ? rc : parties;
    }

    return after ? blueprint_stay(blueprint, state, path, cc) : CRM_OK;
}


/* What is done when a record stays too long: whoever is named is told. */
static crm_status_t
blueprint_stay(const crm_blueprint_t *blueprint, crm_blueprint_state_t *state,
    const char *path, crm_compile_t *cc)
{
    crm_str_t         why;
    crm_action_t     *action;
    crm_scheduled_t  *run;

    if (state->notify_count == 0) {
        crm_findings_add(cc->findings, CRM_WARNING, cc->object,
                         crm_shape_path(cc, path, "escalate_after"), 0,
                         "no_effect", NULL, "nobody hears of it: say who in"
                         " notify");
        return CRM_OK;
    }

    run = crm_pool_calloc(cc->pool, 1, sizeof(crm_scheduled_t));
    action = crm_pool_calloc(cc->pool, 1, sizeof(crm_action_t));
    why = crm_pool_printf(cc->pool, "stays in the state \"%s\" of the"
                          " blueprint \"%s\" for too long.",
                          state->name.data, blueprint->name.data);

    if (run == NULL || action == NULL || why.data == NULL) {
        return CRM_ENOMEM;
    }

    run->seq = 1;
    run->after = state->escalate_after;
    run->actions = action;
    run->actions_count = 1;
    state->run = run;

    return crm_notice_action(action, 1, state->notify, state->notify_count,
                             "Waits for too long", why,
                             crm_shape_path(cc, path, "notify"), cc);
}


/*
 * A state that no transition knows may be one that records are created in; one
 * that is nearly written as another is that one.
 */
static crm_status_t
blueprint_unknown_state(crm_blueprint_t *blueprint, crm_str_t name,
    const char *path, crm_compile_t *cc)
{
    size_t        i;
    const char  **names, *near;

    if (crm_map_find(&blueprint->states, name)) {
        return CRM_OK;
    }

    names = crm_pool_calloc(cc->pool, blueprint->states.count + 1,
                            sizeof(char *));
    if (names == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < blueprint->states.count; i++) {
        names[i] = blueprint->states.entries[i].key.data;
    }

    near = crm_shape_nearest(name.data, names);
    if (near == NULL) {
        return CRM_OK;
    }

    return crm_shape_error(cc, path, "unknown_reference", near,
                           "no transition leads to or from \"%s\", did you"
                           " mean \"%s\"?", name.data, near);
}
