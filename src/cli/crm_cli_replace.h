/*
 * A file's new contents.
 */

#ifndef CRM_CLI_REPLACE_H
#define CRM_CLI_REPLACE_H

#include "base/crm_pool.h"


/* Whole or not at all: another file takes its place, with its mode; of a link,
 * that of what it leads to. CRM_EINVAL with a sentence in *err, CRM_ENOMEM. */
crm_status_t crm_cli_replace(const char *path, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);

#endif
