/*
 * The list of records that wait for an approval.
 */

#include "transform/crm_call_approvals.h"

#include "decide/crm_approval_right.h"
#include "record/crm_zoho_path.h"
#include "transform/crm_approval_answer.h"


static crm_status_t approvals_parameter(crm_call_t *call, crm_str_t name,
    crm_str_t value, crm_refusal_t *refusal);
static crm_status_t approvals_record(crm_buf_t *buf, size_t *n,
    const crm_call_t *call, crm_write_t *write,
    const crm_waits_record_t *record);
static int approvals_shown(const crm_call_t *call, const crm_write_t *write,
    const crm_approval_state_t *state);
static crm_status_t approvals_end(crm_called_t *called,
    const crm_call_t *call, crm_buf_t *buf, size_t n,
    const crm_waits_t *waits, crm_pool_t *pool);


/* By who wants what: the vendor's words, and ours. */
static const struct {
    int                 vendor;
    const char         *name;
    const char         *value;
    crm_call_whose_t    whose;
} words[] = {
    { 1, "type", "awaiting", CRM_CALL_MINE },
    { 1, "type", "others_awaiting", CRM_CALL_OTHERS },
    { 0, "mine", "1", CRM_CALL_MINE },
    { 0, "mine", "0", CRM_CALL_OTHERS },
};

#define WORDS  (sizeof(words) / sizeof(words[0]))


int
crm_call_approvals_stands(const crm_ruleset_t *rules)
{
    size_t  i;

    for (i = 0; i < crm_ruleset_modules(rules); i++) {
        if (crm_ruleset_module_at(rules, i)->approvals.count) {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_call_approvals_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_str_t        query, name, value;
    crm_status_t     rc;
    crm_waits_at_t   at;

    if (!crm_str_is(ask->method, "GET")) {
        return CRM_DECLINED;
    }

    call->kind = CRM_CALL_APPROVALS;
    call->whose = ask->vendor ? CRM_CALL_MINE : CRM_CALL_ANYBODYS;
    query = ask->query;

    while (query.len) {
        name = crm_zoho_path_parameter(&query, &value);

        rc = approvals_parameter(call, name, value, refusal);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = crm_call_approvals_at(&at, call, pool);

    return rc == CRM_EINVAL
           ? crm_call_wrong(refusal, CRM_REFUSE_VALUE,
                            "this cursor is none that a list has given")
           : rc;
}


static crm_status_t
approvals_parameter(crm_call_t *call, crm_str_t name, crm_str_t value,
    crm_refusal_t *refusal)
{
    size_t  i;

    for (i = 0; i < WORDS; i++) {
        if (words[i].vendor == call->vendor && crm_str_is(name, words[i].name)
            && crm_str_is(value, words[i].value))
        {
            call->whose = words[i].whose;
            return CRM_OK;
        }
    }

    if (crm_str_is(name, "cursor")
        || (call->vendor && crm_str_is(name, "page_token")))
    {
        call->cursor = value;
        return CRM_OK;
    }

    crm_call_wrong(refusal, CRM_REFUSE_VALUE,
                   call->vendor
                   ? "a list of approvals takes type=awaiting,"
                     " type=others_awaiting and page_token="
                   : "a list of approvals takes mine=1, mine=0 and cursor=");
    refusal->field = name;

    return CRM_EINVAL;
}


crm_status_t
crm_call_approvals_at(crm_waits_at_t *at, const crm_call_t *call,
    crm_pool_t *pool)
{
    return crm_waits_at(at, call->cursor, pool);
}


crm_status_t
crm_call_approvals_answer(crm_called_t *called, const crm_call_t *call,
    const crm_ruleset_t *rules, crm_actor_t actor, const crm_waits_t *waits,
    crm_pool_t *pool)
{
    size_t        i, n;
    crm_buf_t     buf;
    crm_write_t   write;
    crm_status_t  rc;

    memset(called, 0, sizeof(crm_called_t));

    memset(&write, 0, sizeof(crm_write_t));
    write.rules = rules;
    write.actor = actor;
    write.pool = pool;
    write.scope.zone = crm_ruleset_zone(rules);

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"data\":[");

    for (i = 0, n = 0; i < waits->n_records; i++) {
        rc = approvals_record(&buf, &n, call, &write, &waits->records[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return approvals_end(called, call, &buf, n, waits, pool);
}


/* One whose state nobody can read is nobody's to decide: doctor's. */
static crm_status_t
approvals_record(crm_buf_t *buf, size_t *n, const crm_call_t *call,
    crm_write_t *write, const crm_waits_record_t *record)
{
    crm_status_t          rc;
    crm_approval_state_t  state;

    write->module = crm_ruleset_module(write->rules, record->module);
    write->record_id = record->id;

    if (write->module == NULL || write->module->approvals.count == 0) {
        return CRM_OK;                  /* nothing holds it any more */
    }

    rc = crm_approval_state_parse(&state, record->state, write->pool);

    if (rc != CRM_OK || state.status != CRM_APPROVAL_WAITING
        || !approvals_shown(call, write, &state))
    {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    crm_buf_puts(buf, (*n)++ ? "," : "");

    if (call->vendor) {
        crm_approval_answer_vendor(buf, write, &state);
    } else {
        crm_approval_answer_line(buf, write, &state);
    }

    return CRM_OK;
}


static int
approvals_shown(const crm_call_t *call, const crm_write_t *write,
    const crm_approval_state_t *state)
{
    int       mine;
    unsigned  level;

    mine = crm_approval_right_decides(write, state, state->level)
           && !crm_approval_right_agreed(write, state);

    if (mine || call->whose == CRM_CALL_MINE) {
        return mine && call->whose != CRM_CALL_OTHERS;
    }

    if (crm_approval_right_owns(write, state)
        || crm_approval_right_administers(write,
               crm_approval_right_find(write->module, state->process)))
    {
        return 1;
    }

    for (level = 1; level <= state->levels_count; level++) {
        if (crm_approval_right_decides(write, state, level)) {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
approvals_end(crm_called_t *called, const crm_call_t *call, crm_buf_t *buf,
    size_t n, const crm_waits_t *waits, crm_pool_t *pool)
{
    crm_str_t  next;

    next = CRM_STR("");

    if (waits->more) {
        next = crm_waits_cursor(&waits->last, pool);
        if (next.data == NULL) {
            return CRM_ENOMEM;
        }
    }

    called->status = call->vendor && n == 0 && !waits->more ? 204 : 200;

    if (call->vendor) {
        crm_buf_puts(buf, "],\"info\":{\"count\":");
        crm_buf_int(buf, (long long) n);
        crm_buf_puts(buf, waits->more ? ",\"more_records\":true"
                                      : ",\"more_records\":false");
        crm_buf_puts(buf, ",\"next_page_token\":");
    } else {
        crm_buf_puts(buf, "],\"next\":");
    }

    if (waits->more) {
        crm_buf_json(buf, next);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, call->vendor ? "}}" : "}");

    called->answer = called->status == 204 ? CRM_STR("") : crm_buf_view(buf);

    return crm_buf_status(buf);
}
