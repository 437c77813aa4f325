/*
 * A schedule's time has come.
 */

#include "crm_worker_tick.h"

#include "crm_worker_arm.h"
#include "crm_worker_log.h"

#include "queue/crm_job_schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


/* Until Redis is asked again. */
#define TICK_AGAIN_MS  1000


typedef struct tick_s  tick_t;

/* Outlives its job when that is given up while Redis is asked. */
typedef struct {
    tick_t  *tick;
} tick_asked_t;

/* Lives in the job's pool. */
struct tick_s {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_http_done_pt       done;
    void                         *data;
    tick_asked_t                 *asked;

    const crm_ruleset_t          *rules;
    const crm_schedule_t         *schedule; /* NULL: it is gone, or off */
    long long                     due_s;    /* 0: by hand */
    long long                     now_s;
    long long                     run_s;    /* which begins; -1: none */
    size_t                        missed;   /* and will not run */
    size_t                        behind;   /* that will */
    crm_cmd_tick_t                cmd;
};


static crm_status_t  tick_read(tick_t *t, crm_error_t *err);
static crm_status_t  tick_plan(tick_t *t);
static crm_status_t  tick_late(tick_t *t, const crm_recurrence_t *recurrence,
    crm_recurrence_span_t *span);
static crm_status_t  tick_next(tick_t *t, long long next_s);
static crm_status_t  tick_run(tick_t *t);
static crm_status_t  tick_note(crm_str_t *doc, tick_t *t, const char *status,
    long long due_s, size_t count);
static int   tick_send(tick_t *t);
static void  tick_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  tick_log(const tick_t *t, crm_tick_t what);
static void  tick_again(crm_worker_outcome_t *outcome, const char *why);


void *
crm_worker_tick_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    tick_t        *t;
    crm_error_t    err;
    crm_status_t   rc;

    t = crm_pool_calloc(job->pool, 1, sizeof(tick_t));

    if (t == NULL) {
        tick_again(outcome, "out of memory");
        return NULL;
    }

    t->tools = tools;
    t->job = job;
    t->done = done;
    t->data = data;
    t->rules = crm_worker_fetch_rules(job);

    if (t->rules == NULL) {
        tick_again(outcome, "the current rules are not known");
        return NULL;
    }

    rc = tick_read(t, &err);

    if (rc == CRM_EINVAL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return NULL;
    }

    if (rc == CRM_OK) {
        rc = tick_plan(t);
    }

    if (rc != CRM_OK || !tick_send(t)) {
        tick_again(outcome, rc != CRM_OK ? "out of memory"
                                         : "Redis cannot be asked");
        return NULL;
    }

    return t;
}


void
crm_worker_tick_cancel(void *call)
{
    tick_t  *t = call;

    t->asked->tick = NULL;
}


static crm_status_t
tick_read(tick_t *t, crm_error_t *err)
{
    char        id[CRM_SCHEDULE_ID_LEN + 1];
    crm_str_t   name;
    crm_span_t  due;

    if (t->job->foreign) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "only rules"
                             " have schedules");
    }

    if (crm_worker_job_text(&name, t->job, "name", err) != CRM_OK) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "action.name"
                             " must name a schedule");
    }

    due = crm_span_member(t->job->root, CRM_STR("due"));
    t->due_s = due.type == CRM_JSON_NUMBER
               ? strtoll(due.data, NULL, 10) / 1000 : 0;
    t->now_s = (long long) time(NULL);
    t->schedule = crm_ruleset_schedule(t->rules, name);

    if (t->schedule && t->schedule->off) {
        t->schedule = NULL;
    }

    t->cmd.org = t->job->org;
    t->cmd.lease = t->job->lease;
    t->cmd.schedule.id = crm_pool_dup(t->job->pool,
                                      crm_job_schedule_id(id, name));

    return t->cmd.schedule.id.data ? CRM_OK : CRM_ENOMEM;
}


