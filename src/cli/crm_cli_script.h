/*
 * Scripts of functions, as findings.
 */

#ifndef CRM_CLI_SCRIPT_H
#define CRM_CLI_SCRIPT_H

#include "crm_cli_print.h"


/*
 * What is wrong in a script goes to findings; file as crm_cli_findings_add()
 * wants it. CRM_OK, or CRM_ENOMEM.
 */
crm_status_t crm_cli_script_check(crm_str_t source, const char *file,
    crm_cli_findings_t *findings);

#endif
