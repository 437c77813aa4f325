/*
 * Who owns a record now is told so: the mail that follows an assign_owner.
 *
 * It is a part of the job, pushed as the job ends: none before the CRM has
 * taken the owner, and none twice.
 */

#ifndef CRM_WORKER_RECORD_TELL_H
#define CRM_WORKER_RECORD_TELL_H

#include "crm_worker_record_job.h"

#include "rules/crm_ruleset.h"


/*
 * If the job's action has a notify, makes that mail the one part of job, to
 * the owner as rules know him; who cannot be reached is a part that ends at
 * once, visibly. rules may be NULL: nobody is known. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_worker_record_tell(crm_worker_job_t *job,
    const crm_worker_record_job_t *record, const crm_ruleset_t *rules);

#endif
