/*
 * A length of time as people say it: two business days, a month, 4 hours.
 *
 * Minutes and hours pass. Days, weeks, months and years are those of the
 * calendar in the organisation's zone: the same time of the clock on another
 * day, be the days between of 23, 24 or 25 hours. A month after January 31 is
 * the last day of February.
 */

#ifndef CRM_INTERVAL_H
#define CRM_INTERVAL_H

#include "base/crm_hours.h"


typedef enum {
    CRM_PERIOD_MINUTES = 0,
    CRM_PERIOD_HOURS,
    CRM_PERIOD_BUSINESS_HOURS,
    CRM_PERIOD_DAYS,
    CRM_PERIOD_BUSINESS_DAYS,
    CRM_PERIOD_WEEKS,
    CRM_PERIOD_MONTHS,
    CRM_PERIOD_YEARS
} crm_period_t;

typedef struct {
    long long     unit;             /* negative: before; of BUSINESS_HOURS
                                       that is 0 */
    crm_period_t  period;
} crm_interval_t;


/* The instant an interval from ms (milliseconds since 1970 in UTC). zone may
 * be NULL: UTC. */
long long crm_interval_add(const crm_interval_t *interval, long long ms,
    const crm_zone_t *zone, const crm_hours_t *hours);

/* The day (crm_date.h) an interval from day. Minutes and hours of any kind are
 * too short to matter: day itself. */
long long crm_interval_day(const crm_interval_t *interval, long long day,
    const crm_hours_t *hours);

#endif
