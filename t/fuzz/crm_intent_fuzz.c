/*
 * Intents. The first byte chooses.
 *
 * 'a' to 'h': a document as anyone may have left it in Redis, and behind a zero
 * byte what a backend answers to recovery: read or refused, settled, its jobs
 * planned, and never a crash. Otherwise: a request and, behind a zero byte,
 * the record that it changes; what recovery makes of the intent of this write
 * are the very jobs that the write itself brings, and what it concludes from
 * the backend is not the opposite of what happened.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crm_fuzz_rules.h"
#include "queue/crm_settle.h"


#define POOL_BYTES   (16 * 1024 * 1024)
#define MAX_TIME_MS  2000


static void fuzz_document(crm_str_t doc, crm_str_t answer, unsigned kind,
    crm_pool_t *pool);
static void fuzz_write(const crm_str_t text[2], crm_pool_t *pool);
static int plan_of(crm_plan_t *plan, crm_event_t *event, crm_pool_t *pool);
static void check_json(crm_str_t text);
static void check_plans(const crm_plan_t *one, const crm_plan_t *two);
static void check_settled(const crm_intent_t *intent,
    const crm_event_t *event, crm_pool_t *pool);
static crm_settled_t settled(const crm_intent_t *intent, unsigned status,
    crm_str_t record, crm_str_t event, crm_pool_t *pool);
static void check(int condition);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static crm_ruleset_t  *rules;


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    rules = fuzz_rules();

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t        len;
    crm_str_t     text[2];
    const char   *rest, *zero;
    crm_pool_t   *pool;

    if (size == 0) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return 0;
    }

    rest = (const char *) data + 1;
    zero = size > 1 ? memchr(rest, '\0', size - 1) : NULL;
    len = zero ? (size_t) (zero - rest) : size - 1;

    text[0] = crm_str(rest, len);
    text[1] = zero ? crm_str(zero + 1, size - len - 2) : CRM_STR("");

    if (data[0] >= 'a' && data[0] <= 'h') {
        fuzz_document(text[0], text[1], data[0], pool);

    } else if (text[0].len || text[1].len) {
        fuzz_write(text, pool);
    }

    crm_pool_destroy(pool);

    return 0;
}


static void
fuzz_document(crm_str_t doc, crm_str_t body, unsigned kind, crm_pool_t *pool)
{
    crm_plan_t           plan;
    crm_error_t          err;
    crm_event_t          event;
    crm_write_t          w;
    crm_intent_t         intent;
    crm_intents_t        intents;
    crm_status_t         rc;
    crm_settlement_t     s;
    crm_intent_since_t   since;
    crm_settle_answer_t  answer;

    /* by the first byte: status, whether the backend knows events, and by how
     * much the clocks of nginx and Redis differ */

    static const struct {
        unsigned   status;
        int        knows;
        long long  ahead_ms;

    } kinds[] = {
        { 404, 1, 0 }, { 401, 0, 0 }, { 500, 1, 0 }, { 200, 1, 1 },
        { 200, 0, 1 }, { 200, 0, 86400000 }, { 204, 0, 0 }, { 0, 0, 0 }
    };

    memset(&err, 0, sizeof(crm_error_t));
    kind -= 'a';

    rc = crm_intent_parse(&intents, doc, pool, &err);
    if (rc != CRM_OK) {
        check(rc == CRM_EINVAL || rc == CRM_ELIMIT || rc == CRM_ENOMEM);
        check(err.code == rc && err.text[0] != '\0');
        return;
    }

    check(intents.count > 0);

    /* without one the worker settles nothing */

    if (crm_intents_dialect(&intents, rules) != CRM_OK) {
        return;
    }

    intent = intents.items[intents.count - 1];

    check(intent.speaks.len > 0 && intent.module.len > 0);
    check(intent.operation >= CRM_OP_CREATE
          && intent.operation <= CRM_OP_DELETE);
    check((intent.operation == CRM_OP_DELETE) == (intent.request == NULL));
    check((intent.operation == CRM_OP_CREATE)
          == (intent.record_id.len == 0));

    answer.status = kinds[kind].status;
    answer.body = body;
    answer.event = kinds[kind].knows ? intent.event : CRM_STR("");
    intent.begun_ms = kinds[kind].ahead_ms
                      ? FUZZ_NOW - kinds[kind].ahead_ms : 0;

    if (crm_settle_path(&intent, pool).data == NULL
        || crm_settle(&s, &intent, &answer, MAX_TIME_MS, NULL, pool)
           != CRM_OK)
    {
        return;                             /* out of the pool's memory */
    }

    check(s.how <= CRM_SETTLED_UNDETERMINED && s.reason != NULL);
    check(s.how != CRM_SETTLED_COMMITTED || s.record_id.len > 0);

    memset(&since, 0, sizeof(crm_intent_since_t));
    since.lapsed = kind == 0;

    rc = crm_intent_restore(&event, &w, &intent, rules, &since, pool, &err);
    if (rc != CRM_OK) {
        check(rc == CRM_EINVAL || rc == CRM_ENOMEM);
        check(err.code == rc && err.text[0] != '\0');
        return;
    }

    if (crm_event_finish(&event, CRM_STR("42")) == CRM_OK) {
        (void) plan_of(&plan, &event, pool);
    }
}


