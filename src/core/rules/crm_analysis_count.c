/*
 * Findings about limits: what is counted in documents, and across them.
 */

#include "rules/crm_analysis_count.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/crm_limits.h"


#define COUNT_MAX_DEPTH  (CRM_MAX_CRITERIA_DEPTH + 1)

typedef struct {
    crm_analysis_model_t         *model;
    const crm_analysis_limits_t  *limits;
    size_t                        object;
    crm_map_t                     modules;  /* "limit module" to how many */
    crm_status_t                  status;
} count_t;


static void count_workflow(count_t *c, const json_t *json);
static void count_instant(count_t *c, const json_t *condition, size_t at);
static void count_scheduled(count_t *c, const json_t *condition, size_t at);
static void count_rule(count_t *c, const json_t *conditions,
    crm_analysis_limit_t limit, const char *type);
static void count_assignment(count_t *c, const json_t *json);
static size_t count_leaves(const json_t *criteria, unsigned depth);
static void count_list(count_t *c, crm_analysis_limit_t limit,
    const json_t *json, const char *key);
static void count_across(count_t *c, crm_analysis_limit_t limit,
    const json_t *json);
static size_t count_type(const json_t *actions, const char *type);
static void count_judge(count_t *c, crm_analysis_limit_t limit, size_t found,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));


crm_status_t
crm_analysis_count_find(crm_analysis_model_t *model,
    const crm_analysis_limits_t *limits)
{
    size_t      i;
    count_t     c;
    json_t     *item, *json;
    crm_str_t   kind;

    memset(&c, 0, sizeof(count_t));
    c.model = model;
    c.limits = limits;
    crm_map_init(&c.modules, model->pool);

    json_array_foreach(model->objects, i, item) {
        json = json_object_get(item, "object");
        kind = crm_shape_str(json_object_get(json, "kind"));
        c.object = i;

        if (crm_str_is(kind, "workflow_rule")) {
            count_across(&c, CRM_ANALYSIS_MODULE_RULES, json);
            count_workflow(&c, json);

        } else if (crm_str_is(kind, "assignment_rule")) {
            count_assignment(&c, json);

        } else if (crm_str_is(kind, "record_locking")) {
            count_list(&c, CRM_ANALYSIS_LOCK_RULES, json, "locking_rules");
            count_list(&c, CRM_ANALYSIS_LOCK_PROFILES, json,
                       "lock_excluded_profiles");
            count_list(&c, CRM_ANALYSIS_LOCK_FIELDS, json, "excluded_fields");

        } else if (crm_str_is(kind, "scoring_rule")) {
            count_across(&c, CRM_ANALYSIS_MODULE_SCORING, json);
            count_list(&c, CRM_ANALYSIS_SCORE_RULES, json, "field_rules");

        } else if (crm_str_is(kind, "blueprint")) {
            count_across(&c, CRM_ANALYSIS_MODULE_BLUEPRINTS, json);

        } else if (crm_str_is(kind, "schedule")
                   && !crm_str_is(crm_shape_str(json_object_get(json,
                                                "status")), "off"))
        {
            count_across(&c, CRM_ANALYSIS_SCHEDULES, json);
        }
    }

    return c.status;
}


static void
count_workflow(count_t *c, const json_t *json)
{
    size_t   i;
    json_t  *conditions, *condition;

    count_list(c, CRM_ANALYSIS_CONDITIONS, json, "conditions");
    conditions = json_object_get(json, "conditions");

    json_array_foreach(conditions, i, condition) {
        if (i == CRM_MAX_CONDITIONS) {
            break;
        }

        count_instant(c, condition, i);
        count_scheduled(c, condition, i);
    }

    count_rule(c, conditions, CRM_ANALYSIS_RULE_FUNCTIONS, "functions");
    count_rule(c, conditions, CRM_ANALYSIS_RULE_WEBHOOKS, "webhooks");
}


static void
count_instant(count_t *c, const json_t *condition, size_t at)
{
    size_t   i;
    json_t  *actions, *action;

    static const struct {
        crm_analysis_limit_t   limit;
        const char            *type;
    } types[] = {
        { CRM_ANALYSIS_INSTANT_EMAILS, "email_notifications" },
        { CRM_ANALYSIS_INSTANT_TASKS, "tasks" },
        { CRM_ANALYSIS_INSTANT_FIELD_UPDATES, "field_updates" },
        { CRM_ANALYSIS_INSTANT_FUNCTIONS, "functions" },
        { CRM_ANALYSIS_INSTANT_WEBHOOKS, "webhooks" },
        { CRM_ANALYSIS_INSTANT_RECORDS, "create_record" }
    };

    actions = json_object_get(condition, "instant_actions");

    count_judge(c, CRM_ANALYSIS_INSTANT_ACTIONS, json_array_size(actions),
                "conditions[%zu].instant_actions", at);

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        count_judge(c, types[i].limit, count_type(actions, types[i].type),
                    "conditions[%zu].instant_actions", at);
    }

    json_array_foreach(actions, i, action) {
        count_judge(c, CRM_ANALYSIS_ASSIGNEES,
                    json_array_size(json_object_get(action, "assign_to")),
                    "conditions[%zu].instant_actions[%zu].assign_to", at, i);
    }
}


