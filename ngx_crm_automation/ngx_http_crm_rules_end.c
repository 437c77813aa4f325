/*
 * The end of a rule set, and of the bundle that it was compiled from: giving
 * the memory of a hundred thousand rules back to the kernel takes longer than
 * requests may wait, so that a thread does it.
 */

#include "ngx_http_crm_rules.h"


typedef struct {
    crm_ruleset_t  *rules;
    char           *text;           /* malloc'ed */
} ngx_http_crm_end_t;


static void ngx_http_crm_end(ngx_http_crm_process_t *process,
    crm_ruleset_t *rules, char *text);
static void ngx_http_crm_end_thread(void *data, ngx_log_t *log);
static void ngx_http_crm_end_done(ngx_event_t *ev);


void
ngx_http_crm_rules_release(ngx_http_crm_process_t *process,
    crm_ruleset_t *rules)
{
    if (rules == NULL) {
        return;
    }

    if (crm_ruleset_shared(rules)) {
        crm_ruleset_release(rules);

    } else {
        ngx_http_crm_end(process, rules, NULL);
    }
}


void
ngx_http_crm_load_free(ngx_http_crm_load_t *load)
{
    if (load) {
        if (load->rules || load->text) {
            ngx_http_crm_end(load->org->process, load->rules, load->text);
        }

        ngx_destroy_pool(load->pool);
    }
}


/* At once where there is no thread any more, or none to be had. */
static void
ngx_http_crm_end(ngx_http_crm_process_t *process, crm_ruleset_t *rules,
    char *text)
{
    ngx_thread_task_t   *task;
    ngx_http_crm_end_t  *end;

    task = NULL;

    if (!ngx_exiting && !ngx_terminate && !ngx_quit) {
        task = ngx_calloc(sizeof(ngx_thread_task_t)
                          + sizeof(ngx_http_crm_end_t), process->log);
    }

    if (task) {
        end = (ngx_http_crm_end_t *) (task + 1);
        end->rules = rules;
        end->text = text;

        task->ctx = end;
        task->handler = ngx_http_crm_end_thread;
        task->event.handler = ngx_http_crm_end_done;
        task->event.data = task;

        if (ngx_thread_task_post(process->conf->thread_pool, task) == NGX_OK) {
            return;
        }

        ngx_free(task);
    }

    crm_ruleset_release(rules);
    free(text);
}


/* Nobody else holds them. */
static void
ngx_http_crm_end_thread(void *data, ngx_log_t *log)
{
    ngx_http_crm_end_t  *end = data;

    (void) log;

    crm_ruleset_release(end->rules);
    free(end->text);
}


static void
ngx_http_crm_end_done(ngx_event_t *ev)
{
    ngx_free(ev->data);
}
