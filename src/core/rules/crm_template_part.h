/*
 * A piece of a template: text as it stands, or what is filled in. Between the
 * parser (crm_template.c) and what writes it (crm_template_render.c).
 */

#ifndef CRM_TEMPLATE_PART_H
#define CRM_TEMPLATE_PART_H

#include "rules/crm_template.h"
#include "rules/crm_variable.h"


struct crm_template_part_s {
    crm_str_t                literal;       /* if it has none of: */
    crm_str_t                field;
    const crm_predefined_t  *token;         /* ${TODAY} */
    const crm_variable_t    *variable;      /* ${!Variables.x} */
    crm_str_t                member;        /* of a lookup; may be empty */
    crm_str_t                fallback;
    int                      has_fallback;
    int                      old;           /* from the before-image */
};


static inline int
crm_template_part_is_plain(const crm_template_part_t *part)
{
    return part->field.len == 0 && part->token == NULL
           && part->variable == NULL;
}

#endif
