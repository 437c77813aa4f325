/*
 * A job that writes a record, read: what is to be written, and by whose leave.
 */

#ifndef CRM_WORKER_RECORD_JOB_H
#define CRM_WORKER_RECORD_JOB_H

#include "crm_worker_job.h"

#include "record/crm_dialect_write.h"
#include "state/crm_chain.h"


/* Users who take turns: no group has more. */
#define CRM_WORKER_RECORD_MAX_TURNS  1000

/* Borrows from the job. */
typedef struct {
    crm_dialect_write_t  write;
    crm_chain_t          chain;         /* of the write: one deeper */
    crm_str_t            turn;          /* whose turns; empty: none to take */
    crm_span_t           users;         /* who take them, a list of ids */
    size_t               n_users;
    int                  late_owner;    /* the record's owner is to be asked */
    crm_str_t            happened;      /* no write: an event of that name has
                                           happened to it; else empty */
} crm_worker_record_job_t;


/*
 * Reads a parsed job of one of the types that write records. A foreign one
 * gets a chain that starts nothing and passes no lock, whatever it says.
 * CRM_EINVAL with a sentence; CRM_ENOMEM.
 */
crm_status_t crm_worker_record_job(crm_worker_record_job_t *record,
    crm_worker_job_t *job, crm_error_t *err);

/* The n-th of those who take turns; empty: it is no text. data is NULL without
 * memory. */
crm_str_t crm_worker_record_user(const crm_worker_record_job_t *record,
    size_t n, crm_pool_t *pool);

/*
 * The job with its owner filled in and nothing late any more, for the attempts
 * to come; empty when it is not written as ours are. data is NULL without
 * memory.
 */
crm_str_t crm_worker_record_render(const crm_worker_job_t *job,
    crm_str_t owner);

#endif
