/*
 * The documents of a bundle as analysis sees them: modules with their fields,
 * workflow rules with what they write.
 *
 * Private to the analysis. Everything lives in the pool of the model.
 */

#ifndef CRM_ANALYSIS_MODEL_H
#define CRM_ANALYSIS_MODEL_H

#include "rules/crm_analysis_tree.h"
#include "rules/crm_rule.h"
#include "rules/crm_shape.h"


typedef struct {
    crm_str_t          name;
    crm_schema_t       schema;
    crm_predicates_t   predicates;
} crm_analysis_module_t;

/* Something that an action of a rule writes. */
typedef struct {
    crm_analysis_module_t  *module;
    crm_str_t               field;      /* data NULL: it creates a record */
    const json_t           *value;      /* as the rule has it */
    const json_t           *constant;   /* the same, if it is a JSON value */
    unsigned                condition;  /* 0-based */
    unsigned                action;     /* in its list */
    int                     later;      /* not part of the write itself */
    int                     first_wins; /* an owner: else the last wins */
    const crm_predicate_t  *fact;       /* field equals constant, once made */
} crm_analysis_effect_t;

/* What starts a rule. */
#define CRM_ANALYSIS_ON_CREATE  0x01u
#define CRM_ANALYSIS_ON_EDIT    0x02u
#define CRM_ANALYSIS_ON_FIELD   0x04u   /* an edit of a watched field */
#define CRM_ANALYSIS_ON_DATE    0x08u   /* that a date has come */
#define CRM_ANALYSIS_ON_SCORE   0x10u   /* that a score has moved */
#define CRM_ANALYSIS_ON_COUNT   0x20u   /* a scoring rule: a watched field */
#define CRM_ANALYSIS_ON_MATCH   0x40u   /* an escalation rule: that the record
                                           begins to match */

/* A write, while it is made. */
#define CRM_ANALYSIS_ON_WRITE                                                 \
    (CRM_ANALYSIS_ON_CREATE | CRM_ANALYSIS_ON_EDIT | CRM_ANALYSIS_ON_FIELD)

/* What may follow a write: how far it reaches. */
typedef enum {
    CRM_ANALYSIS_REACH_NONE = 0,        /* timers, and what is counted */
    CRM_ANALYSIS_REACH_SCORE,           /* rules that wait for a score too */
    CRM_ANALYSIS_REACH_ALL              /* any rule */
} crm_analysis_reach_t;

typedef struct {
    size_t                  object;     /* in the bundle */
    const json_t           *json;
    crm_str_t               name;
    crm_analysis_module_t  *module;
    long long               sequence;
    int                     live;       /* status: on */
    int                     cascade;
    unsigned                on;         /* CRM_ANALYSIS_ON_... */
    const crm_date_trigger_t  *date;    /* of ON_DATE; NULL if it is wrong, or
                                           comes once in a record's life */
    const json_t           *scores;     /* of ON_SCORE: names; NULL: all */
    crm_analysis_reach_t    reach;      /* of ON_COUNT: of the write */
    int                     leaves;     /* of ON_MATCH: what rules write can
                                           end that a record matches */
    int                     match_all;
    crm_str_t              *watched;    /* fields */
    crm_criteria_t         *watches;    /* no nodes: any value */
    size_t                  watched_count;
    crm_criteria_t         *conditions;
    uint8_t                *known;      /* their criteria are right */
    size_t                  conditions_count;
    crm_analysis_effect_t  *effects;
    size_t                  effects_count;
} crm_analysis_rule_t;

typedef struct {
    crm_pool_t            *pool;
    crm_findings_t        *findings;    /* the caller's */
    crm_findings_t         rejected;    /* what compiling again would say */
    const json_t          *objects;
    size_t                 own;
    crm_zone_t             zone;
    crm_map_t              modules;     /* name to crm_analysis_module_t */
    crm_map_t              updates;     /* name of a field_update to its JSON */
    crm_compile_t          cc;
    crm_analysis_tree_t   *tree;
    crm_analysis_rule_t  **rules;       /* in the order in which they run */
    size_t                 rules_count;
} crm_analysis_model_t;


/* Reads bundle. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_model_load(crm_analysis_model_t *model,
    const json_t *bundle, size_t own, crm_pool_t *pool,
    crm_findings_t *findings);

/* The module of that name, a new one if need be; NULL without memory. */
crm_analysis_module_t *crm_analysis_model_module(crm_analysis_model_t *model,
    crm_str_t name);

/* What is compiled next is of that module. */
void crm_analysis_model_within(crm_analysis_model_t *model,
    crm_analysis_module_t *module);

/* Criteria of a module; CRM_EINVAL if they are wrong, which another has
 * said. */
crm_status_t crm_analysis_model_compile(crm_analysis_model_t *model,
    crm_analysis_module_t *module, crm_criteria_t *criteria,
    const json_t *json);

/* "conditions[1].instant_actions[0]"; NULL without memory. */
const char *crm_analysis_model_action_path(crm_analysis_model_t *model,
    const crm_analysis_effect_t *effect);

/* What a rule calls a field: its api_name, or the vendor's map with one. */
crm_str_t crm_analysis_model_field(const json_t *json);

#endif
