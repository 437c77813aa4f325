/*
 * A field that a document of kind "module" declares: its type.
 */

#ifndef CRM_FIELD_H
#define CRM_FIELD_H

#include "rules/crm_shape.h"


/* What a return_type may be; ended by NULL. */
extern const char *const  crm_field_return_types[];

/*
 * The type of the field that json declares at path: its data_type; for a
 * formula or a rollup_summary what return_type says it yields, if it does; for
 * a field that is encrypted: true that it is. *name is for messages. CRM_EINVAL
 * with findings.
 */
crm_status_t crm_field_declared(crm_field_type_t *type, const char **name,
    const json_t *json, const char *path, crm_compile_t *cc);

#endif
