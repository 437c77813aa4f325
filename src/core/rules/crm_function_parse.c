/*
 * kind: function, and how one is called.
 */

#include "rules/crm_action.h"

#include <stdlib.h>

#include "base/crm_limits.h"


static crm_status_t function_file(const json_t *json, crm_compile_t *cc);
static crm_status_t function_source(crm_function_t *function,
    const json_t *json, crm_compile_t *cc);
static crm_status_t function_parameter(crm_function_t *function,
    const json_t *json, const char *path, crm_compile_t *cc);
static int function_is_name(crm_str_t name);
static crm_status_t call_unknown(const crm_function_t *function,
    const char *name, const char *path, crm_compile_t *cc);
static crm_status_t call_argument(crm_argument_t *argument,
    const crm_parameter_t *parameter, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t call_constant(crm_argument_t *argument,
    const crm_parameter_t *parameter, const json_t *json, const char *path,
    crm_compile_t *cc);
static int constant_fits(const json_t *json, crm_argument_type_t type,
    crm_compile_t *cc);


/* By crm_argument_type_t. */
static const char *const  argument_types[] = {
    "text", "integer", "float", "boolean", "date", "datetime", "list", "map",
    NULL
};

static const crm_key_t  parameter_keys[] = {
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "as the source has it" },
    { "type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, argument_types, NULL,
      "what it may be" },
    CRM_KEYS_END
};

