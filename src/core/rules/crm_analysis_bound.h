/*
 * Bounds of a field: greater and less than a constant or a token.
 */

#ifndef CRM_ANALYSIS_BOUND_H
#define CRM_ANALYSIS_BOUND_H

#include "rules/crm_analysis_value.h"


typedef struct {
    const crm_operand_t     *operand;
    crm_analysis_order_t     order;
    crm_analysis_reading_t   as;
} crm_analysis_bound_t;


/* Whether no value keeps both. */
int crm_analysis_bound_clash(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b);

/* Whether each value that keeps a keeps b too. */
int crm_analysis_bound_implies(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b);

#endif
