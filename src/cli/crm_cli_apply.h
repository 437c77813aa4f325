/*
 * What the two ways of apply share: a folder (crm_cli_apply.c) and a saved plan
 * (crm_cli_apply_plan.c).
 */

#ifndef CRM_CLI_APPLY_H
#define CRM_CLI_APPLY_H

#include "crm_cli_bundle.h"
#include "crm_cli_rollout.h"


/* apply FILE, where FILE is a saved plan. */
crm_cli_exit_t crm_cli_apply_plan(crm_cli_t *cli);

/* Waits for the processes and prints the result. */
crm_cli_exit_t crm_cli_apply_end(crm_cli_rollout_t *rollout,
    const crm_cli_merge_t *merge);

#endif
