/*
 * Requests and answers, at the dialects that are files.
 *
 * The first line is DIALECT METHOD TARGET, the second the Content-Type, the
 * third the status of an answer; the rest is the body, of the request and of
 * the answer alike. Besides not crashing: an id that was read is its own
 * canonical form, what a body holds is written back as what it was read as,
 * and of a record that no place names nothing is told.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record/crm_file.h"


#define POOL_BYTES  (8 * 1024 * 1024)
#define MAX_ITEMS   100


static crm_str_t word(crm_str_t *text, char end);
static void fuzz_request(const crm_dialect_t *dialect, const crm_ask_t *ask,
    unsigned status, crm_str_t body, crm_pool_t *pool);
static void fuzz_answer(const crm_dialect_t *dialect,
    const crm_route_t *route, const crm_request_t *request, unsigned status,
    crm_str_t body, crm_pool_t *pool);
static void fuzz_refusal(const crm_dialect_t *dialect,
    const crm_refusal_t *refusal, crm_pool_t *pool);
static void check(int holds);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                i;
    unsigned              status;
    crm_ask_t             ask;
    crm_str_t             text, name, code;
    crm_pool_t           *pool;
    const crm_dialect_t  *dialect;

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return 0;
    }

    text = crm_str((const char *) data, size);
    name = word(&text, ' ');

    memset(&ask, 0, sizeof(crm_ask_t));
    ask.method = word(&text, ' ');
    ask.target = word(&text, '\n');
    ask.content_type = word(&text, '\n');
    code = word(&text, '\n');
    status = 0;

    for (i = 0; i < code.len && i < 3; i++) {
        status = status * 10 + (unsigned) (code.data[i] & 7);
    }

    for (i = 0; i < ask.target.len && ask.target.data[i] != '?'; i++) {
        /* void */
    }

    if (i < ask.target.len) {
        ask.query = crm_str(ask.target.data + i + 1, ask.target.len - i - 1);
        ask.target.len = i;
    }

    dialect = crm_dialect_find(name);

    if (dialect == NULL || dialect->file == NULL) {
        dialect = &crm_dialect_data[name.len & 3];
    }

    if (dialect->name) {
        fuzz_request(dialect, &ask, status, text, pool);
    }

    crm_pool_destroy(pool);

    return 0;
}


/* Cuts what stands in front of end off *text; all of it without one. */
static crm_str_t
word(crm_str_t *text, char end)
{
    size_t       n;
    crm_str_t    first;
    const char  *p;

    p = text->len ? memchr(text->data, end, text->len) : NULL;
    n = p ? (size_t) (p - text->data) : text->len;
    first = crm_str(text->data, n);
    n += p != NULL;
    *text = crm_str(text->data + n, text->len - n);

    return first;
}


static void
fuzz_request(const crm_dialect_t *dialect, const crm_ask_t *ask,
    unsigned status, crm_str_t body, crm_pool_t *pool)
{
    size_t         i;
    crm_str_t      id, again;
    crm_route_t    route;
    crm_status_t   rc;
    crm_request_t  request;
    crm_refusal_t  refusal;

    rc = crm_dialect_ask(dialect, &route, ask, pool, &refusal);

    if (rc == CRM_OK) {
        rc = crm_dialect_type(dialect, ask->content_type, CRM_STR_NULL,
                              &refusal);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_decode(dialect, &request, &route, body, NULL,
                                MAX_ITEMS, pool, &refusal);
    }

    if (rc == CRM_EINVAL) {
        fuzz_refusal(dialect, &refusal, pool);
    }

    if (rc != CRM_OK) {
        return;
    }

    check(request.count > 0 && request.count <= MAX_ITEMS);

    for (i = 0; i < request.count; i++) {
        id = request.items[i].record_id;
        check(request.items[i].module.len > 0);
        check((id.len == 0) == (request.items[i].operation == CRM_OP_CREATE));

        if (id.len) {
            rc = crm_file_id(dialect->file, &again, request.items[i].module,
                             id, pool);
            check(rc == CRM_ENOMEM || (rc == CRM_OK && crm_str_eq(id, again)));
        }
    }

    rc = crm_dialect_body(dialect, &route, &again, request.text, pool);
    check(rc != CRM_EINVAL);

    fuzz_answer(dialect, &route, &request, status, body, pool);
}


static void
fuzz_answer(const crm_dialect_t *dialect, const crm_route_t *route,
    const crm_request_t *request, unsigned status, crm_str_t body,
    crm_pool_t *pool)
{
    size_t          i;
    crm_list_t      list;
    crm_record_t    record, *records;
    crm_target_t    target;
    crm_outcome_t  *outcomes;

    (void) crm_dialect_get(dialect, &target, route, request, pool);
    (void) crm_dialect_read(dialect, &record, status, body, NULL, pool);
    (void) crm_dialect_read_back(dialect, &record, status, body, NULL, pool);

    if (crm_dialect_list(dialect, &list, status, body, NULL, pool) == CRM_OK) {
        check(list.count == 0 || list.records != NULL);
    }

    outcomes = crm_pool_calloc(pool, request->count, sizeof(crm_outcome_t));
    records = crm_pool_calloc(pool, request->count, sizeof(crm_record_t));
    if (outcomes == NULL || records == NULL) {
        return;
    }

    (void) crm_dialect_read_many(dialect, records, request, status, body,
                                 NULL, pool);

    if (crm_dialect_outcome(dialect, outcomes, route, request, status, body,
                            NULL, pool)
        != CRM_OK)
    {
        return;
    }

    for (i = 0; i < request->count; i++) {
        check(outcomes[i].kind != CRM_OUTCOME_DONE || status < 300);
        check(request->items[i].operation == CRM_OP_CREATE
              || crm_str_eq(outcomes[i].record_id,
                            request->items[i].record_id));
    }
}


static void
fuzz_refusal(const crm_dialect_t *dialect, const crm_refusal_t *refusal,
    crm_pool_t *pool)
{
    json_t     *json;
    crm_buf_t   body;
    crm_str_t   type, text;

    check(refusal->kind != CRM_REFUSE_NONE && refusal->reason.len > 0);

    crm_buf_init(&body, pool, 0);
    (void) crm_dialect_refuse(dialect, &body, &type, refusal);
    text = crm_buf_view(&body);

    if (crm_buf_status(&body) != CRM_OK || text.len == 0) {
        return;
    }

    json = json_loadb(text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      NULL);
    check(json != NULL);
    json_decref(json);
}


static void
check(int holds)
{
    if (!holds) {
        abort();
    }
}
