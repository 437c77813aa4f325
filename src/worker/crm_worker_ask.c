/*
 * One question to Redis.
 */

#include "crm_worker_ask.h"

#include <stdlib.h>


/* Outlives the one who asks. */
struct crm_worker_ask_s {
    crm_worker_ask_done_pt   done;      /* NULL: forgotten */
    void                    *data;
};


static void  ask_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);


crm_worker_ask_t *
crm_worker_ask(crm_worker_link_t *link, crm_pool_t *pool, const crm_cmd_t *cmd,
    crm_worker_ask_done_pt done, void *data)
{
    crm_worker_ask_t  *ask;

    ask = calloc(1, sizeof(crm_worker_ask_t));

    if (ask == NULL || pool == NULL) {
        crm_pool_destroy(pool);
        free(ask);
        return NULL;
    }

    if (crm_worker_link_send(link, pool, cmd, ask_answered, ask) != CRM_OK) {
        free(ask);
        return NULL;
    }

    ask->done = done;
    ask->data = data;

    return ask;
}


void
crm_worker_ask_forget(crm_worker_ask_t *ask)
{
    ask->done = NULL;
}


static void
ask_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    void                    *whose;
    crm_worker_ask_t        *ask;
    crm_worker_ask_done_pt   done;

    (void) pool;

    ask = data;
    done = ask->done;
    whose = ask->data;
    free(ask);

    if (done != NULL) {
        done(whose, reply);
    }
}
