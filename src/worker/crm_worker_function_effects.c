/*
 * The effects of a function's run, each of them once.
 */

#include "crm_worker_function_effects.h"

#include <time.h>


static void  effects_recalled(void *data, const crm_reply_t *reply);
static void  effects_again(crm_worker_function_effects_t *effects);
static void  effects_start(crm_worker_function_effects_t *effects);
static void  effects_ended(void *data, const crm_worker_effect_end_t *end);
static void  effects_remember(crm_worker_function_effects_t *effects);
static void  effects_remembered(void *data, const crm_reply_t *reply);
static void  effects_tell(crm_worker_function_effects_t *effects);
static void  effects_wait(crm_worker_function_effects_t *effects,
    const char *why);


void
crm_worker_function_effects_recall(crm_worker_function_effects_t *effects)
{
    crm_cmd_t         *cmd;
    crm_pool_t        *pool;
    crm_worker_job_t  *job;

    job = effects->run.job;

    pool = crm_pool_create(crm_host_malloc(), 0);
    cmd = pool ? crm_cmd_recall(pool, job->org, job->lease,
                                (long long) time(NULL) * 1000) : NULL;

    effects->ask = crm_worker_ask(effects->run.tools->link, pool, cmd,
                                  effects_recalled, effects);
    if (effects->ask == NULL) {
        effects_wait(effects, "Redis cannot be asked");
    }
}


void
crm_worker_function_effects_begin(crm_worker_function_effects_t *effects,
    crm_str_t text)
{
    if (effects->n < effects->recall.count) {
        effects_again(effects);
        return;
    }

    effects->next = crm_pool_create(crm_host_malloc(), 0);
    effects->text = effects->next ? crm_pool_dup(effects->next, text)
                                  : CRM_STR_NULL;

    if (effects->text.data == NULL) {
        effects_wait(effects, "out of memory");

    } else if (effects->passing) {
        effects_remember(effects);

    } else {
        effects_start(effects);
    }
}


int
crm_worker_function_effects_busy(const crm_worker_function_effects_t *effects)
{
    return effects->effect != NULL || effects->ask != NULL;
}


void
crm_worker_function_effects_release(crm_worker_function_effects_t *effects)
{
    if (effects->ask != NULL) {
        crm_worker_ask_forget(effects->ask);
        effects->ask = NULL;
    }

    if (effects->effect != NULL) {
        crm_worker_effect_cancel(effects->effect);
        effects->effect = NULL;
    }

    if (effects->run.asked != NULL) {
        crm_worker_rules_release(effects->run.asked);
        effects->run.asked = NULL;
    }

    crm_pool_destroy(effects->pool);
    crm_pool_destroy(effects->next);
    effects->pool = NULL;
    effects->next = NULL;
}


static void
effects_recalled(void *data, const crm_reply_t *reply)
{
    size_t                          i;
    crm_str_t                      *known;
    crm_pool_t                     *pool;
    crm_error_t                     err;
    crm_settle_t                    settle;
    crm_status_t                    rc;
    crm_worker_function_effects_t  *effects = data;

    effects->ask = NULL;
    pool = effects->run.job->pool;

    if (reply == NULL) {
        effects_wait(effects, "Redis did not answer");
        return;
    }

    rc = crm_take_recall(&settle, &effects->recall, reply, pool, &err);

    if (rc != CRM_OK || settle == CRM_SETTLE_STALE) {
        effects_wait(effects, rc == CRM_EINVAL ? err.text
                              : rc == CRM_OK ? "the lease is another worker's"
                              : "out of memory");
        return;
    }

    for (i = 0; i < effects->recall.count; i++) {
        known = &effects->recall.answers[i];
        *known = crm_pool_dup(pool, *known);

        if (known->data == NULL) {
            effects_wait(effects, "out of memory");
            return;
        }
    }

    effects->to->recalled(effects->data);
}


/* What came of it in an attempt before: the first byte is its kind. */
static void
effects_again(crm_worker_function_effects_t *effects)
{
    crm_str_t  known;

    known = effects->recall.answers[effects->n++];
    effects->run.calls++;

    if (known.len == 0) {
        effects_wait(effects, "out of memory");
        return;
    }

    effects->to->tell(effects->data, (crm_worker_frame_kind_t) known.data[0],
                      crm_str(known.data + 1, known.len - 1));
}


static void
effects_start(crm_worker_function_effects_t *effects)
{
    crm_worker_effect_end_t  end;

    crm_pool_destroy(effects->pool);
    effects->pool = effects->next;
    effects->next = NULL;
    effects->effect = crm_worker_effect_start(&effects->run, effects->n,
                                              effects->text, effects->pool,
                                              effects_ended, effects, &end);
    if (effects->effect == NULL) {
        effects_ended(effects, &end);
    }
}


static void
effects_ended(void *data, const crm_worker_effect_end_t *end)
{
    crm_worker_function_effects_t  *effects = data;

    effects->effect = NULL;
    effects->end = *end;
    effects->passing = end->kind == CRM_WORKER_FRAME_THROW && end->passing;

    if (end->kind == 0) {
        effects->to->wait(effects->data, "a record that it writes is busy",
                          end->busy_ms);

    } else if (effects->passing || end->kind == CRM_WORKER_FRAME_LIMIT) {
        effects_tell(effects);

    } else {
        effects_remember(effects);
    }
}


static void
effects_remember(crm_worker_function_effects_t *effects)
{
    char               kind;
    crm_str_t          parts[2];
    crm_cmd_t         *cmd;
    crm_pool_t        *pool;
    crm_worker_job_t  *job;

    cmd = NULL;
    job = effects->run.job;
    kind = (char) effects->end.kind;
    parts[0] = crm_str(&kind, 1);
    parts[1] = effects->end.text;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool != NULL) {
        cmd = crm_cmd_remember(pool, job->org, job->lease, effects->n,
                               crm_pool_concat(pool, parts, 2),
                               &effects->end.deed);
    }

    effects->ask = crm_worker_ask(effects->run.tools->link, pool, cmd,
                                  effects_remembered, effects);
    if (effects->ask == NULL) {
        effects_wait(effects, "Redis cannot be asked");
    }
}


static void
effects_remembered(void *data, const crm_reply_t *reply)
{
    crm_error_t                     err;
    crm_settle_t                    settle;
    crm_worker_function_effects_t  *effects = data;

    effects->ask = NULL;

    if (reply == NULL
        || crm_take_settled(&settle, NULL, reply, &err) != CRM_OK
        || settle == CRM_SETTLE_STALE)
    {
        effects_wait(effects, "what it has done cannot be remembered");
        return;
    }

    effects->n++;

    if (effects->passing) {
        effects->passing = 0;
        effects_start(effects);

    } else {
        effects_tell(effects);
    }
}


static void
effects_tell(crm_worker_function_effects_t *effects)
{
    effects->to->tell(effects->data, effects->end.kind, effects->end.text);
}


static void
effects_wait(crm_worker_function_effects_t *effects, const char *why)
{
    effects->to->wait(effects->data, why, CRM_WORKER_FUNCTION_REDIS_MS);
}
