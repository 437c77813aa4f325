/*
 * What makes a write depend on the record as it was judged: the backend
 * refuses it when somebody has written in between, by a way that is not ours.
 */

#ifndef CRM_DIALECT_GUARD_H
#define CRM_DIALECT_GUARD_H

#include "record/crm_dialect.h"


/* The header of a record's GET that tells its version, in lower case; empty:
 * there is none that a write needs. */
crm_str_t crm_dialect_guard_asks(const crm_dialect_t *dialect);

typedef enum {
    CRM_GUARD_HEADER = 1,
    CRM_GUARD_BODY,             /* a member of the record */
    CRM_GUARD_QUERY
} crm_dialect_guard_place_t;

typedef struct {
    crm_dialect_guard_place_t  place;
    crm_str_t                  name;    /* ends with a zero */
    crm_str_t                  value;   /* of a member: JSON; of a query: the
                                           whole parameter, escaped */
} crm_dialect_guard_t;

/*
 * What the write of item is to have, of one that was read as before. version
 * is what the header of the GET said, or empty. CRM_DECLINED: nothing to depend
 * on, or the client says so itself; CRM_ENOMEM.
 */
crm_status_t crm_dialect_guard(const crm_dialect_t *dialect,
    crm_dialect_guard_t *guard, const crm_route_t *route,
    const crm_item_t *item, const crm_record_t *before, crm_str_t version,
    crm_pool_t *pool);

#endif
