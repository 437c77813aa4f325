/*
 * Workflow rules: which of them a write starts.
 */

#include "transform/crm_workflow.h"

#include "rules/crm_index.h"
#include "transform/crm_score.h"


static crm_status_t workflow_take(crm_write_t *write,
    const crm_workflow_t *rule, crm_fired_t *fired, size_t *count);
static crm_status_t workflow_stopped(crm_write_t *write,
    const crm_workflow_t *rule);
static const crm_index_t *workflow_index(const crm_write_t *write);
static int workflow_trigger(const crm_write_t *write,
    const crm_workflow_t *rule);
static int workflow_suppressed(const crm_write_t *write,
    const crm_workflow_t *rule);
static int workflow_loops(const crm_write_t *write,
    const crm_workflow_t *rule);
static crm_fires_t workflow_watched(crm_write_t *write,
    const crm_workflow_t *rule);


/* By crm_fires_t. */
static const char *const  names[] = {
    "fires", "inactive", "trigger_mismatch", "suppressed_by_trigger_param",
    "loop_stopped", "field_not_changed", "already_fired_once",
    "criteria_false", "unknown_field", "shadowed_by_condition", "lock_denied"
};


const char *
crm_fires_name(crm_fires_t why)
{
    return names[why];
}


crm_status_t
crm_fires_find(crm_fires_t *why, crm_str_t name)
{
    int  i;

    for (i = CRM_NOT_INACTIVE; i < CRM_NOT_END; i++) {
        if (crm_str_is(name, names[i])) {
            *why = (crm_fires_t) i;
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


crm_status_t
crm_workflow_match(crm_write_t *write, crm_fired_t **fired, size_t *count)
{
    size_t              i, n;
    crm_status_t        rc;
    const unsigned     *positions;
    const crm_index_t  *index;

    *fired = NULL;
    *count = 0;
    write->stopped = NULL;
    write->stopped_count = 0;

    index = workflow_index(write);

    if (index == NULL || !write->workflow
        || (write->operation == CRM_OP_UPDATE && write->changed_count == 0))
    {
        return CRM_OK;
    }

    rc = crm_index_candidates(index, &write->after_eval, &positions, &n);
    if (rc != CRM_OK || n == 0) {
        return rc;
    }

    *fired = crm_pool_alloc(write->pool, n * sizeof(crm_fired_t));
    if (*fired == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        rc = workflow_take(write, write->module->workflows[positions[i]],
                           *fired, count);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_workflow_scored(crm_write_t *write, crm_fired_t **fired, size_t *count)
{
    size_t               i, n;
    crm_fired_t         *all;
    crm_status_t         rc;
    const crm_module_t  *module;

    module = write->module;

    if (write->scores == NULL || module->scored == 0 || !write->workflow) {
        return CRM_OK;
    }

    n = *count;
    all = crm_pool_alloc(write->pool,
                         (n + module->scored) * sizeof(crm_fired_t));
    if (all == NULL) {
        return CRM_ENOMEM;
    }

    if (n) {
        memcpy(all, *fired, n * sizeof(crm_fired_t));
    }

    for (i = 0; i < module->workflows_count; i++) {
        if (module->workflows[i]->score == NULL) {
            continue;
        }

        rc = workflow_take(write, module->workflows[i], all, &n);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    *fired = all;
    *count = n;

    return CRM_OK;
}


/* Adds the rule to those that fired, if it does. */
static crm_status_t
workflow_take(crm_write_t *write, const crm_workflow_t *rule,
    crm_fired_t *fired, size_t *count)
{
    crm_fires_t             why;
    crm_status_t            rc;
    const crm_condition_t  *condition;

    rc = crm_workflow_judge(write, rule, &why, &condition);

    if (rc == CRM_OK && why == CRM_FIRES) {
        memset(&fired[*count], 0, sizeof(crm_fired_t));
        fired[*count].rule = rule;
        fired[*count].condition = condition;
        (*count)++;

    } else if (rc == CRM_OK && why == CRM_NOT_LOOP) {
        rc = workflow_stopped(write, rule);
    }

    return rc;
}


crm_status_t
crm_workflow_judge(crm_write_t *write, const crm_workflow_t *rule,
    crm_fires_t *why, const crm_condition_t **condition)
{
    int           had;
    size_t        i;
    crm_eval_t   *eval;
    crm_status_t  rc;

    *condition = NULL;
    eval = crm_workflow_eval(write, rule);

    if (rule->status == CRM_STATUS_OFF) {
        *why = CRM_NOT_INACTIVE;
        return CRM_OK;
    }

    if (!workflow_trigger(write, rule)) {
        *why = CRM_NOT_TRIGGER;
        return CRM_OK;
    }

    if (workflow_suppressed(write, rule)) {
        *why = CRM_NOT_SUPPRESSED;
        return CRM_OK;
    }

    if (workflow_loops(write, rule)) {
        *why = CRM_NOT_LOOP;
        return CRM_OK;
    }

    if (write->operation == CRM_OP_UPDATE && rule->score == NULL) {
        *why = workflow_watched(write, rule);

        if (*why != CRM_FIRES) {
            return write->after_eval.status;
        }
    }

    if (!rule->repeat) {
        rc = crm_write_once(write, rule->id, &had);
        if (rc != CRM_OK || had) {
            *why = CRM_NOT_ONCE;
            return rc;
        }
    }

    for (i = 0; i < rule->conditions_count; i++) {
        if (crm_eval_criteria(eval, &rule->conditions[i].criteria)
            == CRM_TRUE)
        {
            *condition = &rule->conditions[i];
            *why = CRM_FIRES;
            return eval->status;
        }
    }

    *why = CRM_NOT_CRITERIA;

    return eval->status;
}


crm_eval_t *
crm_workflow_eval(crm_write_t *write, const crm_workflow_t *rule)
{
    return rule->score && write->scores ? write->scores->eval
                                        : &write->after_eval;
}


/* Notes a rule that would fire were it not for the chain. */
static crm_status_t
workflow_stopped(crm_write_t *write, const crm_workflow_t *rule)
{
    crm_fires_t             why;
    crm_status_t            rc;
    const crm_chain_t      *chain;
    const crm_condition_t  *condition;

    chain = write->chain;
    write->chain = NULL;
    rc = crm_workflow_judge(write, rule, &why, &condition);
    write->chain = chain;

    if (rc != CRM_OK || why != CRM_FIRES) {
        return rc;
    }

    if (write->stopped == NULL) {
        write->stopped = crm_pool_calloc(write->pool,
                                         write->module->workflows_count,
                                         sizeof(crm_workflow_t *));
        if (write->stopped == NULL) {
            return CRM_ENOMEM;
        }
    }

    write->stopped[write->stopped_count++] = rule;

    return CRM_OK;
}


static const crm_index_t *
workflow_index(const crm_write_t *write)
{
    switch (write->operation) {

    case CRM_OP_CREATE:
        return write->module->create;

    case CRM_OP_UPDATE:
        return write->module->update;

    case CRM_OP_DELETE:
        return write->module->remove;

    default:
        return NULL;
    }
}


static int
workflow_trigger(const crm_write_t *write, const crm_workflow_t *rule)
{
    if (rule->score) {
        return crm_score_starts(write, rule);
    }

    switch (write->operation) {

    case CRM_OP_CREATE:
        return rule->trigger == CRM_TRIGGER_CREATE
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT;

    case CRM_OP_UPDATE:
        return rule->trigger == CRM_TRIGGER_EDIT
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT
               || rule->trigger == CRM_TRIGGER_FIELD_UPDATE;

    default:
        return rule->trigger == CRM_TRIGGER_DELETE;
    }
}


/* By the client: "trigger", wf_trigger, an import; or by automation's own rule
 * that its effects start no others. */
static int
workflow_suppressed(const crm_write_t *write, const crm_workflow_t *rule)
{
    return !write->workflow
           || (write->import && !rule->run_on_import)
           || (write->chain && !write->chain->cascade);
}


/* A chain of rules ends at its length, and no rule stands in one twice. A score
 * that rules of this write have changed makes it longer by one. */
static int
workflow_loops(const crm_write_t *write, const crm_workflow_t *rule)
{
    int                 more;
    size_t              i;
    const crm_chain_t  *chain;

    chain = write->chain;

    if (chain == NULL) {
        return 0;
    }

    more = rule->score && write->scores->second;

    if (chain->depth + more >= CRM_CHAIN_MAX_DEPTH) {
        return 1;
    }

    for (i = 0; i < chain->fired_count; i++) {
        if (crm_str_eq(chain->fired[i], rule->id)) {
            return 1;
        }
    }

    return 0;
}


/*
 * What an update changes: enough of the watched fields, and they to what the
 * rule waits for? A rule that watches none takes any change.
 */
static crm_fires_t
workflow_watched(crm_write_t *write, const crm_workflow_t *rule)
{
    size_t              i, changed, hits, need;
    const crm_watch_t  *watch;

    if (write->changed_count == 0) {
        return CRM_NOT_CHANGED;
    }

    if (rule->trigger != CRM_TRIGGER_FIELD_UPDATE) {
        return CRM_FIRES;
    }

    changed = 0;
    hits = 0;
    need = rule->match_all ? rule->watch_count : 1;

    for (i = 0; i < rule->watch_count && hits < need; i++) {
        watch = &rule->watch[i];

        if (!write->changed_slot[watch->slot]) {
            continue;
        }

        changed++;
        hits += watch->any_value
                || crm_eval_predicate(&write->after_eval, watch->predicate)
                   == CRM_TRUE;
    }

    return hits >= need ? CRM_FIRES
           : changed >= need ? CRM_NOT_TRIGGER : CRM_NOT_CHANGED;
}
