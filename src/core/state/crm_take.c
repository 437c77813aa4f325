/*
 * Answers of the worker's scripts: scripts/{take,renew,done,…}.lua.
 */

#include "state/crm_take.h"


/* ok, moved, duplicates, malformed, wait, left, first of what was pulled */
#define TAKE_HEAD  7
#define TAKE_JOB   4            /* id, what it is, sequence, body */

/* pull: ok, id */
#define TAKE_PULL  2


static crm_status_t  take_job(crm_job_t *job, const crm_reply_t *e,
    crm_error_t *err);
static crm_str_t  take_word(crm_str_t *left);
static crm_status_t  take_ok(const crm_reply_t *reply, size_t min,
    crm_error_t *err);


crm_status_t
crm_take_parse(crm_take_t *take, const crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t              i;
    crm_status_t        rc;
    const crm_reply_t  *e;

    memset(take, 0, sizeof(crm_take_t));

    rc = take_ok(reply, TAKE_HEAD, err);
    if (rc != CRM_OK) {
        return rc;
    }

    e = reply->elements;

    if (crm_reply_number(&take->moved, &e[1], "take", err) != CRM_OK
        || crm_reply_number(&take->duplicates, &e[2], "take", err) != CRM_OK
        || crm_reply_number(&take->malformed, &e[3], "take", err) != CRM_OK
        || crm_reply_number(&take->wait_ms, &e[4], "take", err) != CRM_OK
        || crm_reply_number(&take->left, &e[5], "take", err) != CRM_OK
        || crm_reply_number(&take->first, &e[6], "take", err) != CRM_OK)
    {
        return CRM_EINVAL;
    }

    if ((reply->count - TAKE_HEAD) % TAKE_JOB != 0) {
        return crm_reply_misshapen("take", err);
    }

    take->n_jobs = (reply->count - TAKE_HEAD) / TAKE_JOB;
    take->jobs = crm_pool_calloc(pool, take->n_jobs, sizeof(crm_job_t));
    if (take->jobs == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < take->n_jobs; i++) {
        rc = take_job(&take->jobs[i], &e[TAKE_HEAD + i * TAKE_JOB], err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
take_job(crm_job_t *job, const crm_reply_t *e, crm_error_t *err)
{
    size_t       i;
    long long    foreign;
    crm_str_t    left;
    crm_reply_t  word;

    long long *const  numbers[] = { &job->lease.fence, &job->attempts,
                                    &job->deliveries, &foreign };

    if (e[0].type != CRM_REPLY_STRING || e[1].type != CRM_REPLY_STRING
        || e[3].type != CRM_REPLY_STRING)
    {
        return crm_reply_misshapen("take", err);
    }

    left = e[1].str;

    if (crm_queue_parse(&job->queue, take_word(&left)) != CRM_OK) {
        return crm_reply_misshapen("take", err);
    }

    memset(&word, 0, sizeof(crm_reply_t));
    word.type = CRM_REPLY_STRING;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        word.str = take_word(&left);

        if (crm_reply_number(numbers[i], &word, "take", err) != CRM_OK) {
            return CRM_EINVAL;
        }
    }

    if (crm_reply_number(&job->sequence, &e[2], "take", err) != CRM_OK) {
        return CRM_EINVAL;
    }

    job->lease.id = e[0].str;
    job->body = e[3].str;
    job->foreign = foreign != 0;

    return left.len == 0 ? CRM_OK : crm_reply_misshapen("take", err);
}


/* Up to the next blank, which goes, too. */
static crm_str_t
take_word(crm_str_t *left)
{
    size_t     n;
    crm_str_t  word;

    for (n = 0; n < left->len && left->data[n] != ' '; n++) {
        /* void */
    }

    word = crm_str(left->data, n);
    n += n < left->len;
    *left = crm_str(left->data + n, left->len - n);

    return word;
}


crm_status_t
crm_take_pull(crm_str_t *id, const crm_reply_t *reply, crm_error_t *err)
{
    const crm_reply_t  *e;

    e = reply->elements;

    if (crm_reply_is_error(reply, "OOM")
        || (reply->type == CRM_REPLY_ARRAY && reply->count == 1
            && e[0].type == CRM_REPLY_STRING
            && crm_str_is(e[0].str, "none")))
    {
        return CRM_DECLINED;
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != TAKE_PULL
        || e[0].type != CRM_REPLY_STRING || !crm_str_is(e[0].str, "ok")
        || e[1].type != CRM_REPLY_STRING)
    {
        return crm_reply_misshapen("pull", err);
    }

    *id = e[1].str;

    return CRM_OK;
}


crm_status_t
crm_take_pulled(crm_pulled_t *pulled, const crm_reply_t *reply,
    crm_error_t *err)
{
    size_t  i;

    memset(pulled, 0, sizeof(crm_pulled_t));

    if (reply->type != CRM_REPLY_ARRAY) {
        return crm_reply_misshapen("pull", err);
    }

    for (i = 0; i < reply->count; i++) {
        if (reply->elements[i].type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("pull", err);
        }
    }

    pulled->texts = reply->elements;
    pulled->n = reply->count;

    return CRM_OK;
}


crm_status_t
crm_take_held(int *held, size_t n, const crm_reply_t *reply,
    crm_error_t *err)
{
    size_t        i;
    long long     ours;
    crm_status_t  rc;

    rc = take_ok(reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->count != n + 1) {
        return crm_reply_misshapen("renew or done", err);
    }

    for (i = 0; i < n; i++) {
        rc = crm_reply_number(&ours, &reply->elements[i + 1],
                               "renew or done", err);
        if (rc != CRM_OK) {
            return rc;
        }

        held[i] = ours != 0;
    }

    return CRM_OK;
}


crm_status_t
crm_take_settled(crm_settle_t *settle, crm_str_t *note,
    const crm_reply_t *reply, crm_error_t *err)
{
    crm_str_t     word;
    crm_status_t  rc;

    if (note != NULL) {
        *note = CRM_STR("");
    }

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(word, "ok")) {
        *settle = CRM_SETTLE_OK;

    } else if (crm_str_is(word, "stale")) {
        *settle = CRM_SETTLE_STALE;

    } else if (crm_str_is(word, "behind")) {
        *settle = CRM_SETTLE_BEHIND;

    } else {
        return crm_reply_misshapen("retry or dead", err);
    }

    if (reply->count > 2
        || (reply->count == 2
            && reply->elements[1].type != CRM_REPLY_STRING))
    {
        return crm_reply_misshapen("retry or dead", err);
    }

    if (note != NULL && reply->count == 2) {
        *note = reply->elements[1].str;
    }

    return CRM_OK;
}


crm_status_t
crm_take_turn(crm_settle_t *settle, long long *n, long long count,
    const crm_reply_t *reply, crm_error_t *err)
{
    crm_str_t     word;
    crm_status_t  rc;

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(word, "stale")) {
        *settle = CRM_SETTLE_STALE;
        return CRM_OK;
    }

    if (!crm_str_is(word, "ok") || reply->count != 2) {
        return crm_reply_misshapen("turn", err);
    }

    *settle = CRM_SETTLE_OK;

    rc = crm_reply_number(n, &reply->elements[1], "turn", err);

    return rc != CRM_OK || (*n >= 0 && *n < count)
           ? rc : crm_reply_misshapen("turn", err);
}


