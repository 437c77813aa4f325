/*
 * An element of the webhooks' entrance, read as far as take has to know it.
 * The rules are those of scripts/lib/admission.lua and endpoint.lua; what is
 * not written as crm_job_head() writes it is left to these.
 */

#ifndef CRM_ELEMENT_H
#define CRM_ELEMENT_H

#include "base/crm_digest.h"


/* A larger one is kept by itself, lest it stays as long as those beside it. */
#define CRM_ELEMENT_MAX_BYTES  4096


/* Strings borrow from the element's text. */
typedef struct {
    crm_str_t  id;
    crm_str_t  name;            /* as they are written; nothing is escaped */
    crm_str_t  url;
    char       endpoint[CRM_DIGEST_SHORT_LEN + 1];
    char       webhook[CRM_DIGEST_SHORT_LEN + 1];
} crm_element_t;

/*
 * Whether text is a webhook's job of org that begins as ours do, keeps no
 * order and is no larger than that; *element then says where it goes. last,
 * if not NULL, is one that was read before: many go to the same.
 */
int crm_element_read(crm_element_t *element, crm_str_t text, crm_str_t org,
    const crm_element_t *last);

#endif
