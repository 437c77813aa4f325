/*
 * Making the steps of a test: the same calls in the same order as in nginx,
 * with a record, its marks and a clock that exist only here.
 */

#include "crm_cli_coverage.h"
#include "crm_cli_test.h"
#include "base/crm_ulid.h"
#include "queue/crm_timer.h"
#include "transform/crm_assign.h"


/* What the backend calls a record that a test creates without saying. */
#define RUN_CREATED_ID  "1"


/* The world of one test. */
typedef struct {
    crm_pool_t           *pool;
    const crm_ruleset_t  *set;
    const crm_module_t   *module;
    long long             now_ms;
    crm_str_t             stored;       /* JSON of the record; empty: none */
    int                   partial;      /* of which more is not known */
    crm_state_t           state;        /* what Redis would hold of it */
    crm_cli_laters_t      laters;
    unsigned              writes;
    char                  id[CRM_ULID_LEN + 1];
} world_t;

/* One write in it. */
typedef struct {
    crm_write_t    write;
    crm_record_t   request;
    crm_record_t   before;
    crm_event_t    event;
    crm_plan_t     plan;
    size_t         jobs;            /* of it; timers follow */
} made_t;


static crm_status_t run_step(crm_cli_result_t *result, world_t *world,
    const crm_cli_step_t *step, crm_cli_coverage_t *coverage);
static crm_status_t run_covered(crm_cli_coverage_t *coverage,
    const world_t *world);
static const char *run_possible(const world_t *world,
    const crm_cli_step_t *step);
static crm_status_t run_write(made_t *made, world_t *world,
    const crm_cli_step_t *step);
static crm_status_t write_fill(made_t *made, world_t *world,
    const crm_cli_step_t *step);
static crm_status_t run_trace(crm_span_t *trace, const made_t *made,
    crm_pool_t *pool);
static crm_status_t run_outcome(crm_cli_result_t *result,
    const world_t *world, const crm_cli_step_t *step, const made_t *made);
static const char *outcome_code(const made_t *made);
static crm_status_t world_keep(world_t *world, const made_t *made);
static void world_passed(crm_cli_passed_t *passed, world_t *world);
static crm_status_t world_advance(world_t *world,
    const crm_cli_step_t *step);


crm_status_t
crm_cli_test_run(crm_cli_result_t *result, const crm_cli_case_t *of,
    const crm_ruleset_t *set, crm_cli_coverage_t *coverage, crm_pool_t *pool)
{
    world_t            world;
    crm_status_t       rc;
    crm_cli_passed_t   passed;

    memset(result, 0, sizeof(crm_cli_result_t));
    result->of = of;
    result->differences.pool = pool;

    memset(&world, 0, sizeof(world_t));
    world.pool = pool;
    world.laters.pool = pool;
    world.set = set;
    world.module = of->module;
    world.now_ms = of->clock_ms;
    world.stored = of->stored;
    world.partial = of->partial;
    world.state.locks = of->locked_by.items;
    world.state.n_locks = of->locked_by.count;
    world.state.once = of->fired_once.items;
    world.state.n_once = of->fired_once.count;

    if (world.stored.len) {
        world_passed(&passed, &world);

        rc = crm_cli_test_timer_suppose(&world.laters, world.module, &passed);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    for (result->step = 0; result->step < of->steps_count; result->step++) {
        rc = run_step(result, &world, &of->steps[result->step], coverage);

        if (rc != CRM_OK) {
            return rc;
        }

        if (result->error || result->differences.count) {
            return CRM_OK;
        }
    }

    result->step--;
    result->ok = 1;

    return CRM_OK;
}


static crm_status_t
run_step(crm_cli_result_t *result, world_t *world,
    const crm_cli_step_t *step, crm_cli_coverage_t *coverage)
{
    made_t        *made;
    crm_status_t   rc;

    memset(&result->trace, 0, sizeof(crm_span_t));

    world->laters.ran_count = 0;

    if (step->advances) {
        rc = world_advance(world, step);

        if (rc == CRM_OK && coverage) {
            rc = run_covered(coverage, world);
        }
        if (rc != CRM_OK) {
            return rc;
        }
    }

    result->came = world->laters.ran;
    result->came_count = world->laters.ran_count;

    if (step->operation == CRM_OP_NONE) {
        return step->expect ? run_outcome(result, world, step, NULL) : CRM_OK;
    }

    result->error = run_possible(world, step);
    if (result->error) {
        return CRM_OK;
    }

    made = crm_pool_calloc(world->pool, 1, sizeof(made_t));
    if (made == NULL) {
        return CRM_ENOMEM;
    }

    rc = run_write(made, world, step);

    if (rc == CRM_OK) {
        rc = run_trace(&result->trace, made, world->pool);
    }

    if (rc == CRM_OK && coverage) {
        rc = crm_cli_coverage_note(coverage, world->module, result->trace);
    }

    if (rc == CRM_OK && coverage) {
        rc = crm_cli_coverage_watch(coverage, &made->write);
    }

    if (rc == CRM_OK) {
        rc = world_keep(world, made);
    }

    return rc == CRM_OK && step->expect
           ? run_outcome(result, world, step, made) : rc;
}


/* The rules that time has brought. */
static crm_status_t
run_covered(crm_cli_coverage_t *coverage, const world_t *world)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < world->laters.ran_count && rc == CRM_OK;
         i++)
    {
        rc = crm_cli_coverage_note(coverage, world->module,
                                   world->laters.ran[i].asked);
    }

    return rc;
}


