/*
 * What a workflow rule writes, as analysis sees it.
 */

#include "rules/crm_analysis_effect.h"


static size_t effect_count(const json_t *condition);
static int effect_update(crm_analysis_effect_t *effect,
    crm_analysis_model_t *model, const json_t *action);


crm_status_t
crm_analysis_effect_load(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *conditions)
{
    size_t         i, k, m, n;
    json_t        *condition, *block, *action;
    crm_status_t   rc;

    for (i = 0, n = 0; i < rule->conditions_count; i++) {
        n += effect_count(json_array_get(conditions, i));
    }

    rule->effects = crm_pool_calloc(model->pool, n + 1,
                                    sizeof(crm_analysis_effect_t));
    if (rule->effects == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < rule->conditions_count; i++) {
        condition = json_array_get(conditions, i);

        json_array_foreach(json_object_get(condition, "instant_actions"), k,
                           action)
        {
            rc = crm_analysis_effect_add(rule, model, action, (unsigned) i,
                                         (unsigned) k, 0);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        json_array_foreach(json_object_get(condition, "scheduled_actions"), m,
                           block)
        {
            json_array_foreach(json_object_get(block, "actions"), k, action) {
                rc = crm_analysis_effect_add(rule, model, action,
                                             (unsigned) i, (unsigned) k, 1);
                if (rc != CRM_OK) {
                    return rc;
                }
            }
        }
    }

    return CRM_OK;
}


crm_status_t
crm_analysis_effect_fact(crm_analysis_model_t *model,
    crm_analysis_effect_t *effect)
{
    json_t          *leaf;
    crm_status_t     rc;
    crm_criteria_t   criteria;

    if (effect->fact || effect->constant == NULL) {
        return CRM_OK;
    }

    leaf = json_pack("{s:s%, s:s, s:O}", "field", effect->field.data,
                     effect->field.len, "comparator", "equal", "value",
                     effect->constant);
    if (leaf == NULL) {
        return CRM_ENOMEM;
    }

    if (json_is_null(effect->constant)
        && json_object_set_new(leaf, "value", json_string("${EMPTY}")) != 0)
    {
        json_decref(leaf);
        return CRM_ENOMEM;
    }

    rc = crm_analysis_model_compile(model, effect->module, &criteria, leaf);
    json_decref(leaf);

    if (rc == CRM_OK) {
        effect->fact = effect->module->predicates.items[
                           criteria.nodes[0].predicate];

    } else {
        effect->constant = NULL;
    }

    return rc == CRM_ENOMEM ? rc : CRM_OK;
}


crm_status_t
crm_analysis_effect_add(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *action, unsigned condition, unsigned at, int later)
{
    crm_str_t               type;
    crm_analysis_effect_t  *effect;

    effect = &rule->effects[rule->effects_count];
    effect->module = rule->module;
    effect->condition = condition;
    effect->action = at;
    effect->later = later;

    type = crm_shape_str(json_object_get(action, "type"));

    if (crm_str_is(type, "field_updates")) {
        rule->effects_count += effect_update(effect, model, action) ? 1 : 0;
        return CRM_OK;
    }

    if (crm_str_is(type, "assign_owner")) {
        effect->field = CRM_STR("Owner");
        effect->value = json_object_get(action, "assign_to");
        effect->first_wins = 1;
        rule->effects_count++;
        return CRM_OK;
    }

    if (crm_str_is(type, "add_tags") || crm_str_is(type, "remove_tags")) {
        effect->field = CRM_STR("Tag");
        effect->later = 1;
        rule->effects_count++;
        return CRM_OK;
    }

    if (crm_str_is(type, "create_record") || crm_str_is(type, "tasks")) {
        type = crm_str_is(type, "tasks") ? CRM_STR("Tasks")
               : crm_shape_str(json_object_get(action, "module"));
        effect->module = crm_analysis_model_module(model, type);
        effect->value = json_object_get(action, "fields");
        effect->later = 1;
        rule->effects_count++;
        return effect->module ? CRM_OK : CRM_ENOMEM;
    }

    return CRM_OK;
}


static size_t
effect_count(const json_t *condition)
{
    size_t   i, n;
    json_t  *block;

    n = json_array_size(json_object_get(condition, "instant_actions"));

    json_array_foreach(json_object_get(condition, "scheduled_actions"), i,
                       block)
    {
        n += json_array_size(json_object_get(block, "actions"));
    }

    return n;
}


/* Inline, or by the name of a field_update; 0 if it is neither. */
static int
effect_update(crm_analysis_effect_t *effect, crm_analysis_model_t *model,
    const json_t *action)
{
    crm_map_entry_t  *entry;

    if (json_object_get(action, "field") == NULL) {
        entry = crm_map_find(&model->updates,
                             crm_shape_str(json_object_get(action, "name")));
        if (entry == NULL) {
            return 0;
        }

        action = entry->value;
    }

    if (json_object_get(action, "related")) {
        return 0;                   /* another record's */
    }

    effect->field = crm_analysis_model_field(json_object_get(action, "field"));
    effect->value = json_object_get(action, "value");

    if (effect->value && !json_is_object(effect->value)
        && !json_is_array(effect->value))
    {
        effect->constant = effect->value;
    }

    if (crm_str_is(crm_shape_str(json_object_get(action, "mode")), "async")) {
        effect->later = 1;
    }

    return effect->field.len > 0 && effect->value != NULL;
}
