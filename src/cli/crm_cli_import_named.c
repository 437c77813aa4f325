/*
 * Actions of Zoho CRM that are objects of their own: field updates, webhooks,
 * tasks, email notifications.
 */

#include "crm_cli_import.h"

#include <string.h>


static void named_module(crm_cli_import_item_t *item);
static void update_extra(crm_cli_import_item_t *item, const char *key,
    const char *why);
static void webhook_url(crm_cli_import_item_t *item);
static void webhook_body(crm_cli_import_item_t *item, json_t *body);
static json_t *webhook_form(crm_cli_import_item_t *item, json_t *body);
static void webhook_auth(crm_cli_import_item_t *item);
static void parameters(crm_cli_import_item_t *item, json_t *from, json_t *to);
static void task_field(crm_cli_import_item_t *item, json_t *source,
    const char *path);
static int task_due(crm_cli_import_item_t *item, json_t *source);
static json_t *email_recipient(crm_cli_import_item_t *item, json_t *source);


static const char *const  named_beside[] = {
    "created_time", "created_by", "modified_time", "modified_by", "source",
    "editable", "deletable", "associated", "lock_status", "lock",
    "feature_type", "related_module", "deprecated", "category", NULL
};

static const char *const  parameter_lists[] = {
    "module_parameters", "custom_parameters", "user_defined_parameters", NULL
};


static void
named_module(crm_cli_import_item_t *item)
{
    const char  *module, *text;

    text = crm_cli_import_text(item->im, item->source, "description");
    (void) crm_cli_import_take(item->im, item->source, "description");

    if (text && text[0]) {
        crm_cli_import_put(item->im, item->doc, "description",
                           json_string(text));
    }

    module = crm_cli_import_api_name(item->im, item->source, "module");

    if (module == NULL) {
        crm_cli_import_refuse(item, "module", "it names no module");
        return;
    }

    crm_cli_import_put(item->im, item->doc, "module", json_string(module));
    crm_cli_import_ignore(item->im, item->source, named_beside);
}


void
crm_cli_import_field_update(crm_cli_import_item_t *item)
{
    json_t            *value;
    const char        *field, *type, *how;
    crm_cli_import_t  *im;

    im = item->im;
    named_module(item);

    field = crm_cli_import_api_name(im, item->source, "field");
    type = crm_cli_import_text(im, item->source, "type");
    how = crm_cli_import_text(im, item->source, "update_type");
    value = crm_cli_import_take(im, item->source, "value");

    if (field == NULL) {
        crm_cli_import_refuse(item, "field", "it names no field");
        return;
    }

    if (type && strcmp(type, "static") != 0) {
        crm_cli_import_refuse(item, "type", "a value of type %s is not taken"
                              " here", type);
        return;
    }

    if (how && strcmp(how, "append") == 0) {
        crm_cli_import_refuse(item, "update_type", "values are not appended"
                              " here: an update replaces the field");
        return;
    }

    crm_cli_import_put(im, item->doc, "field", json_string(field));
    crm_cli_import_put(im, item->doc, "value", value && !json_is_null(value)
                       ? json_incref(value) : json_string("${EMPTY}"));

    update_extra(item, "dependent_fields", "other fields are not set with it:"
                 " write an update for each");
    update_extra(item, "related_records", "related records keep their owner");
    update_extra(item, "notify", "the new owner gets no mail");
    update_extra(item, "apply_assignment_threshold", "thresholds are not"
                 " known here");
}


/* What an update does besides; null, false and [] do nothing. */
static void
update_extra(crm_cli_import_item_t *item, const char *key, const char *why)
{
    json_t  *value;

    value = crm_cli_import_take(item->im, item->source, key);

    if (json_is_true(value) || json_is_string(value)
        || json_array_size(value) || json_object_size(value))
    {
        crm_cli_import_note(item, key, "is left out: %s", why);
    }
}


