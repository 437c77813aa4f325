/*
 * What the writes of a test have scheduled: kept as commit would store it,
 * judged as the worker would when the test's clock has come so far.
 */

#include "crm_cli_test.h"
#include "queue/crm_waiting.h"


static crm_status_t later_insert(crm_cli_laters_t *laters,
    const crm_cmd_job_t *job);
static crm_status_t later_grow(crm_cli_laters_t *laters);
static crm_status_t later_judge(crm_cli_later_t *later,
    const crm_waiting_now_t *now, crm_pool_t *pool);
static crm_status_t later_tell(crm_cli_later_t *later, crm_due_t *due,
    crm_pool_t *pool);


crm_status_t
crm_cli_test_later_add(crm_cli_laters_t *laters, const crm_plan_t *plan)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; i < plan->jobs_count; i++) {
        if (plan->jobs[i].due_ms) {
            rc = later_insert(laters, &plan->jobs[i]);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


/* Behind all that are due then or earlier. */
static crm_status_t
later_insert(crm_cli_laters_t *laters, const crm_cmd_job_t *job)
{
    size_t             at;
    crm_cli_later_t   *later;

    if (laters->count == laters->cap && later_grow(laters) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (at = laters->count;
         at && laters->waiting[at - 1].due_ms > job->due_ms; at--)
    {
        laters->waiting[at] = laters->waiting[at - 1];
    }

    later = &laters->waiting[at];
    memset(later, 0, sizeof(crm_cli_later_t));

    later->due_ms = job->due_ms;
    later->job.data = job->json.data;
    later->job.len = job->json.len;
    later->job.type = CRM_JSON_OBJECT;
    laters->count++;

    return CRM_OK;
}


static crm_status_t
later_grow(crm_cli_laters_t *laters)
{
    size_t            cap;
    crm_cli_later_t  *waiting;

    cap = laters->cap ? laters->cap * 2 : 16;
    waiting = crm_pool_calloc(laters->pool, cap, sizeof(crm_cli_later_t));

    if (waiting == NULL) {
        return CRM_ENOMEM;
    }

    if (laters->count) {
        memcpy(waiting, laters->waiting,
               laters->count * sizeof(crm_cli_later_t));
    }

    laters->waiting = waiting;
    laters->cap = cap;

    return CRM_OK;
}


crm_status_t
crm_cli_test_later_run(crm_cli_laters_t *laters, const crm_ruleset_t *set,
    crm_str_t stored, crm_str_t course, int partial, long long now_ms)
{
    size_t              i, n;
    crm_error_t         err;
    crm_record_t        record;
    crm_status_t        rc;
    crm_waiting_now_t   now;

    memset(&now, 0, sizeof(crm_waiting_now_t));
    now.rules = set;
    now.current = set;
    now.whole = !partial;
    now.course = course;

    if (stored.len) {
        rc = crm_record_parse(&record, stored, NULL, laters->pool, &err);
        if (rc != CRM_OK) {
            return rc;
        }

        now.record = &record;
    }

    for (n = 0; n < laters->count && laters->waiting[n].due_ms <= now_ms;
         n++)
    {
        now.now_ms = laters->waiting[n].due_ms;

        rc = later_judge(&laters->waiting[n], &now, laters->pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    laters->ran = crm_pool_calloc(laters->pool, n + 1,
                                  sizeof(crm_cli_later_t));
    if (laters->ran == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < laters->count; i++) {
        if (i < n) {
            laters->ran[i] = laters->waiting[i];
        } else {
            laters->waiting[i - n] = laters->waiting[i];
        }
    }

    laters->ran_count = n;
    laters->count -= n;

    return CRM_OK;
}


/* It was written here, by these rules: only memory can be lacking. */
static crm_status_t
later_judge(crm_cli_later_t *later, const crm_waiting_now_t *now,
    crm_pool_t *pool)
{
    crm_due_t        due;
    crm_error_t      err;
    crm_status_t     rc;
    crm_waiting_t   *waiting;

    waiting = crm_pool_calloc(pool, 1, sizeof(crm_waiting_t));
    if (waiting == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_waiting_parse(waiting, crm_span_raw(later->job), pool, &err);

    if (rc == CRM_OK) {
        rc = crm_waiting_judge(&due, waiting, now, pool, &err);
    }

    return rc == CRM_OK ? later_tell(later, &due, pool) : CRM_ENOMEM;
}


/* Its trace document, with the job that a worker would deliver. */
static crm_status_t
later_tell(crm_cli_later_t *later, crm_due_t *due, crm_pool_t *pool)
{
    crm_buf_t     buf, whole;
    crm_str_t     trace;
    crm_status_t  rc;

    crm_buf_init(&buf, pool, 0);
    crm_buf_init(&whole, pool, 0);

    rc = crm_waiting_trace(due, &buf);
    if (rc != CRM_OK) {
        return rc;
    }

    trace = crm_buf_view(&buf);
    trace.len--;                        /* its brace */

    crm_buf_str(&whole, trace);
    crm_buf_puts(&whole, ",\"jobs\":[");
    rc = due->runs ? crm_waiting_render(due, &whole) : CRM_OK;
    crm_buf_puts(&whole, "]}");

    later->trace.data = crm_buf_view(&whole).data;
    later->trace.len = crm_buf_view(&whole).len;
    later->trace.type = CRM_JSON_OBJECT;

    return rc == CRM_OK ? crm_buf_status(&whole) : rc;
}
