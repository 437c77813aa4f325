/*
 * Actions of the API (convert, change_owner, tags ...): judged as what they do
 * to the records that they name, and forwarded as they came.
 *
 * What an action makes of a record, the backend alone knows: there is nothing
 * to change, to enqueue or to recover. So an action has a lease, the current
 * record and the guards' verdict, and its intent, which is never prepared,
 * goes when the backend has answered. An action whose records nobody can name
 * is refused where a guard could stand before any of them.
 *
 * In a composite an action is one of the requests in it, and shares their lease
 * and their intent, in which it does not stand.
 */

#include "ngx_http_crm_module.h"

#include "queue/crm_snapshot.h"


/* Of the lease's grace, what may pass before the backend is asked: the rest of
 * the lease must outlive its answer. */
#define NGX_HTTP_CRM_ACTION_MAX_MS  8000


static crm_refusal_kind_t ngx_http_crm_action_guards(ngx_http_crm_ctx_t *ctx,
    crm_str_t name, unsigned does);
static ngx_int_t ngx_http_crm_action_refuse(ngx_http_crm_ctx_t *ctx,
    crm_refusal_kind_t kind, const char *reason);


/* Behind the rule set: NGX_OK: to be judged. */
ngx_int_t
ngx_http_crm_action_rules(ngx_http_crm_ctx_t *ctx)
{
    const char          *reason;
    crm_refusal_kind_t   kind;

    if (ctx->route.targets == CRM_TARGETS_INNER) {
        return crm_ruleset_modules(ctx->rules)
               ? NGX_OK : ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    switch (ngx_http_crm_action_concern(ctx, &ctx->route, &kind, &reason)) {

    case NGX_OK:
        return NGX_OK;

    case NGX_DECLINED:
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);

    default:
        return ngx_http_crm_action_refuse(ctx, kind, reason);
    }
}


/*
 * An action, or one in a request that holds several. NGX_OK: to be judged, by
 * the records that it names; NGX_DECLINED: it passes; NGX_ERROR: it is refused,
 * whatever its records.
 */
ngx_int_t
ngx_http_crm_action_concern(ngx_http_crm_ctx_t *ctx, const crm_route_t *route,
    crm_refusal_kind_t *kind, const char **reason)
{
    if (route->related.len
        && ngx_http_crm_action_guards(ctx, route->related,
                                      CRM_RESTRICT_UPDATE) != CRM_REFUSE_NONE)
    {
        *kind = CRM_REFUSE_LOCKED;
        *reason = "this also writes a record of another module, which rules"
                  " guard; write that record itself";

        return NGX_ERROR;
    }

    *kind = ngx_http_crm_action_guards(ctx, route->module, route->does);

    if (*kind == CRM_REFUSE_NONE
        || (*kind != CRM_REFUSE_LOCKED && *kind != CRM_REFUSE_APPROVAL
            && route->targets == CRM_TARGETS_PATH
            && ctx->conf->record_source != NGX_HTTP_CRM_SOURCE_SNAPSHOT))
    {
        return NGX_DECLINED;
    }

    if (route->targets == CRM_TARGETS_ALL) {
        *reason = "which records this would change cannot be told, and rules"
                  " judge such records; write them one by one, by their ids";

        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * How a record of that module (of any, if it is empty) could be refused what
 * does that. The name may be written in the other case.
 */
static crm_refusal_kind_t
ngx_http_crm_action_guards(ngx_http_crm_ctx_t *ctx, crm_str_t name,
    unsigned does)
{
    size_t               i;
    crm_refusal_kind_t   kind;
    const crm_module_t  *module;

    for (i = 0; i < crm_ruleset_modules(ctx->rules); i++) {
        module = crm_ruleset_module_at(ctx->rules, i);

        if (name.len && !crm_str_caseeq(module->name, name)) {
            continue;
        }

        kind = crm_module_guards(module, does);

        /* what it writes may stand in Redis, and would stand there as it was */

        if (kind == CRM_REFUSE_NONE
            && ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_SNAPSHOT
            && crm_snapshot_serves(module, ctx->conf->dialect))
        {
            kind = CRM_REFUSE_ROUTE;
        }

        if (kind != CRM_REFUSE_NONE) {
            return kind;
        }
    }

    return CRM_REFUSE_NONE;
}


/* A view, criteria or nothing at all says which records of ctx->module. */
ngx_int_t
ngx_http_crm_action_unnamed(ngx_http_crm_ctx_t *ctx)
{
    const char          *reason;
    crm_refusal_kind_t   kind;

    ctx->decoded.count = 0;
    kind = ngx_http_crm_action_nameless(ctx->module, &ctx->route, &reason);

    return ngx_http_crm_action_refuse(ctx, kind, reason);
}


/* How such an action is refused, and why. */
crm_refusal_kind_t
ngx_http_crm_action_nameless(const crm_module_t *module,
    const crm_route_t *route, const char **reason)
{
    crm_refusal_kind_t  kind;

    kind = crm_module_guards(module, route->does);

    *reason = "which records this would change cannot be told, and rules guard"
              " records of this module; name them by their ids";

    return kind == CRM_REFUSE_NONE ? CRM_REFUSE_ROUTE : kind;
}


/* Of an action beside other requests in one: nothing follows from it. */
ngx_uint_t
ngx_http_crm_action_beside(const crm_item_t *item)
{
    return item->inner && item->operation == CRM_OP_ACTION;
}


/* In front of the proxy, where there is nothing else: does the lease of those
 * that are forwarded last? */
ngx_int_t
ngx_http_crm_action_prepare(ngx_http_crm_ctx_t *ctx)
{
    size_t  i;

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].refusal == NULL) {
            break;
        }
    }

    if (i < ctx->decoded.count
        && ngx_current_msec - ctx->leased > NGX_HTTP_CRM_ACTION_MAX_MS)
    {
        return ngx_http_crm_decide_unavailable(ctx,
                   "the current record took too long to read");
    }

    return NGX_OK;
}


/* The backend has answered, with that status. */
void
ngx_http_crm_action_done(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    if (status >= 200 && status < 500) {
        ngx_http_crm_enqueue_abort(ctx);
        return;
    }

    /* done or not: the lease stands as long as it could still be */

    ngx_http_crm_capture_unknown(ctx, ctx->request->connection->log,
                                 "the backend gave no answer that says");
}


static ngx_int_t
ngx_http_crm_action_refuse(ngx_http_crm_ctx_t *ctx, crm_refusal_kind_t kind,
    const char *reason)
{
    ctx->refusal.action = ctx->route.action;

    return ngx_http_crm_decide_refuse(ctx, kind, reason);
}
