/*
 * What a delivery came to is an event for the record that it is of: scoring
 * rules may count that a mail was sent, or came back.
 *
 *     webhooks   webhook_delivered   webhook_failed
 *     emails     email_sent          email_bounced
 *
 * Where a rule of the record's module counts it, a job of type score_events
 * follows, made by the script that ends the delivery: so there is one for each
 * job, whoever dies. nginx counts it under the id of that job, once.
 */

#ifndef CRM_WORKER_TOUCH_H
#define CRM_WORKER_TOUCH_H

#include "crm_worker_end.h"

#include "rules/crm_ruleset.h"


/*
 * Fills what follows from end's job, whose outcome is known and which has
 * nothing that follows yet; rules are the current ones, or NULL. CRM_OK or
 * CRM_ENOMEM.
 */
crm_status_t crm_worker_touch(crm_worker_end_t *end,
    const crm_ruleset_t *rules);

#endif
