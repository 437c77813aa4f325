/*
 * When something recurs. libical counts days, on clocks without a zone; what
 * these mean in UTC, the organisation's table says: libical's own zones are
 * not exact (crm_calendar.c).
 */

#include "crm_recurrence.h"

#include "base/crm_date.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>


#define RECURRENCE_RULE    128
#define RECURRENCE_HOUR_S  3600LL


static int recurrence_see(crm_recurrence_span_t *span, long long at_s,
    long long after_s, long long until_s);
static void recurrence_hours(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, long long after_s, long long until_s);
static crm_status_t recurrence_days(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, const crm_zone_t *zone,
    long long after_s, long long until_s);
static long long recurrence_skip(const crm_recurrence_t *recurrence,
    long long after_s);
static void recurrence_rule(char rule[RECURRENCE_RULE],
    const crm_recurrence_t *recurrence, struct icaltimetype start);
static struct icaltimetype recurrence_clock(long long local_s);
static long long recurrence_utc(struct icaltimetype time,
    const crm_zone_t *zone);
static int recurrence_over(const crm_recurrence_t *recurrence,
    long long at_s);


crm_status_t
crm_recurrence_span(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, const crm_zone_t *zone,
    long long after_s, long long until_s)
{
    span->count = 0;
    span->last_s = -1;
    span->next_s = -1;

    switch (recurrence->period) {

    case CRM_RECURRENCE_ONCE:
        if (!recurrence_over(recurrence, recurrence->start_s)) {
            (void) recurrence_see(span, recurrence->start_s, after_s,
                                  until_s);
        }
        return CRM_OK;

    case CRM_RECURRENCE_HOUR:
        recurrence_hours(span, recurrence, after_s, until_s);
        return CRM_OK;

    default:
        return recurrence_days(span, recurrence, zone, after_s, until_s);
    }
}


/* 1: it was the one behind. */
static int
recurrence_see(crm_recurrence_span_t *span, long long at_s, long long after_s,
    long long until_s)
{
    if (at_s <= after_s) {
        return 0;
    }

    if (at_s > until_s || span->count == CRM_RECURRENCE_MOST) {
        span->next_s = at_s;
        return 1;
    }

    span->count++;
    span->last_s = at_s;

    return 0;
}


/* Between two of them clocks may have been changed: they pass all the same. */
static void
recurrence_hours(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, long long after_s, long long until_s)
{
    long long  at, step;

    step = recurrence->every * RECURRENCE_HOUR_S;
    at = recurrence->start_s;

    if (after_s >= at) {
        at += ((after_s - at) / step + 1) * step;
    }

    for ( /* void */ ; !recurrence_over(recurrence, at); at += step) {
        if (recurrence_see(span, at, after_s, until_s)) {
            return;
        }
    }
}


static crm_status_t
recurrence_days(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, const crm_zone_t *zone,
    long long after_s, long long until_s)
{
    char                          rule[RECURRENCE_RULE];
    long long                     at;
    icalrecur_iterator           *iterator;
    struct icaltimetype           start, time;
    struct icalrecurrencetype     type;

    start = recurrence_clock(recurrence_skip(recurrence, after_s)
                             + recurrence->start_s
                             + crm_zone_offset(zone, recurrence->start_s));
    recurrence_rule(rule, recurrence, start);

    type = icalrecurrencetype_from_string(rule);
    iterator = icalrecur_iterator_new(type, start);

    if (iterator == NULL) {
        icalrecurrencetype_clear(&type);
        free(type.rscale);
        return CRM_ENOMEM;
    }

    for (time = icalrecur_iterator_next(iterator);
         !icaltime_is_null_time(time);
         time = icalrecur_iterator_next(iterator))
    {
        at = recurrence_utc(time, zone);

        if (recurrence_over(recurrence, at)) {
            break;
        }

        if (at >= recurrence->start_s
            && recurrence_see(span, at, after_s, until_s))
        {
            break;
        }
    }

    icalrecur_iterator_free(iterator);
    free(type.rscale);

    return CRM_OK;
}


