/*
 * Dialect files: refusals, by class.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t error_parse(crm_file_error_t *error, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t error_body(crm_file_error_t *error, const json_t *json,
    const char *path, crm_compile_t *cc);
static int error_is_json(crm_str_t type);
static crm_status_t error_cases(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t error_case(crm_file_case_t *c, const json_t *json,
    const char *path, crm_compile_t *cc);


/* By crm_file_error_class_t. */
static const char *const  error_names[CRM_FILE_ERRORS] = {
    "locked", "denied", "invalid", "conflict", "bad_body", "unavailable"
};

#define ERROR_KEY(name, about)                                                \
    { name, CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL, about }

const crm_key_t  crm_dialect_parts_errors_keys[] = {
    ERROR_KEY("locked", "the record is locked"),
    ERROR_KEY("denied", "in approval, in a blueprint, or not allowed"),
    ERROR_KEY("invalid", "a validation rule refuses it"),
    ERROR_KEY("conflict", "another change is under way"),
    ERROR_KEY("bad_body", "the request cannot be judged as it stands"),
    ERROR_KEY("unavailable", "it cannot be judged now"),
    ERROR_KEY("default", "the classes that are not there"),
    { "item", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "one refused of many, inside the answer: its body" },
    { "cases", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "refusals one by one: code, status, title" },
    CRM_KEYS_END
};

