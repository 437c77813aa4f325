/*
 * zoho: how a record is found again, by its id or by the event that created
 * it.
 *
 * The vendor's API does not know events: it ignores the parameter and answers
 * a list, newest record first. A backend that knows them says so in a header.
 */

#include "record/crm_zoho.h"


/* The vendor's largest page. */
#define LOOKUP_PAGE         "200"
#define LOOKUP_FIRST_ITEMS  16


static void lookup_field(crm_buf_t *buf, crm_str_t field);
static crm_status_t lookup_data(crm_list_t *list, crm_scan_t *scan);
static crm_record_t *lookup_add(crm_list_t *list, size_t *cap,
    crm_pool_t *pool);


void
crm_zoho_record_path(crm_buf_t *buf, crm_str_t module, crm_str_t id)
{
    crm_dialect_encode(buf, module);
    crm_buf_putc(buf, '/');
    crm_dialect_encode(buf, id);
}


void
crm_zoho_event_path(crm_buf_t *buf, crm_str_t module, crm_str_t event,
    const crm_str_t *fields, size_t count)
{
    size_t  i;

    crm_dialect_encode(buf, module);
    crm_buf_puts(buf, "?__event=");
    crm_dialect_encode(buf, event);
    crm_buf_puts(buf, "&fields=" CRM_ZOHO_CREATED "," CRM_ZOHO_VERSION);

    for (i = 0; i < count; i++) {
        lookup_field(buf, fields[i]);
    }

    crm_buf_puts(buf, "&sort_by=" CRM_ZOHO_CREATED "&sort_order=desc"
                      "&per_page=" LOOKUP_PAGE);
}


/* The id comes unasked, the times have been asked for. */
static void
lookup_field(crm_buf_t *buf, crm_str_t field)
{
    if (crm_str_is(field, "id") || crm_str_is(field, CRM_ZOHO_CREATED)
        || crm_str_is(field, CRM_ZOHO_VERSION))
    {
        return;
    }

    crm_buf_putc(buf, ',');
    crm_dialect_encode(buf, field);
}


/* {"data":[{...}],"info":{"more_records":false}} */
crm_status_t
crm_zoho_list(crm_list_t *list, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    int           listed;
    crm_scan_t    scan;
    crm_span_t    name, value;
    crm_status_t  rc;

    if (status == 204) {
        list->complete = 1;
        return CRM_OK;
    }

    if (status != 200) {
        return CRM_EINVAL;
    }

    listed = 0;
    crm_scan_init(&scan, body, limits, pool);
    rc = crm_scan_enter(&scan, CRM_JSON_OBJECT, NULL);

    while (rc == CRM_OK) {
        rc = crm_scan_member(&scan, &name, NULL);
        if (rc != CRM_OK) {
            break;
        }

        if (crm_span_is(name, CRM_STR("data"))) {
            listed = 1;
            rc = lookup_data(list, &scan);
            continue;
        }

        rc = crm_scan_value(&scan, &value, NULL);

        if (rc == CRM_OK && crm_span_is(name, CRM_STR("info"))
            && value.type == CRM_JSON_OBJECT)
        {
            value = crm_span_member(value, CRM_STR("more_records"));
            list->complete = value.type == CRM_JSON_FALSE;
            list->more = value.type == CRM_JSON_TRUE;
        }
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (list->count == 0) {
        list->complete = 1;
    }

    return rc == CRM_DECLINED && listed
           && crm_scan_end(&scan, NULL) == CRM_OK ? CRM_OK : CRM_EINVAL;
}


static crm_status_t
lookup_data(crm_list_t *list, crm_scan_t *scan)
{
    size_t         cap;
    crm_record_t  *record;
    crm_status_t   rc;

    cap = 0;

    rc = crm_scan_enter(scan, CRM_JSON_ARRAY, NULL);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    while ((rc = crm_scan_element(scan, NULL)) == CRM_OK) {
        record = lookup_add(list, &cap, scan->pool);
        if (record == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_record_scan(record, scan, NULL);
        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
        }

        list->count++;
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_record_t *
lookup_add(crm_list_t *list, size_t *cap, crm_pool_t *pool)
{
    size_t         more;
    crm_record_t  *records;

    if (list->count < *cap) {
        return &list->records[list->count];
    }

    more = *cap ? *cap * 2 : LOOKUP_FIRST_ITEMS;

    records = crm_pool_calloc(pool, more, sizeof(crm_record_t));
    if (records == NULL) {
        return NULL;
    }

    if (list->count) {
        memcpy(records, list->records, list->count * sizeof(crm_record_t));
    }

    list->records = records;
    *cap = more;

    return &list->records[list->count];
}
