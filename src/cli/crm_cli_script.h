/*
 * Scripts of functions, as findings.
 */

#ifndef CRM_CLI_SCRIPT_H
#define CRM_CLI_SCRIPT_H

#include "crm_cli_live.h"
#include "crm_cli_print.h"


/* A script that a command names. */
typedef struct {
    const char    *name;        /* as typed: for messages */
    crm_str_t      source;
    const json_t  *arguments;   /* that the rules declare; NULL: of a file */
    int            is_file;
} crm_cli_script_t;


/*
 * The script of a file, or of the function of that name in the live rules: a
 * name has no "/" and no ".dg" at its end, and there is no such file. CRM_OK;
 * CRM_EINVAL with a sentence in *err; CRM_ENOMEM.
 */
crm_status_t crm_cli_script_find(crm_cli_script_t *script, const char *name,
    crm_cli_t *cli, crm_error_t *err);

/*
 * What is wrong in a script goes to findings; file as crm_cli_findings_add()
 * wants it. arguments, those that the rules declare, or NULL, must hold what
 * the script's function takes. CRM_OK, or CRM_ENOMEM.
 */
crm_status_t crm_cli_script_check(crm_str_t source, const char *file,
    const json_t *arguments, crm_cli_findings_t *findings);

#endif
