/*
 * From an event to what commit puts into Redis.
 */

#include "queue/crm_plan.h"

#include "queue/crm_job_type.h"
#include "queue/crm_renew.h"
#include "queue/crm_waiting.h"
#include "record/crm_dialect_kind.h"


/* What a job says besides the records in it: mostly less. */
#define PLAN_HEAD_BYTES  1024

static size_t plan_count(const crm_condition_t *condition);
static crm_status_t plan_fired(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired);
static crm_status_t plan_jobs(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *actions, size_t count);
static crm_status_t plan_job(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action,
    const crm_job_type_t *type);
static int plan_late(crm_late_t *late, const crm_event_t *event, int asked);
static int plan_speaks(const crm_write_t *w);
static crm_status_t plan_told(crm_plan_t *plan, const crm_event_t *event,
    const crm_asks_t *asks);
static crm_status_t plan_waiting(crm_cmd_job_t *job, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action);
static crm_status_t plan_steps(crm_plan_t *plan, const crm_event_t *event);
static crm_status_t plan_changes(crm_plan_t *plan, const crm_event_t *event);
static crm_cmd_change_t *plan_effects(crm_cmd_change_t *change,
    const crm_event_t *event, int adds);


crm_status_t
crm_plan(crm_plan_t *plan, const crm_event_t *event)
{
    size_t               i, n;
    crm_status_t         rc;
    const crm_fired_t   *fired;

    memset(plan, 0, sizeof(crm_plan_t));
    n = 0;

    for (i = 0; i < event->transform.fired_count; i++) {
        n += plan_count(event->transform.fired[i].condition);
    }

    for (i = 0; i < event->effects.steps_count; i++) {
        n += plan_count(event->effects.steps[i].condition);
    }

    if (n) {
        plan->jobs = crm_pool_calloc(event->write->pool, n,
                                     sizeof(crm_cmd_job_t));
        if (plan->jobs == NULL) {
            return CRM_ENOMEM;
        }
    }

    for (i = 0; i < event->transform.fired_count; i++) {
        fired = &event->transform.fired[i];

        if (fired->rule->status != CRM_STATUS_ON) {
            continue;
        }

        rc = plan_fired(plan, event, fired);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = plan_steps(plan, event);

    return rc == CRM_OK ? plan_changes(plan, event) : rc;
}


/* What processes do stands behind what workflow rules do. */
static crm_status_t
plan_steps(crm_plan_t *plan, const crm_event_t *event)
{
    size_t              i;
    crm_status_t        rc;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < event->effects.steps_count; i++) {
        rc = plan_fired(plan, event, &event->effects.steps[i]);
    }

    return rc;
}


static size_t
plan_count(const crm_condition_t *condition)
{
    size_t  i, n;

    n = condition->actions_count;

    for (i = 0; i < condition->scheduled_count; i++) {
        n += condition->scheduled[i].actions_count;
    }

    return n;
}


/* What is done at once, then what waits, block by block. */
static crm_status_t
plan_fired(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired)
{
    size_t                  i;
    crm_fired_t             later;
    crm_status_t            rc;
    const crm_condition_t  *condition;

    condition = fired->condition;

    rc = plan_jobs(plan, event, fired, condition->actions,
                   condition->actions_count);

    later = *fired;

    for (i = 0; rc == CRM_OK && i < condition->scheduled_count; i++) {
        later.block = &condition->scheduled[i];
        later.due_ms = crm_waiting_due(event, later.block);

        rc = plan_jobs(plan, event, &later, later.block->actions,
                       later.block->actions_count);
    }

    return rc;
}


static crm_status_t
plan_jobs(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *actions, size_t count)
{
    size_t                 i;
    crm_status_t           rc;
    const crm_action_t    *action;
    const crm_job_type_t  *type;

    for (i = 0; i < count; i++) {
        action = &actions[i];

        type = crm_job_type(action->id);
        if (type == NULL || crm_job_is_skipped(event, fired, action)) {
            continue;
        }

        rc = plan_job(plan, event, fired, action, type);
        if (rc != CRM_OK) {
            return rc;
        }

        plan->jobs_count++;
    }

    return CRM_OK;
}


/* The next of the plan's. */
static crm_status_t
plan_job(crm_plan_t *plan, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action,
    const crm_job_type_t *type)
{
    int                 asked, waits;
    char                id[CRM_JOB_ID_LEN + 1];
    crm_buf_t           buf;
    crm_late_t          late;
    crm_status_t        rc;
    crm_cmd_job_t      *job;
    crm_job_told_t      told;
    const crm_asks_t   *asks;

    job = &plan->jobs[plan->jobs_count];
    job->queue = type->queue;
    job->id = crm_pool_dup(event->write->pool,
                           crm_job_id(id, event, fired, action));
    if (job->id.data == NULL) {
        return CRM_ENOMEM;
    }

    if (fired->block) {
        return plan_waiting(job, event, fired, action);
    }

    asks = crm_action_asks(action);
    asked = crm_renew_asked(event, asks);

    if (asked && plan_told(plan, event, asks) != CRM_OK) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&buf, event->write->pool, 0);
    crm_buf_reserve(&buf, PLAN_HEAD_BYTES + event->record_json.len
                          + (event->write->before
                             ? event->write->before->object.len : 0));

    waits = plan_late(&late, event, asked);
    told.late = &late;
    told.record = asked ? plan->told : NULL;
    told.json = asked ? plan->told_json : CRM_STR_NULL;

    rc = crm_job_encode(&buf, event, fired, action, job->id, &told);

    if (rc == CRM_OK && late.count && waits) {
        crm_buf_init(&buf, event->write->pool, 0);
        rc = crm_waiting_encode(&buf, event, fired, action, job->id, &late);
    }

    job->json = crm_buf_view(&buf);

    return rc;
}


