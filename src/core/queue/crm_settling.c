/*
 * From the outcome of a request to the commit that settles it.
 */

#include "queue/crm_settling.h"

#include "queue/crm_timer.h"

#include "base/crm_map.h"


/* What a trace says: mostly less. */
#define SETTLING_TRACE_BYTES  1024


/* One record needs no arrays of its own. */
typedef struct {
    crm_cmd_commit_t   *commit;
    crm_plan_t         *plans;          /* by item */
    crm_str_t          *traces;
    crm_cmd_outcome_t  *records;
    crm_trace_same_t    same;
    crm_pool_t         *pool;
} settling_t;


static crm_status_t settling_item(settling_t *s, const crm_settling_t *in,
    size_t i);
static crm_status_t settling_jobs(settling_t *s, size_t count);
static crm_status_t settling_leases(settling_t *s, const crm_settling_t *in);
static int settling_mixed(const crm_settling_t *in);
static crm_str_t settling_key(const crm_record_name_t *name, int mixed,
    crm_pool_t *pool);


crm_status_t
crm_settling_commit(const crm_settling_t *settling, crm_cmd_commit_t *commit,
    crm_pool_t *pool)
{
    size_t        i, n;
    settling_t    s;
    crm_status_t  rc;

    memset(commit, 0, sizeof(crm_cmd_commit_t));

    n = settling->count;

    memset(&s, 0, sizeof(settling_t));
    s.commit = commit;
    s.pool = pool;
    s.plans = crm_pool_calloc(pool, n, sizeof(crm_plan_t));
    s.traces = crm_pool_calloc(pool, n, sizeof(crm_str_t));
    s.records = crm_pool_calloc(pool, n + settling->n_leased,
                                sizeof(crm_cmd_outcome_t));

    if (s.plans == NULL || s.traces == NULL || s.records == NULL) {
        return CRM_ENOMEM;
    }

    commit->traces = s.traces;
    commit->records = s.records;

    for (i = 0; i < n; i++) {
        rc = settling_item(&s, settling, i);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = settling_jobs(&s, n);

    return rc == CRM_OK ? settling_leases(&s, settling) : rc;
}


static crm_status_t
settling_item(settling_t *s, const crm_settling_t *in, size_t i)
{
    int                  created;
    crm_buf_t            buf;
    crm_trace_t          trace;
    crm_status_t         rc;
    crm_event_t         *event;
    crm_cmd_outcome_t   *record;

    event = in->items[i].event;
    created = event->write->operation == CRM_OP_CREATE;

    rc = created ? crm_event_finish(event, in->items[i].record_id) : CRM_OK;

    if (rc == CRM_OK) {
        rc = crm_plan(&s->plans[i], event);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    trace = in->trace;
    trace.same = &s->same;
    trace.jobs = s->plans[i].jobs;
    trace.jobs_count = s->plans[i].jobs_count;

    rc = crm_timer_plan(&s->plans[i], event);
    if (rc != CRM_OK) {
        return rc;
    }

    trace.timers = s->plans[i].timers;

    crm_buf_init(&buf, s->pool, 0);
    crm_buf_reserve(&buf, SETTLING_TRACE_BYTES);

    rc = crm_event_trace(event, &buf, &trace);
    if (rc != CRM_OK) {
        return rc;
    }

    s->traces[s->commit->n_traces++] = crm_buf_view(&buf);
    s->commit->n_jobs += s->plans[i].jobs_count;

    record = &s->records[s->commit->n_records++];
    record->name.module = event->write->module->name;
    record->name.id = in->items[i].record_id;
    record->created = created;
    record->changes = s->plans[i].changes;
    record->n_changes = s->plans[i].changes_count;

    return CRM_OK;
}


/* Record by record, each in the order of its rules. */
static crm_status_t
settling_jobs(settling_t *s, size_t count)
{
    size_t          i, n;
    crm_cmd_job_t  *jobs;

    if (count == 1) {
        s->commit->jobs = s->plans[0].jobs;
        return CRM_OK;
    }

    jobs = crm_pool_calloc(s->pool, s->commit->n_jobs + 1,
                           sizeof(crm_cmd_job_t));
    if (jobs == NULL) {
        return CRM_ENOMEM;
    }

    n = 0;

    for (i = 0; i < count; i++) {
        if (s->plans[i].jobs_count) {
            memcpy(&jobs[n], s->plans[i].jobs,
                   s->plans[i].jobs_count * sizeof(crm_cmd_job_t));
            n += s->plans[i].jobs_count;
        }
    }

    s->commit->jobs = jobs;

    return CRM_OK;
}


/* Those that were leased and not written: a record is known by its id, and,
 * where those of one request are of several modules, by that too. */
static crm_status_t
settling_leases(settling_t *s, const crm_settling_t *in)
{
    int                 mixed;
    size_t              i, written;
    crm_map_t           map;
    crm_str_t           key;
    crm_cmd_outcome_t  *record;

    written = in->count;

    if (in->n_leased == 0
        || (in->n_leased == 1 && written == 1 && !s->records[0].created))
    {
        return CRM_OK;
    }

    mixed = settling_mixed(in);
    crm_map_init(&map, s->pool);

    if (crm_map_room(&map, written) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < written; i++) {
        if (s->records[i].created) {
            continue;
        }

        key = settling_key(&s->records[i].name, mixed, s->pool);

        if (key.data == NULL || crm_map_add(&map, key) == NULL) {
            return CRM_ENOMEM;
        }
    }

    for (i = 0; i < in->n_leased; i++) {
        key = settling_key(&in->leased[i], mixed, s->pool);

        if (key.data == NULL) {
            return CRM_ENOMEM;
        }

        if (crm_map_find(&map, key) == NULL) {
            record = &s->records[s->commit->n_records++];
            record->name = in->leased[i];
        }
    }

    return CRM_OK;
}


static int
settling_mixed(const crm_settling_t *in)
{
    size_t  i;

    for (i = 1; i < in->n_leased; i++) {
        if (!crm_str_eq(in->leased[i].module, in->leased[0].module)) {
            return 1;
        }
    }

    return 0;
}


/* Neither module nor id may hold a slash. */
static crm_str_t
settling_key(const crm_record_name_t *name, int mixed, crm_pool_t *pool)
{
    return mixed ? crm_pool_printf(pool, "%.*s/%.*s", (int) name->module.len,
                                   name->module.data, (int) name->id.len,
                                   name->id.data)
                 : name->id;
}
