/*
 * Dialect files: items that are named by ids, in the body or the query.
 */

#include "record/crm_file_decode.h"

#include "record/crm_dialect_kind.h"


static crm_status_t decode_filter(crm_file_decode_t *d, crm_str_t *ids, char
    *separator);


/* One record, or nothing, for many ids. */
crm_status_t
crm_file_decode_shared(crm_file_decode_t *d)
{
    crm_str_t            id;
    crm_span_t           value;
    crm_status_t         rc;
    crm_record_t        *record;
    crm_pointer_walk_t   walk;

    record = NULL;

    if (d->rule->record.set) {
        value = crm_pointer_get(&d->rule->record, d->root);

        if (value.type != CRM_JSON_OBJECT) {
            return crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                       "a record must be an object");
        }

        record = crm_pool_alloc(d->pool, sizeof(crm_record_t));
        if (record == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_file_record(record, value, d->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_file_decode_meta(d, record);

        if (crm_record_field(record, d->file->id_field)) {
            return crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                       "a record for many ids must name none");
        }
    }

    crm_pointer_walk(&walk, &d->rule->shared_ids, d->root);

    while (crm_pointer_next(&walk, &value)) {
        id = crm_file_scalar(value, d->pool);

        rc = id.data ? crm_file_decode_add(d, id, record, crm_span_raw(value))
             : crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
              "an id must be a string or a number");
        if (rc != CRM_OK) {
            return rc;
        }
    }

    d->request->shared = d->request->count > 1;

    return CRM_OK;
}


/* Nothing is sent of it but ids. */
crm_status_t
crm_file_decode_named(crm_file_decode_t *d)
{
    crm_str_t            id;
    crm_span_t           value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    switch (d->rule->id.from) {

    case CRM_FILE_FROM_PATH:
        return crm_file_decode_add(d, d->match->id, NULL, CRM_STR_NULL);

    case CRM_FILE_FROM_QUERY:
    case CRM_FILE_FROM_FILTER:
        return crm_file_decode_query(d);

    case CRM_FILE_FROM_BODY:
        crm_pointer_walk(&walk, &d->rule->id.pointer, d->root);

        while (crm_pointer_next(&walk, &value)) {
            id = crm_file_scalar(value, d->pool);

            rc = id.data
                 ? crm_file_decode_add(d, id, NULL, crm_span_raw(value))
                 : crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                  "an id must be a string or a number");
            if (rc != CRM_OK) {
                return rc;
            }
        }

        return CRM_OK;

    default:
        return CRM_OK;
    }
}


crm_status_t
crm_file_decode_query(crm_file_decode_t *d)
{
    char          separator;
    size_t        n;
    crm_str_t     ids;
    const char   *end;
    crm_status_t  rc;

    rc = crm_file_query(d->match->ask.query, d->rule->id.name, &ids,
                        d->pool);
    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    separator = d->rule->id.separator;

    if (d->rule->id.from == CRM_FILE_FROM_FILTER) {
        rc = decode_filter(d, &ids, &separator);
        if (rc != CRM_OK) {
            return rc == CRM_DECLINED ? CRM_OK : rc;
        }
    }

    for ( ;; ) {
        end = ids.len ? memchr(ids.data, separator, ids.len) : NULL;
        n = end ? (size_t) (end - ids.data) : ids.len;

        rc = crm_file_decode_add(d, crm_str(ids.data, n), NULL, CRM_STR_NULL);
        if (rc != CRM_OK || end == NULL) {
            return rc;
        }

        ids = crm_str(end + 1, ids.len - n - 1);
    }
}


/* eq.7 and in.(7,8); whatever else means a set. */
static crm_status_t
decode_filter(crm_file_decode_t *d, crm_str_t *ids, char *separator)
{
    (void) d;

    if (ids->len > 3 && memcmp(ids->data, "eq.", 3) == 0) {
        *ids = crm_str(ids->data + 3, ids->len - 3);
        *separator = '\0';
        return CRM_OK;
    }

    if (ids->len > 5 && memcmp(ids->data, "in.(", 4) == 0
        && ids->data[ids->len - 1] == ')')
    {
        *ids = crm_str(ids->data + 4, ids->len - 5);
        *separator = ',';
        return CRM_OK;
    }

    return CRM_DECLINED;
}
