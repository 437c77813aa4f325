/*
 * kind: schedule. A function that a clock calls, without a record.
 */

#ifndef CRM_SCHEDULE_H
#define CRM_SCHEDULE_H

#include "rules/crm_action.h"


/* Runs by hand on one day, unless the document says otherwise. */
#define CRM_SCHEDULE_RUNS_NOW  2


typedef enum {
    CRM_FREQUENCY_ONCE = 0,
    CRM_FREQUENCY_HOUR,
    CRM_FREQUENCY_DAY,
    CRM_FREQUENCY_WEEK,
    CRM_FREQUENCY_MONTH,
    CRM_FREQUENCY_YEAR
} crm_frequency_t;

/* What becomes of runs whose time went by while nobody was there. */
typedef enum {
    CRM_MISFIRE_RUN_ONCE = 0,
    CRM_MISFIRE_SKIP,
    CRM_MISFIRE_RUN_ALL
} crm_misfire_t;

/* What becomes of a run that is due while the one before it goes on. */
typedef enum {
    CRM_OVERLAP_SKIP = 0,
    CRM_OVERLAP_QUEUE
} crm_overlap_t;

typedef struct {
    crm_str_t         name;
    crm_function_call_t        call;
    crm_moment_t      start;            /* a day alone: its midnight */
    crm_frequency_t   frequency;
    unsigned          every;            /* of these: 1 is each */
    int               on_day;           /* of WEEK: as of crm_date_weekday();
                                           of MONTH and YEAR: 1 to 31, the last
                                           one of shorter months; -1: as the
                                           start has it */
    int               on_month;         /* of YEAR: 1 to 12, or -1 */
    long long         runs;             /* at most so many; 0: no end */
    int               has_until;
    crm_moment_t      until;            /* not later than this day */
    crm_misfire_t     misfire;
    crm_overlap_t     overlap;
    unsigned          runs_now;         /* by hand, a day */
    int               off;
} crm_schedule_t;

extern const crm_key_t  crm_schedule_keys[];

/* Fills schedule from a document whose keys are checked; cc has no module, so
 * arguments merge no record. CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_schedule_parse(crm_schedule_t *schedule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc);

#endif
