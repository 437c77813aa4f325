/*
 * Texts that people type and the history keeps.
 */

#ifndef CRM_CLI_TEXT_H
#define CRM_CLI_TEXT_H

#include "crm_cli.h"


#define CRM_CLI_TEXT_OWNER    64
#define CRM_CLI_TEXT_AUTHOR   256
#define CRM_CLI_TEXT_MESSAGE  1000


/* One line of UTF-8 without control characters, not empty, at most max
 * bytes. */
int crm_cli_text_is_line(const char *text, size_t max);

/* Are --message and --author, if given, what the history can keep? CRM_CLI_OK,
 * or what the command ends with, after a sentence. */
crm_cli_exit_t crm_cli_text_check(const crm_cli_opts_t *opts);

#endif
