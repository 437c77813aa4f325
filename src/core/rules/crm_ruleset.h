/*
 * The compiled rules of one organisation: immutable, counted.
 *
 * A bundle (JSON, what crmctl apply stores as a revision) is checked and
 * compiled as a whole: into a rule set, or into findings. Fields become slots,
 * equal predicates are shared, and rules are filed under a predicate that must
 * hold for them, so that a write looks at the rules that can match it and not
 * at all that exist. A rule set is never changed; a request holds one from its
 * first step to its last.
 */

#ifndef CRM_RULESET_H
#define CRM_RULESET_H

#include <jansson.h>

#include "base/crm_hours.h"
#include "record/crm_actor.h"
#include "record/crm_dialect.h"
#include "rules/crm_names.h"
#include "rules/crm_finding.h"
#include "rules/crm_rule.h"


typedef struct crm_ruleset_s  crm_ruleset_t;


/*
 * Compiles bundle: {"v":1, "org":..., "time_zone":... (crm_zone_json.h),
 * "objects":[{"object":{"kind":...}}]}.
 * Borrows bundle for the call only. Returns a set with one reference, or NULL
 * with findings->errors > 0, or NULL with findings->status CRM_ENOMEM.
 * Warnings may stand in findings in either case. The reference count is not
 * atomic: a set belongs to one thread at a time.
 */
crm_ruleset_t *crm_ruleset_create(const json_t *bundle, long long revision,
    const crm_host_t *host, crm_findings_t *findings);

void crm_ruleset_retain(crm_ruleset_t *rules);
void crm_ruleset_release(crm_ruleset_t *rules);

/* Whether others hold it too; else the next release ends it. */
int crm_ruleset_shared(const crm_ruleset_t *rules);

long long crm_ruleset_revision(const crm_ruleset_t *rules);

/* The rules of a CRM module, or NULL if there are none. */
const crm_module_t *crm_ruleset_module(const crm_ruleset_t *rules,
    crm_str_t name);

/* The organisation's time zone. */
const crm_zone_t *crm_ruleset_zone(const crm_ruleset_t *rules);

/* When the organisation works: its business_hours, or crm_hours_init()'s. */
const crm_hours_t *crm_ruleset_hours(const crm_ruleset_t *rules);

/* All modules with rules, for listing: count of them, and the i-th. */
size_t crm_ruleset_modules(const crm_ruleset_t *rules);
const crm_module_t *crm_ruleset_module_at(const crm_ruleset_t *rules,
    size_t i);

/* The dialect of that name, of the rules (kind: dialect) or built in; or NULL.
 * rules may be NULL: built in. */
const crm_dialect_t *crm_ruleset_dialect(const crm_ruleset_t *rules,
    crm_str_t name);

/* The backend of the organisation (kind: backend), or NULL. */
const crm_backend_t *crm_ruleset_backend(const crm_ruleset_t *rules);

/* A function by its name, or NULL. */
const crm_function_t *crm_ruleset_function(const crm_ruleset_t *rules,
    crm_str_t name);

/* A schedule by its name, or NULL; how many there are, and the i-th. */
const crm_schedule_t *crm_ruleset_schedule(const crm_ruleset_t *rules,
    crm_str_t name);
size_t crm_ruleset_schedules(const crm_ruleset_t *rules);
const crm_schedule_t *crm_ruleset_schedule_at(const crm_ruleset_t *rules,
    size_t i);

/*
 * Who id is: profile and role as the rules know them. An empty or unknown id,
 * and that of an inactive user, has neither. Borrows id and the rule set.
 */
crm_actor_t crm_ruleset_actor(const crm_ruleset_t *rules, crm_str_t id);

/* Users that are not inactive. */
size_t crm_ruleset_active_users(const crm_ruleset_t *rules);

/* Who there is and what they share: read only. */
const crm_names_t *crm_ruleset_names(const crm_ruleset_t *rules);

/*
 * What identifies an object among its kind: its name, the module of a
 * record_locking, the id of a user, the api_name of a variable, nothing for
 * the organization. Borrows object; data is NULL when it lacks that key.
 */
crm_str_t crm_ruleset_identity(const json_t *object);

/* Place of an object's kind in the order of the rule language, or -1. */
int crm_ruleset_kind_order(const json_t *object);

#endif
