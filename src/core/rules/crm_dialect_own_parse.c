/*
 * Dialect files: requests of our own, and those of them that write.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t own_write(crm_file_patch_t *write, const json_t *file,
    const char *key, crm_compile_t *cc);
static crm_status_t own_task(crm_file_task_t *task, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_guard(crm_file_guard_t *guard, const json_t *json,
    crm_compile_t *cc);


#define TAG_PLACES   (CRM_FILL_BIT(CRM_FILL_TAGS_JSON)                        \
                      | CRM_FILL_BIT(CRM_FILL_TAG_OBJECTS))

const crm_key_t  crm_dialect_parts_patch_keys[] = {
    { "method", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the method" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the path, with {module} and {id}" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers of it" },
    { "body", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the body, with {fields_json}" },
    { "cascade", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "the body where the backend's own rules may run" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_create_keys[] = {
    { "method", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the method" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the path, with {module}" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers of it" },
    { "body", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the body, with {fields_json}" },
    { "cascade", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "the body where the backend's own rules may run" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_tags_keys[] = {
    { "method", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the method" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the path, with {module} and {id}" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers of it" },
    { "body", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the body, with {tags_json} or {tag_objects_json}" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_task_keys[] = {
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "where tasks are created" },
    { "fields", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what the backend calls the fields of a task" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_guard_keys[] = {
    { "header", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one header, its value with {v}" },
    { "body", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one key of the record, its value with {v}" },
    { "query", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one parameter, its value with {v}" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_own(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_dialect_parts_get(&d->get, json_object_get(file, "get"), cc);
    rc = crm_dialect_parts_worse(rc,
             own_write(&d->patch, file, "patch", cc));
    rc = crm_dialect_parts_worse(rc,
             own_write(&d->create, file, "create", cc));
    rc = crm_dialect_parts_worse(rc,
             own_write(&d->add_tags, file, "add_tags", cc));
    rc = crm_dialect_parts_worse(rc,
             own_write(&d->remove_tags, file, "remove_tags", cc));
    rc = crm_dialect_parts_worse(rc,
             own_task(&d->task, json_object_get(file, "task"), cc));
    rc = crm_dialect_parts_worse(rc,
             own_guard(&d->guard, json_object_get(file, "guard"), cc));

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_find(&d->find, json_object_get(file, "find"),
                                      cc));
}


static crm_status_t
own_write(crm_file_patch_t *write, const json_t *file, const char *key,
    crm_compile_t *cc)
{
    size_t         i;
    unsigned       place;
    json_t        *json;
    crm_status_t   rc;

    static const struct {
        const char       *key;
        const crm_key_t  *keys;
        unsigned          path;
        crm_fill_var_t    place;
        unsigned          places;       /* one of which must be there */
    } writes[] = {
        { "patch", crm_dialect_parts_patch_keys, CRM_DIALECT_FILL_RECORD,
          CRM_FILL_FIELDS_JSON, CRM_FILL_BIT(CRM_FILL_FIELDS_JSON) },
        { "create", crm_dialect_parts_create_keys,
          CRM_FILL_BIT(CRM_FILL_MODULE), CRM_FILL_FIELDS_JSON,
          CRM_FILL_BIT(CRM_FILL_FIELDS_JSON) },
        { "add_tags", crm_dialect_parts_tags_keys, CRM_DIALECT_FILL_RECORD,
          CRM_FILL_TAGS_JSON, TAG_PLACES },
        { "remove_tags", crm_dialect_parts_tags_keys, CRM_DIALECT_FILL_RECORD,
          CRM_FILL_TAGS_JSON, TAG_PLACES },
    };

    for (i = 0; strcmp(writes[i].key, key) != 0; i++) { /* void */ }

    json = json_object_get(file, key);
    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, writes[i].keys, key, key, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_shape_copy(&write->method, json_object_get(json, "method"),
                        cc->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    place = writes[i].places;

    rc = crm_dialect_parts_fill(&write->path, json_object_get(json, "path"),
                                crm_shape_path(cc, key, "path"),
                                writes[i].path, writes[i].path, cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_headers(&write->headers,
                 &write->headers_count, json_object_get(json, "headers"),
                 crm_shape_path(cc, key, "headers"), writes[i].path, cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_fill_json(&write->body,
                 json_object_get(json, "body"),
                 crm_shape_path(cc, key, "body"), writes[i].path | place,
                 cc));

    if (rc == CRM_OK && !(write->body.uses & place)) {
        rc = crm_shape_error(cc, crm_shape_path(cc, key, "body"),
                             "missing_place", NULL,
                             "this template must have {%s}",
                             crm_fill_name(writes[i].place));
    }

    json = json_object_get(json, "cascade");

    return json ? crm_dialect_parts_worse(rc,
                      crm_dialect_parts_fill_json(&write->cascade, json,
                          crm_shape_path(cc, key, "cascade"),
                          writes[i].path | place, cc))
                : rc;
}


/* What the vendor calls the fields of a task, and what this backend does. */
static crm_status_t
own_task(crm_file_task_t *task, const json_t *json, crm_compile_t *cc)
{
    size_t             i;
    json_t            *map, *value;
    const char        *name;
    crm_status_t       rc;
    crm_file_field_t  *fields;

    static const char *const  names[] = {
        "Subject", "Due_Date", "Owner", "Who_Id", "What_Id", "$se_module"
    };

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_task_keys, "task", "task",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    map = json_object_get(json, "fields");

    fields = crm_pool_calloc(cc->pool, json_object_size(map) + 1,
                             sizeof(crm_file_field_t));
    if (fields == NULL || crm_shape_copy(&task->module,
                              json_object_get(json, "module"), cc->pool)
                          != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    task->fields = fields;

    json_object_foreach(map, name, value) {
        for (i = 0; i < sizeof(names) / sizeof(names[0])
                    && strcmp(names[i], name) != 0; i++) { /* void */ }

        if (i == sizeof(names) / sizeof(names[0])
            || !json_is_string(value) || json_string_length(value) == 0)
        {
            rc = crm_dialect_parts_worse(rc,
                     crm_shape_error(cc, crm_shape_path(cc, "task.fields",
                         name), "wrong_type", NULL, "a task has Subject,"
                         " Due_Date, Owner, Who_Id, What_Id and $se_module;"
                         " each is given the name that it has here"));
            continue;
        }

        fields[task->fields_count].name = crm_strz(names[i]);

        if (crm_shape_copy(&fields[task->fields_count++].to, value, cc->pool)
            != CRM_OK)
        {
            return CRM_ENOMEM;
        }
    }

    return rc;
}


/* One of header, body and query, with one member. */
static crm_status_t
own_guard(crm_file_guard_t *guard, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    void          *iter;
    json_t        *map;
    const char    *path, *name;
    crm_status_t   rc;

    static const char *const  kinds[] = { "header", "body", "query" };

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_guard_keys, "guard", "guard",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < 3; i++) {
        map = json_object_get(json, kinds[i]);
        if (map == NULL) {
            continue;
        }

        path = crm_shape_path(cc, "guard", kinds[i]);
        iter = json_object_iter(map);

        if (guard->kind != CRM_FILE_GUARD_NONE || json_object_size(map) != 1
            || !json_is_string(json_object_iter_value(iter)))
        {
            return crm_shape_error(cc, path, "wrong_type", NULL, "a guard is"
                                   " one header, one key or one parameter,"
                                   " such as {\"If-Match\": \"{v}\"}");
        }

        name = json_object_iter_key(iter);
        guard->kind = (crm_file_guard_kind_t) (i + 1);
        guard->name = crm_pool_dup(cc->pool, crm_strz(name));
        if (guard->name.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill(&guard->value,
                     json_object_iter_value(iter),
                     crm_shape_path(cc, path, name),
                     CRM_FILL_BIT(CRM_FILL_VERSION),
                     CRM_FILL_BIT(CRM_FILL_VERSION), cc));
    }

    return rc;
}
