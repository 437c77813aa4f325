/*
 * The member "effects" of an intent: what processes add to its write.
 *
 *   {"changes": [{"op": "set"|"del"|"rank"|"turn", "field", "value"}],
 *    "steps": [{"process": "approval"|"blueprint"|"assignment", "name",
 *               "index": 1.., "stage": "submit"|"approve"|"reject"|"after"|
 *               "automatic"|"follow"}]}
 *
 * Between crm_intent.c, which writes the whole, and crm_intent_restore.c.
 */

#ifndef CRM_INTENT_EFFECTS_H
#define CRM_INTENT_EFFECTS_H

#include "queue/crm_event.h"


/* ,"effects": of an event that has some; nothing of any other. */
void crm_intent_effects_encode(const crm_effects_t *effects, crm_buf_t *buf);

/*
 * Makes of value, that member's, what the event had: strings are copied into
 * pool. CRM_EINVAL with *err: it is misshapen, or module has no such step;
 * CRM_ELIMIT; CRM_ENOMEM.
 */
crm_status_t crm_intent_effects_parse(crm_effects_t *effects,
    crm_span_t value, const crm_module_t *module, crm_pool_t *pool,
    crm_error_t *err);

#endif