void
crm_cli_import_webhook(crm_cli_import_item_t *item)
{
    json_t            *headers, *from, *body;
    const char        *method;
    crm_cli_import_t  *im;

    im = item->im;
    named_module(item);
    webhook_url(item);

    method = crm_cli_import_text(im, item->source, "http_method");
    crm_cli_import_put(im, item->doc, "http_method",
                       json_string(method ? method : "POST"));

    from = json_object_get(item->source, "headers");
    headers = json_object();
    parameters(item, from, headers);
    if (json_object_size(headers)) {
        crm_cli_import_put(im, item->doc, "headers", json_incref(headers));
    }
    json_decref(headers);

    body = json_object_get(item->source, "body");
    if (json_is_object(body)) {
        webhook_body(item, body);
    }

    webhook_auth(item);

    from = crm_cli_import_take(im, item->source, "date_time_format");
    if (json_object_size(from)) {
        crm_cli_import_note(item, "date_time_format", "is left out: dates are"
                            " sent as the record has them");
    }

    for (method = "headers"; method; method = strcmp(method, "headers") == 0
                                              ? "body" : NULL)
    {
        if (json_is_null(json_object_get(item->source, method))) {
            (void) crm_cli_import_take(im, item->source, method);
        }
    }
}


/* Parameters of the address go into the address. */
static void
webhook_url(crm_cli_import_item_t *item)
{
    json_t            *given, *value;
    const char        *url, *name;
    crm_cli_import_t  *im;

    im = item->im;
    url = crm_cli_import_text(im, item->source, "url");

    if (url == NULL) {
        crm_cli_import_refuse(item, "url", "it has no url");
        return;
    }

    given = json_object();
    parameters(item, json_object_get(item->source, "url_parameters"), given);

    json_object_foreach(given, name, value) {
        url = crm_cli_import_at(im, "%s%c%s=%s", url,
                                strchr(url, '?') ? '&' : '?', name,
                                json_string_value(value));
    }

    if (json_object_size(given)) {
        crm_cli_import_note(item, "url_parameters", "stand in the url now:"
                            " look whether it is written as you mean it");
    }

    if (json_is_null(json_object_get(item->source, "url_parameters"))) {
        (void) crm_cli_import_take(im, item->source, "url_parameters");
    }

    json_decref(given);
    crm_cli_import_put(im, item->doc, "url", json_string(url));
}


static void
webhook_body(crm_cli_import_item_t *item, json_t *body)
{
    json_t            *form;
    const char        *type, *format, *content;
    crm_cli_import_t  *im;

    im = item->im;
    type = crm_cli_import_text(im, body, "type");
    format = crm_cli_import_text(im, body, "format");
    format = format ? format : crm_cli_import_text(im, body,
                                                   "raw_data_format");
    content = crm_cli_import_text(im, body, "raw_data_content");
    form = webhook_form(item, body);

    if (type && strcmp(type, "raw") == 0 && content) {
        crm_cli_import_put(im, item->doc, "body",
                           json_pack("{s:s, s:s, s:s}", "type", "raw",
                                     "format", format ? format : "Text",
                                     "content", content));

    } else if (json_object_size(form)) {
        crm_cli_import_put(im, item->doc, "body",
                           json_pack("{s:s, s:O}", "type", "form_data",
                                     "parameters", form));
    }

    json_decref(form);

    for (type = "raw_data_content"; type;
         type = strcmp(type, "raw_data_content") == 0 ? "format"
                : strcmp(type, "format") == 0 ? "raw_data_format" : NULL)
    {
        if (json_is_null(json_object_get(body, type))) {
            (void) crm_cli_import_take(im, body, type);
        }
    }
}


/* New: the parameters of a form, wherever they stand. */
static json_t *
webhook_form(crm_cli_import_item_t *item, json_t *body)
{
    size_t   i;
    json_t  *form, *from;

    static const char *const  holders[] = {
        "form_data", "form_data_content", NULL
    };

    form = json_object();
    parameters(item, body, form);

    for (i = 0; holders[i]; i++) {
        from = json_object_get(body, holders[i]);

        if (json_is_object(from)) {
            parameters(item, from, form);

        } else if (json_is_null(from)) {
            (void) crm_cli_import_take(item->im, body, holders[i]);
        }
    }

    return form;
}


