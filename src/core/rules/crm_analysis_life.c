/*
 * Scoring and escalation rules as analysis sees them.
 *
 * A scoring rule is started by the fields that its points ask for, and writes
 * its sums into the same write; the first of its effects is the sum, whose
 * field has no name if Redis keeps it. An escalation rule is started by the
 * fields of its entries, which are its conditions, and does what its levels
 * do, of which nothing starts a rule.
 */

#include "rules/crm_analysis_life.h"

#include "base/crm_limits.h"
#include "rules/crm_analysis_effect.h"
#include "rules/crm_scoring.h"


static crm_status_t life_scoring(crm_analysis_rule_t *rules,
    crm_analysis_model_t *model, const json_t *json, size_t object);
static crm_status_t life_escalation(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *json, size_t object);
static crm_status_t life_head(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *json, size_t object);
static crm_status_t life_sums(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *fields);
static crm_status_t life_levels(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *entries);
static crm_status_t life_criteria(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *list, size_t max);
static crm_status_t life_watches(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model);
static void life_watch(crm_map_t *fields, const crm_schema_t *schema,
    unsigned slot, crm_status_t *rc);


crm_status_t
crm_analysis_life_load(crm_analysis_model_t *model,
    crm_analysis_rule_t **list, size_t *count)
{
    size_t         i;
    json_t        *item, *json;
    crm_str_t      kind;
    crm_status_t   rc;

    *count = 0;
    *list = crm_pool_calloc(model->pool, json_array_size(model->objects)
                                         * CRM_ANALYSIS_LIFE_COPIES + 1,
                            sizeof(crm_analysis_rule_t));
    if (*list == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach(model->objects, i, item) {
        json = json_object_get(item, "object");
        kind = crm_shape_str(json_object_get(json, "kind"));
        rc = CRM_DECLINED;

        if (crm_str_is(kind, "scoring_rule")) {
            rc = life_scoring(*list + *count, model, json, i);
            *count += rc == CRM_OK ? CRM_ANALYSIS_LIFE_COPIES : 0;

        } else if (crm_str_is(kind, "escalation_rule")) {
            rc = life_escalation(*list + *count, model, json, i);
            *count += rc == CRM_OK ? 1 : 0;
        }

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
life_scoring(crm_analysis_rule_t *rules, crm_analysis_model_t *model,
    const json_t *json, size_t object)
{
    size_t        i;
    crm_status_t  rc;

    rc = life_head(rules, model, json, object);

    if (rc == CRM_OK) {
        rules->on = CRM_ANALYSIS_ON_COUNT;
        rc = life_criteria(rules, model, json_object_get(json, "field_rules"),
                           CRM_MAX_SCORE_RULES);
    }
    if (rc == CRM_OK) {
        rc = life_sums(rules, model, json_object_get(json, "write_to"));
    }
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = CRM_ANALYSIS_LIFE_COPIES; i-- > 0; ) {
        rules[i] = rules[0];
        rules[i].reach = (crm_analysis_reach_t) i;
    }

    return CRM_OK;
}


static crm_status_t
life_escalation(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *json, size_t object)
{
    crm_status_t   rc;
    const json_t  *entries;

    entries = json_object_get(json, "entries");
    rc = life_head(rule, model, json, object);

    if (rc == CRM_OK) {
        rule->on = CRM_ANALYSIS_ON_MATCH;
        rc = life_criteria(rule, model, entries, CRM_MAX_ENTRIES);
    }

    return rc == CRM_OK ? life_levels(rule, model, entries) : rc;
}


static crm_status_t
life_head(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *json, size_t object)
{
    crm_str_t  module;

    memset(rule, 0, sizeof(crm_analysis_rule_t));

    rule->object = object;
    rule->json = json;
    rule->live = 1;
    rule->name = crm_shape_str(json_object_get(json, "name"));
    module = crm_shape_str(json_object_get(json, "module"));

    if (rule->name.len == 0 || module.len == 0) {
        return CRM_DECLINED;
    }

    rule->module = crm_analysis_model_module(model, module);

    return rule->module ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
life_sums(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *fields)
{
    const char             *key;
    json_t                 *value;
    crm_str_t               name;
    crm_analysis_effect_t  *effect;

    rule->effects = crm_pool_calloc(model->pool, json_object_size(fields) + 1,
                                    sizeof(crm_analysis_effect_t));
    if (rule->effects == NULL) {
        return CRM_ENOMEM;
    }

    rule->effects[0].field = CRM_STR("");
    rule->effects_count = 1;

    json_object_foreach((json_t *) fields, key, value) {
        name = crm_shape_str(value);
        effect = strcmp(key, "score") == 0
                 ? rule->effects : &rule->effects[rule->effects_count];

        if (name.len) {
            effect->field = name;
            rule->effects_count += effect != rule->effects;
        }
    }

    for (effect = rule->effects;
         effect < rule->effects + rule->effects_count; effect++)
    {
        effect->module = rule->module;
        effect->later = 1;          /* what started it says nothing more */
    }

    return CRM_OK;
}


static crm_status_t
life_levels(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *entries)
{
    size_t         i, k, m, n;
    json_t        *entry, *level, *action;
    crm_status_t   rc;

    n = 0;

    json_array_foreach((json_t *) entries, i, entry) {
        json_array_foreach(json_object_get(entry, "levels"), k, level) {
            n += json_array_size(json_object_get(level, "actions"));
        }
    }

    rule->effects = crm_pool_calloc(model->pool, n + 1,
                                    sizeof(crm_analysis_effect_t));
    if (rule->effects == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach((json_t *) entries, i, entry) {
        json_array_foreach(json_object_get(entry, "levels"), k, level) {
            json_array_foreach(json_object_get(level, "actions"), m, action)
            {
                rc = crm_analysis_effect_add(rule, model, action,
                                             (unsigned) i, (unsigned) m, 1);
                if (rc != CRM_OK) {
                    return rc;
                }
            }
        }
    }

    for (i = 0; i < rule->effects_count; i++) {
        rule->effects[i].later = 1;
    }

    return CRM_OK;
}


/* The members of list have one each. */
static crm_status_t
life_criteria(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *list, size_t max)
{
    size_t        i, n;
    crm_status_t  rc;

    n = json_array_size(list);
    n = n < max ? n : max;

    rule->conditions = crm_pool_calloc(model->pool, n + 1,
                                       sizeof(crm_criteria_t));
    if (rule->conditions == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        rc = crm_analysis_model_compile(model, rule->module,
                 &rule->conditions[rule->conditions_count],
                 json_object_get(json_array_get(list, i), "criteria"));

        if (rc == CRM_ENOMEM) {
            return rc;
        }

        rule->conditions_count += rc == CRM_OK;
    }

    return life_watches(rule, model);
}


/* The fields that the criteria read, on either side. */
static crm_status_t
life_watches(crm_analysis_rule_t *rule, crm_analysis_model_t *model)
{
    size_t                  i;
    unsigned                k, m;
    crm_map_t               fields;
    crm_status_t            rc;
    const crm_criteria_t   *criteria;
    const crm_predicate_t  *p;

    crm_map_init(&fields, model->pool);
    rc = CRM_OK;

    for (i = 0; i < rule->conditions_count; i++) {
        criteria = &rule->conditions[i];

        for (k = 0; k < criteria->count; k++) {
            if (criteria->nodes[k].type != CRM_NODE_LEAF) {
                continue;
            }

            p = rule->module->predicates.items[criteria->nodes[k].predicate];
            life_watch(&fields, &rule->module->schema, p->slot, &rc);

            for (m = 0; m < p->count; m++) {
                if (p->operands[m].source == CRM_OPERAND_FIELD) {
                    life_watch(&fields, &rule->module->schema,
                               p->operands[m].slot, &rc);
                }
            }
        }
    }

    rule->watched = crm_pool_calloc(model->pool, fields.count + 1,
                                    sizeof(crm_str_t));
    if (rule->watched == NULL || rc != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < fields.count; i++) {
        rule->watched[rule->watched_count++] = fields.entries[i].key;
    }

    return CRM_OK;
}


static void
life_watch(crm_map_t *fields, const crm_schema_t *schema, unsigned slot,
    crm_status_t *rc)
{
    if (crm_map_add(fields, schema->names.entries[slot].key) == NULL) {
        *rc = CRM_ENOMEM;
    }
}
