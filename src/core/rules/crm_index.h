/*
 * Which rules can match this record: rules filed under a predicate that must
 * hold for them.
 *
 * A rule whose every condition demands (through AND alone) that a field equal
 * a constant, or one of some, is filed under that field and those constants;
 * of several such demands under the one that fewest other rules make. Rules
 * that demand none are candidates always. A record's values then name the
 * candidates: cost follows the rules that can match, not those that exist.
 */

#ifndef CRM_INDEX_H
#define CRM_INDEX_H

#include "rules/crm_rule.h"


/*
 * Files rules (of which only those that wanted() says yes to) by their
 * position in rules. NULL without memory; an index of no rule is valid.
 */
crm_index_t *crm_index_create(crm_workflow_t *const *rules, size_t count,
    int (*wanted)(const crm_workflow_t *rule),
    const crm_predicates_t *predicates, unsigned slots, crm_pool_t *pool);

size_t crm_index_count(const crm_index_t *index);

/*
 * The positions of the candidates for an image, ascending, without repeats;
 * in eval's pool. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_index_candidates(const crm_index_t *index, crm_eval_t *eval,
    const unsigned **positions, size_t *count);

#endif
