/*
 * What only the stored records tell: whether an item creates a record or
 * updates one, and which.
 *
 * Decode names the *keys* of each item, a field and a value each, in the order
 * in which the backend looks at them. The host asks the backend for the
 * records that have them, and every item gets its operation and its id:
 *
 *     while (crm_resolve_next(dialect, &target, route, request, pool) == OK) {
 *         GET target
 *         crm_resolve_answer(dialect, request, status, body, limits, pool)
 *     }
 *     crm_resolve_end(request, pool, &refusal)
 *
 * Between looking and writing another write could give a record such a value.
 * Of those that look too, none can while a *lease* on the key is held: its
 * name stands where a record's id does, and no id looks like it.
 */

#ifndef CRM_RESOLVE_H
#define CRM_RESOLVE_H

#include "base/crm_map.h"
#include "record/crm_dialect.h"


typedef struct {
    crm_str_t   field;
    crm_str_t   value;              /* its text, a number as written */
    crm_str_t   folded;             /* the same, without regard to case */
    crm_str_t   lease;              /* "=" and a digest of field and folded */
    size_t      item;               /* whose it is */
    size_t      hits;               /* records that have it; 2: or more */
    crm_str_t   id;                 /* of the first */
    crm_str_t   seen;               /* what its field held then; null: the
                                       answer did not tell */
} crm_resolve_key_t;

typedef struct crm_resolve_s {
    crm_str_t          *fields;     /* that are looked at, in their order */
    size_t              fields_count;
    crm_resolve_key_t  *keys;       /* item by item, in the order of fields */
    size_t              count;
    size_t              answered;   /* so many of them are known */
    size_t              asked;      /* so many behind them are asked for */
    size_t              alone;      /* before this one by one: together, their
                                       answers could not be told apart */
    const char         *list;       /* where items stand, for people: $.data */
    int                 address;    /* an item may name the record's id */
} crm_resolve_t;


/*
 * What to GET next. CRM_DECLINED: all is known; CRM_EINVAL: this dialect
 * cannot ask; CRM_ENOMEM.
 */
crm_status_t crm_resolve_next(const crm_dialect_t *dialect,
    crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);

/* The answer to it. CRM_EINVAL: not readable; CRM_ENOMEM. */
crm_status_t crm_resolve_answer(const crm_dialect_t *dialect,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * All is known: each item gets operation and id. CRM_EINVAL with *refusal:
 * several records have a value, one record is meant by two items, or the id in
 * an item is another record's than its value; CRM_ENOMEM.
 */
crm_status_t crm_resolve_end(crm_request_t *request, crm_pool_t *pool,
    crm_refusal_t *refusal);

/* The key by which the item was found, or NULL. */
const crm_resolve_key_t *crm_resolve_key(const crm_request_t *request,
    size_t item);

/*
 * Whether before, the record with the item's id, still is the one that was
 * found: 0 when what it was found by has changed meanwhile. CRM_ENOMEM.
 */
crm_status_t crm_resolve_still(const crm_request_t *request, size_t item,
    const crm_record_t *before, crm_pool_t *pool, int *still);

/*
 * What goes to the backend for the item names the record that was judged, so
 * that it looks for no other. CRM_ENOMEM.
 */
crm_status_t crm_resolve_address(crm_request_t *request, size_t item,
    crm_pool_t *pool);

/*
 * CRM_EINVAL: an item of another request inside of request has, in the same
 * module, what one that resolves is found by. Which of them would the backend
 * do first? CRM_ENOMEM.
 */
crm_status_t crm_resolve_apart(const crm_request_t *request,
    crm_pool_t *pool);


/* ---- for dialects ---- */

/*
 * Adds a key to request->resolve, which has room for it. CRM_DECLINED: another
 * item has it too; CRM_ENOMEM.
 */
crm_status_t crm_resolve_add(crm_request_t *request, crm_map_t *known,
    crm_str_t field, crm_str_t value, size_t item, crm_pool_t *pool);

#endif
