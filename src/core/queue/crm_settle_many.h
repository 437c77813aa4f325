/*
 * A settlement of all records of one intent, each judged for itself.
 *
 *     crm_settle_many_init(&many, &intents, pool)
 *     while (crm_settle_many_next(&many, &path) == CRM_OK) {
 *         ask the backend for path
 *         crm_settle_many_answer(&many, &answer, max_time_ms, NULL)
 *     }
 *     crm_settle_many_end(&many, &how, &reason)
 *
 * Those that were changed or deleted are asked for one by one; those that were
 * created in one module all at once, since only together can they be told
 * apart.
 */

#ifndef CRM_SETTLE_MANY_H
#define CRM_SETTLE_MANY_H

#include "queue/crm_settle.h"


typedef struct {
    const crm_intents_t  *intents;
    crm_settlement_t     *items;        /* of each */
    uint8_t              *asked;
    size_t                at;           /* the one that is asked for */
    int                   over;         /* nothing more can help */
    crm_pool_t           *pool;
} crm_settle_many_t;


/* Borrows intents. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_settle_many_init(crm_settle_many_t *many,
    const crm_intents_t *intents, crm_pool_t *pool);

/* What to ask the backend for next, as crm_settle_path(); CRM_DECLINED: nothing
 * more; CRM_ENOMEM. */
crm_status_t crm_settle_many_next(crm_settle_many_t *many, crm_str_t *path);

/* What it answered; see crm_settle(). CRM_OK or CRM_ENOMEM. */
crm_status_t crm_settle_many_answer(crm_settle_many_t *many,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits);

/*
 * What it all comes to: COMMITTED when one record was written at least, those
 * of items that say so; UNREADABLE and UNDETERMINED when one record is.
 */
void crm_settle_many_end(const crm_settle_many_t *many, crm_settled_t *how,
    const char **reason);

#endif
