/*
 * A field that a document of kind "module" declares: its type.
 */

#include "rules/crm_field.h"


static const char *field_type_name(const json_t *json, const char *key,
    const char *path, const char *const *names, crm_compile_t *cc);


/* What the vendor's formulas and roll-ups yield. */
const char *const  crm_field_return_types[] = {
    "text", "double", "integer", "bigint", "currency", "percent", "date",
    "datetime", "boolean", NULL
};


crm_status_t
crm_field_declared(crm_field_type_t *type, const char **name,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    int  yields;

    *name = field_type_name(json, "data_type", path,
                            crm_schema_type_names, cc);
    if (*name == NULL) {
        return CRM_EINVAL;
    }

    yields = strcmp(*name, "formula") == 0
             || strcmp(*name, "rollup_summary") == 0;

    if (json_object_get(json, "return_type")) {
        if (!yields) {
            return crm_shape_error(cc, crm_shape_path(cc, path,
                                                      "return_type"),
                                   "wrong_value", NULL,
                                   "a return_type is for formula and"
                                   " rollup_summary, not for %s", *name);
        }

        *name = field_type_name(json, "return_type", path,
                                crm_field_return_types, cc);
        if (*name == NULL) {
            return CRM_EINVAL;
        }
    }

    (void) crm_schema_type(type, crm_strz(*name));

    if (json_is_true(json_object_get(json, "encrypted"))) {
        *type = CRM_FIELD_ENCRYPTED;
        *name = "encrypted";
    }

    return CRM_OK;
}


/* The one of names that key says, or NULL with a finding. */
static const char *
field_type_name(const json_t *json, const char *key, const char *path,
    const char *const *names, crm_compile_t *cc)
{
    size_t       i;
    const char  *text, *near;

    text = json_string_value(json_object_get(json, key));

    if (text == NULL) {
        return NULL;                /* the shape tells */
    }

    for (i = 0; names[i]; i++) {
        if (strcmp(names[i], text) == 0) {
            return names[i];
        }
    }

    near = crm_shape_nearest(text, names);

    (void) crm_shape_error(cc, crm_shape_path(cc, path, key), "unknown_type",
                           near, near ? "unknown %s \"%s\", did you mean"
                           " \"%s\"?" : "unknown %s \"%s\"", key, text, near);

    return NULL;
}