static const char *
run_possible(const world_t *world, const crm_cli_step_t *step)
{
    if (step->operation == CRM_OP_CREATE && world->stored.len) {
        return "there is a record already: leave given.record out of a test"
               " that creates one";
    }

    if (step->operation != CRM_OP_CREATE && world->stored.len == 0) {
        return "there is no record: give the stored one in given.record";
    }

    return NULL;
}


static crm_status_t
run_write(made_t *made, world_t *world, const crm_cli_step_t *step)
{
    crm_event_t   *event;
    crm_write_t   *w;
    crm_status_t   rc;

    w = &made->write;
    event = &made->event;

    rc = write_fill(made, world, step);

    if (rc == CRM_OK) {
        rc = crm_write_init(w, world->pool);
    }

    /* the record that is given has been saved before */

    if (rc == CRM_OK && world->writes == 1) {
        rc = crm_course_suppose(w);
    }

    if (rc == CRM_OK) {
        rc = crm_assign_suppose(w);
    }

    if (rc == CRM_OK) {
        rc = crm_event_judge(event, w);
    }

    if (rc != CRM_OK || event->verdict.kind != CRM_REFUSE_NONE) {
        return rc;
    }

    rc = crm_event_finish(event, w->operation != CRM_OP_CREATE ? w->record_id
                                 : step->id.len ? step->id
                                 : CRM_STR(RUN_CREATED_ID));

    if (rc == CRM_OK) {
        rc = crm_plan(&made->plan, event);
    }

    made->jobs = made->plan.jobs_count;

    return rc == CRM_OK ? crm_timer_plan(&made->plan, event) : rc;
}


static crm_status_t
write_fill(made_t *made, world_t *world, const crm_cli_step_t *step)
{
    crm_error_t     err;
    crm_write_t    *w;
    crm_status_t    rc;
    unsigned char   random[CRM_ULID_RANDOM];

    memset(random, 0, sizeof(random));
    random[CRM_ULID_RANDOM - 1] = (unsigned char) ++world->writes;
    random[CRM_ULID_RANDOM - 2] = (unsigned char) (world->writes >> 8);

    w = &made->write;
    w->rules = world->set;
    w->module = world->module;
    w->operation = step->operation;
    w->org = CRM_STR("test");
    w->event = crm_pool_dup(world->pool, crm_ulid(world->id, world->now_ms,
                                                  random));
    w->actor = crm_ruleset_actor(world->set, step->user);
    w->now_ms = world->now_ms;
    w->workflow = step->workflow;
    w->run = step->run;
    w->import = step->import;
    w->apply = step->apply;
    w->lar_id = step->lar_id;
    w->trigger.data = step->trigger.data;
    w->trigger.len = step->trigger.len;
    w->trigger.type = step->trigger.len ? CRM_JSON_ARRAY : CRM_JSON_NONE;
    w->state = &world->state;
    w->dialect = crm_dialect_default();
    w->unasked = 1;
    w->absent_is_null = !world->partial;
    w->record_id = CRM_STR("");

    rc = w->event.data ? CRM_OK : CRM_ENOMEM;

    if (rc == CRM_OK && step->sent.len) {
        rc = crm_record_parse(&made->request, step->sent, NULL, world->pool,
                              &err);
        w->request = &made->request;
    }

    if (rc == CRM_OK && world->stored.len) {
        rc = crm_record_parse(&made->before, world->stored, NULL, world->pool,
                              &err);
        w->before = &made->before;
    }

    return rc == CRM_OK && w->before
           ? crm_cli_test_id(&w->record_id, w->before, world->pool) : rc;
}


