/*
 * What only the stored records tell: create or update, and of which.
 */

#include "record/crm_resolve.h"

#include "base/crm_digest.h"
#include "record/crm_dialect_kind.h"
#include "record/crm_file.h"


/* Characters of a digest: enough that no two keys have one. */
#define RESOLVE_LEASE_LEN  26


static crm_status_t resolve_alone(const crm_dialect_t *dialect,
    const crm_request_t *request, const crm_list_t *list, crm_pool_t *pool);
static crm_status_t resolve_together(const crm_dialect_t *dialect,
    const crm_request_t *request, const crm_list_t *list, crm_pool_t *pool);
static crm_status_t resolve_match(const crm_dialect_t *dialect,
    const crm_request_t *request, const crm_record_t *record, int *clear,
    crm_pool_t *pool);
static crm_status_t resolve_hit(const crm_dialect_t *dialect,
    const crm_request_t *request, crm_resolve_key_t *key,
    const crm_record_t *record, crm_str_t seen, crm_pool_t *pool);
static crm_status_t resolve_text(crm_str_t *text, const crm_record_t *record,
    crm_str_t name, crm_pool_t *pool);
static crm_status_t resolve_item(crm_request_t *request, size_t i,
    const crm_resolve_key_t *key, crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t resolve_meets(const crm_resolve_t *resolve,
    const crm_record_t *record, crm_pool_t *pool);
static crm_status_t resolve_refuse(const crm_request_t *request, size_t i,
    crm_str_t member, const char *reason, crm_pool_t *pool,
    crm_refusal_t *refusal);


crm_status_t
crm_resolve_next(const crm_dialect_t *dialect, crm_target_t *target,
    const crm_route_t *route, const crm_request_t *request, crm_pool_t *pool)
{
    memset(target, 0, sizeof(crm_target_t));

    if (request->resolve->answered == request->resolve->count) {
        return CRM_DECLINED;
    }

    return dialect->file->mechanism
           ? dialect->file->mechanism->seek(target, route, request, pool)
           : crm_file_seek(dialect->file, target, route, request, pool);
}


crm_status_t
crm_resolve_answer(const crm_dialect_t *dialect, const crm_request_t *request,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_list_t    list;
    crm_status_t  rc;

    rc = crm_dialect_list(dialect, &list, status, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    return request->resolve->asked == 1
           ? resolve_alone(dialect, request, &list, pool)
           : resolve_together(dialect, request, &list, pool);
}


/* All that the backend found, it found by this key, whatever it takes for
 * equal. */
static crm_status_t
resolve_alone(const crm_dialect_t *dialect, const crm_request_t *request,
    const crm_list_t *list, crm_pool_t *pool)
{
    size_t              i;
    crm_str_t           seen;
    crm_status_t        rc;
    crm_resolve_t      *resolve;
    crm_resolve_key_t  *key;

    resolve = request->resolve;
    key = &resolve->keys[resolve->answered];
    key->hits = 0;

    for (i = 0; i < list->count; i++) {
        rc = resolve_text(&seen, &list->records[i], key->field, pool);
        if (rc == CRM_OK) {
            rc = resolve_hit(dialect, request, key, &list->records[i], seen,
                             pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (list->more) {
        key->hits = 2;
    }

    resolve->answered++;

    return CRM_OK;
}


/* Where it is not clear which record has which key, each is asked alone. */
static crm_status_t
resolve_together(const crm_dialect_t *dialect, const crm_request_t *request,
    const crm_list_t *list, crm_pool_t *pool)
{
    int             clear;
    size_t          i;
    crm_status_t    rc;
    crm_resolve_t  *resolve;

    resolve = request->resolve;

    for (i = 0; i < resolve->asked; i++) {
        resolve->keys[resolve->answered + i].hits = 0;
    }

    clear = !list->more;

    for (i = 0; clear && i < list->count; i++) {
        rc = resolve_match(dialect, request, &list->records[i], &clear, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (clear) {
        resolve->answered += resolve->asked;

    } else {
        resolve->alone = resolve->answered + resolve->asked;
    }

    return CRM_OK;
}


static crm_status_t
resolve_match(const crm_dialect_t *dialect, const crm_request_t *request,
    const crm_record_t *record, int *clear, crm_pool_t *pool)
{
    size_t              i, n;
    crm_str_t           seen, folded;
    crm_status_t        rc;
    crm_resolve_t      *resolve;
    crm_resolve_key_t  *key;

    resolve = request->resolve;
    n = 0;

    for (i = 0; i < resolve->asked; i++) {
        key = &resolve->keys[resolve->answered + i];

        rc = resolve_text(&seen, record, key->field, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        if (seen.data == NULL) {
            continue;
        }

        if (crm_str_eq(seen, key->value)) {
            rc = resolve_hit(dialect, request, key, record, seen, pool);
            if (rc != CRM_OK) {
                return rc;
            }
            n++;
            continue;
        }

        folded = crm_value_fold(seen, pool);
        if (folded.data == NULL) {
            return CRM_ENOMEM;
        }

        if (crm_str_eq(folded, key->folded)) {
            *clear = 0;
        }
    }

    if (n == 0) {
        *clear = 0;
    }

    return CRM_OK;
}


static crm_status_t
resolve_hit(const crm_dialect_t *dialect, const crm_request_t *request,
    crm_resolve_key_t *key, const crm_record_t *record, crm_str_t seen,
    crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = crm_dialect_id_in(dialect, &id, request->items[key->item].module,
                           record, pool);
    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_EINVAL : rc;
    }

    id = crm_pool_dup(pool, id);
    if (id.data == NULL) {
        return CRM_ENOMEM;
    }

    if (key->hits) {
        key->hits += !crm_str_eq(id, key->id);
        return CRM_OK;
    }

    key->hits = 1;
    key->id = id;
    key->seen = seen;

    return CRM_OK;
}


/* A copy of its own; the null string where the field is no text. */
static crm_status_t
resolve_text(crm_str_t *text, const crm_record_t *record, crm_str_t name,
    crm_pool_t *pool)
{
    const crm_field_t  *field;

    *text = CRM_STR_NULL;

    field = crm_record_field(record, name);

    if (field == NULL || (field->value.type != CRM_JSON_STRING
                          && field->value.type != CRM_JSON_NUMBER))
    {
        return CRM_OK;
    }

    *text = crm_span_text(field->value, pool);

    if (text->data) {
        *text = crm_pool_dup(pool, *text);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}


const crm_resolve_key_t *
crm_resolve_key(const crm_request_t *request, size_t item)
{
    size_t                    i;
    const crm_resolve_key_t  *key;

    for (i = 0; i < request->resolve->count; i++) {
        key = &request->resolve->keys[i];

        if (key->item == item && key->hits) {
            return key;
        }
    }

    return NULL;
}


crm_status_t
crm_resolve_end(crm_request_t *request, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t            i;
    crm_map_t         map;
    crm_item_t       *item;
    crm_status_t      rc;
    crm_map_entry_t  *entry;

    crm_map_init(&map, pool);

    for (i = 0; i < request->count; i++) {
        item = &request->items[i];

        rc = resolve_item(request, i, crm_resolve_key(request, i), pool,
                          refusal);
        if (rc != CRM_OK) {
            return rc;
        }

        if (item->record_id.len == 0) {
            continue;
        }

        entry = crm_map_add(&map, item->record_id);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            return resolve_refuse(request, i, CRM_STR(""),
                       "this is the record of another item, too; a record"
                       " must not stand twice in one request",
                       pool, refusal);
        }

        entry->value = item;
    }

    return CRM_OK;
}


static crm_status_t
resolve_item(crm_request_t *request, size_t i, const crm_resolve_key_t *key,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_item_t  *item;

    item = &request->items[i];

    if (key && key->hits > 1) {
        return resolve_refuse(request, i, key->field,
                   "several records have this value; write the one that is"
                   " meant by its id", pool, refusal);
    }

    if (key && item->record_id.len && !crm_str_eq(item->record_id, key->id)) {
        return resolve_refuse(request, i, key->field,
                   "another record than the one of this id has this value;"
                   " write the one that is meant by its id alone",
                   pool, refusal);
    }

    if (key) {
        item->record_id = key->id;
    }

    item->operation = item->record_id.len ? CRM_OP_UPDATE : CRM_OP_CREATE;

    return CRM_OK;
}


static crm_status_t
resolve_refuse(const crm_request_t *request, size_t i, crm_str_t member,
    const char *reason, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_str_t  where;

    where = crm_pool_printf(pool, "%s[%lu]%s%.*s", request->resolve->list,
                            (unsigned long) i, member.len ? "." : "",
                            (int) member.len, member.data);
    if (where.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_dialect_refusal(refusal, CRM_REFUSE_BODY, reason);

    refusal->module = request->items[i].module;
    refusal->where = where;
    refusal->index = i;

    return CRM_EINVAL;
}


crm_status_t
crm_resolve_still(const crm_request_t *request, size_t item,
    const crm_record_t *before, crm_pool_t *pool, int *still)
{
    crm_str_t                 now;
    crm_status_t              rc;
    const crm_resolve_key_t  *key;

    *still = 1;

    key = crm_resolve_key(request, item);
    if (key == NULL || key->seen.data == NULL
        || crm_record_field(before, key->field) == NULL)
    {
        return CRM_OK;
    }

    rc = resolve_text(&now, before, key->field, pool);
    *still = rc == CRM_OK && now.data && crm_str_eq(now, key->seen);

    return rc;
}


crm_status_t
crm_resolve_address(crm_request_t *request, size_t i, crm_pool_t *pool)
{
    crm_buf_t    buf;
    crm_str_t    text;
    crm_item_t  *item;

    item = &request->items[i];

    if (item->record_id.len == 0 || !request->resolve->address
        || crm_record_field(item->record, CRM_STR("id")))
    {
        return CRM_OK;
    }

    text = item->forward.data ? item->forward : crm_record_raw(item->record);

    /* there is a member: the one that it was found by */

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"id\":");
    crm_buf_json(&buf, item->record_id);
    crm_buf_putc(&buf, ',');
    crm_buf_add(&buf, text.data + 1, text.len - 1);

    item->forward = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


crm_status_t
crm_resolve_apart(const crm_request_t *request, crm_pool_t *pool)
{
    size_t              i, k;
    crm_status_t        rc;
    const crm_item_t   *item;
    const crm_inner_t  *inner;

    for (i = 0; i < request->n_inners; i++) {
        inner = &request->inners[i];

        for (k = 0; inner->resolve && k < request->count; k++) {
            item = &request->items[k];

            if (item->inner == inner || item->record == NULL
                || !crm_str_eq(item->module, inner->route.module))
            {
                continue;
            }

            rc = resolve_meets(inner->resolve, item->record, pool);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
resolve_meets(const crm_resolve_t *resolve, const crm_record_t *record,
    crm_pool_t *pool)
{
    size_t                    i, n;
    crm_str_t                 text;
    crm_status_t              rc;
    const crm_resolve_key_t  *key;

    for (n = 0; n < resolve->fields_count; n++) {
        rc = resolve_text(&text, record, resolve->fields[n], pool);
        if (rc != CRM_OK) {
            return rc;
        }

        if (text.data == NULL) {
            continue;
        }

        text = crm_value_fold(text, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        for (i = 0; i < resolve->count; i++) {
            key = &resolve->keys[i];

            if (crm_str_eq(text, key->folded)
                && crm_str_eq(key->field, resolve->fields[n]))
            {
                return CRM_EINVAL;
            }
        }
    }

    return CRM_OK;
}


crm_status_t
crm_resolve_add(crm_request_t *request, crm_map_t *known, crm_str_t field,
    crm_str_t value, size_t item, crm_pool_t *pool)
{
    char               *text;
    crm_str_t           parts[3];
    unsigned char       digest[CRM_DIGEST_LEN];
    crm_map_entry_t    *entry;
    crm_resolve_key_t  *key;

    key = &request->resolve->keys[request->resolve->count];

    key->field = field;
    key->value = value;
    key->item = item;
    key->folded = crm_value_fold(value, pool);
    text = crm_pool_alloc(pool, RESOLVE_LEASE_LEN + 1);

    if (key->folded.data == NULL || text == NULL) {
        return CRM_ENOMEM;
    }

    parts[0] = field;
    parts[1] = CRM_STR("\n");
    parts[2] = key->folded;

    crm_digest_sha256(digest, parts, 3);
    crm_digest_base32(text + 1, RESOLVE_LEASE_LEN, digest);
    text[0] = '=';

    key->lease = crm_str(text, RESOLVE_LEASE_LEN + 1);

    entry = crm_map_add(known, key->lease);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value) {
        return CRM_DECLINED;
    }

    entry->value = request;
    request->resolve->count++;

    return CRM_OK;
}