static void
webhook_auth(crm_cli_import_item_t *item)
{
    json_t      *auth;
    const char  *type;

    auth = crm_cli_import_take(item->im, item->source, "authentication");
    type = json_is_string(auth) ? json_string_value(auth)
           : json_string_value(json_object_get(auth, "type"));

    if (type && strcmp(type, "general") != 0) {
        crm_cli_import_note(item, "authentication", "a %s is not known here:"
                            " sign it with secret: env:NAME, or put a token"
                            " into headers", type);
    }
}


/* [{name, value}...] in up to three lists, to {name: value}. */
static void
parameters(crm_cli_import_item_t *item, json_t *from, json_t *to)
{
    size_t             i, k;
    json_t            *list, *entry;
    const char        *name, *value;
    crm_cli_import_t  *im;

    im = item->im;

    for (i = 0; parameter_lists[i]; i++) {
        list = json_object_get(from, parameter_lists[i]);

        if (json_is_null(list)) {
            (void) crm_cli_import_take(im, from, parameter_lists[i]);
        }

        json_array_foreach(list, k, entry) {
            name = crm_cli_import_text(im, entry, "name");
            value = crm_cli_import_text(im, entry, "value");

            if (name && value) {
                crm_cli_import_put(im, to, name, json_string(value));
            }
        }
    }
}


void
crm_cli_import_task(crm_cli_import_item_t *item)
{
    size_t             i;
    json_t            *list, *mapping, *notify;
    crm_cli_import_t  *im;

    im = item->im;
    named_module(item);

    list = json_object_get(item->source, "field_mappings");

    json_array_foreach(list, i, mapping) {
        task_field(item, mapping, crm_cli_import_at(im, "field_mappings[%zu]",
                                                    i));
    }

    notify = crm_cli_import_take(im, item->source, "notify");
    if (json_is_boolean(notify)) {
        crm_cli_import_put(im, item->doc, "notify", json_incref(notify));
    }

    if (json_object_get(item->doc, "subject") == NULL) {
        crm_cli_import_refuse(item, "field_mappings", "it has no subject");
    }
}


/* Subject, due date and owner: a task here has no more. */
static void
task_field(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    const char        *field, *type, *text, *id;
    crm_cli_import_t  *im;

    im = item->im;
    field = crm_cli_import_api_name(im, source, "field");
    type = crm_cli_import_text(im, source, "type");
    text = json_string_value(json_object_get(source, "value"));
    id = json_string_value(json_object_get(json_object_get(source, "value"),
                                           "id"));

    if (field && strcmp(field, "Subject") == 0 && text) {
        crm_cli_import_put(im, item->doc, "subject", json_string(text));

    } else if (field && strcmp(field, "Owner") == 0
               && type && strcmp(type, "merge_field") == 0)
    {
        crm_cli_import_put(im, item->doc, "assign_to",
                           json_pack("{s:s}", "type", "record_owner"));

    } else if (field && strcmp(field, "Owner") == 0 && (id || text)) {
        crm_cli_import_put(im, item->doc, "assign_to",
                           json_pack("{s:s, s:s}", "type", "user",
                                     "id", id ? id : text));

    } else if (!(field && strcmp(field, "Due_Date") == 0
                 && task_due(item, json_object_get(source, "value"))))
    {
        crm_cli_import_note(item, path, "%s is left out: a task here has a"
                            " subject, a due date counted from when the rule"
                            " fires, and an owner", field ? field
                                                          : "a field");
    }

    (void) crm_cli_import_take(im, source, "value");
}


