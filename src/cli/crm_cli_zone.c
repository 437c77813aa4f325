/*
 * The organisation's time zone, from its name in the rules to the table in the
 * bundle.
 */

#include "crm_cli_zone.h"
#include "crm_calendar.h"
#include "rules/crm_zone_json.h"


static const char *zone_named(const json_t *bundle);


crm_status_t
crm_cli_zone_add(json_t *bundle)
{
    json_t        *table;
    crm_zone_t     zone;
    const char    *name;
    crm_pool_t    *pool;
    crm_status_t   rc;

    name = zone_named(bundle);
    if (name == NULL) {
        return CRM_OK;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_calendar_zone(&zone, crm_strz(name), pool);

    if (rc == CRM_OK) {
        table = crm_zone_json_encode(&zone);

        if (table == NULL
            || json_object_set_new(bundle, "time_zone", table) != 0)
        {
            rc = CRM_ENOMEM;
        }
    }

    crm_pool_destroy(pool);

    return rc == CRM_ENOMEM ? rc : CRM_OK;
}


int
crm_cli_zone_differs(const json_t *one, const json_t *other)
{
    const json_t  *a, *b;

    a = json_object_get(one, "time_zone");
    b = json_object_get(other, "time_zone");

    return (a || b) && !json_equal(a, b);
}


static const char *
zone_named(const json_t *bundle)
{
    size_t       i;
    json_t      *entry, *object;
    const char  *kind;

    json_array_foreach(json_object_get(bundle, "objects"), i, entry) {
        object = json_object_get(entry, "object");
        kind = json_string_value(json_object_get(object, "kind"));

        if (kind && strcmp(kind, "organization") == 0) {
            return json_string_value(json_object_get(object, "time_zone"));
        }
    }

    return NULL;
}
