/*
 * Calls on the approval of a record.
 *
 *     {"action": "approve"|"reject"|"delegate"|"resubmit"|"recall",
 *      "comments": "…", "user": "…"}
 */

#include "transform/crm_call_approval.h"

#include "transform/crm_approval_answer.h"
#include "transform/crm_call_approvals.h"
#include "transform/crm_submit.h"


static crm_status_t approval_member(crm_str_t *text, crm_span_t body,
    const char *name, crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t approval_too_long(crm_str_t comments,
    crm_refusal_t *refusal);
static crm_status_t approval_wrong(const char *field, const char *reason,
    crm_refusal_kind_t kind, crm_refusal_t *refusal);
static crm_status_t approval_read(crm_called_t *called, crm_write_t *write,
    const crm_approval_state_t *state);
static crm_status_t approval_answer(crm_called_t *called, crm_write_t *write,
    const crm_approval_state_t *state);


/* By crm_approval_action_t, from CRM_CALL_APPROVE on. */
static const struct {
    const char  *action;
    const char  *done;
} rows[] = {
    { "approve", "Record approved successfully" },
    { "reject", "Record rejected successfully" },
    { "delegate", "Record delegated successfully" },
    { "resubmit", "Record resubmitted successfully" },
    { "recall", "Record recalled successfully" },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


int
crm_call_approval_stands(const crm_module_t *module)
{
    return module->approvals.count != 0;
}


crm_status_t
crm_call_approval_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t        i;
    crm_str_t     action;
    crm_span_t    body;
    crm_status_t  rc;

    if (call->record_id.len == 0) {
        return crm_call_approvals_decode(call, ask, pool, refusal);
    }

    if (crm_str_is(ask->method, "GET")) {
        call->kind = CRM_CALL_APPROVAL_READ;
        return CRM_OK;
    }

    if (!crm_str_is(ask->method, "POST")) {
        return CRM_DECLINED;
    }

    rc = crm_call_body(&body, ask, pool, refusal);
    if (rc == CRM_OK) {
        rc = approval_member(&action, body, "action", pool, refusal);
    }
    if (rc == CRM_OK) {
        rc = approval_member(&call->comments, body, "comments", pool,
                             refusal);
    }
    if (rc == CRM_OK) {
        rc = approval_member(&call->user, body, "user", pool, refusal);
    }
    if (rc == CRM_OK) {
        rc = approval_too_long(call->comments, refusal);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < ROWS; i++) {
        if (crm_str_is(action, rows[i].action)) {
            call->kind = (crm_call_kind_t) (CRM_CALL_APPROVE + i);
            return CRM_OK;
        }
    }

    return action.len == 0
           ? approval_wrong("action", "\"action\" must say what is decided",
                            CRM_REFUSE_MANDATORY, refusal)
           : approval_wrong("action", "\"action\" must be approve, reject,"
                            " delegate, resubmit or recall",
                            CRM_REFUSE_VALUE, refusal);
}


/* A text; null and a missing one are empty. The vendor's user may be an object
 * with an id. */
static crm_status_t
approval_member(crm_str_t *text, crm_span_t body, const char *name,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_span_t  value;

    *text = CRM_STR("");
    value = crm_span_member(body, crm_strz(name));

    if (value.type == CRM_JSON_OBJECT) {
        value = crm_span_member(value, CRM_STR("id"));
    }

    if (value.type == CRM_JSON_NONE || value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (value.type == CRM_JSON_NUMBER && strcmp(name, "user") == 0) {
        *text = crm_span_raw(value);
        return CRM_OK;
    }

    if (value.type != CRM_JSON_STRING) {
        return approval_wrong(name, "it must be a text", CRM_REFUSE_VALUE,
                              refusal);
    }

    *text = crm_span_text(value, pool);

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
approval_too_long(crm_str_t comments, crm_refusal_t *refusal)
{
    size_t  i, n;

    for (i = 0, n = 0; i < comments.len; i++) {
        n += ((unsigned char) comments.data[i] & 0xc0) != 0x80;
    }

    if (n <= CRM_APPROVAL_COMMENTS_MAX) {
        return CRM_OK;
    }

    approval_wrong("comments", "\"comments\" may have 3000 characters",
                   CRM_REFUSE_VALUE, refusal);
    refusal->limit = CRM_APPROVAL_COMMENTS_MAX;

    return CRM_EINVAL;
}


static crm_status_t
approval_wrong(const char *field, const char *reason, crm_refusal_kind_t kind,
    crm_refusal_t *refusal)
{
    crm_call_wrong(refusal, kind, reason);
    refusal->field = crm_strz(field);

    return CRM_EINVAL;
}


crm_status_t
crm_call_approval_judge(crm_called_t *called, crm_write_t *write)
{
    crm_status_t           rc;
    crm_verdict_t          verdict;
    crm_approval_act_t     act;
    crm_approval_move_t    move;
    crm_approval_state_t   state;

    rc = crm_approval_state_parse(&state, write->state->approval,
                                  write->pool);
    if (rc == CRM_EINVAL) {
        return crm_call_refuse(called, CRM_REFUSE_UNAVAILABLE,
                   CRM_STR("what is kept of the record's approval cannot be"
                           " read"), CRM_STR_NULL);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (write->call->kind == CRM_CALL_APPROVAL_READ) {
        return approval_read(called, write, &state);
    }

    memset(&verdict, 0, sizeof(crm_verdict_t));
    memset(&act, 0, sizeof(crm_approval_act_t));
    act.action = (crm_approval_action_t) (write->call->kind
                                          - CRM_CALL_APPROVE);
    act.comments = write->call->comments;
    act.user = write->call->user;

    rc = crm_approval_move_act(&move, &verdict, &state, write, &act);

    if (rc != CRM_OK) {
        return rc;
    }

    if (verdict.kind != CRM_REFUSE_NONE) {
        called->verdict = verdict;
        return CRM_OK;
    }

    rc = crm_submit_keep(&called->effects, write, &move);

    return rc == CRM_OK ? approval_answer(called, write, &move.state) : rc;
}


/* The vendor knows no such read: the record of crm_api serves both. */
static crm_status_t
approval_read(crm_called_t *called, crm_write_t *write,
    const crm_approval_state_t *state)
{
    crm_buf_t  buf;

    if (state->status == CRM_APPROVAL_NONE) {
        return crm_call_refuse(called, CRM_REFUSE_PROCESS,
                   CRM_STR("the record is in no approval"), CRM_STR_NULL);
    }

    crm_buf_init(&buf, write->pool, 0);
    crm_approval_answer_whole(&buf, write, state);

    called->status = 200;
    called->answer = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
approval_answer(crm_called_t *called, crm_write_t *write,
    const crm_approval_state_t *state)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, write->pool, 0);
    called->status = 200;

    if (write->call->vendor) {
        crm_buf_puts(&buf, "{\"code\":\"SUCCESS\",\"details\":{\"id\":");
        crm_buf_json(&buf, write->record_id);
        crm_buf_puts(&buf, "},\"message\":\"");
        crm_buf_puts(&buf, rows[write->call->kind - CRM_CALL_APPROVE].done);
        crm_buf_puts(&buf, "\",\"status\":\"success\"}");

    } else {
        crm_approval_answer_whole(&buf, write, state);
    }

    called->answer = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
