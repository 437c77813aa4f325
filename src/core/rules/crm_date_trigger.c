/*
 * When a rule with a date trigger is due for a record.
 */

#include "rules/crm_date_trigger.h"


typedef struct {
    const crm_date_trigger_t  *trigger;
    const crm_moment_t        *base;
    const crm_zone_t          *zone;
    const crm_hours_t         *hours;
    long long                  step;    /* months from one to the next */
} due_t;


static long long due_ms(const due_t *due, long long n);
static long long due_day_ms(const due_t *due, long long day);
static long long due_months(const due_t *due, long long ms);


void
crm_date_trigger_times(crm_date_times_t *times,
    const crm_date_trigger_t *trigger, const crm_moment_t *base,
    long long now_ms, const crm_zone_t *zone, const crm_hours_t *hours)
{
    due_t      due;
    long long  n, first;

    memset(times, 0, sizeof(crm_date_times_t));

    due.trigger = trigger;
    due.base = base;
    due.zone = zone;
    due.hours = hours;
    due.step = trigger->recur == CRM_RECUR_MONTHLY ? 1
               : trigger->recur == CRM_RECUR_YEARLY ? 12 : 0;

    first = due_ms(&due, 0);

    if (first > now_ms) {
        times->has_next = 1;
        times->next_ms = first;
        return;
    }

    times->has_last = 1;
    times->last_ms = first;

    if (due.step == 0) {
        return;
    }

    /* a guess that business days and short months leave one or two behind */

    n = (due_months(&due, now_ms) - due_months(&due, first)) / due.step - 2;
    n = n > 0 ? n : 0;

    for ( ;; ) {
        times->next_ms = due_ms(&due, n + 1);

        if (times->next_ms > now_ms) {
            break;
        }

        n++;
    }

    times->has_next = 1;
    times->last_ms = due_ms(&due, n);
}


static long long
due_ms(const due_t *due, long long n)
{
    long long                  day, s;
    const crm_moment_t        *base;
    const crm_date_trigger_t  *trigger;

    base = due->base;
    trigger = due->trigger;
    day = crm_date_add_months(base->day, n * due->step);

    if (!base->timed) {
        return due_day_ms(due, day);
    }

    if (trigger->at_given && trigger->offset.period != CRM_PERIOD_HOURS) {
        return due_day_ms(due, day);
    }

    /* the same time of the clock on that day */

    s = base->us / 1000000 - (base->us % 1000000 < 0);

    if (day != base->day) {
        s = crm_zone_utc(due->zone, s + crm_zone_offset(due->zone, s)
                                    + (day - base->day) * CRM_DATE_DAY_S);
    }

    return crm_interval_add(&trigger->offset, s * 1000, due->zone,
                            due->hours);
}


/* Of a day: at that time of the clock on the day that the offset leads to. */
static long long
due_day_ms(const due_t *due, long long day)
{
    long long                  s;
    const crm_date_trigger_t  *trigger;

    trigger = due->trigger;
    day = crm_interval_day(&trigger->offset, day, due->hours);
    s = crm_zone_utc(due->zone, day * CRM_DATE_DAY_S
                                + trigger->at_minute * 60LL);

    return trigger->offset.period == CRM_PERIOD_HOURS
           ? crm_interval_add(&trigger->offset, s * 1000, due->zone,
                              due->hours)
           : s * 1000;
}


/* Months since the year 0. */
static long long
due_months(const due_t *due, long long ms)
{
    crm_date_t  date;

    date = crm_date_civil(crm_zone_day(due->zone, ms / 1000));

    return date.year * 12 + date.month;
}
