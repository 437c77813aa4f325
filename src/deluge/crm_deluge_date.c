/*
 * Functions of DATE, DATE-TIME and TIME. Days, weeks, months and years are
 * those of the calendar, by the clocks of the run's zone.
 */

#include <limits.h>

#include "base/crm_interval.h"
#include "crm_deluge_moment.h"
#include "crm_deluge_run.h"


/* What is asked of a moment. */
typedef enum {
    DATE_YEAR = 0,
    DATE_MONTH,
    DATE_DAY,
    DATE_HOUR,
    DATE_MINUTE,
    DATE_SECOND,
    DATE_WEEKDAY,
    DATE_YEARDAY,
    DATE_WEEK
} date_part_t;


static long long date_day(const crm_deluge_call_t *call,
    const crm_deluge_value_t *v);
static long long date_second(const crm_deluge_call_t *call,
    const crm_deluge_value_t *v);
static crm_status_t date_count(crm_deluge_call_t *call, long long n);


/* Of zone and hours of the run; of a DATE the day alone moves. */
static crm_status_t
date_move(crm_deluge_call_t *call, crm_period_t period, long long n)
{
    long long            ms;
    crm_interval_t       interval;
    crm_deluge_value_t  *v;
    crm_deluge_run_t    *run;

    run = call->run;
    v = &call->args[0];

    if (n > 4000000 || n < -4000000) {
        return crm_deluge_throw(run, call->place, "%lld is too far away", n);
    }

    interval.unit = n;
    interval.period = period;

    if (v->type == CRM_DELUGE_DATE && period != CRM_PERIOD_HOURS
        && period != CRM_PERIOD_MINUTES)
    {
        return crm_deluge_to_moment(run, call->place, CRM_DELUGE_DATE,
                   crm_interval_day(&interval, v->u.number, &run->hours),
                   call->result);
    }

    ms = (v->type == CRM_DELUGE_DATE
          ? crm_zone_utc(run->host->zone, v->u.number * CRM_DATE_DAY_S)
          : v->u.number) * 1000;

    ms = crm_interval_add(&interval, ms, run->host->zone, &run->hours);

    return crm_deluge_to_moment(run, call->place, CRM_DELUGE_DATETIME,
                                ms / 1000, call->result);
}


#define DATE_MOVES(name, period)                                              \
    static crm_status_t                                                       \
    date_add_##name(crm_deluge_call_t *call)                                  \
    {                                                                         \
        return date_move(call, period, call->args[1].u.number);               \
    }                                                                         \
                                                                              \
    static crm_status_t                                                       \
    date_sub_##name(crm_deluge_call_t *call)                                  \
    {                                                                         \
        return call->args[1].u.number == LLONG_MIN                            \
               ? date_move(call, period, LLONG_MAX)                           \
               : date_move(call, period, -call->args[1].u.number);            \
    }

DATE_MOVES(days, CRM_PERIOD_DAYS)
DATE_MOVES(weeks, CRM_PERIOD_WEEKS)
DATE_MOVES(months, CRM_PERIOD_MONTHS)
DATE_MOVES(years, CRM_PERIOD_YEARS)
DATE_MOVES(hours, CRM_PERIOD_HOURS)
DATE_MOVES(minutes, CRM_PERIOD_MINUTES)
DATE_MOVES(business_days, CRM_PERIOD_BUSINESS_DAYS)


static crm_status_t
date_shift(crm_deluge_call_t *call, int sign)
{
    long long            n;
    crm_deluge_value_t  *v;

    v = &call->args[0];
    n = call->args[1].u.number;

    if (n > 400000000000LL || n < -400000000000LL) {
        return crm_deluge_throw(call->run, call->place,
                                "%lld is too far away", n);
    }

    return crm_deluge_to_moment(call->run, call->place, CRM_DELUGE_DATETIME,
        (v->type == CRM_DELUGE_DATE
         ? crm_zone_utc(call->run->host->zone, v->u.number * CRM_DATE_DAY_S)
         : v->u.number) + sign * n, call->result);
}


static crm_status_t
date_add_seconds(crm_deluge_call_t *call)
{
    return date_shift(call, 1);
}


static crm_status_t
date_sub_seconds(crm_deluge_call_t *call)
{
    return date_shift(call, -1);
}


