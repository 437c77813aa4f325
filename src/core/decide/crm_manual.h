/*
 * A lock by hand, as the field "manual" of a record's hash holds it.
 *
 * Step 4 (decide). It is set by a script of its own, stands from that moment
 * on, and is confirmed once no write is under way that began before it.
 */

#ifndef CRM_MANUAL_H
#define CRM_MANUAL_H

#include "base/crm_buf.h"
#include "record/crm_scan.h"


typedef struct {
    crm_str_t  id;
    crm_str_t  by;              /* user's id */
    crm_str_t  name;            /* ... and name, may be empty */
    crm_str_t  reason;
    long long  at_ms;
    crm_str_t  event;
    int        confirmed;
} crm_manual_t;


/* The id of a lock that cannot be read; scripts/unlock.lua knows it. */
#define CRM_MANUAL_UNKNOWN  "?"

/*
 * Reads text. What is no such document is a lock of which nothing is known:
 * all of it but its id is empty, and it is confirmed. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_manual_parse(crm_manual_t *manual, crm_str_t text,
    crm_pool_t *pool);

/* The document of a lock; what Redis adds to it once it is confirmed is not
 * written here. */
void crm_manual_encode(crm_buf_t *buf, const crm_manual_t *manual);

#endif
