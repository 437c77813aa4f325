/*
 * Revisions of rules: fetched once, compiled once, counted.
 */

#include "crm_worker_rules.h"

#include "crm_worker_log.h"

#include <stdlib.h>
#include <string.h>


typedef struct rules_load_s  rules_load_t;

/* Somebody who wants a revision that is on its way. */
struct crm_worker_rules_wait_s {
    crm_worker_rules_wait_t   *next;
    rules_load_t              *load;
    crm_worker_rules_done_pt   done;
    void                      *data;
};

/* A revision on its way; lives until Redis has answered. */
struct rules_load_s {
    rules_load_t              *next;
    crm_worker_rules_t        *cache;
    crm_worker_rules_wait_t   *waits;
    crm_pool_t                *pool;    /* the revision's, this lives in it */
    crm_str_t                  org;
    long long                  number;
};

struct crm_worker_rules_s {
    crm_worker_link_t      *link;
    crm_worker_revision_t  *known;      /* the last used first */
    rules_load_t           *loads;
};


static crm_worker_revision_t *rules_find(crm_worker_rules_t *cache,
    crm_str_t org, long long number);
static rules_load_t *rules_load(crm_worker_rules_t *cache, crm_str_t org,
    long long number);
static void  rules_loaded(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static crm_worker_rules_status_t  rules_read(crm_worker_revision_t **revision,
    rules_load_t *load, const crm_reply_t *reply, crm_error_t *err);
static crm_worker_rules_status_t  rules_compile(
    crm_worker_revision_t **revision, rules_load_t *load, crm_str_t text,
    crm_error_t *err);
static crm_worker_rules_status_t  rules_make(crm_worker_revision_t **revision,
    rules_load_t *load, const json_t *bundle, crm_error_t *err);
static void  rules_tell(rules_load_t *load, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static void  rules_unlink(rules_load_t *load);
static void  rules_trim(crm_worker_rules_t *cache);
static void  rules_free(crm_worker_revision_t *revision);


crm_worker_rules_t *
crm_worker_rules_create(crm_worker_link_t *link)
{
    crm_worker_rules_t  *cache;

    cache = calloc(1, sizeof(crm_worker_rules_t));

    if (cache != NULL) {
        cache->link = link;
    }

    return cache;
}


/* Loads have ended with the link, revisions with those who held them. */
void
crm_worker_rules_destroy(crm_worker_rules_t *cache)
{
    crm_worker_revision_t  *revision;

    while (cache->known != NULL) {
        revision = cache->known;
        cache->known = revision->next;
        rules_free(revision);
    }

    free(cache);
}


crm_worker_rules_wait_t *
crm_worker_rules_get(crm_worker_rules_t *cache, crm_str_t org,
    long long number, crm_worker_rules_done_pt done, void *data)
{
    rules_load_t             *load;
    crm_worker_revision_t    *revision;
    crm_worker_rules_wait_t  *wait;

    revision = rules_find(cache, org, number);

    if (revision != NULL) {
        crm_worker_rules_hold(revision);
        done(data, CRM_WORKER_RULES_OK, revision, "");
        return NULL;
    }

    wait = calloc(1, sizeof(crm_worker_rules_wait_t));
    load = wait ? rules_load(cache, org, number) : NULL;

    if (load == NULL) {
        free(wait);
        done(data, CRM_WORKER_RULES_AWAY, NULL, "redis cannot be asked for "
             "the rules");
        return NULL;
    }

    wait->done = done;
    wait->data = data;
    wait->load = load;
    wait->next = load->waits;
    load->waits = wait;

    return wait;
}


void
crm_worker_rules_cancel(crm_worker_rules_wait_t *wait)
{
    crm_worker_rules_wait_t  **at;

    for (at = &wait->load->waits; *at != wait; at = &(*at)->next) {
        /* void */
    }

    *at = wait->next;
    free(wait);
}


void
crm_worker_rules_hold(crm_worker_revision_t *revision)
{
    revision->refs++;
}


void
crm_worker_rules_release(crm_worker_revision_t *revision)
{
    revision->refs--;
    rules_trim(revision->cache);
}


/* A known one, which becomes the last used. */
static crm_worker_revision_t *
rules_find(crm_worker_rules_t *cache, crm_str_t org, long long number)
{
    crm_worker_revision_t  *revision, **at;

    for (at = &cache->known; *at; at = &(*at)->next) {
        revision = *at;

        if (revision->number == number && crm_str_eq(revision->org, org)) {
            *at = revision->next;
            revision->next = cache->known;
            cache->known = revision;
            return revision;
        }
    }

    return NULL;
}


static rules_load_t *
rules_load(crm_worker_rules_t *cache, crm_str_t org, long long number)
{
    crm_str_t      args[2];
    crm_pool_t    *pool, *cmd_pool;
    rules_load_t  *load;

    for (load = cache->loads; load; load = load->next) {
        if (load->number == number && crm_str_eq(load->org, org)) {
            return load;
        }
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    load = pool ? crm_pool_calloc(pool, 1, sizeof(rules_load_t)) : NULL;

    if (load == NULL) {
        crm_pool_destroy(pool);
        return NULL;
    }

    load->cache = cache;
    load->pool = pool;
    load->number = number;
    load->org = crm_pool_dup(pool, org);

    cmd_pool = crm_pool_create(crm_host_malloc(), 0);
    args[0] = CRM_STR("GET");
    args[1] = cmd_pool ? crm_key_rules(cmd_pool, org, number) : CRM_STR_NULL;

    if (load->org.data == NULL || args[1].data == NULL) {
        crm_pool_destroy(cmd_pool);
        crm_pool_destroy(pool);
        return NULL;
    }

    if (crm_worker_link_send(cache->link, cmd_pool,
                             crm_cmd_plain(cmd_pool, args, 2), rules_loaded,
                             load)
        != CRM_OK)
    {
        crm_pool_destroy(pool);
        return NULL;
    }

    load->next = cache->loads;
    cache->loads = load;

    return load;
}


static void
rules_loaded(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t                 err;
    rules_load_t               *load;
    crm_worker_revision_t      *revision;
    crm_worker_rules_status_t   status;

    (void) pool;

    load = data;
    revision = NULL;
    err.text[0] = '\0';

    rules_unlink(load);

    status = rules_read(&revision, load, reply, &err);
    rules_tell(load, status, revision, err.text);

    if (revision == NULL) {
        crm_pool_destroy(load->pool);
    }
}


static crm_worker_rules_status_t
rules_read(crm_worker_revision_t **revision, rules_load_t *load,
    const crm_reply_t *reply, crm_error_t *err)
{
    if (reply == NULL) {
        crm_error_set(err, CRM_DECLINED, CRM_NO_OFFSET, "",
                      "redis went away while it was asked for the rules");
        return CRM_WORKER_RULES_AWAY;
    }

    if (reply->type == CRM_REPLY_NIL) {
        crm_error_set(err, CRM_DECLINED, CRM_NO_OFFSET, "",
                      "redis has no rules of revision %lld", load->number);
        return CRM_WORKER_RULES_MISSING;
    }

    if (reply->type != CRM_REPLY_STRING) {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "redis does not give the rules of revision %lld: %.100s",
                      load->number, reply->type == CRM_REPLY_ERROR
                                    ? reply->str.data : "it is no string");
        return CRM_WORKER_RULES_AWAY;
    }

    return rules_compile(revision, load, reply->str, err);
}


static crm_worker_rules_status_t
rules_compile(crm_worker_revision_t **revision, rules_load_t *load,
    crm_str_t text, crm_error_t *err)
{
    json_t                     *bundle;
    json_error_t                where;
    crm_worker_rules_status_t   status;

    bundle = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &where);

    if (bundle == NULL) {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "the rules of revision %lld are no JSON: %.120s",
                      load->number, where.text);
        return CRM_WORKER_RULES_BAD;
    }

    status = rules_make(revision, load, bundle, err);
    json_decref(bundle);

    return status;
}


