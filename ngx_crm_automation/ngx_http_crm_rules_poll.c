/*
 * Once a second each process tells Redis who it is and asks what is current:
 * the revision, the epoch, how many writes are in doubt.
 *
 *     unknown ──answer──▶ known ──revision──▶ loading ──thread──▶ loaded
 *        └──no answer──▶ the state file's rules, until there is one
 */

#include "ngx_http_crm_rules.h"


static crm_cmd_t *ngx_http_crm_rules_listed_cmd(ngx_http_crm_org_t *org,
    crm_pool_t *pool);
static void ngx_http_crm_rules_ask(ngx_http_crm_org_t *org);
static crm_cmd_t *ngx_http_crm_rules_poll_cmd(ngx_http_crm_org_t *org,
    crm_pool_t *pool);
static void ngx_http_crm_rules_poll_dialects(ngx_http_crm_main_conf_t *mcf,
    crm_buf_t *doc);
static void ngx_http_crm_rules_poll_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_rules_listed_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_rules_answer(ngx_http_crm_org_t *org,
    const crm_rules_t *answer);
static ngx_int_t ngx_http_crm_rules_epoch(ngx_http_crm_org_t *org,
    const crm_rules_t *answer);
static ngx_int_t ngx_http_crm_rules_remember(ngx_http_crm_org_t *org,
    crm_str_t epoch);


/* An organisation that a variable names must be listed, and may be taken out of
 * the list at any time: it is looked up before each question about it. */
void
ngx_http_crm_rules_poll(ngx_http_crm_org_t *org)
{
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    if (org->polling || org->starting) {
        return;
    }

    if (org->literal) {
        ngx_http_crm_rules_ask(org);
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    cmd = ngx_http_crm_rules_listed_cmd(org, pool);

    if (cmd && ngx_http_crm_redis_command(org->process->redis, cmd,
                   ngx_http_crm_rules_listed_handler, org))
    {
        org->polling = 1;
    }

    crm_pool_destroy(pool);
}


static crm_cmd_t *
ngx_http_crm_rules_listed_cmd(ngx_http_crm_org_t *org, crm_pool_t *pool)
{
    crm_str_t  args[3];

    args[0] = CRM_STR("SISMEMBER");
    args[1] = CRM_KEY_ORGS;
    args[2] = ngx_http_crm_str(&org->name);

    return crm_cmd_plain(pool, args, 3);
}


/* Says who we are and asks what is current. */
static void
ngx_http_crm_rules_ask(ngx_http_crm_org_t *org)
{
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    cmd = ngx_http_crm_rules_poll_cmd(org, pool);

    if (cmd && ngx_http_crm_redis_command(org->process->redis, cmd,
                   ngx_http_crm_rules_poll_handler, org))
    {
        org->polling = 1;
    }

    crm_pool_destroy(pool);
}


static crm_cmd_t *
ngx_http_crm_rules_poll_cmd(ngx_http_crm_org_t *org, crm_pool_t *pool)
{
    crm_buf_t  doc;

    crm_buf_init(&doc, pool, 0);
    crm_buf_puts(&doc, "{\"revision\":");
    crm_buf_int(&doc, org->revision);
    crm_buf_puts(&doc, ",\"loaded_at\":");
    crm_buf_int(&doc, org->loaded_at_ms);
    crm_buf_puts(&doc, ",\"rejected\":");

    if (org->rejected) {
        crm_buf_puts(&doc, "{\"revision\":");
        crm_buf_int(&doc, org->rejected);
        crm_buf_puts(&doc, ",\"error\":");
        crm_buf_json(&doc, ngx_http_crm_str(&org->reject_error));
        crm_buf_putc(&doc, '}');

    } else {
        crm_buf_puts(&doc, "null");
    }

    crm_buf_puts(&doc, ",\"epoch\":");
    crm_buf_json(&doc, ngx_http_crm_str(&org->epoch));
    crm_buf_puts(&doc, ",\"epoch_ok\":");
    crm_buf_puts(&doc, org->epoch_ok ? "true" : "false");
    ngx_http_crm_rules_poll_dialects(org->process->conf, &doc);
    crm_buf_putc(&doc, '}');

    if (crm_buf_status(&doc) != CRM_OK) {
        return NULL;
    }

    return crm_cmd_rules(pool, ngx_http_crm_str(&org->name),
                         ngx_http_crm_str(&org->process->name),
                         crm_buf_view(&doc), ngx_http_crm_str(&org->epoch));
}


/* Files that give themselves one name may say different things: crmctl doctor
 * compares them with those that the rules hold. */
static void
ngx_http_crm_rules_poll_dialects(ngx_http_crm_main_conf_t *mcf,
    crm_buf_t *doc)
{
    char                   sum[32];
    ngx_uint_t             i;
    const crm_dialect_t  **dialects;

    dialects = mcf->dialects.elts;

    for (i = 0; i < mcf->dialects.nelts; i++) {
        snprintf(sum, sizeof(sum), "\"%016llx\"",
                 crm_dialect_sum(dialects[i]));

        crm_buf_puts(doc, i ? ",[" : ",\"dialects\":[[");
        crm_buf_json(doc, crm_dialect_name(dialects[i]));
        crm_buf_putc(doc, ',');
        crm_buf_puts(doc, sum);
        crm_buf_putc(doc, ']');
    }

    crm_buf_puts(doc, i ? "]" : "");
}


static void
ngx_http_crm_rules_poll_handler(void *data, const crm_reply_t *reply)
{
    crm_pool_t          *pool;
    crm_error_t          err;
    crm_rules_t          answer;
    crm_status_t         rc;
    ngx_http_crm_org_t  *org = data;

    org->polling = 0;
    ngx_http_crm_zone_redis_errors(org->process);

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    rc = reply ? crm_state_rules(&answer, reply, pool, &err) : CRM_DECLINED;

    if (rc == CRM_OK) {
        org->told_poll = 0;
        ngx_http_crm_rules_answer(org, &answer);

    } else {
        if (rc == CRM_EINVAL && !org->told_poll) {
            org->told_poll = 1;
            ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                          "crm rules: organisation \"%V\": %s", &org->name,
                          err.text);
        }

        ngx_http_crm_saved_use(org);
    }

    crm_pool_destroy(pool);
}


