/*
 * Fields of a written record that only its backend knows.
 */

#include "record/crm_late.h"


static int late_typed(const crm_schema_t *schema, crm_operation_t operation,
    crm_str_t field);


int
crm_late_note(crm_late_t *late, crm_str_t field)
{
    size_t  i;

    if (late == NULL || late->dialect == NULL
        || !crm_late_is(late->dialect, late->schema, late->operation, field))
    {
        return 0;
    }

    for (i = 0; i < late->count; i++) {
        if (crm_str_eq(late->fields[i], field)) {
            return 1;
        }
    }

    if (late->count < CRM_LATE_MAX) {
        late->fields[late->count++] = field;
    }

    return 1;
}


int
crm_late_is(const crm_dialect_t *dialect, const crm_schema_t *schema,
    crm_operation_t operation, crm_str_t field)
{
    if (dialect && (operation == CRM_OP_CREATE
                    ? crm_dialect_backend_sets(dialect, field)
                    : crm_dialect_backend_renews(dialect, field)))
    {
        return 1;
    }

    return schema->computed && late_typed(schema, operation, field);
}


/* A number is given once, a formula is worked out again. */
static int
late_typed(const crm_schema_t *schema, crm_operation_t operation,
    crm_str_t field)
{
    unsigned   slot;
    crm_str_t  type;

    slot = crm_schema_find(schema, field, crm_str_hash(field));
    if (slot == CRM_SLOT_NONE) {
        return 0;
    }

    type = crm_strz(crm_schema_type_name(schema, slot));

    return crm_str_is(type, "formula") || crm_str_is(type, "rollup_summary")
           || (operation == CRM_OP_CREATE && crm_str_is(type, "autonumber"));
}
