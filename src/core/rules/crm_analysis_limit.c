/*
 * Limits that are counted in documents: a table, and what an organisation
 * sets instead.
 */

#include "rules/crm_analysis_limit.h"

#include "base/crm_limits.h"
#include "rules/crm_shape.h"


/* Above this no count is read: a mistake. */
#define LIMIT_MOST  1000000

/* In the order of crm_analysis_limit_t. */
static const crm_analysis_limit_row_t  rows[] = {
    { "conditions", "conditions in one rule", CRM_MAX_CONDITIONS,
      CRM_MAX_CONDITIONS, CRM_ERROR },
    { "instant_actions", "instant actions in one condition", CRM_MAX_ACTIONS,
      CRM_MAX_ACTIONS, CRM_ERROR },
    { "instant_emails", "instant email notifications in one condition", 5, 0,
      CRM_WARNING },
    { "instant_tasks", "instant tasks in one condition", 5, 0, CRM_WARNING },
    { "instant_field_updates", "instant field updates in one condition", 5, 0,
      CRM_WARNING },
    { "instant_functions", "instant functions in one condition", 1, 0,
      CRM_WARNING },
    { "instant_webhooks", "instant webhooks in one condition", 1, 0,
      CRM_WARNING },
    { "instant_records", "instant create_record in one condition", 1, 0,
      CRM_WARNING },
    { "scheduled_blocks", "scheduled blocks in one condition", 5, 5,
      CRM_ERROR },
    { "scheduled_actions", "actions in one scheduled block", 10, 10,
      CRM_ERROR },
    { "rule_functions", "functions in one rule", 6, 0, CRM_WARNING },
    { "rule_webhooks", "webhooks in one rule", 6, 0, CRM_WARNING },
    { "assignees", "entries in one assign_to", 5, 5, CRM_ERROR },
    { "entry_criteria", "criteria in one assignment entry", 25, 0,
      CRM_ERROR },
    { "locking_rules", "locking rules in one module", CRM_MAX_LOCK_RULES,
      CRM_MAX_LOCK_RULES, CRM_ERROR },
    { "lock_excluded_profiles", "excluded profiles of one lock",
      CRM_MAX_LOCK_PROFILES, CRM_MAX_LOCK_PROFILES, CRM_ERROR },
    { "excluded_fields", "excluded fields of one lock", CRM_MAX_LOCK_FIELDS,
      CRM_MAX_LOCK_FIELDS, CRM_ERROR },
    { "scoring_field_rules", "field rules in one scoring rule", 50, 50,
      CRM_ERROR },
    { "module_workflow_rules", "workflow rules of one module", 0, 0,
      CRM_ERROR },
    { "module_scoring_rules", "scoring rules of one module", 10, 0,
      CRM_ERROR },
    { "module_blueprints", "blueprints of one module", 0, 0, CRM_ERROR },
    { "schedules", "schedules that are on", 10, 0, CRM_ERROR }
};


static int limit_find(const char *name);
static const char *limit_nearest(const char *name);


const crm_analysis_limit_row_t *
crm_analysis_limit_rows(void)
{
    return rows;
}


void
crm_analysis_limits_init(crm_analysis_limits_t *limits)
{
    size_t  i;

    memset(limits, 0, sizeof(crm_analysis_limits_t));

    for (i = 0; i < CRM_ANALYSIS_LIMITS; i++) {
        limits->value[i] = rows[i].usual;
    }
}


void
crm_analysis_limits_read(crm_analysis_limits_t *limits, const json_t *json,
    crm_findings_t *findings)
{
    int          i;
    json_t      *value;
    long long    n;
    const char  *name, *near;

    json_object_foreach((json_t *) json, name, value) {
        i = limit_find(name);

        if (i < 0) {
            near = limit_nearest(name);
            crm_findings_add(findings, CRM_ERROR, 0, name, 1, "unknown_key",
                             near, near ? "there is no limit \"%s\", did you"
                             " mean \"%s\"?" : "there is no limit \"%s\"",
                             name, near);
            continue;
        }

        n = json_is_null(value) ? rows[i].most : json_integer_value(value);

        if (!json_is_null(value) && (!json_is_integer(value) || n < 1
                                     || n > LIMIT_MOST))
        {
            crm_findings_add(findings, CRM_ERROR, 0, name, 0, "wrong_type",
                             NULL, "%s must be a whole number from 1 to %d,"
                             " or null for none", name, LIMIT_MOST);
            continue;
        }

        if (rows[i].most && n > rows[i].most) {
            crm_findings_add(findings, CRM_ERROR, 0, name, 0,
                             "limit_exceeded", NULL, "%s can be lowered only:"
                             " it is at most %lld", name, rows[i].most);
            continue;
        }

        limits->value[i] = n;
        limits->given[i] = 1;
    }
}


static int
limit_find(const char *name)
{
    int  i;

    for (i = 0; i < CRM_ANALYSIS_LIMITS; i++) {
        if (strcmp(name, rows[i].name) == 0) {
            return i;
        }
    }

    return -1;
}


static const char *
limit_nearest(const char *name)
{
    size_t       i;
    const char  *names[CRM_ANALYSIS_LIMITS + 1];

    for (i = 0; i < CRM_ANALYSIS_LIMITS; i++) {
        names[i] = rows[i].name;
    }

    names[i] = NULL;

    return crm_shape_nearest(name, names);
}
