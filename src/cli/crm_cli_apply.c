/*
 * The command apply: a rule folder, or a saved plan, becomes the live rules.
 *
 * Somebody may be faster between reading the live rules and storing ours. A
 * folder is then laid over theirs; a plan is what was looked at, and refused.
 */

#include "crm_cli_apply.h"
#include "crm_cli_plan_file.h"
#include "crm_cli_proposal.h"
#include "crm_cli_rollout.h"
#include "crm_cli_text.h"


/* Each time somebody else has got through: this many do not meet at once. */
#define APPLY_TRIES  50

typedef struct {
    crm_cli_proposal_t   proposal;
    crm_cli_publish_t    publish;
    crm_cli_rollout_t    rollout;
} apply_t;


static crm_cli_exit_t apply_tries(apply_t *a);
static crm_cli_exit_t apply_try(apply_t *a);


crm_cli_exit_t
crm_cli_apply(crm_cli_t *cli)
{
    apply_t         a;
    crm_cli_exit_t  done;

    done = crm_cli_text_check(&cli->opts);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (crm_cli_plan_file_is(cli->opts.args[1])) {
        return crm_cli_apply_plan(cli);
    }

    memset(&a, 0, sizeof(apply_t));

    done = crm_cli_proposal_open(&a.proposal, cli, "nothing was applied");

    if (done == CRM_CLI_OK) {
        a.rollout.cli = cli;
        a.rollout.store = a.proposal.store;

        done = apply_tries(&a);
    }

    return done == CRM_CLI_OK ? crm_cli_apply_end(&a.rollout,
                                                  &a.proposal.merge)
                              : done;
}


static crm_cli_exit_t
apply_tries(apply_t *a)
{
    int             i;
    crm_cli_exit_t  done;

    for (i = 0; i < APPLY_TRIES; i++) {
        done = apply_try(a);

        if (done != CRM_CLI_OK || !a->publish.moved) {
            return done;
        }

        crm_cli_complain("revision %lld came in between: laid over it again",
                         a->publish.revision);
    }

    crm_cli_complain("the live rules changed %d times while this folder was "
                     "applied: nothing was stored, try again", APPLY_TRIES);

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
apply_try(apply_t *a)
{
    crm_cli_exit_t       done;
    crm_cli_proposal_t  *p;

    p = &a->proposal;

    done = crm_cli_proposal_make(p);
    if (done != CRM_CLI_OK) {
        return done;
    }

    memset(&a->publish, 0, sizeof(crm_cli_publish_t));
    a->rollout.changed = p->changed;
    a->rollout.revision = p->live.revision;

    if (!p->changed) {
        return CRM_CLI_OK;
    }

    crm_cli_show_losses(&p->merge);

    a->publish.bundle = p->bundle;
    a->publish.merge = &p->merge;
    a->publish.managed_by = p->managed_by;
    a->publish.expected = p->live.revision;
    a->publish.now_ms = p->live.now_ms;

    return crm_cli_rollout_store(&a->rollout, &a->publish);
}


crm_cli_exit_t
crm_cli_apply_end(crm_cli_rollout_t *rollout, const crm_cli_merge_t *merge)
{
    const size_t    *n;
    crm_cli_exit_t   done;

    done = crm_cli_rollout_run(rollout);
    if (done != CRM_CLI_OK) {
        return done;
    }

    n = merge->changes;

    if (rollout->cli->opts.json) {
        return crm_cli_rollout_result(rollout);
    }

    if (rollout->changed) {
        printf("revision %lld is live: %zu added, %zu replaced, %zu removed, "
               "%zu unchanged\n", rollout->revision, n[CRM_CLI_ADDED],
               n[CRM_CLI_REPLACED], n[CRM_CLI_REMOVED],
               n[CRM_CLI_UNCHANGED] + n[CRM_CLI_KEPT]);
    } else {
        printf("no change: revision %lld is live\n", rollout->revision);
    }

    return crm_cli_rollout_result(rollout);
}
