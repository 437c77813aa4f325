/*
 * Who acts: the user that crm_user yields, with profile and role as the rules
 * know them.
 */

#ifndef CRM_ACTOR_H
#define CRM_ACTOR_H

#include "base/crm_str.h"


typedef struct {
    crm_str_t  id;          /* empty: nobody is known to act */
    crm_str_t  profile;     /* empty for an empty or unknown id */
    crm_str_t  role;
    crm_str_t  name;
} crm_actor_t;

#endif
