/*
 * When an organisation works: its business hours, business days, holidays.
 *
 * A day of work has one span of hours, by the clocks of the organisation's
 * zone. What is no holiday and has hours is a business day. Nothing here asks
 * for the time.
 */

#ifndef CRM_HOURS_H
#define CRM_HOURS_H

#include "base/crm_date.h"
#include "base/crm_zone.h"


/* No count of business days goes further. */
#define CRM_HOURS_MAX_DAYS  100000LL

typedef struct {
    int  from_s;                    /* of the clock, since midnight */
    int  to_s;                      /* CRM_DATE_DAY_S: the next midnight; not
                                       above from_s: nobody works */
} crm_hours_span_t;

typedef struct {
    int                week_start;  /* as of crm_date_weekday() */
    crm_hours_span_t   week[7];     /* from Monday on */
    long long         *holidays;    /* days (crm_date.h), ascending */
    size_t             holidays_count;
} crm_hours_t;


/* Monday to Friday around the clock, weeks from Monday, no holidays: what
 * holds until rules say otherwise. */
void crm_hours_init(crm_hours_t *hours);

int crm_hours_is_work(const crm_hours_t *hours, long long day);

/*
 * The n-th business day after day, or before it for a negative n; for 0 the
 * day itself or, if it is none, the next that is one. n beyond
 * CRM_HOURS_MAX_DAYS is that; where nobody ever works, day.
 */
long long crm_hours_add_days(const crm_hours_t *hours, long long day,
    long long n);

/*
 * The UTC second when seconds (of 0 or more) of work have passed since utc_s;
 * what passes outside of the hours does not count. An hour that clocks skip
 * or show twice is worked through as it passes. Gives up a century later.
 */
long long crm_hours_add(const crm_hours_t *hours, const crm_zone_t *zone,
    long long utc_s, long long seconds);

#endif
