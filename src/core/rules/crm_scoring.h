/*
 * Scoring rules: how much a record is worth, as a number that follows it.
 *
 * The points of every criterion that matches are added; what no longer matches
 * no longer counts. Events, such as a mail that was opened, add theirs once
 * each time.
 */

#ifndef CRM_SCORING_H
#define CRM_SCORING_H

#include "rules/crm_criteria.h"


/* The fields of a record that take a score; an empty name: none. Where no total
 * has one, no other has, and Redis keeps the score. */
typedef enum {
    CRM_SCORE_TOTAL = 0,
    CRM_SCORE_POSITIVE,
    CRM_SCORE_NEGATIVE,
    CRM_SCORE_TOUCH_TOTAL,
    CRM_SCORE_TOUCH_POSITIVE,
    CRM_SCORE_TOUCH_NEGATIVE,
    CRM_SCORE_FIELDS
} crm_score_field_t;

typedef struct {
    long long        score;
    crm_criteria_t   criteria;
} crm_score_rule_t;

typedef struct {
    crm_str_t        event;
    long long        score;
} crm_score_touch_t;

typedef struct {
    crm_str_t            name;
    crm_str_t            fields[CRM_SCORE_FIELDS];
    crm_score_rule_t    *rules;
    size_t               rules_count;
    crm_score_touch_t   *touches;
    size_t               touches_count;
} crm_scoring_t;

extern const crm_key_t  crm_scoring_keys[];


/* By name, for crm_array_sort(). */
int crm_scoring_cmp(const void *a, const void *b);

/* Fills scoring from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_scoring_parse(crm_scoring_t *scoring, const json_t *json,
    crm_compile_t *cc);

#endif
