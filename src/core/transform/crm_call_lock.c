/*
 * Calls on the lock of a record.
 *
 * The vendor keeps locks as a list that hangs on the record,
 * Locking_Information__s, of one entry at most; crm_api knows one lock a
 * record. A lock by rules is nobody's to take away, and no lock is laid over
 * another one.
 */

#include "transform/crm_call_lock.h"

#include "decide/crm_lock.h"
#include "decide/crm_manual.h"


/* What stands for the entry of a lock that nobody laid. */
#define LOCK_AUTOMATIC_ID  "automatic"


/* What holds a record. */
typedef struct {
    const crm_locking_t    *locking;
    int                     by_hand;
    crm_manual_t            manual;
    const crm_lock_rule_t  *rule;           /* or NULL */
} held_t;


static crm_status_t lock_reason(crm_call_t *call, crm_span_t body,
    crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t lock_wrong(const crm_call_t *call,
    crm_refusal_kind_t kind, const char *reason, crm_refusal_t *refusal);
static size_t lock_characters(crm_str_t text);
static crm_status_t lock_held(held_t *held, crm_write_t *write);
static crm_status_t lock_read(crm_called_t *called, crm_write_t *write,
    const held_t *held);
static crm_status_t lock_set(crm_called_t *called, crm_write_t *write,
    const held_t *held);
static crm_status_t lock_put(crm_called_t *called, crm_write_t *write,
    const held_t *held);
static crm_status_t lock_change(crm_called_t *called,
    const crm_write_t *write, const crm_manual_t *manual, int put);
static crm_status_t lock_remove(crm_called_t *called, crm_write_t *write,
    const held_t *held);
static int lock_may(const crm_write_t *write, const held_t *held);
static int lock_names(const crm_call_t *call, const held_t *held);
static crm_status_t lock_none(crm_called_t *called);
static crm_status_t lock_answer(crm_called_t *called, unsigned status,
    const crm_buf_t *buf);
static void lock_done(crm_buf_t *buf, const crm_write_t *write,
    const crm_manual_t *manual, const char *message);
static void lock_entry(crm_buf_t *buf, const crm_write_t *write,
    const held_t *held);
static void lock_person(crm_buf_t *buf, const crm_manual_t *manual);
static void lock_plain(crm_buf_t *buf, const held_t *held);
static const char *lock_source(const held_t *held);


int
crm_call_lock_stands(const crm_module_t *module)
{
    return module->locking != NULL;
}


crm_status_t
crm_call_lock_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_span_t    body;
    crm_status_t  rc;

    call->lock_id = ask->lock_id;

    if (crm_str_is(ask->method, "GET")) {
        call->kind = CRM_CALL_LOCK_READ;
        return CRM_OK;
    }

    if (crm_str_is(ask->method, "DELETE")) {
        call->kind = CRM_CALL_UNLOCK;
        return CRM_OK;
    }

    /* the vendor's PUT names the lock whose reason changes */

    if (crm_str_is(ask->method, "PUT")
        ? !ask->vendor || ask->lock_id.len == 0
        : !crm_str_is(ask->method, "POST") || ask->lock_id.len != 0)
    {
        return CRM_DECLINED;
    }

    call->kind = CRM_CALL_LOCK;

    rc = crm_call_body(&body, ask, pool, refusal);

    return rc == CRM_OK ? lock_reason(call, body, pool, refusal) : rc;
}


/* {"reason": ...}, or the one element of the vendor's list. */
static crm_status_t
lock_reason(crm_call_t *call, crm_span_t body, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t      cursor;
    crm_span_t  list, more, value;

    if (call->vendor) {
        list = crm_span_member(body, CRM_STR("data"));
        cursor = 0;

        if (list.type != CRM_JSON_ARRAY
            || !crm_span_next(list, &cursor, NULL, &body)
            || body.type != CRM_JSON_OBJECT
            || crm_span_next(list, &cursor, NULL, &more))
        {
            return crm_call_wrong(refusal, CRM_REFUSE_BODY,
                       "\"data\" must be a list of one object, the lock");
        }
    }

    value = crm_span_member(body, call->vendor ? CRM_STR("Locked_Reason__s")
                                               : CRM_STR("reason"));

    if (value.type == CRM_JSON_NONE || value.type == CRM_JSON_NULL) {
        return lock_wrong(call, CRM_REFUSE_MANDATORY,
                          "say why the record is locked", refusal);
    }

    if (value.type != CRM_JSON_STRING) {
        return lock_wrong(call, CRM_REFUSE_VALUE,
                          "the reason of a lock is text", refusal);
    }

    call->reason = crm_span_text(value, pool);
    if (call->reason.data == NULL) {
        return CRM_ENOMEM;
    }

    if (lock_characters(call->reason) == 0) {
        return lock_wrong(call, CRM_REFUSE_MANDATORY,
                          "say why the record is locked", refusal);
    }

    if (lock_characters(call->reason) > CRM_LOCK_REASON_MAX) {
        lock_wrong(call, CRM_REFUSE_VALUE,
                   "the reason of a lock has 3000 characters at most",
                   refusal);
        refusal->limit = CRM_LOCK_REASON_MAX;

        return CRM_EINVAL;
    }

    return CRM_OK;
}


