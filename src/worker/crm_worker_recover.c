/*
 * Recovery of an organisation's writes.
 */

#include "crm_worker_recover.h"

#include "crm_worker_arm.h"
#include "crm_worker_log.h"

#include <stdlib.h>
#include <string.h>


static void  recover_current(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  recover_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static void  recover_known(crm_worker_org_t *org);
static int   recover_adopt(crm_worker_org_t *org,
    crm_worker_revision_t *revision);
static void  recover_claim(crm_worker_org_t *org);
static unsigned  recover_room(const crm_worker_org_t *org);
static void  recover_claimed(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  recover_unable(crm_worker_org_t *org,
    const crm_recover_t *recover);
static void  recover_run(crm_worker_org_t *org, const crm_recover_t *recover);
static void  recover_finished(void *data, crm_worker_claim_t *claim);
static void  recover_over(crm_worker_org_t *org);


int
crm_worker_recover_init(crm_worker_fetch_t *fetch)
{
    fetch->settle.tools = fetch->tools;
    fetch->settle.rules = crm_worker_rules_create(fetch->tools->link);
    fetch->settle.finished = recover_finished;

    return fetch->settle.rules != NULL;
}


void
crm_worker_recover_poll(crm_worker_org_t *org)
{
    crm_str_t    args[2];
    crm_pool_t  *pool;

    if (org->recovering || org->fetch->stopping) {
        return;
    }

    org->owing = 0;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    args[0] = CRM_STR("GET");
    args[1] = crm_key_revision(pool, org->name);

    org->recovering = crm_worker_link_send(org->fetch->tools->link, pool,
                                           args[1].data
                                           ? crm_cmd_plain(pool, args, 2)
                                           : NULL,
                                           recover_current, org)
                      == CRM_OK;
}


void
crm_worker_recover_abandon(crm_worker_org_t *org)
{
    crm_worker_claim_t  *claim, *next;

    if (org->wait != NULL) {
        crm_worker_rules_cancel(org->wait);
        org->wait = NULL;
        org->recovering = 0;
    }

    for (claim = org->claims; claim; claim = next) {
        next = claim->next;
        crm_worker_settle_abandon(claim);
    }
}


void
crm_worker_recover_backend(const crm_worker_org_t *org,
    crm_worker_backend_t *backend)
{
    const crm_backend_t  *ruled;

    memset(backend, 0, sizeof(crm_worker_backend_t));

    ruled = org->revision ? crm_ruleset_backend(org->revision->set) : NULL;

    if (ruled != NULL) {
        backend->url = ruled->url;
        backend->headers = ruled->headers;
        backend->n_headers = ruled->headers_count;
        backend->dialect = ruled->dialect;
    }

    if (org->fetch->config->backend.data != NULL) {
        backend->url = org->fetch->config->backend;
    }

    if (backend->dialect == NULL) {
        backend->dialect = crm_dialect_default();
    }
}


void
crm_worker_recover_clean(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;

    for (org = fetch->orgs; org; org = org->next) {
        if (org->revision != NULL) {
            crm_worker_rules_release(org->revision);
            org->revision = NULL;
        }
    }

    crm_worker_rules_destroy(fetch->settle.rules);
}


static void
recover_current(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    long long          number;
    crm_error_t        err;
    crm_status_t       rc;
    crm_worker_org_t  *org;

    (void) pool;

    org = data;

    if (reply == NULL || org->fetch->stopping) {
        recover_over(org);
        return;
    }

    rc = crm_reply_integer(&number, reply, &err);

    if (rc == CRM_DECLINED) {
        number = 0;             /* no rules were ever applied */

    } else if (rc != CRM_OK) {
        crm_worker_fetch_refused(org->fetch, "the revision", org->name,
                                 err.text);
        recover_over(org);
        return;
    }

    if (number == 0
        || (org->revision != NULL && org->revision->number == number))
    {
        recover_known(org);
        return;
    }

    org->wait = crm_worker_rules_get(org->fetch->settle.rules, org->name,
                                     number, recover_ruled, org);
}


/* Rules that cannot be had leave the backend that was known. */
static void
recover_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text)
{
    crm_worker_org_t  *org;

    org = data;
    org->wait = NULL;

    if (status != CRM_WORKER_RULES_OK) {
        if (status != CRM_WORKER_RULES_AWAY && !org->unruled) {
            crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: the current rules "
                           "cannot be used, org:%s: %s", org->name.data, text);
        }

        org->unruled = status != CRM_WORKER_RULES_AWAY;

        if (status == CRM_WORKER_RULES_AWAY) {
            recover_over(org);
            return;
        }

    } else if (!recover_adopt(org, revision)) {
        crm_worker_rules_release(revision);
        crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: out of memory");
        recover_over(org);
        return;
    }

    recover_known(org);
}


/* Jobs may be taken now, and intents claimed. */
static void
recover_known(crm_worker_org_t *org)
{
    if (org->fetch->stopping) {
        recover_over(org);
        return;
    }

    crm_worker_arm(org);

    if (!org->known) {
        org->known = 1;
        crm_worker_fetch_pump(org->fetch);
    }

    recover_claim(org);
}


