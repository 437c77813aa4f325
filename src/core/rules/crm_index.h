/*
 * Which rules can match this record: rules filed under a predicate that must
 * hold for them.
 *
 * Of what a condition demands (crm_demand.h), through AND alone, or through OR
 * when each member demands something, the rule is filed under the demand that
 * fewest records meet, as far as the constants of all rules tell: under a
 * field's value, a member of a set, or a range. Beside it stand one more range
 * and one predicate that other rules share, which are asked before the rule
 * becomes a candidate. Rules that demand nothing are looked at always. So cost
 * follows the rules that can match, not those that exist.
 *
 * What a field that nobody could learn says is unknown, so no rule that
 * demands something of it fires: it is no candidate. Locks, which hold when in
 * doubt, are few and are not filed.
 */

#ifndef CRM_INDEX_H
#define CRM_INDEX_H

#include "rules/crm_demand.h"
#include "rules/crm_rule.h"


typedef struct crm_demands_s  crm_demands_t;


/*
 * What the predicates of one CRM module demand and how often, for all its
 * indexes; in temp, which the indexes outlive. NULL without memory.
 */
crm_demands_t *crm_demands_create(const crm_predicates_t *predicates,
    unsigned slots, crm_pool_t *temp);

/*
 * Files rules (of which only those that wanted() says yes to) by their
 * position in rules. NULL without memory; an index of no rule is valid.
 */
crm_index_t *crm_index_create(crm_workflow_t *const *rules, size_t count,
    int (*wanted)(const crm_workflow_t *rule), const crm_demands_t *demands,
    crm_pool_t *pool);

size_t crm_index_count(const crm_index_t *index);

/*
 * The positions of the candidates for an image, ascending, without repeats;
 * in eval's pool. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_index_candidates(const crm_index_t *index, crm_eval_t *eval,
    const unsigned **positions, size_t *count);

#endif
