/*
 * Functions of COLLECTION. What a LIST or KEY-VALUE can do as well is done by
 * its function, on what is held; here stands what is a collection's own.
 */

#include "crm_deluge_collection.h"


/* From the argument first on: elements, or keys and their values. */
static crm_status_t
collection_put(crm_deluge_call_t *call, crm_deluge_collection_t *collection,
    size_t first)
{
    size_t        i, step;
    crm_status_t  rc;

    step = call->pairs ? 2 : 1;
    rc = CRM_OK;

    for (i = first; i + step <= call->count && rc == CRM_OK; i += step) {
        rc = crm_deluge_collection_add(call, collection,
                            call->pairs ? &call->args[i] : NULL,
                            &call->args[i + step - 1]);
    }

    return rc;
}


/* Collection(), Collection(1, 2), Collection("a" : 1) */
static crm_status_t
collection_new(crm_deluge_call_t *call)
{
    crm_status_t              rc;
    crm_deluge_collection_t  *collection;

    rc = crm_deluge_collection_made(call, &collection);

    return rc == CRM_OK ? collection_put(call, collection, 0) : rc;
}


static crm_status_t
collection_insert(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return collection_put(call, call->args[0].u.collection, 1);
}


static crm_status_t
collection_insert_all(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return crm_deluge_collection_all(call, call->args[0].u.collection,
                                     &call->args[1]);
}


/* toCollection(): of a LIST, a KEY-VALUE, or JSON that is one. */
static crm_status_t
collection_of(crm_deluge_call_t *call)
{
    crm_status_t              rc;
    crm_deluge_value_t        from;
    crm_deluge_collection_t  *collection;

    from = call->args[0];

    if (from.type == CRM_DELUGE_TEXT) {
        rc = crm_deluge_json(&from, from.u.text, call->run->pool);

        if (rc == CRM_ENOMEM) {
            return crm_deluge_memory(call->run, call->place);
        }

        if (rc != CRM_OK || (from.type != CRM_DELUGE_LIST
                             && from.type != CRM_DELUGE_MAP))
        {
            return crm_deluge_throw(call->run, call->place,
                       "the TEXT is no JSON of a LIST or a KEY-VALUE");
        }
    }

    rc = crm_deluge_collection_made(call, &collection);

    return rc == CRM_OK ? crm_deluge_collection_all(call, collection, &from)
                        : rc;
}


/* null for a key that is not there; there is no such index: an error. */
static crm_status_t
collection_get(crm_deluge_call_t *call)
{
    size_t               i;
    crm_str_t            key;
    crm_status_t         rc;
    crm_deluge_value_t  *held, *v;

    held = crm_deluge_collection_held(call);

    if (held->type == CRM_DELUGE_MAP) {
        rc = crm_deluge_collection_key(call, &call->args[1], &key);

        if (rc == CRM_OK && (v = crm_deluge_map_get(held->u.map, key))) {
            *call->result = *v;
        }

        return rc;
    }

    rc = crm_deluge_collection_index(call, &call->args[1], &i);

    if (rc == CRM_OK) {
        *call->result = held->u.list->items[i];
    }

    return rc;
}


/* update(key, value), of what is there. */
static crm_status_t
collection_update(crm_deluge_call_t *call)
{
    size_t               i;
    crm_str_t            key;
    crm_status_t         rc;
    crm_deluge_value_t  *held, *v;

    held = crm_deluge_collection_held(call);
    *call->result = call->args[0];

    if (crm_deluge_holds(&call->args[2], call->args[0].u.collection)) {
        return crm_deluge_throw(call->run, call->place,
                                "a COLLECTION cannot hold itself");
    }

    if (held->type != CRM_DELUGE_MAP) {
        rc = crm_deluge_collection_index(call, &call->args[1], &i);

        if (rc == CRM_OK) {
            held->u.list->items[i] = call->args[2];
        }

        return rc;
    }

    rc = crm_deluge_collection_key(call, &call->args[1], &key);
    if (rc != CRM_OK) {
        return rc;
    }

    v = crm_deluge_map_get(held->u.map, key);
    if (v == NULL) {
        return crm_deluge_throw(call->run, call->place,
                   "the COLLECTION has no key \"%.*s\"",
                   key.len > 40 ? 40 : (int) key.len, key.data);
    }

    *v = call->args[2];

    return CRM_OK;
}


/* The key or index of a value, its first or last; -1 and null: nowhere. */
static crm_status_t
collection_find(crm_deluge_call_t *call, int last)
{
    size_t                     at, i;
    crm_deluge_value_t        *held;
    const crm_deluge_entry_t  *entry;

    held = crm_deluge_collection_held(call);

    if (held->type == CRM_DELUGE_MAP) {
        at = 0;

        while ((entry = crm_deluge_map_next(held->u.map, &at)) != NULL
               && (last || call->result->type == CRM_DELUGE_NULL))
        {
            if (crm_deluge_equal(&entry->value, &call->args[1])) {
                *call->result = crm_deluge_text(entry->key);
            }
        }

        return CRM_OK;
    }

    *call->result = crm_deluge_number(-1);

    for (i = 0; held->type == CRM_DELUGE_LIST && i < held->u.list->count
                && (last || call->result->u.number == -1); i++)
    {
        if (crm_deluge_equal(&held->u.list->items[i], &call->args[1])) {
            *call->result = crm_deluge_number((long long) i);
        }
    }

    return CRM_OK;
}


