/*
 * What a client or a backend sends: content types, bodies, answers.
 *
 * The first byte chooses which. Besides not crashing: fields that are spliced
 * into an accepted body stand there when the body is read again, and all
 * others are the bytes they were.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/crm_dialect_kind.h"
#include "record/crm_splice.h"


#define POOL_BYTES  (8 * 1024 * 1024)


/* What is set: members that may be there, and one that is not. */
static const struct {
    crm_str_t  name;
    crm_str_t  json;

} sets[] = {
    { CRM_STR("Rating"), CRM_STR("\"Hot\"") },
    { CRM_STR("Amount"), CRM_STR("19.99") },
    { CRM_STR("It says \"\xc3\xbc\\\""), CRM_STR("{\"a\":[null]}") }
};

#define SETS  (sizeof(sets) / sizeof(sets[0]))


static void fuzz_type(const crm_dialect_t *zoho, crm_str_t text);
static void fuzz_answer(const crm_dialect_t *zoho, crm_str_t text,
    crm_pool_t *pool);
static void fuzz_body(const crm_dialect_t *zoho, crm_str_t method,
    crm_str_t target, crm_str_t body, crm_pool_t *pool);
static void route_to(const crm_dialect_t *zoho, crm_route_t *route,
    crm_str_t method, crm_str_t target);
static void check_edited(const crm_request_t *old, const crm_request_t *new);
static int is_set(crm_str_t name);

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
        fuzz_type(zoho, text);
        break;

    case 'a':
        fuzz_answer(zoho, text, pool);
        break;

    case 'u':
        fuzz_body(zoho, CRM_STR("PUT"), CRM_STR("v8/Leads/42"), text, pool);
        break;

    default:
        fuzz_body(zoho, CRM_STR("POST"), CRM_STR("v8/Leads"), text, pool);
        break;
    }

    crm_pool_destroy(pool);

    return 0;
}


/* Content-Type and, behind a line feed, Content-Encoding. */
static void
fuzz_type(const crm_dialect_t *zoho, crm_str_t text)
{
    size_t         n;
    crm_str_t      type, encoding;
    crm_refusal_t  refusal;

    for (n = 0; n < text.len && text.data[n] != '\n'; n++) { /* void */ }

    type = crm_str(text.data, n);
    encoding = n < text.len ? crm_str(text.data + n + 1, text.len - n - 1)
                            : CRM_STR_NULL;

    if (crm_dialect_type(zoho, type, encoding, &refusal) == CRM_OK
        && type.len > 0
        && (type.len < sizeof("application/json") - 1
            || memchr(type.data, '\0', type.len) != NULL))
    {
        abort();
    }
}


static void
fuzz_answer(const crm_dialect_t *zoho, crm_str_t text, crm_pool_t *pool)
{
    size_t         i;
    crm_route_t    route;
    crm_record_t   record;
    crm_item_t     item;
    crm_request_t  request;
    crm_outcome_t  outcome;

    static const struct {
        crm_str_t  method;
        crm_str_t  target;

    } writes[] = {
        { CRM_STR("POST"), CRM_STR("v8/Leads") },
        { CRM_STR("PUT"), CRM_STR("v8/Leads/42") },
        { CRM_STR("DELETE"), CRM_STR("v8/Leads/42") }
    };

    (void) crm_dialect_read(zoho, &record, 200, text, NULL, pool);
    (void) crm_dialect_read(zoho, &record, 404, text, NULL, pool);

    for (i = 0; i < 3; i++) {
        route_to(zoho, &route, writes[i].method, writes[i].target);

        memset(&item, 0, sizeof(crm_item_t));
        item.operation = route.operation;
        item.record_id = route.record_id;

        memset(&request, 0, sizeof(crm_request_t));
        request.items = &item;
        request.count = 1;

        if (crm_dialect_outcome(zoho, &outcome, &route, &request,
                i ? 200 : 201, text, NULL, pool)
            != CRM_OK)
        {
            return;                         /* out of the pool's memory */
        }

        /* it becomes part of keys and targets */
        if (outcome.record_id.len && !crm_dialect_is_id(outcome.record_id)) {
            abort();
        }
    }
}


static void
fuzz_body(const crm_dialect_t *zoho, crm_str_t method, crm_str_t target,
    crm_str_t body, crm_pool_t *pool)
{
    size_t         i;
    crm_str_t      edited;
    crm_route_t    route;
    crm_splice_t   splice;
    crm_refusal_t  refusal;
    crm_request_t  old, new;

    route_to(zoho, &route, method, target);

    if (crm_dialect_decode(zoho, &old, &route, body, NULL, 1, pool, &refusal)
        != CRM_OK)
    {
        return;
    }

    crm_splice_init(&splice, body, pool);

    for (i = 0; i < SETS; i++) {
        if (crm_splice_set(&splice, old.items[0].record, sets[i].name,
                sets[i].json)
            != CRM_OK)
        {
            return;
        }
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
        /* Some values more may spend the node budget, nothing else. */
        if (body.len < 1024) {
            abort();
        }
    }
}


static void
route_to(const crm_dialect_t *zoho, crm_route_t *route, crm_str_t method,
    crm_str_t target)
{
    crm_refusal_t  refusal;

    if (crm_dialect_route(zoho, route, method, target, CRM_STR(""), &refusal)
        != CRM_OK)
    {
        abort();
    }
}


static void
check_edited(const crm_request_t *old, const crm_request_t *new)
{
    size_t              i, added;
    const crm_field_t  *field, *same;

    added = 0;

    for (i = 0; i < SETS; i++) {
        field = crm_record_field(new->items[0].record, sets[i].name);

        if (field == NULL
            || !crm_str_eq(crm_span_raw(field->value), sets[i].json))
        {
            abort();
        }

        added += crm_record_field(old->items[0].record, sets[i].name) == NULL;
    }

    if (new->items[0].record->count != old->items[0].record->count + added
        || new->options.trigger.type != old->options.trigger.type
        || new->options.run != old->options.run)
    {
        abort();
    }

    for (i = 0; i < old->items[0].record->count; i++) {
        field = &old->items[0].record->fields[i];

        if (is_set(field->name)) {
            continue;
        }

        same = crm_record_field(new->items[0].record, field->name);
        if (same == NULL
            || !crm_str_eq(crm_span_raw(field->value),
                           crm_span_raw(same->value)))
        {
            abort();
        }
    }
}


static int
is_set(crm_str_t name)
{
    size_t  i;

    for (i = 0; i < SETS; i++) {
        if (crm_str_eq(name, sets[i].name)) {
            return 1;
        }
    }

    return 0;
}
