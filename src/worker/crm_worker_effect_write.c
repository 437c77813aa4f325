/*
 * What a function asks of the world: writes to the CRM.
 *
 * Each goes through the guarded location, signed, under the effect's id: what
 * an attempt that was lost has written is not written again, and is told as
 * {"id": null} where only that attempt's answer held the id.
 */

#include "crm_worker_effect_call.h"

#include <sys/time.h>


#define WRITE_WHOLE  ((size_t) -1)

static int write_bulk(crm_worker_effect_t *effect, const char *method,
    crm_worker_effect_end_t *end);
static int write_vendor(crm_worker_effect_t *effect, const char *method,
    const crm_buf_t *path, crm_buf_t *body, size_t options,
    crm_worker_effect_end_t *end);
static int write_able(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int write_one(crm_worker_effect_t *effect, crm_dialect_write_t *write,
    size_t options, crm_worker_effect_end_t *end);
static int write_send(crm_worker_effect_t *effect,
    const crm_dialect_request_t *made, int cascade,
    crm_worker_effect_end_t *end);
static crm_status_t write_sign(crm_str_t *header,
    crm_worker_effect_t *effect, const crm_dialect_request_t *request,
    crm_str_t url, int cascade);
static int write_cascades(crm_span_t options);
static void write_read(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int write_is_read(crm_worker_effect_t *effect);
static void write_id(crm_buf_t *buf, crm_str_t id);
static void write_read_each(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void write_item(crm_worker_effect_t *effect, crm_buf_t *buf,
    crm_span_t item, crm_span_t record);
static crm_str_t write_text(crm_worker_effect_t *effect, crm_span_t item,
    const char *name);
static void write_converted(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static crm_span_t write_member(crm_worker_effect_t *effect, const char *name);


int
crm_worker_effect_create(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_dialect_write_t  write;

    memset(&write, 0, sizeof(write));
    write.kind = CRM_WRITE_CREATE;
    write.module = crm_worker_effect_arg(effect, 0);
    write.record_id = CRM_STR("");
    write.fields = effect->args[1];

    return write_one(effect, &write, 2, end);
}


int
crm_worker_effect_update(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_dialect_write_t  write;

    memset(&write, 0, sizeof(write));
    write.kind = CRM_WRITE_UPDATE;
    write.module = crm_worker_effect_arg(effect, 0);
    write.record_id = crm_worker_effect_arg(effect, 1);
    write.fields = effect->args[2];

    return write_one(effect, &write, 3, end);
}



/* POST {module}/upsert: which fields tell doubles, options may say. */
int
crm_worker_effect_upsert(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t   path, body;
    crm_span_t  fields;

    crm_buf_init(&path, effect->pool, 0);
    crm_buf_init(&body, effect->pool, 0);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_puts(&path, "/upsert");
    crm_buf_puts(&body, "{\"data\":[");
    crm_buf_str(&body, crm_span_raw(effect->args[1]));
    crm_buf_putc(&body, ']');

    fields.type = CRM_JSON_NONE;

    if (effect->count > 2 && effect->args[2].type == CRM_JSON_OBJECT) {
        fields = crm_span_member(effect->args[2],
                                 CRM_STR("duplicate_check_fields"));
    }

    if (fields.type == CRM_JSON_ARRAY) {
        crm_buf_puts(&body, ",\"duplicate_check_fields\":");
        crm_buf_str(&body, crm_span_raw(fields));
    }

    effect->read = write_read;

    return write_vendor(effect, "POST", &path, &body, 2, end);
}


int
crm_worker_effect_bulk_create(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    return write_bulk(effect, "POST", end);
}


/* Each has its id among its fields. */
int
crm_worker_effect_bulk_update(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    return write_bulk(effect, "PUT", end);
}


/* (relation, its record, module, record, fields), as the vendor has them. */
int
crm_worker_effect_relate(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    size_t              i;
    crm_buf_t           path, body;
    static const int    order[] = { 2, 3, 0, 1 };

    crm_buf_init(&path, effect->pool, 0);
    crm_buf_init(&body, effect->pool, 0);

    for (i = 0; i < 4; i++) {
        crm_buf_puts(&path, i ? "/" : "");
        crm_worker_effect_escape(&path, crm_worker_effect_arg(effect,
                                            (size_t) order[i]));
    }

    crm_buf_puts(&body, "{\"data\":[");
    crm_buf_str(&body, crm_span_raw(effect->args[4]));
    crm_buf_puts(&body, "]}");
    effect->record_id = crm_worker_effect_arg(effect, 1);
    effect->read = write_read;

    return write_vendor(effect, "PUT", &path, &body, WRITE_WHOLE, end);
}


/* What became of a lead: its answer's details, as they stand. */
int
crm_worker_effect_convert(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t  path, body;

    crm_buf_init(&path, effect->pool, 0);
    crm_buf_init(&body, effect->pool, 0);
    crm_buf_puts(&path, "Leads/");
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_puts(&path, "/actions/convert");
    crm_buf_puts(&body, "{\"data\":[");

    if (effect->count > 1 && effect->args[1].type == CRM_JSON_OBJECT) {
        crm_buf_str(&body, crm_span_raw(effect->args[1]));
    } else {
        crm_buf_puts(&body, "{}");
    }

    crm_buf_puts(&body, "]}");
    effect->read = write_converted;

    return write_vendor(effect, "POST", &path, &body, WRITE_WHOLE, end);
}


int
crm_worker_effect_attach(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t   path, body;
    crm_span_t  none;

    none.type = CRM_JSON_NONE;
    crm_buf_init(&path, effect->pool, 0);
    crm_buf_init(&body, effect->pool, CRM_WORKER_FRAME_MAX);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_putc(&path, '/');
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 1));
    crm_buf_puts(&path, "/Attachments");

    if (!crm_worker_effect_files(effect, &body, none, effect->args[2])) {
        return crm_worker_effect_throw(effect, end, 0,
                                       "the file cannot be sent");
    }

    effect->read = write_read;

    return write_vendor(effect, "POST", &path, &body, WRITE_WHOLE, end);
}


static int
write_bulk(crm_worker_effect_t *effect, const char *method,
    crm_worker_effect_end_t *end)
{
    crm_buf_t  path, body;

    crm_buf_init(&path, effect->pool, 0);
    crm_buf_init(&body, effect->pool, 0);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_puts(&body, "{\"data\":");
    crm_buf_str(&body, crm_span_raw(effect->args[1]));
    effect->read = write_read_each;

    return write_vendor(effect, method, &path, &body, 2, end);
}


/* A request of the vendor's API; options is which argument they are, and that
 * the body is to be ended here, or WRITE_WHOLE. */
static int
write_vendor(crm_worker_effect_t *effect, const char *method,
    const crm_buf_t *path, crm_buf_t *body, size_t options,
    crm_worker_effect_end_t *end)
{
    int                    cascade;
    crm_dialect_request_t  made;

    if (!crm_worker_effect_vendor(effect, end)
        || !write_able(effect, end))
    {
        return 0;
    }

    cascade = options != WRITE_WHOLE && effect->count > options
              && write_cascades(effect->args[options]);

    if (options != WRITE_WHOLE) {
        crm_buf_puts(body, cascade ? "}" : ",\"trigger\":[]}");
    }

    if (crm_buf_status(path) != CRM_OK || crm_buf_status(body) != CRM_OK) {
        return crm_worker_effect_throw(effect, end, 0,
                                       "what it is given is too large");
    }

    memset(&made, 0, sizeof(made));
    made.method = method;
    made.path = crm_buf_view(path);
    made.body = crm_buf_view(body);

    return write_send(effect, &made, cascade, end);
}


static int
write_able(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    return effect->run->tools->config->chain_keys.count
           ? 1 : crm_worker_effect_throw(effect, end, 1, "no record is written"
                                         " without --chain-key-file");
}


/* A write that any dialect has a way to say. */
static int
write_one(crm_worker_effect_t *effect, crm_dialect_write_t *write,
    size_t options, crm_worker_effect_end_t *end)
{
    crm_status_t           rc;
    crm_dialect_request_t  made;

    if (!crm_worker_effect_backend(effect, end)
        || !write_able(effect, end))
    {
        return 0;
    }

    write->cascade = effect->count > options
                     && write_cascades(effect->args[options]);
    effect->record_id = write->record_id;
    effect->read = write_read;

    rc = crm_dialect_write(effect->backend.dialect, &made, write,
                           effect->pool);

    if (rc == CRM_DECLINED) {
        return crm_worker_effect_throw(effect, end, 0, "the backend's dialect"
                                       " has no way to write that");
    }

    return rc == CRM_OK
           ? write_send(effect, &made, write->cascade, end)
           : crm_worker_effect_throw(effect, end, 1, "out of memory");
}


static int
write_send(crm_worker_effect_t *effect, const crm_dialect_request_t *made,
    int cascade, crm_worker_effect_end_t *end)
{
    crm_str_t  url, chain;

    url = crm_worker_backend_url(&effect->backend, made->path, effect->pool);

    if (url.data == NULL
        || write_sign(&chain, effect, made, url, cascade) != CRM_OK)
    {
        return crm_worker_effect_throw(effect, end, 1, "out of memory");
    }

    return crm_worker_effect_send(effect, made, url, chain, end);
}


static crm_status_t
write_sign(crm_str_t *header, crm_worker_effect_t *effect,
    const crm_dialect_request_t *request, crm_str_t url, int cascade)
{
    crm_buf_t          buf;
    crm_status_t       rc;
    struct timeval     now;
    crm_chain_grant_t  grant;

    memset(&grant, 0, sizeof(grant));
    (void) gettimeofday(&now, NULL);

    grant.org = effect->run->job->org;
    grant.method = crm_strz(request->method);
    grant.target = crm_worker_backend_target(url);
    grant.body = request->body;
    grant.job = effect->id;
    grant.attempt = effect->run->job->lease.fence;
    grant.expires_ms = (long long) now.tv_sec * 1000 + now.tv_usec / 1000
                       + CRM_CHAIN_LIFE_MS;
    grant.chain = effect->run->chain;
    grant.chain.cascade = cascade;

    crm_buf_init(&buf, effect->pool, 0);

    rc = crm_chain_sign(&buf, &grant,
                        &effect->run->tools->config->chain_keys,
                        effect->pool);
    *header = crm_buf_view(&buf);

    return rc;
}


/* {"trigger": ["workflow"]}: this write may start workflow rules. */
static int
write_cascades(crm_span_t options)
{
    size_t      cursor;
    crm_span_t  trigger, word;

    if (options.type != CRM_JSON_OBJECT) {
        return 0;
    }

    trigger = crm_span_member(options, CRM_STR("trigger"));
    cursor = 0;

    while (trigger.type == CRM_JSON_ARRAY
           && crm_span_next(trigger, &cursor, NULL, &word))
    {
        if (crm_span_is(word, CRM_STR("workflow"))) {
            return 1;
        }
    }

    return 0;
}


/* As the vendor's task: the id of what was written, or what was wrong. */
static void
write_read(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_buf_t           buf;
    crm_str_t           id;
    crm_dialect_said_t  said;

    if (crm_dialect_said(effect->backend.dialect, &said,
                         effect->answer.status,
                         crm_buf_view(&effect->answer.body), effect->pool)
        != CRM_OK)
    {
        (void) crm_worker_effect_throw(effect, end, 1, "out of memory");
        return;
    }

    if (!effect->answer.committed
        && (said.kind != CRM_OUTCOME_DONE || !write_is_read(effect)))
    {
        crm_worker_effect_refused(effect, &said, end);
        return;
    }

    id = said.record_id.len ? said.record_id : effect->record_id;

    crm_buf_init(&buf, effect->pool, 0);
    write_id(&buf, id);

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/* Whether the vendor's API would say so: a page of HTML is no answer, whatever
 * its status. Other dialects may have none to read. */
static int
write_is_read(crm_worker_effect_t *effect)
{
    return !crm_dialect_has(effect->backend.dialect, CRM_WAY_ANSWERS)
           || write_member(effect, "data").type == CRM_JSON_ARRAY;
}


static void
write_id(crm_buf_t *buf, crm_str_t id)
{
    crm_buf_puts(buf, "{\"id\":");

    if (id.len) {
        crm_buf_json(buf, id);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_putc(buf, '}');
}


/* Of many, in the order in which they were given. */
static void
write_read_each(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    size_t      i, cursor, given;
    crm_buf_t   buf;
    crm_span_t  data, item, record;

    data = write_member(effect, "data");

    if (!effect->answer.committed && data.type != CRM_JSON_ARRAY) {
        write_read(effect, end);
        return;
    }

    crm_buf_init(&buf, effect->pool, CRM_WORKER_FRAME_MAX);
    crm_buf_putc(&buf, '[');
    i = 0;
    cursor = 0;
    given = 0;

    while (crm_span_next(effect->args[1], &given, NULL, &record)) {
        item.type = CRM_JSON_NONE;

        if (data.type == CRM_JSON_ARRAY) {
            (void) crm_span_next(data, &cursor, NULL, &item);
        }

        crm_buf_puts(&buf, i++ ? "," : "");
        write_item(effect, &buf, item, record);
    }

    crm_buf_putc(&buf, ']');

    if (crm_buf_status(&buf) != CRM_OK) {
        (void) crm_worker_effect_throw(effect, end, 0,
                                       "the answer is too large");
        return;
    }

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/* item: what the CRM said of record, if it is known. */
static void
write_item(crm_worker_effect_t *effect, crm_buf_t *buf, crm_span_t item,
    crm_span_t record)
{
    crm_span_t  id, details;

    if (item.type == CRM_JSON_OBJECT
        && crm_span_is(crm_span_member(item, CRM_STR("status")),
                       CRM_STR("error")))
    {
        crm_buf_puts(buf, "{\"status\":\"error\",\"code\":");
        crm_buf_json(buf, write_text(effect, item, "code"));
        crm_buf_puts(buf, ",\"message\":");
        crm_buf_json(buf, write_text(effect, item, "message"));
        crm_buf_putc(buf, '}');
        return;
    }

    id.type = CRM_JSON_NONE;

    if (item.type == CRM_JSON_OBJECT) {
        details = crm_span_member(item, CRM_STR("details"));

        if (details.type == CRM_JSON_OBJECT) {
            id = crm_span_member(details, CRM_STR("id"));
        }
    }

    if (id.type == CRM_JSON_NONE) {
        id = crm_span_member(record, CRM_STR("id"));
    }

    write_id(buf, id.type == CRM_JSON_STRING ? crm_span_text(id, effect->pool)
                  : id.type == CRM_JSON_NUMBER ? crm_span_raw(id)
                  : CRM_STR(""));
}


static crm_str_t
write_text(crm_worker_effect_t *effect, crm_span_t item, const char *name)
{
    crm_str_t   text;
    crm_span_t  value;

    value = crm_span_member(item, crm_strz(name));
    text = value.type == CRM_JSON_STRING ? crm_span_text(value, effect->pool)
                                         : CRM_STR("");

    return text.data ? text : CRM_STR("");
}


static void
write_converted(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    size_t      cursor;
    crm_span_t  data, item, details;

    data = write_member(effect, "data");
    cursor = 0;

    if (effect->answer.status / 100 == 2 && data.type == CRM_JSON_ARRAY
        && crm_span_next(data, &cursor, NULL, &item)
        && item.type == CRM_JSON_OBJECT
        && !crm_span_is(crm_span_member(item, CRM_STR("status")),
                        CRM_STR("error")))
    {
        details = crm_span_member(item, CRM_STR("details"));
        end->kind = CRM_WORKER_FRAME_ANSWER;
        end->text = crm_span_raw(details.type == CRM_JSON_OBJECT ? details
                                                                 : item);
        return;
    }

    write_read(effect, end);
}


/* Of the answer; NONE: it is no object, or has none. */
static crm_span_t
write_member(crm_worker_effect_t *effect, const char *name)
{
    crm_scan_t   scan;
    crm_span_t   root;
    crm_error_t  err;

    crm_scan_init(&scan, crm_buf_view(&effect->answer.body), NULL,
                  effect->pool);

    if (crm_scan_value(&scan, &root, &err) != CRM_OK
        || crm_scan_end(&scan, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        memset(&root, 0, sizeof(root));
        root.type = CRM_JSON_NONE;
        return root;
    }

    return crm_span_member(root, crm_strz(name));
}
