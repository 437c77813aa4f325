/*
 * zoho: many stored records, read at once.
 *
 *     GET v8/Leads?ids=1,2     {"data":[{"id":"2",...}],"info":{...}}
 */

#include "record/crm_zoho.h"

#include "base/crm_map.h"


static crm_status_t many_map(crm_map_t *map, const crm_request_t *request);
static crm_status_t many_take(crm_record_t *records,
    const crm_request_t *request, const crm_map_t *map,
    const crm_list_t *list, crm_pool_t *pool);


/* Of one: v8/Leads/1, which says of itself whether it is there. */
crm_status_t
crm_zoho_get(crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool)
{
    size_t            i, n;
    crm_buf_t         buf;
    const crm_item_t *item;

    n = 0;
    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "ids=");

    for (i = 0; i < request->count; i++) {
        item = &request->items[i];

        if (item->record_id.len) {
            crm_buf_puts(&buf, n++ ? "," : "");
            crm_dialect_encode(&buf, item->record_id);
        }
    }

    if (n == 0) {
        return CRM_DECLINED;
    }

    if (request->count > 1) {
        target->path = route->get_path;
        target->query = crm_buf_view(&buf);

        return crm_buf_status(&buf);
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, route->get_path);
    crm_buf_putc(&buf, '/');
    crm_dialect_encode(&buf, request->items[0].record_id);
    target->path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


crm_status_t
crm_zoho_read_many(crm_record_t *records, const crm_request_t *request,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    size_t        i;
    crm_map_t     map;
    crm_list_t    list;
    crm_status_t  rc;

    memset(&list, 0, sizeof(crm_list_t));

    rc = crm_zoho_list(&list, status, body, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_map_init(&map, pool);
    rc = many_map(&map, request);

    if (rc == CRM_OK) {
        rc = many_take(records, request, &map, &list, pool);
    }

    for (i = 0; rc == CRM_OK && list.more && i < request->count; i++) {
        if (request->items[i].record_id.len
            && records[i].object.data == NULL)
        {
            return CRM_EINVAL;          /* it may stand on another page */
        }
    }

    return rc;
}


static crm_status_t
many_map(crm_map_t *map, const crm_request_t *request)
{
    size_t            i;
    crm_map_entry_t  *entry;

    if (crm_map_room(map, request->count) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < request->count; i++) {
        if (request->items[i].record_id.len == 0) {
            continue;
        }

        entry = crm_map_add(map, request->items[i].record_id);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        entry->value = &request->items[i];
    }

    return CRM_OK;
}


/* A record that nobody asked for is none of ours; one without an id, or that
 * comes twice, makes the rest doubtful. */
static crm_status_t
many_take(crm_record_t *records, const crm_request_t *request,
    const crm_map_t *map, const crm_list_t *list, crm_pool_t *pool)
{
    size_t                  i, at;
    crm_str_t               id;
    const crm_item_t       *item;
    const crm_field_t      *field;
    const crm_map_entry_t  *entry;

    for (i = 0; i < list->count; i++) {
        field = crm_record_field(&list->records[i], CRM_STR("id"));

        if (field == NULL || (field->value.type != CRM_JSON_STRING
                              && field->value.type != CRM_JSON_NUMBER))
        {
            return CRM_EINVAL;
        }

        id = crm_span_text(field->value, pool);
        if (id.data == NULL) {
            return CRM_ENOMEM;
        }

        entry = crm_map_find(map, id);
        if (entry == NULL) {
            continue;
        }

        item = entry->value;
        at = (size_t) (item - request->items);

        if (records[at].object.data) {
            return CRM_EINVAL;
        }

        records[at] = list->records[i];
    }

    return CRM_OK;
}