static crm_status_t
date_part(crm_deluge_call_t *call, date_part_t part)
{
    long long   day, second;
    crm_date_t  date;

    day = date_day(call, &call->args[0]);
    second = date_second(call, &call->args[0]);
    date = crm_date_civil(day);

    switch (part) {

    case DATE_YEAR:
        return date_count(call, date.year);
    case DATE_MONTH:
        return date_count(call, date.month);
    case DATE_DAY:
        return date_count(call, date.day);
    case DATE_HOUR:
        return date_count(call, second / 3600);
    case DATE_MINUTE:
        return date_count(call, second / 60 % 60);
    case DATE_SECOND:
        return date_count(call, second % 60);

    case DATE_WEEKDAY:
        /* 1 is Sunday */
        return date_count(call, (crm_date_weekday(day) + 1) % 7 + 1);

    case DATE_YEARDAY:
        return date_count(call, day - crm_date_days(date.year, 1, 1) + 1);

    default:
        /* weeks begin on Sunday; the first is that of January 1 */
        return date_count(call,
                   (day - crm_date_first(crm_date_days(date.year, 1, 1),
                                         CRM_DATE_WEEK, 6)) / 7 + 1);
    }
}


#define DATE_PART(name, part)                                                 \
    static crm_status_t                                                       \
    date_get_##name(crm_deluge_call_t *call)                                  \
    {                                                                         \
        return date_part(call, part);                                         \
    }

DATE_PART(year, DATE_YEAR)
DATE_PART(month, DATE_MONTH)
DATE_PART(day, DATE_DAY)
DATE_PART(hour, DATE_HOUR)
DATE_PART(minute, DATE_MINUTE)
DATE_PART(second, DATE_SECOND)
DATE_PART(weekday, DATE_WEEKDAY)
DATE_PART(yearday, DATE_YEARDAY)
DATE_PART(week, DATE_WEEK)


static crm_status_t
date_date(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_moment(CRM_DELUGE_DATE,
                                      date_day(call, &call->args[0]));
    return CRM_OK;
}


static crm_status_t
date_end_of_month(crm_deluge_call_t *call)
{
    long long  day;

    day = crm_date_add_months(date_day(call, &call->args[0]),
                              call->count > 1 ? call->args[1].u.number
                                                % 100000 : 0);

    *call->result = crm_deluge_moment(CRM_DELUGE_DATE,
                        crm_date_last(day, CRM_DATE_MONTH, 0));
    return CRM_OK;
}


static crm_status_t
date_start_of_month(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_moment(CRM_DELUGE_DATE,
                        crm_date_first(date_day(call, &call->args[0]),
                                       CRM_DATE_MONTH, 0));
    return CRM_OK;
}


static crm_status_t
date_start_of_week(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_moment(CRM_DELUGE_DATE,
                        crm_date_first(date_day(call, &call->args[0]),
                                       CRM_DATE_WEEK,
                                       call->run->hours.week_start));
    return CRM_OK;
}


/* From the receiver to the argument. */
/* Of a year of twelve months of thirty days; what is the last day of a month
 * is the thirtieth. With true, as it is counted in Europe. */
static crm_status_t
date_days_360(crm_deluge_call_t *call)
{
    int         day, last;
    crm_date_t  a, b;

    a = crm_date_civil(date_day(call, &call->args[0]));
    b = crm_date_civil(date_day(call, &call->args[1]));
    day = a.day;
    last = b.day;

    if (call->count > 2 && call->args[2].u.boolean) {
        day = day > 30 ? 30 : day;
        last = last > 30 ? 30 : last;

    } else {
        if (day == crm_date_month_days(a.year, a.month)
            && (a.month == 2 || day == 31))
        {
            if (a.month == 2 && b.month == 2
                && last == crm_date_month_days(b.year, b.month))
            {
                last = 30;
            }

            day = 30;
        }

        if (last == 31 && day == 30) {
            last = 30;
        }
    }

    *call->result = crm_deluge_number((b.year - a.year) * 360
                                      + (b.month - a.month) * 30
                                      + last - day);
    return CRM_OK;
}


static crm_status_t
date_days_between(crm_deluge_call_t *call)
{
    return date_count(call, date_day(call, &call->args[1])
                            - date_day(call, &call->args[0]));
}


