/*
 * When a rule with a date trigger is due for a record.
 *
 * A day, or a point in time with execute_at: that many periods from the day
 * that it is in the organisation's zone, at that time of its clocks. A point
 * in time without it, and hours in any case: that long from the point itself
 * (of a day: from execute_at). Monthly and yearly the date comes again, on the
 * last day of a month that is too short for it; the offset counts from there.
 */

#ifndef CRM_DATE_TRIGGER_H
#define CRM_DATE_TRIGGER_H

#include "record/crm_moment.h"
#include "rules/crm_rule.h"


/* Milliseconds since 1970 in UTC. */
typedef struct {
    int        has_last;
    long long  last_ms;         /* the last that is not after now */
    int        has_next;
    long long  next_ms;         /* the first that is */
} crm_date_times_t;


/* base is what the record's field holds; zone may be NULL: UTC. */
void crm_date_trigger_times(crm_date_times_t *times,
    const crm_date_trigger_t *trigger, const crm_moment_t *base,
    long long now_ms, const crm_zone_t *zone, const crm_hours_t *hours);

#endif
