/*
 * Scoring rules: what a record that is created or edited is worth now.
 *
 * Of a scoring rule the points of all field rules that match are added, and
 * those of the events that have been told of the record (touch points, which
 * Redis counts). The sums are written to the fields that the rule names, in
 * the write itself; of a rule that names none Redis keeps them, as the field
 * CRM_STATE_SCORE of the record's hash:
 *
 *     {"RULE": [points above 0, points below 0], ...}
 *
 * They are made twice, since workflow rules read them and change what they
 * come from:
 *
 *     crm_score_first(write, changes)     before workflow rules are judged
 *     crm_workflow_match(), field updates
 *     crm_score_second(write, changes)    the record as it will be
 *     crm_workflow_scored()               rules that a score starts
 *     crm_score_follow(effects, write)    what Redis keeps
 *
 * A rule one of whose criteria nobody can tell leaves its score as it was.
 */

#ifndef CRM_SCORE_H
#define CRM_SCORE_H

#include "rules/crm_scoring.h"
#include "transform/crm_change.h"
#include "transform/crm_effects.h"


typedef struct {
    const crm_scoring_t   *rule;
    const crm_workflow_t  *setter;          /* stands for it in changes */
    long long              positive;        /* those of events among them */
    long long              negative;
    long long              touch_positive;
    long long              touch_negative;
    long long              was;             /* the sum before the write */
    int                    has_was;         /* 0: nobody knows */
    crm_str_t              kept;            /* by Redis, as it stands there */
    unsigned long long     matched;         /* field rules, a bit each */
    const char            *reason;          /* why it stays; NULL: it is */
} crm_score_t;

typedef struct crm_scores_s {
    crm_score_t  *items;        /* by rule, in order of their names */
    size_t        count;
    crm_eval_t   *eval;         /* of the record that they were made of */
    int           second;       /* what workflow rules set has changed them */
} crm_scores_t;


/* crm_score_begin.c: sets write->scores, of which nothing is counted yet but
 * events. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_score_begin(crm_write_t *write);

/* Sets write->scores, and lays them into the write where its module has such
 * rules: request and images are those with the scores. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_score_first(crm_write_t *write, crm_changes_t *changes);

/* Again, if changes hold more than crm_score_first() has left there. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_score_second(crm_write_t *write, crm_changes_t *changes);

/* Whether the scores moved as rule, which has a score trigger, waits for. */
int crm_score_starts(const crm_write_t *write, const crm_workflow_t *rule);

/* What of them is kept in Redis. CRM_OK, CRM_ENOMEM, CRM_ELIMIT. */
crm_status_t crm_score_follow(crm_effects_t *effects,
    const crm_write_t *write);

/* The sum of all points. */
long long crm_score_sum(const crm_score_t *score);

/* ,"scores":[...] of a write that was scored, for its trace, and for answers;
 * nothing for NULL. */
void crm_score_tell(crm_buf_t *buf, const crm_scores_t *scores);

#endif