/* The secrets of its backend are the backend's alone from now on. */
static int
recover_adopt(crm_worker_org_t *org, crm_worker_revision_t *revision)
{
    size_t                i, n;
    crm_str_t            *names;
    crm_status_t          rc;
    const crm_backend_t  *backend;

    backend = crm_ruleset_backend(revision->set);
    n = backend ? backend->headers_count : 0;

    names = calloc(n + 1, sizeof(crm_str_t));
    if (names == NULL) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        names[i] = backend->headers[i].secret;
    }

    rc = crm_worker_secret_reserve(&org->fetch->tools->secrets, org->name,
                                   names, n);
    free(names);

    if (rc != CRM_OK) {
        return 0;
    }

    if (org->revision != NULL) {
        crm_worker_rules_release(org->revision);
    }

    org->revision = revision;
    org->unruled = 0;
    org->armed = 0;

    return 1;
}


static void
recover_claim(crm_worker_org_t *org)
{
    unsigned              room;
    crm_pool_t           *pool;
    crm_worker_fetch_t   *fetch;
    crm_worker_backend_t  backend;

    fetch = org->fetch;
    room = recover_room(org);

    if (room == 0) {
        org->owing = 1;         /* goes on when one has ended */
        recover_over(org);
        return;
    }

    /* without a backend it is only asked whether anything is due */
    crm_worker_recover_backend(org, &backend);
    org->claiming = backend.url.data ? room : 0;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(fetch->tools->link, pool,
                                crm_cmd_recover(pool, org->name,
                                                org->claiming,
                                                fetch->config->lease_ms),
                                recover_claimed, org)
           != CRM_OK)
    {
        org->claiming = 0;
        recover_over(org);
        return;
    }

    fetch->settling += org->claiming;
}


static unsigned
recover_room(const crm_worker_org_t *org)
{
    unsigned  room, all;

    if (org->settling >= CRM_WORKER_RECOVER_ORG_MAX
        || org->fetch->settling >= CRM_WORKER_RECOVER_MAX)
    {
        return 0;
    }

    room = CRM_WORKER_RECOVER_ORG_MAX - org->settling;
    all = CRM_WORKER_RECOVER_MAX - org->fetch->settling;

    return room < all ? room : all;
}


static void
recover_claimed(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    unsigned             claiming;
    crm_error_t          err;
    crm_recover_t        recover;
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    org = data;
    fetch = org->fetch;

    claiming = org->claiming;
    fetch->settling -= claiming;
    org->claiming = 0;

    if (reply == NULL || fetch->ended) {
        recover_over(org);
        return;
    }

    if (crm_recover_parse(&recover, reply, pool, &err) != CRM_OK) {
        crm_worker_fetch_refused(fetch, "recover", org->name, err.text);
        recover_over(org);
        return;
    }

    if (claiming == 0) {
        recover_unable(org, &recover);
        recover_over(org);
        return;
    }

    if (recover.dropped > 0) {
        crm_worker_log(CRM_WORKER_LOG_NOTICE, "recover: dropped, the backend "
                       "has never seen them, org:%s count:%lld",
                       org->name.data, recover.dropped);
    }

    if (recover.n_claims > 0 || recover.dropped > 0) {
        org->found = 1;
        org->owing = recover.next_ms == 0;
    }

    org->unable = 0;
    recover_run(org, &recover);
    recover_over(org);
}


/* Said once, until there is a backend. */
static void
recover_unable(crm_worker_org_t *org, const crm_recover_t *recover)
{
    if (recover->next_ms != 0 || org->unable) {
        return;
    }

    org->unable = 1;
    crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: writes without an outcome "
                   "are left as they are, org:%s: no backend is configured, "
                   "give --backend or apply a kind: backend", org->name.data);
}


/* What cannot begin for want of memory comes due again. */
static void
recover_run(crm_worker_org_t *org, const crm_recover_t *recover)
{
    size_t                i;
    crm_worker_claim_t   *claim;
    crm_worker_backend_t  backend;

    crm_worker_recover_backend(org, &backend);

    for (i = 0; i < recover->n_claims; i++) {
        claim = crm_worker_claim_create(org->name, &recover->claims[i],
                                        &backend);
        if (claim == NULL) {
            crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: out of memory");
            continue;
        }

        if (org->revision != NULL) {
            crm_worker_rules_hold(org->revision);
            claim->current = org->revision;
        }

        claim->owner = org;
        claim->next = org->claims;
        org->claims = claim;
        org->settling++;
        org->fetch->settling++;

        crm_worker_settle_run(&org->fetch->settle, claim);
    }
}


static void
recover_finished(void *data, crm_worker_claim_t *claim)
{
    crm_worker_org_t     *org;
    crm_worker_claim_t  **at;

    (void) data;

    org = claim->owner;

    for (at = &org->claims; *at != claim; at = &(*at)->next) {
        /* void */
    }

    *at = claim->next;
    crm_worker_claim_destroy(claim);
    org->settling--;
    org->fetch->settling--;

    if (org->fetch->ended) {
        return;
    }

    /* its room may be another organisation's */
    org->found = 1;
    crm_worker_fetch_settled(org->fetch);
}


static void
recover_over(crm_worker_org_t *org)
{
    org->recovering = 0;

    if (org->owing && recover_room(org) > 0) {
        crm_worker_recover_poll(org);
    }

    crm_worker_fetch_next(org->fetch);
}
