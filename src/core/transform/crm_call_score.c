/*
 * Calls on the score of a record.
 */

#include "transform/crm_call_score.h"

#include "base/crm_digest.h"
#include "base/crm_limits.h"
#include "transform/crm_score.h"


/* Of a list of ids each is told by so many letters of its digest. */
#define SCORE_ID_LEN  13


static crm_status_t score_event(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t score_text(crm_str_t *text, crm_span_t body,
    const char *name, size_t max, crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t score_wrong(crm_refusal_t *refusal,
    crm_refusal_kind_t kind, const char *field, const char *reason);
static crm_status_t score_ids(crm_str_t *kept, int *known,
    const crm_write_t *write);
static crm_status_t score_count(crm_called_t *called, crm_write_t *write,
    crm_write_t *update);
static crm_status_t score_touched(crm_called_t *called,
    const crm_write_t *write);
static crm_status_t score_touch(crm_called_t *called,
    const crm_write_t *write, const char *sign, const crm_score_t *score,
    long long points, long long before);
static long long score_before(const crm_write_t *write, crm_str_t rule,
    int negative);
static crm_status_t score_fields(crm_called_t *called,
    const crm_changes_t *changes, crm_pool_t *pool);
static crm_status_t score_answer(crm_called_t *called,
    const crm_write_t *write, const crm_scores_t *scores, int counted);


int
crm_call_score_stands(const crm_module_t *module)
{
    return module->scorings.count != 0;
}


int
crm_call_score_counts(const crm_module_t *module, crm_str_t event)
{
    size_t                i, k;
    const crm_scoring_t  *scoring;

    for (i = 0; i < module->scorings.count; i++) {
        scoring = module->scorings.items[i];

        for (k = 0; k < scoring->touches_count; k++) {
            if (crm_str_eq(scoring->touches[k].event, event)) {
                return 1;
            }
        }
    }

    return 0;
}


crm_status_t
crm_call_score_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    call->event = CRM_STR("");
    call->event_id = CRM_STR("");

    if (crm_str_is(ask->method, "GET")) {
        call->kind = CRM_CALL_SCORE_READ;
        return CRM_OK;
    }

    if (crm_str_is(ask->method, "PUT")) {
        call->kind = CRM_CALL_SCORE;
        return CRM_OK;
    }

    if (!crm_str_is(ask->method, "POST")) {
        return CRM_DECLINED;
    }

    call->kind = CRM_CALL_SCORE_EVENT;

    return score_event(call, ask, pool, refusal);
}


/* {"event": "email_opened", "id": "which one"}. */
static crm_status_t
score_event(crm_call_t *call, const crm_call_ask_t *ask, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    crm_span_t    body;
    crm_status_t  rc;

    rc = crm_call_body(&body, ask, pool, refusal);
    if (rc == CRM_OK) {
        rc = score_text(&call->event, body, "event", CRM_MAX_EVENT_NAME, pool,
                        refusal);
    }
    if (rc == CRM_OK) {
        rc = score_text(&call->event_id, body, "id", CRM_MAX_EVENT_ID, pool,
                        refusal);
    }

    return rc == CRM_OK && call->event.len == 0
           ? score_wrong(refusal, CRM_REFUSE_MANDATORY, "event",
                         "\"event\" must say what has happened, such as"
                         " email_opened")
           : rc;
}


static crm_status_t
score_text(crm_str_t *text, crm_span_t body, const char *name, size_t max,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_span_t  value;

    value = crm_span_member(body, crm_strz(name));

    if (value.type == CRM_JSON_NONE || value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (value.type != CRM_JSON_STRING) {
        return score_wrong(refusal, CRM_REFUSE_VALUE, name,
                           "it must be a text");
    }

    *text = crm_span_text(value, pool);

    if (text->data == NULL) {
        return CRM_ENOMEM;
    }

    return text->len <= max ? CRM_OK
           : score_wrong(refusal, CRM_REFUSE_VALUE, name,
                         "it may have 100 bytes");
}


static crm_status_t
score_wrong(crm_refusal_t *refusal, crm_refusal_kind_t kind,
    const char *field, const char *reason)
{
    crm_call_wrong(refusal, kind, reason);
    refusal->field = crm_strz(field);

    return CRM_EINVAL;
}


crm_status_t
crm_call_score_judge(crm_called_t *called, crm_write_t *write)
{
    int           known;
    crm_str_t     ids;
    crm_write_t   update;
    crm_status_t  rc;

    if (write->module->scorings.count == 0) {
        return crm_call_refuse(called, CRM_REFUSE_UNCONFIGURED,
                   CRM_STR("no scoring rule counts what records of this"
                           " module are worth"), CRM_STR_NULL);
    }

    if (write->call->event.len
        && !crm_call_score_counts(write->module, write->call->event))
    {
        return crm_call_refuse(called, CRM_REFUSE_VALUE,
                   CRM_STR("no scoring rule of this module counts an event of"
                           " that name"), CRM_STR("event"));
    }

    rc = score_ids(&ids, &known, write);

    if (rc == CRM_OK && known) {
        return score_answer(called, write, NULL, 0);
    }

    if (rc == CRM_OK) {
        rc = score_count(called, write, &update);
    }

    if (rc == CRM_OK && write->call->kind == CRM_CALL_SCORE_READ) {
        memset(&called->effects, 0, sizeof(crm_effects_t));
        memset(&called->transform, 0, sizeof(crm_transform_t));
        called->update = CRM_STR_NULL;
        write->scores = NULL;

    } else if (rc == CRM_OK && ids.len) {
        rc = crm_effects_set(&called->effects, CRM_STATE_EVENTS, ids,
                             write->pool);
    }

    return rc == CRM_OK ? score_answer(called, write, update.scores, 1) : rc;
}


/* The last ids of the record with this one behind them; empty where it has
 * none. *known: it has been counted. */
static crm_status_t
score_ids(crm_str_t *kept, int *known, const crm_write_t *write)
{
    char           id[SCORE_ID_LEN + 1];
    size_t         i, n;
    crm_str_t      had, one;
    unsigned char  digest[CRM_DIGEST_LEN];

    *known = 0;
    *kept = CRM_STR("");

    if (write->call->event_id.len == 0) {
        return CRM_OK;
    }

    crm_digest_sha256(digest, &write->call->event_id, 1);
    crm_digest_base32(id, SCORE_ID_LEN, digest);
    id[SCORE_ID_LEN] = '\0';

    had = write->state ? write->state->events : CRM_STR("");
    n = had.len / SCORE_ID_LEN;

    for (i = 0; i < n; i++) {
        one = crm_str(had.data + i * SCORE_ID_LEN, SCORE_ID_LEN);
        *known = *known || crm_str_is(one, id);
    }

    /* those that are the longest there go first */

    i = n < CRM_MAX_EVENT_IDS ? 0 : n - CRM_MAX_EVENT_IDS + 1;

    *kept = crm_pool_printf(write->pool, "%.*s%s",
                            (int) ((n - i) * SCORE_ID_LEN),
                            n ? had.data + i * SCORE_ID_LEN : "", id);

    return kept->data ? CRM_OK : CRM_ENOMEM;
}


/* As an update of the record that changes nothing itself. */
static crm_status_t
score_count(crm_called_t *called, crm_write_t *write, crm_write_t *update)
{
    crm_status_t   rc;
    crm_record_t  *nothing;

    nothing = crm_pool_calloc(write->pool, 1, sizeof(crm_record_t));
    if (nothing == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_record_parse(nothing, CRM_STR("{}"), NULL, write->pool, NULL);
    if (rc != CRM_OK) {
        return CRM_ENOMEM;
    }

    *update = *write;
    update->operation = CRM_OP_UPDATE;
    update->request = nothing;

    rc = crm_write_init(update, write->pool);
    if (rc == CRM_OK) {
        rc = crm_score_first(update, &called->transform.changes);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    write->scores = update->scores;

    rc = score_touched(called, write);

    if (rc == CRM_OK && called->transform.changes.real) {

        /* the update that it comes to is judged for itself */

        rc = score_fields(called, &called->transform.changes, write->pool);
        memset(&called->transform, 0, sizeof(crm_transform_t));
        write->scores = NULL;

        return rc;
    }

    if (rc == CRM_OK) {
        rc = crm_workflow_scored(update, &called->transform.fired,
                                 &called->transform.fired_count);
    }

    write->stopped = update->stopped;
    write->stopped_count = update->stopped_count;

    return rc == CRM_OK ? crm_score_follow(&called->effects, update) : rc;
}


/* What events have brought so far is kept, with this one. */
static crm_status_t
score_touched(crm_called_t *called, const crm_write_t *write)
{
    size_t              i;
    crm_status_t        rc;
    const crm_score_t  *score;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && write->call->event.len
                && i < write->scores->count; i++)
    {
        score = &write->scores->items[i];

        if (score->rule->touches_count == 0) {
            continue;
        }

        rc = score_touch(called, write, "+", score, score->touch_positive,
                         score_before(write, score->rule->name, 0));
        if (rc == CRM_OK) {
            rc = score_touch(called, write, "-", score,
                             score->touch_negative,
                             score_before(write, score->rule->name, 1));
        }
    }

    return rc;
}


static crm_status_t
score_touch(crm_called_t *called, const crm_write_t *write, const char *sign,
    const crm_score_t *score, long long points, long long before)
{
    crm_str_t  field, text;

    if (points == before) {
        return CRM_OK;
    }

    field = crm_pool_printf(write->pool, "%s%s%.*s", CRM_STATE_TOUCH, sign,
                            (int) score->rule->name.len,
                            score->rule->name.data);
    text = crm_pool_printf(write->pool, "%lld", points);

    return field.data && text.data
           ? crm_effects_set(&called->effects, field.data, text, write->pool)
           : CRM_ENOMEM;
}


static long long
score_before(const crm_write_t *write, crm_str_t rule, int negative)
{
    size_t  i;

    for (i = 0; write->state && i < write->state->n_touches; i++) {
        if (crm_str_eq(write->state->touches[i].rule, rule)
            && (write->state->touches[i].points < 0) == negative)
        {
            return write->state->touches[i].points;
        }
    }

    return 0;
}


static crm_status_t
score_fields(crm_called_t *called, const crm_changes_t *changes,
    crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');

    for (i = 0; i < changes->count; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_buf_json(&buf, changes->items[i].field);
        crm_buf_putc(&buf, ':');
        crm_buf_str(&buf, changes->items[i].json);
    }

    crm_buf_putc(&buf, '}');
    called->update = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
score_answer(crm_called_t *called, const crm_write_t *write,
    const crm_scores_t *scores, int counted)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, write->pool, 0);
    crm_buf_puts(&buf, "{\"module\":");
    crm_buf_json(&buf, write->module->name);
    crm_buf_puts(&buf, ",\"id\":");
    crm_buf_json(&buf, write->record_id);

    if (write->call->event.len) {
        crm_buf_puts(&buf, ",\"event\":");
        crm_buf_json(&buf, write->call->event);
        crm_buf_puts(&buf, counted ? ",\"counted\":true"
                                   : ",\"counted\":false");
    }

    crm_score_tell(&buf, scores);
    crm_buf_putc(&buf, '}');

    called->status = 200;
    called->answer = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