static crm_status_t
lock_wrong(const crm_call_t *call, crm_refusal_kind_t kind,
    const char *reason, crm_refusal_t *refusal)
{
    crm_call_wrong(refusal, kind, reason);

    refusal->action = CRM_STR("lock");
    refusal->field = call->vendor ? CRM_STR("Locked_Reason__s")
                                  : CRM_STR("reason");

    return CRM_EINVAL;
}


/* Of checked UTF-8; text that is blank has none. */
static size_t
lock_characters(crm_str_t text)
{
    int     blank;
    size_t  i, n;

    n = 0;
    blank = 1;

    for (i = 0; i < text.len; i++) {
        n += ((unsigned char) text.data[i] & 0xc0) != 0x80;
        blank = blank && (unsigned char) text.data[i] <= ' ';
    }

    return blank ? 0 : n;
}


crm_status_t
crm_call_lock_judge(crm_called_t *called, crm_write_t *write)
{
    held_t             held;
    crm_status_t       rc;
    const crm_call_t  *call;

    call = write->call;

    if (write->module->locking == NULL) {
        return call->kind == CRM_CALL_LOCK_READ ? lock_none(called)
               : crm_call_refuse(called, CRM_REFUSE_UNCONFIGURED,
                     CRM_STR("no record_locking says how records of this"
                             " module are locked"), CRM_STR_NULL);
    }

    rc = lock_held(&held, write);
    if (rc != CRM_OK) {
        return rc;
    }

    switch (call->kind) {

    case CRM_CALL_LOCK_READ:
        return lock_read(called, write, &held);

    case CRM_CALL_UNLOCK:
        return lock_remove(called, write, &held);

    default: /* LOCK */
        return call->lock_id.len ? lock_put(called, write, &held)
                                 : lock_set(called, write, &held);
    }
}


static crm_status_t
lock_held(held_t *held, crm_write_t *write)
{
    memset(held, 0, sizeof(held_t));
    held->locking = write->module->locking;

    if (write->state && write->state->manual.len) {
        held->by_hand = 1;

        if (crm_manual_parse(&held->manual, write->state->manual,
                             write->pool) != CRM_OK)
        {
            return CRM_ENOMEM;
        }
    }

    return crm_lock_automatic(write, &held->rule);
}


static crm_status_t
lock_read(crm_called_t *called, crm_write_t *write, const held_t *held)
{
    crm_buf_t  buf;

    if ((!held->by_hand && held->rule == NULL)
        || (write->call->lock_id.len && !lock_names(write->call, held)))
    {
        return write->call->vendor ? lock_answer(called, 204, NULL)
                                   : lock_none(called);
    }

    crm_buf_init(&buf, write->pool, 0);

    if (write->call->vendor) {
        crm_buf_puts(&buf, "{\"data\":[");
        lock_entry(&buf, write, held);
        crm_buf_puts(&buf, "],\"info\":{\"per_page\":200,\"count\":1,"
                           "\"page\":1,\"more_records\":false}}");
    } else {
        lock_plain(&buf, held);
    }

    return lock_answer(called, 200, &buf);
}


