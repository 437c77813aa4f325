/*
 * Assignment rules: who gets a record that nobody typed in.
 */

#ifndef CRM_ASSIGNMENT_H
#define CRM_ASSIGNMENT_H

#include "rules/crm_action.h"
#include "rules/crm_criteria.h"


typedef struct {
    crm_criteria_t       criteria;
    crm_party_t          to;            /* a user, or a round robin */
    const crm_task_t    *task;          /* to follow, or NULL; as an action: */
    crm_action_t         follow;
} crm_assignment_entry_t;

typedef struct {
    crm_str_t                 name;
    crm_str_t                 id;       /* the vendor's lar_id, or the name */
    int                       always;   /* else a write has to name its id */
    crm_assignment_entry_t   *entries;  /* the first that matches wins */
    size_t                    entries_count;
    crm_str_t                 otherwise;    /* id of a user; may be empty */
    int                       otherwise_current;    /* the user who acts */
    int                       notify;   /* the new owner hears of it: */
    crm_action_t              tell;
} crm_assignment_t;

extern const crm_key_t  crm_assignment_keys[];


/* Their order in a CRM module, for crm_array_sort(): by name. */
int crm_assignment_cmp(const void *a, const void *b);

/* Fills assignment from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_assignment_parse(crm_assignment_t *assignment,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);

#endif
