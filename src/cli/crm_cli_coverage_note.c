/*
 * What a trace document shows to have been reached.
 */

#include "crm_cli_coverage_entry.h"


static crm_cli_rule_t *note_find(crm_cli_coverage_t *coverage, const char *what,
    const crm_module_t *module, crm_span_t rule, crm_status_t *rc);
static crm_cli_rule_t *note_rule(crm_cli_coverage_t *coverage,
    const char *what, const crm_module_t *module, crm_str_t id,
    crm_status_t *rc);
static int note_watched(crm_write_t *write, const crm_watch_t *watch);
static void note_workflow(crm_cli_rule_t *entry, crm_span_t rule);
static void note_guard(crm_cli_rule_t *entry, crm_span_t gate, crm_span_t rule);
static void note_leaves(crm_cli_condition_t *condition, crm_span_t leaves);
static crm_span_t member(crm_span_t object, const char *name);


crm_status_t
crm_cli_coverage_note(crm_cli_coverage_t *coverage,
    const crm_module_t *module, crm_span_t trace)
{
    size_t        i, k;
    crm_cli_rule_t       *entry;
    crm_span_t    rule, gate;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 0; crm_span_next(member(trace, "rules"), &i, NULL, &rule); ) {
        entry = note_find(coverage, "rule", module, rule, &rc);

        if (entry) {
            note_workflow(entry, rule);
        }
    }

    for (i = 0; crm_span_next(member(trace, "gates"), &i, NULL, &gate); ) {
        for (k = 0; crm_span_next(member(gate, "rules"), &k, NULL, &rule); ) {
            entry = note_find(coverage, crm_span_is(member(gate, "gate"),
                                            CRM_STR("lock"))
                                        ? "lock" : "validation",
                              module, rule, &rc);

            if (entry) {
                note_guard(entry, gate, rule);
            }
        }
    }

    return rc;
}


crm_status_t
crm_cli_coverage_watch(crm_cli_coverage_t *coverage, crm_write_t *write)
{
    size_t                 i, k;
    crm_status_t           rc;
    crm_cli_rule_t        *entry;
    const crm_workflow_t  *rule;

    rc = CRM_OK;

    for (i = 0; i < write->module->workflows_count; i++) {
        rule = write->module->workflows[i];

        if (rule->watch_count == 0 || rule->status == CRM_STATUS_OFF
            || write->operation != CRM_OP_UPDATE)
        {
            continue;
        }

        entry = note_rule(coverage, "rule", write->module, rule->id, &rc);

        for (k = 0; entry && k < rule->watch_count && k < entry->watch.count;
             k++)
        {
            entry->watch.leaves[k].seen[note_watched(write, &rule->watch[k])]
                = 1;
        }
    }

    return rc;
}


/* As a trigger sees it: changed, and to what the rule waits for. */
static int
note_watched(crm_write_t *write, const crm_watch_t *watch)
{
    return write->changed_slot[watch->slot]
           && (watch->any_value
               || crm_eval_predicate(&write->after_eval, watch->predicate)
                  == CRM_TRUE);
}


static crm_cli_rule_t *
note_find(crm_cli_coverage_t *coverage, const char *what,
    const crm_module_t *module, crm_span_t rule, crm_status_t *rc)
{
    crm_str_t  id;

    id = crm_span_text(member(rule, "rule_id"), coverage->pool);

    if (id.data == NULL) {
        *rc = CRM_ENOMEM;
        return NULL;
    }

    return note_rule(coverage, what, module, id, rc);
}


static crm_cli_rule_t *
note_rule(crm_cli_coverage_t *coverage, const char *what,
    const crm_module_t *module, crm_str_t id, crm_status_t *rc)
{
    crm_str_t         key;
    crm_map_entry_t  *entry;

    key = crm_cli_coverage_key(coverage->pool, what, module->name, id);

    if (key.data == NULL) {
        *rc = CRM_ENOMEM;
        return NULL;
    }

    entry = crm_map_find(&coverage->rules, key);

    return entry ? entry->value : NULL;
}


static void
note_workflow(crm_cli_rule_t *entry, crm_span_t rule)
{
    size_t       cursor, i;
    crm_span_t   condition;

    if (member(rule, "reason").type == CRM_JSON_NONE) {
        entry->reached = 1;
    }

    i = 0;

    for (cursor = 0;
         crm_span_next(member(rule, "conditions"), &cursor, NULL, &condition)
         && i < entry->count; i++)
    {
        note_leaves(&entry->conditions[i], member(condition, "leaves"));

        if (crm_str_eq(crm_span_raw(member(condition, "seq")),
                       crm_span_raw(member(rule, "chosen"))))
        {
            entry->conditions[i].reached = 1;
        }
    }
}


static void
note_guard(crm_cli_rule_t *entry, crm_span_t gate, crm_span_t rule)
{
    note_leaves(&entry->conditions[0], member(rule, "leaves"));

    if (member(gate, "rule_id").type == CRM_JSON_STRING
        && crm_str_eq(crm_span_raw(member(gate, "rule_id")),
                      crm_span_raw(member(rule, "rule_id"))))
    {
        entry->reached = 1;
        entry->conditions[0].reached = 1;
    }
}


static void
note_leaves(crm_cli_condition_t *condition, crm_span_t leaves)
{
    size_t      cursor, i;
    crm_span_t  leaf, result;

    i = 0;

    for (cursor = 0;
         crm_span_next(leaves, &cursor, NULL, &leaf) && i < condition->count;
         i++)
    {
        result = member(leaf, "result");

        if (result.type == CRM_JSON_TRUE || result.type == CRM_JSON_FALSE) {
            condition->leaves[i].seen[result.type == CRM_JSON_TRUE] = 1;
        }
    }
}


static crm_span_t
member(crm_span_t object, const char *name)
{
    crm_span_t  none;

    memset(&none, 0, sizeof(crm_span_t));

    return object.type == CRM_JSON_OBJECT
           ? crm_span_member(object, crm_strz(name)) : none;
}
