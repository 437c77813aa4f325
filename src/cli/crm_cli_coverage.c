/*
 * Which rules, conditions and criteria there are to reach.
 */

#include "crm_cli_coverage_entry.h"
#include "rules/crm_pattern.h"

#include <stdlib.h>


/* Deeper than the rule language allows criteria to be. */
#define COVERAGE_MAX_DEPTH  16


static crm_status_t coverage_document(crm_cli_coverage_t *coverage,
    const crm_cli_doc_t *doc);
static crm_status_t coverage_workflow(crm_cli_coverage_t *coverage,
    const crm_cli_doc_t *doc);
static crm_status_t coverage_watched(crm_cli_coverage_t *coverage,
    crm_cli_rule_t *rule, const crm_cli_doc_t *doc);
static crm_status_t coverage_validation(crm_cli_coverage_t *coverage,
    const crm_cli_doc_t *doc);
static crm_status_t coverage_locking(crm_cli_coverage_t *coverage,
    const crm_cli_doc_t *doc);
static crm_cli_rule_t *coverage_add(crm_cli_coverage_t *coverage,
    const char *what, const char *module, const char *id, size_t conditions);
static crm_status_t criteria_leaves(crm_pool_t *pool,
    crm_cli_condition_t *condition, const json_t *json, const char *path,
    int depth);
static crm_status_t criteria_rows(crm_pool_t *pool,
    crm_cli_condition_t *condition, const json_t *json, const char *path);
static crm_status_t criteria_leaf(crm_pool_t *pool,
    crm_cli_condition_t *condition, const json_t *json, const char *path);


crm_cli_coverage_t *
crm_cli_coverage_create(const crm_cli_docs_t *docs, crm_pool_t *pool)
{
    size_t               i;
    crm_cli_coverage_t  *coverage;

    coverage = crm_pool_calloc(pool, 1, sizeof(crm_cli_coverage_t));
    if (coverage == NULL) {
        return NULL;
    }

    coverage->pool = pool;
    crm_map_init(&coverage->rules, pool);

    for (i = 0; i < docs->count; i++) {
        if (coverage_document(coverage, &docs->items[i]) != CRM_OK) {
            return NULL;
        }
    }

    return coverage;
}


static crm_status_t
coverage_document(crm_cli_coverage_t *coverage, const crm_cli_doc_t *doc)
{
    crm_str_t  kind, status;

    kind = crm_strz(json_string_value(json_object_get(doc->value, "kind")));
    status = crm_strz(json_string_value(json_object_get(doc->value,
                                                        "status")));

    if (crm_str_is(kind, "workflow_rule")) {
        return crm_str_is(status, "off") ? CRM_OK
                                         : coverage_workflow(coverage, doc);
    }

    if (crm_str_is(kind, "validation_rule")) {
        return coverage_validation(coverage, doc);
    }

    return crm_str_is(kind, "record_locking")
           ? coverage_locking(coverage, doc) : CRM_OK;
}


/* A validation rule is a rule with one condition. */
static crm_status_t
coverage_validation(crm_cli_coverage_t *coverage, const crm_cli_doc_t *doc)
{
    const char      *name;
    crm_cli_rule_t  *rule;

    name = json_string_value(json_object_get(doc->value, "name"));

    rule = coverage_add(coverage, "validation",
                        json_string_value(json_object_get(doc->value,
                                                          "module")),
                        name, 1);
    if (rule == NULL) {
        return CRM_ENOMEM;
    }

    rule->doc = doc;
    rule->name = name;
    rule->path = "name";
    rule->conditions[0].path = "criteria";

    return criteria_leaves(coverage->pool, &rule->conditions[0],
                           json_object_get(doc->value, "criteria"),
                           "criteria", 0);
}


