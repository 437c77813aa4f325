/*
 * The trace document of an event: what was decided, and why.
 *
 * One document is what crmctl eval prints, and what the stream of traces
 * holds. nginx writes the rules that fired; who asks for an explanation gets
 * the others too, each with its reason and with what its leaves said.
 */

#include "queue/crm_trace_gate.h"
#include "queue/crm_trace_rule.h"

#include "base/crm_digest.h"
#include "queue/crm_trace_head.h"
#include "queue/crm_trace_value.h"
#include "transform/crm_assign.h"
#include "transform/crm_score.h"


/* Of a client's "trigger", so that nobody fills our stream with it. */
#define TRACE_MAX_NAMES       16
#define TRACE_MAX_NAME_BYTES  100


static void trace_head(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace);
static int trace_is_same(const crm_write_t *a, const crm_write_t *b);
static void trace_write_head(const crm_write_t *w, crm_buf_t *buf,
    crm_str_t id, int explain, size_t *begins, size_t *goes_on);
static void trace_chain(const crm_write_t *w, crm_buf_t *buf);
static void trace_trigger(const crm_write_t *w, crm_buf_t *buf);
static void trace_names(crm_span_t list, int known, crm_buf_t *buf);
static void trace_assigned(const crm_write_t *w, crm_buf_t *buf);
static void trace_scores(const crm_event_t *event, crm_buf_t *buf);
static void trace_course(const crm_event_t *event, crm_buf_t *buf);
static void trace_changed(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace);
static void trace_old_new(crm_buf_t *buf, const crm_schema_t *schema,
    crm_str_t field, crm_str_t old, crm_str_t now);
static void trace_losers(const crm_change_t *change, crm_buf_t *buf);
static void trace_hashes(const crm_event_t *event, crm_buf_t *buf);
static void trace_hash(crm_buf_t *buf, crm_str_t record);
static void trace_whole(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace);


crm_status_t
crm_event_trace(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace)
{
    crm_status_t  rc;

    trace_head(event, buf, trace);

    if (trace->shadow) {
        crm_buf_puts(buf, ",\"mode\":\"shadow\"");
    }

    rc = crm_trace_gate_all(event, buf, trace->explain);
    if (rc != CRM_OK) {
        return rc;
    }

    trace_assigned(event->write, buf);
    trace_scores(event, buf);
    crm_buf_puts(buf, ",\"rules\":[");

    rc = trace->explain ? crm_trace_rule_all(event, buf)
                        : crm_trace_rule_fired(event, buf, trace->jobs);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_putc(buf, ']');
    crm_trace_rule_steps(event, buf);
    trace_course(event, buf);

    if (trace->timers.len) {
        crm_buf_puts(buf, ",\"timers\":[");
        crm_buf_str(buf, trace->timers);
        crm_buf_putc(buf, ']');
    }

    trace_changed(event, buf, trace);

    crm_buf_puts(buf, ",\"backend_status\":");
    if (trace->backend_status) {
        crm_buf_int(buf, trace->backend_status);
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, ",\"duration_us\":");
    crm_buf_int(buf, trace->duration_us);

    if (trace->explain) {
        trace_hashes(event, buf);
    }

    if (trace->whole) {
        trace_whole(event, buf, trace);
    }

    crm_buf_putc(buf, '}');

    return crm_buf_status(buf);
}


/* All up to the gates. The records of one request differ in their ids. */
static void
trace_head(const crm_event_t *event, crm_buf_t *buf, const crm_trace_t *trace)
{
    size_t              begins, goes_on;
    crm_str_t           id;
    crm_trace_same_t   *same;
    const crm_write_t  *w;

    w = event->write;
    same = trace->explain ? NULL : trace->same;
    id = event->record_id.len ? event->record_id : w->record_id;

    if (same && same->write && trace_is_same(same->write, w)) {
        crm_buf_str(buf, same->begins);
        crm_buf_json(buf, id);
        crm_buf_str(buf, same->goes_on);

    } else {
        trace_write_head(w, buf, id, trace->explain, &begins, &goes_on);

        if (same && crm_buf_status(buf) == CRM_OK) {
            same->write = w;
            same->begins = crm_str(buf->data, begins);
            same->goes_on = crm_str(buf->data + goes_on, buf->len - goes_on);
        }
    }

    crm_buf_puts(buf, ",\"decision\":");
    crm_buf_puts(buf, event->verdict.kind == CRM_REFUSE_NONE
                      ? "\"allowed\"" : "\"refused\"");
}


static int
trace_is_same(const crm_write_t *a, const crm_write_t *b)
{
    return a->event.data == b->event.data && a->now_ms == b->now_ms
           && a->org.data == b->org.data && a->module == b->module
           && a->operation == b->operation && a->import == b->import
           && a->timed == b->timed && a->actor.id.data == b->actor.id.data
           && a->actor.profile.data == b->actor.profile.data
           && a->chain == b->chain && a->rules == b->rules
           && a->workflow == b->workflow
           && a->trigger.data == b->trigger.data
           && a->trigger.type == b->trigger.type;
}


