/*
 * The fields of a CRM module that rules read.
 */

#include "record/crm_schema.h"


#define SCHEMA_FIRST_TYPES  16


/* In the order of schema_types. */
const char *const  crm_schema_type_names[] = {
    "text", "email", "phone", "website",
    "textarea",
    "picklist", "autonumber",
    "multiselectpicklist", "multiselectlookup", "multiuserlookup",
    "integer", "bigint", "double", "currency", "percent",
    "boolean",
    "date",
    "datetime",
    "lookup", "userlookup", "ownerlookup",
    "fileupload", "imageupload", "address",
    "formula", "rollup_summary",
    NULL
};

/* A formula and a roll-up have the type of what they are declared to yield. */
static const crm_field_type_t  schema_types[] = {
    CRM_FIELD_TEXT, CRM_FIELD_TEXT, CRM_FIELD_TEXT, CRM_FIELD_TEXT,
    CRM_FIELD_TEXTAREA,
    CRM_FIELD_PICKLIST, CRM_FIELD_PICKLIST,
    CRM_FIELD_MULTIPICK, CRM_FIELD_MULTIPICK, CRM_FIELD_MULTIPICK,
    CRM_FIELD_NUMBER, CRM_FIELD_NUMBER, CRM_FIELD_NUMBER, CRM_FIELD_NUMBER,
    CRM_FIELD_NUMBER,
    CRM_FIELD_BOOLEAN,
    CRM_FIELD_DATE,
    CRM_FIELD_DATETIME,
    CRM_FIELD_LOOKUP, CRM_FIELD_LOOKUP, CRM_FIELD_LOOKUP,
    CRM_FIELD_OTHER, CRM_FIELD_OTHER, CRM_FIELD_OTHER,
    CRM_FIELD_ANY, CRM_FIELD_ANY
};


static crm_status_t schema_grow(crm_schema_t *schema);


void
crm_schema_init(crm_schema_t *schema, crm_pool_t *pool)
{
    memset(schema, 0, sizeof(crm_schema_t));
    crm_map_init(&schema->names, pool);
}


unsigned
crm_schema_slot(crm_schema_t *schema, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = crm_map_find(&schema->names, name);
    if (entry != NULL) {
        return (unsigned) (uintptr_t) entry->value - 1;
    }

    if (schema->count == schema->cap && schema_grow(schema) != CRM_OK) {
        return CRM_SLOT_NONE;
    }

    entry = crm_map_add(&schema->names, name);
    if (entry == NULL) {
        return CRM_SLOT_NONE;
    }

    entry->value = (void *) (uintptr_t) (schema->count + 1);
    schema->types[schema->count] = CRM_FIELD_ANY;
    schema->type_names[schema->count] = NULL;

    return schema->count++;
}


void
crm_schema_declare(crm_schema_t *schema, unsigned slot, crm_field_type_t type,
    const char *name)
{
    schema->types[slot] = type;
    schema->type_names[slot] = name;
    schema->computed |= crm_str_is(crm_strz(name), "formula")
                        || crm_str_is(crm_strz(name), "rollup_summary")
                        || crm_str_is(crm_strz(name), "autonumber");
}


const char *
crm_schema_type_name(const crm_schema_t *schema, unsigned slot)
{
    return schema->type_names[slot] ? schema->type_names[slot]
                                    : "undeclared";
}


crm_status_t
crm_schema_type(crm_field_type_t *type, crm_str_t data_type)
{
    size_t  i;

    for (i = 0; crm_schema_type_names[i]; i++) {
        if (crm_str_is(data_type, crm_schema_type_names[i])) {
            *type = schema_types[i];
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


static crm_status_t
schema_grow(crm_schema_t *schema)
{
    unsigned            cap;
    const char        **names;
    crm_field_type_t   *types;

    cap = schema->cap ? schema->cap * 2 : SCHEMA_FIRST_TYPES;

    types = crm_pool_calloc(schema->names.pool, cap, sizeof(*types));
    names = crm_pool_calloc(schema->names.pool, cap, sizeof(*names));

    if (types == NULL || names == NULL) {
        return CRM_ENOMEM;
    }

    if (schema->count) {
        memcpy(types, schema->types, schema->count * sizeof(*types));
        memcpy(names, schema->type_names, schema->count * sizeof(*names));
    }

    schema->types = types;
    schema->type_names = names;
    schema->cap = cap;

    return CRM_OK;
}
