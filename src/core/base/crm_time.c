/*
 * Instants as people and Redis write them.
 */

#include "base/crm_time.h"


#define DAY_MS   86400000LL
#define MIN_MS   (-719528LL * DAY_MS)               /* 0000-01-01 */
#define MAX_MS   (2932897LL * DAY_MS - 1)           /* 9999-12-31 */


static void time_digits(char *text, long long n, int width);


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


static void
time_digits(char *text, long long n, int width)
{
    while (width) {
        text[--width] = (char) ('0' + n % 10);
        n /= 10;
    }
}
