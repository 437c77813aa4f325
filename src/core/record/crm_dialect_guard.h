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

/*
 * The header of the write: its name ends with a zero. version is what the
 * header of the GET said, or empty. CRM_DECLINED: nothing to depend on;
 * CRM_ENOMEM.
 */
crm_status_t crm_dialect_guard(const crm_dialect_t *dialect, crm_str_t *name,
    crm_str_t *value, const crm_record_t *before, crm_str_t version,
    crm_pool_t *pool);

#endif
