/*
 * Dialect files: the keys of an upsert, and how a record is looked up by one.
 *
 * The field is the one that no two records have the same value in: unique of
 * find, whose unique_path asks for it.
 */

#include "record/crm_file_decode.h"

#include "record/crm_dialect_kind.h"
#include "record/crm_resolve.h"


/* As the vendor's. */
#define KEYS_MAX_VALUE  255


static crm_status_t keys_item(crm_file_decode_t *d, crm_map_t *known,
    size_t i);
static int keys_expressible(crm_str_t text);


crm_status_t
crm_file_decode_keys(crm_file_decode_t *d)
{
    size_t          i;
    crm_map_t       known;
    crm_status_t    rc;
    crm_resolve_t  *resolve;

    resolve = crm_pool_calloc(d->pool, 1, sizeof(crm_resolve_t));
    if (resolve == NULL) {
        return CRM_ENOMEM;
    }

    d->request->resolve = resolve;

    resolve->list = "$";
    resolve->fields_count = 1;
    resolve->fields = crm_pool_calloc(d->pool, 1, sizeof(crm_str_t));
    resolve->keys = crm_pool_calloc(d->pool, d->request->count,
                                    sizeof(crm_resolve_key_t));
    if (resolve->fields == NULL || resolve->keys == NULL) {
        return CRM_ENOMEM;
    }

    resolve->fields[0] = d->file->find.unique_field;

    crm_map_init(&known, d->pool);
    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < d->request->count; i++) {
        rc = keys_item(d, &known, i);
    }

    return rc;
}


/* One by one: a file says of one value how it is asked for. */
crm_status_t
crm_file_seek(const crm_dialect_file_t *file, crm_target_t *target,
    const crm_route_t *route, const crm_request_t *request, crm_pool_t *pool)
{
    crm_fill_t                none;
    crm_file_own_t            own;
    crm_fill_values_t         values;
    const crm_resolve_key_t  *key;

    memset(&none, 0, sizeof(crm_fill_t));
    memset(&values, 0, sizeof(crm_fill_values_t));

    key = &request->resolve->keys[request->resolve->answered];
    request->resolve->asked = 1;

    own.method = CRM_STR_NULL;
    own.path = &file->find.unique_path;
    own.query = &file->find.unique_query;
    own.body = &none;

    values.vars[CRM_FILL_MODULE] = request->items[key->item].module;
    values.vars[CRM_FILL_VALUE] = key->value;
    values.vars[CRM_FILL_FIELDS] = crm_pool_printf(pool, "%.*s,%.*s",
        (int) file->id_field.len, file->id_field.data,
        (int) key->field.len, key->field.data);

    return values.vars[CRM_FILL_FIELDS].data
           ? crm_file_ask(target, &own, &values, route->match, pool)
           : CRM_ENOMEM;
}


/* Without a value it is created. */
static crm_status_t
keys_item(crm_file_decode_t *d, crm_map_t *known, size_t i)
{
    crm_str_t           text;
    crm_status_t        rc;
    const crm_item_t   *item;
    const crm_field_t  *field;

    item = &d->request->items[i];
    field = crm_record_field(item->record, d->file->find.unique_field);

    if (field == NULL || field->value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    text = crm_file_scalar(field->value, d->pool);

    if (text.data == NULL || !keys_expressible(text)) {
        return crm_file_decode_refuse(d, CRM_REFUSE_BODY, field->value.data,
                   "", "the backend cannot be asked for this value: it must"
                   " be a number, or a text of 1 to 255 bytes without control"
                   " characters");
    }

    rc = crm_resolve_add(d->request, known, d->file->find.unique_field, text,
                         i, d->pool);

    return rc != CRM_DECLINED ? rc
           : crm_file_decode_refuse(d, CRM_REFUSE_BODY, field->value.data, "",
                 "another record of this request has the same value in a field"
                 " by which records are found");
}


static int
keys_expressible(crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return 0;
        }
    }

    return text.len && text.len <= KEYS_MAX_VALUE;
}
