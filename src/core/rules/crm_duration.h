/*
 * How long, as documents say it: { unit: 2, period: business_days }.
 */

#ifndef CRM_DURATION_H
#define CRM_DURATION_H

#include "base/crm_interval.h"
#include "rules/crm_shape.h"


/* Sets of periods. */
#define CRM_PERIOD_BIT(period)  (1u << (period))

#define CRM_PERIODS_DAYS                                                      \
    (CRM_PERIOD_BIT(CRM_PERIOD_DAYS) | CRM_PERIOD_BIT(CRM_PERIOD_WEEKS)       \
     | CRM_PERIOD_BIT(CRM_PERIOD_BUSINESS_DAYS)                               \
     | CRM_PERIOD_BIT(CRM_PERIOD_MONTHS) | CRM_PERIOD_BIT(CRM_PERIOD_YEARS))

#define CRM_PERIODS_ALL                                                       \
    (CRM_PERIODS_DAYS | CRM_PERIOD_BIT(CRM_PERIOD_MINUTES)                    \
     | CRM_PERIOD_BIT(CRM_PERIOD_HOURS)                                       \
     | CRM_PERIOD_BIT(CRM_PERIOD_BUSINESS_HOURS))

/* { unit, period }: of any length, and of days. */
extern const crm_form_t  crm_duration_forms[];
extern const crm_form_t  crm_duration_day_forms[];


/*
 * Reads { unit, period } at path, what ("execute_after") by name: one of
 * periods, from 0 to ten years. CRM_EINVAL with findings.
 */
crm_status_t crm_duration_parse(crm_interval_t *duration, const json_t *json,
    unsigned periods, const char *what, const char *path, crm_compile_t *cc);

/* The same of an object at path that has other keys too and has been looked
 * at for them: unit (default 0) and period (default days), signed. */
crm_status_t crm_duration_read(crm_interval_t *duration, const json_t *json,
    unsigned periods, int is_signed, const char *path, crm_compile_t *cc);

#endif
