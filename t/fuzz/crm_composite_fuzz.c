/*
 * Requests in one. The bits of the first byte say which records are refused;
 * what follows is the request and, behind a line feed, the backend's answer.
 *
 * What is forwarded holds the records that are not refused, each in the
 * request that it was in, and no other. Ids can be ids. An answer into which
 * refusals are laid is JSON, with an answer to each request.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record/crm_dialect_kind.h"
#include "record/crm_resolve.h"


#define POOL_BYTES   (8 * 1024 * 1024)
#define MAX_RECORDS  20


static int decode(const crm_dialect_t *zoho, crm_request_t *request,
    crm_str_t body, crm_pool_t *pool);
static void refuse(crm_request_t *request, unsigned bits,
    const crm_refusal_t *refusal);
static void fuzz_forward(const crm_dialect_t *zoho,
    const crm_request_t *request, crm_pool_t *pool);
static void check_forwarded(const crm_request_t *request,
    const crm_request_t *sent);
static void fuzz_answer(const crm_dialect_t *zoho,
    const crm_request_t *request, crm_str_t answer, crm_pool_t *pool);
static void check_merged(const crm_request_t *request, crm_str_t merged);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                i, n;
    crm_str_t             body, answer;
    crm_pool_t           *pool;
    crm_request_t         request;
    crm_refusal_t         refusal;
    const crm_dialect_t  *zoho;

    pool = size ? crm_pool_create(crm_host_malloc(), POOL_BYTES) : NULL;
    if (pool == NULL) {
        return 0;
    }

    for (n = 1; n < size && data[n] != '\n'; n++) { /* void */ }

    zoho = crm_dialect_find(CRM_STR("zoho"));
    body = crm_str((const char *) data + 1, n - 1);
    answer = n < size ? crm_str((const char *) data + n + 1, size - n - 1)
                      : CRM_STR("");

    memset(&refusal, 0, sizeof(crm_refusal_t));
    refusal.kind = CRM_REFUSE_LOCKED;
    refusal.offset = CRM_NO_OFFSET;

    if (decode(zoho, &request, body, pool)) {
        for (i = 0; i < request.count; i++) {
            check(request.items[i].operation == CRM_OP_CREATE
                  || request.items[i].operation == CRM_OP_NONE
                  || crm_dialect_is_id(request.items[i].record_id));
        }

        refuse(&request, data[0], &refusal);
        fuzz_forward(zoho, &request, pool);
        fuzz_answer(zoho, &request, answer, pool);
    }

    crm_pool_destroy(pool);

    return 0;
}


static int
decode(const crm_dialect_t *zoho, crm_request_t *request, crm_str_t body,
    crm_pool_t *pool)
{
    size_t         i;
    crm_route_t    route;
    crm_inner_t   *inner;
    crm_refusal_t  refusal;

    check(crm_dialect_route(zoho, &route, CRM_STR("POST"),
                            CRM_STR("v8/__composite_requests"), CRM_STR(""),
                            &refusal) == CRM_OK);

    if (crm_dialect_decode(zoho, request, &route, body, NULL, MAX_RECORDS,
                           pool, &refusal) != CRM_OK)
    {
        return 0;
    }

    for (i = 0; i < request->n_inners; i++) {
        inner = &request->inners[i];

        if ((inner->route.operation != CRM_OP_NONE || inner->route.resolve)
            && crm_dialect_inner(zoho, request, inner, NULL, MAX_RECORDS,
                                 pool, &refusal) != CRM_OK)
        {
            return 0;
        }
    }

    return crm_resolve_apart(request, pool) != CRM_ENOMEM;
}


/* As the host does it: a request goes whole where it cannot be cut. */
static void
refuse(crm_request_t *request, unsigned bits, const crm_refusal_t *refusal)
{
    size_t          i, k, n;
    crm_inner_t    *inner;
    crm_request_t   part;

    for (i = 0; i < request->count; i++) {
        request->items[i].refusal = bits & 1u << i % 8 ? refusal : NULL;
    }

    for (i = 0; i < request->n_inners; i++) {
        inner = &request->inners[i];
        crm_dialect_part(&part, request, inner);

        for (n = 0, k = 0; k < part.count; k++) {
            n += part.items[k].refusal != NULL;
        }

        if (n && (n == part.count || !crm_dialect_lies(&part, inner->place)))
        {
            inner->refusal = refusal;
            inner->each = n > 1 && n == part.count;
        }

        for (k = 0; k < part.count && inner->refusal; k++) {
            part.items[k].refusal = refusal;
        }
    }
}


static void
fuzz_forward(const crm_dialect_t *zoho, const crm_request_t *request,
    crm_pool_t *pool)
{
    size_t         i, left;
    crm_str_t      body;
    crm_splice_t   splice;
    crm_status_t   rc;
    crm_request_t  sent;

    for (i = 0, left = 0; i < request->n_inners; i++) {
        left += request->inners[i].refusal == NULL;
    }

    if (left == 0) {
        return;
    }

    crm_splice_init(&splice, request->text, pool);
    rc = crm_dialect_cut_inners(&splice, request);
    body = crm_splice_apply(&splice);

    if (rc == CRM_ENOMEM || body.data == NULL) {
        return;
    }

    check(rc == CRM_OK);

    if (decode(zoho, &sent, body, pool)) {
        check_forwarded(request, &sent);

    } else {
        check(request->text.len > POOL_BYTES / 64);
    }
}


static void
check_forwarded(const crm_request_t *request, const crm_request_t *sent)
{
    size_t             i, k;
    const crm_item_t  *was, *is;

    k = 0;

    for (i = 0; i < request->count; i++) {
        was = &request->items[i];

        if (was->refusal) {
            continue;
        }

        check(k < sent->count);
        is = &sent->items[k++];

        check(is->operation == was->operation);
        check(crm_str_eq(is->module, was->module));
        check(crm_str_eq(is->record_id, was->record_id));
        check((is->record == NULL) == (was->record == NULL));
        check(is->record == NULL
              || crm_str_eq(crm_record_raw(is->record),
                            crm_record_raw(was->record)));
    }

    check(k == sent->count);
}


static void
fuzz_answer(const crm_dialect_t *zoho, const crm_request_t *request,
    crm_str_t answer, crm_pool_t *pool)
{
    size_t         i;
    unsigned       status;
    crm_str_t      merged, type;
    crm_route_t    route;
    crm_outcome_t  outcomes[MAX_RECORDS];

    memset(&route, 0, sizeof(crm_route_t));

    if (crm_dialect_outcome(zoho, outcomes, &route, request, 200, answer,
                            NULL, pool) != CRM_OK)
    {
        return;
    }

    for (i = 0; i < request->count; i++) {
        check(outcomes[i].record_id.len == 0
              || crm_dialect_is_id(outcomes[i].record_id));
        check(request->items[i].refusal == NULL
              || outcomes[i].kind != CRM_OUTCOME_DONE);
    }

    status = 200;

    if (crm_dialect_merge(zoho, &merged, &type, &status, request, answer,
                          outcomes, NULL, pool) == CRM_OK)
    {
        check(status == 207 || status == 400);
        check_merged(request, merged);
    }
}


static void
check_merged(const crm_request_t *request, crm_str_t merged)
{
    json_t  *doc, *list;

    doc = json_loadb(merged.data, merged.len, JSON_ALLOW_NUL, NULL);

    if (doc == NULL) {
        return;             /* what it takes for JSON is a little less */
    }

    list = json_object_get(doc, "__composite_responses");

    check(json_array_size(list) == request->n_inners);
    json_decref(doc);
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
