/*
 * What a mail's job says: whether it is one mail or several, and whether it
 * can be sent at all.
 */

#ifndef CRM_WORKER_MAIL_SPLIT_H
#define CRM_WORKER_MAIL_SPLIT_H

#include "crm_worker_job.h"
#include "crm_worker_mime.h"
#include "crm_worker_outcome.h"


/*
 * CRM_DECLINED: the job is one mail to one recipient. Else *outcome says what
 * becomes of it: SPLIT with the parts in job, REFUSED, or FAILED without
 * memory. The parts have the job's id, "-" and a number, and carry neither
 * the record nor the before-image.
 */
crm_status_t crm_worker_mail_split(crm_worker_job_t *job,
    crm_worker_outcome_t *outcome);

/* The recipient of a job that crm_worker_mail_split() declined. */
crm_status_t crm_worker_mail_to(crm_str_t *to, const crm_worker_job_t *job,
    crm_error_t *err);

/* crm_worker_mail_file.c: attachments, and the address of Reply-To, where the
 * job has some. CRM_EINVAL with a sentence, CRM_ENOMEM. */
crm_status_t crm_worker_mail_files(crm_worker_mime_t *mime,
    const crm_worker_job_t *job, crm_error_t *err);
crm_status_t crm_worker_mail_reply(crm_worker_mime_t *mime,
    const crm_worker_job_t *job, crm_error_t *err);

/* Whether addresses are some, and the subject is a line: CRM_EINVAL with a
 * sentence. Fills in what may be missing. */
crm_status_t crm_worker_mail_check(crm_worker_mime_t *mime, crm_error_t *err);

#endif
