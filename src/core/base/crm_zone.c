/*
 * A time zone as a table.
 */

#include "base/crm_zone.h"

#include "base/crm_date.h"


static long long zone_day_of(long long s);
static long long zone_repeat(long long utc_s);


int
crm_zone_valid(const crm_zone_t *zone)
{
    size_t  i;

    for (i = 0; i < zone->count; i++) {
        if (zone->changes[i].offset_s > CRM_ZONE_MAX_OFFSET_S
            || zone->changes[i].offset_s < -CRM_ZONE_MAX_OFFSET_S
            || (i && zone->changes[i].at_s <= zone->changes[i - 1].at_s))
        {
            return 0;
        }
    }

    return 1;
}


int
crm_zone_offset(const crm_zone_t *zone, long long utc_s)
{
    size_t  low, high, middle;

    if (zone == NULL || zone->count == 0) {
        return 0;
    }

    utc_s = zone_repeat(utc_s);

    /* the last change that is not after utc_s, or the first of all */

    low = 0;
    high = zone->count;

    while (high - low > 1) {
        middle = low + (high - low) / 2;

        if (zone->changes[middle].at_s <= utc_s) {
            low = middle;
        } else {
            high = middle;
        }
    }

    return zone->changes[low].offset_s;
}


long long
crm_zone_utc(const crm_zone_t *zone, long long local_s)
{
    int  before, after;

    before = crm_zone_offset(zone, local_s - CRM_DATE_DAY_S);
    after = crm_zone_offset(zone, local_s + CRM_DATE_DAY_S);

    if (before == after
        || crm_zone_offset(zone, local_s - before) == before)
    {
        return local_s - before;
    }

    if (crm_zone_offset(zone, local_s - after) == after) {
        return local_s - after;
    }

    return local_s - before;
}


long long
crm_zone_day(const crm_zone_t *zone, long long utc_s)
{
    return zone_day_of(utc_s + crm_zone_offset(zone, utc_s));
}


static long long
zone_day_of(long long s)
{
    return s >= 0 ? s / CRM_DATE_DAY_S
                  : -((-s + CRM_DATE_DAY_S - 1) / CRM_DATE_DAY_S);
}


/* The same day and time of the table's last year, for a later one. */
static long long
zone_repeat(long long utc_s)
{
    long long   days;
    crm_date_t  date;

    days = zone_day_of(utc_s);

    if (days <= crm_date_days(CRM_ZONE_LAST_YEAR, 12, 31)) {
        return utc_s;
    }

    date = crm_date_civil(days);

    if (date.month == 2 && date.day == 29) {
        date.day = 28;
    }

    return utc_s + (crm_date_days(CRM_ZONE_LAST_YEAR, date.month, date.day)
                    - days) * CRM_DATE_DAY_S;
}
