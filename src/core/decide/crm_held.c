/*
 * Why a record is as it is: the document, and what is under way.
 */

#include "decide/crm_held_kind.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/crm_time.h"


/* A sentence that would be longer ends there. */
#define HELD_SENTENCE  2000

/* Of a time in milliseconds: some years after 2200. */
#define HELD_DIGITS  13

typedef crm_status_t (*held_part_pt)(crm_held_doc_t *d);


static crm_status_t held_init(crm_held_doc_t *d);
static crm_str_t held_field(void *data, crm_str_t name);
static void held_head(crm_held_doc_t *d);
static crm_status_t held_writes(crm_held_doc_t *d);
static crm_status_t held_timers(crm_held_doc_t *d);
static crm_status_t held_timer(crm_held_doc_t *d, const crm_holds_job_t *job,
    size_t *n);
static size_t held_whole(const char *text, size_t len);


static const held_part_pt  parts[] = {
    crm_held_lock, crm_held_process_approval, crm_held_process_blueprint,
    held_writes, held_timers
};


crm_status_t
crm_held_write(const crm_held_t *held, crm_buf_t *buf, crm_pool_t *pool)
{
    size_t          i;
    crm_status_t    rc;
    crm_held_doc_t  d;

    memset(&d, 0, sizeof(crm_held_doc_t));
    d.in = held;
    d.buf = buf;
    d.pool = pool;
    crm_buf_init(&d.says, pool, 0);

    rc = held_init(&d);
    if (rc != CRM_OK) {
        return rc;
    }

    held_head(&d);

    for (i = 0; rc == CRM_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
        rc = parts[i](&d);
    }

    if (rc != CRM_OK || crm_buf_status(&d.says) != CRM_OK) {
        return rc != CRM_OK ? rc : CRM_ENOMEM;
    }

    crm_buf_puts(buf, ",\"says\":[");
    crm_buf_str(buf, crm_buf_view(&d.says));
    crm_buf_puts(buf, "]}");

    return crm_buf_status(buf);
}


/* The record as a gate would see it, were it to be deleted by who asks. */
static crm_status_t
held_init(crm_held_doc_t *d)
{
    const crm_held_t  *in;

    in = d->in;
    d->module = crm_ruleset_module(in->rules, in->record.module);
    d->near.actor = in->user;
    d->near.field = held_field;
    d->near.data = d;

    if (d->module == NULL || in->stored == NULL) {
        return CRM_OK;
    }

    d->near.owner = held_field(d, crm_dialect_owner_field(in->dialect));

    d->write.rules = in->rules;
    d->write.module = d->module;
    d->write.operation = CRM_OP_DELETE;
    d->write.record_id = in->record.id;
    d->write.actor = crm_ruleset_actor(in->rules, in->user);
    d->write.now_ms = in->holds->now_ms;
    d->write.absent_is_null = in->absent_is_null;
    d->write.before = in->stored;

    return crm_write_init(&d->write, d->pool);
}


/* Of a lookup its id; of what is none, nobody. */
static crm_str_t
held_field(void *data, crm_str_t name)
{
    crm_value_t         value;
    crm_held_doc_t     *d;
    const crm_field_t  *field;

    d = data;
    field = d->in->stored ? crm_record_field(d->in->stored, name) : NULL;

    if (field == NULL
        || crm_value_from_span(&value, field->value, d->pool) != CRM_OK
        || value.type < CRM_VALUE_NUMBER || value.type == CRM_VALUE_LIST)
    {
        return CRM_STR("");
    }

    return value.text.data ? value.text : CRM_STR("");
}


static void
held_head(crm_held_doc_t *d)
{
    const crm_held_t  *in;

    in = d->in;

    crm_buf_puts(d->buf, "{\"v\":1,\"module\":");
    crm_buf_json(d->buf, in->record.module);
    crm_buf_puts(d->buf, ",\"id\":");
    crm_buf_json(d->buf, in->record.id);
    crm_buf_puts(d->buf, ",\"revision\":");
    crm_buf_int(d->buf, crm_ruleset_revision(in->rules));
    crm_buf_puts(d->buf, ",\"now\":");
    crm_buf_int(d->buf, in->holds->now_ms);
    crm_buf_puts(d->buf, ",\"user\":");

    if (in->user.len) {
        crm_buf_json(d->buf, in->user);
    } else {
        crm_buf_puts(d->buf, "null");
    }

    crm_buf_puts(d->buf, ",\"stored\":\"");
    crm_buf_puts(d->buf, in->stored ? "read" : in->gone ? "gone" : "unread");
    crm_buf_putc(d->buf, '"');

    if (d->module == NULL) {
        crm_held_say(d, "no rule concerns records of %.*s",
                     (int) in->record.module.len, in->record.module.data);

    } else if (in->gone) {
        crm_held_say(d, "the CRM does not have this record");
    }
}


