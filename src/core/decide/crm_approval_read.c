/*
 * Where a record stands in an approval process: the state is read.
 */

#include "decide/crm_approval_state.h"

#include "base/crm_limits.h"
#include "record/crm_scan.h"


#define STATE_MAX_NODES  200000
#define STATE_MAX_DEPTH  8


static crm_status_t state_read(crm_approval_state_t *state, crm_span_t doc,
    crm_pool_t *pool);
static crm_status_t state_texts(crm_approval_state_t *state, crm_span_t doc,
    crm_pool_t *pool);
static crm_status_t state_numbers(crm_approval_state_t *state,
    crm_span_t doc);
static crm_status_t state_levels(crm_approval_state_t *state, crm_span_t list,
    crm_pool_t *pool);
static crm_status_t state_ids(crm_who_t *who, crm_span_t list,
    crm_pool_t *pool);
static crm_status_t state_history(crm_approval_state_t *state,
    crm_span_t list, crm_pool_t *pool);
static crm_status_t state_entry(crm_approval_entry_t *entry, crm_span_t item,
    crm_pool_t *pool);
static size_t state_count(crm_span_t list);
static crm_status_t state_text(crm_str_t *text, crm_span_t doc,
    const char *name, crm_pool_t *pool);
static crm_status_t state_number(long long *n, crm_span_t doc,
    const char *name);
static int state_word(crm_span_t doc, const char *name,
    const char *const *words, crm_pool_t *pool);


crm_status_t
crm_approval_state_parse(crm_approval_state_t *state, crm_str_t text,
    crm_pool_t *pool)
{
    crm_scan_t         scan;
    crm_span_t         doc;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    memset(state, 0, sizeof(crm_approval_state_t));

    if (text.len == 0) {
        return CRM_OK;
    }

    limits.max_nodes = STATE_MAX_NODES;
    limits.max_depth = STATE_MAX_DEPTH;
    crm_scan_init(&scan, text, &limits, pool);

    rc = crm_scan_value(&scan, &doc, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }
    if (rc == CRM_OK) {
        rc = doc.type == CRM_JSON_OBJECT ? state_read(state, doc, pool)
                                         : CRM_EINVAL;
    }

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc : CRM_EINVAL;
}


static crm_status_t
state_read(crm_approval_state_t *state, crm_span_t doc, crm_pool_t *pool)
{
    int           status, mode;
    crm_status_t  rc;

    status = state_word(doc, "state", crm_approval_statuses, pool);
    mode = state_word(doc, "mode", crm_approval_modes, pool);

    if (status <= 0 || mode < 0) {
        return CRM_EINVAL;
    }

    state->status = (crm_approval_status_t) status;
    state->mode = (crm_approval_mode_t) mode;

    rc = state_texts(state, doc, pool);
    if (rc == CRM_OK) {
        rc = state_levels(state, crm_span_member(doc, CRM_STR("approvers")),
                          pool);
    }
    if (rc == CRM_OK) {
        rc = state_ids(&state->given,
                       crm_span_member(doc, CRM_STR("given")), pool);
    }
    if (rc == CRM_OK) {
        rc = state_history(state, crm_span_member(doc, CRM_STR("history")),
                           pool);
    }

    return rc == CRM_OK ? state_numbers(state, doc) : rc;
}


static crm_status_t
state_texts(crm_approval_state_t *state, crm_span_t doc, crm_pool_t *pool)
{
    crm_status_t  rc;

    rc = state_text(&state->process, doc, "process", pool);
    if (rc == CRM_OK) {
        rc = state_text(&state->submitter, doc, "submitter", pool);
    }
    if (rc == CRM_OK) {
        rc = state_text(&state->owner, doc, "owner", pool);
    }

    return rc == CRM_OK ? state_text(&state->event, doc, "event", pool) : rc;
}


