/*
 * apply FILE: a saved plan becomes the live rules, exactly as it was shown, or
 * not at all.
 */

#include "crm_cli_apply.h"
#include "crm_cli_plan_file.h"
#include "crm_cli_remote.h"
#include "crm_cli_rules.h"
#include "crm_cli_show.h"
#include "crm_cli_zone.h"


typedef struct {
    crm_cli_t            *cli;
    crm_cli_plan_file_t   plan;
    crm_cli_live_t        live;
    crm_cli_merge_t       merge;
    crm_cli_publish_t     publish;
    crm_cli_rollout_t     rollout;
} saved_t;


static crm_cli_exit_t saved_read(saved_t *s);
static crm_cli_exit_t saved_live(saved_t *s);
static crm_cli_exit_t saved_check(saved_t *s);
static crm_cli_exit_t saved_compare(saved_t *s);
static crm_cli_exit_t saved_store(saved_t *s);
static crm_cli_exit_t saved_stale(const saved_t *s, long long revision);


crm_cli_exit_t
crm_cli_apply_plan(crm_cli_t *cli)
{
    saved_t         s;
    crm_cli_exit_t  done;

    memset(&s, 0, sizeof(saved_t));
    s.cli = cli;

    done = saved_read(&s);

    if (done == CRM_CLI_OK) {
        done = saved_check(&s);
    }

    if (done == CRM_CLI_OK) {
        done = saved_compare(&s);
    }

    if (done == CRM_CLI_OK && s.rollout.changed) {
        done = saved_store(&s);
    }

    return done == CRM_CLI_OK ? crm_cli_apply_end(&s.rollout, &s.merge)
                              : done;
}


static crm_cli_exit_t
saved_read(saved_t *s)
{
    const char            *path;
    crm_error_t            err;
    crm_status_t           rc;
    const crm_cli_opts_t  *opts;

    opts = &s->cli->opts;
    path = opts->args[1];

    if (opts->prune || opts->managed_by) {
        crm_cli_complain("%s is a saved plan, which says that itself: leave "
                         "%s, or make the plan with it", path,
                         opts->prune ? "--prune" : "--managed-by");
        return CRM_CLI_USAGE;
    }

    rc = crm_cli_plan_file_read(&s->plan, path, s->cli->pool, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (opts->org == NULL) {
        s->cli->opts.org = s->plan.org;
    }

    if (strcmp(s->plan.org, opts->org) != 0) {
        crm_cli_complain("%s is a plan for the organisation \"%s\", not for "
                         "\"%s\": nothing was applied", path, s->plan.org,
                         opts->org);
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
saved_live(saved_t *s)
{
    crm_error_t    err;
    crm_status_t   rc;

    s->rollout.cli = s->cli;

    if (s->cli->opts.server) {
        return crm_cli_remote_live(&s->live, s->cli);
    }

    s->rollout.store = crm_cli_live_open(s->cli);
    if (s->rollout.store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_live_read(&s->live, s->rollout.store, s->cli->opts.org,
                           s->cli->pool, &err);

    return rc == CRM_OK ? CRM_CLI_OK : crm_cli_live_failed(rc, &err);
}


/* Is what is live what the plan was made from? */

static crm_cli_exit_t
saved_check(saved_t *s)
{
    crm_cli_exit_t  done;

    done = saved_live(s);
    if (done != CRM_CLI_OK) {
        return done;
    }

    s->rollout.revision = s->live.revision;

    if (s->live.revision != s->plan.base) {
        return saved_stale(s, s->live.revision);
    }

    if (strcmp(s->live.epoch, s->plan.epoch) != 0
        || strcmp(s->live.sha256, s->plan.base_sha256) != 0)
    {
        crm_cli_complain("%s was made from another revision %lld, of another "
                         "Redis or before it was restored: nothing was "
                         "applied, make the plan again",
                         s->cli->opts.args[1], s->plan.base);
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
saved_compare(saved_t *s)
{
    crm_cli_exit_t  done;

    done = crm_cli_rules_accept(s->plan.bundle, s->cli->opts.args[1],
                                "nothing was applied", s->cli);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (crm_cli_bundle_compare(&s->merge, s->live.bundle, s->plan.bundle,
                               s->cli->pool) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    crm_cli_bundle_sort(&s->merge);

    s->rollout.changed = crm_cli_bundle_changes(&s->merge)
                         || crm_cli_zone_differs(s->plan.bundle,
                                                 s->live.bundle);

    return CRM_CLI_OK;
}


static crm_cli_exit_t
saved_store(saved_t *s)
{
    crm_cli_exit_t  done;

    crm_cli_show_losses(&s->merge);

    s->publish.bundle = s->plan.bundle;
    s->publish.merge = &s->merge;
    s->publish.managed_by = s->plan.managed_by;
    s->publish.expected = s->plan.base;
    s->publish.now_ms = s->live.now_ms;

    done = crm_cli_rollout_store(&s->rollout, &s->publish);

    if (done == CRM_CLI_OK && s->publish.moved) {
        return saved_stale(s, s->publish.revision);
    }

    return done;
}


static crm_cli_exit_t
saved_stale(const saved_t *s, long long revision)
{
    crm_cli_complain("%s was made at revision %lld, live is %lld: nothing was "
                     "applied, make the plan again", s->cli->opts.args[1],
                     s->plan.base, revision);

    return CRM_CLI_FAILED;
}
