/*
 * What differs between two JSON values, by path.
 *
 * A path is that of the findings: keys and indices, as conditions[0].criteria;
 * a key that is no word stands in brackets and quotes, as headers["X.Y"]. The
 * index of an element that went is the old one, any other the new one. Elements
 * of lists are matched, so that one that comes in does not change all behind
 * it. Pure: the two values and a pool.
 */

#ifndef CRM_CLI_DIFFERENCE_H
#define CRM_CLI_DIFFERENCE_H

#include <jansson.h>

#include "base/crm_pool.h"


typedef struct {
    const char    *path;            /* "": the value itself */
    const json_t  *before;          /* borrowed; NULL: it was not there */
    const json_t  *after;           /* borrowed; NULL: it is gone */
} crm_cli_difference_t;

typedef struct {
    crm_pool_t            *pool;
    crm_cli_difference_t  *items;   /* in the order of after, then what went */
    size_t                 count;
    size_t                 cap;
} crm_cli_differences_t;


/* Borrows both values for as long as differences, which lives in pool, is
 * used. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_difference_find(crm_cli_differences_t *differences,
    const json_t *before, const json_t *after, crm_pool_t *pool);

#endif
