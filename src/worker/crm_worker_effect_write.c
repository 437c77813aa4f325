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

    effect->read = crm_worker_effect_written;

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
    effect->read = crm_worker_effect_written;

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
    effect->read = crm_worker_effect_converted;

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

    effect->read = crm_worker_effect_written;

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
    effect->read = crm_worker_effect_written_each;

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
    effect->read = crm_worker_effect_written;

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
