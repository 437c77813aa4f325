/*
 * A length of time as people say it.
 */

#include "base/crm_interval.h"


#define MINUTE_MS  60000LL
#define HOUR_S     3600LL


long long
crm_interval_add(const crm_interval_t *interval, long long ms,
    const crm_zone_t *zone, const crm_hours_t *hours)
{
    long long  unit, s, rest, local, day;

    unit = interval->unit;
    rest = ((ms % 1000) + 1000) % 1000;
    s = (ms - rest) / 1000;

    switch (interval->period) {

    case CRM_PERIOD_MINUTES:
        return ms + unit * MINUTE_MS;

    case CRM_PERIOD_HOURS:
        return ms + unit * 60 * MINUTE_MS;

    case CRM_PERIOD_BUSINESS_HOURS:
        s = crm_hours_add(hours, zone, s, unit > 0 ? unit * HOUR_S : 0);
        return s * 1000 + rest;

    default:
        break;
    }

    local = s + crm_zone_offset(zone, s);
    day = crm_zone_day(zone, s);
    local += (crm_interval_day(interval, day, hours) - day) * CRM_DATE_DAY_S;

    return crm_zone_utc(zone, local) * 1000 + rest;
}


long long
crm_interval_day(const crm_interval_t *interval, long long day,
    const crm_hours_t *hours)
{
    switch (interval->period) {

    case CRM_PERIOD_DAYS:
        return day + interval->unit;

    case CRM_PERIOD_BUSINESS_DAYS:
        return crm_hours_add_days(hours, day, interval->unit);

    case CRM_PERIOD_WEEKS:
        return day + interval->unit * 7;

    case CRM_PERIOD_MONTHS:
        return crm_date_add_months(day, interval->unit);

    case CRM_PERIOD_YEARS:
        return crm_date_add_months(day, interval->unit * 12);

    default:
        return day;
    }
}