static crm_status_t
coverage_workflow(crm_cli_coverage_t *coverage, const crm_cli_doc_t *doc)
{
    size_t         i;
    crm_cli_rule_t        *rule;
    json_t        *condition;
    crm_str_t      path;
    crm_status_t   rc;
    const char    *id, *name;
    const json_t  *conditions;

    conditions = json_object_get(doc->value, "conditions");
    name = json_string_value(json_object_get(doc->value, "name"));
    id = json_string_value(json_object_get(doc->value, "id"));

    rule = coverage_add(coverage, "rule",
                        json_string_value(json_object_get(doc->value,
                                                          "module")),
                        id ? id : name, json_array_size(conditions));
    if (rule == NULL) {
        return CRM_ENOMEM;
    }

    rule->doc = doc;
    rule->name = name;
    rule->path = "name";

    rc = coverage_watched(coverage, rule, doc);
    if (rc != CRM_OK) {
        return rc;
    }

    json_array_foreach(conditions, i, condition) {
        path = crm_pool_printf(coverage->pool, "conditions[%zu]", i);
        if (path.data == NULL) {
            return CRM_ENOMEM;
        }

        rule->conditions[i].path = path.data;

        path = crm_pool_printf(coverage->pool, "conditions[%zu].criteria", i);
        rc = path.data ? criteria_leaves(coverage->pool, &rule->conditions[i],
                                         json_object_get(condition,
                                                         "criteria"),
                                         path.data, 0)
                       : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Leaves in the order of crm_workflow_t's watch. */
static crm_status_t
coverage_watched(crm_cli_coverage_t *coverage, crm_cli_rule_t *rule,
    const crm_cli_doc_t *doc)
{
    json_t  *when;

    when = json_object_get(doc->value, "execute_when");

    return criteria_leaves(coverage->pool, &rule->watch,
                           json_object_get(json_object_get(when, "details"),
                                           "criteria"),
                           "execute_when.details.criteria", 0);
}


/* So is a locking rule. */
static crm_status_t
coverage_locking(crm_cli_coverage_t *coverage, const crm_cli_doc_t *doc)
{
    size_t        i;
    crm_cli_rule_t       *rule;
    json_t       *lock;
    crm_str_t     path, criteria;
    crm_status_t  rc;
    const char   *module;

    module = json_string_value(json_object_get(doc->value, "module"));

    json_array_foreach(json_object_get(doc->value, "locking_rules"), i, lock) {
        path = crm_pool_printf(coverage->pool, "locking_rules[%zu]", i);
        criteria = crm_pool_printf(coverage->pool,
                                   "locking_rules[%zu].criteria", i);

        if (path.data == NULL || criteria.data == NULL) {
            return CRM_ENOMEM;
        }

        rule = coverage_add(coverage, "lock", module,
                            json_string_value(json_object_get(lock, "name")),
                            1);
        if (rule == NULL) {
            return CRM_ENOMEM;
        }

        rule->doc = doc;
        rule->name = json_string_value(json_object_get(lock, "name"));
        rule->path = path.data;
        rule->conditions[0].path = path.data;

        rc = criteria_leaves(coverage->pool, &rule->conditions[0],
                             json_object_get(lock, "criteria"),
                             criteria.data, 0);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_cli_rule_t *
coverage_add(crm_cli_coverage_t *coverage, const char *what,
    const char *module, const char *id, size_t conditions)
{
    crm_cli_rule_t           *rule;
    crm_str_t         key;
    crm_map_entry_t  *entry;

    key = crm_cli_coverage_key(coverage->pool, what, crm_strz(module),
                               crm_strz(id));
    rule = crm_pool_calloc(coverage->pool, 1, sizeof(crm_cli_rule_t));

    if (key.data == NULL || rule == NULL) {
        return NULL;
    }

    rule->what = what;
    rule->count = conditions;
    rule->conditions = crm_pool_calloc(coverage->pool, conditions + 1,
                                       sizeof(crm_cli_condition_t));

    entry = crm_map_add(&coverage->rules, key);

    if (entry == NULL || rule->conditions == NULL) {
        return NULL;
    }

    entry->value = rule;

    return rule;
}


crm_str_t
crm_cli_coverage_key(crm_pool_t *pool, const char *what, crm_str_t module,
    crm_str_t id)
{
    return crm_pool_printf(pool, "%s\n%.*s\n%.*s", what, (int) module.len,
                           module.data ? module.data : "", (int) id.len,
                           id.data ? id.data : "");
}


/* The leaves of criteria, in the order in which they are compiled. */
static crm_status_t
criteria_leaves(crm_pool_t *pool, crm_cli_condition_t *condition,
    const json_t *json, const char *path, int depth)
{
    size_t         i;
    json_t        *item;
    crm_str_t      at;
    crm_status_t   rc;

    if (!json_is_object(json) || depth == COVERAGE_MAX_DEPTH) {
        return CRM_OK;
    }

    if (json_object_get(json, "rows")) {
        return criteria_rows(pool, condition, json, path);
    }

    if (json_object_get(json, "group") == NULL) {
        return criteria_leaf(pool, condition, json, path);
    }

    json_array_foreach(json_object_get(json, "group"), i, item) {
        at = crm_pool_printf(pool, "%s.group[%zu]", path, i);

        rc = at.data ? criteria_leaves(pool, condition, item, at.data,
                                       depth + 1)
                     : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* A row may be named by its pattern twice, and is two leaves then. */
static crm_status_t
criteria_rows(crm_pool_t *pool, crm_cli_condition_t *condition,
    const json_t *json, const char *path)
{
    unsigned        i, row;
    crm_str_t       at;
    crm_error_t     err;
    crm_status_t    rc;
    const char     *text;
    const json_t   *rows;
    crm_pattern_t   pattern;

    rows = json_object_get(json, "rows");
    text = json_string_value(json_object_get(json, "pattern"));

    rc = crm_pattern_parse(&pattern, crm_strz(text),
                           (unsigned) json_array_size(rows), pool, &err);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    for (i = 0; i < pattern.count; i++) {
        if (pattern.nodes[i].type != CRM_NODE_LEAF) {
            continue;
        }

        row = pattern.nodes[i].row - 1;
        at = crm_pool_printf(pool, "%s.rows[%u]", path, row);

        rc = at.data ? criteria_leaf(pool, condition,
                                     json_array_get(rows, row), at.data)
                     : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
criteria_leaf(crm_pool_t *pool, crm_cli_condition_t *condition,
    const json_t *json, const char *path)
{
    char          *value;
    size_t         cap;
    crm_cli_leaf_t        *leaves;
    const char    *field;
    const json_t  *name;

    if (condition->count == condition->cap) {
        cap = condition->cap ? condition->cap * 2 : 4;
        leaves = crm_pool_calloc(pool, cap, sizeof(crm_cli_leaf_t));
        if (leaves == NULL) {
            return CRM_ENOMEM;
        }

        if (condition->count) {
            memcpy(leaves, condition->leaves,
                   condition->count * sizeof(crm_cli_leaf_t));
        }

        condition->leaves = leaves;
        condition->cap = cap;
    }

    name = json_object_get(json, "field");
    field = json_string_value(json_is_object(name)
                              ? json_object_get(name, "api_name") : name);
    value = json_dumps(json_object_get(json, "value"),
                       JSON_ENCODE_ANY | CRM_CLI_JSON_REALS);

    leaves = &condition->leaves[condition->count++];
    leaves->path = path;
    leaves->text = crm_pool_printf(pool, "%s %s %s", field ? field : "",
                       json_string_value(json_object_get(json, "comparator")),
                       value ? value : "");
    free(value);

    return leaves->text.data ? CRM_OK : CRM_ENOMEM;
}
