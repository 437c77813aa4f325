/*
 * What a rule may name without knowing it: now, today, the user who acts.
 *
 *     ${NOW}  ${NOW-30m}  ${NOW+2h}  ${NOW-1d}         a point in time
 *     ${TODAY}  ${TODAY+7}                             a day
 *     ${STARTOF:week}  ${ENDOF:month}                  the first, the last day
 *                                      of this week, month, quarter or year
 *     ${CURRENTUSER}  ${CURRENTUSER.role}  ${CURRENTUSER.profile}
 *
 * Days are those of the organisation's zone. Minutes and hours pass; a day is
 * one of the calendar: ${NOW+1d} is tomorrow at the same time of the clock,
 * be it after 23, 24 or 25 hours.
 */

#ifndef CRM_PREDEFINED_H
#define CRM_PREDEFINED_H

#include "record/crm_actor.h"
#include "record/crm_moment.h"


/* Offsets have at most this many digits. */
#define CRM_PREDEFINED_DIGITS  6

typedef enum {
    CRM_PREDEFINED_NOW = 0,
    CRM_PREDEFINED_TODAY,
    CRM_PREDEFINED_FIRST,       /* of span */
    CRM_PREDEFINED_LAST,
    CRM_PREDEFINED_USER,
    CRM_PREDEFINED_ROLE,
    CRM_PREDEFINED_PROFILE
} crm_predefined_kind_t;

typedef struct {
    crm_predefined_kind_t  kind;
    crm_date_span_t        span;
    char                   unit;        /* of NOW: m, h or d */
    int                    n;           /* of NOW and TODAY */
} crm_predefined_t;

/* What all of one write is judged by: it is captured once. */
typedef struct {
    const crm_zone_t   *zone;           /* of the organisation; NULL: UTC */
    long long           now_ms;
    int                 week_start;     /* as of crm_date_weekday() */
    const crm_actor_t  *actor;          /* or NULL */
} crm_scope_t;


/* Reads "${...}"; CRM_DECLINED for what is no such token. */
crm_status_t crm_predefined_parse(crm_predefined_t *token, crm_str_t text);

/* Whether it is a day or a point in time; else it is text about the user. */
int crm_predefined_is_time(const crm_predefined_t *token);

/* The value of a token that is a time. */
crm_moment_t crm_predefined_moment(const crm_predefined_t *token,
    const crm_scope_t *scope);

/*
 * The value of one that is not: CRM_OK with *text, which is empty for a user
 * without a role, or CRM_DECLINED: nobody knows who acts.
 */
crm_status_t crm_predefined_text(const crm_predefined_t *token,
    const crm_scope_t *scope, crm_str_t *text);

#endif