static crm_status_t
date_hours_between(crm_deluge_call_t *call)
{
    long long  a, b;

    a = date_day(call, &call->args[0]) * CRM_DATE_DAY_S
        + date_second(call, &call->args[0]);
    b = date_day(call, &call->args[1]) * CRM_DATE_DAY_S
        + date_second(call, &call->args[1]);

    return date_count(call, (b - a) / 3600);
}


/* Whole ones. */
static crm_status_t
date_months_between(crm_deluge_call_t *call, int per)
{
    long long   a, b, months;
    crm_date_t  from, to;

    a = date_day(call, &call->args[0]);
    b = date_day(call, &call->args[1]);
    from = crm_date_civil(a);
    to = crm_date_civil(b);

    months = (to.year - from.year) * 12 + to.month - from.month;

    if (months > 0 && crm_date_add_months(a, months) > b) {
        months--;

    } else if (months < 0 && crm_date_add_months(a, months) < b) {
        months++;
    }

    return date_count(call, months / per);
}


static crm_status_t
date_months(crm_deluge_call_t *call)
{
    return date_months_between(call, 1);
}


static crm_status_t
date_years(crm_deluge_call_t *call)
{
    return date_months_between(call, 12);
}


/* Business days from the receiver, which does not count, to the argument,
 * which does. */
static crm_status_t
date_work_days(crm_deluge_call_t *call)
{
    long long  a, b, n, sign;

    a = date_day(call, &call->args[0]);
    b = date_day(call, &call->args[1]);
    sign = a <= b ? 1 : -1;

    if (sign * (b - a) > CRM_HOURS_MAX_DAYS) {
        return crm_deluge_throw(call->run, call->place,
                                "the days are too far apart");
    }

    for (n = 0; a != b; /* void */) {
        a += sign;
        n += sign * crm_hours_is_work(&call->run->hours, a);
    }

    return date_count(call, n);
}


/* Milliseconds since 1970. */
static crm_status_t
date_unix(crm_deluge_call_t *call)
{
    crm_deluge_value_t  *v;

    v = &call->args[0];

    return date_count(call, 1000 * (v->type == CRM_DELUGE_DATE
               ? crm_zone_utc(call->run->host->zone,
                              v->u.number * CRM_DATE_DAY_S)
               : v->u.number));
}


