/*
 * Dialect files: names, of modules and records, and what is none.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t names_reserved(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t names_modules(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t names_module(crm_file_module_t *module,
    const char *name, const json_t *json, crm_compile_t *cc);
static crm_status_t names_id_form(crm_idform_t *form, const json_t *json,
    const char *path, crm_compile_t *cc);


const crm_key_t  crm_dialect_parts_reserved_keys[] = {
    { "modules", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "segments that are no modules" },
    { "ids", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "segments that are neither ids nor lists of a record" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_module_keys[] = {
    { "aliases", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "other names of the module" },
    { "id_prefix", CRM_KEY_TEXT, 0, 0, 32, NULL, NULL,
      "what ids of it begin with, in front of an x" },
    { "id_form", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the form of its ids" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_names(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = names_reserved(d, json_object_get(file, "reserved"), cc);
    rc = crm_dialect_parts_worse(rc, names_id_form(&d->id_form,
             json_object_get(file, "id_form"), "id_form", cc));

    return crm_dialect_parts_worse(rc,
               names_modules(d, json_object_get(file, "modules"), cc));
}


/* One list for both, or a list each. */
static crm_status_t
names_reserved(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *value;
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    if (json_is_object(json)) {
        rc = crm_shape_check(json, crm_dialect_parts_reserved_keys,
                             "reserved", "reserved", cc);
        if (rc != CRM_OK) {
            return rc;
        }

        rc = crm_dialect_parts_texts(&d->reserved,
                                     json_object_get(json, "modules"),
                                     cc->pool);

        return rc == CRM_OK
               ? crm_dialect_parts_texts(&d->reserved_ids,
                     json_object_get(json, "ids"), cc->pool)
               : rc;
    }

    if (!json_is_array(json)) {
        return crm_shape_error(cc, "reserved", "wrong_type", NULL, "reserved"
                               " must be a list of segments, or an object"
                               " with the lists \"modules\" and \"ids\"");
    }

    json_array_foreach((json_t *) json, i, value) {
        if (json_string_length(value) == 0) {
            return crm_shape_error(cc, crm_shape_index(cc, "reserved", i),
                                   "wrong_type", NULL, "a segment must be"
                                   " text");
        }
    }

    rc = crm_dialect_parts_texts(&d->reserved, json, cc->pool);
    d->reserved_ids = d->reserved;

    return rc;
}


static crm_status_t
names_modules(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    json_t             *value;
    const char         *name;
    crm_status_t        rc;
    crm_file_module_t  *list;

    if (json == NULL) {
        return CRM_OK;
    }

    list = crm_pool_calloc(cc->pool, json_object_size(json) + 1,
                           sizeof(crm_file_module_t));
    if (list == NULL) {
        return CRM_ENOMEM;
    }

    d->modules = list;
    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        rc = crm_dialect_parts_worse(rc,
                 names_module(&list[d->modules_count++], name, value, cc));
    }

    return rc;
}


static crm_status_t
names_module(crm_file_module_t *module, const char *name,
    const json_t *json, crm_compile_t *cc)
{
    const char    *path;
    crm_status_t   rc;

    path = crm_shape_path(cc, "modules", name);

    rc = crm_shape_check(json, crm_dialect_parts_module_keys, "a module",
                         path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    module->name = crm_pool_dup(cc->pool, crm_strz(name));
    if (module->name.data == NULL
        || crm_dialect_parts_texts(&module->aliases,
               json_object_get(json, "aliases"), cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (json_object_get(json, "id_prefix")
        && crm_shape_copy(&module->id_prefix,
                          json_object_get(json, "id_prefix"), cc->pool)
           != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    json = json_object_get(json, "id_form");
    module->has_id_form = json != NULL;

    return names_id_form(&module->id_form, json,
                           crm_shape_path(cc, path, "id_form"), cc);
}


static crm_status_t
names_id_form(crm_idform_t *form, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_error_t   err;
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_idform_parse(form, crm_shape_str(json), cc->pool, &err);

    return rc == CRM_EINVAL ? crm_shape_error(cc, path, "bad_id_form", NULL,
                                              "%s", err.text)
                            : rc;
}
