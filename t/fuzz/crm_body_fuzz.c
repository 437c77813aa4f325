/*
 * What a client or a backend sends: targets, bodies, answers.
 *
 * The first byte chooses which. Besides not crashing: a field that is spliced
 * into an accepted body stands there when the body is read again, and all
 * other fields are the bytes they were.
 */

#include <stdint.h>
#include <stdlib.h>

#include "record/crm_dialect.h"
#include "record/crm_splice.h"


#define POOL_BYTES  (8 * 1024 * 1024)


static void fuzz_target(const crm_dialect_t *zoho, crm_str_t text);
static void fuzz_answer(const crm_dialect_t *zoho, crm_str_t text,
    crm_pool_t *pool);
static void fuzz_body(const crm_dialect_t *zoho, crm_str_t body,
    crm_pool_t *pool);
static void check_edited(const crm_request_t *old, const crm_request_t *new);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_str_t             text;
    crm_pool_t           *pool;
    const crm_dialect_t  *zoho;

    if (size == 0) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return 0;
    }

    zoho = crm_dialect_find(CRM_STR("zoho"));
    text = crm_str((const char *) data + 1, size - 1);

    switch (data[0]) {
    case 't':
        fuzz_target(zoho, text);
        break;

    case 'a':
        fuzz_answer(zoho, text, pool);
        break;

    default:
        fuzz_body(zoho, text, pool);
        break;
    }

    crm_pool_destroy(pool);

    return 0;
}


static void
fuzz_target(const crm_dialect_t *zoho, crm_str_t text)
{
    size_t         i;
    crm_str_t      query;
    crm_route_t    route;
    crm_refusal_t  refusal;

    query = crm_str(text.data + text.len, 0);

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '?') {
            query = crm_str(text.data + i + 1, text.len - i - 1);
            text.len = i;
            break;
        }
    }

    (void) crm_dialect_route(zoho, &route, CRM_STR("PUT"), text, query,
        &refusal);
    (void) crm_dialect_route(zoho, &route, CRM_STR("DELETE"), text, query,
        &refusal);
    (void) crm_dialect_type(zoho, text, query, &refusal);
}


static void
fuzz_answer(const crm_dialect_t *zoho, crm_str_t text, crm_pool_t *pool)
{
    crm_route_t    route;
    crm_record_t   record;
    crm_refusal_t  refusal;
    crm_outcome_t  outcome;

    (void) crm_dialect_read(zoho, &record, 200, text, NULL, pool);

    if (crm_dialect_route(zoho, &route, CRM_STR("POST"), CRM_STR("v8/Leads"),
            CRM_STR(""), &refusal)
        == CRM_OK)
    {
        (void) crm_dialect_outcome(zoho, &outcome, &route, 201, text, NULL,
            pool);
    }
}


static void
fuzz_body(const crm_dialect_t *zoho, crm_str_t body, crm_pool_t *pool)
{
    crm_str_t      edited;
    crm_route_t    route;
    crm_splice_t   splice;
    crm_refusal_t  refusal;
    crm_request_t  old, new;

    if (crm_dialect_route(zoho, &route, CRM_STR("POST"), CRM_STR("v8/Leads"),
            CRM_STR(""), &refusal)
        != CRM_OK)
    {
        abort();
    }

    if (crm_dialect_decode(zoho, &old, &route, body, NULL, 1, pool, &refusal)
        != CRM_OK)
    {
        return;
    }

    crm_splice_init(&splice, body, pool);

    if (crm_splice_set(&splice, &old.records[0], CRM_STR("Rating"),
            CRM_STR("\"Hot\""))
        != CRM_OK)
    {
        return;
    }

    edited = crm_splice_apply(&splice);
    if (edited.data == NULL) {
        return;
    }

    switch (crm_dialect_decode(zoho, &new, &route, edited, NULL, 1, pool,
        &refusal))
    {
    case CRM_OK:
        check_edited(&old, &new);
        break;

    case CRM_ENOMEM:
        break;

    default:
        /* One value more may spend the node budget, nothing else. */
        if (body.len < 1024) {
            abort();
        }
    }
}


static void
check_edited(const crm_request_t *old, const crm_request_t *new)
{
    size_t              i;
    crm_str_t           was, is;
    const crm_field_t  *field, *same;

    field = crm_record_field(&new->records[0], CRM_STR("Rating"));

    if (field == NULL
        || !crm_str_eq(crm_span_raw(field->value), CRM_STR("\"Hot\"")))
    {
        abort();
    }

    for (i = 0; i < old->records[0].count; i++) {
        field = &old->records[0].fields[i];

        if (crm_str_eq(field->name, CRM_STR("Rating"))) {
            continue;
        }

        same = crm_record_field(&new->records[0], field->name);
        if (same == NULL) {
            abort();
        }

        was = crm_span_raw(field->value);
        is = crm_span_raw(same->value);

        if (!crm_str_eq(was, is)) {
            abort();
        }
    }
}
