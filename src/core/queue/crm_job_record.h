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

#endif
