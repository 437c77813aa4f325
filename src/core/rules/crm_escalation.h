/*
 * Escalation rules: who hears of a record that is too old and still there.
 */

#ifndef CRM_ESCALATION_H
#define CRM_ESCALATION_H

#include "rules/crm_action.h"
#include "rules/crm_criteria.h"


typedef struct {
    crm_interval_t           after;     /* since age_from; already of business
                                           hours or days if they count */
    crm_party_t              to;
    crm_assign_t             take;      /* who that is takes over */
    crm_action_t            *actions;   /* those of the document, then take */
    size_t                   actions_count;
} crm_escalation_level_t;

typedef struct {
    crm_criteria_t           criteria;  /* while they hold */
    crm_escalation_level_t  *levels;    /* each once a record and version */
    size_t                   levels_count;
} crm_escalation_entry_t;

typedef struct {
    crm_str_t                name;
    crm_str_t                version;   /* of age_from and entries: a hash */
    unsigned                 age_from;  /* slot of a date */
    crm_escalation_entry_t  *entries;   /* the first that matches wins */
    size_t                   entries_count;
    int                      business;  /* an entry counts business hours */
} crm_escalation_t;

extern const crm_key_t  crm_escalation_keys[];


/* Fills escalation from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_escalation_parse(crm_escalation_t *escalation,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);

#endif
