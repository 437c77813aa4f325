/*
 * Answers of the scripts that a write runs and of those that keep the rules:
 * scripts/{prepare,commit,rules,…}.lua; that of begin is crm_state_begin.c's.
 */

#include "state/crm_state.h"

#include "base/crm_buf.h"


static int           state_has(const crm_str_t *list, size_t n, crm_str_t s);
static crm_status_t  state_revision(long long *n, const crm_reply_t *reply,
    crm_error_t *err);


int
crm_state_has_lock(const crm_state_t *state, crm_str_t rule)
{
    return state_has(state->locks, state->n_locks, rule);
}


int
crm_state_has_once(const crm_state_t *state, crm_str_t rule)
{
    return state_has(state->once, state->n_once, rule);
}


crm_str_t
crm_state_lock_encode(crm_pool_t *pool, const crm_str_t *rules, size_t n)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_json_list(&buf, rules, n);

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}


crm_str_t
crm_state_once_field(crm_pool_t *pool, crm_str_t rule)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, CRM_STATE_ONCE);
    crm_buf_str(&buf, rule);

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}


crm_status_t
crm_state_prepare(crm_prepare_status_t *status, const crm_reply_t *reply,
    crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    static const char *const  words[] = { "ok", "lost", NULL };

    rc = crm_reply_choice(&choice, reply, words, "prepare", err);

    if (rc == CRM_OK) {
        *status = (crm_prepare_status_t) choice;
    }

    return rc;
}


crm_status_t
crm_state_chain(crm_chain_status_t *status, const crm_reply_t *reply,
    crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    static const char *const  words[] = {
        "ok", "used", "done", "pending", NULL
    };

    rc = crm_reply_choice(&choice, reply, words, "chain", err);

    if (rc == CRM_OK) {
        *status = (crm_chain_status_t) choice;
    }

    return rc;
}


crm_status_t
crm_state_commit(crm_commit_t *commit, const crm_reply_t *reply,
    crm_error_t *err)
{
    crm_str_t     word;
    crm_status_t  rc;

    commit->status = CRM_COMMIT_DONE;
    commit->pushed = 0;

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(word, "done")) {
        return CRM_OK;
    }

    if (crm_str_is(word, "stale")) {
        commit->status = CRM_COMMIT_STALE;
        return CRM_OK;
    }

    if (crm_str_is(word, "lapsed")) {
        commit->status = CRM_COMMIT_LAPSED;
        return CRM_OK;
    }

    if (crm_str_is(word, "ok")) {
        commit->status = CRM_COMMIT_OK;

    } else if (crm_str_is(word, "late")) {
        commit->status = CRM_COMMIT_LATE;

    } else {
        return crm_reply_misshapen("commit", err);
    }

    if (reply->count != 2) {
        return crm_reply_misshapen("commit", err);
    }

    return crm_reply_number(&commit->pushed, &reply->elements[1], "commit",
                            err);
}


crm_status_t
crm_state_abort(crm_abort_status_t *status, const crm_reply_t *reply,
    crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    static const char *const  words[] = { "ok", "committed", "stale", NULL };

    rc = crm_reply_choice(&choice, reply, words, "abort", err);

    if (rc == CRM_OK) {
        *status = (crm_abort_status_t) choice;
    }

    return rc;
}


crm_status_t
crm_state_rules(crm_rules_t *rules, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t           word;
    crm_status_t        rc;
    const crm_reply_t  *e;

    memset(rules, 0, sizeof(crm_rules_t));

    rc = crm_reply_word(&word, reply, 7, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (!crm_str_is(word, "ok")) {
        return crm_reply_misshapen("rules", err);
    }

    e = reply->elements;

    rc = crm_reply_string(&rules->epoch, &e[1], pool, "a script", err);
    if (rc == CRM_OK) {
        rc = state_revision(&rules->revision, &e[2], err);
    }
    if (rc == CRM_OK) {
        rc = crm_reply_number(&rules->now_ms, &e[3], "rules", err);
    }
    if (rc == CRM_OK) {
        rc = crm_reply_number(&rules->intents, &e[4], "rules", err);
    }
    if (rc == CRM_OK) {
        rc = crm_reply_string(&rules->accepted, &e[5], pool, "a script", err);
    }
    if (rc == CRM_OK) {
        rc = crm_reply_number(&rules->undetermined, &e[6], "rules", err);
    }

    return rc;
}


crm_status_t
crm_state_publish(crm_publish_t *publish, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t     word;
    crm_status_t  rc;

    memset(publish, 0, sizeof(crm_publish_t));

    rc = crm_reply_word(&word, reply, 3, err);
    if (rc != CRM_OK) {
        return rc;
    }

    publish->conflict = crm_str_is(word, "conflict");
    if (!publish->conflict && !crm_str_is(word, "ok")) {
        return crm_reply_misshapen("publish", err);
    }

    rc = state_revision(&publish->revision, &reply->elements[1], err);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_reply_string(&publish->epoch, &reply->elements[2], pool,
                            "a script", err);
}


static int
state_has(const crm_str_t *list, size_t n, crm_str_t s)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (crm_str_eq(list[i], s)) {
            return 1;
        }
    }

    return 0;
}


/* An empty text is revision 0: nothing was ever applied. */
static crm_status_t
state_revision(long long *n, const crm_reply_t *reply, crm_error_t *err)
{
    crm_status_t  rc;

    if (reply->type == CRM_REPLY_STRING && reply->str.len == 0) {
        *n = 0;
        return CRM_OK;
    }

    rc = crm_reply_number(n, reply, "a script", err);

    return rc == CRM_OK && *n < 0 ? crm_reply_misshapen("a script", err)
                                  : rc;
}
