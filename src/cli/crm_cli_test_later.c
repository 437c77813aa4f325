/*
 * What the writes of a test have scheduled: kept as commit would store it,
 * judged as the worker would when the test's clock has come so far.
 */

#include "crm_cli_test.h"
#include "queue/crm_waiting.h"


static crm_status_t later_grow(crm_cli_later_t **items, size_t count,
    size_t *cap, crm_pool_t *pool);
static crm_status_t later_ran(crm_cli_laters_t *laters,
    const crm_cli_later_t *later);
static crm_status_t later_judge(crm_cli_later_t *later,
    const crm_cli_passed_t *passed, crm_pool_t *pool);
static crm_status_t later_tell(crm_cli_later_t *later, crm_due_t *due,
    crm_pool_t *pool);


crm_status_t
crm_cli_test_later_add(crm_cli_laters_t *laters, const crm_plan_t *plan,
    size_t jobs)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < jobs && rc == CRM_OK; i++) {
        if (plan->jobs[i].due_ms) {
            rc = crm_cli_test_later_insert(laters, plan->jobs[i].json,
                                           plan->jobs[i].due_ms,
                                           CRM_STR(""));
        }
    }

    return rc;
}


crm_status_t
crm_cli_test_later_insert(crm_cli_laters_t *laters, crm_str_t json,
    long long due_ms, crm_str_t timer)
{
    size_t             at;
    crm_cli_later_t   *later;

    if (later_grow(&laters->waiting, laters->count, &laters->cap,
                   laters->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    for (at = laters->count; at && laters->waiting[at - 1].due_ms > due_ms;
         at--)
    {
        laters->waiting[at] = laters->waiting[at - 1];
    }

    later = &laters->waiting[at];
    memset(later, 0, sizeof(crm_cli_later_t));

    later->due_ms = due_ms;
    later->timer = timer;
    later->job.data = json.data;
    later->job.len = json.len;
    later->job.type = CRM_JSON_OBJECT;
    laters->count++;

    return CRM_OK;
}


void
crm_cli_test_later_take(crm_cli_laters_t *laters, size_t at)
{
    laters->count--;

    memmove(laters->waiting + at, laters->waiting + at + 1,
            (laters->count - at) * sizeof(crm_cli_later_t));
}


/* Room for one more. */
static crm_status_t
later_grow(crm_cli_later_t **items, size_t count, size_t *cap,
    crm_pool_t *pool)
{
    size_t            n;
    crm_cli_later_t  *grown;

    if (count < *cap) {
        return CRM_OK;
    }

    n = *cap ? *cap * 2 : 16;
    grown = crm_pool_calloc(pool, n, sizeof(crm_cli_later_t));

    if (grown == NULL) {
        return CRM_ENOMEM;
    }

    if (count) {
        memcpy(grown, *items, count * sizeof(crm_cli_later_t));
    }

    *items = grown;
    *cap = n;

    return CRM_OK;
}


crm_status_t
crm_cli_test_later_run(crm_cli_laters_t *laters,
    const crm_cli_passed_t *passed)
{
    crm_status_t     rc;
    crm_cli_later_t  later;

    laters->ran_count = 0;

    while (laters->count && laters->waiting[0].due_ms <= passed->now_ms) {
        later = laters->waiting[0];
        crm_cli_test_later_take(laters, 0);

        rc = later.timer.len
             ? crm_cli_test_timer_come(laters, &later, passed)
             : later_judge(&later, passed, laters->pool);

        if (rc == CRM_OK && later.trace.type != CRM_JSON_NONE) {
            rc = later_ran(laters, &later);
        }
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
later_ran(crm_cli_laters_t *laters, const crm_cli_later_t *later)
{
    if (later_grow(&laters->ran, laters->ran_count, &laters->ran_cap,
                   laters->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    laters->ran[laters->ran_count++] = *later;

    return CRM_OK;
}


/* It was written here, by these rules: only memory can be lacking. */
static crm_status_t
later_judge(crm_cli_later_t *later, const crm_cli_passed_t *passed,
    crm_pool_t *pool)
{
    crm_due_t           due;
    crm_error_t         err;
    crm_record_t        record;
    crm_status_t        rc;
    crm_waiting_t      *waiting;
    crm_waiting_now_t   now;

    memset(&now, 0, sizeof(crm_waiting_now_t));
    now.rules = passed->set;
    now.current = passed->set;
    now.whole = !passed->partial;
    now.course = passed->state->blueprint;
    now.now_ms = later->due_ms;

    waiting = crm_pool_calloc(pool, 1, sizeof(crm_waiting_t));
    if (waiting == NULL) {
        return CRM_ENOMEM;
    }

    if (passed->stored.len) {
        if (crm_record_parse(&record, passed->stored, NULL, pool, &err)
            != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        now.record = &record;
    }

    rc = crm_waiting_parse(waiting, crm_span_raw(later->job), pool, &err);

    if (rc == CRM_OK) {
        rc = crm_waiting_judge(&due, waiting, &now, pool, &err);
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
