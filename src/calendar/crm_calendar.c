/*
 * What only the machine's zone data knows: time zones.
 *
 * The C library tells a zone's offset at any second, but hands out no list of
 * changes. So they are looked for: day by day, then by halves. (libical 3.0
 * would do as well, were it right: from 2038 on its St John's is an hour off,
 * as its Sao Paulo of 2014, its London and its Dublin of 1977 are.)
 */

#include "crm_calendar.h"
#include "base/crm_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


/* The longest line that names the version. */
#define TZDATA_LINE  128

#define ZONES_FOLDER  "/usr/share/zoneinfo/"
#define TZDATA_FILE   ZONES_FOLDER "tzdata.zi"

/* The longest path to a zone's file. */
#define ZONES_PATH  256


static int calendar_known(crm_str_t name);
static int calendar_enter(const char *name, char **before);
static void calendar_leave(char *before);
static crm_status_t calendar_changes(crm_zone_t *zone, crm_pool_t *pool);
static crm_status_t calendar_add(crm_zone_t *zone, size_t *cap, long long at_s,
    int offset_s, crm_pool_t *pool);
static long long calendar_find(long long from, long long to);
static int calendar_offset(long long at_s);


crm_status_t
crm_calendar_zone(crm_zone_t *zone, crm_str_t name, crm_pool_t *pool)
{
    char          *before;
    crm_status_t   rc;

    memset(zone, 0, sizeof(crm_zone_t));

    if (!calendar_known(name)) {
        return CRM_DECLINED;
    }

    zone->name = crm_pool_dup(pool, name);
    zone->tzdata = crm_calendar_tzdata(pool);

    if (zone->name.data == NULL || zone->tzdata.data == NULL
        || !calendar_enter(zone->name.data, &before))
    {
        return CRM_ENOMEM;
    }

    rc = calendar_changes(zone, pool);

    calendar_leave(before);

    return rc;
}


crm_str_t
crm_calendar_tzdata(crm_pool_t *pool)
{
    char        line[TZDATA_LINE];
    FILE       *file;
    crm_str_t   text;

    static const char  head[] = "# version ";

    text = CRM_STR("unknown");

    file = fopen(TZDATA_FILE, "r");
    if (file == NULL) {
        return text;
    }

    if (fgets(line, sizeof(line), file)
        && strncmp(line, head, sizeof(head) - 1) == 0)
    {
        text = crm_strz(line + sizeof(head) - 1);
        text.len = strcspn(text.data, " \r\n");
    }

    (void) fclose(file);

    return crm_pool_dup(pool, text);
}


/* Whether there is a file of zone data of that name, which must not lead out
 * of their folder. The C library takes an unknown name for UTC. */
static int
calendar_known(crm_str_t name)
{
    int      known;
    char     path[ZONES_PATH], magic[4];
    FILE    *file;
    size_t   i;

    if (name.len == 0 || name.data[0] == '/'
        || name.len > ZONES_PATH - sizeof(ZONES_FOLDER))
    {
        return 0;
    }

    for (i = 0; i < name.len; i++) {
        char  c = name.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9') || (c && strchr("_+-/", c))))
        {
            return 0;
        }
    }

    (void) snprintf(path, sizeof(path), ZONES_FOLDER "%.*s", (int) name.len,
                    name.data);

    file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }

    known = fread(magic, 1, sizeof(magic), file) == sizeof(magic)
            && memcmp(magic, "TZif", sizeof(magic)) == 0;

    (void) fclose(file);

    return known;
}


/* The process's zone is a variable of its environment: set, and set back. */
static int
calendar_enter(const char *name, char **before)
{
    const char  *tz;

    tz = getenv("TZ");
    *before = tz ? strdup(tz) : NULL;

    if ((tz && *before == NULL) || setenv("TZ", name, 1) != 0) {
        free(*before);
        return 0;
    }

    tzset();

    return 1;
}


static void
calendar_leave(char *before)
{
    if (before) {
        (void) setenv("TZ", before, 1);
    } else {
        (void) unsetenv("TZ");
    }

    tzset();
    free(before);
}


static crm_status_t
calendar_changes(crm_zone_t *zone, crm_pool_t *pool)
{
    int           offset, next;
    size_t        cap;
    long long     at, end;
    crm_status_t  rc;

    cap = 0;
    offset = calendar_offset(0);
    end = (crm_date_days(CRM_ZONE_LAST_YEAR, 12, 31) + 1) * CRM_DATE_DAY_S;

    rc = calendar_add(zone, &cap, 0, offset, pool);

    for (at = CRM_DATE_DAY_S; rc == CRM_OK && at <= end;
         at += CRM_DATE_DAY_S)
    {
        next = calendar_offset(at);

        if (next != offset) {
            rc = calendar_add(zone, &cap,
                              calendar_find(at - CRM_DATE_DAY_S, at), next,
                              pool);
            offset = next;
        }
    }

    return rc;
}


static crm_status_t
calendar_add(crm_zone_t *zone, size_t *cap, long long at_s, int offset_s,
    crm_pool_t *pool)
{
    size_t              n;
    crm_zone_change_t  *changes;

    if (zone->count == *cap) {
        n = *cap ? *cap * 2 : 64;

        changes = crm_pool_calloc(pool, n, sizeof(crm_zone_change_t));
        if (changes == NULL) {
            return CRM_ENOMEM;
        }

        if (zone->count) {
            memcpy(changes, zone->changes,
                   zone->count * sizeof(crm_zone_change_t));
        }

        zone->changes = changes;
        *cap = n;
    }

    zone->changes[zone->count].at_s = at_s;
    zone->changes[zone->count].offset_s = offset_s;
    zone->count++;

    return CRM_OK;
}


/* The first second of (from, to] with the offset that holds at to. */
static long long
calendar_find(long long from, long long to)
{
    int        offset;
    long long  middle;

    offset = calendar_offset(to);

    while (to - from > 1) {
        middle = from + (to - from) / 2;

        if (calendar_offset(middle) == offset) {
            to = middle;
        } else {
            from = middle;
        }
    }

    return to;
}


static int
calendar_offset(long long at_s)
{
    time_t     t;
    struct tm  tm;

    t = (time_t) at_s;

    return localtime_r(&t, &tm) ? (int) tm.tm_gmtoff : 0;
}