/* Who holds the record now, and which writes of it nobody knows the end of. */
static crm_status_t
held_writes(crm_held_doc_t *d)
{
    size_t                    i;
    const crm_holds_t        *holds;
    const crm_holds_write_t  *w;

    holds = d->in->holds;
    crm_buf_puts(d->buf, ",\"busy\":");

    if (holds->busy.len) {
        crm_buf_puts(d->buf, "{\"event\":");
        crm_buf_json(d->buf, holds->busy);
        crm_buf_puts(d->buf, ",\"ms\":");
        crm_buf_int(d->buf, holds->busy_ms);
        crm_buf_putc(d->buf, '}');

        crm_held_say(d, "a write is under way: event %.*s holds the record"
                     " for %lld ms at most", (int) holds->busy.len,
                     holds->busy.data, holds->busy_ms);
    } else {
        crm_buf_puts(d->buf, "null");
    }

    crm_buf_puts(d->buf, ",\"writes\":[");

    for (i = 0; i < holds->n_writes; i++) {
        w = &holds->writes[i];

        crm_buf_puts(d->buf, i ? ",{\"event\":" : "{\"event\":");
        crm_buf_json(d->buf, w->event);
        crm_buf_puts(d->buf, ",\"state\":");
        crm_buf_json(d->buf, w->state);
        crm_buf_puts(d->buf, ",\"begun\":");
        crm_buf_int(d->buf, w->begun_ms);
        crm_buf_puts(d->buf, ",\"reason\":");
        crm_buf_json(d->buf, w->reason);
        crm_buf_putc(d->buf, '}');

        if (w->undetermined) {
            crm_held_say(d, "what became of event %.*s nobody could tell:"
                         " look into the CRM, then \"crmctl intents settle"
                         " %.*s committed|dropped\"", (int) w->event.len,
                         w->event.data, (int) w->event.len, w->event.data);

        } else if (!crm_str_eq(w->event, holds->busy)) {
            crm_held_say(d, "event %.*s has begun and not ended: recovery"
                         " will settle it", (int) w->event.len,
                         w->event.data);
        }
    }

    crm_buf_putc(d->buf, ']');

    return CRM_OK;
}


