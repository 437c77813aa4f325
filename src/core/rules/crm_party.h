/*
 * Who: recipients of mail, and users whom a record or a task is given to.
 *
 *     { type: address, email: boss@example.test }
 *     { type: user, id: "4150868000000225013" }
 *     { type: role, name: Sales Manager }       also group, profile
 *     { type: record_owner }                    also owner, current_user
 *     { type: manager }                         of the owner: whose role is
 *                                               the one above
 *     { type: role_hierarchy, levels: 2 }       so many roles above
 *     { type: field, field: Email }             who stands in that field
 *     { type: round_robin, group: EMEA }        or role, or users: [ids]; of
 *                                               assignees also availability:
 *                                               online, threshold: 20
 *     { type: assignment_rule, name: Leads by country }
 *
 * A user's id is looked up among the documents; who is active, and who comes
 * next in a round robin, is known when it is asked.
 */

#ifndef CRM_PARTY_H
#define CRM_PARTY_H

#include "rules/crm_shape.h"


typedef enum {
    CRM_PARTY_ADDRESS = 0,
    CRM_PARTY_USER,
    CRM_PARTY_ROLE,
    CRM_PARTY_GROUP,
    CRM_PARTY_PROFILE,
    CRM_PARTY_OWNER,
    CRM_PARTY_CURRENT_USER,
    CRM_PARTY_FIELD,
    CRM_PARTY_ROUND_ROBIN,
    CRM_PARTY_ASSIGNMENT_RULE,
    CRM_PARTY_MANAGER,
    CRM_PARTY_ROLE_HIERARCHY
} crm_party_type_t;

/* Which of them may stand where: recipients of mail, who does a task, who owns
 * a record; who decides or is told, who may run a transition, who gets a
 * record that nobody typed in. */
extern const crm_form_t  crm_party_recipients[];
extern const crm_form_t  crm_party_doers[];
extern const crm_form_t  crm_party_owners[];
extern const crm_form_t  crm_party_superiors[];
extern const crm_form_t  crm_party_performers[];
extern const crm_form_t  crm_party_assignees[];

typedef struct {
    crm_party_type_t   type;
    crm_party_type_t   of;          /* ROUND_ROBIN: GROUP, ROLE or USER */
    crm_str_t          name;        /* address, id, role, field, rule */
    long long          levels;      /* of ROLE_HIERARCHY */
    crm_str_t         *users;       /* of a ROUND_ROBIN over USER */
    size_t             users_count;
    int                online;      /* of a ROUND_ROBIN of assignees: those
                                       alone who are */
    int                limited;     /* and those alone who have got fewer */
    long long          threshold;   /* records of the module that day */
} crm_party_t;


/*
 * Reads one party at path: one of forms, what ("a recipient") by name.
 * CRM_EINVAL with findings, CRM_ENOMEM.
 */
crm_status_t crm_party_parse(crm_party_t *party, const json_t *json,
    const crm_form_t *forms, const char *what, const char *path,
    crm_compile_t *cc);

/* The same of a list of at least one. */
crm_status_t crm_party_list(crm_party_t **parties, size_t *count,
    const json_t *json, const crm_form_t *forms, const char *what,
    const char *path, crm_compile_t *cc);

/* Whether text can stand in a mail's header as an address, and nothing else
 * with it: x@y, printable ASCII without blanks, brackets, commas. */
int crm_party_is_address(crm_str_t text);

#endif
