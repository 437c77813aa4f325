/*
 * zoho: what a list of records says.
 *
 * The vendor's API does not know events: it ignores the parameter and answers
 * a list, newest record first. A backend that knows them says so in a header.
 */

#include "record/crm_zoho.h"


#define LOOKUP_FIRST_ITEMS  16


static crm_status_t lookup_data(crm_list_t *list, crm_scan_t *scan);
static crm_record_t *lookup_add(crm_list_t *list, size_t *cap,
    crm_pool_t *pool);


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

            /* the scanner finds a second one where the object closes: too
             * late for the room of the first */

            if (listed) {
                return CRM_EINVAL;
            }

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

    if (list->count == 0 && !list->more) {
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

    records = crm_pool_alloc(pool, more * sizeof(crm_record_t));
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
