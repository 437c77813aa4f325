/*
 * Step 3 (state), of records that are created and that assignment rules give
 * to somebody: whose turns are to be taken, and whose turn it was.
 *
 * Turns are taken by begin, which comes first then even of a create, and are
 * kept with the intent: whatever becomes of the write, commit, abort or
 * recovery's end of it gives back those that no record has used.
 */

#include "ngx_http_crm_module.h"

#include "base/crm_date.h"


static ngx_uint_t ngx_http_crm_assign_concerns(ngx_http_crm_ctx_t *ctx);
static crm_status_t ngx_http_crm_assign_item(ngx_http_crm_ctx_t *ctx,
    size_t i);
static crm_status_t ngx_http_crm_assign_pool(ngx_http_crm_ctx_t *ctx,
    ngx_http_crm_item_t *item);


ngx_int_t
ngx_http_crm_assign_step(ngx_http_crm_ctx_t *ctx)
{
    size_t        i;
    crm_status_t  rc;

    if (!ngx_http_crm_assign_concerns(ctx)) {
        return NGX_OK;
    }

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].operation == CRM_OP_CREATE) {
            rc = ngx_http_crm_assign_item(ctx, i);
        }
    }

    return rc == CRM_OK ? NGX_OK
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


static ngx_uint_t
ngx_http_crm_assign_concerns(ngx_http_crm_ctx_t *ctx)
{
    size_t               i;
    const crm_module_t  *module;

    if (ctx->call) {
        return 0;
    }

    if (ctx->inners == NULL) {
        return ctx->module && ctx->module->assignments.count;
    }

    for (i = 0; i < ctx->decoded.count; i++) {
        module = ngx_http_crm_composite_module(ctx, &ctx->decoded.items[i]);

        if (module && module->assignments.count) {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
ngx_http_crm_assign_item(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_status_t          rc;
    crm_assigned_t        assigned;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[i];

    rc = ngx_http_crm_decide_fill(ctx, i);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_assign(&assigned, &item->write);
    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    item->assigned = crm_pool_alloc(ctx->pool, sizeof(crm_assigned_t));
    if (item->assigned == NULL) {
        return CRM_ENOMEM;
    }

    *item->assigned = assigned;

    if (assigned.turns.len == 0) {
        return CRM_OK;
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {

        /* nobody's turn is taken: it might be the first one's */

        crm_assign_turn(item->assigned, &item->write, 0);
        return CRM_OK;
    }

    return ngx_http_crm_assign_pool(ctx, item);
}


/* One turn more of those who take them. */
static crm_status_t
ngx_http_crm_assign_pool(ngx_http_crm_ctx_t *ctx, ngx_http_crm_item_t *item)
{
    size_t                  i;
    crm_cmd_turns_t        *turns;
    const crm_party_t      *to;
    const crm_assigned_t   *assigned;

    assigned = item->assigned;

    for (i = 0; i < ctx->n_turns; i++) {
        if (crm_str_eq(ctx->turns[i].of, assigned->turns)) {
            item->pool = i;
            item->take = ctx->turns[i].takes++;
            return CRM_OK;
        }
    }

    if (ctx->turns == NULL) {
        ctx->turns = crm_pool_calloc(ctx->pool, ctx->decoded.count,
                                     sizeof(crm_cmd_turns_t));
        if (ctx->turns == NULL) {
            return CRM_ENOMEM;
        }
    }

    to = &assigned->entry->to;
    turns = &ctx->turns[ctx->n_turns];

    turns->of = assigned->turns;
    turns->members = assigned->who.count;
    turns->takes = 1;
    turns->limit = to->limited ? to->threshold : -1;
    turns->online = to->online;
    turns->module = item->write.module->name;
    turns->users = to->limited || to->online ? assigned->who.ids : NULL;

    item->pool = ctx->n_turns++;

    return CRM_OK;
}


/* The day that it is in the organisation; data is NULL without memory. */
crm_str_t
ngx_http_crm_assign_day(ngx_http_crm_ctx_t *ctx)
{
    crm_date_t  date;

    date = crm_date_civil(crm_zone_day(crm_ruleset_zone(ctx->rules),
                                       ngx_http_crm_now_ms() / 1000));

    return crm_pool_printf(ctx->pool, "%04lld%02d%02d", date.year, date.month,
                           date.day);
}


/* Begin took turns: n of them, pool by pool. NGX_ERROR: not as many as it was
 * asked for. */
ngx_int_t
ngx_http_crm_assign_taken(ngx_http_crm_ctx_t *ctx, const long long *turns,
    size_t n)
{
    size_t                i, k, at;
    ngx_http_crm_item_t  *item;

    for (i = 0, k = 0; i < ctx->n_turns; i++) {
        k += ctx->turns[i].takes;
    }

    if (n != k) {
        return NGX_ERROR;
    }

    for (i = 0; i < ctx->decoded.count; i++) {
        item = &ctx->items[i];

        if (item->assigned == NULL || item->assigned->turns.len == 0) {
            continue;
        }

        for (k = 0, at = item->take; k < item->pool; k++) {
            at += ctx->turns[k].takes;
        }

        item->assigned->taken = turns[at] < 0 ? -1 : (long long) at;
        crm_assign_turn(item->assigned, &item->write, turns[at]);
    }

    return NGX_OK;
}