static void
ngx_http_crm_rules_listed_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_org_t  *org = data;

    org->polling = 0;

    if (reply == NULL || reply->type != CRM_REPLY_INTEGER) {
        ngx_http_crm_saved_use(org);
        return;
    }

    if (reply->integer == 1) {
        org->listed = 1;
        ngx_http_crm_rules_ask(org);
        return;
    }

    if (org->listed) {
        ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                      "crm rules: organisation \"%V\" is not listed any more,"
                      " its requests are refused", &org->name);
    }

    org->known = 1;
    org->listed = 0;
    org->from_file = 0;
    ngx_http_crm_rules_wake(org);
}


static void
ngx_http_crm_rules_answer(ngx_http_crm_org_t *org, const crm_rules_t *answer)
{
    org->intents = (ngx_uint_t) answer->intents;
    org->undetermined = (ngx_uint_t) answer->undetermined;
    org->none = answer->revision == 0;

    if (ngx_http_crm_rules_epoch(org, answer) == NGX_OK
        && answer->revision != 0
        && (answer->revision != org->revision || org->again)
        && answer->revision != org->rejected
        && !org->loading)
    {
        ngx_http_crm_rules_fetch(org, answer->revision);
    }

    org->known = 1;
    org->from_file = 0;

    if (org->none) {

        /* an epoch without a revision: somebody has deleted it */

        ngx_http_crm_saved_use(org);
    }

    if (!org->loading) {
        ngx_http_crm_saved_write(org);
        ngx_http_crm_rules_wake(org);
    }
}


/*
 * The first epoch that comes with a revision is the one we trust, or the one
 * of the state file. Another one later, or none, means that Redis has lost what
 * we entrusted to it, unless somebody has accepted it in its place.
 */
static ngx_int_t
ngx_http_crm_rules_epoch(ngx_http_crm_org_t *org, const crm_rules_t *answer)
{
    if (org->epoch.len == 0 && answer->revision == 0) {
        return NGX_OK;
    }

    if (org->epoch.len == 0 && answer->epoch.len
        && ngx_http_crm_rules_remember(org, answer->epoch) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (org->epoch.len && answer->epoch.len
        && crm_str_eq(answer->accepted, answer->epoch)
        && !crm_str_eq(ngx_http_crm_str(&org->epoch), answer->epoch))
    {
        if (ngx_http_crm_rules_remember(org, answer->epoch) != NGX_OK) {
            return NGX_ERROR;
        }

        /* the same number may be another rule set there; what is on its way
         * is the other Redis' */

        org->again = 1;
        org->accepted++;
        org->rejected = 0;

        ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                      "crm rules: organisation \"%V\" goes on with an epoch"
                      " that was accepted", &org->name);
    }

    if (org->epoch.len
        && crm_str_eq(ngx_http_crm_str(&org->epoch), answer->epoch))
    {
        if (!org->epoch_ok) {
            ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                          "crm rules: organisation \"%V\" has its epoch back",
                          &org->name);
        }

        org->epoch_ok = 1;
        return NGX_OK;
    }

    if (org->epoch_ok) {
        ngx_log_error(NGX_LOG_ALERT, org->process->log, 0,
                      "crm rules: the epoch of organisation \"%V\" is %s:"
                      " guarded modules are closed", &org->name,
                      answer->epoch.len ? "another" : "missing");
    }

    org->epoch_ok = 0;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_crm_rules_remember(ngx_http_crm_org_t *org, crm_str_t epoch)
{
    ngx_str_t  copy;

    if (ngx_http_crm_rules_copy(&copy, epoch, org->process->log) != NGX_OK) {
        return NGX_ERROR;
    }

    if (org->epoch.data) {
        ngx_free(org->epoch.data);
    }

    org->epoch = copy;

    return NGX_OK;
}
