/*
 * Scoring rules: what is known before points are counted.
 */

#include "transform/crm_score.h"

#include "base/crm_limits.h"
#include "decide/crm_call_kind.h"


static crm_status_t score_setter(crm_score_t *score, crm_pool_t *pool);
static void score_touches(crm_score_t *score, const crm_write_t *w);
static void score_event(crm_score_t *score, crm_str_t event);
static crm_status_t score_was(crm_score_t *score, const crm_write_t *w);
static crm_status_t score_kept(crm_score_t *score, const crm_write_t *w);
static int score_integer(crm_str_t text, long long *n);


crm_status_t
crm_score_begin(crm_write_t *w)
{
    size_t         i;
    crm_score_t   *score;
    crm_status_t   rc;
    crm_scores_t  *scores;

    scores = crm_pool_calloc(w->pool, 1, sizeof(crm_scores_t));
    if (scores == NULL) {
        return CRM_ENOMEM;
    }

    scores->items = crm_pool_calloc(w->pool, w->module->scorings.count,
                                    sizeof(crm_score_t));
    if (scores->items == NULL) {
        return CRM_ENOMEM;
    }

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < w->module->scorings.count; i++) {
        score = &scores->items[scores->count++];
        score->rule = w->module->scorings.items[i];

        score_touches(score, w);

        rc = score_setter(score, w->pool);
        if (rc == CRM_OK) {
            rc = score_was(score, w);
        }
    }

    w->scores = scores;

    return rc;
}


static crm_status_t
score_setter(crm_score_t *score, crm_pool_t *pool)
{
    crm_workflow_t  *setter;

    setter = crm_pool_calloc(pool, 1, sizeof(crm_workflow_t));
    if (setter == NULL) {
        return CRM_ENOMEM;
    }

    setter->name = score->rule->name;
    setter->id = score->rule->name;
    setter->status = CRM_STATUS_ON;
    score->setter = setter;

    return CRM_OK;
}


/* Of a rule that counts no events any more those that were counted are no
 * points. */
static void
score_touches(crm_score_t *score, const crm_write_t *w)
{
    size_t                    i;
    const crm_state_touch_t  *touch;

    for (i = 0; w->state && score->rule->touches_count
                && i < w->state->n_touches; i++)
    {
        touch = &w->state->touches[i];

        if (!crm_str_eq(touch->rule, score->rule->name)) {
            continue;
        }

        if (touch->points < 0) {
            score->touch_negative = touch->points;
        } else {
            score->touch_positive = touch->points;
        }
    }

    if (w->call && w->call->event.len) {
        score_event(score, w->call->event);
    }
}


/* It happens now. */
static void
score_event(crm_score_t *score, crm_str_t event)
{
    size_t                    i;
    const crm_score_touch_t  *touch;

    for (i = 0; i < score->rule->touches_count; i++) {
        touch = &score->rule->touches[i];

        if (crm_str_eq(touch->event, event)) {
            *(touch->score < 0 ? &score->touch_negative
                               : &score->touch_positive) += touch->score;
        }
    }
}


/* The sum before the write: what the stored record shows, else what Redis
 * keeps. A record without one was worth nothing. */
static crm_status_t
score_was(crm_score_t *score, const crm_write_t *w)
{
    crm_value_t         value;
    crm_status_t        rc;
    const crm_field_t  *field;

    score->has_was = 1;

    if (w->before == NULL) {
        return CRM_OK;
    }

    if (score->rule->fields[CRM_SCORE_TOTAL].len == 0) {
        return score_kept(score, w);
    }

    field = crm_record_field(w->before, score->rule->fields[CRM_SCORE_TOTAL]);

    if (field == NULL) {
        score->has_was = w->absent_is_null;
        return CRM_OK;
    }

    rc = crm_value_from_span(&value, field->value, w->pool);

    if (rc == CRM_OK && value.type != CRM_VALUE_EMPTY) {
        score->has_was = value.type == CRM_VALUE_NUMBER
                         && score_integer(value.text, &score->was);
    }

    return rc;
}


/* What a hand has written there is as good as nothing. */
static crm_status_t
score_kept(crm_score_t *score, const crm_write_t *w)
{
    size_t              cursor;
    long long           n;
    crm_span_t          item;
    crm_record_t        kept;
    crm_status_t        rc;
    const crm_field_t  *field;

    if (w->state == NULL || w->state->score.len == 0) {
        return CRM_OK;
    }

    rc = crm_record_parse(&kept, w->state->score, NULL, w->pool, NULL);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    field = crm_record_field(&kept, score->rule->name);
    cursor = 0;

    if (field == NULL || field->value.type != CRM_JSON_ARRAY) {
        return CRM_OK;
    }

    score->kept = crm_span_raw(field->value);

    while (crm_span_next(field->value, &cursor, NULL, &item))
    {
        if (item.type == CRM_JSON_NUMBER
            && score_integer(crm_span_raw(item), &n))
        {
            score->was += n;
        }
    }

    return CRM_OK;
}


/* A whole number, which may be written with a fraction of zeros. */
static int
score_integer(crm_str_t text, long long *n)
{
    int     negative;
    size_t  i, digits;

    negative = text.len && text.data[0] == '-';
    *n = 0;

    for (i = (size_t) negative, digits = 0; i < text.len
         && text.data[i] >= '0' && text.data[i] <= '9'; i++)
    {
        if (++digits > CRM_MAX_SCORE_DIGITS) {
            return 0;
        }

        *n = *n * 10 + (text.data[i] - '0');
    }

    if (i < text.len && text.data[i] == '.') {
        for (i++; i < text.len && text.data[i] == '0'; i++) { /* void */ }
    }

    *n = negative ? -*n : *n;

    return digits && i == text.len;
}