crm_status_t
crm_cli_test_id(crm_str_t *id, const crm_record_t *record, crm_pool_t *pool)
{
    crm_value_t         value;
    crm_status_t        rc;
    const crm_field_t  *field;

    field = crm_record_field(record, CRM_STR("id"));
    if (field == NULL) {
        return CRM_OK;
    }

    rc = crm_value_from_span(&value, field->value, pool);

    if (rc == CRM_OK && (value.type == CRM_VALUE_TEXT
                         || value.type == CRM_VALUE_NUMBER))
    {
        *id = value.text;
    }

    return rc;
}


static crm_status_t
run_trace(crm_span_t *trace, const made_t *made, crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_trace_t   how;
    crm_status_t  rc;

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = 1;
    how.whole = 1;
    how.jobs = made->plan.jobs;
    how.jobs_count = made->jobs;
    how.timers = made->plan.timers;

    crm_buf_init(&buf, pool, 0);

    rc = crm_event_trace(&made->event, &buf, &how);
    if (rc != CRM_OK) {
        return rc;
    }

    trace->data = crm_buf_view(&buf).data;
    trace->len = crm_buf_view(&buf).len;
    trace->type = CRM_JSON_OBJECT;

    return CRM_OK;
}


/* made is NULL where only time has passed. */
static crm_status_t
run_outcome(crm_cli_result_t *result, const world_t *world,
    const crm_cli_step_t *step, const made_t *made)
{
    crm_buf_t           buf;
    crm_span_t          span;
    crm_status_t        rc;
    crm_cli_outcome_t   outcome;

    memset(&outcome, 0, sizeof(crm_cli_outcome_t));
    outcome.trace = result->trace;
    outcome.laters = &world->laters;
    outcome.module = world->module;
    outcome.code = made ? outcome_code(made) : NULL;

    if (made == NULL || outcome.code) {
        outcome.stored = world->stored;
    }

    if (made) {
        outcome.locked_by = made->event.marks;
        outcome.locked_count = made->event.marks_count;
    } else {
        outcome.locked_by = world->state.locks;
        outcome.locked_count = world->state.n_locks;
    }

    crm_buf_init(&buf, world->pool, 0);

    rc = crm_cli_test_outcome(&buf, &outcome);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&span, 0, sizeof(crm_span_t));
    span.data = crm_buf_view(&buf).data;
    span.len = crm_buf_view(&buf).len;
    span.type = CRM_JSON_OBJECT;

    return crm_cli_test_match(&result->differences, step->expect, span);
}


/* What the zoho dialect calls the refusal; NULL: there is none. */
static const char *
outcome_code(const made_t *made)
{
    crm_refusal_t  refusal;

    if (made->event.verdict.kind == CRM_REFUSE_NONE) {
        return NULL;
    }

    memset(&refusal, 0, sizeof(crm_refusal_t));
    refusal.kind = made->event.verdict.kind;
    refusal.operation = made->write.operation;

    return crm_dialect_code(crm_dialect_default(), &refusal);
}


/* The write is done: the record is what it became, and so are its marks. */
static crm_status_t
world_keep(world_t *world, const made_t *made)
{
    crm_status_t  rc;

    if (made->event.verdict.kind != CRM_REFUSE_NONE) {
        return CRM_OK;
    }

    world->stored = made->write.operation == CRM_OP_DELETE
                    ? CRM_STR_NULL : made->event.record_json;

    rc = CRM_OK;

    if (world->stored.len) {
        rc = crm_cli_test_timer_stamp(&world->stored, world->module,
                                      made->write.operation, world->now_ms,
                                      world->pool);
    }
    if (rc == CRM_OK) {
        rc = crm_cli_test_later_add(&world->laters, &made->plan, made->jobs);
    }
    if (rc == CRM_OK) {
        rc = crm_cli_test_timer_add(&world->laters,
                                    made->plan.jobs + made->jobs,
                                    made->plan.jobs_count - made->jobs);
    }

    return rc == CRM_OK ? crm_cli_test_state_change(&world->state,
                                                    &made->plan, &made->event,
                                                    world->pool) : rc;
}


/* Time passes, and what comes due on the way is done, or not. */
static crm_status_t
world_advance(world_t *world, const crm_cli_step_t *step)
{
    crm_cli_passed_t  passed;

    world_passed(&passed, world);
    world->now_ms = crm_interval_add(&step->advance, world->now_ms,
                                     crm_ruleset_zone(world->set),
                                     crm_ruleset_hours(world->set));
    passed.now_ms = world->now_ms;

    return crm_cli_test_later_run(&world->laters, &passed);
}


static void
world_passed(crm_cli_passed_t *passed, world_t *world)
{
    passed->set = world->set;
    passed->stored = world->stored;
    passed->state = &world->state;
    passed->partial = world->partial;
    passed->from_ms = world->now_ms;
    passed->now_ms = world->now_ms;
}
