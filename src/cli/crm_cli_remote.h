/*
 * Rules through /crm_api/ of nginx (--server): what is live, a change of it,
 * and who runs it, with the rights of the person whose token that is.
 */

#ifndef CRM_CLI_REMOTE_H
#define CRM_CLI_REMOTE_H

#include "crm_cli_live.h"
#include "crm_cli_publish.h"


/*
 * The current revision with its bundle. The organisation is nginx': it becomes
 * that of the options where those have none. What failed is told.
 */
crm_cli_exit_t crm_cli_remote_live(crm_cli_live_t *live, crm_cli_t *cli);

/* As crm_cli_publish(); who the author is says the token. */
crm_cli_exit_t crm_cli_remote_publish(crm_cli_publish_t *publish,
    crm_cli_t *cli);

/* As crm_cli_live_processes_since(). */
crm_cli_exit_t crm_cli_remote_processes(crm_cli_processes_t *processes,
    long long gone_ms, crm_cli_t *cli);

/* Gives bundle the zone's table that is live where it is of the same name: a
 * newer one of this machine is no change of this person's. */
crm_status_t crm_cli_remote_zone(json_t *bundle, const json_t *live);

#endif
