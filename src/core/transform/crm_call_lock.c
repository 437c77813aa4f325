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
#include "transform/crm_lock_answer.h"


static crm_status_t lock_reason(crm_call_t *call, crm_span_t body,
    crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t lock_wrong(const crm_call_t *call,
    crm_refusal_kind_t kind, const char *reason, crm_refusal_t *refusal);
static size_t lock_characters(crm_str_t text);
static crm_status_t lock_held(crm_lock_hold_t *held, crm_write_t *write);
static crm_status_t lock_read(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held);
static crm_status_t lock_set(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held);
static crm_status_t lock_put(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held);
static crm_status_t lock_change(crm_called_t *called,
    const crm_write_t *write, const crm_manual_t *manual, int put);
static crm_status_t lock_remove(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held);
static int lock_may(const crm_write_t *write, const crm_lock_hold_t *held);
static int lock_names(const crm_call_t *call, const crm_lock_hold_t *held);


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
    crm_lock_hold_t    held;
    crm_status_t       rc;
    const crm_call_t  *call;

    call = write->call;

    if (write->module->locking == NULL) {
        return call->kind == CRM_CALL_LOCK_READ ? crm_lock_answer_none(called)
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
lock_held(crm_lock_hold_t *held, crm_write_t *write)
{
    memset(held, 0, sizeof(crm_lock_hold_t));
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
lock_read(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held)
{
    if ((!held->by_hand && held->rule == NULL)
        || (write->call->lock_id.len && !lock_names(write->call, held)))
    {
        return write->call->vendor ? crm_lock_answer_empty(called)
                                   : crm_lock_answer_none(called);
    }

    return crm_lock_answer_hold(called, write, held);
}


static crm_status_t
lock_set(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held)
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
lock_put(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held)
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
    crm_buf_t  doc;

    crm_buf_init(&doc, write->pool, 0);

    crm_manual_encode(&doc, manual);
    called->manual = crm_buf_view(&doc);

    if (crm_buf_status(&doc) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return crm_lock_answer_laid(called, write, manual, put);
}


static crm_status_t
lock_remove(crm_called_t *called, crm_write_t *write,
    const crm_lock_hold_t *held)
{
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
               : crm_lock_answer_empty(called);
    }

    if (!lock_may(write, held)) {
        return crm_call_refuse(called, CRM_REFUSE_PERMISSION,
                   CRM_STR("who locked the record unlocks it, or one whom"
                           " locks do not stop"), CRM_STR_NULL);
    }

    called->manual = held->manual.id;

    return crm_lock_answer_gone(called, write, &held->manual);
}


/* Its author, or one whom it does not stop. */
static int
lock_may(const crm_write_t *write, const crm_lock_hold_t *held)
{
    return crm_str_eq(write->actor.id, held->manual.by)
           || crm_lock_excludes(held->locking, &write->actor);
}


/* Without an id any lock is meant; one of which nothing is known has none. */
static int
lock_names(const crm_call_t *call, const crm_lock_hold_t *held)
{
    return call->lock_id.len == 0
           || crm_str_eq(call->lock_id,
                         held->by_hand ? held->manual.id
                                       : CRM_STR(CRM_LOCK_AUTOMATIC_ID));
}
