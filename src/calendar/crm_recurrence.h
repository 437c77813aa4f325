/*
 * When something recurs: the instants that a schedule names.
 *
 * Days, weeks, months and years are those of a calendar on the wall, at the
 * same time of the clock there; hours pass. What clocks leave out is as much
 * later, what they show twice is the first of both (crm_zone_utc()). A day
 * that a month does not have is its last one.
 */

#ifndef CRM_RECURRENCE_H
#define CRM_RECURRENCE_H

#include "base/crm_zone.h"


typedef enum {
    CRM_RECURRENCE_ONCE = 0,
    CRM_RECURRENCE_HOUR,
    CRM_RECURRENCE_DAY,
    CRM_RECURRENCE_WEEK,
    CRM_RECURRENCE_MONTH,
    CRM_RECURRENCE_YEAR
} crm_recurrence_period_t;

typedef struct {
    long long                 start_s;      /* UTC; none comes before it */
    crm_recurrence_period_t   period;
    unsigned                  every;        /* 1 or more of these */
    int                       on_day;       /* of WEEK 0 to 6, from Monday; of
                                               MONTH and YEAR 1 to 31; -1: as
                                               start has it */
    int                       on_month;     /* of YEAR 1 to 12; -1: likewise */
    int                       has_until;
    long long                 until_s;      /* UTC; none comes after it */
} crm_recurrence_t;

/* Of the instants after one and up to another. */
typedef struct {
    size_t     count;           /* at most CRM_RECURRENCE_MOST */
    long long  last_s;          /* the last of them */
    long long  next_s;          /* the first behind them; -1: there is none */
} crm_recurrence_span_t;

/* Hours from 1970 to 2100. */
#define CRM_RECURRENCE_MOST  1200000


/*
 * Looks at the instants after after_s up to and with until_s, and the one
 * behind: crm_recurrence_span(&span, r, zone, now, now) asks for the next. zone
 * may be NULL: UTC. Nothing recurs after the year 2100. CRM_OK, or CRM_ENOMEM.
 */
crm_status_t crm_recurrence_span(crm_recurrence_span_t *span,
    const crm_recurrence_t *recurrence, const crm_zone_t *zone,
    long long after_s, long long until_s);

#endif
