/*
 * One question to Redis, by somebody who may be gone before the answer comes.
 */

#ifndef CRM_WORKER_ASK_H
#define CRM_WORKER_ASK_H

#include "crm_worker_link.h"


typedef struct crm_worker_ask_s  crm_worker_ask_t;

/* Called once, from the loop, when the question is no more; reply is NULL
 * when there is none. */
typedef void (*crm_worker_ask_done_pt)(void *data, const crm_reply_t *reply);


/* NULL: it is not asked. pool, which may be NULL, is gone either way. */
crm_worker_ask_t *crm_worker_ask(crm_worker_link_t *link, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_ask_done_pt done, void *data);

/* Nobody waits for its answer any more. */
void crm_worker_ask_forget(crm_worker_ask_t *ask);

#endif
