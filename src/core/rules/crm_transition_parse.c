/*
 * A transition of a blueprint: from where to where, by whom, asking what.
 */

#include "rules/crm_blueprint.h"

#include "base/crm_limits.h"


static crm_status_t transition_head(crm_transition_t *transition,
    crm_blueprint_t *blueprint, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t transition_from(crm_transition_t *transition,
    crm_blueprint_t *blueprint, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t transition_before(crm_transition_t *transition,
    const json_t *json, const char *path, crm_compile_t *cc);
static crm_status_t transition_during(crm_transition_t *transition,
    const crm_blueprint_t *blueprint, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t transition_field(crm_during_t *during,
    const crm_blueprint_t *blueprint, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t transition_automatic(crm_transition_t *transition,
    const json_t *json, const char *path, crm_compile_t *cc);


static const crm_key_t  transition_before_keys[] = {
    { "owners", CRM_KEY_LIST, 0, 0, CRM_MAX_APPROVERS, NULL,
      crm_party_performers, "who may run it; left out: everybody" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_NULLABLE, 0, 0, NULL,
      crm_criteria_forms,
      "for which records; null or left out: all" },
    CRM_KEYS_END
};

static const crm_form_t  transition_before_forms[] = {
    { "before a transition", transition_before_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  transition_field_keys[] = {
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field that is asked for" },
    { "required", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether it must not be empty" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_NULLABLE, 0, 0, NULL,
      crm_criteria_forms,
      "what must hold of the record then" },
    { "message", CRM_KEY_TEXT, 0, 0, CRM_MAX_MESSAGE, NULL, NULL,
      "what people are told if it does not" },
    CRM_KEYS_END
};

static const crm_form_t  transition_field_forms[] = {
    { "field of a transition", transition_field_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  transition_during_keys[] = {
    { "fields", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_DURING, NULL,
      transition_field_forms, "what is asked for" },
    CRM_KEYS_END
};

static const crm_form_t  transition_during_forms[] = {
    { "during a transition", transition_during_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  transition_keys[] = {
    { "id", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what requests call it" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what people see" },
    { "from", CRM_KEY_TEXTS, CRM_KEY_REQUIRED, 1, CRM_MAX_STATES, NULL, NULL,
      "states; [\"*\"]: every one" },
    { "to", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 255, NULL, NULL,
      "the state it leads to" },
    { "before", CRM_KEY_OBJECT, 0, 0, 0, NULL, transition_before_forms,
      "who may run it, and when" },
    { "during", CRM_KEY_OBJECT, 0, 0, 0, NULL, transition_during_forms,
      "what is asked for" },
    { "after", CRM_KEY_LIST, 0, 0, CRM_MAX_ACTIONS, NULL, crm_action_forms,
      "what is done then" },
    { "automatic_after", CRM_KEY_OBJECT, 0, 0, 0, NULL, crm_duration_forms,
      "how long until it runs by itself" },
    CRM_KEYS_END
};

const crm_form_t  crm_transition_forms[] = {
    { "transition", transition_keys, NULL },
    CRM_FORMS_END
};


crm_status_t
crm_transition_parse(crm_transition_t *transition,
    crm_blueprint_t *blueprint, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc[5];

    rc[0] = crm_shape_check(json, transition_keys, "a transition", path, cc);
    if (rc[0] != CRM_OK) {
        return rc[0];
    }

    rc[0] = transition_head(transition, blueprint, json, path, cc);
    rc[1] = transition_before(transition, json_object_get(json, "before"),
                              crm_shape_path(cc, path, "before"), cc);
    rc[2] = transition_during(transition, blueprint,
                              json_object_get(json, "during"),
                              crm_shape_path(cc, path, "during"), cc);
    rc[3] = crm_action_list(&transition->after, &transition->after_count,
                            json_object_get(json, "after"),
                            crm_shape_path(cc, path, "after"),
                            CRM_TRIGGER_DATE, library, cc);
    rc[4] = transition_automatic(transition, json, path, cc);

    for (i = 0; i < 5; i++) {
        if (rc[i] == CRM_ENOMEM) {
            return rc[i];
        }
    }

    for (i = 0; i < 5; i++) {
        if (rc[i] != CRM_OK) {
            return rc[i];
        }
    }

    return CRM_OK;
}


static crm_status_t
transition_head(crm_transition_t *transition, crm_blueprint_t *blueprint,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    crm_status_t  rc;

    if (crm_shape_copy(&transition->id, json_object_get(json, "id"),
                       cc->pool) != CRM_OK
        || crm_shape_copy(&transition->name, json_object_get(json, "name"),
                          cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc = transition_from(transition, blueprint, json_object_get(json, "from"),
                         crm_shape_path(cc, path, "from"), cc);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_blueprint_state(blueprint, &transition->to,
                               crm_shape_str(json_object_get(json, "to")),
                               cc->pool);
}


static crm_status_t
transition_from(crm_transition_t *transition, crm_blueprint_t *blueprint,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_str_t     name;
    crm_status_t  rc;

    transition->from = crm_pool_calloc(cc->pool, json_array_size(json),
                                       sizeof(unsigned));
    if (transition->from == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach((json_t *) json, i, item) {
        name = crm_shape_str(item);

        if (crm_str_is(name, "*")) {
            if (json_array_size(json) > 1) {
                return crm_shape_error(cc, crm_shape_index(cc, path, i),
                                       "wrong_value", NULL,
                                       "\"*\" is every state, and stands"
                                       " alone");
            }

            transition->common = 1;
            return CRM_OK;
        }

        rc = crm_blueprint_state(blueprint, &transition->from[i], name,
                                 cc->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        transition->from_count++;
    }

    return CRM_OK;
}


static crm_status_t
transition_before(crm_transition_t *transition, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_status_t  rc, parties;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, transition_before_keys, "before", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_criteria_compile(&transition->criteria,
                              json_object_get(json, "criteria"),
                              crm_shape_path(cc, path, "criteria"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    parties = crm_party_list(&transition->owners, &transition->owners_count,
                             json_object_get(json, "owners"),
                             crm_party_performers, "an owner",
                             crm_shape_path(cc, path, "owners"), cc);

    return parties == CRM_OK ? rc : parties;
}


static crm_status_t
transition_during(crm_transition_t *transition,
    const crm_blueprint_t *blueprint, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    crm_status_t   rc, all;
    const json_t  *fields;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, transition_during_keys, "during", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    fields = json_object_get(json, "fields");
    path = crm_shape_path(cc, path, "fields");

    transition->during = crm_pool_calloc(cc->pool, json_array_size(fields),
                                         sizeof(crm_during_t));
    if (transition->during == NULL) {
        return CRM_ENOMEM;
    }

    transition->during_count = json_array_size(fields);
    all = CRM_OK;

    json_array_foreach((json_t *) fields, i, item) {
        rc = transition_field(&transition->during[i], blueprint, item,
                              crm_shape_index(cc, path, i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
transition_field(crm_during_t *during, const crm_blueprint_t *blueprint,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    const char    *at;
    crm_status_t   rc, second;
    const json_t  *criteria;

    rc = crm_shape_check(json, transition_field_keys, "a field of during",
                         path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    during->required = json_is_true(json_object_get(json, "required"));
    criteria = json_object_get(json, "criteria");
    at = crm_shape_path(cc, path, "field");

    if (crm_shape_copy(&during->field, json_object_get(json, "field"),
                       cc->pool) != CRM_OK
        || crm_shape_copy(&during->message, json_object_get(json, "message"),
                          cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (crm_shape_field(cc, during->field, at) != CRM_OK) {
        rc = CRM_EINVAL;

    } else if (blueprint->slot != CRM_SLOT_NONE
               && blueprint->slot == crm_schema_find(cc->schema,
                                         during->field,
                                         crm_str_hash(during->field)))
    {
        rc = crm_shape_error(cc, at, "wrong_value", NULL,
                             "\"%s\" is set by the transition itself",
                             during->field.data);
    }

    if (criteria == NULL || json_is_null(criteria)) {
        return rc;
    }

    during->has_criteria = 1;

    if (during->message.len == 0) {
        rc = crm_shape_error(cc, path, "missing_key", "message",
                             "criteria need a message, which says what is"
                             " wrong");
    }

    second = crm_criteria_compile(&during->criteria, criteria,
                                  crm_shape_path(cc, path, "criteria"), cc);

    return second == CRM_OK ? rc : second;
}


/* Nobody is asked when a transition runs by itself. */
static crm_status_t
transition_automatic(crm_transition_t *transition, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    const json_t  *after;

    after = json_object_get(json, "automatic_after");
    if (after == NULL) {
        return CRM_OK;
    }

    transition->automatic = 1;

    if (transition->during_count || transition->owners_count) {
        crm_findings_add(cc->findings, CRM_WARNING, cc->object,
                         crm_shape_path(cc, path, "automatic_after"), 1,
                         "no_effect", NULL, "when a transition runs by itself,"
                         " nobody is asked: before.owners and during are for"
                         " those who run it earlier");
    }

    return crm_duration_parse(&transition->automatic_after, after,
                              CRM_PERIODS_ALL, "automatic_after",
                              crm_shape_path(cc, path, "automatic_after"),
                              cc);
}
