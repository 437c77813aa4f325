/*
 * The commands of crmctl: a row each, for dispatch, help and completion.
 */

#ifndef CRM_CLI_COMMANDS_H
#define CRM_CLI_COMMANDS_H

#include "crm_cli.h"


typedef struct {
    const char      *name;
    const char      *synopsis;
    const char      *summary;
    const char      *details;
    unsigned         options;       /* CRM_CLI_OPT_... that it understands */
    int              server;        /* needs --redis and --org */
    int              nargs;         /* at least, without its own name */
    int              nargs_max;
    const char      *arg_name;
    crm_cli_exit_t (*run)(crm_cli_t *cli);
    const char      *words;         /* its first argument, for shells: "ls
                                       settle"; NULL: files and folders */
} crm_cli_command_t;


/* What help says of the options that many commands have. */
extern const char  crm_cli_help_common[];

/* All rows, ended by a NULL name. */
extern const crm_cli_command_t  crm_cli_commands[];

/* The row of that name, or NULL. */
const crm_cli_command_t *crm_cli_command_find(const char *name);

#endif
