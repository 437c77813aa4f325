/*
 * Functions of KEY-VALUE.
 */

#include "crm_deluge_run.h"


static crm_status_t
map_new(crm_deluge_call_t *call)
{
    crm_deluge_map_t  *map;

    map = crm_deluge_map(call->run->pool);
    if (map == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    call->result->type = CRM_DELUGE_MAP;
    call->result->u.map = map;

    return CRM_OK;
}


static crm_status_t
map_put(crm_deluge_call_t *call)
{
    crm_deluge_map_t  *map;

    map = call->args[0].u.map;

    if (crm_deluge_holds(&call->args[2], map)) {
        return crm_deluge_throw(call->run, call->place,
                                "a KEY-VALUE cannot hold itself");
    }

    *call->result = call->args[0];

    return crm_deluge_check(call->run, call->place,
               crm_deluge_map_put(map, call->args[1].u.text, call->args[2],
                                  call->run->pool));
}


static crm_status_t
map_put_all(crm_deluge_call_t *call)
{
    size_t                     at;
    crm_status_t               rc;
    crm_deluge_map_t          *map;
    const crm_deluge_entry_t  *entry;

    map = call->args[0].u.map;
    *call->result = call->args[0];

    if (call->args[1].u.map == map) {
        return CRM_OK;
    }

    for (at = 0;
         (entry = crm_deluge_map_next(call->args[1].u.map, &at)) != NULL;
         /* void */)
    {
        if (crm_deluge_holds(&entry->value, map)) {
            return crm_deluge_throw(call->run, call->place,
                                    "a KEY-VALUE cannot hold itself");
        }

        rc = crm_deluge_map_put(map, entry->key, entry->value,
                                call->run->pool);
        if (rc != CRM_OK) {
            return crm_deluge_check(call->run, call->place, rc);
        }
    }

    return CRM_OK;
}


/* null if there is none. */
static crm_status_t
map_get(crm_deluge_call_t *call)
{
    crm_deluge_value_t  *v;

    v = crm_deluge_map_get(call->args[0].u.map, call->args[1].u.text);

    if (v) {
        *call->result = *v;
    }

    return CRM_OK;
}


static crm_status_t
map_remove(crm_deluge_call_t *call)
{
    crm_status_t  rc;

    rc = map_get(call);
    (void) crm_deluge_map_remove(call->args[0].u.map, call->args[1].u.text);

    return rc;
}


static crm_status_t
map_clear(crm_deluge_call_t *call)
{
    unsigned           walkers;
    crm_deluge_map_t  *map;

    map = call->args[0].u.map;
    walkers = map->walkers;

    memset(map, 0, sizeof(crm_deluge_map_t));
    map->walkers = walkers;

    return CRM_OK;
}


static crm_status_t
map_size(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_number((long long) call->args[0].u.map->count);

    return CRM_OK;
}


static crm_status_t
map_has_key(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(
        crm_deluge_map_get(call->args[0].u.map, call->args[1].u.text)
        != NULL);

    return CRM_OK;
}


static crm_status_t
map_has_value(crm_deluge_call_t *call)
{
    size_t                     at;
    const crm_deluge_entry_t  *entry;

    *call->result = crm_deluge_boolean(0);

    for (at = 0;
         (entry = crm_deluge_map_next(call->args[0].u.map, &at)) != NULL;
         /* void */)
    {
        if (crm_deluge_equal(&entry->value, &call->args[1])) {
            *call->result = crm_deluge_boolean(1);
            break;
        }
    }

    return CRM_OK;
}


static crm_status_t
map_has_not_value(crm_deluge_call_t *call)
{
    (void) map_has_value(call);
    call->result->u.boolean = !call->result->u.boolean;

    return CRM_OK;
}


static crm_status_t
map_members(crm_deluge_call_t *call, int keys)
{
    size_t                     at;
    crm_status_t               rc;
    crm_deluge_list_t         *list;
    const crm_deluge_entry_t  *entry;

    list = crm_deluge_list(call->run->pool);
    if (list == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    for (at = 0;
         (entry = crm_deluge_map_next(call->args[0].u.map, &at)) != NULL;
         /* void */)
    {
        rc = crm_deluge_list_push(list, keys ? crm_deluge_text(entry->key)
                                             : entry->value,
                                  call->run->pool);
        if (rc != CRM_OK) {
            return crm_deluge_check(call->run, call->place, rc);
        }
    }

    call->result->type = CRM_DELUGE_LIST;
    call->result->u.list = list;

    return CRM_OK;
}


static crm_status_t
map_keys(crm_deluge_call_t *call)
{
    return map_members(call, 1);
}


static crm_status_t
map_values(crm_deluge_call_t *call)
{
    return map_members(call, 0);
}


const crm_deluge_builtin_t  crm_deluge_map_builtins[] = {
    { "Map", CRM_DELUGE_ON_NONE, 0, "", map_new },
    { "map", CRM_DELUGE_ON_NONE, 0, "", map_new },
    { "put", CRM_DELUGE_ON_MAP, 2, "ta", map_put },
    { "putAll", CRM_DELUGE_ON_MAP, 1, "m", map_put_all },
    { "get", CRM_DELUGE_ON_MAP, 1, "t", map_get },
    { "getJSON", CRM_DELUGE_ON_MAP, 1, "t", map_get },
    { "remove", CRM_DELUGE_ON_MAP, 1, "t", map_remove },
    { "clear", CRM_DELUGE_ON_MAP, 0, "", map_clear },
    { "size", CRM_DELUGE_ON_MAP, 0, "", map_size },
    { "containKey", CRM_DELUGE_ON_MAP, 1, "t", map_has_key },
    { "containsKey", CRM_DELUGE_ON_MAP, 1, "t", map_has_key },
    { "containValue", CRM_DELUGE_ON_MAP, 1, "a", map_has_value },
    { "containsValue", CRM_DELUGE_ON_MAP, 1, "a", map_has_value },
    { "notContains", CRM_DELUGE_ON_MAP, 1, "a", map_has_not_value },
    { "keys", CRM_DELUGE_ON_MAP, 0, "", map_keys },
    { "values", CRM_DELUGE_ON_MAP, 0, "", map_values },
    { NULL, 0, 0, NULL, NULL }
};
