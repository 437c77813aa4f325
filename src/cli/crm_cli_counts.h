/*
 * What the workers have counted of deliveries, ever since Redis knows the
 * organisation.
 */

#ifndef CRM_CLI_COUNTS_H
#define CRM_CLI_COUNTS_H

#include <jansson.h>

#include "crm_store.h"


/* CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_counts_read(crm_counts_t *counts, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err);

/* New: of each class its counters; NULL without memory. */
json_t *crm_cli_counts_json(const crm_counts_t *counts);

/* A row for each class that has any; nothing if none has. */
void crm_cli_counts_table(const crm_counts_t *counts, crm_pool_t *pool);

#endif