static void
trace_write_head(const crm_write_t *w, crm_buf_t *buf, crm_str_t id,
    int explain, size_t *begins, size_t *goes_on)
{
    crm_trace_head_t  head;

    head.event = w->event;
    head.now_ms = w->now_ms;
    head.org = w->org;
    head.module = w->module->name;
    head.record_id = id;
    head.op = crm_operation_name(w->operation);
    head.source = w->import ? "import" : w->timed ? "scheduled" : "crm_api";
    head.user = w->actor.id;
    head.profile = w->actor.profile;

    crm_trace_head_begin(buf, &head);
    *begins = buf->len;

    crm_buf_json(buf, id);
    *goes_on = buf->len;

    crm_trace_head_end(buf, &head);

    if (explain) {
        crm_buf_puts(buf, ",\"role\":");
        crm_buf_json(buf, w->actor.role);
    }

    crm_buf_puts(buf, "},\"chain\":");
    trace_chain(w, buf);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(w->rules));
    trace_trigger(w, buf);
}


/* Which rules led to the write, if it is automation's own. */
static void
trace_chain(const crm_write_t *w, crm_buf_t *buf)
{
    crm_buf_puts(buf, "{\"root\":");
    crm_buf_json(buf, w->chain ? w->chain->id : w->event);
    crm_buf_puts(buf, ",\"depth\":");
    crm_buf_int(buf, w->chain ? w->chain->depth : 0);
    crm_buf_puts(buf, ",\"parents\":");
    crm_buf_json_list(buf, w->chain ? w->chain->fired : NULL,
                      w->chain ? w->chain->fired_count : 0);
    crm_buf_puts(buf, w->chain && w->chain->ignore_lock
                      ? ",\"ignore_lock\":true}" : "}");
}


/* What the client lets run: null for all; names that nobody knows stand apart.
 * A client may send any number of them. Where it lets no rule run, why is told
 * once for all of them. */
static void
trace_trigger(const crm_write_t *w, crm_buf_t *buf)
{
    crm_buf_puts(buf, ",\"trigger_param\":");

    if (w->trigger.type == CRM_JSON_ARRAY) {
        trace_names(w->trigger, 1, buf);
        crm_buf_puts(buf, ",\"trigger_unknown\":");
        trace_names(w->trigger, 0, buf);

    } else if (w->operation == CRM_OP_DELETE && !w->workflow) {
        crm_buf_puts(buf, "{\"wf_trigger\":false}");

    } else {
        crm_buf_puts(buf, "null");
    }

    if (!w->workflow) {
        crm_buf_puts(buf, ",\"reason\":\"");
        crm_buf_puts(buf, crm_fires_name(CRM_NOT_SUPPRESSED));
        crm_buf_putc(buf, '"');
    }
}


static void
trace_names(crm_span_t list, int known, crm_buf_t *buf)
{
    size_t      n, cursor;
    crm_span_t  name;

    n = 0;
    cursor = 0;
    crm_buf_putc(buf, '[');

    while (n < TRACE_MAX_NAMES && crm_span_next(list, &cursor, NULL, &name)) {

        if ((crm_dialect_run(name) != 0) != known
            || name.len > TRACE_MAX_NAME_BYTES)
        {
            continue;
        }

        crm_buf_puts(buf, n++ ? "," : "");
        crm_buf_str(buf, crm_span_raw(name));
    }

    crm_buf_putc(buf, ']');
}


/* Who got a record that is created: null for nobody, and why it is not the one
 * it was meant for. */
static void
trace_assigned(const crm_write_t *w, crm_buf_t *buf)
{
    const crm_assigned_t  *assigned;

    assigned = w->assigned;

    if (assigned == NULL) {
        return;
    }

    crm_buf_puts(buf, ",\"assignment\":{\"rule_id\":");
    crm_buf_json(buf, assigned->rule->id);
    crm_buf_puts(buf, ",\"entry\":");

    if (assigned->index) {
        crm_buf_int(buf, assigned->index);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"owner\":");

    if (assigned->owner.len) {
        crm_buf_json(buf, assigned->owner);
    } else {
        crm_buf_puts(buf, "null");
    }

    if (assigned->reason) {
        crm_buf_puts(buf, ",\"reason\":\"");
        crm_buf_puts(buf, assigned->reason);
        crm_buf_putc(buf, '"');
    }

    crm_buf_putc(buf, '}');
}


/* What the record is worth. Recovery tells what was counted when the write was
 * judged: what it was counted from is not known any more. */
static void
trace_scores(const crm_event_t *event, crm_buf_t *buf)
{
    if (event->scores.len) {
        crm_buf_puts(buf, ",\"scores\":");
        crm_buf_str(buf, event->scores);
        return;
    }

    crm_score_tell(buf, event->write->scores);
}


