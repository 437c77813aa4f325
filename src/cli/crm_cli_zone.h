/*
 * The organisation's time zone, from its name in the rules to the table in the
 * bundle.
 */

#ifndef CRM_CLI_ZONE_H
#define CRM_CLI_ZONE_H

#include <jansson.h>

#include "base/crm_status.h"


/*
 * Adds "time_zone" to bundle if its organization names a zone that this
 * machine's zone data knows; else leaves it out, which the core then tells of
 * (no_zone_table). CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_zone_add(json_t *bundle);

/* Whether two bundles have another table, which newer zone data may make of the
 * same name. */
int crm_cli_zone_differs(const json_t *one, const json_t *other);

#endif
