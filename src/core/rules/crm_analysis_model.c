/*
 * The documents of a bundle as analysis sees them.
 */

#include "rules/crm_analysis_model.h"

#include <stdlib.h>

#include "rules/crm_analysis_rule.h"
#include "rules/crm_field.h"
#include "rules/crm_zone_json.h"


static crm_status_t model_fields(crm_analysis_model_t *model,
    const json_t *json);
static crm_status_t model_update(crm_analysis_model_t *model,
    const json_t *json);
static crm_status_t model_rules(crm_analysis_model_t *model);
static int rule_cmp(const void *a, const void *b);


crm_status_t
crm_analysis_model_load(crm_analysis_model_t *model, const json_t *bundle,
    size_t own, crm_pool_t *pool, crm_findings_t *findings)
{
    size_t         i;
    json_t        *item, *json;
    crm_str_t      kind;
    crm_status_t   rc;

    memset(model, 0, sizeof(crm_analysis_model_t));
    model->pool = pool;
    model->findings = findings;
    model->objects = json_object_get(bundle, "objects");
    model->own = own;
    model->tree = crm_analysis_tree_create(pool);

    crm_findings_init(&model->rejected, pool);
    crm_map_init(&model->modules, pool);
    crm_map_init(&model->updates, pool);

    model->cc.pool = pool;
    model->cc.findings = &model->rejected;
    model->cc.object = CRM_NO_OBJECT;
    model->cc.zone = &model->zone;

    if (model->tree == NULL
        || crm_zone_json_decode(&model->zone,
                                json_object_get(bundle, "time_zone"), pool)
           == CRM_ENOMEM)
    {
        return CRM_ENOMEM;
    }

    json_array_foreach(model->objects, i, item) {
        json = json_object_get(item, "object");
        kind = crm_shape_str(json_object_get(json, "kind"));

        rc = crm_str_is(kind, "module") ? model_fields(model, json)
             : crm_str_is(kind, "field_update") ? model_update(model, json)
             : CRM_OK;

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return model_rules(model);
}


crm_analysis_module_t *
crm_analysis_model_module(crm_analysis_model_t *model, crm_str_t name)
{
    crm_map_entry_t        *entry;
    crm_analysis_module_t  *module;

    name = crm_pool_dup(model->pool, name);
    entry = name.data ? crm_map_add(&model->modules, name) : NULL;

    if (entry == NULL || entry->value) {
        return entry ? entry->value : NULL;
    }

    module = crm_pool_calloc(model->pool, 1, sizeof(crm_analysis_module_t));
    if (module) {
        module->name = name;
        crm_schema_init(&module->schema, model->pool);
        crm_predicates_init(&module->predicates, model->pool);
        entry->value = module;
    }

    return module;
}


void
crm_analysis_model_within(crm_analysis_model_t *model,
    crm_analysis_module_t *module)
{
    model->cc.schema = &module->schema;
    model->cc.predicates = &module->predicates;
    model->cc.module = module->name.data;
}


crm_status_t
crm_analysis_model_compile(crm_analysis_model_t *model,
    crm_analysis_module_t *module, crm_criteria_t *criteria,
    const json_t *json)
{
    crm_analysis_model_within(model, module);

    return crm_criteria_compile(criteria, json, "", &model->cc);
}


const char *
crm_analysis_model_action_path(crm_analysis_model_t *model,
    const crm_analysis_effect_t *effect)
{
    return crm_pool_printf(model->pool, "conditions[%u].instant_actions[%u]",
                           effect->condition, effect->action).data;
}


/* kind: module. What is wrong in it another has said. */
crm_str_t
crm_analysis_model_field(const json_t *json)
{
    return crm_shape_str(json_is_object(json)
                         ? json_object_get(json, "api_name") : json);
}


static crm_status_t
model_fields(crm_analysis_model_t *model, const json_t *json)
{
    size_t                  i;
    json_t                 *field;
    unsigned                slot;
    crm_str_t               name;
    const char             *type_name;
    crm_status_t            rc;
    crm_field_type_t        type;
    const json_t           *returns;
    crm_analysis_module_t  *module;

    name = crm_shape_str(json_object_get(json, "name"));
    module = crm_analysis_model_module(model, name);
    if (module == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach(json_object_get(json, "fields"), i, field) {
        returns = json_object_get(field, "return_type");

        if (!json_is_string(json_object_get(field, "data_type"))
            || (returns && !json_is_string(returns)))
        {
            continue;
        }

        name = crm_pool_dup(model->pool,
                            crm_shape_str(json_object_get(field,
                                                          "api_name")));
        rc = crm_field_declared(&type, &type_name, field, "", &model->cc);

        if (name.data == NULL || rc == CRM_ENOMEM) {
            return CRM_ENOMEM;
        }

        if (rc != CRM_OK) {
            continue;
        }

        slot = crm_schema_slot(&module->schema, name);
        if (slot == CRM_SLOT_NONE) {
            return CRM_ENOMEM;
        }

        crm_schema_declare(&module->schema, slot, type, type_name);
    }

    return CRM_OK;
}


static crm_status_t
model_update(crm_analysis_model_t *model, const json_t *json)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));
    if (name.len == 0) {
        return CRM_OK;
    }

    entry = crm_map_add(&model->updates, name);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = (void *) json;

    return CRM_OK;
}


static crm_status_t
model_rules(crm_analysis_model_t *model)
{
    size_t                 i;
    json_t                *item, *json;
    crm_status_t           rc;
    crm_analysis_rule_t   *rule;

    model->rules = crm_pool_calloc(model->pool,
                                   json_array_size(model->objects) + 1,
                                   sizeof(crm_analysis_rule_t *));
    if (model->rules == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach(model->objects, i, item) {
        json = json_object_get(item, "object");

        if (!crm_str_is(crm_shape_str(json_object_get(json, "kind")),
                        "workflow_rule"))
        {
            continue;
        }

        rule = crm_pool_calloc(model->pool, 1, sizeof(crm_analysis_rule_t));
        if (rule == NULL) {
            return CRM_ENOMEM;
        }

        rule->object = i;

        rc = crm_analysis_rule_load(rule, model, json);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc == CRM_OK) {
            model->rules[model->rules_count++] = rule;
        }
    }

    qsort(model->rules, model->rules_count, sizeof(crm_analysis_rule_t *),
          rule_cmp);

    return CRM_OK;
}


static int
rule_cmp(const void *a, const void *b)
{
    int                         rc;
    const crm_analysis_rule_t  *x = *(crm_analysis_rule_t *const *) a;
    const crm_analysis_rule_t  *y = *(crm_analysis_rule_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    rc = crm_str_cmp(x->name, y->name);

    return rc ? rc : x->object < y->object ? -1 : x->object > y->object;
}