/* What became of the record's course in a blueprint, if anything did. */
static void
trace_course(const crm_event_t *event, crm_buf_t *buf)
{
    const crm_course_move_t  *move;

    move = event->course;

    if (move == NULL || (move->how == NULL && move->left == NULL)) {
        return;
    }

    crm_buf_puts(buf, ",\"blueprint\":{\"name\":");
    crm_buf_json(buf, move->blueprint ? move->blueprint->name
                                      : event->write->course->kept.blueprint);

    if (move->left) {
        crm_buf_puts(buf, ",\"left\":\"");
        crm_buf_puts(buf, move->left);
        crm_buf_putc(buf, '"');
    }

    if (move->how) {
        crm_buf_puts(buf, ",\"how\":\"");
        crm_buf_puts(buf, move->how);
        crm_buf_puts(buf, "\",\"state\":");
        crm_buf_json(buf, crm_course_state_at(move->blueprint,
                                              move->state)->name);
    }

    if (move->transition) {
        crm_buf_puts(buf, ",\"transition\":");
        crm_buf_json(buf, move->transition->id);
    }

    crm_buf_putc(buf, '}');
}


/*
 * Fields that the client changed, then those that rules did. On a create all
 * that the client sent is new, which nobody needs to be told. Who gets the
 * record is told what it holds, others nothing that is encrypted.
 */
static void
trace_changed(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace)
{
    size_t               i, sent, from;
    const crm_write_t   *w;
    const crm_field_t   *field, *old;
    const crm_schema_t  *schema;
    const crm_change_t  *change;

    w = event->write;
    schema = trace->whole ? NULL : &w->module->schema;

    crm_buf_puts(buf, trace->brief ? ",\"brief\":true,\"changed\":["
                                   : ",\"changed\":[");
    from = buf->len;

    if (trace->brief) {
        crm_buf_putc(buf, ']');
        return;
    }

    sent = w->request && (w->operation != CRM_OP_CREATE || trace->explain)
           ? w->request->count : 0;

    for (i = 0; i < sent; i++) {
        field = &w->request->fields[i];

        if (!w->changed[i]) {
            continue;
        }

        old = w->before ? crm_record_field(w->before, field->name) : NULL;

        crm_buf_puts(buf, buf->len > from ? "," : "");
        trace_old_new(buf, schema, field->name,
                      old ? crm_span_raw(old->value) : CRM_STR_NULL,
                      crm_span_raw(field->value));
        crm_buf_putc(buf, '}');
    }

    for (i = 0; i < event->transform.changes.count; i++) {
        change = &event->transform.changes.items[i];

        if (change->same && change->losers_count == 0) {
            continue;
        }

        crm_buf_puts(buf, buf->len > from ? "," : "");
        trace_old_new(buf, schema, change->field,
                      change->old.type != CRM_JSON_NONE
                      ? crm_span_raw(change->old) : CRM_STR_NULL,
                      change->json);
        crm_buf_puts(buf, ",\"rule_id\":");
        crm_buf_json(buf, change->rule->id);
        trace_losers(change, buf);
        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');
}


static void
trace_old_new(crm_buf_t *buf, const crm_schema_t *schema, crm_str_t field,
    crm_str_t old, crm_str_t now)
{
    crm_buf_puts(buf, "{\"field\":");
    crm_buf_json(buf, field);
    crm_buf_puts(buf, ",\"old\":");
    crm_trace_value_of(buf, schema, field, old);
    crm_buf_puts(buf, ",\"new\":");
    crm_trace_value_of(buf, schema, field, now);
}


/* Rules whose value the last one overruled. */
static void
trace_losers(const crm_change_t *change, crm_buf_t *buf)
{
    size_t  i;

    for (i = 0; i < change->losers_count; i++) {
        crm_buf_puts(buf, i ? "," : ",\"conflict\":[");
        crm_buf_json(buf, change->losers[i]->id);
    }

    crm_buf_puts(buf, i ? "]" : "");
}


/* SHA-256 of the record before and after, as it was read and written. */
static void
trace_hashes(const crm_event_t *event, crm_buf_t *buf)
{
    const crm_record_t  *before;

    before = event->write->before;

    crm_buf_puts(buf, ",\"before_hash\":");
    trace_hash(buf, before ? crm_record_raw(before) : CRM_STR_NULL);
    crm_buf_puts(buf, ",\"after_hash\":");
    trace_hash(buf, event->write->operation == CRM_OP_DELETE
                    ? CRM_STR_NULL : event->record_json);
}


static void
trace_hash(crm_buf_t *buf, crm_str_t record)
{
    char           hex[2 * CRM_DIGEST_LEN + 1];
    unsigned char  digest[CRM_DIGEST_LEN];

    if (record.len == 0) {
        crm_buf_puts(buf, "null");
        return;
    }

    crm_digest_sha256(digest, &record, 1);
    crm_digest_hex(hex, digest);
    crm_buf_json(buf, crm_strz(hex));
}


/* What a program that has no Redis to look into wants besides. */
static void
trace_whole(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace)
{
    size_t  i;

    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, event->record_json.len ? event->record_json
                                            : CRM_STR("null"));
    crm_buf_puts(buf, ",\"jobs\":[");

    for (i = 0; i < trace->jobs_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_str(buf, trace->jobs[i].json);
    }

    crm_buf_putc(buf, ']');
}
