/*
 * Instants as people and Redis write them.
 */

#include "base/crm_time.h"


#define DAY_MS   86400000LL
#define MIN_MS   (-719528LL * DAY_MS)               /* 0000-01-01 */
#define MAX_MS   (2932897LL * DAY_MS - 1)           /* 9999-12-31 */


static void time_digits(char *text, long long n, int width);
static int time_number(const char **p, const char *last, int width,
    char behind);
static int time_fraction(const char **p, const char *last);
static crm_status_t time_offset(const char *p, const char *last,
    long long *ms);
static long long time_days(int year, int month, int day);


crm_str_t
crm_time_iso(char text[CRM_TIME_ISO_LEN + 1], long long ms)
{
    long long  days, rest, era, doe, yoe, doy, mp, day, month, year;

    ms = ms < MIN_MS ? MIN_MS : ms > MAX_MS ? MAX_MS : ms;

    days = ms / DAY_MS;
    rest = ms % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }

    /* days to civil date in the proleptic Gregorian calendar; years are
     * counted from March, so that the leap day is the last of its year */

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    doe = days - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    day = doy - (153 * mp + 2) / 5 + 1;
    month = mp < 10 ? mp + 3 : mp - 9;
    year = yoe + era * 400 + (month <= 2);

    time_digits(text, year, 4);
    text[4] = '-';
    time_digits(text + 5, month, 2);
    text[7] = '-';
    time_digits(text + 8, day, 2);
    text[10] = 'T';
    time_digits(text + 11, rest / 3600000, 2);
    text[13] = ':';
    time_digits(text + 14, rest / 60000 % 60, 2);
    text[16] = ':';
    time_digits(text + 17, rest / 1000 % 60, 2);
    text[19] = '.';
    time_digits(text + 20, rest % 1000, 3);
    text[23] = 'Z';
    text[24] = '\0';

    return crm_str(text, CRM_TIME_ISO_LEN);
}


crm_status_t
crm_time_parse(long long *ms, crm_str_t text)
{
    int          year, month, day, hour, minute, second, fraction;
    long long    offset;
    const char  *p, *last;

    static const int  days[] = {
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    p = text.data;
    last = p + text.len;

    year = time_number(&p, last, 4, '-');
    month = time_number(&p, last, 2, '-');
    day = time_number(&p, last, 2, 'T');
    hour = time_number(&p, last, 2, ':');
    minute = time_number(&p, last, 2, ':');
    second = time_number(&p, last, 2, '\0');
    fraction = time_fraction(&p, last);

    if (year < 0 || month < 1 || month > 12 || day < 1
        || day > days[month - 1] || (month == 2 && day == 29
            && (year % 4 || (year % 100 == 0 && year % 400)))
        || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0
        || second > 60 || fraction < 0
        || time_offset(p, last, &offset) != CRM_OK)
    {
        return CRM_DECLINED;
    }

    *ms = time_days(year, month, day) * DAY_MS + hour * 3600000LL
          + minute * 60000LL + second * 1000LL + fraction - offset;

    return CRM_OK;
}


/* width digits and the character behind them; -1: something else, which
 * fails all that follows too. */
static int
time_number(const char **p, const char *last, int width, char behind)
{
    int          n;
    const char  *from;

    from = *p;
    *p = last;
    n = 0;

    if (from == NULL || last - from < width + (behind != '\0')) {
        return -1;
    }

    for ( /* void */ ; width; width--, from++) {
        if (*from < '0' || *from > '9') {
            return -1;
        }

        n = n * 10 + (*from - '0');
    }

    if (behind && *from++ != behind) {
        return -1;
    }

    *p = from;

    return n;
}


/* Milliseconds of a fraction of seconds, 0 if there is none. */
static int
time_fraction(const char **p, const char *last)
{
    int  n, weight;

    if (*p == last || **p != '.') {
        return 0;
    }

    n = 0;
    weight = 100;

    for ((*p)++; *p < last && **p >= '0' && **p <= '9'; (*p)++) {
        n += (**p - '0') * weight;
        weight /= 10;
    }

    return (*p)[-1] == '.' ? -1 : n;
}


/* Z, +01:00, -0330: all that is left. */
static crm_status_t
time_offset(const char *p, const char *last, long long *ms)
{
    int   sign, hour, minute;
    char  colon;

    if (p < last && *p == 'Z') {
        *ms = 0;
        return p + 1 == last ? CRM_OK : CRM_DECLINED;
    }

    if (p == last || (*p != '+' && *p != '-')) {
        return CRM_DECLINED;
    }

    sign = *p++ == '-' ? -1 : 1;
    colon = last - p == 5 ? ':' : '\0';
    hour = time_number(&p, last, 2, colon);
    minute = time_number(&p, last, 2, '\0');

    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || p != last) {
        return CRM_DECLINED;
    }

    *ms = sign * (hour * 3600000LL + minute * 60000LL);

    return CRM_OK;
}


/* Days since 1970: crm_time_iso() the other way round. */
static long long
time_days(int year, int month, int day)
{
    long long  era, yoe, doy;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    yoe = year - era * 400;
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}


static void
time_digits(char *text, long long n, int width)
{
    while (width) {
        text[--width] = (char) ('0' + n % 10);
        n /= 10;
    }
}
