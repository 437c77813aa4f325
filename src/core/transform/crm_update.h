/*
 * Field updates of the rules that fired, merged into the write itself.
 */

#ifndef CRM_UPDATE_H
#define CRM_UPDATE_H

#include "transform/crm_change.h"
#include "transform/crm_workflow.h"


/*
 * Adds to changes what one fired rule sets. A value that the record would have
 * anyway is no change. CRM_OK, CRM_ENOMEM, or CRM_EINVAL when a rendered value
 * is no text that JSON can hold.
 */
crm_status_t crm_update_apply(crm_changes_t *changes, const crm_write_t *write,
    const crm_fired_t *fired);

/*
 * Whether json in that field would give the record to a user of the rules who
 * is inactive: then it is not set. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_update_leaver(int *leaver, const crm_write_t *write,
    crm_str_t field, crm_str_t json);

/* The same of what update sets in the write. */
crm_status_t crm_update_skips(int *skips, const crm_write_t *write,
    const crm_field_update_t *update);

#endif
