/*
 * Fields of a written record that only its backend knows: of a created one it
 * fills them itself, and neither what the client sent nor what rules set holds
 * them; of one that was changed it sets them anew, whatever was stored or
 * sent.
 *
 * Who writes a job notes those that it asks for and does not find; then the
 * job is not rendered before somebody has read the record.
 */

#ifndef CRM_LATE_H
#define CRM_LATE_H

#include "record/crm_dialect.h"
#include "record/crm_schema.h"


/* Noted by name; of more it is known that there are some. */
#define CRM_LATE_MAX  16

typedef struct {
    const crm_dialect_t  *dialect;      /* NULL: nothing is noted */
    const crm_schema_t   *schema;
    crm_operation_t       operation;    /* CREATE, UPDATE */
    crm_str_t             fields[CRM_LATE_MAX];     /* borrowed */
    size_t                count;
} crm_late_t;


/* Whether field is one of them, by the dialect's word or by a declared type
 * that nobody writes. dialect may be NULL. */
int crm_late_is(const crm_dialect_t *dialect, const crm_schema_t *schema,
    crm_operation_t operation, crm_str_t field);

/* A field that the record lacks was asked for; late may be NULL. Whether it is
 * one of them. */
int crm_late_note(crm_late_t *late, crm_str_t field);

#endif
