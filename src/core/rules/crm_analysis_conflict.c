/*
 * Two rules that write one field differently on one write.
 *
 * Writers of a field are compared pair by pair: do their triggers overlap, can
 * their criteria hold together. With very many writers of one field the pairs
 * are too many, and it says so.
 */

#include "rules/crm_analysis_conflict.h"

#include <stdlib.h>


#define CONFLICT_SHOWN  80      /* bytes of a value */

/* Who writes a field, in the order in which they run. */
typedef struct {
    crm_analysis_rule_t    *rule;
    crm_analysis_effect_t  *effect;
    size_t                  next;       /* in all writers, + 1 */
} writer_t;

/* Writers of one field; indices + 1. */
typedef struct {
    size_t  first;
    size_t  last;
    size_t  own;                        /* how many rules are the folder's */
} writers_t;

typedef struct {
    crm_analysis_model_t  *model;
    writer_t              *all;
    size_t                 count;
    crm_map_t              fields;      /* "module field" to writers_t */
    unsigned long          pairs;
    unsigned long long     steps;       /* that were spent before */
    size_t                 told;
    int                    stopped;
} conflict_t;


static crm_status_t conflict_collect(conflict_t *c);
static crm_status_t conflict_file(conflict_t *c, crm_analysis_rule_t *rule,
    crm_analysis_effect_t *effect);
static crm_status_t conflict_writers(conflict_t *c, const writers_t *writers);
static crm_status_t conflict_pair(conflict_t *c, const writer_t *a,
    const writer_t *b);
static int conflict_exists(conflict_t *c, const writer_t *a,
    const writer_t *b);
static crm_status_t conflict_tell(conflict_t *c, const writer_t *a,
    const writer_t *b);
static crm_str_t conflict_value(conflict_t *c, const writer_t *writer);
static const char *conflict_order(conflict_t *c, const writer_t *a,
    const writer_t *b);
static int rules_overlap(const crm_analysis_rule_t *a,
    const crm_analysis_rule_t *b);


crm_status_t
crm_analysis_conflict_find(crm_analysis_model_t *model)
{
    size_t        i;
    conflict_t    c;
    crm_status_t  rc;

    memset(&c, 0, sizeof(conflict_t));
    c.model = model;
    c.steps = crm_analysis_tree_steps(model->tree);
    crm_map_init(&c.fields, model->pool);

    rc = conflict_collect(&c);

    for (i = 0; i < c.fields.count && rc == CRM_OK && !c.stopped; i++) {
        rc = conflict_writers(&c, c.fields.entries[i].value);
    }

    if (rc == CRM_OK && c.stopped) {
        crm_findings_add(model->findings, CRM_HINT, CRM_NO_OBJECT, "", 0,
                         "analysis_limit", NULL, c.told
                         == CRM_ANALYSIS_CONFLICT_TOLD
                         ? "more rules than these write one field with"
                         " different values: mend these first"
                         : "too many rules write the same fields for each"
                         " pair of them to be compared: some conflicts may"
                         " not be told");
    }

    return rc == CRM_OK ? crm_analysis_tree_status(model->tree) : rc;
}


