/*
 * The kinds that say who there is: organization, profile, role, user,
 * group.
 *
 * Private to the rules folder: rows of the table in crm_kind.c.
 */

#ifndef CRM_PEOPLE_H
#define CRM_PEOPLE_H

#include "rules/crm_kind.h"


/* What documents of these kinds may hold. */
extern const crm_key_t  crm_people_organization_keys[];
extern const crm_key_t  crm_people_profile_keys[];
extern const crm_key_t  crm_people_role_keys[];
extern const crm_key_t  crm_people_user_keys[];
extern const crm_key_t  crm_people_group_keys[];

/* Each adds its document to the rule set: CRM_OK, CRM_EINVAL with findings, or
 * CRM_ENOMEM. */
crm_status_t crm_people_organization(crm_build_t *b, const json_t *json);
crm_status_t crm_people_profile(crm_build_t *b, const json_t *json);
crm_status_t crm_people_role(crm_build_t *b, const json_t *json);
crm_status_t crm_people_user(crm_build_t *b, const json_t *json);
crm_status_t crm_people_group(crm_build_t *b, const json_t *json);

/* Once all documents are in, of a role: it may report to one that stands
 * behind it. */
crm_status_t crm_people_links(crm_build_t *b, const json_t *json);

#endif
