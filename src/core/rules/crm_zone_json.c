/*
 * The organisation's time zone as a bundle carries it.
 */

#include "rules/crm_zone_json.h"


/* Four changes a year for the years of the table, and as many again. */
#define ZONE_MAX_CHANGES  1200


static crm_status_t zone_table(crm_zone_t *zone, const json_t *table,
    crm_pool_t *pool);


crm_status_t
crm_zone_json_decode(crm_zone_t *zone, const json_t *json, crm_pool_t *pool)
{
    const json_t  *name, *tzdata;

    memset(zone, 0, sizeof(crm_zone_t));

    name = json_object_get(json, "name");
    tzdata = json_object_get(json, "tzdata");

    if (!json_is_string(name) || !json_is_string(tzdata)) {
        return CRM_EINVAL;
    }

    zone->name = crm_pool_dup(pool, crm_strz(json_string_value(name)));
    zone->tzdata = crm_pool_dup(pool, crm_strz(json_string_value(tzdata)));

    if (zone->name.data == NULL || zone->tzdata.data == NULL) {
        return CRM_ENOMEM;
    }

    return zone_table(zone, json_object_get(json, "table"), pool);
}


json_t *
crm_zone_json_encode(const crm_zone_t *zone)
{
    int      rc;
    size_t   i;
    json_t  *json, *table;

    table = json_array();
    rc = table ? 0 : -1;

    for (i = 0; rc == 0 && i < zone->count; i++) {
        rc = json_array_append_new(table, json_pack("[I, i]",
                                   (json_int_t) zone->changes[i].at_s,
                                   zone->changes[i].offset_s));
    }

    if (rc != 0) {
        json_decref(table);
        return NULL;
    }

    json = json_pack("{s:s%, s:s%, s:o}", "name", zone->name.data,
                     zone->name.len, "tzdata", zone->tzdata.data,
                     zone->tzdata.len, "table", table);
    if (json == NULL) {
        json_decref(table);
    }

    return json;
}


static crm_status_t
zone_table(crm_zone_t *zone, const json_t *table, crm_pool_t *pool)
{
    size_t         i, n;
    json_int_t     offset;
    const json_t  *row;

    n = json_array_size(table);

    if (!json_is_array(table) || n == 0 || n > ZONE_MAX_CHANGES) {
        return CRM_EINVAL;
    }

    zone->changes = crm_pool_calloc(pool, n, sizeof(crm_zone_change_t));
    if (zone->changes == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        row = json_array_get(table, i);

        if (!json_is_array(row) || !json_is_integer(json_array_get(row, 0))
            || !json_is_integer(json_array_get(row, 1)))
        {
            return CRM_EINVAL;
        }

        offset = json_integer_value(json_array_get(row, 1));
        if (offset > CRM_ZONE_MAX_OFFSET_S || offset < -CRM_ZONE_MAX_OFFSET_S)
        {
            return CRM_EINVAL;
        }

        zone->changes[i].at_s = json_integer_value(json_array_get(row, 0));
        zone->changes[i].offset_s = (int) offset;
    }

    zone->count = n;

    return crm_zone_valid(zone) ? CRM_OK : CRM_EINVAL;
}
