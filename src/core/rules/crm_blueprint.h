/*
 * Blueprints: a field that goes from state to state by transitions alone.
 */

#ifndef CRM_BLUEPRINT_H
#define CRM_BLUEPRINT_H

#include "rules/crm_action.h"
#include "rules/crm_criteria.h"
#include "rules/crm_rule.h"


/* A value of the field. Every state that a transition names has one too. */
typedef struct {
    crm_str_t                name;
    int                      has_escalation;
    crm_interval_t           escalate_after;    /* in this state */
    crm_party_t             *notify;
    size_t                   notify_count;
    crm_scheduled_t         *run;               /* then: the mail; or NULL */
} crm_blueprint_state_t;

/* What is asked for during a transition. */
typedef struct {
    crm_str_t                field;
    int                      required;
    crm_criteria_t           criteria;      /* must hold of the record after */
    int                      has_criteria;
    crm_str_t                message;       /* if they do not; may be empty */
} crm_during_t;

typedef struct {
    crm_str_t                id;            /* what requests name */
    crm_str_t                name;
    int                      common;        /* from every state */
    unsigned                *from;          /* else: indexes of states */
    size_t                   from_count;
    unsigned                 to;
    crm_party_t             *owners;        /* who may; none: everybody */
    size_t                   owners_count;
    crm_criteria_t           criteria;      /* of the record before */
    crm_during_t            *during;
    size_t                   during_count;
    crm_action_t            *after;
    size_t                   after_count;
    int                      automatic;     /* by itself, then */
    crm_interval_t           automatic_after;
    crm_scheduled_t         *run;           /* then: what the worker does */
} crm_transition_t;

typedef struct {
    crm_str_t                name;
    long long                sequence;
    unsigned                 slot;          /* of the field */
    crm_criteria_t           criteria;      /* which records enter */
    int                      auto_transition;
    crm_map_t                states;        /* name to its state */
    crm_transition_t        *transitions;
    size_t                   transitions_count;
} crm_blueprint_t;

extern const crm_key_t   crm_blueprint_keys[];
extern const crm_form_t  crm_transition_forms[];


/* Fills blueprint from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_blueprint_parse(crm_blueprint_t *blueprint,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);

/* The state of that name, added if it is new; CRM_ENOMEM. */
crm_status_t crm_blueprint_state(crm_blueprint_t *blueprint, unsigned *index,
    crm_str_t name, crm_pool_t *pool);

/* A transition at path; the same errors. */
crm_status_t crm_transition_parse(crm_transition_t *transition,
    crm_blueprint_t *blueprint, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc);

#endif
