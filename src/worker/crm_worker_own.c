/*
 * Addresses of our own side.
 */

#include "crm_worker_own.h"

#include "crm_worker_log.h"
#include "crm_worker_target.h"

#include <string.h>


static void  own_look_up(crm_worker_own_one_t *one, crm_str_t url);
static void  own_looked_up(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);


void
crm_worker_own_init(crm_worker_own_t *own, crm_worker_loop_t *loop,
    crm_worker_guard_t *guard, crm_worker_own_done_pt done, void *data)
{
    unsigned  i;

    memset(own, 0, sizeof(crm_worker_own_t));

    own->loop = loop;
    own->guard = guard;
    own->done = done;
    own->data = data;

    for (i = 0; i < CRM_WORKER_OWN_MAX; i++) {
        own->all[i].own = own;
    }
}


void
crm_worker_own_deny(crm_worker_own_t *own, crm_str_t backend, crm_str_t smtp)
{
    crm_worker_own_cancel(own);

    own_look_up(&own->all[0], backend);
    own_look_up(&own->all[1], smtp);
}


int
crm_worker_own_busy(const crm_worker_own_t *own)
{
    unsigned  i;

    for (i = 0; i < CRM_WORKER_OWN_MAX; i++) {
        if (own->all[i].resolve != NULL) {
            return 1;
        }
    }

    return 0;
}


void
crm_worker_own_cancel(crm_worker_own_t *own)
{
    unsigned  i;

    for (i = 0; i < CRM_WORKER_OWN_MAX; i++) {
        if (own->all[i].resolve != NULL) {
            crm_worker_resolve_cancel(own->all[i].resolve);
            own->all[i].resolve = NULL;
        }
    }
}


static void
own_look_up(crm_worker_own_one_t *one, crm_str_t url)
{
    crm_error_t          err;
    crm_worker_target_t  target;

    if (url.data == NULL
        || crm_worker_target_parse_any(&target, url, &err) != CRM_OK)
    {
        return;
    }

    one->resolve = crm_worker_resolve_start(one->own->loop, target.host,
                                            target.port, own_looked_up, one);
    crm_worker_target_clean(&target);
}


static void
own_looked_up(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list)
{
    unsigned               i;
    crm_worker_own_t      *own;
    crm_worker_own_one_t  *one;

    one = data;
    one->resolve = NULL;
    own = one->own;

    if (status != CRM_WORKER_RESOLVE_OK) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "guard: --backend or --smtp does "
                       "not resolve, webhooks to its address are judged like "
                       "any other");
    }

    for (i = 0; i < list->count; i++) {
        crm_worker_guard_deny(own->guard,
                              (const struct sockaddr *) &list->addrs[i]);
    }

    if (!crm_worker_own_busy(own)) {
        own->done(own->data);
    }
}