static crm_status_t
lock_set(crm_called_t *called, crm_write_t *write, const held_t *held)
{
    crm_manual_t  manual;

    if (!held->locking->by_hand) {
        return crm_call_refuse(called, CRM_REFUSE_UNCONFIGURED,
                   CRM_STR("the lock_type of this module is automatic: its"
                           " records are locked by rules alone"),
                   CRM_STR_NULL);
    }

    if (held->by_hand && held->manual.confirmed) {
        return crm_call_refuse(called, CRM_REFUSE_NOT_ALLOWED,
                   CRM_STR("the record is locked already, by hand"),
                   CRM_STR_NULL);
    }

    if (held->rule) {
        crm_call_refuse(called, CRM_REFUSE_NOT_ALLOWED,
                   crm_pool_printf(write->pool, "the record is locked already"
                                   ", by the rule \"%.*s\"",
                                   (int) held->rule->name.len,
                                   held->rule->name.data), CRM_STR_NULL);
        called->verdict.rule = held->rule->name;

        return called->verdict.reason.data ? CRM_OK : CRM_ENOMEM;
    }

    /* one that was never confirmed stands as it was laid, and is confirmed */

    if (held->by_hand) {
        return lock_change(called, write, &held->manual, 0);
    }

    /* as ids of targets are: no number that begins with a zero */

    manual.id = crm_pool_printf(write->pool, "L%.*s", (int) write->event.len,
                                write->event.data);
    if (manual.id.data == NULL) {
        return CRM_ENOMEM;
    }

    manual.by = write->actor.id;
    manual.name = write->actor.name;
    manual.reason = write->call->reason;
    manual.at_ms = write->now_ms;
    manual.event = write->event;
    manual.confirmed = 0;

    return lock_change(called, write, &manual, 0);
}


static crm_status_t
lock_put(crm_called_t *called, crm_write_t *write, const held_t *held)
{
    crm_manual_t  manual;

    if (!held->by_hand || !lock_names(write->call, held)) {
        return held->rule && lock_names(write->call, held)
               ? crm_call_refuse(called, CRM_REFUSE_NOT_ALLOWED,
                     CRM_STR("a lock by rules cannot be changed by hand"),
                     CRM_STR_NULL)
               : crm_call_refuse(called, CRM_REFUSE_RELATED,
                     CRM_STR("the record has no lock of that id"),
                     CRM_STR_NULL);
    }

    if (!lock_may(write, held)) {
        return crm_call_refuse(called, CRM_REFUSE_PERMISSION,
                   CRM_STR("who locked the record changes the lock, or one"
                           " whom locks do not stop"), CRM_STR_NULL);
    }

    manual = held->manual;
    manual.reason = write->call->reason;

    return lock_change(called, write, &manual, 1);
}


