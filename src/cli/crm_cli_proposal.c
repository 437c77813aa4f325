/*
 * What would be live if a rule folder were applied.
 */

#include "crm_cli_proposal.h"
#include "crm_cli_remote.h"
#include "crm_cli_text.h"
#include "crm_cli_zone.h"

#include <stdlib.h>


static crm_cli_exit_t proposal_owner(crm_cli_proposal_t *p);
static crm_cli_exit_t proposal_live(crm_cli_proposal_t *p);
static crm_cli_exit_t proposal_judge(crm_cli_proposal_t *p);
static crm_cli_exit_t proposal_report(crm_cli_proposal_t *p);
static const char *folder_name(const char *path, crm_pool_t *pool);
static void json_end(void *data);


crm_cli_exit_t
crm_cli_proposal_open(crm_cli_proposal_t *p, crm_cli_t *cli,
    const char *refused)
{
    crm_cli_exit_t  done;

    memset(p, 0, sizeof(crm_cli_proposal_t));
    p->cli = cli;
    p->refused = refused;

    done = proposal_owner(p);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (crm_cli_rules_load(&p->rules, cli->opts.args[1], cli->pool) != CRM_OK
        || crm_cli_rules_limits(&p->rules, cli->opts.limits) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    /* A folder whose files are wrong needs no server to be refused. */

    if (p->rules.findings.errors) {
        if (crm_cli_rules_check(&p->rules, NULL) != CRM_OK) {
            return crm_cli_no_memory();
        }

        return proposal_report(p);
    }

    if (cli->opts.server) {
        return CRM_CLI_OK;
    }

    p->store = crm_cli_live_open(cli);

    return p->store ? CRM_CLI_OK : CRM_CLI_FAILED;
}


static crm_cli_exit_t
proposal_owner(crm_cli_proposal_t *p)
{
    p->managed_by = p->cli->opts.managed_by;

    if (p->managed_by == NULL) {
        p->managed_by = folder_name(p->cli->opts.args[1], p->cli->pool);
        if (p->managed_by == NULL) {
            return crm_cli_no_memory();
        }
    }

    if (!crm_cli_text_is_line(p->managed_by, CRM_CLI_TEXT_OWNER)) {
        crm_cli_complain("\"%s\" cannot be the owner of objects: give "
                         "--managed-by a name of printable characters, at "
                         "most %d bytes", p->managed_by, CRM_CLI_TEXT_OWNER);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


crm_cli_exit_t
crm_cli_proposal_make(crm_cli_proposal_t *p)
{
    crm_pool_t      *pool;
    crm_cli_exit_t   done;

    pool = p->cli->pool;

    done = proposal_live(p);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (crm_cli_bundle_merge(&p->merge, &p->rules.docs, p->live.bundle,
                             p->managed_by, p->cli->opts.prune, pool)
        != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    done = proposal_judge(p);
    if (done != CRM_CLI_OK) {
        return done;
    }

    crm_cli_bundle_sort(&p->merge);

    p->bundle = crm_cli_bundle_json(&p->merge, p->cli->opts.org);
    if (p->bundle == NULL
        || crm_pool_on_destroy(pool, json_end, p->bundle) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    if (p->cli->opts.server
        && crm_cli_remote_zone(p->bundle, p->live.bundle) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    p->changed = crm_cli_bundle_changes(&p->merge)
                 || crm_cli_zone_differs(p->bundle, p->live.bundle);

    return CRM_CLI_OK;
}


static crm_cli_exit_t
proposal_live(crm_cli_proposal_t *p)
{
    crm_error_t    err;
    crm_status_t   rc;

    if (p->cli->opts.server) {
        return crm_cli_remote_live(&p->live, p->cli);
    }

    rc = crm_cli_live_read(&p->live, p->store, p->cli->opts.org, p->cli->pool,
                           &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (p->live.bundle) {
        crm_cli_live_check(p->live.revision, p->live.sha256, p->store,
                           p->cli);
    }

    return CRM_CLI_OK;
}


/* Judges what would be live: a folder may refer to what another one stored.
 * The merge is in the order of the documents still. */

static crm_cli_exit_t
proposal_judge(crm_cli_proposal_t *p)
{
    json_t        *bundle;
    crm_str_t      where;
    crm_status_t   rc;

    where = crm_pool_printf(p->cli->pool, "live revision %lld",
                            p->live.revision);
    bundle = crm_cli_bundle_json(&p->merge, p->cli->opts.org);

    crm_cli_findings_init(&p->rules.findings, p->cli->pool);

    rc = where.data && bundle
         ? crm_cli_rules_judge(&p->rules, bundle, where.data, NULL)
         : CRM_ENOMEM;

    json_decref(bundle);

    return rc == CRM_OK ? proposal_report(p) : crm_cli_no_memory();
}


static crm_cli_exit_t
proposal_report(crm_cli_proposal_t *p)
{
    size_t  errors;

    errors = p->rules.findings.errors;

    if (crm_cli_rules_report(&p->rules, errors ? p->cli->opts.json : 0) != 0) {
        return crm_cli_no_memory();
    }

    if (errors == 0) {
        return CRM_CLI_OK;
    }

    crm_cli_complain("%zu error%s: %s", errors, errors == 1 ? "" : "s",
                     p->refused);

    return CRM_CLI_FAILED;
}


crm_cli_show_t
crm_cli_proposal_show(crm_cli_proposal_t *p)
{
    crm_cli_show_t  show;

    show.merge = &p->merge;
    show.before = p->live.bundle;
    show.after = p->bundle;

    return show;
}


/* The last part of the folder's real path, without the ending of a file. */

static const char *
folder_name(const char *path, crm_pool_t *pool)
{
    char        *real, *base, *dot;
    const char  *name;

    real = realpath(path, NULL);
    base = real ? strrchr(real, '/') : NULL;

    if (base == NULL || base[1] == '\0') {
        free(real);
        return "rules";
    }

    dot = strrchr(++base, '.');

    if (dot && dot > base && (strcmp(dot, ".yaml") == 0
                              || strcmp(dot, ".yml") == 0
                              || strcmp(dot, ".json") == 0))
    {
        *dot = '\0';
    }

    name = crm_pool_dup(pool, crm_strz(base)).data;
    free(real);

    return name;
}


static void
json_end(void *data)
{
    json_decref(data);
}
