/*
 * The rules of a trace document: between crm_trace.c, which writes the whole,
 * and crm_trace_rule.c, which writes what became of each rule.
 */

#ifndef CRM_TRACE_RULE_H
#define CRM_TRACE_RULE_H

#include "queue/crm_event.h"


/* The members of the list "rules": those that fired, or all. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_trace_rule_fired(const crm_event_t *event, crm_buf_t *buf,
    const crm_cmd_job_t *jobs);
crm_status_t crm_trace_rule_all(const crm_event_t *event, crm_buf_t *buf);

/* ,"result": and ,"leaves": of criteria, as eval sees them: each leaf with
 * both sides and what it says. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_trace_rule_criteria(crm_buf_t *buf, const crm_module_t *module,
    crm_eval_t *eval, const crm_criteria_t *criteria);

/* ,"processes": what approvals, blueprints and assignment rules do; nothing
 * where they do nothing. */
void crm_trace_rule_steps(const crm_event_t *event, crm_buf_t *buf);

/* ,"field": or ,"name": of an action that has one. */
void crm_trace_rule_action(crm_buf_t *buf, const crm_action_t *action);

#endif
