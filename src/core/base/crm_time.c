/*
 * Instants as people and Redis write them.
 */

#include "base/crm_time.h"

#include <stdio.h>


#define DAY_MS   86400000LL
#define MIN_MS   (-719528LL * DAY_MS)               /* 0000-01-01 */
#define MAX_MS   (2932897LL * DAY_MS - 1)           /* 9999-12-31 */


crm_str_t
crm_time_iso(char text[CRM_TIME_ISO_LEN + 1], long long ms)
{
    int        n;
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

    n = snprintf(text, CRM_TIME_ISO_LEN + 1,
                 "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int) year,
                 (int) month, (int) day, (int) (rest / 3600000),
                 (int) (rest / 60000 % 60), (int) (rest / 1000 % 60),
                 (int) (rest % 1000));

    return crm_str(text, n < 0 ? 0 : n > CRM_TIME_ISO_LEN
                         ? CRM_TIME_ISO_LEN : (size_t) n);
}
