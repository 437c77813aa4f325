/*
 * kind: module. The fields of a CRM module and their types.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"
#include "rules/crm_field.h"


static crm_status_t module_field(crm_build_t *b, crm_schema_t *schema,
    const json_t *json, size_t i);


static const crm_key_t  module_field_keys[] = {
    { "api_name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the field's name in the API" },
    { "data_type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0,
      crm_schema_type_names, NULL, "its type, as the CRM names it" },
    { "return_type", CRM_KEY_TEXT, 0, 0, 0, crm_field_return_types, NULL,
      "what a formula or rollup_summary yields" },
    { "encrypted", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "stored encrypted: takes the comparator equal alone" },
    CRM_KEYS_END
};

static const crm_form_t  module_field_forms[] = {
    { "module field", module_field_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_kind_module_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the module's name in the API, such as Deals" },
    { "fields", CRM_KEY_LIST, CRM_KEY_REQUIRED, 0, 0, NULL,
      module_field_forms, "every field that rules may name, with its type" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_module(crm_build_t *b, const json_t *json)
{
    size_t         i;
    json_t        *field;
    crm_status_t   rc, all;
    crm_module_t  *module;

    module = crm_kind_in_module(b, json_object_get(json, "name"));
    if (module == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach(json_object_get(json, "fields"), i, field) {
        rc = module_field(b, &module->schema, field, i);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    module->schema.declared = 1;

    return all;
}


static crm_status_t
module_field(crm_build_t *b, crm_schema_t *schema, const json_t *json, size_t i)
{
    unsigned           slot;
    crm_str_t          name;
    const char        *path, *type_name;
    crm_status_t       rc;
    crm_field_type_t   field_type;

    path = crm_shape_index(&b->cc, "fields", i);

    rc = crm_shape_check(json, module_field_keys, "a field", path, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_field_declared(&field_type, &type_name, json, path, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "api_name")));
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_schema_find(schema, name, crm_str_hash(name)) != CRM_SLOT_NONE) {
        return crm_shape_error(&b->cc, crm_shape_path(&b->cc, path,
                                                      "api_name"),
                               "duplicate_name", NULL,
                               "field \"%s\" is declared twice", name.data);
    }

    slot = crm_schema_slot(schema, name);
    if (slot == CRM_SLOT_NONE) {
        return CRM_ENOMEM;
    }

    crm_schema_declare(schema, slot, field_type, type_name);

    return CRM_OK;
}
