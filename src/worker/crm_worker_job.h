/*
 * A job that this worker holds: its text, taken apart in place, and its lease.
 *
 * The text is read with the scanner of records, not into a tree: the record
 * inside may be large, and its numbers are nobody's business here.
 */

#ifndef CRM_WORKER_JOB_H
#define CRM_WORKER_JOB_H

#include "base/crm_pool.h"
#include "record/crm_scan.h"
#include "state/crm_cmd.h"
#include "state/crm_take.h"


typedef struct crm_worker_job_s  crm_worker_job_t;

typedef struct {
    crm_span_t  name;
    crm_span_t  value;
} crm_worker_job_member_t;

struct crm_worker_job_s {
    crm_worker_job_t  *next;        /* of the one who holds it */
    crm_worker_job_t  *prev;
    void              *owner;       /* of the same one */
    void              *run;         /* of crm_worker_dispatch.c */
    crm_pool_t        *pool;        /* this and all below live in it */

    crm_str_t          org;
    crm_lease_t        lease;       /* its id is the job's */
    long long          attempts;    /* with a result, before this one */
    int                foreign;
    crm_queue_t        queue;       /* its class */
    long long          sequence;    /* grows from job to job */
    crm_str_t          body;

    /* from the body; empty strings for what it lacks */
    crm_str_t          type;
    crm_str_t          module;
    crm_str_t          record_id;
    crm_str_t          rule;
    crm_str_t          event;
    long long          enqueued_ms; /* when the event was; 0: not said */
    crm_span_t         root;        /* the job, and in it */
    crm_span_t         action;      /* an object */
    crm_worker_job_member_t  *members;      /* of the action */
    size_t                    n_members;
    int                waits;       /* crm_worker_due.h says what it is */

    crm_str_t          rendered;    /* takes its body's place at a retry: what
                                       it lacked is known now; or empty */

    /* of an outcome SPLIT what becomes of it, of others what follows from its
     * end: one at most where it is dead */
    crm_queue_t        parts_queue;
    crm_cmd_part_t    *parts;
    size_t             parts_count;
};


/* A copy of what take gave out, not yet parsed; NULL without memory. */
crm_worker_job_t *crm_worker_job_create(crm_str_t org,
    const crm_job_t *leased);

void crm_worker_job_destroy(crm_worker_job_t *job);

/* Fills what comes from the body. CRM_EINVAL with a sentence: it is no job. */
crm_status_t crm_worker_job_parse(crm_worker_job_t *job, crm_error_t *err);

/* A member of the action, or a span of CRM_JSON_NONE. */
crm_span_t crm_worker_job_member(const crm_worker_job_t *job,
    const char *member);

/*
 * A member of the action as text. CRM_DECLINED: absent or null. CRM_EINVAL
 * with a sentence: of another type.
 */
crm_status_t crm_worker_job_text(crm_str_t *text, const crm_worker_job_t *job,
    const char *member, crm_error_t *err);

#endif