static crm_status_t
collection_find_first(crm_deluge_call_t *call)
{
    return collection_find(call, 0);
}


static crm_status_t
collection_find_last(crm_deluge_call_t *call)
{
    return collection_find(call, 1);
}


static crm_status_t
collection_delete(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return crm_deluge_collection_drop(call, &call->args[1]);
}


static crm_status_t
collection_delete_all(crm_deluge_call_t *call)
{
    size_t                     i;
    crm_status_t               rc;
    const crm_deluge_value_t  *held, *list;

    *call->result = call->args[0];
    held = crm_deluge_collection_held(call);
    list = crm_deluge_inside(&call->args[1]);
    rc = CRM_OK;

    if (list->type == CRM_DELUGE_MAP) {
        return crm_deluge_throw(call->run, call->place,
                   "deleteAll takes values, not keys and their values");
    }

    if (list->type != CRM_DELUGE_LIST) {
        return CRM_OK;
    }

    if (held->type == CRM_DELUGE_LIST && held->u.list == list->u.list) {
        held->u.list->count = 0;
        return CRM_OK;
    }

    for (i = 0; i < list->u.list->count && rc == CRM_OK; i++) {
        rc = crm_deluge_collection_drop(call, &list->u.list->items[i]);
    }

    return rc;
}


static crm_status_t
collection_delete_key(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return crm_deluge_collection_drop_key(call, &call->args[1]);
}


/* Indexes are those before anything goes, so that the highest goes first. */
static crm_status_t
collection_delete_keys(crm_deluge_call_t *call)
{
    size_t               i;
    crm_status_t         rc;
    crm_deluge_list_t    order;
    crm_deluge_value_t  *held;

    *call->result = call->args[0];
    held = crm_deluge_collection_held(call);
    order = *call->args[1].u.list;
    rc = CRM_OK;

    if (held->type == CRM_DELUGE_LIST) {

        for (i = 0; i < order.count && rc == CRM_OK; i++) {
            rc = crm_deluge_collection_index(call, &order.items[i],
                                             &(size_t) { 0 });
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_check(call->run, call->place,
                     crm_deluge_list_copy(&order, call->args[1].u.list,
                                          call->run->pool));
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_check(call->run, call->place,
                     crm_deluge_list_sort(&order, 1, call->run->pool));
        }
    }

    for (i = 0; i < order.count && rc == CRM_OK; i++) {

        if (i && held->type == CRM_DELUGE_LIST
            && crm_deluge_equal(&order.items[i], &order.items[i - 1]))
        {
            continue;
        }

        rc = crm_deluge_collection_drop_key(call, &order.items[i]);
    }

    return rc;
}


static crm_status_t
collection_keys(crm_deluge_call_t *call)
{
    return crm_deluge_collection_members(call, 1);
}


static crm_status_t
collection_values(crm_deluge_call_t *call)
{
    return crm_deluge_collection_members(call, 0);
}


static crm_status_t
collection_has_key(crm_deluge_call_t *call)
{
    crm_str_t            key;
    crm_status_t         rc;
    crm_deluge_value_t  *held;

    held = crm_deluge_collection_held(call);

    if (held->type == CRM_DELUGE_MAP) {
        rc = crm_deluge_collection_key(call, &call->args[1], &key);

        if (rc == CRM_OK) {
            *call->result = crm_deluge_boolean(
                crm_deluge_map_get(held->u.map, key) != NULL);
        }

        return rc;
    }

    *call->result = crm_deluge_boolean(
        held->type == CRM_DELUGE_LIST
        && call->args[1].type == CRM_DELUGE_NUMBER
        && call->args[1].u.number >= 0
        && (size_t) call->args[1].u.number < held->u.list->count);

    return CRM_OK;
}


static crm_status_t
collection_has_value(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(
        crm_deluge_collection_has(crm_deluge_collection_held(call),
                                    &call->args[1]));
    return CRM_OK;
}


static crm_status_t
collection_has_not(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(
        !crm_deluge_collection_has(crm_deluge_collection_held(call),
                                     &call->args[1]));
    return CRM_OK;
}


static crm_status_t
collection_size(crm_deluge_call_t *call)
{
    crm_deluge_value_t  *held;

    held = crm_deluge_collection_held(call);

    *call->result = crm_deluge_number((long long)
        (held->type == CRM_DELUGE_LIST ? held->u.list->count
         : held->type == CRM_DELUGE_MAP ? held->u.map->count : 0));

    return CRM_OK;
}


