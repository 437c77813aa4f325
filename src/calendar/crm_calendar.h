/*
 * What only the machine's zone data knows: time zones.
 *
 * Used by crmctl and the worker, never by nginx or the core, which search the
 * table that is made here (base/crm_zone.h). Not for two threads at a time:
 * the process's own zone is changed meanwhile.
 */

#ifndef CRM_CALENDAR_H
#define CRM_CALENDAR_H

#include "base/crm_pool.h"
#include "base/crm_zone.h"


/*
 * Fills zone with the offsets of the zone of that name from 1970 to 2100, by
 * this machine's zone data. In pool. CRM_DECLINED if there is no such zone,
 * CRM_ENOMEM.
 */
crm_status_t crm_calendar_zone(crm_zone_t *zone, crm_str_t name,
    crm_pool_t *pool);

/* The version of this machine's zone data, such as 2025b; "unknown" if it does
 * not tell. data is NULL without memory. */
crm_str_t crm_calendar_tzdata(crm_pool_t *pool);

#endif