/* toString([format]) */
static crm_status_t
date_text(crm_deluge_call_t *call)
{
    crm_buf_t  buf;

    crm_deluge_buf(call->run, &buf);

    if (call->count == 1) {
        crm_deluge_write(&buf, &call->args[0], call->run->host->zone);

    } else if (crm_deluge_moment_format(&buf, &call->args[0],
                   call->args[1].u.text,
                   crm_deluge_offset(call->run, &call->args[0]))
               != CRM_OK)
    {
        return crm_deluge_throw(call->run, call->place,
                   "\"%.*s\" is no format of a date",
                   call->args[1].u.text.len > 60
                   ? 60 : (int) call->args[1].u.text.len,
                   call->args[1].u.text.data);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


const crm_deluge_builtin_t  crm_deluge_date_builtins[] = {
    { "addDay", CRM_DELUGE_ON_DAY, 1, "n", date_add_days },
    { "addWeek", CRM_DELUGE_ON_DAY, 1, "n", date_add_weeks },
    { "addMonth", CRM_DELUGE_ON_DAY, 1, "n", date_add_months },
    { "addYear", CRM_DELUGE_ON_DAY, 1, "n", date_add_years },
    { "addHour", CRM_DELUGE_ON_DAY, 1, "n", date_add_hours },
    { "addMinutes", CRM_DELUGE_ON_DAY, 1, "n", date_add_minutes },
    { "addSeconds", CRM_DELUGE_ON_DAY, 1, "n", date_add_seconds },
    { "addBusinessDay", CRM_DELUGE_ON_DAY, 1, "n", date_add_business_days },
    { "workday", CRM_DELUGE_ON_DAY, 1, "n", date_add_business_days },
    { "subDay", CRM_DELUGE_ON_DAY, 1, "n", date_sub_days },
    { "subWeek", CRM_DELUGE_ON_DAY, 1, "n", date_sub_weeks },
    { "subMonth", CRM_DELUGE_ON_DAY, 1, "n", date_sub_months },
    { "subYear", CRM_DELUGE_ON_DAY, 1, "n", date_sub_years },
    { "subHour", CRM_DELUGE_ON_DAY, 1, "n", date_sub_hours },
    { "subMinutes", CRM_DELUGE_ON_DAY, 1, "n", date_sub_minutes },
    { "subSeconds", CRM_DELUGE_ON_DAY, 1, "n", date_sub_seconds },
    { "subBusinessDay", CRM_DELUGE_ON_DAY, 1, "n", date_sub_business_days },
    { "edate", CRM_DELUGE_ON_DAY, 1, "n", date_add_months },
    { "eomonth", CRM_DELUGE_ON_DAY, 0, "n", date_end_of_month },
    { "toStartOfMonth", CRM_DELUGE_ON_DAY, 0, "", date_start_of_month },
    { "toStartOfWeek", CRM_DELUGE_ON_DAY, 0, "", date_start_of_week },
    { "year", CRM_DELUGE_ON_DAY, 0, "", date_get_year },
    { "getYear", CRM_DELUGE_ON_DAY, 0, "", date_get_year },
    { "month", CRM_DELUGE_ON_DAY, 0, "", date_get_month },
    { "getMonth", CRM_DELUGE_ON_DAY, 0, "", date_get_month },
    { "day", CRM_DELUGE_ON_DAY, 0, "", date_get_day },
    { "getDay", CRM_DELUGE_ON_DAY, 0, "", date_get_day },
    { "hour", CRM_DELUGE_ON_MOMENT, 0, "", date_get_hour },
    { "getHour", CRM_DELUGE_ON_MOMENT, 0, "", date_get_hour },
    { "minute", CRM_DELUGE_ON_MOMENT, 0, "", date_get_minute },
    { "getMinutes", CRM_DELUGE_ON_MOMENT, 0, "", date_get_minute },
    { "second", CRM_DELUGE_ON_MOMENT, 0, "", date_get_second },
    { "getSeconds", CRM_DELUGE_ON_MOMENT, 0, "", date_get_second },
    { "getDayOfWeek", CRM_DELUGE_ON_DAY, 0, "", date_get_weekday },
    { "weekday", CRM_DELUGE_ON_DAY, 0, "", date_get_weekday },
    { "getDayOfYear", CRM_DELUGE_ON_DAY, 0, "", date_get_yearday },
    { "getWeekOfYear", CRM_DELUGE_ON_DAY, 0, "", date_get_week },
    { "weekOfYear", CRM_DELUGE_ON_DAY, 0, "", date_get_week },
    { "getDate", CRM_DELUGE_ON_DAY, 0, "", date_date },
    { "toDate", CRM_DELUGE_ON_DAY, 0, "", date_date },
    { "days360", CRM_DELUGE_ON_DAY, 1, "wb", date_days_360 },
    { "daysBetween", CRM_DELUGE_ON_DAY, 1, "w", date_days_between },
    { "hoursBetween", CRM_DELUGE_ON_DAY, 1, "w", date_hours_between },
    { "monthsBetween", CRM_DELUGE_ON_DAY, 1, "w", date_months },
    { "yearsBetween", CRM_DELUGE_ON_DAY, 1, "w", date_years },
    { "workDaysBetween", CRM_DELUGE_ON_DAY, 1, "w", date_work_days },
    { "unixEpoch", CRM_DELUGE_ON_DAY, 0, "", date_unix },
    { "toLong", CRM_DELUGE_ON_DAY, 0, "", date_unix },
    { "toString", CRM_DELUGE_ON_MOMENT, 0, "t", date_text },
    { "text", CRM_DELUGE_ON_MOMENT, 0, "t", date_text },
    { NULL, 0, 0, NULL, NULL }
};


static long long
date_day(const crm_deluge_call_t *call, const crm_deluge_value_t *v)
{
    return v->type == CRM_DELUGE_DATE ? v->u.number
           : v->type == CRM_DELUGE_TIME ? 0
           : crm_zone_day(call->run->host->zone, v->u.number);
}


/* Since midnight, by the clocks. */
static long long
date_second(const crm_deluge_call_t *call, const crm_deluge_value_t *v)
{
    if (v->type == CRM_DELUGE_TIME) {
        return v->u.number;
    }

    return v->type == CRM_DELUGE_DATE ? 0
           : v->u.number + crm_deluge_offset(call->run, v)
             - date_day(call, v) * CRM_DATE_DAY_S;
}


static crm_status_t
date_count(crm_deluge_call_t *call, long long n)
{
    *call->result = crm_deluge_number(n);

    return CRM_OK;
}
