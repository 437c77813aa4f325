/*
 * A time zone as a table: from which UTC second on which offset holds.
 *
 * The table comes with the rules (crmctl makes it when they are applied), so
 * that whoever judges a record agrees on what day it is, whatever zone data
 * the machine has. A zone without changes, and NULL, is UTC.
 */

#ifndef CRM_ZONE_H
#define CRM_ZONE_H

#include "base/crm_status.h"
#include "base/crm_str.h"


/* The table's last year: beyond it that year repeats. */
#define CRM_ZONE_LAST_YEAR  2100

/* No place on earth is further from UTC; zone data of long ago is odder. */
#define CRM_ZONE_MAX_OFFSET_S  (26 * 3600)

typedef struct {
    long long  at_s;            /* UTC */
    int        offset_s;        /* from then on: local time less UTC */
} crm_zone_change_t;

typedef struct {
    crm_str_t           name;
    crm_str_t           tzdata;     /* version of the data it was made of */
    crm_zone_change_t  *changes;    /* ascending; the first holds before it
                                       too */
    size_t              count;
} crm_zone_t;


/* Whether changes ascend and offsets are possible. */
int crm_zone_valid(const crm_zone_t *zone);

/* Seconds to add to utc_s for the time that clocks show there. */
int crm_zone_offset(const crm_zone_t *zone, long long utc_s);

/*
 * The UTC second at which clocks show local_s. What they show twice is the
 * first of both; what they leave out is as much later as they are put forward:
 * 02:30 on the day of 23 hours is 03:30.
 */
long long crm_zone_utc(const crm_zone_t *zone, long long local_s);

/* The day (crm_date.h) that it is there at utc_s. */
long long crm_zone_day(const crm_zone_t *zone, long long utc_s);

#endif
