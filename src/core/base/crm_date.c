/*
 * Civil days.
 *
 * Years are counted from March, so that the leap day is the last of its year.
 */

#include "base/crm_date.h"


#define ERA_DAYS   146097LL         /* 400 years */
#define MARCH_0    719468LL         /* from 0000-03-01 to 1970-01-01 */
#define FIRST_DAY  (-719528LL)      /* 0000-01-01 */
#define LAST_DAY   2932896LL        /* 9999-12-31 */


static int date_digits(int *n, crm_str_t text, size_t at, size_t width);
static void date_put(char *text, long long n, int width);


long long
crm_date_days(long long year, int month, int day)
{
    long long  era, yoe, doy;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    yoe = year - era * 400;
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - MARCH_0;
}


crm_date_t
crm_date_civil(long long days)
{
    long long   era, doe, yoe, doy, mp;
    crm_date_t  date;

    days += MARCH_0;
    era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
    doe = days - era * ERA_DAYS;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;

    date.day = (int) (doy - (153 * mp + 2) / 5 + 1);
    date.month = (int) (mp < 10 ? mp + 3 : mp - 9);
    date.year = yoe + era * 400 + (date.month <= 2);

    return date;
}


int
crm_date_month_days(long long year, int month)
{
    if (month == 2) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29
                                                                     : 28;
    }

    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}


int
crm_date_weekday(long long days)
{
    long long  n;

    n = (days + 3) % 7;                 /* 1970-01-01 was a Thursday */

    return (int) (n < 0 ? n + 7 : n);
}


long long
crm_date_first(long long days, crm_date_span_t span, int week_start)
{
    crm_date_t  date;

    if (span == CRM_DATE_WEEK) {
        return days - (crm_date_weekday(days) - week_start + 7) % 7;
    }

    date = crm_date_civil(days);

    if (span == CRM_DATE_QUARTER) {
        date.month -= (date.month - 1) % 3;

    } else if (span == CRM_DATE_YEAR) {
        date.month = 1;
    }

    return crm_date_days(date.year, date.month, 1);
}


long long
crm_date_last(long long days, crm_date_span_t span, int week_start)
{
    crm_date_t  date;

    days = crm_date_first(days, span, week_start);

    if (span == CRM_DATE_WEEK) {
        return days + 6;
    }

    date = crm_date_civil(days);
    date.month += span == CRM_DATE_MONTH ? 0 : span == CRM_DATE_QUARTER ? 2
                                                                        : 11;

    return crm_date_days(date.year, date.month,
                         crm_date_month_days(date.year, date.month));
}


long long
crm_date_add_months(long long days, long long n)
{
    int         last;
    crm_date_t  date;

    date = crm_date_civil(days);

    n += date.year * 12 + date.month - 1;
    date.year = n >= 0 ? n / 12 : -((11 - n) / 12);
    date.month = (int) (n - date.year * 12) + 1;
    last = crm_date_month_days(date.year, date.month);

    return crm_date_days(date.year, date.month,
                         date.day < last ? date.day : last);
}


crm_status_t
crm_date_read(long long *days, crm_str_t text)
{
    int  year, month, day;

    if (!date_digits(&year, text, 0, 4) || text.data[4] != '-'
        || !date_digits(&month, text, 5, 2) || text.data[7] != '-'
        || !date_digits(&day, text, 8, 2)
        || month < 1 || month > 12 || day < 1
        || day > crm_date_month_days(year, month))
    {
        return CRM_DECLINED;
    }

    *days = crm_date_days(year, month, day);

    return CRM_OK;
}


crm_str_t
crm_date_text(char text[CRM_DATE_LEN + 1], long long days)
{
    crm_date_t  date;

    days = days < FIRST_DAY ? FIRST_DAY : days > LAST_DAY ? LAST_DAY : days;
    date = crm_date_civil(days);

    date_put(text, date.year, 4);
    text[4] = '-';
    date_put(text + 5, date.month, 2);
    text[7] = '-';
    date_put(text + 8, date.day, 2);
    text[CRM_DATE_LEN] = '\0';

    return crm_str(text, CRM_DATE_LEN);
}


/* width digits at at, which a whole date must follow or end with. */
static int
date_digits(int *n, crm_str_t text, size_t at, size_t width)
{
    size_t  i;

    if (text.len < CRM_DATE_LEN) {
        return 0;
    }

    *n = 0;

    for (i = at; i < at + width; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }

        *n = *n * 10 + (text.data[i] - '0');
    }

    return 1;
}


static void
date_put(char *text, long long n, int width)
{
    while (width) {
        text[--width] = (char) ('0' + n % 10);
        n /= 10;
    }
}
