/*
 * Jobs that write records: what they have in common.
 *
 * Private to the files crm_job_*.c.
 */

#ifndef CRM_JOB_RECORD_H
#define CRM_JOB_RECORD_H

#include "queue/crm_job.h"


/*
 * The one user that party stands for: its id, or empty for nobody (who is
 * inactive is nobody). late: the record's owner is asked for, whom neither the
 * request nor the stored record shows. A round robin is nobody: it takes a
 * turn. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_job_record_user(crm_str_t *id, int *late,
    const crm_job_source_t *source, const crm_party_t *party);

/* Whether an assign_owner of an escalation's level leads to nobody who is
 * active, as far as the rules can tell. */
int crm_job_owner_nobody(const crm_event_t *event,
    const crm_action_t *action);

#endif
