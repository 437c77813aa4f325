/*
 * Civil days: what a calendar on the wall says, without hours or zones.
 *
 * A day is counted from 1970-01-01, which is 0, in the proleptic Gregorian
 * calendar. Years run from 0 to 9999 where text is read or written.
 */

#ifndef CRM_DATE_H
#define CRM_DATE_H

#include "base/crm_status.h"
#include "base/crm_str.h"


/* "2026-03-27" and a zero byte. */
#define CRM_DATE_LEN  10

#define CRM_DATE_DAY_S  86400LL

typedef struct {
    long long  year;
    int        month;           /* 1 to 12 */
    int        day;             /* 1 to 31 */
} crm_date_t;

typedef enum {
    CRM_DATE_WEEK = 0,
    CRM_DATE_MONTH,
    CRM_DATE_QUARTER,
    CRM_DATE_YEAR
} crm_date_span_t;


/* The day of a date, which must exist; and the date of a day. */
long long crm_date_days(long long year, int month, int day);
crm_date_t crm_date_civil(long long days);

/* 28 to 31. */
int crm_date_month_days(long long year, int month);

/* 0 Monday to 6 Sunday. */
int crm_date_weekday(long long days);

/* The first and the last day of the week (which begins on week_start, as of
 * crm_date_weekday), month, quarter or year that days lies in. */
long long crm_date_first(long long days, crm_date_span_t span,
    int week_start);
long long crm_date_last(long long days, crm_date_span_t span, int week_start);

/* The same day of the month n months later, or earlier; the last of a month
 * that has no such day. */
long long crm_date_add_months(long long days, long long n);

/*
 * Reads YYYY-MM-DD at the beginning of text; CRM_DECLINED if no such date
 * exists. What follows it is for the caller.
 */
crm_status_t crm_date_read(long long *days, crm_str_t text);

/* Writes YYYY-MM-DD; years outside 0 to 9999 become the nearest. */
crm_str_t crm_date_text(char text[CRM_DATE_LEN + 1], long long days);

#endif
