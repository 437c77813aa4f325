/*
 * What a document names must stand in another one.
 */

#ifndef CRM_REFERENCE_H
#define CRM_REFERENCE_H

#include "rules/crm_shape.h"


/*
 * Whether there is an object of that kind and name (id of a user), in whatever
 * order documents come. Else an error at path that names the nearest:
 * CRM_EINVAL. Not to be asked in the first pass.
 */
crm_status_t crm_reference_check(crm_compile_t *cc, const char *path,
    const char *kind, crm_str_t name);

#endif
