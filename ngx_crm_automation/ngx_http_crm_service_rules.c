/*
 * GET and PUT /crm_api/rules: the bundle that is live, and another instead.
 *
 *     both: what is current? ▶ its bundle, in slices
 *     GET:  ▶ answer
 *     PUT:  ▶ a thread compares and compiles ▶ script publish ▶ answer
 *
 * A bundle may be large: it comes in slices, and nobody parses it on the event
 * loop.
 */

#include "ngx_http_crm_service.h"

#include "state/crm_state.h"


#define SHEET_SLICE  (256 * 1024)

/* {"org","revision","epoch","now","note","bundle":, without the note */
#define SHEET_HEAD   512


typedef enum {
    SHEET_START = 0,
    SHEET_CURRENT,              /* is being asked for, as all up to FAILED */
    SHEET_NOTE,
    SHEET_LENGTH,
    SHEET_BUNDLE,
    SHEET_PUBLISH,
    SHEET_FAILED,               /* ctx->failure says why */
    SHEET_READ,
    SHEET_JUDGING,
    SHEET_STORED
} ngx_http_crm_sheet_e;


static ngx_int_t ngx_http_crm_sheet_start(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_sheet_cleanup(void *data);
static ngx_int_t ngx_http_crm_sheet_ask(ngx_http_crm_sheet_t *sheet);
static crm_cmd_t *ngx_http_crm_sheet_cmd(ngx_http_crm_sheet_t *sheet,
    crm_pool_t *pool, crm_str_t org);
static void ngx_http_crm_sheet_reply(void *data, const crm_reply_t *reply);
static const char *ngx_http_crm_sheet_take(ngx_http_crm_sheet_t *sheet,
    const crm_reply_t *reply);
static const char *ngx_http_crm_sheet_current(ngx_http_crm_sheet_t *sheet,
    const crm_reply_t *reply);
static const char *ngx_http_crm_sheet_room(ngx_http_crm_sheet_t *sheet,
    long long bytes);
static const char *ngx_http_crm_sheet_slice(ngx_http_crm_sheet_t *sheet,
    crm_str_t slice);
static ngx_int_t ngx_http_crm_sheet_read(ngx_http_crm_sheet_t *sheet);


ngx_int_t
ngx_http_crm_service_rules(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t              rc;
    ngx_http_crm_sheet_t  *sheet;

    sheet = ctx->sheet;

    if (sheet == NULL) {
        return ngx_http_crm_sheet_start(ctx);
    }

    switch (sheet->state) {

    case SHEET_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    case SHEET_READ:
        return ngx_http_crm_sheet_read(sheet);

    case SHEET_JUDGING:
        if (sheet->threaded) {
            return NGX_AGAIN;
        }

        rc = ngx_http_crm_service_judged(sheet);
        if (rc != NGX_OK) {
            return rc;
        }

        sheet->state = SHEET_PUBLISH;
        return ngx_http_crm_sheet_ask(sheet);

    case SHEET_STORED:
        return ngx_http_crm_service_stored(sheet);

    default:
        return ctx->command ? NGX_AGAIN : ngx_http_crm_sheet_ask(sheet);
    }
}


static ngx_int_t
ngx_http_crm_sheet_start(ngx_http_crm_ctx_t *ctx)
{
    ngx_pool_t            *pool;
    ngx_pool_cleanup_t    *cln;
    ngx_http_crm_sheet_t  *sheet;

    pool = ngx_create_pool(4096, ctx->process->log);
    sheet = pool ? ngx_pcalloc(pool, sizeof(ngx_http_crm_sheet_t)) : NULL;
    cln = ngx_pool_cleanup_add(ctx->request->pool, 0);

    if (sheet == NULL || cln == NULL) {
        if (pool) {
            ngx_destroy_pool(pool);
        }

        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    sheet->ctx = ctx;
    sheet->process = ctx->process;
    sheet->org = ctx->org;
    sheet->pool = pool;
    sheet->state = SHEET_CURRENT;

    cln->handler = ngx_http_crm_sheet_cleanup;
    cln->data = sheet;
    ctx->sheet = sheet;

    return ngx_http_crm_sheet_ask(sheet);
}


/* The request ends; a thread that has the sheet ends it when it is done. */
static void
ngx_http_crm_sheet_cleanup(void *data)
{
    ngx_http_crm_sheet_t  *sheet = data;

    ngx_http_crm_redis_forget(sheet->ctx->command);
    sheet->ctx->command = NULL;
    sheet->ctx->sheet = NULL;
    sheet->ctx = NULL;

    if (!sheet->threaded) {
        ngx_http_crm_service_end(sheet);
    }
}


/* What the state says. */
static ngx_int_t
ngx_http_crm_sheet_ask(ngx_http_crm_sheet_t *sheet)
{
    ngx_http_crm_ctx_t  *ctx;

    ctx = sheet->ctx;

    return ngx_http_crm_service_send(ctx,
               ngx_http_crm_sheet_cmd(sheet, ctx->pool,
                                      ngx_http_crm_str(&sheet->org->name)),
               ngx_http_crm_sheet_reply, sheet);
}


/* NULL without memory. */
static crm_cmd_t *
ngx_http_crm_sheet_cmd(ngx_http_crm_sheet_t *sheet, crm_pool_t *pool,
    crm_str_t org)
{
    size_t     i, n;
    crm_str_t  args[4];
    long long  at;

    n = 3;

    switch (sheet->state) {

    case SHEET_CURRENT:
        args[0] = CRM_STR("MGET");
        args[1] = crm_key_epoch(pool, org);
        args[2] = crm_key_revision(pool, org);
        break;

    case SHEET_NOTE:
        args[0] = CRM_STR("HGET");
        args[1] = crm_key_revisions(pool, org);
        args[2] = crm_pool_printf(pool, "%lld", sheet->revision);
        break;

    case SHEET_LENGTH:
        n = 2;
        args[0] = CRM_STR("STRLEN");
        args[1] = crm_key_rules(pool, org, sheet->revision);
        break;

    case SHEET_BUNDLE:
        n = 4;
        at = (long long) (sheet->len - sheet->head);
        args[0] = CRM_STR("GETRANGE");
        args[1] = crm_key_rules(pool, org, sheet->revision);
        args[2] = crm_pool_printf(pool, "%lld", at);
        args[3] = crm_pool_printf(pool, "%lld", at + SHEET_SLICE - 1);
        break;

    default: /* SHEET_PUBLISH */
        return ngx_http_crm_service_publish(sheet);
    }

    for (i = 0; i < n; i++) {
        if (args[i].data == NULL) {
            return NULL;
        }
    }

    return crm_cmd_plain(pool, args, n);
}


static void
ngx_http_crm_sheet_reply(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t    *ctx;
    ngx_http_crm_sheet_t  *sheet = data;

    ctx = sheet->ctx;
    ctx->command = NULL;

    if (reply == NULL) {
        ctx->failure = sheet->state == SHEET_PUBLISH
                       ? "Redis did not answer: whether the rules are stored"
                         " is not known; repeat the request to learn it"
                       : "Redis did not answer";
    } else {
        ctx->failure = ngx_http_crm_sheet_take(sheet, reply);
    }

    if (ctx->failure) {
        sheet->state = SHEET_FAILED;
    }

    ngx_http_crm_request_resume(ctx);
}


/* NULL and the next state, or what failed. */
static const char *
ngx_http_crm_sheet_take(ngx_http_crm_sheet_t *sheet, const crm_reply_t *reply)
{
    crm_error_t    err;
    crm_publish_t  publish;

    static const char  none[] = "Redis gave an answer that is none";

    switch (sheet->state) {

    case SHEET_CURRENT:
        return ngx_http_crm_sheet_current(sheet, reply);

    case SHEET_NOTE:
        if (reply->type != CRM_REPLY_STRING && reply->type != CRM_REPLY_NIL) {
            return none;
        }

        sheet->note = reply->type == CRM_REPLY_STRING
                      && ngx_http_crm_service_object(sheet->ctx, reply->str)
                      ? crm_pool_dup(sheet->ctx->pool, reply->str)
                      : CRM_STR("null");
        sheet->state = SHEET_LENGTH;
        return sheet->note.data ? NULL : "out of memory";

    case SHEET_LENGTH:
        return reply->type == CRM_REPLY_INTEGER
               ? ngx_http_crm_sheet_room(sheet, reply->integer) : none;

    case SHEET_BUNDLE:
        return reply->type == CRM_REPLY_STRING
               ? ngx_http_crm_sheet_slice(sheet, reply->str) : none;

    default: /* SHEET_PUBLISH */
        if (crm_state_publish(&publish, reply, sheet->ctx->pool, &err)
            != CRM_OK)
        {
            ngx_log_error(NGX_LOG_ERR, sheet->process->log, 0,
                          "crm service: the rules were not stored: %s",
                          err.text);
            return crm_reply_is_error(reply, "OOM")
                   ? "Redis is full: the rules were not stored" : none;
        }

        sheet->edit.end = publish.conflict ? CRM_EDIT_STALE : CRM_EDIT_STORE;
        sheet->revision = publish.revision;
        sheet->state = SHEET_STORED;
        return NULL;
    }
}


/* [epoch, revision] */
static const char *
ngx_http_crm_sheet_current(ngx_http_crm_sheet_t *sheet,
    const crm_reply_t *reply)
{
    crm_error_t  err;

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 2) {
        return "Redis gave an answer that is none";
    }

    if (reply->elements[0].type != CRM_REPLY_STRING
        || !crm_str_eq(reply->elements[0].str,
                       ngx_http_crm_str(&sheet->org->epoch))
        || crm_reply_integer(&sheet->revision, &reply->elements[1], &err)
           != CRM_OK
        || sheet->revision <= 0)
    {
        ngx_http_crm_rules_poll(sheet->org);
        return "Redis is not the one that held our state";
    }

    sheet->state = sheet->ctx->request->method == NGX_HTTP_PUT ? SHEET_LENGTH
                                                               : SHEET_NOTE;
    return NULL;
}


/* For the bundle, what stands before it in the answer, and two bytes. */
static const char *
ngx_http_crm_sheet_room(ngx_http_crm_sheet_t *sheet, long long bytes)
{
    u_char     *p;
    ngx_str_t  *org, *epoch;

    if (bytes <= 0 || bytes > CRM_REPLY_MAX_BYTES) {
        return "the bundle of the current revision is not in Redis, or is"
               " larger than nginx reads";
    }

    sheet->text = ngx_alloc(SHEET_HEAD + sheet->note.len + (size_t) bytes + 2,
                            sheet->process->log);
    if (sheet->text == NULL) {
        return "out of memory";
    }

    if (sheet->note.data) {
        org = &sheet->org->name;
        epoch = &sheet->org->epoch;
        p = ngx_snprintf((u_char *) sheet->text, SHEET_HEAD + sheet->note.len,
                         "{\"org\":\"%V\",\"revision\":%L,\"epoch\":\"%V\","
                         "\"now\":%L,\"note\":%*s,\"bundle\":", org,
                         (int64_t) sheet->revision, epoch,
                         (int64_t) ngx_http_crm_now_ms(), sheet->note.len,
                         sheet->note.data);
        sheet->head = (size_t) (p - (u_char *) sheet->text);
    }

    sheet->len = sheet->head;
    sheet->size = sheet->head + (size_t) bytes;
    sheet->state = SHEET_BUNDLE;

    return NULL;
}


static const char *
ngx_http_crm_sheet_slice(ngx_http_crm_sheet_t *sheet, crm_str_t slice)
{
    if (slice.len != ngx_min(sheet->size - sheet->len, SHEET_SLICE)) {
        return "the bundle of the current revision is not in Redis any more";
    }

    ngx_memcpy(sheet->text + sheet->len, slice.data, slice.len);
    sheet->len += slice.len;

    if (sheet->len == sheet->size) {
        sheet->state = SHEET_READ;
    }

    return NULL;
}


static ngx_int_t
ngx_http_crm_sheet_read(ngx_http_crm_sheet_t *sheet)
{
    if (sheet->ctx->request->method == NGX_HTTP_PUT) {
        sheet->state = SHEET_JUDGING;

        return ngx_http_crm_service_judge(sheet) == NGX_OK ? NGX_AGAIN
               : ngx_http_crm_decide_unavailable(sheet->ctx, "out of memory");
    }

    sheet->text[sheet->len++] = '}';

    return ngx_http_crm_service_answer(sheet->ctx,
                                       crm_str(sheet->text, sheet->len));
}
