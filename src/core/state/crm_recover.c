/*
 * What the scripts of recovery answered.
 */

#include "state/crm_recover.h"


/* Elements before the claims, and of a claim before its records. */
#define RECOVER_HEAD   4
#define RECOVER_CLAIM  7


static crm_status_t recover_claims(crm_recover_t *recover,
    const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err);
static crm_status_t recover_claim(crm_claim_t *claim, const crm_reply_t *e,
    crm_error_t *err);
static crm_status_t recover_records(crm_claim_t *claim, const crm_reply_t *e,
    crm_pool_t *pool, crm_error_t *err);


crm_status_t
crm_recover_parse(crm_recover_t *recover, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t           word;
    crm_status_t        rc;
    const crm_reply_t  *e;

    memset(recover, 0, sizeof(crm_recover_t));

    rc = crm_reply_word(&word, reply, RECOVER_HEAD, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (!crm_str_is(word, "ok")) {
        return crm_reply_misshapen("recover", err);
    }

    e = reply->elements;

    rc = crm_reply_number(&recover->dropped, &e[1], "recover", err);
    if (rc == CRM_OK) {
        rc = crm_reply_number(&recover->blocked, &e[2], "recover", err);
    }
    if (rc == CRM_OK) {
        rc = crm_reply_number(&recover->next_ms, &e[3], "recover", err);
    }

    return rc == CRM_OK ? recover_claims(recover, reply, pool, err) : rc;
}


static crm_status_t
recover_claims(crm_recover_t *recover, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t        at, left;
    crm_claim_t  *claim;
    crm_status_t  rc;

    /* as many as could stand there */

    recover->claims = crm_pool_calloc(pool,
                          reply->count / RECOVER_CLAIM + 1,
                          sizeof(crm_claim_t));
    if (recover->claims == NULL) {
        return CRM_ENOMEM;
    }

    for (at = RECOVER_HEAD; at < reply->count; /* void */ ) {
        left = reply->count - at;
        claim = &recover->claims[recover->n_claims];

        if (left < RECOVER_CLAIM) {
            return crm_reply_misshapen("recover", err);
        }

        rc = recover_claim(claim, &reply->elements[at], err);
        if (rc != CRM_OK) {
            return rc;
        }

        if (claim->n_records > left - RECOVER_CLAIM) {
            return crm_reply_misshapen("recover", err);
        }

        rc = recover_records(claim, &reply->elements[at + RECOVER_CLAIM],
                             pool, err);
        if (rc != CRM_OK) {
            return rc;
        }

        at += RECOVER_CLAIM + claim->n_records;
        recover->n_claims++;
    }

    return CRM_OK;
}


/* event, fence, lapsed, begun, max time, doc, number of records */
static crm_status_t
recover_claim(crm_claim_t *claim, const crm_reply_t *e, crm_error_t *err)
{
    size_t        i;
    long long     n[5];
    crm_status_t  rc;

    static const size_t  places[] = { 1, 2, 3, 4, 6 };

    if (e[0].type != CRM_REPLY_STRING || e[0].str.len == 0
        || e[5].type != CRM_REPLY_STRING)
    {
        return crm_reply_misshapen("recover", err);
    }

    for (i = 0; i < 5; i++) {
        rc = crm_reply_number(&n[i], &e[places[i]], "recover", err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (n[0] <= 0 || n[4] < 0) {
        return crm_reply_misshapen("recover", err);
    }

    claim->event = e[0].str;
    claim->fence = n[0];
    claim->lapsed = n[1] != 0;
    claim->begun_ms = n[2];
    claim->max_time_ms = n[3];
    claim->doc = e[5].str;
    claim->n_records = (size_t) n[4];

    return CRM_OK;
}


/* MODULE/ID each; no module has a slash in its name. */
static crm_status_t
recover_records(crm_claim_t *claim, const crm_reply_t *e, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t              i, len;
    const char         *slash;
    crm_record_name_t  *name;

    claim->records = crm_pool_calloc(pool, claim->n_records + 1,
                                     sizeof(crm_record_name_t));
    if (claim->records == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < claim->n_records; i++) {
        slash = e[i].type == CRM_REPLY_STRING && e[i].str.len
                ? memchr(e[i].str.data, '/', e[i].str.len) : NULL;

        if (slash == NULL) {
            return crm_reply_misshapen("recover", err);
        }

        name = &claim->records[i];
        len = (size_t) (slash - e[i].str.data);

        name->module = crm_str(e[i].str.data, len);
        name->id = crm_str(slash + 1, e[i].str.len - len - 1);
    }

    return CRM_OK;
}


crm_status_t
crm_recover_status(crm_recover_status_t *status, const crm_reply_t *reply,
    crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    static const char *const  words[] = { "ok", "stale", NULL };

    rc = crm_reply_choice(&choice, reply, words, "reclaim, postpone or "
                          "undetermined", err);

    if (rc == CRM_OK) {
        *status = (crm_recover_status_t) choice;
    }

    return rc;
}
