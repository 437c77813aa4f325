/*
 * XML as a tree, and paths into it.
 *
 * A DOCTYPE is refused: nothing is defined, included or fetched. Prefixes are
 * part of a name.
 */

#ifndef CRM_DELUGE_XML_H
#define CRM_DELUGE_XML_H

#include "base/crm_array.h"
#include "crm_deluge_run.h"


/* Between several elements or texts in one. */
#define CRM_DELUGE_XML_BETWEEN  "-|-"

typedef enum {
    CRM_DELUGE_X_DOCUMENT = 0,
    CRM_DELUGE_X_ELEMENT,
    CRM_DELUGE_X_ATTRIBUTE,
    CRM_DELUGE_X_TEXT
} crm_deluge_xml_kind_t;

typedef struct crm_deluge_xml_s  crm_deluge_xml_t;

struct crm_deluge_xml_s {
    crm_deluge_xml_kind_t   kind;
    unsigned                mark;       /* of the search that met it last */
    size_t                  order;      /* in the document */
    crm_str_t               name;
    crm_str_t               text;       /* of ATTRIBUTE and TEXT */
    crm_str_t               source;     /* of ELEMENT: as it was written */
    crm_deluge_xml_t       *parent;
    crm_deluge_xml_t       *first;      /* child */
    crm_deluge_xml_t       *last;
    crm_deluge_xml_t       *next;       /* sibling, or attribute */
    crm_deluge_xml_t       *attributes;
};

/* What a tree may take, beside the values of the script: it lives as long as
 * the call. */
#define CRM_DELUGE_XML_MEMORY  (16 * 1024 * 1024)

/*
 * The document in pool, whose children are the elements of text: several if
 * many is set. CRM_EINVAL: it cannot be read, which has been thrown.
 */
crm_status_t crm_deluge_xml_read(crm_deluge_call_t *call,
    crm_deluge_xml_t **document, crm_str_t text, int many, crm_pool_t *pool);

/* crm_deluge_xml_write.c: text with its signs escaped. */
void crm_deluge_xml_escape(crm_buf_t *buf, crm_str_t text);

/* v as XML, in an element of that name. */
void crm_deluge_xml_write(crm_buf_t *buf, crm_str_t name,
    const crm_deluge_value_t *v, const crm_zone_t *zone, unsigned depth);

/* crm_deluge_xpath.c: what path names, in document order. */
crm_status_t crm_deluge_xpath(crm_deluge_call_t *call, crm_array_t *found,
    crm_deluge_xml_t *document, crm_str_t path, crm_pool_t *pool);

#endif
