/*
 * Calls on the blueprint of a record: a transition that somebody runs.
 */

#include "transform/crm_call_blueprint.h"

#include "base/crm_limits.h"
#include "decide/crm_course_gate.h"


/* A transition, asked for. */
typedef struct {
    crm_called_t            *called;
    crm_write_t             *write;
    const crm_course_t      *course;
    const crm_transition_t  *transition;
    crm_str_t                field;     /* that the blueprint controls */
    crm_str_t                to;        /* what it is to hold */
    int                      asked;     /* data holds what it asks for */
    crm_str_t                data;      /* with what was saved before */
} asked_t;


static crm_status_t call_vendor(crm_span_t *body, crm_refusal_t *refusal);
static crm_status_t call_wrong(crm_refusal_t *refusal,
    crm_refusal_kind_t kind, const char *field, const char *reason);
static crm_status_t call_transition(asked_t *a);
static crm_status_t call_closed(asked_t *a, crm_open_t open);
static crm_status_t call_list(asked_t *a, crm_str_t reason);
static crm_status_t call_data(asked_t *a);
static crm_status_t call_name(const asked_t *a, crm_str_t name,
    crm_span_t value, int *known);
static crm_status_t call_merge(asked_t *a);
static crm_status_t call_update(asked_t *a);
static crm_status_t call_judged(asked_t *a, const crm_course_ask_t *ask);
static crm_status_t call_partial(asked_t *a, const crm_course_ask_t *ask);
static crm_status_t call_done(asked_t *a);
static crm_status_t call_read_record(crm_record_t *record, crm_str_t text,
    crm_pool_t *pool);


int
crm_call_blueprint_stands(const crm_module_t *module)
{
    return module->blueprints.count != 0;
}


crm_status_t
crm_call_blueprint_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_span_t    body, id;
    crm_status_t  rc;

    if (crm_str_is(ask->method, "GET")) {
        call->kind = CRM_CALL_BLUEPRINT_READ;
        return CRM_OK;
    }

    if (!crm_str_is(ask->method, "PUT")) {
        return CRM_DECLINED;
    }

    call->kind = CRM_CALL_TRANSITION;

    rc = crm_call_body(&body, ask, pool, refusal);

    if (rc == CRM_OK && ask->vendor) {
        rc = call_vendor(&body, refusal);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    id = crm_span_member(body, ask->vendor ? CRM_STR("transition_id")
                                           : CRM_STR("transition"));
    call->data = crm_span_member(body, CRM_STR("data"));

    if (id.type != CRM_JSON_STRING && id.type != CRM_JSON_NUMBER) {
        return call_wrong(refusal, CRM_REFUSE_MANDATORY,
                          ask->vendor ? "transition_id" : "transition",
                          "say by its id which transition to run");
    }

    if (call->data.type != CRM_JSON_NONE && call->data.type != CRM_JSON_NULL
        && call->data.type != CRM_JSON_OBJECT)
    {
        return call_wrong(refusal, CRM_REFUSE_VALUE, "data",
                          "\"data\" is an object: fields and their values");
    }

    call->transition = crm_span_text(id, pool);

    return call->transition.data ? CRM_OK : CRM_ENOMEM;
}


/* {"blueprint": [{...}]}: one transition a call. */
static crm_status_t
call_vendor(crm_span_t *body, crm_refusal_t *refusal)
{
    size_t      cursor;
    crm_span_t  list, more;

    list = crm_span_member(*body, CRM_STR("blueprint"));
    cursor = 0;

    if (list.type != CRM_JSON_ARRAY
        || !crm_span_next(list, &cursor, NULL, body)
        || body->type != CRM_JSON_OBJECT
        || crm_span_next(list, &cursor, NULL, &more))
    {
        return crm_call_wrong(refusal, CRM_REFUSE_BODY,
                   "\"blueprint\" must be a list of one object, the"
                   " transition");
    }

    return CRM_OK;
}


static crm_status_t
call_wrong(crm_refusal_t *refusal, crm_refusal_kind_t kind, const char *field,
    const char *reason)
{
    crm_call_wrong(refusal, kind, reason);

    refusal->action = CRM_STR("blueprint");
    refusal->field = crm_strz(field);

    return CRM_EINVAL;
}


crm_status_t
crm_call_blueprint_judge(crm_called_t *called, crm_write_t *write)
{
    asked_t        a;
    crm_course_t  *course;
    crm_status_t   rc;

    rc = crm_course_find(&course, write);
    if (rc != CRM_OK) {
        return rc;
    }

    if (course->unread) {
        return crm_call_refuse(called, CRM_REFUSE_UNAVAILABLE,
                   CRM_STR("what is kept of the record's blueprint cannot be"
                           " read"), CRM_STR_NULL);
    }

    if (course->blueprint == NULL) {
        return crm_call_refuse(called, CRM_REFUSE_PROCESS,
                   CRM_STR("no blueprint leads this record"), CRM_STR_NULL);
    }

    if (write->call->kind == CRM_CALL_BLUEPRINT_READ) {
        return crm_call_course_read(called, write, course);
    }

    memset(&a, 0, sizeof(asked_t));
    a.called = called;
    a.write = write;
    a.course = course;
    a.field = crm_course_field(write->module, course->blueprint);

    return call_transition(&a);
}


