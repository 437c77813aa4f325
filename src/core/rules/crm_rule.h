/*
 * The rule model: what the documents of a rule folder mean, compiled.
 *
 * Kinds, triggers and actions are rows in tables (crm_kind.c,
 * crm_workflow_parse.c, crm_action.c). Everything here lives in the pool of
 * the rule set that it belongs to and is never changed once compiled.
 */

#ifndef CRM_RULE_H
#define CRM_RULE_H

#include "base/crm_array.h"
#include "record/crm_dialect.h"
#include "rules/crm_action.h"
#include "rules/crm_criteria.h"
#include "rules/crm_escalation.h"
#include "rules/crm_schedule.h"


/* ---- workflow rules ---- */

typedef enum {
    CRM_RECUR_ONCE = 0,
    CRM_RECUR_MONTHLY,
    CRM_RECUR_YEARLY
} crm_recur_t;

/* Due so long before (below 0) or after a date that the record holds. */
typedef struct {
    crm_str_t        field;
    crm_interval_t   offset;
    int              at_minute;         /* of the day, by the clocks there */
    int              at_given;          /* 0: nobody has said, midnight */
    crm_recur_t      recur;
} crm_date_trigger_t;

typedef struct {
    crm_str_t       *rules;             /* names of scoring rules */
    size_t           rules_count;       /* 0: all of them */
} crm_score_trigger_t;

typedef enum {
    CRM_STATUS_ON = 0,
    CRM_STATUS_SHADOW,          /* evaluate, record, touch nothing */
    CRM_STATUS_OFF
} crm_rule_status_t;

typedef struct {
    unsigned         slot;
    int              any_value;         /* ${ANYVALUE} */
    unsigned         predicate;
} crm_watch_t;

/* What a condition does later. */
typedef struct {
    unsigned         seq;               /* 1-based, in its condition */
    crm_interval_t   after;
    int              recheck;           /* test the criteria again when due */
    crm_action_t    *actions;
    size_t           actions_count;
} crm_scheduled_t;

typedef struct {
    unsigned         seq;               /* 1-based */
    crm_criteria_t   criteria;
    crm_action_t    *actions;           /* instant ones */
    size_t           actions_count;
    crm_scheduled_t *scheduled;
    size_t           scheduled_count;
} crm_condition_t;

typedef struct {
    crm_str_t          name;
    crm_str_t          id;              /* "id" if given, else the name */
    crm_rule_status_t  status;
    long long          sequence;
    crm_trigger_t      trigger;
    int                repeat;
    crm_watch_t       *watch;           /* of FIELD_UPDATE */
    size_t             watch_count;
    int                match_all;
    const crm_date_trigger_t   *date;   /* of DATE, else NULL */
    const crm_score_trigger_t  *score;  /* of SCORE_..., else NULL */
    crm_condition_t   *conditions;
    size_t             conditions_count;
    int                cascade;
    int                ignore_lock;
    int                run_on_import;
} crm_workflow_t;


/* ---- record locking ---- */

typedef struct {
    crm_str_t          name;
    int                existing;        /* lock_existing_records */
    crm_criteria_t     criteria;
} crm_lock_rule_t;

typedef struct {
    crm_lock_rule_t   *rules;
    size_t             rules_count;
    crm_str_t         *profiles;        /* excluded; none unless locked_for
                                           excepts them */
    size_t             profiles_count;
    crm_str_t         *fields;          /* excluded: stay editable */
    size_t             fields_count;
    unsigned           restricted;      /* CRM_RESTRICT_... */
    int                by_hand;         /* lock_type manual or both */
} crm_locking_t;


/* ---- a CRM module and its rules ---- */

typedef struct crm_index_s  crm_index_t;