crm_status_t
crm_take_recall(crm_settle_t *settle, crm_recall_t *recall,
    const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err)
{
    size_t        i;
    crm_str_t     word;
    crm_status_t  rc;

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(word, "stale")) {
        *settle = CRM_SETTLE_STALE;
        return CRM_OK;
    }

    if (!crm_str_is(word, "ok") || reply->count < 2) {
        return crm_reply_misshapen("recall", err);
    }

    *settle = CRM_SETTLE_OK;
    recall->count = reply->count - 2;
    recall->answers = crm_pool_calloc(pool, recall->count + 1,
                                      sizeof(crm_str_t));
    if (recall->answers == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < recall->count; i++) {
        rc = crm_reply_string(&recall->answers[i], &reply->elements[2 + i],
                              pool, "recall", err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return crm_reply_number(&recall->now_ms, &reply->elements[1], "recall",
                            err);
}


crm_status_t
crm_take_quota(int *room, const crm_reply_t *reply, crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    static const char *const  words[] = { "ok", "over", NULL };

    rc = crm_reply_choice(&choice, reply, words, "quota", err);

    if (rc == CRM_OK) {
        *room = choice == 0;
    }

    return rc;
}


crm_status_t
crm_take_reaped(crm_reaped_t *reaped, const crm_reply_t *reply,
    crm_error_t *err)
{
    size_t        i;
    crm_status_t  rc;

    long long *const  numbers[] = { &reaped->ready, &reaped->dead,
                                    &reaped->now_ms, &reaped->stepped };

    rc = take_ok(reply, 5, err);

    for (i = 0; i < 4 && rc == CRM_OK; i++) {
        rc = crm_reply_number(numbers[i], &reply->elements[i + 1], "reap",
                              err);
    }

    return rc;
}


crm_status_t
crm_take_promoted(crm_promoted_t *promoted, const crm_reply_t *reply,
    crm_error_t *err)
{
    crm_status_t  rc;

    rc = take_ok(reply, 3, err);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_reply_number(&promoted->ready, &reply->elements[1], "promote",
                          err);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_reply_number(&promoted->next_ms, &reply->elements[2], "promote",
                            err);
}


crm_status_t
crm_take_changed(crm_changed_t *changed, size_t n, const crm_reply_t *reply,
    crm_error_t *err)
{
    size_t        i;
    long long     what;
    crm_status_t  rc;

    rc = take_ok(reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->count != n + 1) {
        return crm_reply_misshapen("a change of jobs", err);
    }

    for (i = 0; i < n; i++) {
        rc = crm_reply_number(&what, &reply->elements[i + 1],
                              "a change of jobs", err);
        if (rc != CRM_OK) {
            return rc;
        }

        if (what < CRM_CHANGED_NO_JOB || what > CRM_CHANGED) {
            return crm_reply_misshapen("a change of jobs", err);
        }

        changed[i] = (crm_changed_t) what;
    }

    return CRM_OK;
}


static crm_status_t
take_ok(const crm_reply_t *reply, size_t min, crm_error_t *err)
{
    crm_str_t     word;
    crm_status_t  rc;

    rc = crm_reply_word(&word, reply, min, err);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_str_is(word, "ok") ? CRM_OK
                                  : crm_reply_misshapen("a script", err);
}


crm_status_t
crm_take_tick(crm_tick_t *tick, const crm_reply_t *reply, crm_error_t *err)
{
    int           i;
    crm_str_t     word;
    crm_status_t  rc;

    /* by crm_tick_t */
    static const char *const  words[] = {
        "run", "overlap", "none", "changed", "stale", NULL
    };

    rc = crm_reply_word(&word, reply, 1, err);

    for (i = 0; rc == CRM_OK && words[i]; i++) {
        if (crm_str_is(word, words[i])) {
            *tick = (crm_tick_t) i;
            return CRM_OK;
        }
    }

    return rc != CRM_OK ? rc : crm_reply_misshapen("tick", err);
}


crm_status_t
crm_take_trigger(crm_triggered_t *triggered, long long *n,
    const crm_reply_t *reply, crm_error_t *err)
{
    int           i;
    crm_str_t     word;
    crm_status_t  rc;

    /* by crm_triggered_t */
    static const char *const  words[] = {
        "ok", "limit", "running", "unknown", NULL
    };

    *n = 0;
    rc = crm_reply_word(&word, reply, 1, err);

    for (i = 0; rc == CRM_OK && words[i]; i++) {
        if (!crm_str_is(word, words[i])) {
            continue;
        }

        *triggered = (crm_triggered_t) i;

        return reply->count < 2 ? CRM_OK
               : crm_reply_number(n, &reply->elements[1], "trigger", err);
    }

    return rc != CRM_OK ? rc : crm_reply_misshapen("trigger", err);
}
