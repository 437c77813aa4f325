/*
 * Instants as people and Redis write them.
 */

#include "base/crm_time.h"


#define DAY_MS   86400000LL
#define MIN_MS   (-719528LL * DAY_MS)               /* 0000-01-01 */
#define MAX_MS   (2932897LL * DAY_MS - 1)           /* 9999-12-31 */

#define ERA_DAYS    146097          /* of 400 years */
#define MARCH_DAYS  719468          /* from 0000-03-01 to 1970 */


static inline void time_two(char *text, unsigned n);
static int time_number(const char **p, const char *last, int width,
    char behind);
static int time_fraction(const char **p, const char *last);
static crm_status_t time_offset(const char *p, const char *last,
    long long *ms);
static long long time_days(int year, int month, int day);


crm_str_t
crm_time_iso(char text[CRM_TIME_ISO_LEN + 1], long long ms)
{
    unsigned   days, rest, era, doe, yoe, doy, mp, year;
    long long  from;

    ms = ms < MIN_MS ? MIN_MS : ms > MAX_MS ? MAX_MS : ms;

    /* days to civil date in the proleptic Gregorian calendar; years are
     * counted from March, so that the leap day is the last of its year, and
     * from an era before the first, so that nothing is negative */

    from = ms + ERA_DAYS * DAY_MS + MARCH_DAYS * DAY_MS;
    days = (unsigned) (from / DAY_MS);
    rest = (unsigned) (from % DAY_MS);

    era = days / ERA_DAYS;
    doe = days % ERA_DAYS;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    year = yoe + era * 400 - 400 + (mp >= 10);

    time_two(text, year / 100);
    time_two(text + 2, year % 100);
    text[4] = '-';
    time_two(text + 5, mp < 10 ? mp + 3 : mp - 9);
    text[7] = '-';
    time_two(text + 8, doy - (153 * mp + 2) / 5 + 1);
    text[10] = 'T';
    time_two(text + 11, rest / 3600000);
    text[13] = ':';
    time_two(text + 14, rest / 60000 % 60);
    text[16] = ':';
    time_two(text + 17, rest / 1000 % 60);
    text[19] = '.';
    text[20] = (char) ('0' + rest % 1000 / 100);
    time_two(text + 21, rest % 100);
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


static inline void
time_two(char *text, unsigned n)
{
    text[0] = (char) ('0' + n / 10);
    text[1] = (char) ('0' + n % 10);
}