static crm_status_t
call_transition(asked_t *a)
{
    crm_open_t    open;
    crm_status_t  rc;

    a->transition = crm_course_transition(a->course,
                                          a->write->call->transition);
    if (a->transition == NULL) {
        return call_list(a, CRM_STR("the blueprint has no transition of that"
                                    " id"));
    }

    rc = crm_course_open(&open, a->write, a->course, a->transition);
    if (rc != CRM_OK) {
        return rc;
    }

    if (open != CRM_OPEN) {
        return call_closed(a, open);
    }

    a->to = crm_course_state_at(a->course->blueprint,
                                a->transition->to)->name;

    rc = call_data(a);

    if (rc == CRM_OK && a->called->verdict.kind == CRM_REFUSE_NONE) {
        rc = call_merge(a);
        if (rc == CRM_OK) {
            rc = call_update(a);
        }
    }

    return rc;
}


static crm_status_t
call_closed(asked_t *a, crm_open_t open)
{
    crm_str_t     reason;
    crm_status_t  rc;

    switch (open) {

    case CRM_OPEN_NOT_YOURS:
        rc = crm_call_refuse(a->called, CRM_REFUSE_PERMISSION,
                 CRM_STR("this transition is run by its owners, and you are"
                         " none of them"), CRM_STR_NULL);
        a->called->verdict.rule = a->course->blueprint->name;
        return rc;

    case CRM_OPEN_NOT_NOW:
        return call_list(a, CRM_STR("the record does not match the criteria"
                                    " of this transition"));

    default:
        reason = crm_pool_printf(a->write->pool,
                     "it does not lead on from the state \"%s\"",
                     crm_course_state_at(a->course->blueprint,
                                         a->course->state)->name.data);

        return reason.data ? call_list(a, reason) : CRM_ENOMEM;
    }
}


/* Not that one; these. */
static crm_status_t
call_list(asked_t *a, crm_str_t reason)
{
    crm_buf_t       buf;
    crm_status_t    rc;
    crm_verdict_t  *verdict;

    crm_buf_init(&buf, a->write->pool, 0);
    crm_buf_puts(&buf, "\"transitions\":");

    rc = crm_course_gate_list(&buf, a->write, a->course);
    if (rc != CRM_OK) {
        return rc;
    }

    (void) crm_call_refuse(a->called, CRM_REFUSE_TRANSITION, reason,
                           a->write->call->vendor ? CRM_STR("transition_id")
                                                  : CRM_STR("transition"));

    verdict = &a->called->verdict;
    verdict->rule = a->course->blueprint->name;
    verdict->details = crm_buf_view(&buf);

    return CRM_OK;
}


