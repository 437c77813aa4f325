/*
 * Mail: a job of type "email_notifications" becomes one mail a recipient.
 *
 * action is {name, from, to: [], subject, text|null, html|null, missed: []}.
 * A job of several recipients is split into jobs of one, so that each has its
 * own attempts and its own end; who was meant and could not be found (missed)
 * becomes a job that ends at once, with the reason. A job of one recipient is
 * counted against the organisation's day and handed to the relay.
 */

#ifndef CRM_WORKER_MAIL_H
#define CRM_WORKER_MAIL_H

#include "crm_worker_dispatch.h"


/* The vendor's: so many a day for each of the organisation's users. */
#define CRM_WORKER_MAIL_PER_USER  300

/* Above it a job is refused: what the core makes has no more. */
#define CRM_WORKER_MAIL_MAX_TO    1000

/* Of all parts of a mail: one script brings them, and Redis holds them. */
#define CRM_WORKER_MAIL_MAX_BYTES (16 * 1024 * 1024)


/* Whether there is a relay. */
int crm_worker_mail_able(const crm_worker_config_t *config);

/* As crm_worker_deliverer_t has them. */
void *crm_worker_mail_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_mail_cancel(void *call);

#endif
