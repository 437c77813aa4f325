/*
 * Step 7 (capture), of many records: what became of each, and an answer in
 * which those that were refused stand at their places.
 *
 * The answer is ours only where something has been cut out of the request:
 * else the backend's goes out as it came.
 */

#include "ngx_http_crm_module.h"


static void ngx_http_crm_merge_unjudged(ngx_http_crm_ctx_t *ctx, size_t i);
static void ngx_http_crm_merge_headers(ngx_http_request_t *r);


/* Fills ctx->outcomes, and says what all of them come to. */
ngx_http_crm_merge_e
ngx_http_crm_merge_outcome(ngx_http_crm_ctx_t *ctx, ngx_uint_t status,
    crm_str_t body)
{
    size_t                 i;
    ngx_http_crm_merge_e   all;

    if (crm_dialect_outcome(ctx->conf->dialect, ctx->outcomes, &ctx->route,
                            &ctx->decoded, (unsigned) status, body,
                            &ctx->limits, ctx->pool) != CRM_OK)
    {
        return NGX_HTTP_CRM_MERGE_UNKNOWN;
    }

    all = NGX_HTTP_CRM_MERGE_REFUSED;

    for (i = 0; i < ctx->decoded.count; i++) {

        if (ctx->decoded.items[i].refusal
            || ctx->outcomes[i].kind == CRM_OUTCOME_REFUSED)
        {
            continue;
        }

        if (ngx_http_crm_action_beside(&ctx->decoded.items[i])
            && ctx->outcomes[i].kind == CRM_OUTCOME_DONE)
        {
            continue;               /* nothing follows from it */
        }

        if (ctx->outcomes[i].unjudged) {
            ngx_http_crm_merge_unjudged(ctx, i);
        }

        if (ctx->outcomes[i].kind == CRM_OUTCOME_UNKNOWN) {
            all = NGX_HTTP_CRM_MERGE_UNKNOWN;
        }

        if (all == NGX_HTTP_CRM_MERGE_UNKNOWN) {
            continue;
        }

        if (ctx->decoded.items[i].operation != CRM_OP_CREATE) {
            ctx->outcomes[i].record_id = ctx->decoded.items[i].record_id;
        }

        if (ctx->outcomes[i].record_id.len == 0) {
            all = NGX_HTTP_CRM_MERGE_NAMELESS;
        }

        if (all != NGX_HTTP_CRM_MERGE_NAMELESS) {
            all = NGX_HTTP_CRM_MERGE_DONE;
        }
    }

    return all;
}


/* Somebody made a record between our look and the backend's. What Redis holds
 * of it is not so any more. */
static void
ngx_http_crm_merge_unjudged(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_str_t          del[2];
    crm_cmd_t         *cmd;
    crm_record_name_t  record;

    record.module = ctx->decoded.items[i].module;
    record.id = ctx->outcomes[i].record_id;

    del[0] = CRM_STR("DEL");
    del[1] = crm_key_snapshot(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                              record);
    cmd = del[1].data ? crm_cmd_plain(ctx->pool, del, 2) : NULL;

    if (cmd && ctx->process->redis) {
        (void) ngx_http_crm_redis_command(ctx->process->redis, cmd, NULL,
                                          NULL);
    }

    ngx_http_crm_zone_unjudged(ngx_http_crm_main_conf(ctx->request));

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "crm capture: the backend updated a record that was not"
                  " judged, record:\"%*s/%*s\" event:%*s",
                  ctx->decoded.items[i].module.len,
                  ctx->decoded.items[i].module.data,
                  ctx->outcomes[i].record_id.len,
                  ctx->outcomes[i].record_id.data,
                  ctx->event_id.len, ctx->event_id.data);
}


/*
 * The answer with the refused records in it. NGX_DECLINED: the backend has
 * answered something else, of the whole request; NGX_ERROR: no memory.
 */
ngx_int_t
ngx_http_crm_merge_answer(ngx_http_crm_ctx_t *ctx)
{
    unsigned   status;
    crm_str_t  type, merged;

    status = (unsigned) ctx->request->headers_out.status;

    switch (crm_dialect_merge(ctx->conf->dialect, &merged, &type, &status,
                              &ctx->decoded, crm_buf_view(&ctx->answer),
                              ctx->outcomes, &ctx->limits, ctx->pool))
    {
    case CRM_OK:
        ngx_http_crm_merge_replace(ctx, status, type, merged);
        return NGX_OK;

    case CRM_ENOMEM:
        return NGX_ERROR;

    default:
        return NGX_DECLINED;
    }
}


/* Nobody can tell which records were written, and the answer to those that
 * were refused has no place to stand in. */
ngx_int_t
ngx_http_crm_merge_unknown(ngx_http_crm_ctx_t *ctx)
{
    unsigned       status;
    crm_buf_t      body;
    crm_str_t      type;
    crm_refusal_t  refusal;

    ngx_memzero(&refusal, sizeof(crm_refusal_t));

    refusal.kind = CRM_REFUSE_UNKNOWN;
    refusal.operation = ctx->route.operation;
    refusal.module = ctx->route.module;
    refusal.event = ctx->event_id;
    refusal.offset = CRM_NO_OFFSET;
    refusal.reason = CRM_STR("records of this request were refused, and the"
                             " answer to the others could not be read; what"
                             " became of them is settled later");

    crm_buf_init(&body, ctx->pool, 0);
    status = crm_dialect_refuse(ctx->conf->dialect, &body, &type, &refusal);

    if (crm_buf_status(&body) != CRM_OK) {
        return NGX_ERROR;
    }

    ngx_http_crm_merge_replace(ctx, status, type, crm_buf_view(&body));

    return NGX_OK;
}


/* Header and body of what is held back become these; body lives as long as the
 * request. */
void
ngx_http_crm_merge_replace(ngx_http_crm_ctx_t *ctx, ngx_uint_t status,
    crm_str_t type, crm_str_t body)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ngx_http_crm_merge_headers(r);

    r->headers_out.status = status;
    r->headers_out.status_line.len = 0;

    if (status == 207) {
        ngx_str_set(&r->headers_out.status_line, "207 Multi-Status");
    }

    r->headers_out.content_type = ngx_http_crm_ngx_str(type);
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.charset.len = 0;

    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = (off_t) body.len;

    crm_buf_hold(&ctx->answer, ctx->pool, body);

    ctx->last = 1;
    ctx->replaced = 1;
}


/* What the backend said of its own bytes is not true of ours. */
static void
ngx_http_crm_merge_headers(ngx_http_request_t *r)
{
    ngx_uint_t        i, k;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static const char *const  names[] = {
        "content-encoding", "content-md5", "digest", "content-digest",
        "repr-digest", NULL
    };

    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    r->headers_out.content_encoding = NULL;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (k = 0; names[k]; k++) {
                if (h[i].key.len == ngx_strlen(names[k])
                    && ngx_strncasecmp(h[i].key.data, (u_char *) names[k],
                                       h[i].key.len) == 0)
                {
                    h[i].hash = 0;
                }
            }
        }
    }
}
