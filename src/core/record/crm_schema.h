/*
 * The fields of a CRM module that rules read: names to slots, and their types
 * where a rule file of kind "module" declares them.
 */

#ifndef CRM_SCHEMA_H
#define CRM_SCHEMA_H

#include "base/crm_map.h"


/* The vendor's data types; CRM_FIELD_ANY: not declared, typed by its JSON. */
typedef enum {
    CRM_FIELD_ANY = 0,
    CRM_FIELD_TEXT,             /* text email phone website */
    CRM_FIELD_TEXTAREA,
    CRM_FIELD_PICKLIST,         /* picklist autonumber */
    CRM_FIELD_MULTIPICK,        /* multiselectpicklist, multi-lookups */
    CRM_FIELD_NUMBER,           /* integer bigint double currency percent */
    CRM_FIELD_BOOLEAN,
    CRM_FIELD_DATE,
    CRM_FIELD_DATETIME,
    CRM_FIELD_LOOKUP,           /* lookup userlookup ownerlookup */
    CRM_FIELD_OTHER,            /* fileupload imageupload address */
    CRM_FIELD_ENCRYPTED         /* any type that is declared encrypted */
} crm_field_type_t;

#define CRM_SLOT_NONE  ((unsigned) -1)

typedef struct {
    crm_map_t          names;       /* name to slot + 1 */
    crm_field_type_t  *types;       /* by slot */
    const char       **type_names;  /* by slot: the vendor's, for messages */
    unsigned           count;
    unsigned           cap;
    int                declared;    /* unknown names are errors in rules */
    int                computed;    /* there are fields that nobody writes */
} crm_schema_t;


void crm_schema_init(crm_schema_t *schema, crm_pool_t *pool);

/* The slot of name, a new one if need be; CRM_SLOT_NONE without memory.
 * name is borrowed. */
unsigned crm_schema_slot(crm_schema_t *schema, crm_str_t name);

/* The slot of name or CRM_SLOT_NONE; hash is crm_str_hash(name). */
static inline unsigned
crm_schema_find(const crm_schema_t *schema, crm_str_t name, uint32_t hash)
{
    const crm_map_entry_t  *entry;

    entry = crm_map_find_hashed(&schema->names, name, hash);

    return entry ? (unsigned) (uintptr_t) entry->value - 1 : CRM_SLOT_NONE;
}


/* Gives a slot a type. name is borrowed. */
void crm_schema_declare(crm_schema_t *schema, unsigned slot,
    crm_field_type_t type, const char *name);

/* The vendor's name of a slot's type, or "undeclared". */
const char *crm_schema_type_name(const crm_schema_t *schema, unsigned slot);

/* The vendor's data_type as a field type; CRM_DECLINED if there is none. */
crm_status_t crm_schema_type(crm_field_type_t *type, crm_str_t data_type);

/* All known data_type names, zero-terminated, ended by NULL. */
extern const char *const  crm_schema_type_names[];

#endif
