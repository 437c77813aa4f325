/*
 * A stored revision on its way into the nginx processes: announced, waited
 * for, and told of. What apply and rollback end with.
 */

#ifndef CRM_CLI_ROLLOUT_H
#define CRM_CLI_ROLLOUT_H

#include "crm_cli_live.h"
#include "crm_cli_publish.h"


typedef struct {
    crm_cli_t            *cli;
    crm_store_t          *store;
    long long             revision;
    int                   changed;      /* 0: it was live before: no waiting */
    crm_cli_processes_t   processes;
} crm_cli_rollout_t;


/*
 * Stores publish, of which org, author and message are filled in here, as the
 * next revision. CRM_CLI_OK: it is stored, or publish->moved.
 */
crm_cli_exit_t crm_cli_rollout_store(crm_cli_rollout_t *rollout,
    crm_cli_publish_t *publish);

/* Announces the revision and waits, up to five seconds, for the processes to
 * load or to refuse it. CRM_CLI_OK, or what the command ends with. */
crm_cli_exit_t crm_cli_rollout_run(crm_cli_rollout_t *rollout);

/*
 * Prints which processes have it, as text or, with -o json, as the whole
 * result: {revision, changed, processes, missing}. CRM_CLI_FAILED when it was
 * a change and one has not.
 */
crm_cli_exit_t crm_cli_rollout_result(const crm_cli_rollout_t *rollout);

#endif
