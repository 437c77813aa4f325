/*
 * A page of the records that are counted anew.
 */

#include "queue/crm_score_page.h"

#include "record/crm_dialect_kind.h"
#include "rules/crm_scoring.h"

#include <stdlib.h>


/* Fields that one list asks for: the vendor's limit. */
#define PAGE_FIELDS  50

/* How a page is asked for, before what follows the = of its cursor. */
#define PAGE_BY_TOKEN  "page_token="
#define PAGE_BY_ID     "id="


static crm_status_t page_ask_vendor(crm_dialect_request_t *request,
    const crm_score_run_t *run, const crm_map_t *names, crm_pool_t *pool);
static crm_status_t page_ask_file(crm_dialect_request_t *request,
    const crm_score_run_t *run, const crm_map_t *names,
    const crm_dialect_t *dialect, crm_pool_t *pool);
static int page_cursor_is(const crm_score_run_t *run, const char *how);
static crm_status_t page_list(crm_dialect_request_t *request,
    const crm_score_run_t *run, crm_str_t fields, crm_pool_t *pool);
static crm_status_t page_query(crm_dialect_request_t *request,
    const crm_score_run_t *run, crm_str_t fields, crm_pool_t *pool);
static crm_status_t page_fields(crm_map_t *names, const crm_module_t *module,
    const crm_dialect_t *dialect, crm_pool_t *pool);
static void page_criteria(uint8_t *used, const crm_module_t *module,
    const crm_criteria_t *criteria);
static int page_field(crm_map_t *names, crm_str_t name);
static crm_status_t page_records(crm_list_t *list, crm_score_run_t *run,
    const crm_dialect_t *dialect, unsigned status, crm_str_t body,
    crm_pool_t *pool);
static crm_status_t page_behind(crm_str_t *next, const crm_score_run_t *run,
    crm_pool_t *pool);
static crm_status_t page_next(crm_str_t *next, const crm_score_run_t *run,
    crm_str_t body, crm_pool_t *pool);


