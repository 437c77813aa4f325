/*
 * Edits of a text by splicing: what no edit touches stays byte for byte.
 */

#ifndef CRM_SPLICE_H
#define CRM_SPLICE_H

#include "base/crm_buf.h"
#include "record/crm_record.h"


typedef struct crm_splice_edit_s  crm_splice_edit_t;

typedef struct {
    crm_str_t           text;       /* borrowed */
    crm_pool_t         *pool;
    crm_splice_edit_t  *first;      /* by offset, then in order of arrival */
    crm_splice_edit_t  *last;
    size_t              count;
} crm_splice_t;


void crm_splice_init(crm_splice_t *splice, crm_str_t text, crm_pool_t *pool);

/*
 * Replaces the len bytes at offset by insert (borrowed). Edits may come in any
 * order but must not overlap: CRM_EINVAL; else CRM_OK or CRM_ENOMEM. At one
 * offset insertions come in order of the calls, before a replacement there.
 */
crm_status_t crm_splice_edit(crm_splice_t *splice, size_t offset, size_t len,
    crm_str_t insert);

/*
 * Sets a field of record, whose spans lie in the splice's text, to json (a
 * JSON text): its value is replaced, or a member is added behind the last.
 * Setting one field twice is CRM_EINVAL; adding several different fields is
 * fine, they come out in order of the calls.
 */
crm_status_t crm_splice_set(crm_splice_t *splice, const crm_record_t *record,
    crm_str_t name, crm_str_t json);

/* The same where the field has been sought: NULL if record has none. */
crm_status_t crm_splice_put(crm_splice_t *splice, const crm_record_t *record,
    const crm_field_t *field, crm_str_t name, crm_str_t json);

/* The edited text, in the pool; data is NULL without memory. The text itself
 * when there is no edit. */
crm_str_t crm_splice_apply(const crm_splice_t *splice);

#endif
