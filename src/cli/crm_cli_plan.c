/*
 * The command plan: what apply would do, shown and, with --out, saved.
 */

#include "crm_cli_plan_file.h"
#include "crm_cli_proposal.h"
#include "crm_cli_publish.h"


static crm_cli_exit_t plan_save(crm_cli_proposal_t *p);
static crm_status_t plan_text(crm_cli_proposal_t *p);
static crm_status_t plan_json(crm_cli_proposal_t *p);


crm_cli_exit_t
crm_cli_plan(crm_cli_t *cli)
{
    crm_status_t         rc;
    crm_cli_exit_t       done;
    crm_cli_proposal_t   p;

    if (crm_cli_plan_file_is(cli->opts.args[1])) {
        crm_cli_complain("%s is a saved plan, and plan takes a rule folder: "
                         "crmctl apply %s", cli->opts.args[1],
                         cli->opts.args[1]);
        return CRM_CLI_USAGE;
    }

    done = crm_cli_proposal_open(&p, cli, "there is no plan");

    if (done == CRM_CLI_OK) {
        done = crm_cli_proposal_make(&p);
    }

    if (done == CRM_CLI_OK && cli->opts.out) {
        done = plan_save(&p);
    }

    if (done != CRM_CLI_OK) {
        return done;
    }

    rc = cli->opts.json ? plan_json(&p) : plan_text(&p);
    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    return p.changed && cli->opts.detailed_exitcode ? CRM_CLI_DIFFERENT
                                                    : CRM_CLI_OK;
}


static crm_cli_exit_t
plan_save(crm_cli_proposal_t *p)
{
    crm_str_t             author;
    crm_pool_t           *pool;
    crm_error_t           err;
    crm_status_t          rc;
    crm_cli_plan_file_t   plan;

    pool = p->cli->pool;

    author = crm_cli_publish_author(pool);
    if (author.data == NULL) {
        return crm_cli_no_memory();
    }

    plan.org = p->cli->opts.org;
    plan.base = p->live.revision;
    plan.base_sha256 = p->live.sha256;
    plan.epoch = p->live.epoch;
    plan.made_at_ms = p->live.now_ms;
    plan.author = author.data;
    plan.managed_by = p->managed_by;
    plan.prune = p->cli->opts.prune;
    plan.bundle = p->bundle;

    rc = crm_cli_plan_file_write(&plan, p->cli->opts.out, pool, &err);

    if (rc == CRM_OK) {
        crm_cli_complain("saved in %s: crmctl apply %s", p->cli->opts.out,
                         p->cli->opts.out);
        return CRM_CLI_OK;
    }

    return crm_cli_live_failed(rc, &err);
}


static crm_status_t
plan_text(crm_cli_proposal_t *p)
{
    crm_status_t    rc;
    crm_cli_show_t  show;

    if (!p->changed) {
        printf("no change: revision %lld is live\n", p->live.revision);
        return CRM_OK;
    }

    show = crm_cli_proposal_show(p);

    rc = crm_cli_show_text(&show, p->cli->pool, stdout);
    if (rc != CRM_OK) {
        return rc;
    }

    printf("revision %lld would become %lld: ", p->live.revision,
           p->live.revision + 1);
    crm_cli_show_counts(&p->merge, stdout);
    putchar('\n');

    return CRM_OK;
}


static crm_status_t
plan_json(crm_cli_proposal_t *p)
{
    json_t          *value;
    crm_status_t     rc;
    crm_cli_show_t   show;

    show = crm_cli_proposal_show(p);

    value = json_pack("{s:s, s:I, s:I, s:s, s:b}",
                      "org", p->cli->opts.org,
                      "from", (json_int_t) p->live.revision,
                      "to", (json_int_t) (p->live.revision + p->changed),
                      "managed_by", p->managed_by,
                      "prune", p->cli->opts.prune);

    rc = value ? crm_cli_show_json(value, &show, p->cli->pool) : CRM_ENOMEM;

    if (rc == CRM_OK && crm_cli_print_json(value, stdout) != 0) {
        rc = CRM_ENOMEM;
    }

    json_decref(value);

    return rc;
}
