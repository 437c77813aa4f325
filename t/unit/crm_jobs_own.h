/*
 * Jobs in a Redis of the test's own: pushed, taken and settled as the worker
 * does it. For one test program: the state is static.
 */

#ifndef CRM_JOBS_OWN_H
#define CRM_JOBS_OWN_H

#include "crm_redis_own.h"

#include "state/crm_take.h"


#define LEASE_MS  60000

#define QUEUE     "crm:{t1}:queue:webhooks"
#define DEAD      "crm:{t1}:dead"

static const crm_cmd_class_t  webhooks[] = { { CRM_QUEUE_WEBHOOKS, 100 } };
static const crm_cmd_class_t  all[] = {
    { CRM_QUEUE_RECORDS, 100 }, { CRM_QUEUE_FUNCTIONS, 100 },
    { CRM_QUEUE_EMAILS, 100 }, { CRM_QUEUE_WEBHOOKS, 100 }
};


/* A job of that id for that receiver. */
static inline const char *
job(const char *id, const char *url)
{
    return crm_pool_printf(pool, "{\"v\":1,\"id\":\"%s\",\"type\":\"webhooks\","
                           "\"org\":\"t1\",\"action\":{\"url\":\"%s\"}}",
                           id, url).data;
}


static inline void
push(const char *queue, const char *text)
{
    crm_error_t   err;
    crm_reply_t  *reply;

    assert_int_equal(crm_store_command(store, pool, &reply, &err, 3,
                                       CRM_STR("RPUSH"), crm_strz(queue),
                                       crm_strz(text)), CRM_OK);
}


static inline crm_take_t
take_at_rate(const crm_cmd_class_t *classes, size_t n_classes, long long max,
    long long lease_ms, long long rate)
{
    crm_take_t      take;
    crm_error_t     err;
    crm_cmd_take_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.classes = classes;
    in.n_classes = n_classes;
    in.max_jobs = max;
    in.max_move = CRM_TAKE_MOVE_MAX;
    in.lease_ttl_ms = lease_ms;
    in.endpoint_limit = CRM_TAKE_ENDPOINT_LIMIT;
    in.endpoint_rate = rate;
    assert_int_equal(crm_take_parse(&take, run(crm_cmd_take(pool, &in)), pool,
                                    &err), CRM_OK);
    return take;
}

#define take_from(classes, n, max, lease_ms) \
    take_at_rate(classes, n, max, lease_ms, 0)
#define take(max)  take_from(webhooks, 1, max, LEASE_MS)


/* A single job, taken. */
static inline crm_job_t
taken(const char *id)
{
    crm_take_t  got;

    push(QUEUE, job(id, "http://a.example/"));
    got = take(1);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, id));
    return got.jobs[0];
}


/* What the last settled() told of the endpoint. */
static crm_str_t  told;


static inline crm_settle_t
settled(const crm_cmd_t *cmd)
{
    crm_error_t   err;
    crm_settle_t  settle;

    assert_int_equal(crm_take_settled(&settle, &told, run(cmd), &err), CRM_OK);
    return settle;
}

#define dead(lease, why)  dead_of(lease, why, CRM_HEALTH_UNKNOWN)
#define retry(lease, delay_ms, body) \
    retry_of(lease, delay_ms, body, CRM_HEALTH_UNKNOWN)


static inline crm_settle_t
done(crm_lease_t lease)
{
    int          held;
    crm_error_t  err;

    assert_int_equal(crm_take_held(&held, 1,
                                   run(crm_cmd_done(pool, ORG, &lease, 1)),
                                   &err), CRM_OK);
    return held ? CRM_SETTLE_OK : CRM_SETTLE_STALE;
}


static inline crm_settle_t
dead_of(crm_lease_t lease, const char *why, crm_health_t health)
{
    crm_cmd_dead_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.lease = lease;
    in.attempts = 3;
    in.reason = crm_strz(why);
    in.health = health;
    return settled(crm_cmd_dead(pool, &in));
}


static inline crm_settle_t
retry_of(crm_lease_t lease, long long delay_ms, const char *body,
    crm_health_t health)
{
    crm_cmd_retry_t  in;

    in.org = ORG;
    in.lease = lease;
    in.delay_ms = delay_ms;
    in.attempts = 1;
    in.body = crm_strz(body);
    in.error = CRM_STR("HTTP 500");
    in.health = health;
    return settled(crm_cmd_retry(pool, &in));
}


static inline crm_reaped_t
reap(void)
{
    crm_error_t   err;
    crm_reaped_t  reaped;

    assert_int_equal(crm_take_reaped(&reaped,
                                     run(crm_cmd_reap(pool, ORG, 0, 0,
                                                      LEASE_MS)), &err),
                     CRM_OK);
    return reaped;
}


static inline crm_promoted_t
promote(void)
{
    crm_error_t     err;
    crm_promoted_t  promoted;

    assert_int_equal(crm_take_promoted(&promoted,
                                       run(crm_cmd_promote(pool, ORG)), &err),
                     CRM_OK);
    return promoted;
}

#endif
