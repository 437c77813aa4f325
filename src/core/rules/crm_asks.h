/*
 * What an action asks of the record: the fields that are merged into what it
 * sends, writes or calls, and those that say to whom.
 *
 * Known when rules are loaded: a write whose actions ask for nothing that the
 * backend sets by itself need not look for it.
 */

#ifndef CRM_ASKS_H
#define CRM_ASKS_H

#include "rules/crm_template.h"


typedef struct {
    crm_str_t  *fields;         /* each once */
    size_t      count;
    int         whole;          /* it tells the record itself */
} crm_asks_t;


/* Adds a field, or those of a template; names are borrowed. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_asks_field(crm_asks_t *asks, crm_str_t field,
    crm_pool_t *pool);
crm_status_t crm_asks_template(crm_asks_t *asks,
    const crm_template_t *template, crm_pool_t *pool);

#endif
