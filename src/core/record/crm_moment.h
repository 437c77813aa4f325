/*
 * A date or a point in time, as a field or a rule writes it.
 *
 *     2026-03-27                       a day
 *     2026-03-27T16:30:00+01:00        a point in time; Z, +0100, fractions
 *     2026-03-27T16:30, 2026-03-27 16:30:00
 *                                      the same by the organisation's clocks
 *
 * Two points in time are compared as such. A day and a point in time are
 * compared as days: the one that it is in the organisation's zone.
 */

#ifndef CRM_MOMENT_H
#define CRM_MOMENT_H

#include "base/crm_date.h"
#include "base/crm_zone.h"


/* "2026-03-27T16:30:00.123456+01:00" and a zero byte. */
#define CRM_MOMENT_LEN  32

typedef struct {
    int        timed;           /* a point in time: us counts */
    long long  day;             /* in the organisation's zone */
    long long  us;              /* microseconds since 1970 in UTC */
} crm_moment_t;


/* Reads text; CRM_DECLINED if it is neither. Digits beyond microseconds are
 * cut. zone may be NULL: UTC. */
crm_status_t crm_moment_parse(crm_moment_t *moment, crm_str_t text,
    const crm_zone_t *zone);

/* A day, and a point in time. */
crm_moment_t crm_moment_of_day(long long day);
crm_moment_t crm_moment_of_us(long long us, const crm_zone_t *zone);

/* <0, 0, >0 */
int crm_moment_cmp(const crm_moment_t *a, const crm_moment_t *b);

/* Writes a moment as above, with the zone's offset; no fraction of zero. */
crm_str_t crm_moment_text(char text[CRM_MOMENT_LEN + 1],
    const crm_moment_t *moment, const crm_zone_t *zone);

#endif
