/*
 * Whom and what documents name: the people of an organisation, its variables.
 *
 * Filled before what refers to them is compiled (crm_kind.h); lives in the
 * rule set's pool.
 */

#ifndef CRM_NAMES_H
#define CRM_NAMES_H

#include "base/crm_map.h"


/* What a profile lets its users do; the words are crm_people.c's. */
#define CRM_PERMIT_WORKFLOW   0x01u     /* manage_workflow */
#define CRM_PERMIT_MODULES    0x02u     /* modules_customization */
#define CRM_PERMIT_BLUEPRINT  0x04u     /* blueprint_override */

typedef struct {
    crm_str_t  name;
    unsigned   permits;             /* CRM_PERMIT_... */
} crm_profile_t;

typedef struct {
    crm_str_t  profile;
    crm_str_t  role;                /* may be empty */
    crm_str_t  name;
    crm_str_t  email;               /* may be empty */
    int        active;
} crm_user_t;

typedef struct {
    crm_str_t  name;
    crm_str_t  reports_to;          /* a role, or empty */
} crm_role_t;

typedef struct {
    crm_str_t   name;
    crm_str_t  *members;            /* ids of users */
    size_t      members_count;
} crm_group_t;

typedef struct {
    crm_str_t  name;                /* api_name */
    crm_str_t  json;                /* the value; "null" if it has none, no
                                       data if it is wrong (a finding) */
    crm_str_t  text;                /* the same as merge fields write it */
    crm_str_t  type;                /* text, integer, float, boolean, date */
} crm_variable_t;

typedef struct {
    crm_map_t  users;               /* id to crm_user_t */
    crm_map_t  profiles;            /* name to crm_profile_t */
    crm_map_t  roles;               /* name to crm_role_t */
    crm_map_t  groups;              /* name to crm_group_t */
    crm_map_t  variables;           /* api_name to crm_variable_t */
    crm_str_t  mail_from;           /* who sends what no rule names a sender
                                       for; empty: nobody */
} crm_names_t;

#endif
