/*
 * Counting anew what all stored records of a module are worth, in the
 * background: a job that goes from page to page.
 *
 * The job scores:MODULE is
 *
 *   {"v":1,"id","type":"scores","org","module","action":{"name":"scores"},
 *    "run": ULID, "at": ms, "revision", "cursor", "last", "seen", "changed",
 *    "unknown", "restarts"}
 *
 * and holds where it stands, so that whoever takes it goes on there. Each page
 * is read from the backend in order of ids, its records' hashes from Redis. A
 * record whose fields do not hold what it is worth now gets a score_updates job
 * of its own, which nginx judges again under its lease; what Redis keeps is set
 * by the script that moves the job on (scripts/score_page.lua), where nobody
 * has written since it was read. Neither starts rules. Other rules than those
 * it began with make it begin again.
 *
 *     crm_score_run_parse(), crm_score_page_ask(), crm_score_page_read()
 *     crm_score_run_record()      of each record
 *     crm_score_run_encode(), crm_score_run_tell()
 */

#ifndef CRM_SCORE_RUN_H
#define CRM_SCORE_RUN_H

#include "queue/crm_event.h"


typedef struct {
    crm_str_t  id;
    crm_str_t  org;
    crm_str_t  module;
    crm_str_t  run;
    long long  at_ms;           /* when it began */
    long long  revision;        /* of the rules; 0: not begun */
    crm_str_t  cursor;          /* of the next page; empty: the first */
    crm_str_t  last;            /* id of the last record so far, or empty */
    long long  seen;
    long long  changed;
    long long  unknown;         /* records a score of which nobody can tell */
    long long  restarts;
} crm_score_run_t;

/* What becomes of a record. */
typedef struct {
    crm_str_t  id;
    crm_str_t  job_id;          /* of its update; empty: it needs none */
    crm_str_t  job;
    crm_str_t  record;          /* MODULE/ID */
    crm_str_t  had;             /* kept in Redis before, and */
    crm_str_t  keeps;           /* now; empty: it stays */
    int        unknown;
} crm_score_due_t;


/* "scores:MODULE"; data is NULL without memory. */
crm_str_t crm_score_run_id(crm_str_t module, crm_pool_t *pool);

/* Reads root, an object that outlives run. CRM_EINVAL with *err;
 * CRM_ENOMEM. */
crm_status_t crm_score_run_parse(crm_score_run_t *run, crm_span_t root,
    crm_pool_t *pool, crm_error_t *err);

/* The job; and what people are told of it, state being a word. */
void crm_score_run_encode(crm_buf_t *buf, const crm_score_run_t *run);
void crm_score_run_tell(crm_buf_t *buf, const crm_score_run_t *run,
    const char *state, long long now_ms);

/*
 * Counts a record, by rules, of which run->revision is that; due->id is set
 * already. CRM_OK or CRM_ENOMEM.
 */
typedef struct {
    const crm_ruleset_t  *rules;
    const crm_module_t   *module;
    const crm_record_t   *record;
    const crm_state_t    *state;
    const crm_dialect_t  *dialect;
    long long             now_ms;
} crm_score_now_t;

crm_status_t crm_score_run_record(crm_score_due_t *due,
    const crm_score_run_t *run, const crm_score_now_t *now,
    crm_pool_t *pool);

#endif
