/*
 * Dates and times: see crm_deluge_moment.h.
 */

#include "crm_deluge_moment.h"

#include <stdio.h>

#include "base/crm_date.h"


/* What a format is read into, and written from. */
typedef struct {
    long long  year;
    int        month;
    int        day;
    int        hour;
    int        minute;
    int        second;
    int        offset_s;
    unsigned   has_date:1;
    unsigned   has_time:1;
    unsigned   has_offset:1;
    unsigned   pm:1;
    unsigned   am:1;
} moment_parts_t;

typedef struct {
    const char  *p;
    const char  *end;
} moment_text_t;


static const char *const  moment_months[] = {
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"
};

static const char *const  moment_days[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    "Sunday"
};

/* In the order in which they are tried. */
static const char *const  moment_dates[] = {
    "yyyy-MM-dd", "dd-MMM-yyyy", "MM/dd/yyyy", "dd MMM yyyy", "MMM dd, yyyy",
    "MMM dd yyyy", "yyyy/MM/dd", "dd-MM-yyyy", "dd.MM.yyyy", "yyyyMMdd"
};

static const char *const  moment_times[] = {
    "", " HH:mm:ss", " HH:mm", " hh:mm:ss a", " hh:mm a", "'T'HH:mm:ssZ",
    "'T'HH:mmZ", "'T'HH:mm:ss", "'T'HH:mm"
};


static void moment_split(moment_parts_t *parts, const crm_deluge_value_t *v,
    int offset_s);
static crm_status_t moment_put(crm_buf_t *buf, const moment_parts_t *parts,
    char letter, size_t n);
static void moment_zone(crm_buf_t *buf, int offset_s);
static crm_status_t moment_join(crm_deluge_value_t *v, moment_parts_t *parts,
    const crm_zone_t *zone);
static crm_status_t moment_scan(moment_parts_t *parts, moment_text_t *text,
    crm_str_t format);
static crm_status_t moment_take(moment_parts_t *parts, moment_text_t *text,
    char letter, size_t n);
static crm_status_t moment_int(int *value, moment_text_t *text, size_t max);
static crm_status_t moment_name(int *index, moment_text_t *text,
    const char *const *names, size_t count);
static crm_status_t moment_half(moment_parts_t *parts, moment_text_t *text);
static crm_status_t moment_offset(moment_parts_t *parts, moment_text_t *text);
static size_t moment_run(crm_str_t format, size_t at);


crm_str_t
crm_deluge_moment_text(char text[CRM_DELUGE_MOMENT_LEN],
    const crm_deluge_value_t *v, int offset_s)
{
    int             n;
    moment_parts_t  parts;

    moment_split(&parts, v, offset_s);

    if (v->type == CRM_DELUGE_DATE) {
        n = snprintf(text, CRM_DELUGE_MOMENT_LEN, "%04lld-%02d-%02d",
                     parts.year, parts.month, parts.day);

    } else if (v->type == CRM_DELUGE_TIME) {
        n = snprintf(text, CRM_DELUGE_MOMENT_LEN, "%02d:%02d:%02d",
                     parts.hour, parts.minute, parts.second);

    } else {
        n = snprintf(text, CRM_DELUGE_MOMENT_LEN,
                     "%04lld-%02d-%02d %02d:%02d:%02d", parts.year,
                     parts.month, parts.day, parts.hour, parts.minute,
                     parts.second);
    }

    return crm_str(text, n < 0 ? 0 : (size_t) n);
}


