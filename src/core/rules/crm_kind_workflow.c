/*
 * What a workflow_rule adds to the rules of its CRM module.
 */

#include "rules/crm_kind.h"


static crm_status_t workflow_id(crm_build_t *b, const crm_workflow_t *rule);


crm_status_t
crm_kind_workflow(crm_build_t *b, const json_t *json)
{
    crm_status_t      rc;
    crm_module_t     *module;
    crm_workflow_t   *rule, **list;

    rule = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_workflow_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (rule == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_workflow_parse(rule, json, &b->rules->library, &b->cc);
    if (rc == CRM_OK) {
        rc = workflow_id(b, rule);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    /* grows at powers of two */

    if ((module->workflows_count & (module->workflows_count - 1)) == 0) {
        list = crm_pool_calloc(b->cc.pool, module->workflows_count
                               ? module->workflows_count * 2 : 1,
                               sizeof(crm_workflow_t *));
        if (list == NULL) {
            return CRM_ENOMEM;
        }

        if (module->workflows_count) {
            memcpy(list, module->workflows,
                   module->workflows_count * sizeof(crm_workflow_t *));
        }

        module->workflows = list;
    }

    module->workflows[module->workflows_count++] = rule;

    return CRM_OK;
}


/*
 * Job ids and the memory of repeat: false are made of a rule's id, which is
 * its name unless it has one: two rules of one id would share them.
 */
static crm_status_t
workflow_id(crm_build_t *b, const crm_workflow_t *rule)
{
    crm_str_t              key, parts[2];
    crm_map_entry_t       *entry;
    const crm_workflow_t  *other;

    parts[0] = CRM_STR("id ");
    parts[1] = rule->id;

    key = crm_pool_concat(b->temp, parts, 2);
    entry = key.data ? crm_map_add(&b->identities, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    other = entry->value;

    /* of one name is a finding already */

    if (other && !crm_str_eq(other->name, rule->name)) {
        return crm_shape_error(&b->cc, rule->id.data == rule->name.data
                               ? "name" : "id", "duplicate_name", NULL,
                               "the workflow_rule \"%s\" has the id \"%s\""
                               " too", other->name.data, rule->id.data);
    }

    entry->value = (void *) rule;

    return CRM_OK;
}
