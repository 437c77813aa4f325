/*
 * Scoring rules: what a record is worth.
 */

#include "transform/crm_score.h"



static int score_may(const crm_write_t *w);
static crm_status_t score_points(crm_write_t *w, crm_eval_t *eval,
    int *changed);
static crm_status_t score_set(crm_write_t *w, crm_changes_t *changes,
    const crm_score_t *score, int again);
static crm_status_t score_same(const crm_write_t *w, crm_str_t name,
    crm_str_t json, crm_span_t *old, int *same);
static long long score_value(const crm_score_t *score, size_t field);
static crm_status_t score_lay(crm_write_t *w, const crm_changes_t *changes);
static crm_status_t score_laid(crm_record_t *laid, const crm_write_t *w,
    const crm_changes_t *changes);
static void score_keep(crm_buf_t *buf, const crm_scores_t *scores,
    size_t *n);


crm_status_t
crm_score_first(crm_write_t *write, crm_changes_t *changes)
{
    int           changed;
    size_t        i, n;
    crm_status_t  rc;

    write->scores = NULL;

    if (!score_may(write)) {
        return CRM_OK;
    }

    rc = crm_score_begin(write);
    if (rc == CRM_OK) {
        rc = score_points(write, &write->after_eval, &changed);
    }

    n = changes->real;

    for (i = 0; rc == CRM_OK && i < write->scores->count; i++) {
        rc = score_set(write, changes, &write->scores->items[i], 0);
    }

    return rc == CRM_OK && changes->real != n ? score_lay(write, changes)
                                              : rc;
}


