/*
 * The kinds of documents: a row each, and what each adds to a rule set.
 *
 * Between what walks a bundle in passes (crm_ruleset_build.c) and the compilers
 * of single documents. Outside of the rules folder the rows are only read, by
 * those who tell people and editors what may be written.
 */

#ifndef CRM_KIND_H
#define CRM_KIND_H

#include "rules/crm_ruleset.h"


/* Documents come in any order, and are compiled in this one. */
typedef enum {
    CRM_PASS_NAMES = 0,     /* what refers to nothing: schemas, variables */
    CRM_PASS_USERS,         /* of profiles and roles; the backend, of its
                               dialect */
    CRM_PASS_GROUPS,        /* of users */
    CRM_PASS_ACTIONS,       /* named actions, who they are for */
    CRM_PASS_RULES,         /* whatever refers to actions */
    CRM_KIND_PASSES
} crm_kind_pass_t;

struct crm_ruleset_s {
    crm_pool_t      *pool;
    unsigned         refs;
    long long        revision;
    crm_map_t        modules;       /* name to crm_module_t */
    crm_names_t      names;
    crm_library_t    library;
    crm_map_t        schedules;     /* name to crm_schedule_t */
    crm_map_t        dialects;      /* name to crm_dialect_t */
    crm_backend_t   *backend;       /* or NULL */
    crm_zone_t       zone;          /* without a name: UTC */
    crm_hours_t      hours;
    int              has_hours;     /* a document gave them */
};

/* A rule set under construction. */
typedef struct {
    crm_ruleset_t   *rules;
    crm_findings_t  *findings;
    crm_pool_t      *temp;          /* ends when the set is compiled */
    crm_map_t        identities;    /* "kind name" to index + 1 */
    crm_compile_t    cc;
} crm_build_t;

/* Checked and stored, but what it says is not done yet: a warning. */
#define CRM_KIND_NO_RUN_TIME  0x01u

/* compile checks the keys itself. */
#define CRM_KIND_OWN_CHECK    0x02u

typedef struct {
    const char       *name;
    const char       *identity;     /* key that names an object, or NULL */
    crm_kind_pass_t   pass;
    crm_status_t    (*compile)(crm_build_t *b, const json_t *json);
    const crm_key_t  *keys;         /* checked before compile */
    unsigned          flags;        /* CRM_KIND_... */
    const char       *about;        /* what it is; one line, no full stop */
} crm_kind_t;


/* All rows, in the order of the rule language. */
const crm_kind_t *crm_kind_rows(size_t *count);

/*
 * The row of json's kind, or NULL with a finding in b when it has none that
 * is known; b may be NULL: no finding.
 */
const crm_kind_t *crm_kind_find(const json_t *json, crm_build_t *b);

/* What identifies a document of that kind, as crm_ruleset_identity(). */
crm_str_t crm_kind_identity(const crm_kind_t *kind, const json_t *json);

/* The "sequence" of a document whose rules have an order, or the default. */
long long crm_kind_sequence(const json_t *json);

/* The module of that name (text), made if it is new; b->cc is set to it. NULL
 * without memory. */
crm_module_t *crm_kind_in_module(crm_build_t *b, const json_t *json);


/* ---- the kinds: keys, and what each adds to b->rules; CRM_OK, CRM_EINVAL
 * with findings, or CRM_ENOMEM ---- */

extern const crm_key_t  crm_kind_module_keys[];
extern const crm_key_t  crm_kind_backend_keys[];
extern const crm_key_t  crm_kind_business_hours_keys[];
extern const crm_key_t  crm_kind_variable_keys[];

crm_status_t crm_kind_module(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_dialect(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_backend(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_business_hours(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_variable(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_workflow(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_locking(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_validation(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_scoring(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_assignment(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_escalation(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_approval(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_blueprint(crm_build_t *b, const json_t *json);

/* Named actions and what they are made of: crm_kind_action.c. */

extern const crm_key_t  crm_kind_field_update_keys[];

crm_status_t crm_kind_field_update(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_webhook(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_email_template(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_email_notification(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_task(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_function(crm_build_t *b, const json_t *json);
crm_status_t crm_kind_schedule(crm_build_t *b, const json_t *json);

#endif
