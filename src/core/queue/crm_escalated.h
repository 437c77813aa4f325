/*
 * How far a record has been escalated, as the field CRM_STATE_ESCALATION of its
 * hash keeps it:
 *
 *     {"version": of the rule, "entry": 1.., "done": levels, "owner": who
 *      owned the record before the first of them, "since": ms or 0}
 *
 * since is when it came to match again, after it had not.
 */

#ifndef CRM_ESCALATED_H
#define CRM_ESCALATED_H

#include "rules/crm_escalation.h"
#include "state/crm_state.h"


typedef struct {
    crm_str_t   version;
    unsigned    entry;
    unsigned    done;
    crm_str_t   owner;
    long long   since_ms;
} crm_escalated_t;


/* As it stands in text for that entry of rule; of another entry or version no
 * more than since. What cannot be read is as if nothing were kept. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_escalated_read(crm_escalated_t *kept, crm_str_t text,
    const crm_escalation_t *rule, unsigned entry, crm_pool_t *pool);

crm_status_t crm_escalated_write(crm_str_t *text, const crm_escalated_t *kept,
    crm_pool_t *pool);

#endif
