/*
 * Two rules that are one: the same module, trigger and criteria.
 */

#include "rules/crm_analysis_conflict.h"

#include <stdlib.h>


static crm_str_t double_key(crm_analysis_model_t *model,
    const crm_analysis_rule_t *rule);
static int double_everything(const crm_analysis_rule_t *rule);
static void double_tell(crm_analysis_model_t *model,
    const crm_analysis_rule_t *rule, const crm_analysis_rule_t *other);


crm_status_t
crm_analysis_conflict_doubles(crm_analysis_model_t *model)
{
    size_t                i, told;
    crm_str_t             key;
    crm_map_t             seen;
    crm_map_entry_t      *entry;
    crm_analysis_rule_t  *rule;

    crm_map_init(&seen, model->pool);
    told = 0;

    for (i = 0; i < model->rules_count && told < CRM_ANALYSIS_CONFLICT_TOLD;
         i++)
    {
        rule = model->rules[i];

        if (!rule->live || !(rule->on & CRM_ANALYSIS_ON_WRITE)) {
            continue;
        }

        key = double_key(model, rule);
        entry = key.data ? crm_map_add(&seen, key) : NULL;
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value == NULL) {
            entry->value = rule;
            continue;
        }

        double_tell(model, rule, entry->value);
        told++;
    }

    return CRM_OK;
}


/* Module, trigger and criteria; for rules that match every record what they
 * do as well, since these are often parted on purpose. */
static crm_str_t
double_key(crm_analysis_model_t *model, const crm_analysis_rule_t *rule)
{
    size_t      i;
    char       *text;
    json_t     *parts, *condition, *criteria;
    crm_str_t   key;

    parts = json_array();
    text = NULL;

    if (parts
        && json_array_append(parts, json_object_get(rule->json, "module"))
           == 0
        && json_array_append(parts, json_object_get(rule->json,
                                                    "execute_when")) == 0)
    {
        json_array_foreach(json_object_get(rule->json, "conditions"), i,
                           condition)
        {
            criteria = json_object_get(condition, "criteria");
            (void) json_array_append(parts, double_everything(rule)
                                     ? condition
                                     : criteria ? criteria : json_null());
        }

        text = json_dumps(parts, JSON_COMPACT | JSON_SORT_KEYS
                                 | JSON_REAL_PRECISION(15));
    }

    json_decref(parts);

    if (text == NULL) {
        return CRM_STR_NULL;
    }

    key = crm_pool_dup(model->pool, crm_strz(text));
    free(text);

    return key;
}


static int
double_everything(const crm_analysis_rule_t *rule)
{
    return rule->conditions_count > 0 && rule->conditions[0].nodes == NULL;
}


static void
double_tell(crm_analysis_model_t *model, const crm_analysis_rule_t *rule,
    const crm_analysis_rule_t *other)
{
    int                         same;
    const crm_analysis_rule_t  *at;

    at = rule->object < model->own ? rule : other;
    other = at == rule ? other : rule;

    if (at->object >= model->own) {
        return;
    }

    same = json_equal(json_object_get(at->json, "conditions"),
                      json_object_get(other->json, "conditions"));

    crm_findings_add(model->findings, same ? CRM_WARNING : CRM_HINT,
                     at->object, "name", 0, "duplicate_rule", NULL, same
                     ? "\"%.*s\" and \"%.*s\" are one rule twice: everything"
                     " they do is done twice; remove one"
                     : "\"%.*s\" and \"%.*s\" have the same module, trigger"
                     " and criteria: they could be one rule",
                     (int) at->name.len, at->name.data,
                     (int) other->name.len, other->name.data);
}
