/*
 * COLLECTION: what holds values by index, as a LIST, or by key, as a
 * KEY-VALUE. It is neither until something is inserted.
 *
 * A call's collection is its first argument. CRM_EINVAL: it has been thrown.
 */

#ifndef CRM_DELUGE_COLLECTION_H
#define CRM_DELUGE_COLLECTION_H

#include "crm_deluge_run.h"


/* What the call's collection holds: a LIST, a KEY-VALUE, or null. */
crm_deluge_value_t *crm_deluge_collection_held(crm_deluge_call_t *call);

/* An empty one, which is the call's result. */
crm_status_t crm_deluge_collection_made(crm_deluge_call_t *call,
    crm_deluge_collection_t **collection);

/* key NULL: an element. What holds the other kind is an error. */
crm_status_t crm_deluge_collection_add(crm_deluge_call_t *call,
    crm_deluge_collection_t *collection, const crm_deluge_value_t *key,
    const crm_deluge_value_t *v);

/* All that from holds. */
crm_status_t crm_deluge_collection_all(crm_deluge_call_t *call,
    crm_deluge_collection_t *collection, const crm_deluge_value_t *from);

/* The first such element, or every key with such a value. */
crm_status_t crm_deluge_collection_drop(crm_deluge_call_t *call,
    const crm_deluge_value_t *v);

crm_status_t crm_deluge_collection_drop_key(crm_deluge_call_t *call,
    const crm_deluge_value_t *key);

/* Of a collection without keys, below its size. */
crm_status_t crm_deluge_collection_index(crm_deluge_call_t *call,
    const crm_deluge_value_t *key, size_t *index);

/* Keys are texts, as in a KEY-VALUE. */
crm_status_t crm_deluge_collection_key(crm_deluge_call_t *call,
    const crm_deluge_value_t *key, crm_str_t *text);

/* The result is a LIST of keys, or of values; of elements both are those. */
crm_status_t crm_deluge_collection_members(crm_deluge_call_t *call, int keys);

/* Ascending unless the argument says false; by keys, or by values. */
crm_status_t crm_deluge_collection_order(crm_deluge_call_t *call, int keys);

int crm_deluge_collection_has(const crm_deluge_value_t *held,
    const crm_deluge_value_t *v);

#endif
