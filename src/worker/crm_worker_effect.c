/*
 * What a function asks of the world: tasks of zoho.crm.
 */

#include "crm_worker_effect_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/time.h>


/* A row: arguments are checked before it is called. s is a text (a number is
 * one), m a map, i a number; small letters must be there. */
typedef struct {
    const char  *name;
    const char  *args;
    int        (*start)(crm_worker_effect_t *effect,
                        crm_worker_effect_end_t *end);
} effect_row_t;


static int effect_read(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_args(crm_worker_effect_t *effect, const effect_row_t *row,
    crm_worker_effect_end_t *end);
static int effect_fits(crm_worker_effect_t *effect, char letter, size_t i);
static int effect_get(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_list(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_search(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_related(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_create(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_update(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_page(crm_worker_effect_t *effect, crm_buf_t *path, size_t i,
    crm_worker_effect_end_t *end);
static int effect_many(crm_worker_effect_t *effect, const crm_buf_t *path,
    crm_worker_effect_end_t *end);
static int effect_write(crm_worker_effect_t *effect,
    crm_dialect_write_t *write, size_t options, crm_worker_effect_end_t *end);
static crm_status_t effect_sign(crm_str_t *header,
    crm_worker_effect_t *effect, const crm_dialect_request_t *request,
    crm_str_t url, int cascade);
static int effect_cascades(crm_span_t options);
static void effect_record(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void effect_records(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void effect_written(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void effect_refused(crm_worker_effect_t *effect,
    const crm_dialect_said_t *said, crm_worker_effect_end_t *end);


static const effect_row_t  rows[] = {
    { "zoho.crm.getRecordById", "ss", effect_get },
    { "zoho.crm.getRecords", "sII", effect_list },
    { "zoho.crm.searchRecords", "ssII", effect_search },
    { "zoho.crm.getRelatedRecords", "sssII", effect_related },
    { "zoho.crm.createRecord", "smM", effect_create },
    { "zoho.crm.updateRecord", "ssmM", effect_update },
    { "invokeurl", "m", crm_worker_effect_url },
    { NULL, NULL, NULL }
};


crm_worker_effect_t *
crm_worker_effect_start(crm_worker_effect_run_t *run, size_t n,
    crm_str_t text, crm_pool_t *pool, crm_worker_effect_done_pt done,
    void *data, crm_worker_effect_end_t *end)
{
    crm_worker_effect_t  *effect;

    memset(end, 0, sizeof(crm_worker_effect_end_t));

    effect = crm_pool_calloc(pool, 1, sizeof(crm_worker_effect_t));

    if (effect == NULL) {
        (void) crm_worker_effect_throw(NULL, end, 1, "out of memory");
        return NULL;
    }

    effect->run = run;
    effect->text = text;
    effect->pool = pool;
    effect->done = done;
    effect->data = data;
    effect->id = crm_pool_printf(pool, "%.*s:%zu",
                                 (int) run->job->lease.id.len,
                                 run->job->lease.id.data, n + 1);

    return effect->id.data && effect_read(effect, end) ? effect : NULL;
}


void
crm_worker_effect_cancel(crm_worker_effect_t *effect)
{
    crm_worker_http_cancel(effect->call);
}


/* 1: it is under way. */
static int
effect_read(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_error_t          err;
    crm_scan_t           scan;
    crm_span_t           root, name;
    const effect_row_t  *row;

    crm_scan_init(&scan, effect->text, NULL, effect->pool);

    if (crm_scan_value(&scan, &root, &err) != CRM_OK
        || crm_scan_end(&scan, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        return crm_worker_effect_throw(effect, end, 0,
                                       "what it is given cannot be sent");
    }

    name = crm_span_member(root, CRM_STR("name"));
    effect->list = crm_span_member(root, CRM_STR("args"));

    for (row = rows; row->name; row++) {
        if (crm_span_is(name, crm_strz(row->name))) {
            return effect_args(effect, row, end)
                   && row->start(effect, end);
        }
    }

    return crm_worker_effect_throw(effect, end, 0, "there is no task %.*s"
                                   " here", (int) name.len, name.data);
}


static int
effect_args(crm_worker_effect_t *effect, const effect_row_t *row,
    crm_worker_effect_end_t *end)
{
    size_t      cursor, most, i;
    crm_span_t  value;

    cursor = 0;
    most = strlen(row->args);
    effect->count = 0;

    while (crm_span_next(effect->list, &cursor, NULL, &value)) {
        if (effect->count == most) {
            return crm_worker_effect_throw(effect, end, 0, "%s takes at most"
                                           " %zu arguments", row->name, most);
        }

        effect->args[effect->count++] = value;
    }

    for (i = 0; i < most; i++) {
        if (!effect_fits(effect, row->args[i], i)) {
            return crm_worker_effect_throw(effect, end, 0, "%s takes as"
                       " argument %zu %s", row->name, i + 1,
                       row->args[i] == 's' ? "a TEXT"
                       : (row->args[i] | 32) == 'm' ? "a KEY-VALUE"
                       : "a NUMBER");
        }
    }

    return 1;
}


static int
effect_fits(crm_worker_effect_t *effect, char letter, size_t i)
{
    crm_span_t  value;

    if (i >= effect->count || effect->args[i].type == CRM_JSON_NULL) {
        return letter == 'I' || letter == 'M';
    }

    value = effect->args[i];

    switch (letter) {

    case 's':
        return (value.type == CRM_JSON_STRING && value.len > 2)
               || value.type == CRM_JSON_NUMBER;

    case 'I':
        return value.type == CRM_JSON_NUMBER;

    default:
        return value.type == CRM_JSON_OBJECT;
    }
}


static int
effect_get(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_str_t  path;

    if (!crm_worker_effect_backend(effect, end)) {
        return 0;
    }

    path = crm_dialect_record_path(effect->backend.dialect,
                                   crm_worker_effect_arg(effect, 0),
                                   crm_worker_effect_arg(effect, 1),
                                   effect->pool);
    effect->read = effect_record;

    return crm_worker_effect_fetch(effect, path, end);
}


static int
effect_list(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_buf_t  path;

    crm_buf_init(&path, effect->pool, 0);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_putc(&path, '?');

    return effect_page(effect, &path, 1, end)
           && effect_many(effect, &path, end);
}


static int
effect_search(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_buf_t  path;

    crm_buf_init(&path, effect->pool, 0);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_puts(&path, "/search?criteria=");
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 1));
    crm_buf_putc(&path, '&');

    return effect_page(effect, &path, 2, end)
           && effect_many(effect, &path, end);
}


/* The relation's name comes first, as the vendor has it. */
static int
effect_related(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_buf_t  path;

    crm_buf_init(&path, effect->pool, 0);
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 1));
    crm_buf_putc(&path, '/');
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 2));
    crm_buf_putc(&path, '/');
    crm_worker_effect_escape(&path, crm_worker_effect_arg(effect, 0));
    crm_buf_putc(&path, '?');

    return effect_page(effect, &path, 3, end)
           && effect_many(effect, &path, end);
}


/* The i-th argument and the next: which page, and how many records on each. */
static int
effect_page(crm_worker_effect_t *effect, crm_buf_t *path, size_t i,
    crm_worker_effect_end_t *end)
{
    crm_span_t  page, size;

    page = effect->args[i];
    size = effect->args[i + 1];

    crm_buf_puts(path, "page=");
    crm_buf_str(path, effect->count > i && page.type == CRM_JSON_NUMBER
                      ? crm_span_raw(page) : CRM_STR("1"));
    crm_buf_puts(path, "&per_page=");
    crm_buf_str(path, effect->count > i + 1 && size.type == CRM_JSON_NUMBER
                      ? crm_span_raw(size) : CRM_STR("200"));

    return crm_buf_status(path) == CRM_OK
           ? 1 : crm_worker_effect_throw(effect, end, 1, "out of memory");
}


static int
effect_many(crm_worker_effect_t *effect, const crm_buf_t *path,
    crm_worker_effect_end_t *end)
{
    if (!crm_worker_effect_backend(effect, end)) {
        return 0;
    }

    if (effect->backend.dialect != crm_dialect_find(CRM_STR("zoho"))) {
        return crm_worker_effect_throw(effect, end, 0, "the backend's dialect"
                                       " has no way to ask for that");
    }

    effect->read = effect_records;

    return crm_worker_effect_fetch(effect, crm_buf_view(path), end);
}


static int
effect_create(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_dialect_write_t  write;

    memset(&write, 0, sizeof(write));
    write.kind = CRM_WRITE_CREATE;
    write.module = crm_worker_effect_arg(effect, 0);
    write.record_id = CRM_STR("");
    write.fields = effect->args[1];

    return effect_write(effect, &write, 2, end);
}


static int
effect_update(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_dialect_write_t  write;

    memset(&write, 0, sizeof(write));
    write.kind = CRM_WRITE_UPDATE;
    write.module = crm_worker_effect_arg(effect, 0);
    write.record_id = crm_worker_effect_arg(effect, 1);
    write.fields = effect->args[2];

    return effect_write(effect, &write, 3, end);
}


static int
effect_write(crm_worker_effect_t *effect, crm_dialect_write_t *write,
    size_t options, crm_worker_effect_end_t *end)
{
    crm_str_t                     url, chain;
    crm_status_t                  rc;
    crm_dialect_request_t         made;

    if (!crm_worker_effect_backend(effect, end)) {
        return 0;
    }

    if (effect->run->tools->config->chain_keys.count == 0) {
        return crm_worker_effect_throw(effect, end, 1, "no record is written"
                                       " without --chain-key-file");
    }

    write->cascade = effect->count > options
                     && effect_cascades(effect->args[options]);
    effect->record_id = write->record_id;
    effect->read = effect_written;

    rc = crm_dialect_write(effect->backend.dialect, &made, write,
                           effect->pool);

    if (rc == CRM_DECLINED) {
        return crm_worker_effect_throw(effect, end, 0, "the backend's dialect"
                                       " has no way to write that");
    }

    url = rc == CRM_OK ? crm_worker_backend_url(&effect->backend, made.path,
                                                effect->pool) : CRM_STR_NULL;

    if (url.data == NULL
        || effect_sign(&chain, effect, &made, url, write->cascade) != CRM_OK)
    {
        return crm_worker_effect_throw(effect, end, 1, "out of memory");
    }

    return crm_worker_effect_send(effect, &made, url, chain, end);
}


static crm_status_t
effect_sign(crm_str_t *header, crm_worker_effect_t *effect,
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
effect_cascades(crm_span_t options)
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


/* The record, or null when there is none. */
static void
effect_record(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_record_t  record;
    crm_status_t  rc;

    rc = crm_dialect_read(effect->backend.dialect, &record,
                          effect->answer.status,
                          crm_buf_view(&effect->answer.body), NULL,
                          effect->pool);

    if (rc == CRM_OK || rc == CRM_DECLINED) {
        end->kind = CRM_WORKER_FRAME_ANSWER;
        end->text = rc == CRM_OK ? crm_span_raw(record.object)
                                 : CRM_STR("null");
        return;
    }

    effect_refused(effect, NULL, end);
}


/* A list; 204 is an empty one. */
static void
effect_records(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_span_t   root, data;
    crm_scan_t   scan;
    crm_error_t  err;

    end->kind = CRM_WORKER_FRAME_ANSWER;

    if (effect->answer.status == 204) {
        end->text = CRM_STR("[]");
        return;
    }

    crm_scan_init(&scan, crm_buf_view(&effect->answer.body), NULL,
                  effect->pool);

    if (effect->answer.status == 200
        && crm_scan_value(&scan, &root, &err) == CRM_OK
        && crm_scan_end(&scan, &err) == CRM_OK
        && root.type == CRM_JSON_OBJECT)
    {
        data = crm_span_member(root, CRM_STR("data"));

        if (data.type == CRM_JSON_ARRAY) {
            end->text = crm_span_raw(data);
            return;
        }
    }

    effect_refused(effect, NULL, end);
}


/* As the vendor's task: the id of what was written, or what was wrong. */
static void
effect_written(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
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

    if (!effect->answer.committed && said.kind != CRM_OUTCOME_DONE) {
        effect_refused(effect, &said, end);
        return;
    }

    id = said.record_id.len ? said.record_id : effect->record_id;

    crm_buf_init(&buf, effect->pool, 0);
    crm_buf_puts(&buf, "{\"id\":");

    if (id.len) {
        crm_buf_json(&buf, id);
    } else {
        crm_buf_puts(&buf, "null");
    }

    crm_buf_putc(&buf, '}');

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/*
 * What the CRM or one of our guards refuses by a word is an answer that the
 * script can read; a CRM that fails, or says nothing that can be read, throws.
 */
static void
effect_refused(crm_worker_effect_t *effect, const crm_dialect_said_t *said,
    crm_worker_effect_end_t *end)
{
    crm_buf_t  buf;
    unsigned   status;

    status = effect->answer.status;

    if (status == 409) {
        end->kind = 0;
        end->busy_ms = CRM_WORKER_EFFECT_BUSY_MS;
        return;
    }

    if (said == NULL || said->kind != CRM_OUTCOME_REFUSED
        || said->code.len == 0 || status >= 500 || status == 429)
    {
        (void) crm_worker_effect_throw(effect, end, status >= 500
                                       || status == 429 || status == 408,
                                       "the CRM answered %u%s", status,
                                       said && said->code.len
                                       ? "" : ", and nothing that can be"
                                              " read");
        return;
    }

    crm_buf_init(&buf, effect->pool, 0);
    crm_buf_puts(&buf, "{\"status\":\"error\",\"code\":");
    crm_buf_json(&buf, said->code);
    crm_buf_puts(&buf, ",\"message\":");
    crm_buf_json(&buf, said->message);
    crm_buf_putc(&buf, '}');

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}
