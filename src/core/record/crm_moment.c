/*
 * A date or a point in time.
 */

#include "record/crm_moment.h"


#define SECOND_US  1000000LL

/* Far outside the years that text can say; keeps sums from overflowing. */
#define MOMENT_MAX_US  (1000000000000000000LL)


static int moment_two(crm_str_t text, size_t at, int max);
static long long moment_fraction(crm_str_t text, size_t *at);
static int moment_offset(crm_str_t text, size_t at, int *offset_s);
static void moment_put(char *text, long long n, int width);


crm_status_t
crm_moment_parse(crm_moment_t *moment, crm_str_t text, const crm_zone_t *zone)
{
    int        hour, minute, second, offset;
    size_t     at;
    long long  day, local, fraction;

    if (crm_date_read(&day, text) != CRM_OK) {
        return CRM_DECLINED;
    }

    if (text.len == CRM_DATE_LEN) {
        *moment = crm_moment_of_day(day);
        return CRM_OK;
    }

    at = CRM_DATE_LEN;

    if ((text.data[at] != 'T' && text.data[at] != 't' && text.data[at] != ' ')
        || text.len < at + 6 || text.data[at + 3] != ':')
    {
        return CRM_DECLINED;
    }

    hour = moment_two(text, at + 1, 23);
    minute = moment_two(text, at + 4, 59);
    second = 0;
    fraction = 0;
    at += 6;

    if (at < text.len && text.data[at] == ':') {
        second = moment_two(text, at + 1, 60);
        at += 3;
        fraction = moment_fraction(text, &at);
    }

    if (hour < 0 || minute < 0 || second < 0 || fraction < 0) {
        return CRM_DECLINED;
    }

    local = day * CRM_DATE_DAY_S + hour * 3600 + minute * 60 + second;

    if (at >= text.len) {
        local = crm_zone_utc(zone, local);

    } else if (moment_offset(text, at, &offset)) {
        local -= offset;

    } else {
        return CRM_DECLINED;
    }

    *moment = crm_moment_of_us(local * SECOND_US + fraction, zone);

    return CRM_OK;
}


crm_moment_t
crm_moment_of_day(long long day)
{
    crm_moment_t  moment;

    moment.timed = 0;
    moment.day = day;
    moment.us = 0;

    return moment;
}


crm_moment_t
crm_moment_of_us(long long us, const crm_zone_t *zone)
{
    long long     s;
    crm_moment_t  moment;

    us = us > MOMENT_MAX_US ? MOMENT_MAX_US
         : us < -MOMENT_MAX_US ? -MOMENT_MAX_US : us;
    s = us >= 0 ? us / SECOND_US : -((-us + SECOND_US - 1) / SECOND_US);

    moment.timed = 1;
    moment.day = crm_zone_day(zone, s);
    moment.us = us;

    return moment;
}


int
crm_moment_cmp(const crm_moment_t *a, const crm_moment_t *b)
{
    if (a->timed && b->timed) {
        return (a->us > b->us) - (a->us < b->us);
    }

    return (a->day > b->day) - (a->day < b->day);
}


crm_str_t
crm_moment_text(char text[CRM_MOMENT_LEN + 1], const crm_moment_t *moment,
    const crm_zone_t *zone)
{
    int         offset;
    size_t      n;
    long long   s, rest;

    n = crm_date_text(text, moment->day).len;

    if (!moment->timed) {
        return crm_str(text, n);
    }

    rest = moment->us % SECOND_US;
    s = moment->us / SECOND_US;

    if (rest < 0) {
        rest += SECOND_US;
        s--;
    }

    offset = crm_zone_offset(zone, s);
    s += offset - moment->day * CRM_DATE_DAY_S;

    text[n++] = 'T';
    moment_put(text + n, s / 3600, 2);
    text[n + 2] = ':';
    moment_put(text + n + 3, s / 60 % 60, 2);
    text[n + 5] = ':';
    moment_put(text + n + 6, s % 60, 2);
    n += 8;

    if (rest) {
        text[n++] = '.';
        moment_put(text + n, rest, 6);
        n += 6;
    }

    text[n++] = offset < 0 ? '-' : '+';
    offset = offset < 0 ? -offset : offset;
    moment_put(text + n, offset / 3600, 2);
    text[n + 2] = ':';
    moment_put(text + n + 3, offset / 60 % 60, 2);
    n += 5;
    text[n] = '\0';

    return crm_str(text, n);
}


/* Two digits at at, up to max, or -1. */
static int
moment_two(crm_str_t text, size_t at, int max)
{
    int  n;

    if (at + 2 > text.len || text.data[at] < '0' || text.data[at] > '9'
        || text.data[at + 1] < '0' || text.data[at + 1] > '9')
    {
        return -1;
    }

    n = (text.data[at] - '0') * 10 + text.data[at + 1] - '0';

    return n > max ? -1 : n;
}


/* Microseconds behind a point, 0 without one, -1 for a point alone. */
static long long
moment_fraction(crm_str_t text, size_t *at)
{
    size_t     digits;
    long long  us;

    if (*at >= text.len || text.data[*at] != '.') {
        return 0;
    }

    us = 0;
    digits = 0;

    for ((*at)++; *at < text.len; (*at)++) {
        if (text.data[*at] < '0' || text.data[*at] > '9') {
            break;
        }

        if (digits++ < 6) {
            us = us * 10 + (text.data[*at] - '0');
        }
    }

    if (digits == 0) {
        return -1;
    }

    for ( /* void */ ; digits < 6; digits++) {
        us *= 10;
    }

    return us;
}


/* Z, +01:00 or +0100, and nothing behind it. */
static int
moment_offset(crm_str_t text, size_t at, int *offset_s)
{
    int     hour, minute;
    size_t  colon;

    if (text.len == at + 1 && (text.data[at] | 0x20) == 'z') {
        *offset_s = 0;
        return 1;
    }

    if (text.data[at] != '+' && text.data[at] != '-') {
        return 0;
    }

    colon = text.len > at + 3 && text.data[at + 3] == ':';

    hour = moment_two(text, at + 1, 23);
    minute = moment_two(text, at + 3 + colon, 59);

    if (hour < 0 || minute < 0 || text.len != at + 5 + colon) {
        return 0;
    }

    *offset_s = (hour * 3600 + minute * 60) * (text.data[at] == '-' ? -1 : 1);

    return 1;
}


static void
moment_put(char *text, long long n, int width)
{
    while (width) {
        text[--width] = (char) ('0' + n % 10);
        n /= 10;
    }
}
