/*
 * A job: what a worker is to do, complete and immutable, and its id.
 *
 * Which actions become jobs, and who writes each: crm_job_type.h.
 */

#ifndef CRM_JOB_H
#define CRM_JOB_H

#include "queue/crm_event.h"


#define CRM_JOB_ID_LEN  26


/* What only the backend can tell, for the worker to ask before it begins. */
typedef struct {
    int  owner;                     /* of the record */
} crm_job_late_t;

/* What is told of the event's record where jobs ask for more than the event
 * knows. */
typedef struct {
    crm_late_t          *late;      /* told what is lacking */
    const crm_record_t  *record;    /* instead of the event's; or NULL */
    crm_str_t            json;      /* likewise */
} crm_job_told_t;

/* What the action of a job is written from. */
typedef struct {
    const crm_event_t   *event;     /* finished */
    const crm_fired_t   *fired;
    const crm_action_t  *action;
    crm_str_t            id;        /* of the job */
    crm_str_t            record;    /* JSON: the record, or null */
    crm_merge_t          merge;     /* what templates are filled from */
    crm_job_late_t      *late;      /* set by who writes the action */
    crm_pool_t          *pool;      /* of the write */
} crm_job_source_t;


/*
 * The id of an action of an event: lower-case base32 of SHA-256 over event,
 * rule, revision, condition, action (2, or 1.2 of a scheduled block, or
 * submit.2 of a process) and record id, joined by line feeds, its first 26
 * characters. The same write always gives the same ids: retries and recovery
 * cannot make an effect twice. Followed by a zero byte.
 */
crm_str_t crm_job_id(char id[CRM_JOB_ID_LEN + 1], const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action);

/*
 * Why an action of a rule that fired becomes no job all the same, or NULL: of
 * those that give the record an owner at once the first alone counts; and a
 * related record may not be there.
 */
const char *crm_job_is_skipped(const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action);

/* Writes the job of an action that crm_job_type() knows (else CRM_DECLINED):
 * CRM_OK, or as buf and the pool fail. told may be NULL: all is known. */
crm_status_t crm_job_encode(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id,
    const crm_job_told_t *told);

/* How every job begins; texts without data are left out. */
typedef struct {
    const char  *type;
    crm_str_t    id;
    crm_str_t    event;
    crm_str_t    org;
    crm_str_t    module;
    crm_str_t    record_id;
    crm_str_t    rule;
} crm_job_head_t;

/* Opens the object: what comes next begins with a comma. */
void crm_job_begin(crm_buf_t *buf, const crm_job_head_t *head);

/* Parts of it, for jobs whose action is not known yet (crm_waiting.h): fills
 * *source; what stands before the action and behind it. */
void crm_job_source(crm_job_source_t *source, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id);
void crm_job_head(crm_buf_t *buf, const crm_job_source_t *source);
void crm_job_tail(crm_buf_t *buf, const crm_job_source_t *source);

/*
 * The rows of crm_job_type.c: each writes the members of the job's "action",
 * without its braces, all values merged. What cannot be made well is a member
 * "refused" with a sentence: the worker ends such a job, visibly. CRM_OK or
 * CRM_ENOMEM (buf's own status counts too).
 */
crm_status_t crm_job_webhook(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_update(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_tags(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_create(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_task(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_owner(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_email(crm_buf_t *buf, const crm_job_source_t *source);
crm_status_t crm_job_function(crm_buf_t *buf, const crm_job_source_t *source);

#endif
