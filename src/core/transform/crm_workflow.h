/*
 * Workflow rules: which of them a write starts.
 *
 * Step 5 (transform). All rules see the same after-image: the before-image
 * with the request laid over it, never each other's updates. Of each rule the
 * first condition that matches is the one that counts.
 */

#ifndef CRM_WORKFLOW_H
#define CRM_WORKFLOW_H

#include "decide/crm_write.h"


/* A rule that a write starts, in the order in which they run. */
typedef struct {
    const crm_workflow_t   *rule;
    const crm_condition_t  *condition;
} crm_fired_t;

/* Why a rule does not fire, for those who ask. */
typedef enum {
    CRM_FIRES = 0,
    CRM_NOT_INACTIVE,
    CRM_NOT_TRIGGER,            /* trigger_mismatch */
    CRM_NOT_CHANGED,            /* field_not_changed */
    CRM_NOT_ONCE,               /* already_fired_once */
    CRM_NOT_CRITERIA,           /* criteria_false */
    CRM_NOT_SUPPRESSED          /* suppressed_by_trigger_param */
} crm_fires_t;

const char *crm_fires_name(crm_fires_t why);


/* The rules that write starts; *fired lives in the write's pool. */
crm_status_t crm_workflow_match(crm_write_t *write, crm_fired_t **fired,
    size_t *count);

/*
 * Judges one rule as crm_workflow_match() does, and says why it does not fire.
 * *condition is set when it does. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_workflow_judge(crm_write_t *write,
    const crm_workflow_t *rule, crm_fires_t *why,
    const crm_condition_t **condition);

#endif
