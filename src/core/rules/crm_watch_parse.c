/*
 * What a field_update trigger watches: leaves whose fields must change, each
 * to a value that satisfies it, or to any.
 */

#include "rules/crm_rule.h"

#include "rules/crm_criteria_leaf.h"


static crm_status_t watch_group(crm_workflow_t *rule, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t watch_leaf(crm_watch_t *watch, const json_t *leaf,
    const char *path, crm_compile_t *cc);
static json_t *watch_any(const json_t *leaf);
static int watch_has(const json_t *json, const char *one, const char *other);


static const char *const  operators[] = { "AND", "OR", NULL };

static const crm_key_t  group_keys[] = {
    { "group_operator", CRM_KEY_WORD, 0, 0, 0, operators, NULL,
      "not read: match_all says whether all must change" },
    { "group", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_GROUP, NULL,
      crm_criteria_leaf_forms, "the watched fields, a leaf each" },
    CRM_KEYS_END
};

static const crm_form_t  watch_forms[] = {
    { "criterion", crm_criteria_leaf_keys, NULL },
    { "watched group", group_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_watch_keys[] = {
    { "repeat", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true (default): each time; false: once a record" },
    { "match_all", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether all watched fields must change; default false" },
    { "criteria", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, watch_forms,
      "the watched fields: a leaf, or a group of them" },
    CRM_KEYS_END
};


crm_status_t
crm_watch_parse(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc)
{
    const char    *path;
    crm_status_t   rc;
    const json_t  *criteria;

    path = "execute_when.details";

    if (details == NULL || json_is_null(details)) {
        return crm_shape_error(cc, "execute_when", "missing_key", "details",
                               "a field_update trigger lacks \"details\" with"
                               " the criteria of the fields to watch");
    }

    rc = crm_shape_check(details, crm_watch_keys, path, path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rule->repeat = !json_is_false(json_object_get(details, "repeat"));
    rule->match_all = json_is_true(json_object_get(details, "match_all"));

    criteria = json_object_get(details, "criteria");
    path = "execute_when.details.criteria";

    if (watch_has(criteria, "group", "group_operator")) {
        return watch_group(rule, criteria, path, cc);
    }

    rule->watch = crm_pool_calloc(cc->pool, 1, sizeof(crm_watch_t));
    if (rule->watch == NULL) {
        return CRM_ENOMEM;
    }

    rule->watch_count = 1;

    return watch_leaf(&rule->watch[0], criteria, path, cc);
}


static crm_status_t
watch_group(crm_workflow_t *rule, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *group, *leaf;
    crm_status_t  rc, all;

    all = crm_shape_check(json, group_keys, "a group of watched fields", path,
                          cc);

    group = json_object_get(json, "group");

    if (all == CRM_ENOMEM || !json_is_array(group)) {
        return all;
    }

    rule->watch_count = json_array_size(group);
    rule->watch = crm_pool_calloc(cc->pool, rule->watch_count + 1,
                                  sizeof(crm_watch_t));
    if (rule->watch == NULL) {
        return CRM_ENOMEM;
    }

    path = crm_shape_path(cc, path, "group");

    json_array_foreach(group, i, leaf) {
        rc = watch_leaf(&rule->watch[i], leaf, crm_shape_index(cc, path, i),
                        cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* One watched field: a leaf, whose value may be ${ANYVALUE}. */
static crm_status_t
watch_leaf(crm_watch_t *watch, const json_t *leaf, const char *path,
    crm_compile_t *cc)
{
    json_t          *any;
    crm_status_t     rc;
    crm_criteria_t   criteria;

    if (!json_is_object(leaf) || watch_has(leaf, "group", "group_operator")) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "a watched field is a leaf: field, comparator,"
                               " value");
    }

    if (watch_has(leaf, "rows", "pattern")) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "a trigger watches a leaf or a group of leaves,"
                               " joined by match_all; rows and a pattern are"
                               " for conditions");
    }

    watch->any_value = crm_criteria_is_any_value(leaf);

    if (!watch->any_value) {
        rc = crm_criteria_compile(&criteria, leaf, path, cc);

    } else {
        any = watch_any(leaf);
        if (any == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_criteria_compile(&criteria, any, path, cc);
        json_decref(any);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    watch->predicate = criteria.nodes[0].predicate;
    watch->slot = cc->predicates->items[watch->predicate]->slot;

    if (watch->slot == crm_schema_find(cc->schema, CRM_STR("id"),
                                       crm_str_hash(CRM_STR("id"))))
    {
        crm_findings_add(cc->findings, CRM_WARNING, cc->object,
                         crm_shape_path(cc, path, "field"), 0, "no_effect",
                         NULL, "the id of a record never changes: this leaf"
                         " never starts the rule");
    }

    return CRM_OK;
}


/* ${ANYVALUE} is no constant, and goes with every comparator: the field is all
 * that counts. What else the leaf says is kept, to be checked. New. */
static json_t *
watch_any(const json_t *leaf)
{
    json_t        *any;
    const json_t  *given;
    crm_str_t      comparator;

    any = json_copy((json_t *) leaf);
    if (any == NULL) {
        return NULL;
    }

    given = json_object_get(leaf, "comparator");
    comparator = crm_shape_str(given);

    if (json_object_set_new(any, "value", json_string("${EMPTY}")) != 0
        || ((given == NULL || crm_str_is(comparator, "${ANYVALUE}")
             || crm_comparator_find(comparator, CRM_FIELD_ANY))
            && json_object_set_new(any, "comparator", json_string("equal"))
               != 0))
    {
        json_decref(any);
        return NULL;
    }

    return any;
}


static int
watch_has(const json_t *json, const char *one, const char *other)
{
    return json_object_get(json, one) || json_object_get(json, other);
}