/* A transition changes what it asks for, and nothing else. */
static crm_status_t
call_data(asked_t *a)
{
    int           known;
    size_t        cursor;
    crm_str_t     name;
    crm_span_t    key, value;
    crm_status_t  rc;

    cursor = 0;

    while (crm_span_next(a->write->call->data, &cursor, &key, &value)) {
        name = crm_span_text(key, a->write->pool);
        if (name.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = call_name(a, name, value, &known);
        if (rc != CRM_OK) {
            return rc;
        }

        if (!known) {
            rc = crm_call_refuse(a->called, CRM_REFUSE_VALUE,
                     CRM_STR("this transition does not ask for that field;"
                             " write it by an update of the record"), name);
            a->called->verdict.rule = a->course->blueprint->name;
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
call_name(const asked_t *a, crm_str_t name, crm_span_t value, int *known)
{
    size_t     i;
    crm_str_t  text;

    *known = 0;

    if (crm_str_eq(name, a->field)) {
        text = crm_span_text(value, a->write->pool);
        *known = text.data && value.type == CRM_JSON_STRING
                 && crm_str_eq(text, a->to);

        return text.data ? CRM_OK : CRM_ENOMEM;
    }

    for (i = 0; i < a->transition->during_count; i++) {
        if (crm_str_eq(a->transition->during[i].field, name)) {
            *known = 1;
        }
    }

    return CRM_OK;
}


/* What is given over what was saved before. */
static crm_status_t
call_merge(asked_t *a)
{
    int                      saved;
    crm_buf_t                buf;
    crm_span_t               data;
    crm_status_t             rc;
    crm_record_t             kept, given;
    const crm_course_kept_t *k;

    k = &a->course->kept;
    data = a->write->call->data;
    saved = k->partial.len && crm_str_eq(k->partial, a->transition->id);

    rc = saved ? call_read_record(&kept, crm_span_raw(k->data),
                                  a->write->pool) : CRM_OK;

    if (rc == CRM_OK) {
        rc = call_read_record(&given, data.type == CRM_JSON_OBJECT
                              ? crm_span_raw(data) : CRM_STR("{}"),
                              a->write->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    a->asked = given.count != 0;

    crm_buf_init(&buf, a->write->pool, 0);
    crm_image_encode(&buf, saved ? &kept : NULL, &given);
    a->data = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* The update that it comes to, held against what the transition asks for. */
static crm_status_t
call_update(asked_t *a)
{
    crm_buf_t         field, text;
    crm_write_t       update;
    crm_status_t      rc;
    crm_record_t      data, set, request;
    crm_course_ask_t  ask;

    crm_buf_init(&field, a->write->pool, 0);
    crm_buf_putc(&field, '{');
    crm_buf_json(&field, a->field);
    crm_buf_putc(&field, ':');
    crm_buf_json(&field, a->to);
    crm_buf_putc(&field, '}');

    rc = crm_buf_status(&field);
    if (rc == CRM_OK) {
        rc = call_read_record(&data, a->data, a->write->pool);
    }
    if (rc == CRM_OK) {
        rc = call_read_record(&set, crm_buf_view(&field), a->write->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&text, a->write->pool, 0);
    crm_image_encode(&text, &data, &set);

    rc = crm_buf_status(&text);
    if (rc == CRM_OK) {
        rc = call_read_record(&request, crm_buf_view(&text), a->write->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    update = *a->write;
    update.operation = CRM_OP_UPDATE;
    update.request = &request;

    rc = crm_write_init(&update, a->write->pool);
    if (rc == CRM_OK) {
        rc = crm_course_gate_ask(&ask, &update, a->transition);
    }

    a->called->update = crm_buf_view(&text);

    return rc == CRM_OK ? call_judged(a, &ask) : rc;
}


static crm_status_t
call_judged(asked_t *a, const crm_course_ask_t *ask)
{
    crm_str_t     text;
    crm_status_t  rc;

    if (ask->wrong) {
        text = ask->wrong->message.len ? ask->wrong->message
               : CRM_STR("the value is not what this transition asks for");

        rc = crm_call_refuse(a->called, CRM_REFUSE_VALUE, text,
                             ask->wrong->field);

    } else if (ask->missing && a->asked) {
        return call_partial(a, ask);

    } else if (ask->missing) {
        text = ask->missing->message.len ? ask->missing->message
               : CRM_STR("this transition needs a value of that field");

        rc = crm_call_refuse(a->called, CRM_REFUSE_MANDATORY, text,
                             ask->missing->field);

    } else {
        return call_done(a);
    }

    a->called->verdict.rule = a->course->blueprint->name;

    return rc;
}


/* What was given is kept, and the record stays where it is. */
static crm_status_t
call_partial(asked_t *a, const crm_course_ask_t *ask)
{
    crm_buf_t          buf;
    crm_status_t       rc;
    crm_record_t       record;
    crm_course_kept_t  kept;

    if (a->data.len > CRM_COURSE_MAX_PARTIAL) {
        return crm_call_refuse(a->called, CRM_REFUSE_VALUE,
                   CRM_STR("this is too much to be kept until the rest is"
                           " there; send all of it at once"),
                   CRM_STR("data"));
    }

    rc = call_read_record(&record, a->data, a->write->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    kept = a->course->kept;
    kept.partial = a->transition->id;
    kept.data = record.object;

    crm_buf_init(&buf, a->write->pool, 0);
    crm_course_encode(&buf, &kept);

    rc = crm_buf_status(&buf);
    if (rc == CRM_OK) {
        rc = crm_effects_set(&a->called->effects, CRM_STATE_BLUEPRINT,
                             crm_buf_view(&buf), a->write->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    a->called->update = CRM_STR_NULL;
    a->called->status = 200;

    crm_buf_init(&buf, a->write->pool, 0);
    crm_buf_puts(&buf, a->write->call->vendor
                       ? "{\"code\":\"SUCCESS\",\"details\":{"
                       : "{\"saved\":\"partially\",");
    crm_buf_puts(&buf, "\"percent_partial_save\":");
    crm_call_course_percent(&buf, ask->given, ask->needed);
    crm_buf_puts(&buf, a->write->call->vendor
                       ? "},\"message\":\"transition saved partially\","
                         "\"status\":\"success\"}"
                       : "}");
    a->called->answer = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
call_done(asked_t *a)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, a->write->pool, 0);

    if (a->write->call->vendor) {
        crm_buf_puts(&buf, "{\"code\":\"SUCCESS\",\"details\":{},\"message\":"
                           "\"transition updated successfully\",\"status\":"
                           "\"success\"}");

    } else {
        crm_buf_puts(&buf, "{\"transition\":");
        crm_buf_json(&buf, a->transition->id);
        crm_buf_puts(&buf, ",\"state\":");
        crm_buf_json(&buf, a->to);
        crm_buf_putc(&buf, '}');
    }

    a->called->status = 200;
    a->called->answer = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
call_read_record(crm_record_t *record, crm_str_t text, crm_pool_t *pool)
{
    crm_status_t  rc;

    static const crm_scan_limits_t  limits = {
        .max_nodes = CRM_MAX_NODES, .max_depth = CRM_MAX_DEPTH
    };

    rc = crm_record_parse(record, text, &limits, pool, NULL);

    /* pieces of a body that is checked */

    return rc == CRM_OK ? CRM_OK : CRM_ENOMEM;
}
