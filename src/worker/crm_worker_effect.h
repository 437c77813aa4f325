/*
 * What a function asks of the world: one effect, a request, an answer.
 *
 *   EFFECT {"name", "line", "args"} -> row by name -> request -> ANSWER, THROW
 *
 * Reads and writes of records go to the backend as the worker's own do: with
 * its credentials, the writes through the guarded location, signed, as user
 * automation. They start no rules unless the script says so by `trigger`.
 * invokeurl goes where a webhook may go. An effect's id is its job's and its
 * place in the run, so that a repeated run writes nothing twice.
 */

#ifndef CRM_WORKER_EFFECT_H
#define CRM_WORKER_EFFECT_H

#include "crm_worker_dispatch.h"
#include "crm_worker_frame.h"
#include "crm_worker_rules.h"

#include "rules/crm_ruleset.h"
#include "state/crm_chain.h"
#include "state/crm_cmd.h"


/* Requests of one run, and the longest answer to one. */
#define CRM_WORKER_EFFECT_CALLS   20
#define CRM_WORKER_EFFECT_ANSWER  (5 * 1024 * 1024)


typedef struct crm_worker_effect_s  crm_worker_effect_t;

/* How it ended. text lives in the effect's pool. */
typedef struct {
    crm_worker_frame_kind_t  kind;      /* ANSWER, THROW or LIMIT; 0: not now,
                                           the run ends and comes again */
    crm_str_t                text;
    int                      passing;   /* of THROW: may go well another time,
                                           and is not to be remembered */
    int64_t                  busy_ms;   /* of 0: when */
    crm_cmd_deed_t           deed;      /* of ANSWER: done when it is
                                           remembered */
} crm_worker_effect_end_t;

/* Called once, from the loop. */
typedef void (*crm_worker_effect_done_pt)(void *data,
    const crm_worker_effect_end_t *end);

/* Whose effects: of one run. Borrowed by each; who has the run lets go of
 * asked. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_chain_t                   chain;    /* of its writes */
    const crm_ruleset_t          *rules;    /* of its revision */
    crm_str_t                     name;     /* the function's */
    crm_worker_revision_t        *asked;    /* held: whose backend the last
                                               one asks; NULL: none */
    long long                     now_ms;   /* of the first attempt */
    unsigned                      calls;    /* made so far */
} crm_worker_effect_run_t;


/*
 * Starts the n-th effect of a run, from 0 on. text, the frame's, and pool live
 * until done. NULL with *end filled when it has ended at once.
 */
crm_worker_effect_t *crm_worker_effect_start(crm_worker_effect_run_t *run,
    size_t n, crm_str_t text, crm_pool_t *pool, crm_worker_effect_done_pt done,
    void *data, crm_worker_effect_end_t *end);

/* Ends it without calling done. */
void crm_worker_effect_cancel(crm_worker_effect_t *effect);

#endif
