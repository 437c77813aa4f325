/*
 * COLLECTION: see crm_deluge_collection.h.
 */

#include "crm_deluge_collection.h"


static crm_status_t collection_kind(crm_deluge_call_t *call,
    crm_deluge_collection_t *collection, crm_deluge_type_t kind);


crm_deluge_value_t *
crm_deluge_collection_held(crm_deluge_call_t *call)
{
    return &call->args[0].u.collection->held;
}


crm_status_t
crm_deluge_collection_made(crm_deluge_call_t *call,
    crm_deluge_collection_t **collection)
{
    *collection = crm_pool_calloc(call->run->pool, 1,
                                  sizeof(crm_deluge_collection_t));
    if (*collection == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    call->result->type = CRM_DELUGE_COLLECTION;
    call->result->u.collection = *collection;

    return CRM_OK;
}


crm_status_t
crm_deluge_collection_add(crm_deluge_call_t *call,
    crm_deluge_collection_t *collection, const crm_deluge_value_t *key,
    const crm_deluge_value_t *v)
{
    crm_str_t     text;
    crm_status_t  rc;

    if (crm_deluge_holds(v, collection)) {
        return crm_deluge_throw(call->run, call->place,
                                "a COLLECTION cannot hold itself");
    }

    if (key == NULL) {
        rc = collection_kind(call, collection, CRM_DELUGE_LIST);

        return rc == CRM_OK
               ? crm_deluge_check(call->run, call->place,
                     crm_deluge_list_push(collection->held.u.list, *v,
                                          call->run->pool)) : rc;
    }

    rc = crm_deluge_collection_key(call, key, &text);

    if (rc == CRM_OK) {
        rc = collection_kind(call, collection, CRM_DELUGE_MAP);
    }

    return rc == CRM_OK
           ? crm_deluge_check(call->run, call->place,
                 crm_deluge_map_put(collection->held.u.map, text, *v,
                                    call->run->pool)) : rc;
}


/* Its first member says what it holds, until it is empty again. */
static crm_status_t
collection_kind(crm_deluge_call_t *call, crm_deluge_collection_t *collection,
    crm_deluge_type_t kind)
{
    crm_deluge_value_t  *held;

    held = &collection->held;

    if (held->type == kind) {
        return CRM_OK;
    }

    if (!crm_deluge_is_empty(held)) {
        return crm_deluge_throw(call->run, call->place,
                   kind == CRM_DELUGE_MAP
                   ? "the COLLECTION has elements: it takes no key : value"
                   : "the COLLECTION has keys: it takes key : value alone");
    }

    held->u.list = NULL;

    if (kind == CRM_DELUGE_LIST) {
        held->u.list = crm_deluge_list(call->run->pool);
    } else {
        held->u.map = crm_deluge_map(call->run->pool);
    }

    if (held->u.list == NULL) {
        *held = crm_deluge_null();
        return crm_deluge_memory(call->run, call->place);
    }

    held->type = kind;

    return CRM_OK;
}


crm_status_t
crm_deluge_collection_all(crm_deluge_call_t *call,
    crm_deluge_collection_t *collection, const crm_deluge_value_t *from)
{
    size_t                     at, n;
    crm_status_t               rc;
    crm_deluge_value_t         key;
    const crm_deluge_entry_t  *entry;

    from = crm_deluge_inside(from);
    rc = CRM_OK;

    if (from->type == CRM_DELUGE_LIST) {
        n = from->u.list->count;

        for (at = 0; at < n && rc == CRM_OK; at++) {
            rc = crm_deluge_collection_add(call, collection, NULL,
                                &from->u.list->items[at]);
        }
    }

    if (from->type == CRM_DELUGE_MAP && from != &collection->held) {

        for (at = 0; rc == CRM_OK
                     && (entry = crm_deluge_map_next(from->u.map, &at));
             /* void */)
        {
            key = crm_deluge_text(entry->key);
            rc = crm_deluge_collection_add(call, collection, &key,
                                           &entry->value);
        }
    }

    return rc;
}


/* The first such element, or every key with such a value. */
crm_status_t
crm_deluge_collection_drop(crm_deluge_call_t *call,
    const crm_deluge_value_t *v)
{
    size_t                     at;
    crm_deluge_value_t        *held;
    const crm_deluge_entry_t  *entry;

    held = crm_deluge_collection_held(call);

    for (at = 0; held->type == CRM_DELUGE_LIST && at < held->u.list->count;
         at++)
    {
        if (crm_deluge_equal(&held->u.list->items[at], v)) {
            crm_deluge_list_remove(held->u.list, at);
            break;
        }
    }

    for (at = 0; held->type == CRM_DELUGE_MAP
                 && (entry = crm_deluge_map_next(held->u.map, &at)) != NULL;
         /* void */)
    {
        if (crm_deluge_equal(&entry->value, v)) {
            (void) crm_deluge_map_remove(held->u.map, entry->key);
        }
    }

    return CRM_OK;
}


crm_status_t
crm_deluge_collection_drop_key(crm_deluge_call_t *call,
    const crm_deluge_value_t *key)
{
    size_t               i;
    crm_str_t            text;
    crm_status_t         rc;
    crm_deluge_value_t  *held;

    held = crm_deluge_collection_held(call);

    if (held->type == CRM_DELUGE_MAP) {
        rc = crm_deluge_collection_key(call, key, &text);

        if (rc == CRM_OK) {
            (void) crm_deluge_map_remove(held->u.map, text);
        }

        return rc;
    }

    rc = crm_deluge_collection_index(call, key, &i);

    if (rc == CRM_OK) {
        crm_deluge_list_remove(held->u.list, i);
    }

    return rc;
}


/* Of a collection without keys. */
crm_status_t
crm_deluge_collection_index(crm_deluge_call_t *call,
    const crm_deluge_value_t *key, size_t *index)
{
    size_t               count;
    crm_deluge_value_t  *held;

    held = crm_deluge_collection_held(call);
    count = held->type == CRM_DELUGE_LIST ? held->u.list->count : 0;

    if (key->type != CRM_DELUGE_NUMBER) {
        return crm_deluge_throw(call->run, call->place,
                   "an index is a NUMBER, this is %s",
                   crm_deluge_type_name(key->type));
    }

    if (key->u.number < 0 || (size_t) key->u.number >= count) {
        return crm_deluge_throw(call->run, call->place,
                   "index %lld is out of range: the COLLECTION has %zu"
                   " elements", key->u.number, count);
    }

    *index = (size_t) key->u.number;

    return CRM_OK;
}


/* Keys are texts, as in a KEY-VALUE. */
crm_status_t
crm_deluge_collection_key(crm_deluge_call_t *call,
    const crm_deluge_value_t *key, crm_str_t *text)
{
    if (key->type == CRM_DELUGE_NULL) {
        return crm_deluge_throw(call->run, call->place,
                                "a key is no NULL");
    }

    return crm_deluge_to_text(call->run, call->place, key, text);
}


/* Of elements both are the elements. */
crm_status_t
crm_deluge_collection_members(crm_deluge_call_t *call, int keys)
{
    size_t                     at;
    crm_status_t               rc;
    crm_deluge_value_t        *held;
    const crm_deluge_entry_t  *entry;

    held = crm_deluge_collection_held(call);
    call->result->u.list = crm_deluge_list(call->run->pool);

    if (call->result->u.list == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    call->result->type = CRM_DELUGE_LIST;
    rc = CRM_OK;

    if (held->type == CRM_DELUGE_LIST) {
        rc = crm_deluge_list_copy(call->result->u.list, held->u.list,
                                  call->run->pool);
    }

    for (at = 0; held->type == CRM_DELUGE_MAP && rc == CRM_OK
                 && (entry = crm_deluge_map_next(held->u.map, &at)) != NULL;
         /* void */)
    {
        rc = crm_deluge_list_push(call->result->u.list,
                 keys ? crm_deluge_text(entry->key) : entry->value,
                 call->run->pool);
    }

    return crm_deluge_check(call->run, call->place, rc);
}


/* Ascending unless the argument says false; by keys, or by values. */
crm_status_t
crm_deluge_collection_order(crm_deluge_call_t *call, int keys)
{
    int                  descending;
    crm_status_t         rc;
    crm_deluge_value_t  *held;

    held = crm_deluge_collection_held(call);
    *call->result = call->args[0];
    descending = call->count > 1 && !call->args[1].u.boolean;

    rc = held->type == CRM_DELUGE_LIST
         ? crm_deluge_list_sort(held->u.list, descending, call->run->pool)
         : held->type == CRM_DELUGE_MAP
         ? crm_deluge_map_sort(held->u.map, keys, descending, call->run->pool)
         : CRM_OK;

    return rc == CRM_DECLINED
           ? crm_deluge_throw(call->run, call->place,
                              "the COLLECTION holds what has no order")
           : crm_deluge_check(call->run, call->place, rc);
}


int
crm_deluge_collection_has(const crm_deluge_value_t *held,
    const crm_deluge_value_t *v)
{
    size_t                     at;
    const crm_deluge_entry_t  *entry;

    for (at = 0; held->type == CRM_DELUGE_LIST && at < held->u.list->count;
         at++)
    {
        if (crm_deluge_equal(&held->u.list->items[at], v)) {
            return 1;
        }
    }

    for (at = 0; held->type == CRM_DELUGE_MAP
                 && (entry = crm_deluge_map_next(held->u.map, &at)) != NULL;
         /* void */)
    {
        if (crm_deluge_equal(&entry->value, v)) {
            return 1;
        }
    }

    return 0;
}
