/*
 * A job that is an errand between Redis and the backend, by the rules of now:
 * one question under way at a time, and an outcome at the end.
 *
 *   begin -> ask or send -> the answer's step -> ask or send -> ... -> done
 *                  \
 *                   cancel: the question is forgotten, nobody is told
 *
 * A step returns 1: something is under way; or 0: the errand ends here, and
 * *outcome says how. From begin until its end the errand holds the revision
 * that was current then, and what the backend borrows from it: a newer one that
 * comes meanwhile judges the next errand.
 */

#ifndef CRM_WORKER_ERRAND_H
#define CRM_WORKER_ERRAND_H

#include "crm_worker_ask.h"
#include "crm_worker_backend.h"
#include "crm_worker_dispatch.h"
#include "crm_worker_fetch.h"

#include "record/crm_dialect_write.h"


/* A step: the first; behind an answer of the backend, which lies in
 * errand->answer; behind one of Redis. */
typedef int (*crm_worker_errand_step_pt)(void *data,
    crm_worker_outcome_t *outcome);
typedef int (*crm_worker_errand_told_pt)(void *data,
    const crm_reply_t *reply, crm_worker_outcome_t *outcome);

/* Lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_org_t             *org;
    crm_worker_http_done_pt       done;         /* who is told the end, and */
    void                         *done_data;    /* his */
    const char                   *waits;        /* class of ..._again() */
    void                         *data;         /* of the steps */

    crm_worker_revision_t        *revision;     /* held; the current one */
    crm_worker_backend_t          backend;      /* of that revision */
    crm_worker_answer_t           answer;
    crm_worker_http_call_t       *call;         /* under way, one of */
    crm_worker_ask_t             *ask;          /* the two; and whose */
    crm_worker_errand_step_pt     answered;     /* answer it is */
    crm_worker_errand_told_pt     told;
} crm_worker_errand_t;


/* With what a deliverer is started with; waits is the class of outcomes after
 * which it is begun again, data is what steps are given. */
void crm_worker_errand_init(crm_worker_errand_t *errand,
    crm_worker_dispatch_tools_t *tools, crm_worker_job_t *job,
    crm_worker_http_done_pt done, void *done_data, const char *waits,
    void *data);

/* Holds what is current and takes the first step. 0: nothing is held, and
 * *outcome is the end, which done is not told. */
int crm_worker_errand_begin(crm_worker_errand_t *errand,
    crm_worker_errand_step_pt first, crm_worker_outcome_t *outcome);

/* Forgets what is under way and lets go. */
void crm_worker_errand_cancel(crm_worker_errand_t *errand);

/* Asks Redis; pool, which may be NULL without memory, is gone either way.
 * Redis that does not answer, or cannot be asked, is asked again later. */
int crm_worker_errand_ask(crm_worker_errand_t *errand, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_errand_told_pt told,
    crm_worker_outcome_t *outcome);

/*
 * Asks the backend, within the time that recovery takes for it; answers are at
 * most max_answer long. The request's path follows the base URL, its body may
 * have no data. One that fails is an attempt that failed.
 */
int crm_worker_errand_send(crm_worker_errand_t *errand,
    const crm_dialect_request_t *asked, size_t max_answer,
    crm_worker_errand_step_pt answered, crm_worker_outcome_t *outcome);

/*
 * Ends, each of which returns 0: an outcome; no attempt was made, and it is
 * begun again in a second, or in what the caller makes of outcome->busy_ms; the
 * backend's answer is not what ("the record") it was asked for.
 */
int crm_worker_errand_end(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);
int crm_worker_errand_again(crm_worker_outcome_t *outcome, const char *waits,
    const char *why);
int crm_worker_errand_strange(const crm_worker_errand_t *errand,
    crm_worker_outcome_t *outcome, const char *what);

#endif