/*
 * Of a record that was created there may be fields to be asked for, and of one
 * that was changed where the action asks for them. Whether a worker can: it
 * must know the dialect. Where nobody will, as in a test, they are noted.
 */
static int
plan_late(crm_late_t *late, const crm_event_t *event, int asked)
{
    int                 waits;
    const crm_write_t  *w;

    w = event->write;
    memset(late, 0, sizeof(crm_late_t));

    if (w->dialect == NULL || !(asked || w->operation == CRM_OP_CREATE)) {
        return 0;
    }

    waits = !w->unasked && crm_dialect_is_id(event->record_id)
            && plan_speaks(w);

    if (waits || w->unasked) {
        late->dialect = w->dialect;
        late->schema = &w->module->schema;
        late->operation = w->operation;
    }

    return waits;
}


/* By its name, and by no other file of that name. */
static int
plan_speaks(const crm_write_t *w)
{
    const crm_dialect_t  *known;

    known = crm_ruleset_dialect(w->rules, crm_dialect_name(w->dialect));

    return known && (known == w->dialect
                     || crm_dialect_sum(known)
                        == crm_dialect_sum(w->dialect));
}


/* Once an event, and its text where it is told whole. */
static crm_status_t
plan_told(crm_plan_t *plan, const crm_event_t *event, const crm_asks_t *asks)
{
    crm_buf_t  buf;

    if (plan->told == NULL
        && crm_renew_record(event, &plan->told) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (!asks->whole || plan->told_json.data) {
        return CRM_OK;
    }

    if (plan->told == &event->record) {
        plan->told_json = event->record_json;
        return CRM_OK;
    }

    crm_buf_init(&buf, event->write->pool, 0);
    crm_buf_reserve(&buf, PLAN_HEAD_BYTES + event->record_json.len);
    crm_image_encode(&buf, plan->told, NULL);
    plan->told_json = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
plan_waiting(crm_cmd_job_t *job, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    job->due_ms = fired->due_ms;
    job->receiver = action->id == CRM_ACTION_WEBHOOK
                    ? action->u.webhook->receiver : CRM_STR("");

    crm_buf_init(&buf, event->write->pool, 0);

    rc = crm_waiting_encode(&buf, event, fired, action, job->id, NULL);
    job->json = crm_buf_view(&buf);

    return rc;
}


/* Locking marks, which rules have had their one run, and the snapshot. */
static crm_status_t
plan_changes(crm_plan_t *plan, const crm_event_t *event)
{
    int                      adds;
    size_t                   i;
    crm_cmd_change_t        *change;
    const crm_write_t       *w;
    const crm_workflow_t    *rule;

    w = event->write;

    plan->changes = crm_pool_calloc(w->pool, event->transform.fired_count + 2
                                             + event->effects.changes_count,
                                    sizeof(crm_cmd_change_t));
    if (plan->changes == NULL) {
        return CRM_ENOMEM;
    }

    change = plan->changes;

    if (w->operation == CRM_OP_DELETE) {
        change->op = CRM_CHANGE_DROP;
        change = plan_effects(change + 1, event, 0);
        plan->changes_count = (size_t) (change - plan->changes);
        return CRM_OK;
    }

    /* settled without the lease, or without having had one: other writes may
     * have left marks meanwhile, and a mark too many locks nothing */

    adds = event->lapsed || (event->restored && w->operation == CRM_OP_CREATE);

    if (event->marks_count) {
        change->op = adds ? CRM_CHANGE_ADD : CRM_CHANGE_SET;
        change->field = CRM_STR(CRM_STATE_LOCK);
        change->value = crm_state_lock_encode(w->pool, event->marks,
                                              event->marks_count);
        if (change->value.data == NULL) {
            return CRM_ENOMEM;
        }
        change++;

    } else if (!adds && w->operation != CRM_OP_ACTION
               && (w->state ? w->state->n_locks > 0
                                  : event->restored))
    {
        change->op = CRM_CHANGE_DEL;
        change->field = CRM_STR(CRM_STATE_LOCK);
        change++;
    }

    change = plan_effects(change, event, adds);

    for (i = 0; i < event->transform.fired_count; i++) {
        rule = event->transform.fired[i].rule;

        if (rule->repeat || rule->status != CRM_STATUS_ON) {
            continue;
        }

        change->op = CRM_CHANGE_SET;
        change->field = crm_state_once_field(w->pool, rule->id);
        change->value = CRM_STR("1");
        if (change->field.data == NULL) {
            return CRM_ENOMEM;
        }
        change++;
    }

    if (event->snapshot.len) {
        change->op = CRM_CHANGE_KEEP;
        change->field = event->snapshot_s;
        change->value = event->snapshot;
        change++;
    }

    plan->changes_count = (size_t) (change - plan->changes);

    return CRM_OK;
}


/* Of a deleted record nothing is set; where others may have written since,
 * what they left stays. */
static crm_cmd_change_t *
plan_effects(crm_cmd_change_t *change, const crm_event_t *event, int adds)
{
    size_t                   i;
    const crm_cmd_change_t  *effect;

    for (i = 0; i < event->effects.changes_count; i++) {
        effect = &event->effects.changes[i];

        if (event->write->operation == CRM_OP_DELETE
            && (effect->op != CRM_CHANGE_RANK || effect->value.len))
        {
            continue;
        }

        if (adds && (effect->op == CRM_CHANGE_DEL
                     || (effect->op == CRM_CHANGE_RANK
                         && effect->value.len == 0)))
        {
            continue;
        }

        *change = *effect;

        if (adds && effect->op == CRM_CHANGE_ENTER) {
            change->op = CRM_CHANGE_FILL;
        }

        change++;
    }

    return change;
}
