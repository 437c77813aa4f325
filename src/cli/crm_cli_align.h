/*
 * Two lists side by side: which elements of the one are those of the other.
 */

#ifndef CRM_CLI_ALIGN_H
#define CRM_CLI_ALIGN_H

#include "base/crm_pool.h"


#define CRM_CLI_ALIGN_NONE  ((size_t) -1)

/* Is element i of the old list the same as element j of the new one? */
typedef int (*crm_cli_align_pt)(const void *data, size_t i, size_t j);

/*
 * A longest common subsequence: match[j] is the index of the old element that
 * the new element j is, or CRM_CLI_ALIGN_NONE; indices rise. match has room for
 * n_new. Of lists that differ over more than a thousand elements or so, only
 * what they begin and end with is matched. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_align(size_t *match, size_t n_old, size_t n_new,
    crm_cli_align_pt same, const void *data);

#endif
