/*
 * One record that a request writes to many: what rules set stands in it once,
 * so that it must be the same for all of them.
 */

#include "ngx_http_crm_module.h"


static ngx_uint_t ngx_http_crm_shared_differs(ngx_http_crm_ctx_t *ctx,
    const crm_change_t *change);
static ngx_uint_t ngx_http_crm_shared_has(ngx_http_crm_ctx_t *ctx, size_t i,
    const crm_change_t *change);
static ngx_uint_t ngx_http_crm_shared_set(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_str_t field);


/* Behind the rules, in front of the backend. */
ngx_int_t
ngx_http_crm_shared_judged(ngx_http_crm_ctx_t *ctx)
{
    size_t                i, k;
    const crm_changes_t  *changes;

    for (i = 0; i < ctx->decoded.count; i++) {
        changes = &ctx->items[i].event.transform.changes;

        if (ctx->decoded.items[i].refusal || changes->real == 0) {
            continue;
        }

        for (k = 0; k < changes->count; k++) {
            if (!changes->items[k].same
                && ngx_http_crm_shared_differs(ctx, &changes->items[k]))
            {
                return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                           "rules set something else in each of these records,"
                           " which one record for all cannot say; write them"
                           " one by one");
            }
        }
    }

    return NGX_OK;
}


/* A record that has the value already agrees. */
static ngx_uint_t
ngx_http_crm_shared_differs(ngx_http_crm_ctx_t *ctx,
    const crm_change_t *change)
{
    size_t               i;
    const crm_change_t  *other;

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].refusal) {
            continue;
        }

        other = crm_changes_find(&ctx->items[i].event.transform.changes,
                                 change->field);

        if (other ? !crm_str_eq(other->json, change->json)
                  : !ngx_http_crm_shared_has(ctx, i, change))
        {
            return 1;
        }
    }

    return 0;
}


/* Of one for which no rule sets the field. */
static ngx_uint_t
ngx_http_crm_shared_has(ngx_http_crm_ctx_t *ctx, size_t i,
    const crm_change_t *change)
{
    const crm_field_t  *field;

    if (!ctx->items[i].found) {
        return 1;               /* there is none to be changed */
    }

    field = crm_record_field(&ctx->items[i].before, change->field);

    return field && crm_str_eq(crm_span_raw(field->value), change->json)
           && crm_record_field(ctx->decoded.items[i].record, change->field)
              == NULL;
}


/* The body without those that are refused, with what rules set. */
ngx_int_t
ngx_http_crm_shared_forward(ngx_http_crm_ctx_t *ctx, crm_str_t *forwarded)
{
    size_t                i, k;
    crm_splice_t          splice;
    const crm_changes_t  *changes;

    crm_splice_init(&splice, ctx->decoded.text, ctx->pool);

    if (ctx->cut && crm_dialect_cut(&splice, &ctx->decoded) != CRM_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < ctx->decoded.count; i++) {
        changes = &ctx->items[i].event.transform.changes;

        for (k = 0; !ctx->decoded.items[i].refusal && k < changes->count; k++)
        {
            if (changes->items[k].same
                || ngx_http_crm_shared_set(ctx, i, changes->items[k].field))
            {
                continue;
            }

            if (crm_splice_set(&splice, ctx->decoded.items[i].record,
                               changes->items[k].field,
                               changes->items[k].json) != CRM_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    *forwarded = crm_splice_apply(&splice);

    return forwarded->data ? NGX_OK : NGX_ERROR;
}


/* For one of the records in front of it already. */
static ngx_uint_t
ngx_http_crm_shared_set(ngx_http_crm_ctx_t *ctx, size_t i, crm_str_t field)
{
    const crm_change_t  *change;

    while (i-- > 0) {
        change = crm_changes_find(&ctx->items[i].event.transform.changes,
                                  field);

        if (change && !change->same && !ctx->decoded.items[i].refusal) {
            return 1;
        }
    }

    return 0;
}