/* What begins now, what was missed, and when the next is due. */
static crm_status_t
tick_plan(tick_t *t)
{
    crm_status_t            rc;
    const crm_zone_t       *zone;
    crm_recurrence_t        recurrence;
    crm_recurrence_span_t   span;

    t->run_s = -1;
    t->cmd.schedule.due_ms = -1;
    t->cmd.schedule.spec = CRM_STR("");

    if (t->schedule == NULL) {
        return CRM_OK;          /* the next revision told is without it */
    }

    zone = crm_ruleset_zone(t->rules);
    t->cmd.schedule.spec = crm_job_schedule_spec(t->schedule, zone,
                                                 t->job->pool);
    t->cmd.schedule.queues = t->schedule->overlap == CRM_OVERLAP_QUEUE;

    if (t->cmd.schedule.spec.data == NULL) {
        return CRM_ENOMEM;
    }

    if (t->due_s == 0) {
        t->run_s = t->now_s;
        return tick_run(t);
    }

    t->cmd.runs = t->schedule->runs;
    crm_worker_arm_recurrence(&recurrence, t->schedule, zone);

    rc = crm_recurrence_span(&span, &recurrence, zone, t->due_s,
                             t->now_s > t->due_s ? t->now_s : t->due_s);
    if (rc != CRM_OK) {
        return rc;
    }

    t->run_s = t->due_s;

    if (t->now_s - t->due_s > CRM_WORKER_TICK_LATE_S) {
        rc = tick_late(t, &recurrence, &span);
    }

    if (rc == CRM_OK) {
        rc = tick_next(t, span.next_s);
    }

    return rc == CRM_OK && t->run_s >= 0 ? tick_run(t) : rc;
}


