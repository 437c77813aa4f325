/*
 * Step 3 (state), crm_record_source snapshot: the before-image that begin has
 * brought along; step 8 (enqueue): the one that commit leaves for the next
 * write. Where one is missing, the backend is asked.
 */

#include "ngx_http_crm_module.h"

#include "queue/crm_snapshot.h"


static void ngx_http_crm_snapshot_answer(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status, crm_record_t *records);


/* What begin does with snapshots. The records of an action are what only the
 * backend knows, and those of requests in one stand in answers of their own:
 * theirs go, whoever has left them. NGX_ERROR: no memory. */
ngx_int_t
ngx_http_crm_snapshot_begin(ngx_http_crm_ctx_t *ctx, crm_str_t *head)
{
    *head = CRM_STR_NULL;

    if (ctx->n_names == 0) {
        return NGX_OK;
    }

    if (ctx->route.operation == CRM_OP_ACTION || ctx->inners) {
        *head = CRM_STR("");
        return NGX_OK;
    }

    if (ctx->conf->record_source != NGX_HTTP_CRM_SOURCE_SNAPSHOT
        || ctx->module == NULL
        || !crm_snapshot_serves(ctx->module, ctx->conf->dialect))
    {
        return NGX_OK;
    }

    if (ctx->snapshot_head.data == NULL) {
        ctx->snapshot_head = crm_snapshot_head(ctx->rules, ctx->conf->dialect,
                                     ngx_http_crm_str(&ctx->org->epoch),
                                     ctx->pool);
    }

    *head = ctx->snapshot_head;

    return head->data ? NGX_OK : NGX_ERROR;
}


/* NGX_DECLINED: one of the records is not known. */
ngx_int_t
ngx_http_crm_snapshot_before(ngx_http_crm_ctx_t *ctx)
{
    size_t                i;
    ngx_http_crm_item_t  *item;

    for (i = 0; i < ctx->decoded.count; i++) {
        item = &ctx->items[i];

        if (ctx->decoded.items[i].record_id.len
            && crm_snapshot_read(&item->before, item->state.snapshot,
                                 &ctx->limits, ctx->pool) != CRM_OK)
        {
            return NGX_DECLINED;
        }
    }

    for (i = 0; i < ctx->decoded.count; i++) {
        ctx->items[i].found = ctx->decoded.items[i].record_id.len != 0;
    }

    return NGX_OK;
}


/* The backend has done the write: what its records are now. */
void
ngx_http_crm_snapshot_keep(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    size_t         i;
    crm_record_t   one, *records;

    records = &one;

    if (ctx->decoded.count > 1) {
        records = crm_pool_calloc(ctx->pool, ctx->decoded.count,
                                  sizeof(crm_record_t));
        if (records == NULL) {
            return;
        }
    }

    ngx_http_crm_snapshot_answer(ctx, status, records);

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].refusal == NULL
            && ctx->outcomes[i].kind == CRM_OUTCOME_DONE)
        {
            crm_snapshot_keep(&ctx->items[i].event, ctx->snapshot_head,
                              (long long) ctx->conf->snapshot_ttl,
                              records[i].object.data ? &records[i] : NULL);
        }
    }
}


/* The records that the answer shows, if it shows any: those whose object has
 * data, each the one of its item. */
static void
ngx_http_crm_snapshot_answer(ngx_http_crm_ctx_t *ctx, ngx_uint_t status,
    crm_record_t *records)
{
    size_t               n;
    crm_str_t            body;
    crm_status_t         rc;
    const crm_field_t   *id;

    n = ctx->decoded.count;
    body = crm_buf_view(&ctx->answer);

    if (n == 1) {
        rc = crm_dialect_read(ctx->conf->dialect, records, (unsigned) status,
                              body, &ctx->limits, ctx->pool);

        id = rc == CRM_OK ? crm_record_field(records,
                           crm_dialect_id_field(ctx->conf->dialect)) : NULL;

        if (id == NULL) {
            rc = CRM_DECLINED;
        }

    } else {
        rc = crm_dialect_read_many(ctx->conf->dialect, records, &ctx->decoded,
                                   (unsigned) status, body, &ctx->limits,
                                   ctx->pool);
    }

    if (rc != CRM_OK) {
        ngx_memzero(records, n * sizeof(crm_record_t));
    }
}
