/*
 * kinds: email_template, email_notification. What is mailed, and to whom.
 */

#include "rules/crm_action.h"

#include "base/crm_limits.h"


static crm_str_t template_module(crm_str_t text);
static crm_status_t template_line(const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t email_template(crm_email_t *email, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc);


const crm_key_t  crm_email_template_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how others refer to it" },
    { "module", CRM_KEY_TEXT, 0, 0, CRM_MAX_MODULE_NAME, NULL, NULL,
      "the CRM module whose fields it merges" },
    { "subject", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_SUBJECT, NULL,
      NULL, "one line; may merge fields" },
    { "text", CRM_KEY_TEXT, 0, 0, CRM_MAX_MAIL_BODY, NULL, NULL,
      "the plain part" },
    { "html", CRM_KEY_TEXT, 0, 0, CRM_MAX_MAIL_BODY, NULL, NULL,
      "the HTML part; with both the reader chooses" },
    CRM_KEYS_END
};

const crm_key_t  crm_email_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how others refer to it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose fields it merges" },
    { "template", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the email_template to send" },
    { "from", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_ADDRESS, NULL, NULL,
      "the address it comes from" },
    { "recipients", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_PARTIES, NULL,
      crm_party_recipients, "whom it is sent to" },
    CRM_KEYS_END
};


crm_str_t
crm_email_template_module(const json_t *json)
{
    size_t     i;
    crm_str_t  module;

    static const char *const  keys[] = { "module", "subject", "text", "html" };

    module = crm_shape_str(json_object_get(json, keys[0]));

    for (i = 1; module.len == 0 && i < 4; i++) {
        module = template_module(crm_shape_str(json_object_get(json,
                                                               keys[i])));
    }

    return module;
}


/* Of the first field that text merges. */
static crm_str_t
template_module(crm_str_t text)
{
    size_t       i;
    crm_str_t    name;
    const char  *at, *dot, *end;

    for (i = 0; i + 3 < text.len; i++) {
        if (memcmp(text.data + i, "${", 2) != 0) {
            continue;
        }

        at = text.data + i + 2;
        end = text.data + text.len;

        if (end - at > 3 && memcmp(at, "OLD", 3) == 0) {
            at += 3;
        }

        if (*at++ != '!') {
            continue;
        }

        dot = memchr(at, '.', (size_t) (end - at));
        if (dot == NULL) {
            break;
        }

        name = crm_str(at, (size_t) (dot - at));

        if (name.len && name.len <= CRM_MAX_MODULE_NAME
            && memchr(name.data, '}', name.len) == NULL
            && !crm_str_is(name, "Variables"))
        {
            return name;
        }
    }

    return CRM_STR_NULL;
}


crm_status_t
crm_email_template_parse(crm_email_template_t *template, const json_t *json,
    crm_compile_t *cc)
{
    size_t         i;
    crm_status_t   rc, all;
    const json_t  *text, *html;

    template->module = crm_strz(cc->module);

    rc = crm_shape_check(json, crm_email_template_keys, "an email_template",
                         "", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    text = json_object_get(json, "text");
    html = json_object_get(json, "html");
    template->has_text = text != NULL;
    template->has_html = html != NULL;

    if (text == NULL && html == NULL) {
        return crm_shape_error(cc, "", "missing_key", "text",
                               "an email_template lacks \"text\" or"
                               " \"html\"");
    }

    all = template_line(json_object_get(json, "subject"), "subject", cc);

    for (i = 0; i < 3; i++) {
        static const char *const  keys[] = { "subject", "text", "html" };

        rc = crm_template_parse(i == 0 ? &template->subject
                                : i == 1 ? &template->text : &template->html,
                                json_object_get(json, keys[i]), keys[i], cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* What stands in a header is one line, or it would become two headers. */
static crm_status_t
template_line(const json_t *json, const char *path, crm_compile_t *cc)
{
    size_t     i;
    crm_str_t  text;

    text = crm_shape_str(json);

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return crm_shape_error(cc, path, "bad_header", NULL,
                                   "%s must be one line, without control"
                                   " characters", path);
        }
    }

    return CRM_OK;
}


crm_status_t
crm_email_parse(crm_email_t *email, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_status_t  rc, to;

    rc = crm_shape_check(json, crm_email_keys, "an email_notification", "",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_shape_copy(&email->name, json_object_get(json, "name"), cc->pool)
        || crm_shape_copy(&email->from, json_object_get(json, "from"),
                          cc->pool))
    {
        return CRM_ENOMEM;
    }

    if (!crm_party_is_address(email->from)) {
        rc = crm_shape_error(cc, "from", "bad_address", NULL,
                             "\"%.*s\" is no address; write it as"
                             " crm@example.test, alone",
                             (int) email->from.len, email->from.data);
    }

    if (email_template(email, json_object_get(json, "template"), library, cc)
        != CRM_OK)
    {
        rc = CRM_EINVAL;
    }

    to = crm_party_list(&email->to, &email->to_count,
                        json_object_get(json, "recipients"),
                        crm_party_recipients, "a recipient",
                        "recipients", cc);

    if (to != CRM_OK) {
        return to;
    }

    return rc == CRM_OK ? crm_email_asks(email, cc->pool) : rc;
}


static crm_status_t
email_template(crm_email_t *email, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json);

    entry = crm_map_find(&library->templates, name);
    if (entry == NULL) {
        return crm_shape_reference(cc, "template", &library->templates,
                                   "email_template", name);
    }

    email->template = entry->value;

    if (email->template->module.len
        && !crm_str_is(email->template->module, cc->module))
    {
        return crm_shape_error(cc, "template", "wrong_module", NULL,
                               "email_template \"%s\" merges fields of %s,"
                               " not of %s", name.data,
                               email->template->module.data, cc->module);
    }

    return CRM_OK;
}
