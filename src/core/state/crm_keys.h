/*
 * The names of everything we keep in Redis; nothing else writes a key.
 *
 * Every key of an organisation is crm:{ORG}:…, the braces literal: one hash
 * tag, one slot, so that a script may touch them together. docs/redis.md says
 * what each holds, who writes it, who reads it and when it ends.
 *
 * Each function returns a string in pool, followed by a zero byte, or one
 * whose data is NULL without memory. org must have passed crm_org_valid().
 */

#ifndef CRM_KEYS_H
#define CRM_KEYS_H

#include "base/crm_pool.h"


/* The set of all organisations: the one key without a hash tag, therefore
 * never handed to a script together with others. */
#define CRM_KEY_ORGS  CRM_STR("crm:orgs")


/* The entrances, and the classes of the jobs that come in by them. */
typedef enum {
    CRM_QUEUE_WEBHOOKS = 0,
    CRM_QUEUE_EMAILS,
    CRM_QUEUE_RECORDS,
    CRM_QUEUE_FUNCTIONS,
    CRM_QUEUE_SCORES            /* in the background: no commit pushes there */
} crm_queue_t;

#define CRM_QUEUE_COUNT  5


/* A record as Redis names it: MODULE/ID. */
typedef struct {
    crm_str_t  module;
    crm_str_t  id;
} crm_record_name_t;


/* Does org match [A-Za-z0-9_.-]{1,64}? Everything else would be no key. */
int crm_org_valid(crm_str_t org);

/* "webhooks", "emails", "records", "functions", "scores"; never NULL. */
const char *crm_queue_name(crm_queue_t queue);

/* Sets *queue; CRM_DECLINED when no queue has that name. */
crm_status_t crm_queue_parse(crm_queue_t *queue, crm_str_t name);

/* Rules and the processes that run them. */
crm_str_t crm_key_epoch(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_accepted(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_revision(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_revisions(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_rules(crm_pool_t *pool, crm_str_t org, long long revision);
crm_str_t crm_key_processes(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_presence(crm_pool_t *pool, crm_str_t org);

/* How far counting scores anew has come, by module; the updates that came of
 * it and have not ended. */
crm_str_t crm_key_scores(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_scoring(crm_pool_t *pool, crm_str_t org, crm_str_t module);

/* Records and the writes that are under way. */
crm_str_t crm_key_busy(crm_pool_t *pool, crm_str_t org,
    crm_record_name_t record);
crm_str_t crm_key_record(crm_pool_t *pool, crm_str_t org,
    crm_record_name_t record);
crm_str_t crm_key_snapshot(crm_pool_t *pool, crm_str_t org,
    crm_record_name_t record);

/*
 * The first two of many records, one after the other: what stands before the
 * ids is put together once for those of one CRM module. CRM_OK or CRM_ENOMEM.
 */
typedef struct {
    crm_pool_t  *pool;
    crm_str_t    org;
    crm_str_t    module;        /* that of the heads; data NULL: none */
    crm_str_t    busy_head;
    crm_str_t    record_head;
    crm_str_t    busy;          /* of the record that was asked for */
    crm_str_t    record;
} crm_key_pair_t;

void crm_key_pair_init(crm_key_pair_t *keys, crm_pool_t *pool, crm_str_t org);
crm_status_t crm_key_pair_make(crm_key_pair_t *keys,
    crm_record_name_t record);

crm_str_t crm_key_intents(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_approvals(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_intent(crm_pool_t *pool, crm_str_t org, crm_str_t event);
crm_str_t crm_key_undetermined(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_settled(crm_pool_t *pool, crm_str_t org, crm_str_t event);
crm_str_t crm_key_trace(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_chain(crm_pool_t *pool, crm_str_t org, crm_str_t job);
crm_str_t crm_key_effects(crm_pool_t *pool, crm_str_t org, crm_str_t job);

/* What a function that somebody waits for has returned. */
crm_str_t crm_key_answer(crm_pool_t *pool, crm_str_t org, crm_str_t job);

/* What scripts have set variables to. */
crm_str_t crm_key_variables(crm_pool_t *pool, crm_str_t org);

/* Schedules: all there are, one of them, the audit of their runs; what
 * functions told. */
crm_str_t crm_key_schedules(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_schedule(crm_pool_t *pool, crm_str_t org, crm_str_t id);
crm_str_t crm_key_scheduled(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_runs(crm_pool_t *pool, crm_str_t org);

/* Jobs. ready's endpoint is empty for classes that know none. */
crm_str_t crm_key_queue(crm_pool_t *pool, crm_str_t org, crm_queue_t queue);
crm_str_t crm_key_own(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_pulls(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_batch(crm_pool_t *pool, crm_str_t org, crm_str_t batch);
crm_str_t crm_key_fresh(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_job(crm_pool_t *pool, crm_str_t org, crm_str_t id);
crm_str_t crm_key_ready(crm_pool_t *pool, crm_str_t org, crm_queue_t queue,
    crm_str_t endpoint);
crm_str_t crm_key_ring(crm_pool_t *pool, crm_str_t org, crm_queue_t queue);
crm_str_t crm_key_inflight(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_turn(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_turns(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_lease(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_delayed(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_dead(crm_pool_t *pool, crm_str_t org);

/* How endpoints do: an index, and what is known of one by its hash. */
crm_str_t crm_key_health(crm_pool_t *pool, crm_str_t org);
crm_str_t crm_key_health_of(crm_pool_t *pool, crm_str_t org, crm_str_t hash);

/* day is a Redis UTC date as YYYYMMDD. */
crm_str_t crm_key_done(crm_pool_t *pool, crm_str_t org, crm_str_t day);

/* Ids of mails; day is a date of the organisation's as YYYYMMDD. */
crm_str_t crm_key_mailed(crm_pool_t *pool, crm_str_t org, crm_str_t day);
crm_str_t crm_key_stats(crm_pool_t *pool, crm_str_t org);

#endif
