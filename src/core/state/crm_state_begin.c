/*
 * The answer of scripts/begin.lua: who holds the records, or what is known of
 * each.
 *
 * A field of a record's hash that this version does not know is passed over:
 * a later version may have written it.
 */

#include "state/crm_state.h"

#include "record/crm_scan.h"


/* A mark is a list of a handful of names. */
#define STATE_LOCK_NODES  1024


static crm_status_t  begin_busy(crm_begin_t *begin, const crm_reply_t *reply,
    crm_error_t *err);
static crm_status_t  begin_settled(crm_begin_t *begin,
    const crm_reply_t *reply, crm_error_t *err);
static crm_status_t  begin_turns(crm_begin_t *begin, crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t  begin_states(crm_begin_t *begin, const crm_reply_t *reply,
    size_t n_records, crm_pool_t *pool, crm_error_t *err);
static crm_status_t  begin_snapshots(crm_begin_t *begin,
    const crm_reply_t *reply, size_t at, size_t n, crm_pool_t *pool,
    crm_error_t *err);
static crm_status_t  begin_unsettled(crm_begin_t *begin,
    const crm_reply_t *reply, size_t at, size_t *n, crm_error_t *err);
static crm_status_t  state_fields(crm_state_t *state, const crm_reply_t *e,
    size_t n, crm_pool_t *pool, crm_error_t *err);
static crm_status_t  state_touch(crm_state_t *state, crm_str_t name,
    const crm_reply_t *points, size_t n, crm_pool_t *pool, crm_error_t *err);
static crm_str_t    *state_text_of(crm_state_t *state, crm_str_t field);
static crm_status_t  state_locks(crm_state_t *state, crm_str_t json,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t  state_lock_names(crm_state_t *state, crm_span_t list,
    crm_pool_t *pool, crm_error_t *err);
static int           state_prefixed(crm_str_t name, crm_str_t prefix);


crm_status_t
crm_state_begin(crm_begin_t *begin, const crm_reply_t *reply,
    size_t n_records, crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t     word;
    crm_reply_t   states;
    crm_status_t  rc;

    memset(begin, 0, sizeof(crm_begin_t));

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(word, "ok")) {
        states = *reply;
        rc = begin_turns(begin, &states, pool, err);

        return rc == CRM_OK ? begin_states(begin, &states, n_records, pool,
                                           err) : rc;
    }

    if (reply->count != 2) {
        return crm_reply_misshapen("begin", err);
    }

    if (crm_str_is(word, "busy")) {
        return begin_busy(begin, reply, err);
    }

    if (crm_str_is(word, "epoch")) {
        begin->status = CRM_BEGIN_EPOCH;
        return crm_reply_string(&begin->epoch, &reply->elements[1], pool,
                                "a script", err);
    }

    if (crm_str_is(word, "settled")) {
        return begin_settled(begin, reply, err);
    }

    return crm_reply_misshapen("begin", err);
}


static crm_status_t
begin_busy(crm_begin_t *begin, const crm_reply_t *reply, crm_error_t *err)
{
    begin->status = CRM_BEGIN_BUSY;

    return crm_reply_number(&begin->pttl_ms, &reply->elements[1], "begin",
                            err);
}


static crm_status_t
begin_settled(crm_begin_t *begin, const crm_reply_t *reply, crm_error_t *err)
{
    const crm_reply_t  *how;

    how = &reply->elements[1];
    begin->status = CRM_BEGIN_SETTLED;

    if (how->type != CRM_REPLY_STRING) {
        return crm_reply_misshapen("begin", err);
    }

    begin->committed = crm_str_is(how->str, "committed");

    return CRM_OK;
}


/* The last element, where begin took some, is a list of its own: it is read,
 * and reply ends before it. */
static crm_status_t
begin_turns(crm_begin_t *begin, crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t              i;
    const crm_reply_t  *list, *e;

    list = &reply->elements[reply->count - 1];

    if (list->type != CRM_REPLY_ARRAY) {
        return CRM_OK;
    }

    begin->turns = crm_pool_calloc(pool, list->count + 1, sizeof(long long));
    if (begin->turns == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < list->count; i++) {
        e = &list->elements[i];

        if (e->type != CRM_REPLY_INTEGER || e->integer < -1) {
            return crm_reply_misshapen("begin", err);
        }

        begin->turns[i] = e->integer;
    }

    begin->n_turns = list->count;
    reply->count--;

    return CRM_OK;
}


/* Per record: count, then so many pairs of field and value. */
static crm_status_t
begin_states(crm_begin_t *begin, const crm_reply_t *reply, size_t n_records,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t        i, at, left;
    long long     n;
    crm_status_t  rc;

    begin->status = CRM_BEGIN_OK;
    begin->n_states = n_records;
    begin->states = crm_pool_calloc(pool, n_records, sizeof(crm_state_t));
    if (begin->states == NULL) {
        return CRM_ENOMEM;
    }

    at = 1;

    for (i = 0; i < n_records; i++) {
        if (at >= reply->count) {
            return crm_reply_misshapen("begin", err);
        }

        rc = crm_reply_number(&n, &reply->elements[at++], "begin", err);
        if (rc != CRM_OK) {
            return rc;
        }

        if (n < 0 || (unsigned long long) n > (reply->count - at) / 2) {
            return crm_reply_misshapen("begin", err);
        }

        rc = state_fields(&begin->states[i], &reply->elements[at], (size_t) n,
                          pool, err);
        if (rc != CRM_OK) {
            return rc;
        }

        at += 2 * (size_t) n;
    }

    rc = begin_unsettled(begin, reply, at, &left, err);

    return rc != CRM_OK || left == 0 ? rc
           : begin_snapshots(begin, reply, at, left, pool, err);
}


/* At the end, where begin asked for it; the same for all records. *n is how
 * many elements stand in front of it, from at on. */
static crm_status_t
begin_unsettled(crm_begin_t *begin, const crm_reply_t *reply, size_t at,
    size_t *n, crm_error_t *err)
{
    size_t              i;
    long long           ms;
    crm_status_t        rc;
    const crm_reply_t  *last;

    *n = reply->count - at;
    last = &reply->elements[reply->count - 1];

    if (*n < 2 || last->type != CRM_REPLY_INTEGER
        || last[-1].type != CRM_REPLY_STRING
        || !crm_str_is(last[-1].str, "creates"))
    {
        return CRM_OK;
    }

    *n -= 2;
    rc = crm_reply_number(&ms, last, "begin", err);

    for (i = 0; rc == CRM_OK && i < begin->n_states; i++) {
        begin->states[i].unsettled_ms = ms;
    }

    return rc;
}


/* Per record one more, where begin asked for them. */
static crm_status_t
begin_snapshots(crm_begin_t *begin, const crm_reply_t *reply, size_t at,
    size_t n, crm_pool_t *pool, crm_error_t *err)
{
    size_t              i;
    crm_str_t          *snapshot;
    const crm_reply_t  *e;

    if (n != begin->n_states) {
        return crm_reply_misshapen("begin", err);
    }

    for (i = 0; i < begin->n_states; i++) {
        e = &reply->elements[at + i];
        snapshot = &begin->states[i].snapshot;

        if (e->type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("begin", err);
        }

        *snapshot = crm_pool_dup(pool, e->str);
        if (snapshot->data == NULL) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static crm_status_t
state_fields(crm_state_t *state, const crm_reply_t *e, size_t n,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t        i;
    crm_str_t     name, rule, prefix, *text;
    crm_status_t  rc;

    prefix = CRM_STR(CRM_STATE_ONCE);
    state->once = crm_pool_calloc(pool, n, sizeof(crm_str_t));
    if (state->once == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++, e += 2) {
        if (e[0].type != CRM_REPLY_STRING || e[1].type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("begin", err);
        }

        name = e[0].str;

        if (crm_str_is(name, CRM_STATE_LOCK)
            || state_prefixed(name, CRM_STR(CRM_STATE_MAYBE)))
        {
            rc = state_locks(state, e[1].str, pool, err);
            if (rc != CRM_OK) {
                return rc;
            }

        } else if (state_prefixed(name, prefix)) {
            rule = crm_str(name.data + prefix.len, name.len - prefix.len);
            rule = crm_pool_dup(pool, rule);
            if (rule.data == NULL) {
                return CRM_ENOMEM;
            }

            state->once[state->n_once++] = rule;

        } else if (state_prefixed(name, CRM_STR(CRM_STATE_TOUCH))) {
            rc = state_touch(state, name, &e[1], n, pool, err);
            if (rc != CRM_OK) {
                return rc;
            }

        } else if ((text = state_text_of(state, name)) != NULL) {
            *text = crm_pool_dup(pool, e[1].str);
            if (text->data == NULL) {
                return CRM_ENOMEM;
            }
        }
    }

    return CRM_OK;
}


/* One of n at most. */
static crm_status_t
state_touch(crm_state_t *state, crm_str_t name, const crm_reply_t *points,
    size_t n, crm_pool_t *pool, crm_error_t *err)
{
    size_t              skip;
    crm_status_t        rc;
    crm_state_touch_t  *touch;

    if (state->touches == NULL) {
        state->touches = crm_pool_calloc(pool, n, sizeof(crm_state_touch_t));
        if (state->touches == NULL) {
            return CRM_ENOMEM;
        }
    }

    skip = sizeof(CRM_STATE_TOUCH);         /* and the sign */
    touch = &state->touches[state->n_touches];

    rc = crm_reply_number(&touch->points, points, "begin", err);
    if (rc != CRM_OK) {
        return rc;
    }

    touch->rule = crm_pool_dup(pool, crm_str(name.data + skip,
                                             name.len - skip));
    if (touch->rule.data == NULL) {
        return CRM_ENOMEM;
    }

    state->n_touches++;

    return CRM_OK;
}


/* Where a field is kept that its owner reads. */
static crm_str_t *
state_text_of(crm_state_t *state, crm_str_t field)
{
    if (crm_str_is(field, CRM_STATE_MANUAL)) {
        return &state->manual;
    }

    if (crm_str_is(field, CRM_STATE_APPROVAL)) {
        return &state->approval;
    }

    if (crm_str_is(field, CRM_STATE_SCORE)) {
        return &state->score;
    }

    if (crm_str_is(field, CRM_STATE_EVENTS)) {
        return &state->events;
    }

    if (crm_str_is(field, CRM_STATE_ESCALATION)) {
        return &state->escalation;
    }

    return crm_str_is(field, CRM_STATE_BLUEPRINT) ? &state->blueprint : NULL;
}


static crm_status_t
state_locks(crm_state_t *state, crm_str_t json, crm_pool_t *pool,
    crm_error_t *err)
{
    crm_span_t         list;
    crm_scan_t         scan;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    json = crm_pool_dup(pool, json);
    if (json.data == NULL) {
        return CRM_ENOMEM;
    }

    limits.max_nodes = STATE_LOCK_NODES;
    limits.max_depth = 2;
    crm_scan_init(&scan, json, &limits, pool);

    rc = crm_scan_value(&scan, &list, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK || list.type != CRM_JSON_ARRAY) {
        return crm_reply_misshapen("begin", err);
    }

    return state_lock_names(state, list, pool, err);
}


/* Those of the list besides those that are there. */
static crm_status_t
state_lock_names(crm_state_t *state, crm_span_t list, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t      n, cursor;
    crm_str_t   name, *locks;
    crm_span_t  value;

    n = state->n_locks;
    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        n++;
    }

    locks = crm_pool_calloc(pool, n, sizeof(crm_str_t));
    if (locks == NULL) {
        return CRM_ENOMEM;
    }

    for (n = 0; n < state->n_locks; n++) {
        locks[n] = state->locks[n];
    }

    state->locks = locks;
    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        if (value.type != CRM_JSON_STRING) {
            return crm_reply_misshapen("begin", err);
        }

        name = crm_span_text(value, pool);
        if (name.data == NULL) {
            return CRM_ENOMEM;
        }

        state->locks[state->n_locks++] = name;
    }

    return CRM_OK;
}


static int
state_prefixed(crm_str_t name, crm_str_t prefix)
{
    return name.len > prefix.len
           && memcmp(name.data, prefix.data, prefix.len) == 0;
}
