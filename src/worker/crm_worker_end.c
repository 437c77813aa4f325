/*
 * The end of a job, told to Redis until it is taken.
 */

#include "crm_worker_end.h"

#include "crm_worker_end_log.h"
#include "crm_worker_log.h"


static crm_cmd_t *end_command(crm_worker_end_t *end, crm_pool_t *pool);
static void  end_settled(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  end_done(crm_worker_done_entry_t *entry,
    crm_worker_done_status_t status);
static void  end_later(crm_worker_end_t *end);
static void  end_tick(uv_timer_t *timer);
static void  end_unlink(crm_worker_end_t *end);


crm_status_t
crm_worker_ends_init(crm_worker_ends_t *ends, crm_worker_loop_t *loop,
    crm_worker_link_t *link, crm_worker_end_pt told, void *data)
{
    ends->done = crm_worker_done_create(loop, link, end_done);
    if (ends->done == NULL) {
        return CRM_ENOMEM;
    }

    ends->link = link;
    ends->told = told;
    ends->unsettled = NULL;

    uv_timer_init(&loop->uv, &ends->timer);
    ends->timer.data = data;

    return CRM_OK;
}


void
crm_worker_ends_destroy(crm_worker_ends_t *ends, uv_close_cb closed)
{
    crm_worker_done_destroy(ends->done);
    uv_close((uv_handle_t *) &ends->timer, closed);
}


void
crm_worker_end_settle(crm_worker_end_t *end)
{
    crm_pool_t  *pool;

    if (end->outcome.verdict == CRM_WORKER_DELIVERED
        && end->job->parts_count == 0)
    {
        end->done.org = end->job->org;
        end->done.lease = end->job->lease;
        end->ending = 1;
        crm_worker_done_add(end->ends->done, &end->done);
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(end->ends->link, pool,
                                end_command(end, pool), end_settled, end)
           != CRM_OK)
    {
        end_later(end);
        return;
    }

    end->settling = 1;
}


int
crm_worker_end_remove(crm_worker_end_t *end)
{
    if (end->unsettled) {
        end_unlink(end);
        return 1;
    }

    return end->ending && crm_worker_done_remove(end->ends->done, &end->done);
}


static crm_cmd_t *
end_command(crm_worker_end_t *end, crm_pool_t *pool)
{
    crm_cmd_dead_t     dead;
    crm_cmd_retry_t    retry;
    crm_worker_job_t  *job;

    job = end->job;

    if (end->outcome.verdict == CRM_WORKER_SPLIT
        || end->outcome.verdict == CRM_WORKER_DELIVERED)
    {
        return crm_cmd_split(pool, job->org, job->lease, job->parts_queue,
                             job->parts, job->parts_count);
    }

    if (!end->again) {
        dead.org = job->org;
        dead.lease = job->lease;
        dead.attempts = job->attempts + 1;
        dead.reason = crm_strz(end->outcome.reason);
        dead.health = end->outcome.health;
        dead.follows = job->parts_count ? job->parts : NULL;
        dead.queue = job->parts_queue;

        return crm_cmd_dead(pool, &dead);
    }

    retry.org = job->org;
    retry.lease = job->lease;
    retry.delay_ms = end->delay_ms;
    retry.attempts = job->attempts + (end->outcome.busy_ms > 0 ? 0 : 1);
    retry.body = job->rendered;
    retry.error = crm_strz(end->outcome.reason);
    retry.health = end->outcome.health;

    return crm_cmd_retry(pool, &retry);
}


static void
end_settled(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_str_t          note;
    crm_error_t        err;
    crm_settle_t       settle;
    crm_worker_end_t  *end;

    (void) pool;

    end = data;
    end->settling = 0;

    if (reply == NULL) {
        end_later(end);
        return;
    }

    if (crm_take_settled(&settle, &note, reply, &err) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "dispatch: redis refuses an "
                       "outcome, org:%s job:%s: %s", end->job->org.data,
                       end->job->lease.id.data, err.text);
        end_later(end);
        return;
    }

    if (settle == CRM_SETTLE_STALE) {
        crm_worker_end_log_stale(end);
    }

    if (note.len > 0) {
        crm_worker_end_log_endpoint(end, note);
    }

    end->ends->told(end);
}


/* What was delivered has ended, or has not. */
static void
end_done(crm_worker_done_entry_t *entry, crm_worker_done_status_t status)
{
    crm_worker_end_t  *end;

    end = (crm_worker_end_t *) (void *) entry;
    end->ending = 0;

    if (status == CRM_WORKER_DONE_AWAY) {
        end_later(end);
        return;
    }

    if (status == CRM_WORKER_DONE_STALE) {
        crm_worker_end_log_stale(end);
    }

    end->ends->told(end);
}


/* Waits for Redis; the lease is renewed meanwhile by the one who took it. */
static void
end_later(crm_worker_end_t *end)
{
    crm_worker_ends_t  *ends;

    ends = end->ends;

    end->unsettled = 1;
    end->next = ends->unsettled;
    ends->unsettled = end;

    if (!uv_is_active((uv_handle_t *) &ends->timer)) {
        uv_timer_start(&ends->timer, end_tick, CRM_WORKER_END_SETTLE_MS, 0);
    }
}


static void
end_tick(uv_timer_t *timer)
{
    crm_worker_end_t   *end, *next;
    crm_worker_ends_t  *ends;

    ends = (crm_worker_ends_t *) (void *) timer;

    end = ends->unsettled;
    ends->unsettled = NULL;

    for ( /* void */ ; end; end = next) {
        next = end->next;
        end->unsettled = 0;
        crm_worker_end_settle(end);
    }
}


static void
end_unlink(crm_worker_end_t *end)
{
    crm_worker_end_t  **at;

    for (at = &end->ends->unsettled; *at; at = &(*at)->next) {
        if (*at == end) {
            *at = end->next;
            end->unsettled = 0;
            return;
        }
    }
}