crm_status_t
crm_score_page_ask(crm_dialect_request_t *request, const crm_score_run_t *run,
    const crm_module_t *module, const crm_dialect_t *dialect,
    crm_pool_t *pool)
{
    crm_map_t     names;
    crm_status_t  rc;

    memset(request, 0, sizeof(crm_dialect_request_t));

    if (!crm_score_page_can(dialect)) {
        return CRM_DECLINED;
    }

    crm_map_init(&names, pool);

    rc = page_fields(&names, module, dialect, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_dialect_has(dialect, CRM_WAY_PAGES)
           ? page_ask_vendor(request, run, &names, pool)
           : page_ask_file(request, run, &names, dialect, pool);
}


int
crm_score_page_can(const crm_dialect_t *dialect)
{
    return crm_dialect_has(dialect, CRM_WAY_PAGES)
           || crm_dialect_pages(dialect);
}


static crm_status_t
page_ask_vendor(crm_dialect_request_t *request, const crm_score_run_t *run,
    const crm_map_t *names, crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  fields;

    if (names->count > PAGE_FIELDS) {
        return CRM_ELIMIT;
    }

    crm_buf_init(&fields, pool, 0);

    for (i = 0; i < names->count; i++) {
        crm_buf_puts(&fields, i ? "," : "");
        crm_dialect_encode(&fields, names->entries[i].key);
    }

    if (crm_buf_status(&fields) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return page_cursor_is(run, PAGE_BY_ID)
           ? page_query(request, run, crm_buf_view(&fields), pool)
           : page_list(request, run, crm_buf_view(&fields), pool);
}


const char *
crm_score_page_refusal(crm_status_t rc)
{
    return rc == CRM_ELIMIT
           ? "scoring rules of the module read more fields than a list of"
             " records may ask for"
           : "the backend's dialect has no way to list records";
}


/* Behind the last record, whether the file goes by its id or by how many there
 * were. */
static crm_status_t
page_ask_file(crm_dialect_request_t *request, const crm_score_run_t *run,
    const crm_map_t *names, const crm_dialect_t *dialect, crm_pool_t *pool)
{
    size_t              i;
    crm_str_t          *fields;
    crm_dialect_page_t  page;

    fields = crm_pool_calloc(pool, names->count, sizeof(crm_str_t));
    if (fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < names->count; i++) {
        fields[i] = names->entries[i].key;
    }

    memset(&page, 0, sizeof(crm_dialect_page_t));
    page.module = run->module;
    page.fields = fields;
    page.count = names->count;

    if (run->cursor.len) {
        page.after = run->last;
        page.offset = run->seen;
    }

    request->method = "GET";
    request->path = crm_dialect_page_path(dialect, &page, pool);

    return request->path.data ? CRM_OK : CRM_ENOMEM;
}


static int
page_cursor_is(const crm_score_run_t *run, const char *how)
{
    return run->cursor.len > strlen(how)
           && memcmp(run->cursor.data, how, strlen(how)) == 0;
}


static crm_status_t
page_list(crm_dialect_request_t *request, const crm_score_run_t *run,
    crm_str_t fields, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, run->module);
    crm_buf_puts(&buf, "?fields=");
    crm_buf_str(&buf, fields);
    crm_buf_puts(&buf, "&sort_by=id&sort_order=asc&per_page=");
    crm_buf_int(&buf, CRM_SCORE_PAGE);
    crm_buf_putc(&buf, '&');
    crm_buf_str(&buf, run->cursor.len ? run->cursor : CRM_STR("page=1"));

    request->method = "GET";
    request->path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* The vendor's query language, which knows no last page. Names that are no
 * plain ones have been encoded, and are none of it. */
static crm_status_t
page_query(crm_dialect_request_t *request, const crm_score_run_t *run,
    crm_str_t fields, crm_pool_t *pool)
{
    size_t     i;
    crm_str_t  id;
    crm_buf_t  buf;

    id = crm_str(run->cursor.data + strlen(PAGE_BY_ID),
                 run->cursor.len - strlen(PAGE_BY_ID));

    for (i = 0; i < id.len; i++) {
        if (id.data[i] < '0' || id.data[i] > '9') {
            return CRM_DECLINED;
        }
    }

    if (memchr(fields.data, '%', fields.len) != NULL) {
        return CRM_DECLINED;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"select_query\":\"select ");
    crm_buf_str(&buf, fields);
    crm_buf_puts(&buf, " from ");
    crm_buf_str(&buf, run->module);
    crm_buf_puts(&buf, " where id > ");
    crm_buf_str(&buf, id);
    crm_buf_puts(&buf, " order by id asc limit ");
    crm_buf_int(&buf, CRM_SCORE_PAGE);
    crm_buf_puts(&buf, "\"}");

    request->method = "POST";
    request->path = CRM_STR("coql");
    request->body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* What criteria read, and what takes the scores. */
static crm_status_t
page_fields(crm_map_t *names, const crm_module_t *module,
    const crm_dialect_t *dialect, crm_pool_t *pool)
{
    int                   ok;
    size_t                i, k;
    uint8_t              *used;
    const crm_scoring_t  *scoring;

    used = crm_pool_calloc(pool, module->schema.count + 1, 1);
    if (used == NULL) {
        return CRM_ENOMEM;
    }

    ok = page_field(names, crm_dialect_id_field(dialect));

    for (i = 0; ok && i < module->scorings.count; i++) {
        scoring = module->scorings.items[i];

        for (k = 0; k < scoring->rules_count; k++) {
            page_criteria(used, module, &scoring->rules[k].criteria);
        }

        for (k = 0; ok && k < CRM_SCORE_FIELDS; k++) {
            if (scoring->fields[k].len) {
                ok = page_field(names, scoring->fields[k]);
            }
        }
    }

    for (i = 0; ok && i < module->schema.names.count; i++) {
        k = (uintptr_t) module->schema.names.entries[i].value - 1;

        if (used[k]) {
            ok = page_field(names, module->schema.names.entries[i].key);
        }
    }

    return ok ? CRM_OK : CRM_ENOMEM;
}


static void
page_criteria(uint8_t *used, const crm_module_t *module,
    const crm_criteria_t *criteria)
{
    unsigned                i, k;
    const crm_predicate_t  *p;

    for (i = 0; i < criteria->count; i++) {
        if (criteria->nodes[i].type != CRM_NODE_LEAF) {
            continue;
        }

        p = module->predicates.items[criteria->nodes[i].predicate];
        used[p->slot] = 1;

        for (k = 0; k < p->count; k++) {
            if (p->operands[k].source == CRM_OPERAND_FIELD) {
                used[p->operands[k].slot] = 1;
            }
        }
    }
}


/* 0 without memory. */
static int
page_field(crm_map_t *names, crm_str_t name)
{
    return crm_map_find(names, name) || crm_map_add(names, name);
}


crm_status_t
crm_score_page_read(crm_list_t *list, crm_str_t *next, crm_score_run_t *run,
    const crm_dialect_t *dialect, unsigned status, crm_str_t body,
    crm_pool_t *pool)
{
    int           vendor;
    crm_status_t  rc;

    *next = CRM_STR("");
    memset(list, 0, sizeof(crm_list_t));
    vendor = crm_dialect_has(dialect, CRM_WAY_PAGES);

    if (status == 204) {
        return CRM_OK;
    }

    if (vendor && status == 400 && run->last.len
        && page_cursor_is(run, PAGE_BY_TOKEN))
    {
        /* it has expired, or leads no further: the vendor's end at 100,000 */

        return page_behind(next, run, pool);
    }

    rc = page_records(list, run, dialect, status, body, pool);

    if (rc != CRM_OK || list->count == 0 || list->complete) {
        return rc;
    }

    return !vendor || page_cursor_is(run, PAGE_BY_ID)
           ? page_behind(next, run, pool) : page_next(next, run, body, pool);
}


/* A page that ends where the last one did is that one: the backend does not
 * understand where it begins, and would go on for ever. */
static crm_status_t
page_records(crm_list_t *list, crm_score_run_t *run,
    const crm_dialect_t *dialect, unsigned status, crm_str_t body,
    crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = crm_dialect_has(dialect, CRM_WAY_PAGES)
         ? crm_dialect_list(dialect, list, status, body, NULL, pool)
         : crm_dialect_page(dialect, list, status, body, NULL, pool);

    if (rc != CRM_OK || list->count == 0) {
        return rc;
    }

    rc = crm_dialect_id_in(dialect, &id, run->module,
                           &list->records[list->count - 1], pool);

    if (rc != CRM_OK || (run->cursor.len && crm_str_eq(id, run->last))) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    run->last = id;

    return CRM_OK;
}


static crm_status_t
page_behind(crm_str_t *next, const crm_score_run_t *run, crm_pool_t *pool)
{
    *next = crm_pool_printf(pool, PAGE_BY_ID "%.*s", (int) run->last.len,
                            run->last.data);

    return next->data ? CRM_OK : CRM_ENOMEM;
}


/* The backend's own word for it, which is the only one behind the first
 * thousands of records; else a page more. */
static crm_status_t
page_next(crm_str_t *next, const crm_score_run_t *run, crm_str_t body,
    crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_scan_t    scan;
    crm_span_t    root, token;
    crm_str_t     text;
    crm_status_t  rc;

    crm_scan_init(&scan, body, NULL, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    token = crm_span_member(crm_span_member(root, CRM_STR("info")),
                            CRM_STR("next_page_token"));

    crm_buf_init(&buf, pool, 0);

    if (token.type == CRM_JSON_STRING) {
        text = crm_span_text(token, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        crm_buf_puts(&buf, PAGE_BY_TOKEN);
        crm_dialect_encode(&buf, text);

    } else if (page_cursor_is(run, PAGE_BY_TOKEN)) {
        return page_behind(next, run, pool);     /* its pages have no number */

    } else {
        crm_buf_puts(&buf, "page=");
        crm_buf_int(&buf, run->cursor.len > 5
                          ? strtoll(run->cursor.data + 5, NULL, 10) + 1 : 2);
    }

    *next = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