crm_status_t
crm_deluge_moment_format(crm_buf_t *buf, const crm_deluge_value_t *v,
    crm_str_t format, int offset_s)
{
    char            c;
    size_t          i, n;
    moment_parts_t  parts;

    moment_split(&parts, v, offset_s);

    for (i = 0; i < format.len; i += n) {
        c = format.data[i];
        n = moment_run(format, i);

        if (c == '\'') {
            crm_buf_add(buf, format.data + i + 1, n < 2 ? 0 : n - 2);

        } else if ((c | 0x20) < 'a' || (c | 0x20) > 'z') {
            crm_buf_add(buf, format.data + i, n);

        } else if (moment_put(buf, &parts, c, n) != CRM_OK) {
            return CRM_EINVAL;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_deluge_moment_read(crm_deluge_value_t *v, crm_str_t text,
    const crm_zone_t *zone)
{
    size_t          i, j;
    moment_text_t   rest, behind;
    moment_parts_t  parts, whole;

    for (i = 0; i < sizeof(moment_dates) / sizeof(moment_dates[0]); i++) {

        memset(&parts, 0, sizeof(parts));
        rest.p = text.data;
        rest.end = text.data + text.len;

        if (moment_scan(&parts, &rest, crm_strz(moment_dates[i])) != CRM_OK) {
            continue;
        }

        for (j = 0; j < sizeof(moment_times) / sizeof(moment_times[0]); j++) {
            whole = parts;
            behind = rest;

            if (moment_scan(&whole, &behind, crm_strz(moment_times[j]))
                == CRM_OK
                && behind.p == behind.end)
            {
                return moment_join(v, &whole, zone);
            }
        }
    }

    for (j = 1; j < 5; j++) {
        memset(&parts, 0, sizeof(parts));
        rest.p = text.data;
        rest.end = text.data + text.len;

        if (moment_scan(&parts, &rest, crm_strz(moment_times[j] + 1)) == CRM_OK
            && rest.p == rest.end)
        {
            return moment_join(v, &parts, zone);
        }
    }

    return CRM_DECLINED;
}


crm_status_t
crm_deluge_moment_parse(crm_deluge_value_t *v, crm_str_t text,
    crm_str_t format, const crm_zone_t *zone)
{
    moment_text_t   rest;
    moment_parts_t  parts;

    memset(&parts, 0, sizeof(parts));
    rest.p = text.data;
    rest.end = text.data + text.len;

    if (moment_scan(&parts, &rest, format) != CRM_OK || rest.p != rest.end) {
        return CRM_DECLINED;
    }

    return moment_join(v, &parts, zone);
}


static void
moment_split(moment_parts_t *parts, const crm_deluge_value_t *v, int offset_s)
{
    long long   day, second;
    crm_date_t  date;

    memset(parts, 0, sizeof(moment_parts_t));

    day = 0;
    second = 0;

    if (v->type == CRM_DELUGE_DATE) {
        day = v->u.number;

    } else if (v->type == CRM_DELUGE_TIME) {
        second = v->u.number;

    } else {
        second = v->u.number + offset_s;
        day = second / CRM_DATE_DAY_S - (second % CRM_DATE_DAY_S < 0);
        second -= day * CRM_DATE_DAY_S;
    }

    date = crm_date_civil(day);

    parts->year = date.year;
    parts->month = date.month;
    parts->day = date.day;
    parts->hour = (int) (second / 3600);
    parts->minute = (int) (second / 60 % 60);
    parts->second = (int) (second % 60);
    parts->offset_s = offset_s;
}


/* How many times the letter at `at` stands there; a quoted text with its
 * quotes; one for the rest. */
static size_t
moment_run(crm_str_t format, size_t at)
{
    size_t  n;

    n = 1;

    if (format.data[at] == '\'') {

        while (at + n < format.len && format.data[at + n] != '\'') {
            n++;
        }

        return at + n < format.len ? n + 1 : n;
    }

    while (at + n < format.len && format.data[at + n] == format.data[at]) {
        n++;
    }

    return n;
}


static crm_status_t
moment_put(crm_buf_t *buf, const moment_parts_t *parts, char letter, size_t n)
{
    int          value, len;
    char         text[32];
    long long    day;
    const char  *name;

    day = crm_date_days(parts->year, parts->month, parts->day);

    switch (letter) {

    case 'y':
        len = n == 2 ? snprintf(text, sizeof(text), "%02lld",
                                parts->year % 100)
                     : snprintf(text, sizeof(text), "%04lld", parts->year);
        crm_buf_add(buf, text, (size_t) len);
        return CRM_OK;

    case 'M':
        if (n < 3) {
            value = parts->month;
            break;
        }

        name = moment_months[parts->month - 1];
        crm_buf_add(buf, name, n == 3 ? 3 : strlen(name));
        return CRM_OK;

    case 'E':
        name = moment_days[crm_date_weekday(day)];
        crm_buf_add(buf, name, n < 4 ? 3 : strlen(name));
        return CRM_OK;

    case 'a':
        crm_buf_puts(buf, parts->hour < 12 ? "AM" : "PM");
        return CRM_OK;

    case 'z':
    case 'Z':
        moment_zone(buf, parts->offset_s);
        return CRM_OK;

    case 'd':
        value = parts->day;
        break;

    case 'D':
        value = (int) (day - crm_date_days(parts->year, 1, 1)) + 1;
        break;

    case 'H':
        value = parts->hour;
        break;

    case 'h':
        value = parts->hour % 12 ? parts->hour % 12 : 12;
        break;

    case 'm':
        value = parts->minute;
        break;

    case 's':
        value = parts->second;
        break;

    case 'S':
        value = 0;
        break;

    default:
        return CRM_EINVAL;
    }

    len = snprintf(text, sizeof(text), "%0*d", n > 9 ? 9 : (int) n, value);
    crm_buf_add(buf, text, (size_t) len);

    return CRM_OK;
}


static void
moment_zone(crm_buf_t *buf, int offset_s)
{
    int   n, minutes;
    char  text[16];

    minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    n = snprintf(text, sizeof(text), "%c%02d%02d", offset_s < 0 ? '-' : '+',
                 minutes / 60 % 100, minutes % 60);

    crm_buf_add(buf, text, (size_t) n);
}


/* Parts that exist become a value. */
static crm_status_t
moment_join(crm_deluge_value_t *v, moment_parts_t *parts,
    const crm_zone_t *zone)
{
    long long  day, second;

    if ((parts->am || parts->pm) && (parts->hour < 1 || parts->hour > 12)) {
        return CRM_DECLINED;
    }

    if (parts->am || parts->pm) {
        parts->hour = parts->hour % 12 + (parts->pm ? 12 : 0);
    }

    if (parts->hour > 23 || parts->minute > 59 || parts->second > 59) {
        return CRM_DECLINED;
    }

    second = parts->hour * 3600LL + parts->minute * 60 + parts->second;

    if (!parts->has_date) {
        *v = crm_deluge_moment(CRM_DELUGE_TIME, second);
        return parts->has_time ? CRM_OK : CRM_DECLINED;
    }

    if (parts->month < 1 || parts->month > 12 || parts->day < 1
        || parts->day > crm_date_month_days(parts->year, parts->month))
    {
        return CRM_DECLINED;
    }

    day = crm_date_days(parts->year, parts->month, parts->day);

    if (!parts->has_time) {
        *v = crm_deluge_moment(CRM_DELUGE_DATE, day);
        return CRM_OK;
    }

    second += day * CRM_DATE_DAY_S;
    second = parts->has_offset ? second - parts->offset_s
                               : crm_zone_utc(zone, second);

    *v = crm_deluge_moment(CRM_DELUGE_DATETIME, second);

    return CRM_OK;
}


static crm_status_t
moment_scan(moment_parts_t *parts, moment_text_t *text, crm_str_t format)
{
    char       c;
    size_t     i, n;
    crm_str_t  literal;

    for (i = 0; i < format.len; i += n) {
        c = format.data[i];
        n = moment_run(format, i);

        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {

            if (moment_take(parts, text, c, n) != CRM_OK) {
                return CRM_DECLINED;
            }

            continue;
        }

        literal = c == '\'' ? crm_str(format.data + i + 1, n < 2 ? 0 : n - 2)
                            : crm_str(format.data + i, n);

        if ((size_t) (text->end - text->p) < literal.len
            || memcmp(text->p, literal.data, literal.len) != 0)
        {
            return CRM_DECLINED;
        }

        text->p += literal.len;
    }

    return CRM_OK;
}


static crm_status_t
moment_take(moment_parts_t *parts, moment_text_t *text, char letter, size_t n)
{
    int           value;
    crm_status_t  rc;

    parts->has_date |= strchr("yMd", letter) != NULL;
    parts->has_time |= strchr("Hhm", letter) != NULL;

    switch (letter) {

    case 'y':
        rc = moment_int(&value, text, n == 2 ? 2 : 4);
        parts->year = rc == CRM_OK && n == 2 ? 2000 + value : value;
        return rc;

    case 'M':
        if (n >= 3) {
            rc = moment_name(&value, text, moment_months, 12);
            parts->month = value + 1;
            return rc;
        }

        return moment_int(&parts->month, text, 2);

    case 'd':
        return moment_int(&parts->day, text, 2);

    case 'H':
    case 'h':
        return moment_int(&parts->hour, text, 2);

    case 'm':
        return moment_int(&parts->minute, text, 2);

    case 's':
        return moment_int(&parts->second, text, 2);

    case 'S':
        return moment_int(&value, text, 9);

    case 'a':
        return moment_half(parts, text);

    case 'E':
        return moment_name(&value, text, moment_days, 7);

    case 'z':
    case 'Z':
        return moment_offset(parts, text);

    default:
        return CRM_DECLINED;
    }
}


/* Up to max digits, one at least. */
static crm_status_t
moment_int(int *value, moment_text_t *text, size_t max)
{
    size_t  n;

    *value = 0;

    for (n = 0; n < max && text->p < text->end && *text->p >= '0'
                && *text->p <= '9'; n++)
    {
        *value = *value * 10 + (*text->p++ - '0');
    }

    return n ? CRM_OK : CRM_DECLINED;
}


/* A name in full, or its first three letters. */
static crm_status_t
moment_name(int *index, moment_text_t *text, const char *const *names,
    size_t count)
{
    size_t  i, n, left;

    *index = 0;
    left = (size_t) (text->end - text->p);

    for (i = 0; i < count; i++) {

        for (n = strlen(names[i]); n; n = n > 3 ? 3 : 0) {

            if (n <= left
                && crm_str_caseeq(crm_str(text->p, n), crm_str(names[i], n)))
            {
                text->p += n;
                *index = (int) i;
                return CRM_OK;
            }
        }
    }

    return CRM_DECLINED;
}


static crm_status_t
moment_half(moment_parts_t *parts, moment_text_t *text)
{
    if (text->end - text->p < 2 || (text->p[1] | 0x20) != 'm') {
        return CRM_DECLINED;
    }

    parts->am = (text->p[0] | 0x20) == 'a';
    parts->pm = (text->p[0] | 0x20) == 'p';
    text->p += 2;

    return parts->am || parts->pm ? CRM_OK : CRM_DECLINED;
}


/* Z, +01:00, +0100 */
static crm_status_t
moment_offset(moment_parts_t *parts, moment_text_t *text)
{
    int  hours, minutes, sign;

    parts->has_offset = 1;

    if (text->p < text->end && (*text->p | 0x20) == 'z') {
        text->p++;
        return CRM_OK;
    }

    if (text->p == text->end || (*text->p != '+' && *text->p != '-')) {
        return CRM_DECLINED;
    }

    sign = *text->p++ == '-' ? -1 : 1;

    if (moment_int(&hours, text, 2) != CRM_OK) {
        return CRM_DECLINED;
    }

    text->p += text->p < text->end && *text->p == ':';

    if (moment_int(&minutes, text, 2) != CRM_OK || hours > 25 || minutes > 59)
    {
        return CRM_DECLINED;
    }

    parts->offset_s = sign * (hours * 3600 + minutes * 60);

    return CRM_OK;
}