/* Seconds by which a later start names the same days: those of years ago need
 * not be counted through. */
static long long
recurrence_skip(const crm_recurrence_t *recurrence, long long after_s)
{
    long long  days, step;

    if (recurrence->period != CRM_RECURRENCE_DAY
        && recurrence->period != CRM_RECURRENCE_WEEK)
    {
        return 0;
    }

    step = recurrence->period == CRM_RECURRENCE_DAY
           ? recurrence->every : 7LL * recurrence->every;
    days = (after_s - recurrence->start_s) / CRM_DATE_DAY_S - 8;

    return days > 0 ? days / step * step * CRM_DATE_DAY_S : 0;
}


/* SKIP: the 31st of April is its 30th, February 29 the 28th. */
static void
recurrence_rule(char rule[RECURRENCE_RULE],
    const crm_recurrence_t *recurrence, struct icaltimetype start)
{
    int   day, month;

    static const char *const  days[] = {
        "MO", "TU", "WE", "TH", "FR", "SA", "SU"
    };

    day = recurrence->on_day < 0 ? start.day : recurrence->on_day;
    month = recurrence->on_month < 0 ? start.month : recurrence->on_month;

    switch (recurrence->period) {

    case CRM_RECURRENCE_WEEK:
        day = recurrence->on_day < 0
              ? crm_date_weekday(crm_date_days(start.year, start.month,
                                               start.day))
              : recurrence->on_day;
        (void) snprintf(rule, RECURRENCE_RULE, "FREQ=WEEKLY;INTERVAL=%u;"
                        "WKST=MO;BYDAY=%s", recurrence->every, days[day]);
        return;

    case CRM_RECURRENCE_MONTH:
        (void) snprintf(rule, RECURRENCE_RULE, "RSCALE=GREGORIAN;"
                        "FREQ=MONTHLY;INTERVAL=%u;BYMONTHDAY=%d;"
                        "SKIP=BACKWARD", recurrence->every, day);
        return;

    case CRM_RECURRENCE_YEAR:
        (void) snprintf(rule, RECURRENCE_RULE, "RSCALE=GREGORIAN;FREQ=YEARLY;"
                        "INTERVAL=%u;BYMONTH=%d;BYMONTHDAY=%d;SKIP=BACKWARD",
                        recurrence->every, month, day);
        return;

    default:
        (void) snprintf(rule, RECURRENCE_RULE, "FREQ=DAILY;INTERVAL=%u",
                        recurrence->every);
        return;
    }
}


static struct icaltimetype
recurrence_clock(long long local_s)
{
    long long            days, rest;
    crm_date_t           date;
    struct icaltimetype  time;

    days = local_s / CRM_DATE_DAY_S - (local_s % CRM_DATE_DAY_S < 0);
    rest = local_s - days * CRM_DATE_DAY_S;
    date = crm_date_civil(days);

    time = icaltime_null_time();
    time.year = (int) date.year;
    time.month = date.month;
    time.day = date.day;
    time.hour = (int) (rest / 3600);
    time.minute = (int) (rest / 60 % 60);
    time.second = (int) (rest % 60);

    return time;
}


static long long
recurrence_utc(struct icaltimetype time, const crm_zone_t *zone)
{
    return crm_zone_utc(zone, crm_date_days(time.year, time.month, time.day)
                              * CRM_DATE_DAY_S + time.hour * 3600
                              + time.minute * 60 + time.second);
}


static int
recurrence_over(const crm_recurrence_t *recurrence, long long at_s)
{
    return (recurrence->has_until && at_s > recurrence->until_s)
           || at_s >= crm_date_days(CRM_ZONE_LAST_YEAR + 1, 1, 1)
                      * CRM_DATE_DAY_S;
}