/* By crm_refusal_kind_t, and crm_file_case_kind_t behind it. */
const crm_key_t  crm_dialect_parts_cases_keys[] = {
    ERROR_KEY("internal", "it could not be judged: a fault of ours"),
    ERROR_KEY("body", "the body cannot be read"),
    ERROR_KEY("records", "more records than crm_max_records"),
    ERROR_KEY("size", "a body above crm_max_body"),
    ERROR_KEY("type", "of another content type"),
    ERROR_KEY("target", "a path or query that is not canonical"),
    ERROR_KEY("route", "a write that nobody knows"),
    ERROR_KEY("locked", "the record is locked"),
    ERROR_KEY("approval", "it waits for an approval"),
    ERROR_KEY("blueprint", "it is in a blueprint"),
    ERROR_KEY("validation", "a validation rule refuses it"),
    ERROR_KEY("chain", "a CRM-Chain that is not valid"),
    ERROR_KEY("org", "an organisation that is not listed"),
    ERROR_KEY("busy", "another change of it is under way"),
    ERROR_KEY("unavailable", "it cannot be judged now"),
    ERROR_KEY("unknown", "what became of it is not known"),
    ERROR_KEY("modified", "it is later than the client knows"),
    ERROR_KEY("permission", "who asks may not do that"),
    ERROR_KEY("not_allowed", "nobody may, as the record is"),
    ERROR_KEY("unconfigured", "no rule provides for it"),
    ERROR_KEY("mandatory", "a field is missing"),
    ERROR_KEY("value", "a field holds what it must not"),
    ERROR_KEY("process", "the record is in no such process"),
    ERROR_KEY("transition", "there is no such transition"),
    ERROR_KEY("record", "there is no such record"),
    ERROR_KEY("related", "there is no such thing on it"),
    ERROR_KEY("stale", "other rules are live meanwhile"),
    ERROR_KEY("locked_delete", "locked, of a deletion"),
    ERROR_KEY("approval_delete", "in approval, of a deletion"),
    ERROR_KEY("locked_lock", "locked, of the lock itself"),
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_case_keys[] = {
    { "status", CRM_KEY_INTEGER, 0, 200, 599, NULL, NULL,
      "the status; without it that of the class" },
    { "code", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "what {code} is" },
    { "title", CRM_KEY_TEXT, 0, 0, 300, NULL, NULL,
      "what {title} is" },
    { "listed", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "it stands in the list of outcomes, alone, too" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_error_keys[] = {
    { "status", CRM_KEY_INTEGER, 0, 200, 599, NULL, NULL,
      "the status; without it that of the rest dialect" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers, with places" },
    { "content_type", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "application/json without it" },
    { "body", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "a JSON value whose texts have places; none: an empty body" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_errors(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t         i;
    const char    *name;
    crm_status_t   rc;
    const json_t  *errors, *item;

    errors = json_object_get(file, "errors");

    rc = crm_shape_check(errors, crm_dialect_parts_errors_keys, "errors",
                         "errors", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < CRM_FILE_ERRORS && d->mechanism == NULL; i++) {
        name = json_object_get(errors, error_names[i]) ? error_names[i]
                                                       : "default";

        if (json_object_get(errors, name) == NULL) {
            rc = crm_shape_error(cc, "errors", "missing_key", error_names[i],
                                 "errors lacks \"%s\", and has no"
                                 " \"default\"", error_names[i]);
            continue;
        }

        rc = crm_dialect_parts_worse(rc,
                 error_parse(&d->errors[i], json_object_get(errors, name),
                             crm_shape_path(cc, "errors", name), cc));
    }

    rc = crm_dialect_parts_worse(rc,
             error_cases(d, json_object_get(errors, "cases"), cc));
    item = json_object_get(errors, "item");

    if (item) {
        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill_json(&d->item_error, item,
                     "errors.item", CRM_DIALECT_FILL_ERROR, cc));
    }

    if (d->mechanism) {
        return rc;
    }

    if (d->per_item && item == NULL) {
        rc = crm_shape_error(cc, "errors", "missing_key", "item",
                             "errors lacks \"item\", which stands for one"
                             " refused of many: bulk_policy is per_item");
    }

    if (d->per_item && d->items.order == CRM_FILE_ORDER_NONE) {
        rc = crm_shape_error(cc, "bulk_policy", "missing_key", "order",
                             "bulk_policy per_item needs \"items\" with an"
                             " \"order\": which outcome is whose");
    }

    return rc;
}


static crm_status_t
error_parse(crm_file_error_t *error, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t   rc;
    const json_t  *type;

    rc = crm_shape_check(json, crm_dialect_parts_error_keys, "an error", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    error->status = (unsigned) json_integer_value(json_object_get(json,
                                                                  "status"));
    error->content_type = CRM_STR("application/json");

    type = json_object_get(json, "content_type");

    if (type && crm_shape_copy(&error->content_type, type, cc->pool)
                != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    error->json = error_is_json(error->content_type);

    rc = crm_dialect_parts_headers(&error->headers, &error->headers_count,
             json_object_get(json, "headers"),
             crm_shape_path(cc, path, "headers"), CRM_DIALECT_FILL_ERROR, cc);

    json = json_object_get(json, "body");

    return json == NULL ? rc
           : crm_dialect_parts_worse(rc,
                 error_body(error, json, crm_shape_path(cc, path, "body"),
                            cc));
}


/* A text that is no JSON stands as it is. */
static crm_status_t
error_body(crm_file_error_t *error, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    if (json_is_string(json) && !error->json) {
        return crm_dialect_parts_fill(&error->body, json, path,
                                      CRM_DIALECT_FILL_ERROR, 0, cc);
    }

    return crm_dialect_parts_fill_json(&error->body, json, path,
                                       CRM_DIALECT_FILL_ERROR, cc);
}


static int
error_is_json(crm_str_t type)
{
    size_t  i;

    for (i = 0; i + 4 <= type.len; i++) {
        if (crm_str_caseeq(crm_str(type.data + i, 4), CRM_STR("json"))) {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
error_cases(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    unsigned       i;
    const char    *name;
    crm_status_t   rc;
    const json_t  *c;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_cases_keys, "cases",
                         "errors.cases", cc);

    for (i = 0; rc != CRM_ENOMEM && i < CRM_FILE_CASES; i++) {
        name = crm_dialect_parts_cases_keys[i].name;
        c = json_object_get(json, name);

        if (c && json_is_object(c)) {
            rc = crm_dialect_parts_worse(rc,
                     error_case(&d->cases[i], c,
                                crm_shape_path(cc, "errors.cases", name),
                                cc));
        }
    }

    return rc;
}


static crm_status_t
error_case(crm_file_case_t *c, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t   rc;
    const json_t  *code, *title;

    rc = crm_shape_check(json, crm_dialect_parts_case_keys, "a case", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    code = json_object_get(json, "code");
    title = json_object_get(json, "title");

    c->status = (unsigned) json_integer_value(json_object_get(json,
                                                              "status"));
    c->listed = json_is_true(json_object_get(json, "listed"));

    if ((code && crm_shape_copy(&c->code, code, cc->pool) != CRM_OK)
        || (title && crm_shape_copy(&c->title, title, cc->pool) != CRM_OK))
    {
        return CRM_ENOMEM;
    }

    return CRM_OK;
}