crm_status_t
crm_score_second(crm_write_t *write, crm_changes_t *changes)
{
    size_t         i;
    crm_eval_t    *eval;
    crm_image_t   *image;
    crm_status_t   rc;

    if (write->scores == NULL || changes->real == 0) {
        return CRM_OK;
    }

    image = crm_pool_alloc(write->pool, sizeof(crm_image_t));
    eval = crm_pool_alloc(write->pool, sizeof(crm_eval_t));

    if (image == NULL || eval == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_changes_image(image, changes, &write->after,
                           &write->module->schema, write->pool);
    if (rc == CRM_OK) {
        rc = crm_eval_init(eval, image, &write->module->predicates,
                           &write->scope, write->pool);
    }
    if (rc == CRM_OK) {
        rc = score_points(write, eval, &write->scores->second);
    }

    for (i = 0; rc == CRM_OK && write->scores->second
                && i < write->scores->count; i++)
    {
        rc = score_set(write, changes, &write->scores->items[i], 1);
    }

    return rc;
}


static int
score_may(const crm_write_t *w)
{
    return w->module->scorings.count != 0 && w->request != NULL
           && (w->operation == CRM_OP_CREATE
               || w->operation == CRM_OP_UPDATE);
}


/* Adds up what the record of eval is worth; *changed: another sum than the one
 * that stood there. */
static crm_status_t
score_points(crm_write_t *w, crm_eval_t *eval, int *changed)
{
    size_t                   i, k;
    crm_score_t             *score, old;
    crm_truth_t              truth;
    const crm_score_rule_t  *rule;

    *changed = 0;
    w->scores->eval = eval;

    for (i = 0; i < w->scores->count; i++) {
        score = &w->scores->items[i];
        old = *score;

        score->positive = score->touch_positive;
        score->negative = score->touch_negative;
        score->matched = 0;
        score->reason = w->shared && score->rule->fields[CRM_SCORE_TOTAL].len
                        ? "mass_write" : NULL;

        for (k = 0; k < score->rule->rules_count; k++) {
            rule = &score->rule->rules[k];
            truth = crm_eval_criteria(eval, &rule->criteria);

            if (eval->status != CRM_OK) {
                return eval->status;
            }

            if (truth == CRM_MAYBE) {
                score->reason = "unknown_field";

            } else if (truth == CRM_TRUE) {
                score->matched |= 1ULL << k;
                *(rule->score < 0 ? &score->negative : &score->positive)
                    += rule->score;
            }
        }

        if (old.positive != score->positive || old.negative != score->negative
            || (old.reason != NULL) != (score->reason != NULL))
        {
            *changed = 1;
        }
    }

    return CRM_OK;
}


static crm_status_t
score_set(crm_write_t *w, crm_changes_t *changes, const crm_score_t *score,
    int again)
{
    int           same;
    size_t        i;
    crm_str_t     json, name;
    crm_span_t    old;
    crm_status_t  rc;

    for (i = 0; score->reason == NULL && i < CRM_SCORE_FIELDS; i++) {
        name = score->rule->fields[i];

        if (name.len == 0) {
            continue;
        }

        json = crm_pool_printf(w->pool, "%lld", score_value(score, i));
        if (json.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = score_same(w, name, json, &old, &same);
        if (rc != CRM_OK) {
            return rc;
        }

        /* what was laid into the write already must be overruled */

        if (again && crm_changes_find(changes, name)) {
            same = 0;
        }

        if (!same) {
            rc = crm_changes_set(changes, name, json, old, 0, score->setter,
                                 w->pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Whether the field holds that if nobody sets it; where there is nothing, that
 * is as good as 0. */
static crm_status_t
score_same(const crm_write_t *w, crm_str_t name, crm_str_t json,
    crm_span_t *old, int *same)
{
    crm_value_t         now, then;
    crm_status_t        rc;
    const crm_field_t  *field;

    memset(old, 0, sizeof(crm_span_t));

    field = crm_record_field(w->asked ? w->asked : w->request, name);

    if (field == NULL && w->before) {
        field = crm_record_field(w->before, name);
    }

    if (field == NULL) {
        *same = crm_str_is(json, "0") && (!w->before || w->absent_is_null);
        return CRM_OK;
    }

    *old = field->value;

    rc = crm_value_from_span(&now, field->value, w->pool);
    if (rc == CRM_OK && now.type == CRM_VALUE_EMPTY) {
        *same = crm_str_is(json, "0");
        return CRM_OK;
    }

    if (rc == CRM_OK) {
        rc = crm_value_parse(&then, json, w->pool);
    }

    return rc == CRM_OK ? crm_write_same(w, field->name, field->hash, &now,
                                         &then, same) : rc;
}


static long long
score_value(const crm_score_t *score, size_t field)
{
    switch (field) {

    case CRM_SCORE_TOTAL:
        return crm_score_sum(score);

    case CRM_SCORE_POSITIVE:
        return score->positive;

    case CRM_SCORE_NEGATIVE:
        return score->negative;

    case CRM_SCORE_TOUCH_TOTAL:
        return score->touch_positive + score->touch_negative;

    case CRM_SCORE_TOUCH_POSITIVE:
        return score->touch_positive;

    default: /* CRM_SCORE_TOUCH_NEGATIVE */
        return score->touch_negative;
    }
}


long long
crm_score_sum(const crm_score_t *score)
{
    return score->positive + score->negative;
}


/* All rules are to see them: the request has them. What the gates have found
 * stays. */
static crm_status_t
score_lay(crm_write_t *w, const crm_changes_t *changes)
{
    crm_status_t          rc;
    crm_record_t          laid, *request;
    struct crm_course_s  *course;

    request = crm_pool_alloc(w->pool, sizeof(crm_record_t));
    if (request == NULL) {
        return CRM_ENOMEM;
    }

    rc = score_laid(&laid, w, changes);
    if (rc == CRM_OK) {
        rc = crm_image_merge(request, w->request, &laid, w->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    request->object = w->request->object;

    w->asked = w->asked ? w->asked : w->request;
    w->request = request;

    course = w->course;
    rc = crm_write_init(w, w->pool);
    w->course = course;

    return rc;
}


static crm_status_t
score_laid(crm_record_t *laid, const crm_write_t *w,
    const crm_changes_t *changes)
{
    size_t         i;
    crm_value_t    value;
    crm_field_t   *field;
    crm_status_t   rc;

    memset(laid, 0, sizeof(crm_record_t));
    laid->fields = crm_pool_calloc(w->pool, changes->count + 1,
                                   sizeof(crm_field_t));
    if (laid->fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < changes->count; i++) {
        rc = crm_value_parse(&value, changes->items[i].json, w->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        field = &laid->fields[laid->count++];
        field->name = changes->items[i].field;
        field->hash = crm_str_hash(field->name);
        field->value = value.span;
    }

    return CRM_OK;
}


int
crm_score_starts(const crm_write_t *write, const crm_workflow_t *rule)
{
    size_t                      i, k;
    long long                   moved;
    const crm_score_t          *score;
    const crm_score_trigger_t  *trigger;

    trigger = rule->score;

    for (i = 0; write->scores && i < write->scores->count; i++) {
        score = &write->scores->items[i];

        if (score->reason || !score->has_was) {
            continue;
        }

        for (k = 0; k < trigger->rules_count
             && !crm_str_eq(trigger->rules[k], score->rule->name); k++)
        {
            /* void */
        }

        if (trigger->rules_count && k == trigger->rules_count) {
            continue;
        }

        moved = crm_score_sum(score) - score->was;

        if ((moved > 0 && rule->trigger != CRM_TRIGGER_SCORE_DECREASE)
            || (moved < 0 && rule->trigger != CRM_TRIGGER_SCORE_INCREASE))
        {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_score_follow(crm_effects_t *effects, const crm_write_t *write)
{
    size_t        n;
    crm_buf_t     buf;
    crm_status_t  rc;

    if (write->scores == NULL) {
        return CRM_OK;
    }

    crm_buf_init(&buf, write->pool, 0);
    score_keep(&buf, write->scores, &n);

    rc = crm_buf_status(&buf);

    if (rc != CRM_OK || n == 0
        || (write->state
            && crm_str_eq(write->state->score, crm_buf_view(&buf))))
    {
        return rc;
    }

    return crm_effects_set(effects, CRM_STATE_SCORE, crm_buf_view(&buf),
                           write->pool);
}


/* Those that no field takes; what one is not known to be, stays as it is. */
static void
score_keep(crm_buf_t *buf, const crm_scores_t *scores, size_t *n)
{
    size_t              i;
    const crm_score_t  *score;

    *n = 0;
    crm_buf_putc(buf, '{');

    for (i = 0; i < scores->count; i++) {
        score = &scores->items[i];

        if (score->rule->fields[CRM_SCORE_TOTAL].len
            || (score->reason && score->kept.len == 0))
        {
            continue;
        }

        crm_buf_puts(buf, (*n)++ ? "," : "");
        crm_buf_json(buf, score->rule->name);

        if (score->reason) {
            crm_buf_putc(buf, ':');
            crm_buf_str(buf, score->kept);
            continue;
        }

        crm_buf_puts(buf, ":[");
        crm_buf_int(buf, score->positive);
        crm_buf_putc(buf, ',');
        crm_buf_int(buf, score->negative);
        crm_buf_putc(buf, ']');
    }

    crm_buf_putc(buf, '}');
}


void
crm_score_tell(crm_buf_t *buf, const crm_scores_t *scores)
{
    int                 n;
    size_t              i, k;
    const crm_score_t  *score;

    for (i = 0; scores && i < scores->count; i++) {
        score = &scores->items[i];

        crm_buf_puts(buf, i ? ",{\"rule_id\":" : ",\"scores\":[{\"rule_id\":");
        crm_buf_json(buf, score->rule->name);
        crm_buf_puts(buf, ",\"was\":");

        if (score->has_was) {
            crm_buf_int(buf, score->was);
        } else {
            crm_buf_puts(buf, "null");
        }

        if (score->reason) {
            crm_buf_puts(buf, ",\"reason\":\"");
            crm_buf_puts(buf, score->reason);
            crm_buf_puts(buf, "\"}");
            continue;
        }

        crm_buf_puts(buf, ",\"score\":");
        crm_buf_int(buf, crm_score_sum(score));
        crm_buf_puts(buf, ",\"positive\":");
        crm_buf_int(buf, score->positive);
        crm_buf_puts(buf, ",\"negative\":");
        crm_buf_int(buf, score->negative);

        if (score->rule->touches_count) {
            crm_buf_puts(buf, ",\"touch_points\":");
            crm_buf_int(buf, score->touch_positive + score->touch_negative);
        }

        crm_buf_puts(buf, ",\"matched\":[");

        for (k = 0, n = 0; k < score->rule->rules_count; k++) {
            if (score->matched & (1ULL << k)) {
                crm_buf_puts(buf, n++ ? "," : "");
                crm_buf_int(buf, (long long) k + 1);
            }
        }

        crm_buf_puts(buf, scores->second ? "],\"pass\":2}" : "]}");
    }

    crm_buf_puts(buf, i ? "]" : "");
}