static const crm_form_t  parameter_forms[] = {
    { "function argument", parameter_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_function_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how rules and schedules refer to it" },
    { "file", CRM_KEY_TEXT, 0, 0, 255, NULL, NULL,
      "its Deluge source, beside this file" },
    { "source", CRM_KEY_TEXT, 0, 0, CRM_MAX_FUNCTION_SOURCE, NULL, NULL,
      "the source itself, as crmctl dump prints it" },
    { "arguments", CRM_KEY_LIST, CRM_KEY_NULLABLE, 0, CRM_MAX_ARGUMENTS, NULL,
      parameter_forms, "what it is called with" },
    CRM_KEYS_END
};


crm_status_t
crm_function_parse(crm_function_t *function, const json_t *json,
    crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    crm_status_t   rc, all;
    const json_t  *list;

    rc = crm_shape_check(json, crm_function_keys, "a function", "", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_shape_copy(&function->name, json_object_get(json, "name"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    list = json_object_get(json, "arguments");
    function->parameters = crm_pool_calloc(cc->pool, json_array_size(list)
                                           + 1, sizeof(crm_parameter_t));
    if (function->parameters == NULL) {
        return CRM_ENOMEM;
    }

    all = function_source(function, json, cc);
    if (all == CRM_ENOMEM) {
        return all;
    }

    json_array_foreach((json_t *) list, i, item) {
        rc = function_parameter(function, item,
                                crm_shape_index(cc, "arguments", i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* Who read the document has put what its file holds into "source". */
static crm_status_t
function_source(crm_function_t *function, const json_t *json,
    crm_compile_t *cc)
{
    const json_t  *file, *source;

    file = json_object_get(json, "file");
    source = json_object_get(json, "source");

    if (file && function_file(file, cc) != CRM_OK) {
        return CRM_EINVAL;
    }

    if (source == NULL) {
        return crm_shape_error(cc, file ? "file" : "", "missing_key", file
                               ? "source" : "file", file
                               ? "the function came without what is in \"%s\";"
                               " apply the folder that the file is in"
                               : "a function lacks \"file\", such as"
                               " file: %s.dg", file
                               ? json_string_value(file)
                               : function->name.data);
    }

    return crm_shape_copy(&function->source, source, cc->pool);
}


/* Beside the rule file or in a folder below it, never elsewhere. */
static crm_status_t
function_file(const json_t *json, crm_compile_t *cc)
{
    const char  *p, *name;

    name = json_string_value(json);

    for (p = name; *p; p += strcspn(p, "/"), p += *p == '/') {
        if (*p == '/' || *p == '.') {
            return crm_shape_error(cc, "file", "wrong_value", NULL,
                                   "file must be the name of a file beside"
                                   " this one, or below it, without \"..\","
                                   " dot-files and a leading \"/\"");
        }
    }

    if (p[-1] == '/') {
        return crm_shape_error(cc, "file", "wrong_value", NULL,
                               "file must name a file, not a folder");
    }

    return CRM_OK;
}


static crm_status_t
function_parameter(crm_function_t *function, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    size_t            i;
    crm_str_t         type;
    crm_status_t      rc;
    crm_parameter_t  *parameter;

    rc = crm_shape_check(json, parameter_keys, "an argument", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    parameter = &function->parameters[function->parameters_count];

    if (crm_shape_copy(&parameter->name, json_object_get(json, "name"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    path = crm_shape_path(cc, path, "name");

    if (!function_is_name(parameter->name)) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "\"%s\" is no name of Deluge: letters, digits"
                               " and _, no digit first",
                               parameter->name.data);
    }

    for (i = 0; i < function->parameters_count; i++) {
        if (crm_str_eq(function->parameters[i].name, parameter->name)) {
            return crm_shape_error(cc, path, "duplicate_name", NULL,
                                   "the argument \"%s\" stands there twice",
                                   parameter->name.data);
        }
    }

    type = crm_shape_str(json_object_get(json, "type"));

    for (i = 0; argument_types[i]; i++) {
        if (crm_str_is(type, argument_types[i])) {
            parameter->type = (crm_argument_type_t) i;
        }
    }

    function->parameters_count++;

    return CRM_OK;
}


static int
function_is_name(crm_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (!((name.data[i] >= 'a' && name.data[i] <= 'z')
              || (name.data[i] >= 'A' && name.data[i] <= 'Z')
              || name.data[i] == '_'
              || (i && name.data[i] >= '0' && name.data[i] <= '9')))
        {
            return 0;
        }
    }

    return 1;
}


crm_status_t
crm_function_call_parse(crm_function_call_t *call,
    const crm_function_t *function, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t         i, found;
    json_t        *value;
    const char    *name;
    crm_status_t   rc, all;

    call->function = function;
    call->arguments = crm_pool_calloc(cc->pool,
                                      function->parameters_count + 1,
                                      sizeof(crm_argument_t));
    if (call->arguments == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;
    found = 0;

    for (i = 0; i < function->parameters_count; i++) {
        value = json_object_get(json, function->parameters[i].name.data);

        if (value == NULL) {
            all = crm_shape_error(cc, path, "missing_argument",
                                  function->parameters[i].name.data,
                                  "a call of \"%s\" lacks the argument"
                                  " \"%s\"", function->name.data,
                                  function->parameters[i].name.data);
            continue;
        }

        found++;

        rc = call_argument(&call->arguments[call->arguments_count++],
                           &function->parameters[i], value,
                           crm_shape_path(cc, path,
                                          function->parameters[i].name.data),
                           cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    if (found == json_object_size(json)) {
        return all == CRM_OK ? crm_function_call_asks(call, cc->pool) : all;
    }

    json_object_foreach((json_t *) json, name, value) {
        rc = call_unknown(function, name, path, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* CRM_OK if it is known after all. */
static crm_status_t
call_unknown(const crm_function_t *function, const char *name,
    const char *path, crm_compile_t *cc)
{
    size_t       i;
    const char  *names[CRM_MAX_ARGUMENTS + 1], *near;

    for (i = 0; i < function->parameters_count; i++) {
        names[i] = function->parameters[i].name.data;

        if (strcmp(names[i], name) == 0) {
            return CRM_OK;
        }
    }

    names[i] = NULL;
    near = crm_shape_nearest(name, names);

    return crm_shape_error(cc, crm_shape_path(cc, path, name),
                           "unknown_argument", near, near
                           ? "the function \"%s\" takes no argument"
                           " \"%.100s\", did you mean \"%s\"?"
                           : "the function \"%s\" takes no argument"
                           " \"%.100s\"", function->name.data, name, near);
}


static crm_status_t
call_argument(crm_argument_t *argument, const crm_parameter_t *parameter,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    argument->name = parameter->name;

    if (json_is_string(json) && strstr(json_string_value(json), "${")) {
        argument->is_merge = 1;
        return crm_template_parse(&argument->merge, json, path, cc);
    }

    return call_constant(argument, parameter, json, path, cc);
}


static crm_status_t
call_constant(crm_argument_t *argument, const crm_parameter_t *parameter,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    char          *text;
    crm_value_t    value;
    crm_status_t   rc;

    if (!json_is_null(json) && !constant_fits(json, parameter->type, cc)) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "the argument \"%s\" is of type %s, and this"
                               " is none", parameter->name.data,
                               argument_types[parameter->type]);
    }

    text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT
                            | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    argument->json = crm_pool_dup(cc->pool, crm_strz(text));
    free(text);

    if (argument->json.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_value_parse(&value, argument->json, cc->pool);

    return rc != CRM_EINVAL ? rc
           : crm_shape_error(cc, path, "wrong_value", NULL,
                             "the value is nested too deep to be passed on");
}


/* Numbers may be written in quotes, as everywhere in the rule language. */
static int
constant_fits(const json_t *json, crm_argument_type_t type, crm_compile_t *cc)
{
    crm_str_t      text;
    crm_moment_t   moment;
    crm_decimal_t  decimal;

    text = crm_shape_str(json);

    switch (type) {

    case CRM_ARGUMENT_TEXT:
        return json_is_string(json) || json_is_number(json)
               || json_is_boolean(json);

    case CRM_ARGUMENT_INTEGER:
        return json_is_integer(json)
               || (text.len && strspn(text.data, "-0123456789") == text.len
                   && crm_decimal_parse(&decimal, text) == CRM_OK);

    case CRM_ARGUMENT_FLOAT:
        return json_is_number(json)
               || (text.len && crm_decimal_parse(&decimal, text) == CRM_OK);

    case CRM_ARGUMENT_BOOLEAN:
        return json_is_boolean(json);

    case CRM_ARGUMENT_DATE:
    case CRM_ARGUMENT_DATETIME:
        return crm_moment_parse(&moment, text, cc->zone) == CRM_OK
               && (moment.timed || type == CRM_ARGUMENT_DATE);

    case CRM_ARGUMENT_LIST:
        return json_is_array(json);

    default: /* CRM_ARGUMENT_MAP */
        return json_is_object(json);
    }
}
