/*
 * Templates: text with places that are filled, such as {module}/{id}.
 *
 * A brace that is meant is written twice. What fills a place is escaped for
 * where it goes, save where the place is the whole of a JSON value (a number,
 * a list).
 */

#ifndef CRM_FILL_H
#define CRM_FILL_H

#include "base/crm_buf.h"
#include "record/crm_pointer.h"


typedef enum {
    CRM_FILL_TEXT = 0,          /* no place: text as it stands */
    CRM_FILL_CODE,
    CRM_FILL_MESSAGE,
    CRM_FILL_TITLE,
    CRM_FILL_STATUS,
    CRM_FILL_RULE,
    CRM_FILL_MODULE,
    CRM_FILL_ID,
    CRM_FILL_IDS,               /* ids with commas between them */
    CRM_FILL_FIELD,
    CRM_FILL_FIELDS,            /* a list of it */
    CRM_FILL_EVENT,
    CRM_FILL_REQUEST_ID,        /* the same */
    CRM_FILL_FIELDS_JSON,       /* the fields to be written, an object */
    CRM_FILL_VERSION,           /* {v}: of the record as it was read */
    CRM_FILL_VALUE,             /* of a field */
    CRM_FILL_TAGS_JSON,         /* tags, a list */
    CRM_FILL_ID_JSON,           /* an id that is a number, as one */
    CRM_FILL_IDS_JSON,          /* a list of such */
    CRM_FILL_QUERY,             /* of the write, as the client wrote it */
    CRM_FILL_BODY,              /* {body:/a}: what stands there in the write */
    CRM_FILL_MORE_FIELDS,       /* ,a,b: those that were not asked for */
    CRM_FILL_TAG_OBJECTS,       /* [{"name":"a"}] of tags */
    CRM_FILL_AFTER,             /* the id of the last record so far */
    CRM_FILL_OFFSET,            /* how many records there were so far */
    CRM_FILL_COUNT
} crm_fill_var_t;

typedef struct {
    crm_fill_var_t  var;
    int             raw;        /* a whole JSON value: nothing is escaped */
    crm_str_t       text;       /* of CRM_FILL_TEXT; the pointer of BODY */
} crm_fill_part_t;

typedef struct {
    const crm_fill_part_t  *parts;
    unsigned                count;
    unsigned                uses;   /* a bit for each var that it has */
} crm_fill_t;

typedef enum {
    CRM_FILL_AS_TEXT = 0,
    CRM_FILL_AS_URL,            /* percent-encoded */
    CRM_FILL_AS_JSON,           /* inside a JSON string */
    CRM_FILL_AS_HEADER          /* without control characters */
} crm_fill_as_t;

/* By crm_fill_var_t; what is not set is empty. */
typedef struct {
    crm_str_t   vars[CRM_FILL_COUNT];
    crm_span_t  body;           /* CRM_FILL_BODY looks into it; NONE: no body */
} crm_fill_values_t;


#define CRM_FILL_BIT(var)  (1u << (var))

/* The name of a place, as it is written between braces. */
const char *crm_fill_name(crm_fill_var_t var);

/*
 * Adds the parts of text to those that fill has (fill was zeroed before the
 * first). allowed: the places that may stand there, CRM_FILL_BIT()s. json:
 * text stands inside a JSON string, so that it is escaped; a text that is one
 * place of a list or number is that, raw. CRM_EINVAL with *err, CRM_ENOMEM.
 */
crm_status_t crm_fill_add(crm_fill_t *fill, crm_str_t text, unsigned allowed,
    int json, crm_pool_t *pool, crm_error_t *err);

/* Adds text as it stands. */
crm_status_t crm_fill_literal(crm_fill_t *fill, crm_str_t text,
    crm_pool_t *pool);

void crm_fill_write(crm_buf_t *buf, const crm_fill_t *fill,
    const crm_fill_values_t *values, crm_fill_as_t as);

#endif