typedef struct {
    crm_str_t          name;
    crm_schema_t       schema;
    crm_predicates_t   predicates;
    crm_locking_t     *locking;         /* or NULL */
    crm_workflow_t   **workflows;       /* by sequence, then name */
    size_t             workflows_count;
    crm_index_t       *create;          /* of workflows, or NULL if none */
    crm_index_t       *update;
    crm_index_t       *remove;
    int                reads_once;      /* a rule has repeat: false */
    size_t             dates;           /* rules with a date trigger, */
    size_t             scored;          /* with a score trigger */
    crm_array_t        validations;     /* of crm_validation_t, by name */
    int                validates_always;    /* one is not only on request */
    crm_array_t        scorings;        /* of crm_scoring_t, by name */
    crm_array_t        assignments;     /* of crm_assignment_t, by name */
    int                assigns_always;  /* one is not only on request */
    crm_array_t        approvals;       /* of crm_approval_t, and */
    crm_array_t        blueprints;      /* of crm_blueprint_t: by sequence,
                                           then name */
    crm_escalation_t  *escalation;      /* or NULL */
} crm_module_t;

/* Whether a write of that operation can be touched by a rule of module, or can
 * touch what rules remember of a record: a delete ends that. */
int crm_module_concerns(const crm_module_t *module, crm_operation_t operation);

/* The same of a write that asks for no more than apply, CRM_APPLY_...; and
 * whether a validation rule looks at what it saves. */
int crm_module_judges(const crm_module_t *module, crm_operation_t operation,
    unsigned apply);
int crm_module_validates(const crm_module_t *module, unsigned apply);

/* Whether an assignment rule says who gets what it creates. */
int crm_module_assigns(const crm_module_t *module, unsigned apply);

/*
 * Which guard could refuse what does that (CRM_RESTRICT_...) to a record of
 * module: the kind of its refusals, CRM_REFUSE_NONE without one. Approval and
 * blueprint rules count, though nothing judges them yet.
 */
crm_refusal_kind_t crm_module_guards(const crm_module_t *module,
    unsigned does);


/* A module of that name (borrowed) without any rule, for a write that is to be
 * followed all the same; NULL without memory. */
const crm_module_t *crm_module_none(crm_str_t name, crm_pool_t *pool);


/* ---- the backend, as recovery asks it ---- */

typedef struct {
    crm_str_t             name;         /* legal, not one of the transport's */
    crm_str_t             secret;       /* "env:X" or "file:X": never a value */
} crm_backend_header_t;

typedef struct {
    crm_str_t             url;          /* http(s)://host/path, no slash at
                                           its end, version included */
    const crm_dialect_t  *dialect;
    crm_backend_header_t *headers;
    size_t                headers_count;
} crm_backend_t;


/* ---- compiling documents; used by crm_ruleset.c alone ---- */

/* The keys of these kinds. */
extern const crm_key_t  crm_workflow_keys[];
extern const crm_key_t  crm_locking_keys[];

/* Parts of a workflow_rule that have files of their own. */
extern const crm_key_t   crm_watch_keys[];
extern const crm_key_t   crm_date_trigger_keys[];
extern const crm_key_t   crm_score_trigger_keys[];
extern const crm_form_t  crm_scheduled_forms[];

/* Each fills what it is given from json; CRM_EINVAL with findings. */
crm_status_t crm_workflow_parse(crm_workflow_t *rule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc);
crm_status_t crm_locking_parse(crm_locking_t *locking, const json_t *json,
    crm_compile_t *cc);

/* The details (or NULL) of a field_update trigger. */
crm_status_t crm_watch_parse(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc);

/* Triggers that no write starts: their details (or NULL) at path. */
crm_status_t crm_date_trigger_parse(crm_workflow_t *rule,
    const json_t *details, crm_compile_t *cc);
crm_status_t crm_score_trigger_parse(crm_workflow_t *rule,
    const json_t *details, crm_compile_t *cc);

/* The scheduled_actions of a condition, at path. */
crm_status_t crm_scheduled_parse(crm_condition_t *condition,
    const json_t *json, const char *path, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc);

#endif
