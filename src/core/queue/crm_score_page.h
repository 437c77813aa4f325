/*
 * A page of the records that are counted anew: how it is asked for, and where
 * the next one begins.
 *
 * A run's cursor is what its next page is asked for by:
 *
 *     page=N          the first thousands of records, by number
 *     page_token=T    as the backend named it, until it follows it no further
 *     id=ID           behind that: by a query for the ids after the last one
 *
 * It goes that way and never back. So the vendor's lists are read; those of a
 * dialect that is a file by what its "list" says, and id=ID is all there is.
 */

#ifndef CRM_SCORE_PAGE_H
#define CRM_SCORE_PAGE_H

#include "queue/crm_score_run.h"
#include "record/crm_dialect_write.h"


/* Records of a page: the most that the vendor lists. */
#define CRM_SCORE_PAGE  200


/* Whether all records of a module can be read. */
int crm_score_page_can(const crm_dialect_t *dialect);

/*
 * The request for the page, with the fields that scoring rules of module read
 * and write. CRM_DECLINED: the dialect lists no records, or not these;
 * CRM_ELIMIT: they are more fields than it lists; CRM_ENOMEM.
 */
crm_status_t crm_score_page_ask(crm_dialect_request_t *request,
    const crm_score_run_t *run, const crm_module_t *module,
    const crm_dialect_t *dialect, crm_pool_t *pool);

/* A sentence for CRM_DECLINED and CRM_ELIMIT. */
const char *crm_score_page_refusal(crm_status_t rc);

/*
 * The records of an answer; *next is the cursor behind them, empty at the end,
 * and run->last the last of them. Where the backend has followed its own token
 * for as long as it does, there are none, and *next asks for them by a query.
 * CRM_EINVAL: it cannot be read; CRM_ENOMEM.
 */
crm_status_t crm_score_page_read(crm_list_t *list, crm_str_t *next,
    crm_score_run_t *run, const crm_dialect_t *dialect, unsigned status,
    crm_str_t body, crm_pool_t *pool);

#endif
