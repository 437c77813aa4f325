/*
 * PUT /crm_api/rules: what was sent is judged by a thread, stored by a script
 * unless somebody was faster, and the processes are told.
 *
 * A client that leaves meanwhile has either come before the script, and nothing
 * is stored, or behind it; who repeats a request that was stored hears so.
 */

#include "ngx_http_crm_service.h"

#include "rules/crm_who.h"


static void ngx_http_crm_edit_thread(void *data, ngx_log_t *log);
static void ngx_http_crm_edit_done(ngx_event_t *ev);
static ngx_int_t ngx_http_crm_edit_refuse(ngx_http_crm_sheet_t *sheet,
    crm_refusal_kind_t kind);
static ngx_int_t ngx_http_crm_edit_answer(ngx_http_crm_sheet_t *sheet,
    ngx_uint_t changed);
static void ngx_http_crm_edit_hint(ngx_http_crm_sheet_t *sheet);


ngx_int_t
ngx_http_crm_service_judge(ngx_http_crm_sheet_t *sheet)
{
    char                *sent, *epoch, *user, *name, *org;
    crm_str_t            known;
    crm_edit_ask_t      *ask;
    const crm_user_t    *who;
    ngx_http_crm_ctx_t  *ctx;

    ctx = sheet->ctx;
    ask = &sheet->ask;

    who = crm_who_active(ctx->rules, ctx->actor.id);
    known = who ? who->name : CRM_STR("");

    /* copies: the request may end before the thread */

    sheet->core = crm_pool_create(crm_host_malloc(), 0);
    sheet->task = ngx_thread_task_alloc(sheet->pool,
                                        sizeof(ngx_http_crm_sheet_t *));

    if (sheet->core == NULL || sheet->task == NULL) {
        return NGX_ERROR;
    }

    ask->sent = crm_pool_dup(sheet->core, ctx->body);
    ask->epoch = crm_pool_dup(sheet->core,
                              ngx_http_crm_str(&sheet->org->epoch));
    ask->user = crm_pool_dup(sheet->core, ctx->actor.id);
    ask->name = crm_pool_dup(sheet->core, known);
    ask->org = crm_pool_dup(sheet->core, ngx_http_crm_str(&sheet->org->name));

    sent = (char *) ask->sent.data;
    epoch = (char *) ask->epoch.data;
    user = (char *) ask->user.data;
    name = (char *) ask->name.data;
    org = (char *) ask->org.data;

    if (sent == NULL || epoch == NULL || user == NULL || name == NULL
        || org == NULL)
    {
        return NGX_ERROR;
    }

    ask->live = crm_str(sheet->text, sheet->len);
    ask->revision = sheet->revision;
    ask->permits = ngx_http_crm_service_permits(ctx);
    ask->now_ms = ngx_http_crm_now_ms();

    *(ngx_http_crm_sheet_t **) sheet->task->ctx = sheet;
    sheet->task->handler = ngx_http_crm_edit_thread;
    sheet->task->event.handler = ngx_http_crm_edit_done;
    sheet->task->event.data = sheet;

    if (ngx_thread_task_post(sheet->process->conf->thread_pool, sheet->task)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    sheet->threaded = 1;

    return NGX_OK;
}


static void
ngx_http_crm_edit_thread(void *data, ngx_log_t *log)
{
    ngx_http_crm_sheet_t  *sheet = *(ngx_http_crm_sheet_t **) data;

    (void) log;

    sheet->rc = crm_edit_judge(&sheet->edit, &sheet->ask, crm_host_malloc(),
                               sheet->core);
}


/* Back on the event loop. */
static void
ngx_http_crm_edit_done(ngx_event_t *ev)
{
    ngx_http_crm_sheet_t  *sheet = ev->data;

    sheet->threaded = 0;

    if (sheet->ctx) {
        ngx_http_crm_request_resume(sheet->ctx);
    } else {
        ngx_http_crm_service_end(sheet);
    }
}


/* NGX_OK: it is to be stored; else it is answered. */
ngx_int_t
ngx_http_crm_service_judged(ngx_http_crm_sheet_t *sheet)
{
    if (sheet->rc != CRM_OK) {
        return ngx_http_crm_decide_unavailable(sheet->ctx, "out of memory");
    }

    switch (sheet->edit.end) {

    case CRM_EDIT_STORE:
        return NGX_OK;

    case CRM_EDIT_SAME:
        return ngx_http_crm_edit_answer(sheet,
                   sheet->edit.expected != sheet->revision);

    case CRM_EDIT_DENIED:
        return ngx_http_crm_edit_refuse(sheet, CRM_REFUSE_PERMISSION);

    case CRM_EDIT_STALE:
        return ngx_http_crm_edit_refuse(sheet, CRM_REFUSE_STALE);

    default: /* CRM_EDIT_INVALID */
        return ngx_http_crm_edit_refuse(sheet, CRM_REFUSE_BODY);
    }
}


static ngx_int_t
ngx_http_crm_edit_refuse(ngx_http_crm_sheet_t *sheet, crm_refusal_kind_t kind)
{
    return ngx_http_crm_decide_refuse(sheet->ctx, kind,
                                      sheet->edit.error.text);
}


crm_cmd_t *
ngx_http_crm_service_publish(ngx_http_crm_sheet_t *sheet)
{
    crm_cmd_publish_t  in;

    in.org = ngx_http_crm_str(&sheet->org->name);
    in.expected = sheet->edit.expected;
    in.bundle = sheet->edit.bundle;
    in.meta = sheet->edit.meta;
    in.epoch = ngx_http_crm_str(&sheet->org->epoch);

    return crm_cmd_publish(sheet->core, &in);
}


/* Or somebody was faster. */
ngx_int_t
ngx_http_crm_service_stored(ngx_http_crm_sheet_t *sheet)
{
    if (sheet->edit.end == CRM_EDIT_STALE) {
        (void) crm_error_set(&sheet->edit.error, CRM_EINVAL, CRM_NO_OFFSET,
                             "", "revision %lld came in between; make the"
                             " change again", sheet->revision);

        return ngx_http_crm_edit_refuse(sheet, CRM_REFUSE_STALE);
    }

    ngx_log_error(NGX_LOG_NOTICE, sheet->process->log, 0,
                  "crm service: user \"%*s\" stored revision %L of"
                  " organisation \"%V\"", sheet->ask.user.len,
                  sheet->ask.user.data, (int64_t) sheet->revision,
                  &sheet->org->name);

    ngx_http_crm_edit_hint(sheet);
    ngx_http_crm_rules_poll(sheet->org);

    return ngx_http_crm_edit_answer(sheet, 1);
}


static ngx_int_t
ngx_http_crm_edit_answer(ngx_http_crm_sheet_t *sheet, ngx_uint_t changed)
{
    crm_str_t                  text;
    const crm_edit_changes_t  *n;

    n = &sheet->edit.changes;

    text = crm_pool_printf(sheet->ctx->pool, "{\"revision\":%lld,"
                           "\"changed\":%s,\"added\":%zu,\"replaced\":%zu,"
                           "\"removed\":%zu}", sheet->revision,
                           changed ? "true" : "false", n->added, n->changed,
                           n->removed);

    return text.data ? ngx_http_crm_service_answer(sheet->ctx, text)
           : ngx_http_crm_decide_unavailable(sheet->ctx, "out of memory");
}


/* For the other processes; without it they look within a second. */
static void
ngx_http_crm_edit_hint(ngx_http_crm_sheet_t *sheet)
{
    crm_cmd_t  *cmd;
    crm_str_t   args[3];

    args[0] = CRM_STR("PUBLISH");
    args[1] = crm_pool_printf(sheet->core, "crm:{%.*s}:rules",
                              (int) sheet->ask.org.len, sheet->ask.org.data);
    args[2] = crm_pool_printf(sheet->core, "%lld", sheet->revision);

    cmd = args[1].data && args[2].data ? crm_cmd_plain(sheet->core, args, 3)
                                       : NULL;
    if (cmd) {
        (void) ngx_http_crm_redis_command(sheet->process->redis, cmd, NULL,
                                          NULL);
    }
}


void
ngx_http_crm_service_end(ngx_http_crm_sheet_t *sheet)
{
    if (sheet->core) {
        crm_pool_destroy(sheet->core);
    }

    if (sheet->text) {
        ngx_free(sheet->text);
    }

    ngx_destroy_pool(sheet->pool);
}