static crm_status_t
tick_late(tick_t *t, const crm_recurrence_t *recurrence,
    crm_recurrence_span_t *span)
{
    crm_status_t       rc;
    const crm_zone_t  *zone;

    if (t->schedule->misfire == CRM_MISFIRE_SKIP) {
        t->run_s = -1;
        t->missed = span->count + 1;

    } else if (t->schedule->misfire == CRM_MISFIRE_RUN_ONCE) {
        t->missed = span->count;

        if (span->count > 0) {
            t->run_s = span->last_s;
        }

    } else {
        zone = crm_ruleset_zone(t->rules);

        /* those behind it come one after another, whether or not this one has
           ended by then */

        for (t->behind = span->count; t->behind > CRM_WORKER_TICK_MISSED;
             t->behind--)
        {
            rc = crm_recurrence_span(span, recurrence, zone, t->run_s,
                                     t->run_s);
            if (rc != CRM_OK) {
                return rc;
            }

            t->run_s = span->next_s;
            t->missed++;
        }

        t->cmd.schedule.queues = 1;
        rc = crm_recurrence_span(span, recurrence, zone, t->run_s, t->run_s);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return t->missed == 0 ? CRM_OK
           : tick_note(&t->cmd.missed, t, "missed", t->due_s, t->missed);
}


static crm_status_t
tick_next(tick_t *t, long long next_s)
{
    crm_buf_t  tick;

    t->cmd.schedule.due_ms = next_s < 0 ? -1 : next_s * 1000;

    crm_buf_init(&tick, t->job->pool, 0);
    crm_job_schedule_tick(&tick, t->schedule->name, t->job->org,
                             t->cmd.schedule.id, t->cmd.schedule.due_ms);
    t->cmd.schedule.tick = crm_buf_view(&tick);

    return crm_buf_status(&tick);
}


static crm_status_t
tick_run(tick_t *t)
{
    crm_buf_t            buf;
    crm_status_t         rc;
    crm_job_schedule_run_t   run;

    run.org = t->job->org;
    run.id = t->cmd.schedule.id;
    run.by_hand = t->due_s == 0;
    run.due_ms = t->run_s * 1000;
    run.now_ms = t->now_s * 1000;
    run.run = run.by_hand
              ? crm_pool_printf(t->job->pool, "%.*s:run",
                                (int) t->job->lease.id.len,
                                t->job->lease.id.data)
              : crm_pool_printf(t->job->pool, "%.*s:%lld",
                                (int) run.id.len, run.id.data, t->run_s);
    if (run.run.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&buf, t->job->pool, 0);
    rc = crm_job_schedule_run(&buf, t->schedule, t->rules, &run,
                                 t->job->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    t->cmd.run = run.run;
    t->cmd.body = crm_buf_view(&buf);

    return tick_note(&t->cmd.left_out, t, "overlap", t->run_s, 1);
}


/* For the audit: what did not run. */
static crm_status_t
tick_note(crm_str_t *doc, tick_t *t, const char *status, long long due_s,
    size_t count)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, t->job->pool, 0);
    crm_buf_puts(&buf, "{\"schedule\":");
    crm_buf_json(&buf, t->schedule->name);
    crm_buf_puts(&buf, ",\"status\":");
    crm_buf_json(&buf, crm_strz(status));
    crm_buf_puts(&buf, ",\"due\":");
    crm_buf_int(&buf, due_s * 1000);
    crm_buf_puts(&buf, ",\"count\":");
    crm_buf_int(&buf, (long long) count);
    crm_buf_puts(&buf, ",\"at\":");
    crm_buf_int(&buf, t->now_s * 1000);
    crm_buf_putc(&buf, '}');

    *doc = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static int
tick_send(tick_t *t)
{
    crm_pool_t  *pool;

    t->asked = calloc(1, sizeof(tick_asked_t));
    pool = t->asked ? crm_pool_create(crm_host_malloc(), 0) : NULL;

    if (pool == NULL
        || crm_worker_link_send(t->tools->link, pool,
                                crm_cmd_tick(pool, &t->cmd), tick_answered,
                                t->asked)
           != CRM_OK)
    {
        free(t->asked);
        return 0;
    }

    t->asked->tick = t;

    return 1;
}


/* Without an answer it is not known whether it was done; then the lease is
 * over, and nothing is done a second time. */
static void
tick_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    tick_t                *t;
    crm_tick_t             what;
    crm_error_t            err;
    tick_asked_t          *asked;
    crm_worker_outcome_t   outcome;

    (void) pool;

    asked = data;
    t = asked->tick;
    free(asked);

    if (t == NULL) {
        return;
    }

    if (reply == NULL) {
        tick_again(&outcome, "Redis did not answer");

    } else if (crm_take_tick(&what, reply, &err) != CRM_OK) {
        tick_again(&outcome, err.text);

    } else {
        tick_log(t, what);
        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);
    }

    t->done(t->data, &outcome);
}


static void
tick_log(const tick_t *t, crm_tick_t what)
{
    static const char *const  words[] = {
        "begins", "left out, one goes on", "does not run",
        "is another one by now", "stale, the tick is another worker's"
    };

    if (t->missed > 0) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "schedule: missed, org:%s "
                       "schedule:\"%.*s\" runs:%zu", t->job->org.data,
                       (int) t->job->rule.len, t->job->rule.data, t->missed);
    }

    crm_worker_log(what == CRM_TICK_RUN ? CRM_WORKER_LOG_INFO
                                        : CRM_WORKER_LOG_NOTICE,
                   "schedule: %s, org:%s schedule:\"%.*s\" run:%.*s",
                   words[what], t->job->org.data, (int) t->job->rule.len,
                   t->job->rule.data, (int) t->cmd.run.len,
                   t->cmd.run.data ? t->cmd.run.data : "");
}


static void
tick_again(crm_worker_outcome_t *outcome, const char *why)
{
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "schedule_waits", why);
    outcome->busy_ms = TICK_AGAIN_MS;
}