/* It may hold either, again. */
static crm_status_t
collection_clear(crm_deluge_call_t *call)
{
    *crm_deluge_collection_held(call) = crm_deluge_null();

    return CRM_OK;
}


static crm_status_t
collection_sort(crm_deluge_call_t *call)
{
    return crm_deluge_collection_order(call, 0);
}


static crm_status_t
collection_sort_key(crm_deluge_call_t *call)
{
    if (crm_deluge_collection_held(call)->type == CRM_DELUGE_LIST) {
        return crm_deluge_throw(call->run, call->place,
                   "sortKey is a function of collections with keys");
    }

    return crm_deluge_collection_order(call, 1);
}


/* Of it alone: what it holds is shared. */
static crm_status_t
collection_duplicate(crm_deluge_call_t *call)
{
    crm_status_t              rc;
    crm_deluge_collection_t  *collection;

    rc = crm_deluge_collection_made(call, &collection);

    return rc == CRM_OK
           ? crm_deluge_collection_all(call, collection,
                                       crm_deluge_collection_held(call))
           : rc;
}


/* Another one of those values that are for the first time here, and, of
 * intersect, that the other has, too. */
static crm_status_t
collection_filter(crm_deluge_call_t *call, const crm_deluge_value_t *other)
{
    size_t                     at;
    crm_status_t               rc;
    crm_deluge_value_t        *held, key;
    const crm_deluge_value_t  *v;
    const crm_deluge_entry_t  *entry;
    crm_deluge_collection_t   *collection;

    held = crm_deluge_collection_held(call);
    rc = crm_deluge_collection_made(call, &collection);
    at = 0;

    while (rc == CRM_OK) {
        entry = NULL;

        if (held->type == CRM_DELUGE_MAP) {
            entry = crm_deluge_map_next(held->u.map, &at);
        }

        if (entry == NULL && (held->type != CRM_DELUGE_LIST
                              || at == held->u.list->count))
        {
            break;
        }

        v = entry ? &entry->value : &held->u.list->items[at++];

        if (other ? !crm_deluge_collection_has(other, v)
                  : crm_deluge_collection_has(&collection->held, v))
        {
            continue;
        }

        key = crm_deluge_text(entry ? entry->key : CRM_STR(""));
        rc = crm_deluge_collection_add(call, collection, entry ? &key : NULL,
                                       v);
    }

    return rc;
}


static crm_status_t
collection_distinct(crm_deluge_call_t *call)
{
    return collection_filter(call, NULL);
}


static crm_status_t
collection_intersect(crm_deluge_call_t *call)
{
    return collection_filter(call, crm_deluge_inside(&call->args[1]));
}


const crm_deluge_builtin_t  crm_deluge_collection_builtins[] = {
    { "Collection", CRM_DELUGE_ON_NONE, 0, "a*", collection_new },
    { "collection", CRM_DELUGE_ON_NONE, 0, "a*", collection_new },
    { "toCollection", CRM_DELUGE_ON_LIST|CRM_DELUGE_ON_MAP|CRM_DELUGE_ON_TEXT,
      0, "", collection_of },
    { "insert", CRM_DELUGE_ON_COLLECTION, 1, "a*", collection_insert },
    { "insertAll", CRM_DELUGE_ON_COLLECTION, 1, "h", collection_insert_all },
    { "get", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_get },
    { "update", CRM_DELUGE_ON_COLLECTION, 2, "aa", collection_update },
    { "getKey", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_find_first },
    { "getLastKey", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_find_last },
    { "delete", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_delete },
    { "deleteAll", CRM_DELUGE_ON_COLLECTION, 1, "c", collection_delete_all },
    { "deleteKey", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_delete_key },
    { "deleteKeys", CRM_DELUGE_ON_COLLECTION, 1, "l", collection_delete_keys },
    { "keys", CRM_DELUGE_ON_COLLECTION, 0, "", collection_keys },
    { "values", CRM_DELUGE_ON_COLLECTION, 0, "", collection_values },
    { "containsKey", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_has_key },
    { "containsValue", CRM_DELUGE_ON_COLLECTION, 1, "a",
      collection_has_value },
    { "notContains", CRM_DELUGE_ON_COLLECTION, 1, "a", collection_has_not },
    { "size", CRM_DELUGE_ON_COLLECTION, 0, "", collection_size },
    { "clear", CRM_DELUGE_ON_COLLECTION, 0, "", collection_clear },
    { "sort", CRM_DELUGE_ON_COLLECTION, 0, "b", collection_sort },
    { "sortKey", CRM_DELUGE_ON_COLLECTION, 0, "b", collection_sort_key },
    { "duplicate", CRM_DELUGE_ON_COLLECTION, 0, "", collection_duplicate },
    { "distinct", CRM_DELUGE_ON_COLLECTION, 0, "", collection_distinct },
    { "intersect", CRM_DELUGE_ON_COLLECTION, 1, "c", collection_intersect },
    { NULL, 0, 0, NULL, NULL }
};
