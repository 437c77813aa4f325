/*
 * Literals about the members of lists.
 */

#ifndef CRM_ANALYSIS_SET_H
#define CRM_ANALYSIS_SET_H

#include "rules/crm_analysis_literal.h"


/* Whether no list makes both true; 0 unless both are about members. */
int crm_analysis_set_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);

#endif
