/*
 * A bundle becomes a rule set: its documents are compiled in passes
 * (crm_kind.h), then the rules are brought into their order and filed.
 */

#ifndef CRM_RULESET_BUILD_H
#define CRM_RULESET_BUILD_H

#include "rules/crm_kind.h"


/* A rule set of a hundred thousand rules takes some 200 MB. */
#define CRM_RULESET_MAX_BYTES  ((size_t) 1024 * 1024 * 1024)


/*
 * Fills b->rules, which stays the caller's, with what the bundle says; memory
 * of the work itself comes from host. CRM_ENOMEM, or findings in b->findings.
 */
crm_status_t crm_ruleset_build(crm_build_t *b, const json_t *bundle,
    const crm_host_t *host);

/* Rules in their order, then filed by the operation that can start them.
 * CRM_ENOMEM. */
crm_status_t crm_ruleset_order(crm_build_t *b);

#endif
