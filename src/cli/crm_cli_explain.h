/*
 * A decision, for people: what was judged, what fired and why not, what
 * changes, which jobs would run.
 */

#ifndef CRM_CLI_EXPLAIN_H
#define CRM_CLI_EXPLAIN_H

#include <stdio.h>

#include "queue/crm_plan.h"


typedef struct {
    crm_event_t   event;            /* finished, unless it was refused */
    crm_plan_t    plan;             /* empty if it was refused */
    crm_str_t     forwarded;        /* the record as the backend gets it */
} crm_cli_decision_t;


/* CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_explain(crm_cli_decision_t *decision, FILE *out);

/*
 * The same for programs: the trace document with every rule, and in it
 * "record", the whole record after the write, and "jobs". Numbers stand as
 * they were written.
 */
crm_status_t crm_cli_explain_json(crm_cli_decision_t *decision, FILE *out);

#endif
