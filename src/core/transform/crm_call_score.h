/*
 * Calls on the score of a record: what it is worth; count it anew; an event
 * has happened to it.
 *
 * An event brings the points of every scoring rule of the module that counts
 * it, once each time; once for all if it says by an id of its own which it is.
 * What that makes of the scores is found as for any update: where fields take
 * them the call goes on as the update of these, else it is kept, and the rules
 * are started that it starts.
 */

#ifndef CRM_CALL_SCORE_H
#define CRM_CALL_SCORE_H

#include "transform/crm_call.h"


int crm_call_score_stands(const crm_module_t *module);

/* Does a scoring rule of the module count an event of that name? */
int crm_call_score_counts(const crm_module_t *module, crm_str_t event);

crm_status_t crm_call_score_decode(crm_call_t *call,
    const crm_call_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal);

crm_status_t crm_call_score_judge(crm_called_t *called, crm_write_t *write);

#endif
