/*
 * Which organisations this worker serves.
 */

#include "crm_worker_orgs.h"

#include "crm_worker_pull.h"


static void  orgs_given(crm_worker_fetch_t *fetch);
static void  orgs_reply(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  orgs_forget(crm_worker_fetch_t *fetch);
static void  orgs_serve(crm_worker_fetch_t *fetch, crm_str_t name);
static void  orgs_listed(crm_worker_fetch_t *fetch);


void
crm_worker_orgs_list(crm_worker_fetch_t *fetch)
{
    crm_str_t    args[2];
    crm_pool_t  *pool;

    if (fetch->config->orgs.count > 0) {
        if (!fetch->listed) {
            orgs_given(fetch);
        }

        return;
    }

    args[0] = CRM_STR("SMEMBERS");
    args[1] = CRM_KEY_ORGS;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool != NULL) {
        (void) crm_worker_link_send(fetch->tools->link, pool,
                                    crm_cmd_plain(pool, args, 2), orgs_reply,
                                    fetch);
    }
}


static void
orgs_given(crm_worker_fetch_t *fetch)
{
    unsigned  i;

    orgs_forget(fetch);

    for (i = 0; i < fetch->config->orgs.count; i++) {
        orgs_serve(fetch, fetch->config->orgs.items[i]);
    }

    orgs_listed(fetch);
}


static void
orgs_reply(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    size_t               i;
    crm_worker_fetch_t  *fetch;

    (void) pool;

    fetch = data;

    if (reply == NULL || fetch->ended) {
        return;
    }

    if (reply->type != CRM_REPLY_ARRAY) {
        /* strings of a reply end in a zero byte */
        crm_worker_fetch_refused(fetch, "crm:orgs", CRM_STR(""),
                                 reply->type == CRM_REPLY_ERROR
                                 ? reply->str.data : "it is no set");
        return;
    }

    orgs_forget(fetch);

    for (i = 0; i < reply->count; i++) {
        if (crm_org_valid(reply->elements[i].str)) {
            orgs_serve(fetch, reply->elements[i].str);
        }
    }

    orgs_listed(fetch);
}


static void
orgs_forget(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;

    for (org = fetch->orgs; org; org = org->next) {
        org->active = 0;
    }
}


static void
orgs_serve(crm_worker_fetch_t *fetch, crm_str_t name)
{
    crm_worker_org_t  *org;

    for (org = fetch->orgs; org; org = org->next) {
        if (crm_str_eq(org->name, name)) {
            org->active = 1;
            return;
        }
    }

    org = crm_pool_calloc(fetch->pool, 1, sizeof(crm_worker_org_t));
    if (org == NULL) {
        return;                 /* the next listing tries again */
    }

    org->name = crm_pool_dup(fetch->pool, name);
    if (org->name.data == NULL) {
        return;
    }

    org->fetch = fetch;
    org->active = 1;
    org->pulling = CRM_WORKER_PULL_FEW;
    org->hungry = !fetch->config->once;
    org->found = 1;             /* a first round must be made */
    org->next = fetch->orgs;
    fetch->orgs = org;
}


static void
orgs_listed(crm_worker_fetch_t *fetch)
{
    fetch->listed = 1;

    crm_worker_fetch_pump(fetch);
    crm_worker_fetch_next(fetch);
}
