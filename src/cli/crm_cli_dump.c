/*
 * The command dump: the live rules as YAML that can be applied again.
 */

#include "crm_cli.h"
#include "crm_cli_bundle.h"
#include "crm_cli_emit.h"
#include "crm_cli_remote.h"


static crm_cli_exit_t dump_live(crm_cli_live_t *live, crm_cli_t *cli);
static crm_cli_exit_t dump_yaml(const crm_cli_live_t *live, crm_pool_t *pool);


crm_cli_exit_t
crm_cli_dump(crm_cli_t *cli)
{
    crm_cli_exit_t   done;
    crm_cli_live_t   live;

    done = cli->opts.server ? crm_cli_remote_live(&live, cli)
                            : dump_live(&live, cli);
    if (done != CRM_CLI_OK) {
        return done;
    }

    if (!cli->opts.json) {
        return dump_yaml(&live, cli->pool);
    }

    return crm_cli_print_json(live.bundle, stdout) == 0 ? CRM_CLI_OK
                                                        : crm_cli_no_memory();
}


static crm_cli_exit_t
dump_live(crm_cli_live_t *live, crm_cli_t *cli)
{
    crm_error_t    err;
    crm_store_t   *store;
    crm_status_t   rc;

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_live_read(live, store, cli->opts.org, cli->pool, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (live->bundle == NULL) {
        return crm_cli_live_none(store, cli);
    }

    crm_cli_live_check(live->revision, live->sha256, store, cli);

    return CRM_CLI_OK;
}


static crm_cli_exit_t
dump_yaml(const crm_cli_live_t *live, crm_pool_t *pool)
{
    size_t                  i;
    crm_cli_docs_t          none;
    crm_cli_merge_t         merge;
    const crm_cli_entry_t  *entry;

    memset(&none, 0, sizeof(crm_cli_docs_t));

    if (crm_cli_bundle_merge(&merge, &none, live->bundle, "", 0, pool)
        != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    crm_cli_bundle_sort(&merge);

    for (i = 0; i < merge.count; i++) {
        entry = &merge.entries[i];

        printf("%s# managed by ", i ? "---\n" : "");
        crm_cli_print_text(entry->managed_by, stdout);
        putc('\n', stdout);

        if (crm_cli_emit(entry->object, stdout) != 0) {
            return crm_cli_no_memory();
        }
    }

    return CRM_CLI_OK;
}
