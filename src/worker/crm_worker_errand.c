/*
 * Errands between Redis and the backend.
 */

#include "crm_worker_errand.h"

#include "crm_worker_recover.h"

#include <stdio.h>
#include <string.h>


/* Until Redis, or the rules, are asked again. */
#define ERRAND_AGAIN_MS  1000


static void  errand_told(void *data, const crm_reply_t *reply);
static void  errand_answered(void *data, const crm_worker_outcome_t *outcome);
static void  errand_finish(crm_worker_errand_t *errand,
    const crm_worker_outcome_t *outcome);


void
crm_worker_errand_init(crm_worker_errand_t *errand,
    crm_worker_dispatch_tools_t *tools, crm_worker_job_t *job,
    crm_worker_http_done_pt done, void *done_data, const char *waits,
    void *data)
{
    memset(errand, 0, sizeof(crm_worker_errand_t));

    errand->tools = tools;
    errand->job = job;
    errand->org = job->owner;
    errand->done = done;
    errand->done_data = done_data;
    errand->waits = waits;
    errand->data = data;
}


int
crm_worker_errand_begin(crm_worker_errand_t *errand,
    crm_worker_errand_step_pt first, crm_worker_outcome_t *outcome)
{
    if (errand->org->revision == NULL) {
        return crm_worker_errand_again(outcome, errand->waits,
                                       "the current rules are not known");
    }

    errand->revision = errand->org->revision;
    crm_worker_rules_hold(errand->revision);
    crm_worker_recover_backend(errand->org, &errand->backend);

    if (!first(errand->data, outcome)) {
        crm_worker_rules_release(errand->revision);
        return 0;
    }

    return 1;
}


void
crm_worker_errand_cancel(crm_worker_errand_t *errand)
{
    if (errand->call != NULL) {
        crm_worker_http_cancel(errand->call);
    }

    if (errand->ask != NULL) {
        crm_worker_ask_forget(errand->ask);
    }

    crm_worker_rules_release(errand->revision);
}


int
crm_worker_errand_ask(crm_worker_errand_t *errand, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_errand_told_pt told,
    crm_worker_outcome_t *outcome)
{
    errand->told = told;
    errand->ask = crm_worker_ask(errand->tools->link, pool, cmd, errand_told,
                                 errand);

    return errand->ask != NULL
           || crm_worker_errand_again(outcome, errand->waits,
                                      "Redis cannot be asked");
}


static void
errand_told(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    crm_worker_errand_t   *errand;
    crm_worker_outcome_t   outcome;

    errand = data;
    errand->ask = NULL;

    goes_on = reply != NULL
              ? errand->told(errand->data, reply, &outcome)
              : crm_worker_errand_again(&outcome, errand->waits,
                                        "Redis did not answer");

    if (!goes_on) {
        errand_finish(errand, &outcome);
    }
}


int
crm_worker_errand_send(crm_worker_errand_t *errand,
    const crm_dialect_request_t *asked, size_t max_answer,
    crm_worker_errand_step_pt answered, crm_worker_outcome_t *outcome)
{
    crm_pool_t                    *pool;
    crm_worker_backend_request_t   request;

    static const crm_worker_backend_line_t  json = {
        { "Content-Type", sizeof("Content-Type") - 1 },
        { "application/json", sizeof("application/json") - 1 }
    };

    if (errand->backend.url.data == NULL) {
        return crm_worker_errand_end(outcome, CRM_WORKER_FAILED,
                                      CRM_WORKER_NO_BACKEND,
                                      "records cannot be read, give --backend"
                                      " or apply a kind: backend");
    }

    pool = errand->job->pool;

    memset(&request, 0, sizeof(request));
    request.method = asked->method;
    request.url = crm_worker_backend_url(&errand->backend, asked->path, pool);
    request.body = asked->body;
    request.lines = &json;
    request.n_lines = asked->body.len ? 1 : 0;

    if (request.url.data == NULL) {
        return crm_worker_errand_again(outcome, errand->waits,
                                       "out of memory");
    }

    crm_worker_answer_init(&errand->answer, pool, max_answer);

    errand->answered = answered;
    errand->call = crm_worker_backend_send(&errand->backend,
                       &errand->tools->http, &errand->tools->secrets,
                       &request, errand->org->fetch->settle.timeout_ms,
                       &errand->answer, errand_answered, errand, outcome);

    return errand->call != NULL;
}


static void
errand_answered(void *data, const crm_worker_outcome_t *outcome)
{
    int                    goes_on;
    crm_worker_errand_t   *errand;
    crm_worker_outcome_t   own;

    errand = data;
    errand->call = NULL;

    goes_on = outcome->verdict == CRM_WORKER_DELIVERED
              ? errand->answered(errand->data, &own)
              : crm_worker_errand_end(&own, CRM_WORKER_FAILED,
                                       CRM_WORKER_BACKEND_ERROR,
                                       outcome->reason);

    if (!goes_on) {
        errand_finish(errand, &own);
    }
}


static void
errand_finish(crm_worker_errand_t *errand, const crm_worker_outcome_t *outcome)
{
    crm_worker_rules_release(errand->revision);
    errand->done(errand->done_data, outcome);
}


int
crm_worker_errand_end(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence)
{
    crm_worker_outcome_set(outcome, verdict, class, sentence);

    return 0;
}


int
crm_worker_errand_again(crm_worker_outcome_t *outcome, const char *waits,
    const char *why)
{
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, waits, why);
    outcome->busy_ms = ERRAND_AGAIN_MS;

    return 0;
}


int
crm_worker_errand_strange(const crm_worker_errand_t *errand,
    crm_worker_outcome_t *outcome, const char *what)
{
    char  text[64];

    snprintf(text, sizeof(text), "it answers %u, not with %s",
             errand->answer.status, what);

    return crm_worker_errand_end(outcome, CRM_WORKER_FAILED,
                                  CRM_WORKER_BACKEND_ERROR, text);
}
