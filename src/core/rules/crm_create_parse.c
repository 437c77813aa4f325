/*
 * The action create_record: a record of any CRM module, its fields filled from
 * this one.
 */

#include "rules/crm_rule.h"

#include "base/crm_limits.h"


static crm_status_t create_fields(crm_create_t *create, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t create_field(crm_field_update_t *field, const char *name,
    const json_t *json, const char *path, crm_compile_t *target,
    crm_compile_t *cc);


const crm_key_t  crm_create_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module of the new record" },
    { "fields", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "its fields: values, or texts that merge fields" },
    CRM_KEYS_END
};


crm_status_t
crm_create_parse(crm_create_t *create, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        n;
    crm_status_t  rc;

    rc = crm_shape_check(json, crm_create_keys, "a create_record", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    path = crm_shape_path(cc, path, "fields");
    n = json_object_size(json_object_get(json, "fields"));

    if (n == 0 || n > CRM_MAX_CREATE_FIELDS) {
        return crm_shape_error(cc, path, n ? "limit_exceeded" : "too_few",
                               NULL, "fields must have 1 to %d members",
                               CRM_MAX_CREATE_FIELDS);
    }

    create->fields = crm_pool_calloc(cc->pool, n, sizeof(crm_field_update_t));

    if (create->fields == NULL
        || crm_shape_copy(&create->module, json_object_get(json, "module"),
                          cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc = create_fields(create, json_object_get(json, "fields"), path, library,
                       cc);

    return rc == CRM_OK ? crm_create_asks(create, cc->pool) : rc;
}


/* Names are fields of the new record, values are filled from this one. */
static crm_status_t
create_fields(crm_create_t *create, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    json_t           *value;
    const char       *name;
    crm_status_t      rc, all;
    crm_compile_t     target;
    crm_module_t     *module;
    crm_map_entry_t  *entry;

    entry = crm_map_find(library->modules, create->module);
    module = entry ? entry->value : NULL;

    target = *cc;
    target.module = create->module.data;
    target.schema = module ? &module->schema : NULL;

    all = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        rc = create_field(&create->fields[create->fields_count++], name,
                          value, crm_shape_path(cc, path, name), &target, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
create_field(crm_field_update_t *field, const char *name, const json_t *json,
    const char *path, crm_compile_t *target, crm_compile_t *cc)
{
    crm_status_t  rc;

    field->field = crm_pool_dup(cc->pool, crm_strz(name));
    if (field->field.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_field_update_field(field->field, path, target);

    return rc == CRM_OK ? crm_field_update_value(field, json, 1, path, cc)
                        : rc;
}
