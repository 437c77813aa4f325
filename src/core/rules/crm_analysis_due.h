/*
 * Dates that rules write: can a rule be due for one again and again?
 */

#ifndef CRM_ANALYSIS_DUE_H
#define CRM_ANALYSIS_DUE_H

#include "rules/crm_analysis_model.h"


typedef enum {
    CRM_ANALYSIS_DUE_NEVER = 0,
    CRM_ANALYSIS_DUE_TODAY,         /* on the same day at the latest */
    CRM_ANALYSIS_DUE_LATER
} crm_analysis_due_t;


/*
 * When a rule with that trigger is due, at the latest, for a date that was
 * written as value (of a field update) just now. A constant lies behind us one
 * day, and what stays as it is moves no timer: NEVER. What another field holds
 * is not known: LATER, unless still says that it is a copy of what stands
 * still.
 */
crm_analysis_due_t crm_analysis_due(const crm_date_trigger_t *trigger,
    const json_t *value, int still);

/* The same for what the CRM sets itself when it creates a record: now. */
crm_analysis_due_t crm_analysis_due_created(
    const crm_date_trigger_t *trigger);

/* Whether value follows the time: a text with a token of it. */
int crm_analysis_due_moves(const json_t *value);

#endif