static int
task_due(crm_cli_import_item_t *item, json_t *source)
{
    json_t      *unit;
    const char  *period, *from, *sign;

    unit = json_object_get(source, "unit");
    period = json_string_value(json_object_get(source, "period"));
    from = json_string_value(json_object_get(source, "trigger_field"));
    sign = json_string_value(json_object_get(source, "sign"));

    if (!json_is_integer(unit) || period == NULL
        || (from && strcmp(from, "${CURRENTTIME}") != 0)
        || (sign && strcmp(sign, "plus") != 0))
    {
        return 0;
    }

    crm_cli_import_put(item->im, item->doc, "due",
                       json_pack("{s:O, s:s}", "unit", unit,
                                 "period", period));
    return 1;
}


void
crm_cli_import_email(crm_cli_import_item_t *item)
{
    size_t             i;
    json_t            *list, *to, *one, *entry, *from;
    const char        *template, *address;
    crm_cli_import_t  *im;

    static const char *const  beside[] = { "bulk_email", "id", NULL };

    im = item->im;
    named_module(item);

    template = crm_cli_import_text(im, json_object_get(item->source,
                                                       "template"), "name");
    crm_cli_import_ignore(im, json_object_get(item->source, "template"),
                          beside);
    crm_cli_import_ignore(im, item->source, beside);

    from = crm_cli_import_take(im, item->source, "from");
    address = json_is_string(from) ? json_string_value(from)
              : json_string_value(json_object_get(from, "email"));

    list = json_object_get(item->source, "recipients");
    to = json_array();

    json_array_foreach(list, i, entry) {
        one = email_recipient(item, entry);

        if (one) {
            crm_cli_import_append(im, to, one);

        } else {
            crm_cli_import_note(item, crm_cli_import_at(im, "recipients[%zu]",
                                i), "is left out: recipients here are"
                                " addresses, users, roles, groups, the"
                                " record's owner, and fields");
            json_object_clear(entry);
        }
    }

    if (template == NULL || address == NULL || json_array_size(to) == 0) {
        crm_cli_import_refuse(item, template == NULL ? "template"
                              : address == NULL ? "from" : "recipients",
                              "the export does not say %s",
                              template == NULL ? "which template"
                              : address == NULL ? "the sender's address"
                              : "to whom");
        json_decref(to);
        return;
    }

    crm_cli_import_put(im, item->doc, "template", json_string(template));
    crm_cli_import_put(im, item->doc, "from", json_string(address));
    crm_cli_import_put(im, item->doc, "recipients", to);
    crm_cli_import_note(item, "template", "templates are not in the export:"
                        " write an email_template \"%s\"", template);

    if (crm_cli_import_take(im, item->source, "reply_to")) {
        crm_cli_import_note(item, "reply_to", "is left out: answers go to the"
                            " sender");
    }
}


/* New, or NULL. */
static json_t *
email_recipient(crm_cli_import_item_t *item, json_t *source)
{
    json_t            *who;
    const char        *type, *id, *name, *email;
    crm_cli_import_t  *im;

    im = item->im;
    type = crm_cli_import_text(im, source, "type");
    who = json_object_get(source, "resource");
    who = json_is_object(who) ? who : source;

    id = crm_cli_import_text(im, who, "id");
    name = crm_cli_import_text(im, who, "name");
    email = crm_cli_import_text(im, who, "email");

    if (type == NULL) {
        return NULL;
    }

    if (strcmp(type, "user") == 0 && id) {
        return json_pack("{s:s, s:s}", "type", "user", "id", id);
    }

    if ((strcmp(type, "role") == 0 || strcmp(type, "group") == 0) && name) {
        return json_pack("{s:s, s:s}", "type", type, "name", name);
    }

    if (strcmp(type, "record_owner") == 0) {
        return json_pack("{s:s}", "type", type);
    }

    if ((strcmp(type, "address") == 0 || strcmp(type, "email") == 0) && email)
    {
        return json_pack("{s:s, s:s}", "type", "address", "email", email);
    }

    name = crm_cli_import_api_name(im, source, "field");

    return strcmp(type, "field") == 0 && name
           ? json_pack("{s:s, s:s}", "type", "field", "field", name) : NULL;
}
