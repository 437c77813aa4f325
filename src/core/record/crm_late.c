/*
 * Fields of a created record that only its backend knows.
 */

#include "record/crm_late.h"


static int late_is(const crm_late_t *late, crm_str_t field);


void
crm_late_note(crm_late_t *late, crm_str_t field)
{
    size_t  i;

    if (late == NULL || late->count == CRM_LATE_MAX || !late_is(late, field)) {
        return;
    }

    for (i = 0; i < late->count; i++) {
        if (crm_str_eq(late->fields[i], field)) {
            return;
        }
    }

    late->fields[late->count++] = field;
}


/* By the dialect's word, or by a declared type that nobody writes. */
static int
late_is(const crm_late_t *late, crm_str_t field)
{
    unsigned     slot;
    crm_str_t    type;

    if (crm_dialect_backend_sets(late->dialect, field)) {
        return 1;
    }

    slot = crm_schema_find(late->schema, field, crm_str_hash(field));
    if (slot == CRM_SLOT_NONE) {
        return 0;
    }

    type = crm_strz(crm_schema_type_name(late->schema, slot));

    return crm_str_is(type, "autonumber") || crm_str_is(type, "formula")
           || crm_str_is(type, "rollup_summary");
}
