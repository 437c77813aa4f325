/*
 * Validation rules: what a record must not look like when it is written.
 */

#ifndef CRM_VALIDATION_H
#define CRM_VALIDATION_H

#include "rules/crm_criteria.h"


/* A record that matches is refused. */
typedef struct {
    crm_str_t        name;
    int              always;        /* else who writes has to ask for it */
    crm_criteria_t   criteria;      /* on the record as it would be stored */
    crm_str_t        field;         /* that the refusal names */
    crm_str_t        message;       /* for people */
} crm_validation_t;

extern const crm_key_t  crm_validation_keys[];


/* Fills validation from a document whose shape is checked, of cc's CRM module.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_validation_parse(crm_validation_t *validation,
    const json_t *json, crm_compile_t *cc);

#endif
