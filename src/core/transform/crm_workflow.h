/*
 * Workflow rules: which of them a write starts.
 *
 * Step 5 (transform). All rules see the same after-image: the before-image
 * with the request laid over it, never each other's updates. Of each rule the
 * first condition that matches is the one that counts. Rules that a score
 * starts come last, and see the record that it was counted of.
 */

#ifndef CRM_WORKFLOW_H
#define CRM_WORKFLOW_H

#include "decide/crm_write.h"
#include "rules/crm_process.h"


/* A rule that a write starts, in the order in which they run. */
typedef struct {
    const crm_workflow_t   *rule;
    const crm_condition_t  *condition;
    const crm_scheduled_t  *block;      /* of its actions one that waits; NULL:
                                           the instant ones */
    long long               due_ms;     /* then: when it is due */
    crm_process_t           process;    /* of a process' actions: of which
                                           kind; rule and condition stand for
                                           it, see crm_effects.h */
    crm_stage_t             stage;      /* then: of its lists this one */
} crm_fired_t;

/*
 * Why a rule does not fire, for those who ask: the closed list of reasons, in
 * the order in which they are looked for. docs/rules.md says what each means.
 * crm_workflow_judge() yields the first eight; crm_why.h the others as well.
 */
typedef enum {
    CRM_FIRES = 0,
    CRM_NOT_INACTIVE,           /* inactive */
    CRM_NOT_TRIGGER,            /* trigger_mismatch */
    CRM_NOT_SUPPRESSED,         /* suppressed_by_trigger_param */
    CRM_NOT_LOOP,               /* loop_stopped */
    CRM_NOT_CHANGED,            /* field_not_changed */
    CRM_NOT_ONCE,               /* already_fired_once */
    CRM_NOT_CRITERIA,           /* criteria_false */
    CRM_NOT_FIELD,              /* unknown_field */
    CRM_NOT_SHADOWED,           /* shadowed_by_condition: of a condition */
    CRM_NOT_LOCK,               /* lock_denied */
    CRM_NOT_END
} crm_fires_t;

/* "fires", or the reason. */
const char *crm_fires_name(crm_fires_t why);

/* The reason of that name; CRM_DECLINED if the list has none. */
crm_status_t crm_fires_find(crm_fires_t *why, crm_str_t name);


/* The rules that write starts; *fired lives in the write's pool. */
crm_status_t crm_workflow_match(crm_write_t *write, crm_fired_t **fired,
    size_t *count);

/*
 * Behind the field updates of those: the rules that the scores of write start,
 * behind those that are there already. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_workflow_scored(crm_write_t *write, crm_fired_t **fired,
    size_t *count);

/*
 * Judges one rule as crm_workflow_match() does, and says why it does not fire.
 * *condition is set when it does. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_workflow_judge(crm_write_t *write,
    const crm_workflow_t *rule, crm_fires_t *why,
    const crm_condition_t **condition);

/* The record that criteria of rule look at. */
crm_eval_t *crm_workflow_eval(crm_write_t *write, const crm_workflow_t *rule);

#endif
