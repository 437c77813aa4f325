/*
 * Scripts of functions in their canonical form.
 *
 * A statement a line, four blanks a block, braces of blocks on lines of their
 * own, one blank between words and around operators. Comments stay; of empty
 * lines one stays; where a statement was broken into lines it stays so. What
 * is formatted is formatted: a second time changes nothing.
 */

#ifndef CRM_CLI_SCRIPT_FMT_H
#define CRM_CLI_SCRIPT_FMT_H

#include "crm_deluge_lexer.h"


/*
 * The canonical form of a script, in pool: the same tokens and comments, which
 * is checked. CRM_EINVAL with *err when it is no script; CRM_ENOMEM.
 */
crm_status_t crm_cli_script_fmt(crm_str_t *out, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err);

#endif