static crm_status_t
state_numbers(crm_approval_state_t *state, crm_span_t doc)
{
    long long     rule, level;
    crm_status_t  rc;

    rc = state_number(&rule, doc, "rule");
    if (rc == CRM_OK) {
        rc = state_number(&level, doc, "level");
    }
    if (rc == CRM_OK) {
        rc = state_number(&state->revision, doc, "revision");
    }
    if (rc == CRM_OK) {
        rc = state_number(&state->at_ms, doc, "at");
    }
    if (rc == CRM_OK) {
        rc = state_number(&state->decided_ms, doc, "decided");
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (rule < 1 || rule > CRM_MAX_CONDITIONS || level < 1
        || (size_t) level > state->levels_count)
    {
        return CRM_EINVAL;
    }

    state->rule = (unsigned) rule;
    state->level = (unsigned) level;

    return CRM_OK;
}


static crm_status_t
state_levels(crm_approval_state_t *state, crm_span_t list, crm_pool_t *pool)
{
    size_t        cursor;
    crm_span_t    item;
    crm_status_t  rc;

    if (list.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    state->levels = crm_pool_calloc(pool, state_count(list) + 1,
                                    sizeof(crm_who_t));
    if (state->levels == NULL) {
        return CRM_ENOMEM;
    }

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        rc = state_ids(&state->levels[state->levels_count++], item, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
state_ids(crm_who_t *who, crm_span_t list, crm_pool_t *pool)
{
    size_t      cursor;
    crm_span_t  item;

    if (list.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    who->ids = crm_pool_calloc(pool, state_count(list) + 1,
                               sizeof(crm_str_t));
    if (who->ids == NULL) {
        return CRM_ENOMEM;
    }

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        if (item.type != CRM_JSON_STRING) {
            return CRM_EINVAL;
        }

        who->ids[who->count] = crm_span_text(item, pool);
        if (who->ids[who->count++].data == NULL) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static crm_status_t
state_history(crm_approval_state_t *state, crm_span_t list, crm_pool_t *pool)
{
    size_t        cursor;
    crm_span_t    item;
    crm_status_t  rc;

    if (list.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    state->history = crm_pool_calloc(pool, state_count(list) + 1,
                                     sizeof(crm_approval_entry_t));
    if (state->history == NULL) {
        return CRM_ENOMEM;
    }

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        rc = item.type == CRM_JSON_OBJECT
             ? state_entry(&state->history[state->history_count++], item,
                           pool) : CRM_EINVAL;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
state_entry(crm_approval_entry_t *entry, crm_span_t item, crm_pool_t *pool)
{
    long long     level;
    crm_status_t  rc;

    rc = state_text(&entry->action, item, "action", pool);
    if (rc == CRM_OK) {
        rc = state_text(&entry->user, item, "user", pool);
    }
    if (rc == CRM_OK) {
        rc = state_text(&entry->comments, item, "comments", pool);
    }
    if (rc == CRM_OK) {
        rc = state_text(&entry->to, item, "to", pool);
    }
    if (rc == CRM_OK) {
        rc = state_number(&entry->at_ms, item, "at");
    }
    if (rc == CRM_OK) {
        rc = state_number(&level, item, "level");
        entry->level = rc == CRM_OK ? (unsigned) (level % 1000) : 0;
    }

    return rc;
}


static size_t
state_count(crm_span_t list)
{
    size_t      n, cursor;
    crm_span_t  item;

    n = 0;
    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        n++;
    }

    return n;
}


static crm_status_t
state_text(crm_str_t *text, crm_span_t doc, const char *name,
    crm_pool_t *pool)
{
    crm_span_t  value;

    value = crm_span_member(doc, crm_strz(name));

    if (value.type != CRM_JSON_STRING) {
        return CRM_EINVAL;
    }

    *text = crm_span_text(value, pool);

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
state_number(long long *n, crm_span_t doc, const char *name)
{
    size_t      i;
    crm_span_t  value;

    value = crm_span_member(doc, crm_strz(name));
    *n = 0;

    if (value.type != CRM_JSON_NUMBER || value.len > 18) {
        return CRM_EINVAL;
    }

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return CRM_EINVAL;
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return CRM_OK;
}


/* The place of the word that a member is; -1: it is none of them. */
static int
state_word(crm_span_t doc, const char *name, const char *const *words,
    crm_pool_t *pool)
{
    int        i;
    crm_str_t  text;

    if (state_text(&text, doc, name, pool) != CRM_OK) {
        return -1;
    }

    for (i = 0; words[i]; i++) {
        if (crm_str_is(text, words[i])) {
            return i;
        }
    }

    return -1;
}
