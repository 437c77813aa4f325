/*
 * Records of which nobody knows whether they are in a process.
 *
 * Step 4 (decide), with the guards of approvals and blueprints. A record that
 * a create brought may be seen before that create's commit has told where it
 * stands. Where Redis knows nothing of a record, and a create of its module is
 * not settled, and the record is not older than that create, and it is one
 * that enters a process when it is created, it is not to be written: not
 * known, for a moment, and as long as nobody settles that create.
 */

#ifndef CRM_UNSETTLED_H
#define CRM_UNSETTLED_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"


/* How far the clocks of Redis and of the backend may be apart. */
#define CRM_UNSETTLED_SKEW_MS  5000

/* Sets *verdict to CRM_REFUSE_UNAVAILABLE or leaves it alone. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_unsettled_check(crm_verdict_t *verdict,
    crm_write_t *write);

#endif
