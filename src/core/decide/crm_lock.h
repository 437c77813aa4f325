/*
 * Record locks: may this actor change this record now?
 *
 * Step 4 (decide), first guard. A record is locked automatically when its
 * before-image matches a locking rule, or could match one for all we know, and
 * either that rule locks records that existed before it, or our mark says that
 * a save through us made it match. The mark alone never locks. A lock by hand
 * (crm_manual.h) stands until somebody takes it away, with or without rules.
 */

#ifndef CRM_LOCK_H
#define CRM_LOCK_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"


/* Sets *verdict to a refusal or leaves it alone. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_lock_check(crm_verdict_t *verdict, crm_write_t *write);

/*
 * Why no lock could refuse this write, whatever the record is like: a sentence
 * for people; NULL when one could.
 */
const char *crm_lock_exempt(const crm_write_t *write);

/* The rule by which the record is locked, or NULL: whoever writes, whatever he
 * writes. write's before-image must be there. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_lock_automatic(crm_write_t *write,
    const crm_lock_rule_t **rule);

/* Whether locks do not stop who acts: his profile is excluded from them. */
int crm_lock_excludes(const crm_locking_t *locking, const crm_actor_t *actor);

/*
 * The locking rules that a record matches once it is saved, for the next
 * write: final evaluates its image. *names borrows from the rule set.
 */
crm_status_t crm_lock_marks(const crm_module_t *module, crm_eval_t *final,
    crm_str_t **names, size_t *count, crm_pool_t *pool);

#endif
