/*
 * Whom a party stands for, as far as the rules know it: users, by id.
 *
 * Users who are inactive are nobody. What only a record or a request tells
 * (its owner, a field, who acts) is the caller's.
 */

#ifndef CRM_WHO_H
#define CRM_WHO_H

#include "rules/crm_ruleset.h"


typedef struct {
    crm_str_t  *ids;            /* in the order of the documents */
    size_t      count;
} crm_who_t;


/* Whether id is a user of the rules who is inactive; one that they do not know
 * may well be active. */
int crm_who_is_inactive(const crm_ruleset_t *rules, crm_str_t id);

/*
 * The active users of a party of type USER, ROLE, GROUP, PROFILE or
 * ROUND_ROBIN; nobody for one of another. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_who(crm_who_t *who, const crm_ruleset_t *rules,
    const crm_party_t *party, crm_pool_t *pool);

#endif
