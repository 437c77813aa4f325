/*
 * crmctl: rule administration from the command line.
 *
 * A command gets what was typed and a pool, prints, and returns an exit code.
 */

#ifndef CRM_CLI_H
#define CRM_CLI_H

#include "crm_cli_options.h"


typedef enum {
    CRM_CLI_OK = 0,
    CRM_CLI_FAILED = 1,         /* findings, or it did not work */
    CRM_CLI_DIFFERENT = 2,      /* with --detailed-exitcode: there are some */
    CRM_CLI_USAGE = 64          /* EX_USAGE: what was typed is wrong */
} crm_cli_exit_t;

typedef struct {
    crm_cli_opts_t   opts;
    crm_pool_t      *pool;      /* ends with the command */
} crm_cli_t;


crm_cli_exit_t crm_cli_validate(crm_cli_t *cli);
crm_cli_exit_t crm_cli_apply(crm_cli_t *cli);
crm_cli_exit_t crm_cli_plan(crm_cli_t *cli);
crm_cli_exit_t crm_cli_dump(crm_cli_t *cli);
crm_cli_exit_t crm_cli_history(crm_cli_t *cli);
crm_cli_exit_t crm_cli_diff(crm_cli_t *cli);
crm_cli_exit_t crm_cli_rollback(crm_cli_t *cli);
crm_cli_exit_t crm_cli_eval(crm_cli_t *cli);
crm_cli_exit_t crm_cli_test(crm_cli_t *cli);
crm_cli_exit_t crm_cli_status(crm_cli_t *cli);
crm_cli_exit_t crm_cli_doctor(crm_cli_t *cli);
crm_cli_exit_t crm_cli_intents(crm_cli_t *cli);
crm_cli_exit_t crm_cli_told(crm_cli_t *cli);
crm_cli_exit_t crm_cli_why(crm_cli_t *cli);
crm_cli_exit_t crm_cli_locks(crm_cli_t *cli);
crm_cli_exit_t crm_cli_approvals(crm_cli_t *cli);
crm_cli_exit_t crm_cli_endpoints(crm_cli_t *cli);
crm_cli_exit_t crm_cli_schedules(crm_cli_t *cli);
crm_cli_exit_t crm_cli_scores(crm_cli_t *cli);

/* Whether --redis and --org are given, as the command of that name needs. */
crm_cli_exit_t crm_cli_check_server(const char *name, crm_cli_t *cli);

crm_cli_exit_t crm_cli_function_fmt(crm_cli_t *cli);
crm_cli_exit_t crm_cli_function_log(crm_cli_t *cli);
crm_cli_exit_t crm_cli_jobs(crm_cli_t *cli);
crm_cli_exit_t crm_cli_schema(crm_cli_t *cli);
crm_cli_exit_t crm_cli_completion(crm_cli_t *cli);
crm_cli_exit_t crm_cli_import(crm_cli_t *cli);
crm_cli_exit_t crm_cli_init(crm_cli_t *cli);
crm_cli_exit_t crm_cli_fmt(crm_cli_t *cli);
crm_cli_exit_t crm_cli_function(crm_cli_t *cli);
crm_cli_exit_t crm_cli_dialect(crm_cli_t *cli);

/* intents settle EVENT committed|dropped, called by crm_cli_intents(). */
crm_cli_exit_t crm_cli_settle(crm_cli_t *cli);

/* "out of memory" on stderr; returns CRM_CLI_FAILED. */
crm_cli_exit_t crm_cli_no_memory(void);

#endif
