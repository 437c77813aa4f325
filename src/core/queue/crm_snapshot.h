/*
 * A snapshot: the record as its last write left it, kept in Redis, so that the
 * next write need not ask the backend for the before-image.
 *
 * Steps 3 (state) and 8 (enqueue). begin brings it along, prepare takes it out
 * of Redis before the backend sees the write, commit puts the new one in:
 * whatever else becomes of a write leaves none. It is of use to the revision,
 * the dialect and the epoch alone under which it was made; its head names
 * them. Only a record that has been read whole is kept, as what was read, with
 * what was written since laid over it.
 */

#ifndef CRM_SNAPSHOT_H
#define CRM_SNAPSHOT_H

#include "queue/crm_event.h"


/* A larger record is read each time. */
#define CRM_SNAPSHOT_MAX_BYTES  (64 * 1024)


/*
 * Whether records of module can have any: its rules see every update (else
 * others pass unseen), and they do not read when a record was written last,
 * which the backend alone knows.
 */
int crm_snapshot_serves(const crm_module_t *module,
    const crm_dialect_t *dialect);

/* How all that are of use begin; data is NULL without memory. */
crm_str_t crm_snapshot_head(const crm_ruleset_t *rules,
    const crm_dialect_t *dialect, crm_str_t epoch, crm_pool_t *pool);

/* The record in a snapshot without its head, which must live as long. CRM_OK,
 * CRM_EINVAL (the backend is to be asked) or CRM_ENOMEM. */
crm_status_t crm_snapshot_read(crm_record_t *record, crm_str_t snapshot,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * Has a finished event, an update whose before-image was whole, keep its record
 * for ttl_s. answer is the record as the backend's answer shows it, or NULL:
 * where it shows another value of a field that rules read, none is kept, nor
 * without memory, nor of a large record.
 */
void crm_snapshot_keep(crm_event_t *event, crm_str_t head, long long ttl_s,
    const crm_record_t *answer);

#endif