static crm_status_t
lock_change(crm_called_t *called, const crm_write_t *write,
    const crm_manual_t *manual, int put)
{
    held_t     held;
    crm_buf_t  doc, buf;

    crm_buf_init(&doc, write->pool, 0);
    crm_buf_init(&buf, write->pool, 0);

    crm_manual_encode(&doc, manual);
    called->manual = crm_buf_view(&doc);

    if (crm_buf_status(&doc) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (write->call->vendor) {
        lock_done(&buf, write, manual, put ? "record updated"
                                           : "record added");
    } else {
        memset(&held, 0, sizeof(held_t));
        held.by_hand = 1;
        held.manual = *manual;
        held.manual.confirmed = 1;
        lock_plain(&buf, &held);
    }

    return lock_answer(called, put ? 200 : 201, &buf);
}


static crm_status_t
lock_remove(crm_called_t *called, crm_write_t *write, const held_t *held)
{
    crm_buf_t  buf;

    if (!held->by_hand && held->rule) {
        crm_call_refuse(called, CRM_REFUSE_NOT_ALLOWED,
                   CRM_STR("a lock by rules cannot be taken away by hand"),
                   CRM_STR_NULL);
        called->verdict.rule = held->rule->name;

        return CRM_OK;
    }

    if (!held->by_hand || !lock_names(write->call, held)) {
        return write->call->vendor
               ? crm_call_refuse(called, CRM_REFUSE_RELATED,
                     CRM_STR("the record has no lock of that id"),
                     CRM_STR_NULL)
               : lock_answer(called, 204, NULL);
    }

    if (!lock_may(write, held)) {
        return crm_call_refuse(called, CRM_REFUSE_PERMISSION,
                   CRM_STR("who locked the record unlocks it, or one whom"
                           " locks do not stop"), CRM_STR_NULL);
    }

    called->manual = held->manual.id;

    if (!write->call->vendor) {
        return lock_answer(called, 204, NULL);
    }

    crm_buf_init(&buf, write->pool, 0);
    crm_buf_puts(&buf, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
                       "{\"id\":");
    crm_buf_json(&buf, held->manual.id);
    crm_buf_puts(&buf, "},\"message\":\"relation removed\","
                       "\"status\":\"success\"}]}");

    return lock_answer(called, 200, &buf);
}


/* Its author, or one whom it does not stop. */
static int
lock_may(const crm_write_t *write, const held_t *held)
{
    return crm_str_eq(write->actor.id, held->manual.by)
           || crm_lock_excludes(held->locking, &write->actor);
}


/* Without an id any lock is meant; one of which nothing is known has none. */
static int
lock_names(const crm_call_t *call, const held_t *held)
{
    return call->lock_id.len == 0
           || crm_str_eq(call->lock_id,
                         held->by_hand ? held->manual.id
                                       : CRM_STR(LOCK_AUTOMATIC_ID));
}


static crm_status_t
lock_none(crm_called_t *called)
{
    called->status = 200;
    called->answer = CRM_STR("{\"locked\":false}");

    return CRM_OK;
}


static crm_status_t
lock_answer(crm_called_t *called, unsigned status, const crm_buf_t *buf)
{
    called->status = status;

    if (buf == NULL) {
        return CRM_OK;
    }

    called->answer = crm_buf_view(buf);

    return crm_buf_status(buf);
}


static void
lock_done(crm_buf_t *buf, const crm_write_t *write,
    const crm_manual_t *manual, const char *message)
{
    const crm_zone_t  *zone;

    zone = crm_ruleset_zone(write->rules);

    crm_buf_puts(buf, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{"
                      "\"Modified_Time\":\"");
    crm_call_time(buf, write->now_ms, zone);
    crm_buf_puts(buf, "\",\"Modified_By\":{\"name\":");
    crm_buf_json(buf, write->actor.name);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, write->actor.id);
    crm_buf_puts(buf, "},\"Created_Time\":\"");
    crm_call_time(buf, manual->at_ms, zone);
    crm_buf_puts(buf, "\",\"id\":");
    crm_buf_json(buf, manual->id);
    crm_buf_puts(buf, ",\"Created_By\":");
    lock_person(buf, manual);
    crm_buf_puts(buf, "},\"message\":\"");
    crm_buf_puts(buf, message);
    crm_buf_puts(buf, "\",\"status\":\"success\"}]}");
}


/* As the vendor's list shows it. */
static void
lock_entry(crm_buf_t *buf, const crm_write_t *write, const held_t *held)
{
    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, held->by_hand ? held->manual.id
                                    : CRM_STR(LOCK_AUTOMATIC_ID));
    crm_buf_puts(buf, ",\"Lock_Source__s\":\"");
    crm_buf_puts(buf, lock_source(held));
    crm_buf_puts(buf, "\",\"Locked_For__s\":\"");
    crm_buf_puts(buf, held->locking->profiles_count
                      ? "all_profiles_except_excluded_profiles"
                      : "all_profiles");
    crm_buf_puts(buf, "\",\"Locked_By__s\":");

    if (held->by_hand) {
        lock_person(buf, &held->manual);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Locked_Reason__s\":");

    if (held->by_hand) {
        crm_buf_json(buf, held->manual.reason);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Locked_Time__s\":");

    if (held->by_hand) {
        crm_buf_putc(buf, '"');
        crm_call_time(buf, held->manual.at_ms,
                      crm_ruleset_zone(write->rules));
        crm_buf_putc(buf, '"');
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Record_Locking_Configuration_Id__s\":");
    crm_buf_json(buf, write->module->name);
    crm_buf_puts(buf, ",\"Record_Locking_Rule_Id__s\":");

    if (held->rule) {
        crm_buf_json(buf, held->rule->name);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Feature_Type__s\":\"record_locking\"}");
}


static void
lock_person(crm_buf_t *buf, const crm_manual_t *manual)
{
    crm_buf_puts(buf, "{\"name\":");
    crm_buf_json(buf, manual->name);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, manual->by);
    crm_buf_putc(buf, '}');
}


/* As crm_api shows it. */
static void
lock_plain(crm_buf_t *buf, const held_t *held)
{
    char  at[CRM_TIME_ISO_LEN + 1];

    crm_buf_puts(buf, "{\"locked\":true,\"source\":");
    crm_buf_puts(buf, !held->by_hand ? "\"automatic\""
                      : held->rule ? "\"both\"" : "\"manual\"");
    crm_buf_puts(buf, ",\"rule\":");

    if (held->rule) {
        crm_buf_json(buf, held->rule->name);
    } else {
        crm_buf_puts(buf, "null");
    }

    if (!held->by_hand) {
        crm_buf_puts(buf, ",\"reason\":null,\"by\":null,\"at\":null,"
                          "\"event\":null}");
        return;
    }

    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, held->manual.reason);
    crm_buf_puts(buf, ",\"by\":");
    crm_buf_json(buf, held->manual.by);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_json(buf, crm_time_iso(at, held->manual.at_ms));
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, held->manual.event);

    if (!held->manual.confirmed) {
        crm_buf_puts(buf, ",\"confirmed\":false");
    }

    crm_buf_putc(buf, '}');
}


static const char *
lock_source(const held_t *held)
{
    return !held->by_hand ? "Automatic" : held->rule ? "Both" : "Manual";
}
