/*
 * A webhook as its jobs tell it, but for the body: the members of a job's
 * action before and behind that, as JSON.
 *
 * Mostly nothing in them depends on the record: then they are written once,
 * with the rules, and jobs copy them.
 */

#ifndef CRM_WEBHOOK_TEXT_H
#define CRM_WEBHOOK_TEXT_H

#include "rules/crm_action.h"


/*
 * Appends "name" to "headers". *climbs: the url that came out leads to another
 * path than the rule's. CRM_OK or CRM_ENOMEM (buf's own status counts too).
 */
crm_status_t crm_webhook_text_head(crm_buf_t *buf,
    const crm_webhook_t *webhook, const crm_merge_t *merge, crm_pool_t *pool,
    int *climbs);

/* Of a webhook that is complete, sets head (if it is the same for every
 * record) and tail, in the pool. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_webhook_text_keep(crm_webhook_t *webhook, crm_pool_t *pool);

#endif
