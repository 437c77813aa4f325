/*
 * Which rule comes before which, and which look at what kind of write.
 */

#include "rules/crm_ruleset_build.h"

#include <stdlib.h>

#include "rules/crm_approval.h"
#include "rules/crm_assignment.h"
#include "rules/crm_blueprint.h"
#include "rules/crm_index.h"
#include "rules/crm_scoring.h"
#include "rules/crm_validation.h"


static crm_status_t order_file(crm_build_t *b, crm_module_t *m);
static int workflow_cmp(const void *a, const void *b);
static int validation_cmp(const void *a, const void *b);
static int approval_cmp(const void *a, const void *b);
static int blueprint_cmp(const void *a, const void *b);
static int wanted_create(const crm_workflow_t *rule);
static int wanted_update(const crm_workflow_t *rule);
static int wanted_delete(const crm_workflow_t *rule);


crm_status_t
crm_ruleset_order(crm_build_t *b)
{
    size_t          i, k;
    crm_module_t   *m;

    for (i = 0; i < b->rules->modules.count; i++) {
        m = b->rules->modules.entries[i].value;

        crm_array_sort(&m->validations, validation_cmp);
        crm_array_sort(&m->scorings, crm_scoring_cmp);
        crm_array_sort(&m->assignments, crm_assignment_cmp);
        crm_array_sort(&m->approvals, approval_cmp);
        crm_array_sort(&m->blueprints, blueprint_cmp);

        if (m->workflows_count == 0) {
            continue;
        }

        qsort(m->workflows, m->workflows_count, sizeof(crm_workflow_t *),
              workflow_cmp);

        for (k = 0; k < m->workflows_count; k++) {
            if (!m->workflows[k]->repeat) {
                m->reads_once = 1;
            }

            m->dates += m->workflows[k]->trigger == CRM_TRIGGER_DATE;
            m->scored += m->workflows[k]->score != NULL;
        }

        if (order_file(b, m) != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/* Creates and updates share one, if the same rules look at both. */
static crm_status_t
order_file(crm_build_t *b, crm_module_t *m)
{
    size_t          i, differ;
    crm_demands_t  *demands;

    demands = crm_demands_create(&m->predicates, m->schema.count, b->temp);
    if (demands == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, differ = 0; i < m->workflows_count; i++) {
        differ += wanted_create(m->workflows[i])
                  != wanted_update(m->workflows[i]);
    }

    m->create = crm_index_create(m->workflows, m->workflows_count,
                                 wanted_create, demands, b->cc.pool);
    m->update = differ == 0 ? m->create
                : crm_index_create(m->workflows, m->workflows_count,
                                   wanted_update, demands, b->cc.pool);
    m->remove = crm_index_create(m->workflows, m->workflows_count,
                                 wanted_delete, demands, b->cc.pool);

    if (m->create == NULL || m->update == NULL || m->remove == NULL) {
        return CRM_ENOMEM;
    }

    m->create = crm_index_count(m->create) ? m->create : NULL;
    m->update = crm_index_count(m->update) ? m->update : NULL;
    m->remove = crm_index_count(m->remove) ? m->remove : NULL;

    return CRM_OK;
}


static int
workflow_cmp(const void *a, const void *b)
{
    const crm_workflow_t  *x = *(crm_workflow_t *const *) a;
    const crm_workflow_t  *y = *(crm_workflow_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    return crm_str_cmp(x->name, y->name);
}


static int
validation_cmp(const void *a, const void *b)
{
    const crm_validation_t  *x = *(crm_validation_t *const *) a;
    const crm_validation_t  *y = *(crm_validation_t *const *) b;

    return crm_str_cmp(x->name, y->name);
}


static int
approval_cmp(const void *a, const void *b)
{
    const crm_approval_t  *x = *(crm_approval_t *const *) a;
    const crm_approval_t  *y = *(crm_approval_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    return crm_str_cmp(x->name, y->name);
}


static int
blueprint_cmp(const void *a, const void *b)
{
    const crm_blueprint_t  *x = *(crm_blueprint_t *const *) a;
    const crm_blueprint_t  *y = *(crm_blueprint_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    return crm_str_cmp(x->name, y->name);
}


static int
wanted_create(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && (rule->trigger == CRM_TRIGGER_CREATE
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT);
}


static int
wanted_update(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && (rule->trigger == CRM_TRIGGER_EDIT
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT
               || rule->trigger == CRM_TRIGGER_FIELD_UPDATE);
}


static int
wanted_delete(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && rule->trigger == CRM_TRIGGER_DELETE;
}
