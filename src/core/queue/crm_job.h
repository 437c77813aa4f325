/*
 * A job: what a worker is to do, complete and immutable, and its id.
 */

#ifndef CRM_JOB_H
#define CRM_JOB_H

#include "queue/crm_event.h"


#define CRM_JOB_ID_LEN  26

/*
 * The id of an action of an event: lower-case base32 of SHA-256 over event,
 * rule, revision, condition, action and record id, joined by line feeds, its
 * first 26 characters. The same write always gives the same ids: retries and
 * recovery cannot make an effect twice. Followed by a zero byte.
 */
crm_str_t crm_job_id(char id[CRM_JOB_ID_LEN + 1], const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action);

/* Writes the job of a webhook, its request rendered. */
crm_status_t crm_job_webhook(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id);

#endif
