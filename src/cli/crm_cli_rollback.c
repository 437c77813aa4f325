/*
 * The command rollback: the content of an earlier revision becomes a new one.
 *
 * It says how everything shall be, so it is not laid over what somebody else
 * applies meanwhile: then it is refused.
 */

#include "crm_cli_live.h"
#include "crm_cli_rollout.h"
#include "crm_cli_rules.h"
#include "crm_cli_show.h"
#include "crm_cli_text.h"
#include "crm_cli_zone.h"


typedef struct {
    crm_cli_t            *cli;
    crm_store_t          *store;
    long long             number;
    crm_cli_live_t        live;
    crm_cli_revision_t    then;         /* what shall be live again */
    crm_cli_revision_t    now;
    crm_cli_merge_t       merge;
    crm_cli_rollout_t     rollout;
} rollback_t;


static crm_cli_exit_t rollback_read(rollback_t *r);
static crm_cli_exit_t rollback_trust(rollback_t *r);
static crm_cli_exit_t rollback_compare(rollback_t *r);
static crm_cli_exit_t rollback_store(rollback_t *r);
static crm_cli_exit_t rollback_end(rollback_t *r);


crm_cli_exit_t
crm_cli_rollback(crm_cli_t *cli)
{
    rollback_t      r;
    crm_cli_exit_t  done;

    memset(&r, 0, sizeof(rollback_t));
    r.cli = cli;

    done = crm_cli_text_check(&cli->opts);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (crm_cli_revision_parse(&r.number, crm_strz(cli->opts.args[1])) != 0) {
        crm_cli_complain("\"%s\" is no revision: give a number that crmctl "
                         "history lists", cli->opts.args[1]);
        return CRM_CLI_USAGE;
    }

    done = rollback_read(&r);

    if (done == CRM_CLI_OK) {
        done = rollback_trust(&r);
    }

    if (done == CRM_CLI_OK) {
        done = rollback_compare(&r);
    }

    if (done == CRM_CLI_OK && r.rollout.changed) {
        done = rollback_store(&r);
    }

    return done == CRM_CLI_OK ? rollback_end(&r) : done;
}


static crm_cli_exit_t
rollback_read(rollback_t *r)
{
    crm_pool_t      *pool;
    const char      *org;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_exit_t   done;

    pool = r->cli->pool;
    org = r->cli->opts.org;

    r->store = crm_cli_live_open(r->cli);
    if (r->store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_live_look(&r->live, r->store, org, pool, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (r->live.revision == 0) {
        return crm_cli_live_none(r->store, r->cli);
    }

    done = crm_cli_live_revision(&r->then, r->number, &r->live, r->store,
                                 r->cli);
    if (done != CRM_CLI_OK) {
        return done;
    }

    /* Live rules that are damaged are a reason to roll back. */

    rc = crm_cli_revision_read(&r->now, r->store, org, r->live.revision, pool,
                               &err);
    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    if (rc != CRM_OK) {
        crm_cli_complain("the live rules are passed over: %s",
                         rc == CRM_DECLINED ? "they are not in Redis"
                                            : err.text);
        r->now.bundle = NULL;
    }

    return CRM_CLI_OK;
}


/* Not what was applied then, or nothing that nginx would take now? */

static crm_cli_exit_t
rollback_trust(rollback_t *r)
{
    crm_str_t        where;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_note_t   note;

    rc = crm_cli_revision_note(&note, r->store, r->cli->opts.org, r->number,
                               r->cli->pool, &err);

    if (rc != CRM_OK && rc != CRM_DECLINED) {
        return crm_cli_live_failed(rc, &err);
    }

    if (rc == CRM_OK && !crm_cli_revision_is_noted(&note, r->then.sha256)) {
        crm_cli_complain("revision %lld is not what was applied then: its "
                         "digest is not the one that the history notes. "
                         "Nothing was changed", r->number);
        return CRM_CLI_FAILED;
    }

    where = crm_pool_printf(r->cli->pool, "revision %lld", r->number);
    if (where.data == NULL) {
        return crm_cli_no_memory();
    }

    return crm_cli_rules_accept(r->then.bundle, where.data,
                                "this version does not take these rules any "
                                "more, nothing was changed", r->cli);
}


static crm_cli_exit_t
rollback_compare(rollback_t *r)
{
    if (crm_cli_bundle_compare(&r->merge, r->now.bundle, r->then.bundle,
                               r->cli->pool) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    crm_cli_bundle_sort(&r->merge);

    r->rollout.cli = r->cli;
    r->rollout.store = r->store;
    r->rollout.revision = r->live.revision;
    r->rollout.changed = r->now.bundle == NULL
                         || crm_cli_bundle_changes(&r->merge)
                         || crm_cli_zone_differs(r->then.bundle,
                                                 r->now.bundle);

    return CRM_CLI_OK;
}


static crm_cli_exit_t
rollback_store(rollback_t *r)
{
    crm_str_t           message;
    crm_cli_exit_t      done;
    crm_cli_publish_t   publish;

    message = crm_pool_printf(r->cli->pool, "rollback to revision %lld",
                              r->number);
    if (message.data == NULL) {
        return crm_cli_no_memory();
    }

    crm_cli_show_losses(&r->merge);

    memset(&publish, 0, sizeof(crm_cli_publish_t));
    publish.bundle = r->then.bundle;
    publish.merge = &r->merge;
    publish.message = message.data;
    publish.rollback_to = r->number;
    publish.expected = r->live.revision;
    publish.now_ms = r->live.now_ms;

    done = crm_cli_rollout_store(&r->rollout, &publish);

    if (done == CRM_CLI_OK && publish.moved) {
        crm_cli_complain("revision %lld was live when the rollback began, now "
                         "it is %lld: nothing was changed, look at it and try "
                         "again", r->live.revision, publish.revision);
        return CRM_CLI_FAILED;
    }

    return done;
}


static crm_cli_exit_t
rollback_end(rollback_t *r)
{
    crm_cli_exit_t  done;

    done = crm_cli_rollout_run(&r->rollout);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (r->cli->opts.json) {
        return crm_cli_rollout_result(&r->rollout);
    }

    if (r->rollout.changed) {
        printf("revision %lld is live, with the rules of revision %lld: ",
               r->rollout.revision, r->number);
        crm_cli_show_counts(&r->merge, stdout);
        putchar('\n');

    } else {
        printf("no change: revision %lld is live and has the rules of "
               "revision %lld\n", r->rollout.revision, r->number);
    }

    return crm_cli_rollout_result(&r->rollout);
}