static crm_status_t
conflict_collect(conflict_t *c)
{
    size_t                  i, k, n;
    crm_status_t            rc;
    crm_analysis_rule_t    *rule;
    crm_analysis_effect_t  *effect;

    for (i = 0, n = 0; i < c->model->rules_count; i++) {
        n += c->model->rules[i]->effects_count;
    }

    c->all = crm_pool_calloc(c->model->pool, n + 1, sizeof(writer_t));
    if (c->all == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < c->model->rules_count; i++) {
        rule = c->model->rules[i];

        for (k = 0; k < rule->effects_count; k++) {
            effect = &rule->effects[k];

            if (effect->later || effect->field.data == NULL || !rule->live
                || !(rule->on & CRM_ANALYSIS_ON_WRITE))
            {
                continue;
            }

            rc = conflict_file(c, rule, effect);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
conflict_file(conflict_t *c, crm_analysis_rule_t *rule,
    crm_analysis_effect_t *effect)
{
    crm_str_t         key;
    writers_t        *writers;
    crm_map_entry_t  *entry;

    key = crm_pool_printf(c->model->pool, "%s %.*s", rule->module->name.data,
                          (int) effect->field.len, effect->field.data);
    entry = key.data ? crm_map_add(&c->fields, key) : NULL;
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    writers = entry->value;

    if (writers == NULL) {
        writers = crm_pool_calloc(c->model->pool, 1, sizeof(writers_t));
        if (writers == NULL) {
            return CRM_ENOMEM;
        }

        entry->value = writers;
    }

    c->all[c->count].rule = rule;
    c->all[c->count].effect = effect;
    c->count++;

    if (writers->last) {
        c->all[writers->last - 1].next = c->count;

    } else {
        writers->first = c->count;
    }

    writers->last = c->count;
    writers->own += rule->object < c->model->own;

    return CRM_OK;
}


static crm_status_t
conflict_writers(conflict_t *c, const writers_t *writers)
{
    size_t           i, k;
    crm_status_t     rc;
    const writer_t  *a, *b;

    for (i = writers->first; i && writers->own; i = a->next) {
        a = &c->all[i - 1];

        for (k = a->next; k; k = b->next) {
            b = &c->all[k - 1];

            if (++c->pairs > CRM_ANALYSIS_CONFLICT_PAIRS
                || c->told == CRM_ANALYSIS_CONFLICT_TOLD
                || crm_analysis_tree_steps(c->model->tree) - c->steps
                   > CRM_ANALYSIS_CONFLICT_STEPS)
            {
                c->stopped = 1;
                return CRM_OK;
            }

            rc = conflict_pair(c, a, b);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
conflict_pair(conflict_t *c, const writer_t *a, const writer_t *b)
{
    if ((a->rule->object >= c->model->own && b->rule->object >= c->model->own)
        || json_equal(a->effect->value, b->effect->value)
        || !conflict_exists(c, a, b))
    {
        return CRM_OK;
    }

    c->told++;

    return conflict_tell(c, a, b);
}


static int
conflict_exists(conflict_t *c, const writer_t *a, const writer_t *b)
{
    if (a->rule == b->rule) {
        return a->effect->condition == b->effect->condition;
    }

    return rules_overlap(a->rule, b->rule)
           && crm_analysis_rule_meets(c->model, a->rule, a->effect->condition,
                                      b->rule, b->effect->condition);
}


/* Tells at the one that runs later, unless it is not the folder's. */
static crm_status_t
conflict_tell(conflict_t *c, const writer_t *a, const writer_t *b)
{
    int              first_wins;
    crm_str_t        mine, theirs;
    const char      *path, *order;
    const writer_t  *at, *other;

    at = b->rule->object < c->model->own ? b : a;
    other = at == b ? a : b;
    first_wins = a->effect->first_wins && b->effect->first_wins;

    mine = conflict_value(c, at);
    theirs = conflict_value(c, other);
    order = conflict_order(c, a, b);
    path = crm_analysis_model_action_path(c->model, at->effect);

    if (path == NULL || mine.data == NULL || theirs.data == NULL
        || order == NULL)
    {
        return CRM_ENOMEM;
    }

    if (a->rule == b->rule) {
        crm_findings_add(c->model->findings, CRM_WARNING, at->rule->object,
                         path, 0, "write_conflict", NULL, "action %u sets"
                         " %.*s to %s, this one to %s: the %s wins; leave"
                         " one", other->effect->action + 1,
                         (int) at->effect->field.len, at->effect->field.data,
                         theirs.data, mine.data,
                         first_wins ? "first" : "last");
        return CRM_OK;
    }

    crm_findings_add(c->model->findings, CRM_WARNING, at->rule->object, path,
                     0, "write_conflict", NULL, "\"%.*s\" sets %.*s to %s,"
                     " and on a record that matches both, \"%.*s\" to %s:"
                     " \"%.*s\" wins, %s; make their criteria exclude one"
                     " another, or let one rule set it",
                     (int) at->rule->name.len, at->rule->name.data,
                     (int) at->effect->field.len, at->effect->field.data,
                     mine.data, (int) other->rule->name.len,
                     other->rule->name.data, theirs.data,
                     (int) (first_wins ? a : b)->rule->name.len,
                     (first_wins ? a : b)->rule->name.data, order);

    return CRM_OK;
}


/* A value as people read it, not too long. */
static crm_str_t
conflict_value(conflict_t *c, const writer_t *writer)
{
    char       *text;
    size_t      len;
    crm_str_t   s;

    if (writer->effect->value == NULL) {
        return CRM_STR("nothing");
    }

    text = json_dumps(writer->effect->value, JSON_ENCODE_ANY | JSON_COMPACT
                                             | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_STR_NULL;
    }

    len = strlen(text);
    s = crm_pool_printf(c->model->pool, "%.*s%s",
                        (int) (len < CONFLICT_SHOWN ? len : CONFLICT_SHOWN),
                        text, len > CONFLICT_SHOWN ? "..." : "");
    free(text);

    return s;
}


/* Why the one of them wins: a runs before b. */
static const char *
conflict_order(conflict_t *c, const writer_t *a, const writer_t *b)
{
    int          first;
    const char  *how;

    first = a->effect->first_wins && b->effect->first_wins;
    how = first ? "the first to assign an owner" : "the last in order";

    if (a->rule->sequence == b->rule->sequence) {
        return crm_pool_printf(c->model->pool, "%s (both have sequence %lld,"
                               " so their names decide)", how,
                               a->rule->sequence).data;
    }

    return crm_pool_printf(c->model->pool, "%s (sequence %lld %s %lld)", how,
                           (first ? a : b)->rule->sequence,
                           first ? "before" : "after",
                           (first ? b : a)->rule->sequence).data;
}


/* Whether one write can start both. */
static int
rules_overlap(const crm_analysis_rule_t *a, const crm_analysis_rule_t *b)
{
    unsigned  edits;

    edits = CRM_ANALYSIS_ON_EDIT | CRM_ANALYSIS_ON_FIELD;

    return (a->on & b->on & CRM_ANALYSIS_ON_CREATE)
           || ((a->on & edits) && (b->on & edits));
}
