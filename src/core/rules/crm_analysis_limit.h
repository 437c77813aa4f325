/*
 * Limits that are counted in documents: a table, and what an organisation
 * sets instead.
 *
 * What the core itself cannot exceed (crm_limits.h) can only be lowered here.
 * Limits that an organisation sets are errors; of those that are usual some
 * are warnings, because the vendor's own sources differ.
 */

#ifndef CRM_ANALYSIS_LIMIT_H
#define CRM_ANALYSIS_LIMIT_H

#include <jansson.h>

#include "rules/crm_finding.h"


typedef enum {
    CRM_ANALYSIS_CONDITIONS = 0,
    CRM_ANALYSIS_INSTANT_ACTIONS,
    CRM_ANALYSIS_INSTANT_EMAILS,
    CRM_ANALYSIS_INSTANT_TASKS,
    CRM_ANALYSIS_INSTANT_FIELD_UPDATES,
    CRM_ANALYSIS_INSTANT_FUNCTIONS,
    CRM_ANALYSIS_INSTANT_WEBHOOKS,
    CRM_ANALYSIS_INSTANT_RECORDS,
    CRM_ANALYSIS_SCHEDULED_BLOCKS,
    CRM_ANALYSIS_SCHEDULED_ACTIONS,
    CRM_ANALYSIS_RULE_FUNCTIONS,
    CRM_ANALYSIS_RULE_WEBHOOKS,
    CRM_ANALYSIS_ASSIGNEES,
    CRM_ANALYSIS_ENTRY_CRITERIA,
    CRM_ANALYSIS_LOCK_RULES,
    CRM_ANALYSIS_LOCK_PROFILES,
    CRM_ANALYSIS_LOCK_FIELDS,
    CRM_ANALYSIS_SCORE_RULES,
    CRM_ANALYSIS_MODULE_RULES,
    CRM_ANALYSIS_MODULE_SCORING,
    CRM_ANALYSIS_MODULE_BLUEPRINTS,
    CRM_ANALYSIS_SCHEDULES,
    CRM_ANALYSIS_LIMITS
} crm_analysis_limit_t;

typedef struct {
    const char      *name;
    const char      *counts;        /* "conditions in one rule" */
    long long        usual;         /* 0: none */
    long long        most;          /* that the core takes, or 0 */
    crm_severity_t   severity;      /* of the usual one */
} crm_analysis_limit_row_t;

typedef struct {
    long long  value[CRM_ANALYSIS_LIMITS];      /* 0: none */
    int        given[CRM_ANALYSIS_LIMITS];
} crm_analysis_limits_t;


const crm_analysis_limit_row_t *crm_analysis_limit_rows(void);

/* The usual ones. */
void crm_analysis_limits_init(crm_analysis_limits_t *limits);

/*
 * Sets what json, a map of names to numbers or null for none, says. What is
 * wrong with it becomes findings of object 0 with paths in json.
 */
void crm_analysis_limits_read(crm_analysis_limits_t *limits,
    const json_t *json, crm_findings_t *findings);

#endif