/* The load's pool becomes the revision's. */
static crm_worker_rules_status_t
rules_make(crm_worker_revision_t **revision, rules_load_t *load,
    const json_t *bundle, crm_error_t *err)
{
    crm_findings_t          findings;
    crm_worker_revision_t  *made;

    made = crm_pool_calloc(load->pool, 1, sizeof(crm_worker_revision_t));

    crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "", "out of memory");

    if (made == NULL) {
        return CRM_WORKER_RULES_AWAY;
    }

    crm_findings_init(&findings, load->pool);
    made->set = crm_ruleset_create(bundle, load->number, crm_host_malloc(),
                                   &findings);

    if (made->set == NULL && findings.errors > 0 && findings.count > 0) {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "the rules of revision %lld do not compile: %.160s",
                      load->number, findings.items[0].message);
        return CRM_WORKER_RULES_BAD;
    }

    if (made->set == NULL) {
        return CRM_WORKER_RULES_AWAY;
    }

    made->cache = load->cache;
    made->pool = load->pool;
    made->org = load->org;
    made->number = load->number;
    made->next = load->cache->known;
    load->cache->known = made;
    *revision = made;

    return CRM_WORKER_RULES_OK;
}


/* Who is told may ask again at once, cancel others, or let go: each wait is
 * out of the list before its end. */
static void
rules_tell(rules_load_t *load, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text)
{
    void                      *data;
    crm_worker_rules_wait_t   *wait;
    crm_worker_rules_done_pt   done;

    if (revision != NULL) {
        crm_worker_rules_hold(revision);
    }

    while (load->waits != NULL) {
        wait = load->waits;
        load->waits = wait->next;

        done = wait->done;
        data = wait->data;
        free(wait);

        if (revision != NULL) {
            crm_worker_rules_hold(revision);
        }

        done(data, status, revision, text);
    }

    if (revision != NULL) {
        crm_worker_rules_release(revision);
    }
}


static void
rules_unlink(rules_load_t *load)
{
    rules_load_t  **at;

    for (at = &load->cache->loads; *at != load; at = &(*at)->next) {
        /* void */
    }

    *at = load->next;
}


/* Forgets those that nobody holds and that were not used for long. */
static void
rules_trim(crm_worker_rules_t *cache)
{
    unsigned                n;
    crm_worker_revision_t  *revision, **at;

    n = 0;
    at = &cache->known;

    while (*at != NULL) {
        revision = *at;

        if (revision->refs > 0 || ++n <= CRM_WORKER_RULES_KEPT) {
            at = &revision->next;
            continue;
        }

        *at = revision->next;
        rules_free(revision);
    }
}


static void
rules_free(crm_worker_revision_t *revision)
{
    crm_ruleset_release(revision->set);
    crm_pool_destroy(revision->pool);
}