static void
count_scheduled(count_t *c, const json_t *condition, size_t at)
{
    size_t   i;
    json_t  *blocks, *block;

    blocks = json_object_get(condition, "scheduled_actions");

    count_judge(c, CRM_ANALYSIS_SCHEDULED_BLOCKS, json_array_size(blocks),
                "conditions[%zu].scheduled_actions", at);

    json_array_foreach(blocks, i, block) {
        count_judge(c, CRM_ANALYSIS_SCHEDULED_ACTIONS,
                    json_array_size(json_object_get(block, "actions")),
                    "conditions[%zu].scheduled_actions[%zu].actions", at, i);
    }
}


static void
count_rule(count_t *c, const json_t *conditions, crm_analysis_limit_t limit,
    const char *type)
{
    size_t   i, k, n;
    json_t  *condition, *block;

    n = 0;

    json_array_foreach((json_t *) conditions, i, condition) {
        n += count_type(json_object_get(condition, "instant_actions"), type);

        json_array_foreach(json_object_get(condition, "scheduled_actions"), k,
                           block)
        {
            n += count_type(json_object_get(block, "actions"), type);
        }
    }

    count_judge(c, limit, n, "conditions");
}


static void
count_assignment(count_t *c, const json_t *json)
{
    size_t   i;
    json_t  *entry;

    json_array_foreach(json_object_get(json, "entries"), i, entry) {
        count_judge(c, CRM_ANALYSIS_ENTRY_CRITERIA,
                    count_leaves(json_object_get(entry, "criteria"), 0),
                    "entries[%zu].criteria", i);
        count_judge(c, CRM_ANALYSIS_ASSIGNEES,
                    json_array_size(json_object_get(entry, "assign_to")),
                    "entries[%zu].assign_to", i);
    }
}


static size_t
count_leaves(const json_t *criteria, unsigned depth)
{
    size_t   i, n;
    json_t  *group, *member;

    if (!json_is_object(criteria) || depth > COUNT_MAX_DEPTH) {
        return 0;
    }

    group = json_object_get(criteria, "rows");
    if (group) {
        return json_array_size(group);
    }

    group = json_object_get(criteria, "group");
    if (group == NULL) {
        return 1;
    }

    n = 0;

    json_array_foreach(group, i, member) {
        n += count_leaves(member, depth + 1);
    }

    return n;
}


static void
count_list(count_t *c, crm_analysis_limit_t limit, const json_t *json,
    const char *key)
{
    count_judge(c, limit, json_array_size(json_object_get(json, key)), "%s",
                key);
}


/* Objects of a kind, in all or of one module; told at the first too many. */
static void
count_across(count_t *c, crm_analysis_limit_t limit, const json_t *json)
{
    size_t            n;
    crm_str_t         key, module;
    crm_map_entry_t  *entry;

    module = crm_shape_str(json_object_get(json, "module"));

    if (limit == CRM_ANALYSIS_SCHEDULES) {
        module = CRM_STR("");
    }

    key = crm_pool_printf(c->model->pool, "%d %.*s", (int) limit,
                          (int) module.len, module.data ? module.data : "");
    entry = key.data ? crm_map_add(&c->modules, key) : NULL;

    if (entry == NULL) {
        c->status = CRM_ENOMEM;
        return;
    }

    n = (size_t) (uintptr_t) entry->value + 1;
    entry->value = (void *) (uintptr_t) n;

    if ((long long) n == c->limits->value[limit] + 1) {
        count_judge(c, limit, n, "%s", "name");
    }
}


static size_t
count_type(const json_t *actions, const char *type)
{
    size_t   i, n;
    json_t  *action;

    n = 0;

    json_array_foreach((json_t *) actions, i, action) {
        n += crm_str_is(crm_shape_str(json_object_get(action, "type")), type);
    }

    return n;
}


/* What the core takes at most it has refused itself. */
static void
count_judge(count_t *c, crm_analysis_limit_t limit, size_t found,
    const char *fmt, ...)
{
    char                             path[200];
    va_list                          args;
    const crm_analysis_limit_row_t  *row;

    row = &crm_analysis_limit_rows()[limit];

    if (c->limits->value[limit] == 0
        || (long long) found <= c->limits->value[limit]
        || (row->most && (long long) found > row->most)
        || c->object >= c->model->own)
    {
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(path, sizeof(path), fmt, args);
    va_end(args);

    crm_findings_add(c->model->findings, c->limits->given[limit]
                     ? CRM_ERROR : row->severity, c->object, path, 0,
                     "limit_exceeded", NULL, "%zu %s: the limit %s is %lld;"
                     " split it up, or set the limit in the file of --limits",
                     found, row->counts, row->name, c->limits->value[limit]);
}
