/*
 * What a function asks of the world: tasks of zoho.crm.
 */

#include "crm_worker_effect_call.h"

#include <stdarg.h>
#include <stdio.h>


/* A row: arguments are checked before it is called. s is a text (a number is
 * one), m a map, l a list, f a file, v any value, i a number; small letters
 * must be there. */
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
static const char *effect_kind(char letter);
static int effect_fits(crm_worker_effect_t *effect, char letter, size_t i);
static int effect_is_list(crm_span_t value);
static int effect_get(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_list(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_search(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_related(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static int effect_page(crm_worker_effect_t *effect, crm_buf_t *path, size_t i,
    crm_worker_effect_end_t *end);
static int effect_many(crm_worker_effect_t *effect, const crm_buf_t *path,
    crm_worker_effect_end_t *end);
static void effect_record(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void effect_records(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);


static const effect_row_t  rows[] = {
    { "zoho.crm.getRecordById", "ss", effect_get },
    { "zoho.crm.getRecords", "sII", effect_list },
    { "zoho.crm.searchRecords", "ssII", effect_search },
    { "zoho.crm.getRelatedRecords", "sssII", effect_related },
    { "zoho.crm.createRecord", "smM", crm_worker_effect_create },
    { "zoho.crm.updateRecord", "ssmM", crm_worker_effect_update },
    { "zoho.crm.upsert", "smM", crm_worker_effect_upsert },
    { "zoho.crm.bulkCreate", "slM", crm_worker_effect_bulk_create },
    { "zoho.crm.bulkUpdate", "slM", crm_worker_effect_bulk_update },
    { "zoho.crm.updateRelatedRecord", "ssssm", crm_worker_effect_relate },
    { "zoho.crm.convertLead", "sM", crm_worker_effect_convert },
    { "zoho.crm.attachFile", "ssf", crm_worker_effect_attach },
    { "zoho.crm.getOrgVariable", "s", crm_worker_effect_variable },
    { "zoho.crm.setOrgVariable", "sv", crm_worker_effect_set_variable },
    { "sendmail", "m", crm_worker_effect_mail },
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
    if (effect->ask != NULL) {
        crm_worker_ask_forget(effect->ask);
    }

    if (effect->call != NULL) {
        crm_worker_http_cancel(effect->call);
    }
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
                       effect_kind(row->args[i]));
        }
    }

    return 1;
}


static const char *
effect_kind(char letter)
{
    switch (letter) {

    case 's':
        return "a TEXT";
    case 'l':
        return "a LIST of KEY-VALUEs";
    case 'f':
        return "a FILE";
    case 'v':
        return "a value";
    case 'm':
    case 'M':
        return "a KEY-VALUE";
    default:
        return "a NUMBER";
    }
}


static int
effect_fits(crm_worker_effect_t *effect, char letter, size_t i)
{
    crm_span_t  value;

    if (i >= effect->count || effect->args[i].type == CRM_JSON_NULL) {
        return letter == 'I' || letter == 'M'
               || (letter == 'v' && i < effect->count);
    }

    value = effect->args[i];

    switch (letter) {

    case 's':
        return (value.type == CRM_JSON_STRING && value.len > 2)
               || value.type == CRM_JSON_NUMBER;

    case 'I':
        return value.type == CRM_JSON_NUMBER;

    case 'l':
        return effect_is_list(value);

    case 'f':
        return crm_worker_effect_is_file(value);

    case 'v':
        return 1;

    default:
        return value.type == CRM_JSON_OBJECT;
    }
}


static int
effect_is_list(crm_span_t value)
{
    size_t      cursor;
    crm_span_t  item;

    if (value.type != CRM_JSON_ARRAY) {
        return 0;
    }

    cursor = 0;

    while (crm_span_next(value, &cursor, NULL, &item)) {
        if (item.type != CRM_JSON_OBJECT) {
            return 0;
        }
    }

    return 1;
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
    if (!crm_worker_effect_vendor(effect, end)) {
        return 0;
    }

    effect->read = effect_records;

    return crm_worker_effect_fetch(effect, crm_buf_view(path), end);
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

    crm_worker_effect_refused(effect, NULL, end);
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

    crm_worker_effect_refused(effect, NULL, end);
}
