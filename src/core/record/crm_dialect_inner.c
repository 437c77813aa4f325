/*
 * HTTP to records and back: requests in a request.
 */

#include "record/crm_dialect_kind.h"

#include "base/crm_map.h"


static crm_status_t inner_add(crm_request_t *request, crm_inner_t *inner,
    const crm_request_t *part, crm_pool_t *pool);
static crm_status_t inner_forward(crm_item_t *item,
    const crm_request_t *request, const crm_inner_t *inner,
    crm_pool_t *pool);


crm_status_t
crm_dialect_inner(const crm_dialect_t *dialect, crm_request_t *request,
    crm_inner_t *inner, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_status_t   rc;
    crm_request_t  part;

    rc = crm_dialect_decode(dialect, &part, &inner->route, inner->text,
                            limits, max_records, pool, refusal);

    if (rc == CRM_OK && request->count + part.count > max_records) {
        (void) crm_dialect_refusal(refusal, CRM_REFUSE_RECORDS,
                   "too many records in the requests of one request");
        refusal->limit = max_records;

        return CRM_EINVAL;
    }

    return rc == CRM_OK ? inner_add(request, inner, &part, pool) : rc;
}


static crm_status_t
inner_add(crm_request_t *request, crm_inner_t *inner,
    const crm_request_t *part, crm_pool_t *pool)
{
    size_t       i;
    crm_item_t  *items;

    if (part->all) {
        inner->all = 1;
        return CRM_OK;
    }

    items = crm_pool_calloc(pool, request->count + part->count,
                            sizeof(crm_item_t));
    if (items == NULL) {
        return CRM_ENOMEM;
    }

    if (request->count) {
        memcpy(items, request->items, request->count * sizeof(crm_item_t));
    }

    inner->first = request->count;
    inner->count = part->count;
    inner->options = part->options;
    inner->resolve = part->resolve;
    inner->also = part->also;
    inner->also_forward = part->also_forward;

    for (i = 0; i < part->count; i++) {
        items[request->count] = part->items[i];
        items[request->count++].inner = inner;
    }

    request->items = items;

    return CRM_OK;
}


void
crm_dialect_part(crm_request_t *part, const crm_request_t *request,
    const crm_inner_t *inner)
{
    memset(part, 0, sizeof(crm_request_t));

    part->items = inner->count ? &request->items[inner->first] : NULL;
    part->count = inner->count;
    part->options = inner->options;
    part->resolve = inner->resolve;
    part->also = inner->also;
    part->also_forward = inner->also_forward;
    part->text = request->text;
}


void
crm_dialect_drop(crm_request_t *request, crm_inner_t *inner)
{
    size_t  i, gone, behind;

    gone = inner->count;
    behind = inner->first + gone;

    if (gone == 0) {
        return;
    }

    memmove(&request->items[inner->first], &request->items[behind],
            (request->count - behind) * sizeof(crm_item_t));

    for (i = 0; i < request->n_inners; i++) {
        if (request->inners[i].count && request->inners[i].first >= behind) {
            request->inners[i].first -= gone;
        }
    }

    request->count -= gone;
    inner->count = 0;
}


crm_status_t
crm_dialect_twice(const crm_request_t *request, crm_pool_t *pool)
{
    size_t             i;
    crm_map_t          map;
    crm_buf_t          key;
    crm_map_entry_t   *entry;
    const crm_item_t  *item;

    crm_map_init(&map, pool);

    for (i = 0; i < request->count; i++) {
        item = &request->items[i];

        if (item->record_id.len == 0) {
            continue;
        }

        /* neither may hold a slash */

        crm_buf_init(&key, pool, 0);
        crm_buf_str(&key, item->module);
        crm_buf_putc(&key, '/');
        crm_buf_str(&key, item->record_id);

        entry = crm_buf_status(&key) == CRM_OK
                ? crm_map_add(&map, crm_buf_view(&key)) : NULL;
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            return CRM_EINVAL;
        }

        entry->value = (void *) item;
    }

    return CRM_OK;
}


/* A list of requests is cut like a list of records. */
crm_status_t
crm_dialect_cut_inners(crm_splice_t *splice, const crm_request_t *request)
{
    size_t              i;
    crm_item_t         *items;
    crm_status_t        rc;
    crm_request_t       whole;
    const crm_inner_t  *inner;

    items = crm_pool_calloc(splice->pool, request->n_inners + 1,
                            sizeof(crm_item_t));
    if (items == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < request->n_inners; i++) {
        inner = &request->inners[i];
        items[i].place = inner->place;
        items[i].refusal = inner->refusal;

        rc = inner_forward(&items[i], request, inner, splice->pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    memset(&whole, 0, sizeof(crm_request_t));
    whole.items = items;
    whole.count = request->n_inners;

    return crm_dialect_cut(splice, &whole);
}


/* What is cut out of one of them, and laid into it. */
static crm_status_t
inner_forward(crm_item_t *item, const crm_request_t *request,
    const crm_inner_t *inner, crm_pool_t *pool)
{
    size_t             i;
    crm_splice_t       splice;
    crm_status_t       rc;
    crm_request_t      part;

    crm_dialect_part(&part, request, inner);

    for (i = 0; i < part.count; i++) {
        if (part.items[i].refusal || part.items[i].forward.data) {
            break;
        }
    }

    if (inner->refusal
        || (i == part.count && part.also_forward.data == NULL))
    {
        return CRM_OK;
    }

    crm_splice_init(&splice, inner->place, pool);

    rc = crm_dialect_cut(&splice, &part);

    if (rc == CRM_OK) {
        item->forward = crm_splice_apply(&splice);
        rc = item->forward.data ? CRM_OK : CRM_ENOMEM;
    }

    return rc;
}
