/*
 * Approval processes: what superiors must agree to before it goes on.
 */

#ifndef CRM_APPROVAL_H
#define CRM_APPROVAL_H

#include "rules/crm_action.h"
#include "rules/crm_criteria.h"


typedef enum {
    CRM_APPROVAL_ANYONE = 0,    /* one approver is enough */
    CRM_APPROVAL_EVERYONE,      /* all, in any order */
    CRM_APPROVAL_SEQUENTIAL     /* all, one after the other: each a level */
} crm_approval_mode_t;

typedef struct {
    crm_criteria_t         criteria;
    crm_party_t           *approvers;
    size_t                 approvers_count;
    crm_approval_mode_t    mode;
    crm_action_t          *on_submit;
    size_t                 on_submit_count;
    crm_action_t          *on_approve;      /* of the last level */
    size_t                 on_approve_count;
    crm_action_t          *on_reject;
    size_t                 on_reject_count;
} crm_approval_rule_t;

typedef struct {
    crm_str_t              name;
    long long              sequence;
    int                    on_create;       /* what makes it look at records */
    int                    on_edit;
    crm_approval_rule_t   *rules;           /* the first that matches wins */
    size_t                 rules_count;
    crm_str_t             *fields;          /* that stay editable meanwhile */
    size_t                 fields_count;
    crm_str_t             *administrators;  /* ids of users */
    size_t                 administrators_count;
    int                    auto_approve;    /* without an approver; else its
                                               administrators decide */
} crm_approval_t;

extern const crm_key_t  crm_approval_keys[];


/* Fills approval from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_approval_parse(crm_approval_t *approval, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc);

#endif
