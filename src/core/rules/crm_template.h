/*
 * Merge fields: text with ${!Module.Field} in it, escaped per destination.
 *
 *     ${!Deals.Deal_Name}          the field; a lookup gives its name
 *     ${!Deals.Account_Name.id}    a member of a lookup
 *     ${!Deals.Phone|none}         a default for an empty field
 *     ${OLD!Deals.Stage}           as it was before the write
 *     ${TODAY+7}  ${CURRENTUSER}   what crm_predefined.h knows
 *     ${!Variables.limit}          what the variable holds
 *
 * Any other ${...} is a mistake, and one is said to be: it would be sent as it
 * stands.
 */

#ifndef CRM_TEMPLATE_H
#define CRM_TEMPLATE_H

#include "base/crm_buf.h"
#include "record/crm_late.h"
#include "rules/crm_shape.h"


typedef enum {
    CRM_ESCAPE_NONE = 0,        /* text and mail subjects */
    CRM_ESCAPE_JSON,            /* inside a JSON string */
    CRM_ESCAPE_URL,             /* percent-encoded */
    CRM_ESCAPE_XML,             /* XML and HTML */
    CRM_ESCAPE_HEADER           /* control characters dropped */
} crm_escape_t;

typedef struct crm_template_part_s  crm_template_part_t;

typedef struct {
    crm_template_part_t  *parts;
    size_t                count;
} crm_template_t;

/* What a template is filled from; records may be NULL. */
typedef struct {
    crm_str_t            module;
    crm_str_t            record_id;     /* ${!Module.id} */
    const crm_record_t  *record;        /* after-image */
    const crm_record_t  *before;
    const crm_scope_t   *scope;         /* of ${TODAY}; NULL: it is missing */
    crm_late_t          *late;          /* told what record lacks; or NULL */
} crm_merge_t;


/*
 * Compiles text (borrowed). A merge field of another module than cc->module,
 * one that a declared module does not have, or that cannot be read, is a
 * finding at path and CRM_EINVAL; CRM_ENOMEM. Without cc->module there is no
 * record, and no field of one.
 */
crm_status_t crm_template_compile(crm_template_t *template, crm_str_t text,
    const char *path, crm_compile_t *cc);

/* The same of a copy of a JSON text; what is none is empty. */
crm_status_t crm_template_parse(crm_template_t *template, const json_t *json,
    const char *path, crm_compile_t *cc);

/*
 * Writes the template. missing, if not NULL, is set to 1 when a field had
 * neither a value nor a default. CRM_OK or CRM_ENOMEM (buf's own status
 * counts too).
 */
crm_status_t crm_template_render(const crm_template_t *template,
    crm_buf_t *buf, crm_escape_t escape, const crm_merge_t *merge,
    crm_pool_t *pool, int *missing);

/* Writes text as a destination takes it. */
void crm_template_escape(crm_buf_t *buf, crm_escape_t escape, crm_str_t text);

/* Whether nothing in it is to be filled in. */
int crm_template_is_literal(const crm_template_t *template);

#endif
