/*
 * When an organisation works.
 */

#include "base/crm_hours.h"

#include <string.h>


#define CENTURY_DAYS  36525


static int hours_open(const crm_hours_t *hours);


void
crm_hours_init(crm_hours_t *hours)
{
    int  i;

    memset(hours, 0, sizeof(crm_hours_t));

    for (i = 0; i < 5; i++) {
        hours->week[i].to_s = (int) CRM_DATE_DAY_S;
    }
}


int
crm_hours_is_work(const crm_hours_t *hours, long long day)
{
    size_t                   low, high, middle;
    const crm_hours_span_t  *span;

    span = &hours->week[crm_date_weekday(day)];

    if (span->to_s <= span->from_s) {
        return 0;
    }

    low = 0;
    high = hours->holidays_count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (hours->holidays[middle] == day) {
            return 0;
        }

        if (hours->holidays[middle] < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    return 1;
}


long long
crm_hours_add_days(const crm_hours_t *hours, long long day, long long n)
{
    int  step;

    if (!hours_open(hours)) {
        return day;
    }

    if (n == 0) {
        while (!crm_hours_is_work(hours, day)) {
            day++;
        }

        return day;
    }

    step = n > 0 ? 1 : -1;
    n = n > 0 ? n : -n;
    n = n < 0 || n > CRM_HOURS_MAX_DAYS ? CRM_HOURS_MAX_DAYS : n;

    while (n) {
        day += step;
        n -= crm_hours_is_work(hours, day);
    }

    return day;
}


long long
crm_hours_add(const crm_hours_t *hours, const crm_zone_t *zone,
    long long utc_s, long long seconds)
{
    int                      i;
    long long                day, open, close;
    const crm_hours_span_t  *span;

    day = crm_zone_day(zone, utc_s);

    for (i = 0; i < CENTURY_DAYS; i++, day++) {
        if (!crm_hours_is_work(hours, day)) {
            continue;
        }

        span = &hours->week[crm_date_weekday(day)];
        open = crm_zone_utc(zone, day * CRM_DATE_DAY_S + span->from_s);
        close = crm_zone_utc(zone, day * CRM_DATE_DAY_S + span->to_s);

        utc_s = utc_s > open ? utc_s : open;

        if (utc_s >= close) {
            continue;
        }

        if (seconds <= close - utc_s) {
            return utc_s + seconds;
        }

        seconds -= close - utc_s;
        utc_s = close;
    }

    return utc_s;
}


/* Whether there is a day of the week to work on; holidays end some time. */
static int
hours_open(const crm_hours_t *hours)
{
    int  i;

    for (i = 0; i < 7; i++) {
        if (hours->week[i].to_s > hours->week[i].from_s) {
            return 1;
        }
    }

    return 0;
}