static void
fuzz_write(const crm_str_t text[2], crm_pool_t *pool)
{
    crm_str_t           id;
    crm_buf_t           buf;
    crm_plan_t          plan, again;
    crm_error_t         err;
    crm_event_t         event, restored;
    crm_write_t         w, w_restored;
    crm_record_t        records[2];
    const crm_event_t  *judged;
    crm_intent_t        intent;
    crm_intents_t       intents;
    crm_status_t        rc;

    if (!fuzz_event(&event, &w, rules, CRM_STR("Leads"), records, text, pool)
        || !plan_of(&plan, &event, pool))
    {
        return;
    }

    crm_buf_init(&buf, pool, 0);
    judged = &event;
    if (crm_intent_encode(&judged, 1, &buf) != CRM_OK) {
        return;                             /* out of the pool's memory */
    }

    rc = crm_intent_parse(&intents, crm_buf_view(&buf), pool, &err);
    if (rc == CRM_ENOMEM) {
        return;
    }

    check(rc == CRM_OK && intents.count == 1);
    intent = intents.items[0];
    check(intent.operation == w.operation);
    check(crm_str_eq(intent.record_id, w.record_id));

    rc = crm_intent_restore(&restored, &w_restored, &intent, rules, NULL,
                            pool, &err);
    if (rc == CRM_ENOMEM) {
        return;
    }

    check(rc == CRM_OK);

    id = CRM_STR("42");

    if (crm_event_finish(&restored, id) == CRM_OK
        && plan_of(&again, &restored, pool))
    {
        check_plans(&plan, &again);
        check_settled(&intent, &event, pool);
    }
}


/* 0: out of the pool's memory. The trace is JSON whatever it tells. */
static int
plan_of(crm_plan_t *plan, crm_event_t *event, crm_pool_t *pool)
{
    size_t        i;
    crm_buf_t     buf;
    crm_trace_t   trace;

    if (crm_plan(plan, event) != CRM_OK) {
        return 0;
    }

    memset(&trace, 0, sizeof(crm_trace_t));
    trace.explain = 1;
    trace.jobs = plan->jobs;
    crm_buf_init(&buf, pool, 0);

    if (crm_event_trace(event, &buf, &trace) != CRM_OK) {
        return 0;
    }

    check_json(crm_buf_view(&buf));

    for (i = 0; i < plan->jobs_count; i++) {
        check_json(plan->jobs[i].json);
    }

    return 1;
}


/* Numbers stand there as the client wrote them, beyond any double too. */
static void
check_json(crm_str_t text)
{
    json_t        *tree;
    json_error_t   err;

    tree = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES
                      | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &err);

    check(tree != NULL
          || json_error_code(&err) == json_error_numeric_overflow);
    json_decref(tree);
}


static void
check_plans(const crm_plan_t *one, const crm_plan_t *two)
{
    size_t  i;

    check(one->jobs_count == two->jobs_count);

    for (i = 0; i < one->jobs_count; i++) {
        check(one->jobs[i].queue == two->jobs[i].queue);
        check(crm_str_eq(one->jobs[i].id, two->jobs[i].id));
        check(crm_str_eq(one->jobs[i].json, two->jobs[i].json));
    }
}


/* The backend shows the record as it was, or as it is behind the write. */
static void
check_settled(const crm_intent_t *intent, const crm_event_t *event,
    crm_pool_t *pool)
{
    crm_settled_t       how;
    const crm_write_t  *w;

    w = event->write;

    switch (w->operation) {

    case CRM_OP_CREATE:
        how = settled(intent, 200, event->record_json, intent->event, pool);
        check(how != CRM_SETTLED_NOT_COMMITTED);

        how = settled(intent, 204, CRM_STR_NULL, intent->event, pool);
        check(how == CRM_SETTLED_NOT_COMMITTED
              || how == CRM_SETTLED_UNREADABLE);
        return;

    case CRM_OP_DELETE:
        how = settled(intent, 204, CRM_STR_NULL, CRM_STR_NULL, pool);
        check(how == CRM_SETTLED_COMMITTED || how == CRM_SETTLED_UNREADABLE);

        how = settled(intent, 200, crm_span_raw(w->before->object),
                      CRM_STR_NULL, pool);
        check(how != CRM_SETTLED_COMMITTED);
        return;

    default:
        if (w->changed_count == 0 && event->transform.changes.real == 0) {
            return;                         /* it was so before */
        }

        how = settled(intent, 200, event->record_json, CRM_STR_NULL, pool);
        check(how != CRM_SETTLED_NOT_COMMITTED);

        /* without a version nothing but the fields can tell */

        if (crm_record_field(w->before, CRM_STR("Modified_Time")) == NULL) {
            how = settled(intent, 200, crm_span_raw(w->before->object),
                          CRM_STR_NULL, pool);
            check(how != CRM_SETTLED_COMMITTED);
        }
    }
}


/* UNREADABLE: no memory either. */
static crm_settled_t
settled(const crm_intent_t *intent, unsigned status, crm_str_t record,
    crm_str_t event, crm_pool_t *pool)
{
    crm_buf_t            buf;
    crm_settlement_t     s;
    crm_settle_answer_t  answer;

    memset(&answer, 0, sizeof(crm_settle_answer_t));
    answer.status = status;
    answer.event = event;

    if (record.len) {
        crm_buf_init(&buf, pool, 0);
        crm_buf_puts(&buf, "{\"data\":[");
        crm_buf_str(&buf, record);
        crm_buf_puts(&buf, "]}");

        if (crm_buf_status(&buf) != CRM_OK) {
            return CRM_SETTLED_UNREADABLE;
        }

        answer.body = crm_buf_view(&buf);
    }

    return crm_settle(&s, intent, &answer, MAX_TIME_MS, NULL, pool) == CRM_OK
           ? s.how : CRM_SETTLED_UNREADABLE;
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
