/*
 * Dialect files: how records are found that a write means by something else
 * than ids, and what the write becomes then.
 */

#include "rules/crm_dialect_parts.h"


/* Without "max". */
#define RESOLVE_MAX  100


static crm_status_t resolve_as(crm_file_resolve_t *resolve,
    const json_t *json, const char *path, crm_compile_t *cc);


#define RESOLVE_PLACES  (CRM_FILL_BIT(CRM_FILL_MODULE)                        \
                         | CRM_FILL_BIT(CRM_FILL_QUERY)                       \
                         | CRM_FILL_BIT(CRM_FILL_BODY))

const crm_key_t  crm_dialect_parts_resolve_keys[] = {
    { "method", CRM_KEY_TEXT, 0, 0, 20, NULL, NULL,
      "GET without it" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the records that are meant: {module}?{query}" },
    { "body", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "of a method that has one, with {body:PTR}" },
    { "records", CRM_KEY_STRING, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each record in the answer" },
    { "max", CRM_KEY_INTEGER, 0, 1, 10000, NULL, NULL,
      "how many there may be" },
    { "as_query", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "the parameter that names them instead, with {ids}" },
    { "as_body", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "the body that names them instead, with {ids_json}" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_resolve(crm_file_resolve_t *resolve, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    json_t        *value;
    crm_status_t   rc;

    rc = crm_shape_check(json, crm_dialect_parts_resolve_keys, "resolve",
                         path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    value = json_object_get(json, "method");

    if (value && crm_shape_copy(&resolve->method, value, cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    value = json_object_get(json, "max");
    resolve->max = value ? (unsigned) json_integer_value(value) : RESOLVE_MAX;

    rc = crm_dialect_parts_path(&resolve->path, &resolve->query,
             json_object_get(json, "path"), crm_shape_path(cc, path, "path"),
             RESOLVE_PLACES, CRM_FILL_BIT(CRM_FILL_MODULE), cc);

    value = json_object_get(json, "body");

    if (value) {
        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill_json(&resolve->body, value,
                     crm_shape_path(cc, path, "body"),
                     CRM_FILL_BIT(CRM_FILL_MODULE)
                     | CRM_FILL_BIT(CRM_FILL_BODY), cc));
    }

    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&resolve->records,
                 json_object_get(json, "records"),
                 crm_shape_path(cc, path, "records"), cc));

    return crm_dialect_parts_worse(rc, resolve_as(resolve, json, path, cc));
}


/* A write that named its records by something else names their ids. */
static crm_status_t
resolve_as(crm_file_resolve_t *resolve, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    void         *iter;
    json_t       *map, *body;
    const char   *at;

    map = json_object_get(json, "as_query");
    body = json_object_get(json, "as_body");

    if ((map == NULL) == (body == NULL)) {
        return crm_shape_error(cc, path, "missing_key", "as_query",
                               "resolve needs one of \"as_query\" and"
                               " \"as_body\": how the write names the ids of"
                               " what was found");
    }

    if (body) {
        at = crm_shape_path(cc, path, "as_body");

        if (crm_dialect_parts_fill_json(&resolve->as_body, body, at,
                CRM_FILL_BIT(CRM_FILL_IDS_JSON) | CRM_FILL_BIT(CRM_FILL_BODY)
                | CRM_FILL_BIT(CRM_FILL_MODULE), cc) != CRM_OK)
        {
            return CRM_EINVAL;
        }

        return resolve->as_body.uses & CRM_FILL_BIT(CRM_FILL_IDS_JSON)
               ? CRM_OK
               : crm_shape_error(cc, at, "missing_place", NULL,
                                 "this template must have {ids_json}");
    }

    at = crm_shape_path(cc, path, "as_query");
    iter = json_object_iter(map);

    if (json_object_size(map) != 1
        || !json_is_string(json_object_iter_value(iter)))
    {
        return crm_shape_error(cc, at, "wrong_type", NULL, "as_query is one"
                               " parameter, such as {\"id\": \"in.({ids})\"}");
    }

    resolve->as_name = crm_pool_dup(cc->pool,
                                    crm_strz(json_object_iter_key(iter)));

    return resolve->as_name.data == NULL ? CRM_ENOMEM
           : crm_dialect_parts_fill(&resolve->as_value,
                 json_object_iter_value(iter),
                 crm_shape_path(cc, at, json_object_iter_key(iter)),
                 CRM_FILL_BIT(CRM_FILL_IDS), CRM_FILL_BIT(CRM_FILL_IDS), cc);
}