static crm_status_t
held_timers(crm_held_doc_t *d)
{
    size_t        i, n;
    crm_status_t  rc;

    crm_buf_puts(d->buf, ",\"timers\":[");

    for (i = 0, n = 0; i < d->in->holds->n_jobs; i++) {
        rc = held_timer(d, &d->in->holds->jobs[i], &n);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_puts(d->buf, "],\"unseen_timers\":");
    crm_buf_int(d->buf, d->in->holds->unseen);

    if (d->in->holds->unseen > 0) {
        crm_held_say(d, "%lld later timers were not looked at",
                     d->in->holds->unseen);
    }

    return CRM_OK;
}


/* A body that is of another record, or that nobody can read, is not ours. */
static crm_status_t
held_timer(crm_held_doc_t *d, const crm_holds_job_t *job, size_t *n)
{
    int           waits;
    crm_str_t     type, rule, when;
    crm_error_t   err;
    crm_record_t  body;
    crm_status_t  rc;

    rc = crm_record_parse(&body, job->body, NULL, d->pool, &err);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    if (!crm_str_eq(crm_held_text(&body, "record_id", d->pool),
                    d->in->record.id)
        || !crm_str_eq(crm_held_text(&body, "module", d->pool),
                       d->in->record.module))
    {
        return CRM_OK;
    }

    waits = crm_record_field(&body, CRM_STR("waits")) != NULL;
    type = crm_held_text(&body, "type", d->pool);
    rule = crm_held_text(&body, "rule", d->pool);
    when = crm_pool_printf(d->pool, "%lld", job->due_ms);
    when = when.data ? crm_held_time(d, when) : when;

    crm_buf_puts(d->buf, (*n)++ ? ",{\"id\":" : "{\"id\":");
    crm_buf_json(d->buf, job->id);
    crm_buf_puts(d->buf, ",\"due\":");
    crm_buf_int(d->buf, job->due_ms);
    crm_held_copy(d, &body, "type");
    crm_held_copy(d, &body, "rule");
    crm_held_copy(d, &body, "event");
    crm_buf_puts(d->buf, waits ? ",\"waits\":true}" : ",\"waits\":false}");

    crm_held_say(d, "%s of \"%.*s\" %s %.*s: %.*s",
                 waits ? "a timer" : "a job", (int) rule.len, rule.data,
                 waits ? "runs at" : "is tried again at", (int) when.len,
                 when.data ? when.data : "", (int) type.len, type.data);

    return when.data ? CRM_OK : CRM_ENOMEM;
}


void
crm_held_say(crm_held_doc_t *d, const char *fmt, ...)
{
    int      n;
    char     text[HELD_SENTENCE];
    size_t   len;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    if (n < 0) {
        return;
    }

    len = (size_t) n < sizeof(text) ? (size_t) n
          : held_whole(text, sizeof(text) - 1);

    if (d->says.len) {
        crm_buf_putc(&d->says, ',');
    }

    crm_buf_json(&d->says, crm_str(text, len));
}


/* len, or less: no character is cut. */
static size_t
held_whole(const char *text, size_t len)
{
    while (len && ((unsigned char) text[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}


crm_status_t
crm_held_state(crm_record_t *state, crm_held_doc_t *d, const char *field)
{
    crm_str_t     text;
    crm_error_t   err;
    crm_status_t  rc;

    text = crm_holds_field(d->in->holds, field);
    if (text.len == 0) {
        return CRM_DECLINED;
    }

    rc = crm_record_parse(state, text, NULL, d->pool, &err);
    if (rc == CRM_OK || rc == CRM_ENOMEM) {
        return rc;
    }

    crm_held_say(d, "what Redis holds as \"%s\" of this record cannot be"
                 " read", field);

    return CRM_DECLINED;
}


crm_str_t
crm_held_text(const crm_record_t *state, const char *name, crm_pool_t *pool)
{
    crm_str_t           text;
    const crm_field_t  *field;

    field = crm_record_field(state, crm_strz(name));
    text = CRM_STR("");

    if (field && field->value.type == CRM_JSON_STRING) {
        text = crm_span_text(field->value, pool);

    } else if (field && field->value.type == CRM_JSON_NUMBER) {
        text = crm_span_raw(field->value);
    }

    return text.data ? text : CRM_STR("");
}


void
crm_held_copy(crm_held_doc_t *d, const crm_record_t *state, const char *name)
{
    const crm_field_t  *field;

    field = crm_record_field(state, crm_strz(name));

    crm_buf_puts(d->buf, ",\"");
    crm_buf_puts(d->buf, name);
    crm_buf_puts(d->buf, "\":");
    crm_buf_str(d->buf, field ? crm_span_raw(field->value) : CRM_STR("null"));
}


void
crm_held_truth(crm_held_doc_t *d, const char *name, crm_truth_t truth)
{
    crm_buf_puts(d->buf, ",\"");
    crm_buf_puts(d->buf, name);
    crm_buf_puts(d->buf, truth == CRM_TRUE ? "\":true"
                         : truth == CRM_FALSE ? "\":false" : "\":null");
}


void
crm_held_list(crm_held_doc_t *d, const crm_str_t *names, size_t count)
{
    crm_buf_json_list(d->buf, names, count);
}


crm_str_t
crm_held_person(crm_held_doc_t *d, crm_str_t id)
{
    crm_str_t          text;
    const crm_user_t  *user;

    user = crm_who_active(d->in->rules, id);

    if (user == NULL || user->name.len == 0) {
        return id.len ? id : CRM_STR("nobody known");
    }

    text = crm_pool_printf(d->pool, "%.*s (%.*s)", (int) user->name.len,
                           user->name.data, (int) id.len, id.data);

    return text.data ? text : id;
}


crm_str_t
crm_held_enumerate(crm_held_doc_t *d, const crm_str_t *names, size_t count,
    const char *none)
{
    size_t     i;
    crm_buf_t  buf;

    if (count == 0) {
        return crm_strz(none);
    }

    crm_buf_init(&buf, d->pool, 0);

    for (i = 0; i < count; i++) {
        crm_buf_puts(&buf, i == 0 ? "" : i + 1 < count ? ", " : " and ");
        crm_buf_str(&buf, names[i]);
    }

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR("");
}


crm_str_t
crm_held_time(crm_held_doc_t *d, crm_str_t ms)
{
    char       text[CRM_TIME_ISO_LEN + 1];
    size_t     i;
    long long  n;
    crm_str_t  copy;

    for (i = 0, n = 0; i < ms.len; i++) {
        if (ms.data[i] < '0' || ms.data[i] > '9' || i == HELD_DIGITS) {
            break;
        }
        n = n * 10 + ms.data[i] - '0';
    }

    if (i < ms.len || i == 0) {
        return CRM_STR("a time that is not known");
    }

    copy = crm_pool_dup(d->pool, crm_time_iso(text, n));

    return copy.data ? copy : CRM_STR("");
}
