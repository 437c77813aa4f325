/*
 * What would be live if a rule folder were applied: plan shows it, apply
 * stores it.
 *
 *     folder -> documents -> merged with the live bundle -> judged
 */

#ifndef CRM_CLI_PROPOSAL_H
#define CRM_CLI_PROPOSAL_H

#include "crm_cli_bundle.h"
#include "crm_cli_live.h"
#include "crm_cli_rules.h"
#include "crm_cli_show.h"


typedef struct {
    crm_cli_t         *cli;
    const char        *refused;     /* "nothing was applied" */

    crm_store_t       *store;
    crm_cli_rules_t    rules;
    const char        *managed_by;

    crm_cli_live_t     live;
    crm_cli_merge_t    merge;       /* sorted */
    json_t            *bundle;      /* ends with the pool */
    int                changed;     /* against the live bundle */
} crm_cli_proposal_t;


/*
 * Reads the folder that was typed, judges it alone if its files are wrong, and
 * connects. What is wrong is said: anything but CRM_CLI_OK ends the command.
 */
crm_cli_exit_t crm_cli_proposal_open(crm_cli_proposal_t *p, crm_cli_t *cli,
    const char *refused);

/*
 * Reads what is live, lays the folder over it and judges the whole. May be
 * called again when somebody was faster.
 */
crm_cli_exit_t crm_cli_proposal_make(crm_cli_proposal_t *p);

/* The difference to what is live. */
crm_cli_show_t crm_cli_proposal_show(crm_cli_proposal_t *p);

#endif
