/*
 * Merge fields: text with ${!Module.Field} in it, escaped per destination.
 */

#include "rules/crm_template.h"

#include "base/crm_limits.h"
#include "rules/crm_template_part.h"


/* No token is longer. */
#define TEMPLATE_MAX_TOKEN  32


static crm_status_t template_push(crm_template_t *template, size_t *cap,
    const crm_template_part_t *part, crm_compile_t *cc);
static crm_status_t template_field(crm_template_part_t *part, crm_str_t expr,
    const char *path, crm_compile_t *cc);
static crm_status_t template_token(crm_template_part_t *part,
    crm_str_t expr, const char *path, crm_compile_t *cc);
static crm_status_t template_unknown(crm_str_t expr, const char *path,
    crm_compile_t *cc);
static crm_status_t template_variable(crm_template_part_t *part,
    crm_str_t name, const char *path, crm_compile_t *cc);
static int template_is_field(crm_str_t text, size_t at);
static int template_is_token(crm_str_t expr, crm_predefined_t *token);
static void template_fallback(crm_template_part_t *part, crm_str_t *expr);
static size_t template_find(crm_str_t text, size_t from);
static const char *template_module(const crm_compile_t *cc);


crm_status_t
crm_template_compile(crm_template_t *template, crm_str_t text,
    const char *path, crm_compile_t *cc)
{
    size_t                from, at, end, cap;
    crm_str_t             expr;
    const char           *close;
    crm_status_t          rc;
    crm_template_part_t   part;

    memset(template, 0, sizeof(crm_template_t));
    cap = 0;
    from = 0;

    for ( ;; ) {
        at = template_find(text, from);

        if (at > from) {
            memset(&part, 0, sizeof(part));
            part.literal = crm_str(text.data + from, at - from);

            rc = template_push(template, &cap, &part, cc);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        if (at == text.len) {
            return CRM_OK;
        }

        close = memchr(text.data + at, '}', text.len - at);
        if (close == NULL) {
            return crm_shape_error(cc, path, "bad_merge_field", NULL,
                                   "the merge field at byte %zu has no end;"
                                   " write ${!%s.Field}", at,
                                   template_module(cc));
        }

        end = (size_t) (close - text.data);

        expr = crm_str(text.data + at + 2, end - at - 2);

        rc = template_is_field(text, at)
             ? template_field(&part, expr, path, cc)
             : template_token(&part, expr, path, cc);
        if (rc != CRM_OK) {
            return rc;
        }

        rc = template_push(template, &cap, &part, cc);
        if (rc != CRM_OK) {
            return rc;
        }

        from = end + 1;
    }
}


crm_status_t
crm_template_parse(crm_template_t *template, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_str_t  text;

    if (crm_shape_copy(&text, json, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return crm_template_compile(template, text, path, cc);
}


int
crm_template_is_literal(const crm_template_t *template)
{
    size_t  i;

    for (i = 0; i < template->count; i++) {
        if (!crm_template_part_is_plain(&template->parts[i])) {
            return 0;
        }
    }

    return 1;
}


static crm_status_t
template_push(crm_template_t *template, size_t *cap,
    const crm_template_part_t *part, crm_compile_t *cc)
{
    size_t                n;
    crm_template_part_t  *parts;

    if (template->count == *cap) {
        n = *cap ? *cap * 2 : 4;

        parts = crm_pool_calloc(cc->pool, n, sizeof(crm_template_part_t));
        if (parts == NULL) {
            return CRM_ENOMEM;
        }

        if (template->count) {
            memcpy(parts, template->parts,
                   template->count * sizeof(crm_template_part_t));
        }

        template->parts = parts;
        *cap = n;
    }

    template->parts[template->count++] = *part;

    return CRM_OK;
}


/* expr: !Module.Field[.member][|default] or OLD!Module.Field... */
static crm_status_t
template_field(crm_template_part_t *part, crm_str_t expr, const char *path,
    crm_compile_t *cc)
{
    size_t       mod;
    crm_str_t    rest, name;
    const char  *p;

    memset(part, 0, sizeof(crm_template_part_t));
    rest = expr;

    if (rest.len > 3 && memcmp(rest.data, "OLD", 3) == 0) {
        part->old = 1;
        rest = crm_str(rest.data + 3, rest.len - 3);
    }

    rest = crm_str(rest.data + 1, rest.len - 1);        /* '!' */

    template_fallback(part, &rest);

    if (!part->old && crm_variable_name(rest, &name)) {
        return template_variable(part, name, path, cc);
    }

    if (cc->module == NULL) {
        return crm_shape_error(cc, path, "bad_merge_field", NULL,
                               "\"${%.*s}\" names a record's field, and there"
                               " is no record here", (int) expr.len,
                               expr.data);
    }

    mod = strlen(cc->module);

    if (rest.len <= mod + 1 || rest.len > CRM_MAX_MERGE_FIELD
        || memcmp(rest.data, cc->module, mod) != 0 || rest.data[mod] != '.')
    {
        return crm_shape_error(cc, path, "bad_merge_field", NULL,
                               "\"${%.*s}\" is no field of this rule's module;"
                               " write ${!%s.Field}", (int) expr.len,
                               expr.data, cc->module);
    }

    part->field = crm_str(rest.data + mod + 1, rest.len - mod - 1);

    p = memchr(part->field.data, '.', part->field.len);
    if (p) {
        part->member = crm_str(p + 1, (size_t) (part->field.data
                                                + part->field.len - p - 1));
        part->field.len = (size_t) (p - part->field.data);
    }

    if (part->field.len == 0 || (p && part->member.len == 0)) {
        return crm_shape_error(cc, path, "bad_merge_field", NULL,
                               "\"${%.*s}\" lacks a field's name",
                               (int) expr.len, expr.data);
    }

    return crm_shape_field(cc, part->field, path);
}


/* expr: TODAY+7 or another token, [|default]. */
static crm_status_t
template_token(crm_template_part_t *part, crm_str_t expr, const char *path,
    crm_compile_t *cc)
{
    crm_predefined_t  *token;

    memset(part, 0, sizeof(crm_template_part_t));

    token = crm_pool_alloc(cc->pool, sizeof(crm_predefined_t));
    if (token == NULL) {
        return CRM_ENOMEM;
    }

    template_fallback(part, &expr);

    if (!template_is_token(expr, token)) {
        return template_unknown(expr, path, cc);
    }

    part->token = token;

    return CRM_OK;
}


/* What nobody knows would be sent as it stands, to be noticed by others. */
static crm_status_t
template_unknown(crm_str_t expr, const char *path, crm_compile_t *cc)
{
    char         text[TEMPLATE_MAX_TOKEN + 1];
    const char  *near;

    static const char *const  names[] = {
        "NOW", "TODAY", "STARTOF:week", "STARTOF:month", "STARTOF:quarter",
        "STARTOF:year", "ENDOF:week", "ENDOF:month", "ENDOF:quarter",
        "ENDOF:year", "CURRENTUSER", "CURRENTUSER.role",
        "CURRENTUSER.profile", NULL
    };

    near = NULL;

    if (expr.len <= TEMPLATE_MAX_TOKEN) {
        memcpy(text, expr.data, expr.len);
        text[expr.len] = '\0';
        near = crm_shape_nearest(text, names);
    }

    if (near) {
        return crm_shape_error(cc, path, "bad_merge_field", near,
                               "there is no \"${%.*s}\", did you mean"
                               " \"${%s}\"?", (int) expr.len, expr.data,
                               near);
    }

    return crm_shape_error(cc, path, "bad_merge_field", NULL,
                           "there is no \"${%.*s}\"; a field is written"
                           " ${!%s.Field}, others are ${TODAY+7}, ${NOW} and"
                           " ${CURRENTUSER}",
                           (int) (expr.len < CRM_MAX_MERGE_FIELD ? expr.len
                                  : CRM_MAX_MERGE_FIELD), expr.data,
                           template_module(cc));
}


/* For messages. */
static const char *
template_module(const crm_compile_t *cc)
{
    return cc->module ? cc->module : "Module";
}


/* It is filled in like a field, and escaped like one. */
static crm_status_t
template_variable(crm_template_part_t *part, crm_str_t name,
    const char *path, crm_compile_t *cc)
{
    part->variable = crm_variable_find(name, path, cc);

    return part->variable && part->variable->json.data ? CRM_OK : CRM_EINVAL;
}


static int
template_is_field(crm_str_t text, size_t at)
{
    return (text.len - at >= 3 && memcmp(text.data + at, "${!", 3) == 0)
           || (text.len - at >= 6 && memcmp(text.data + at, "${OLD!", 6) == 0);
}


static int
template_is_token(crm_str_t expr, crm_predefined_t *token)
{
    char  text[TEMPLATE_MAX_TOKEN + 3];

    if (expr.len > TEMPLATE_MAX_TOKEN) {
        return 0;
    }

    memcpy(text, "${", 2);
    memcpy(text + 2, expr.data, expr.len);
    text[expr.len + 2] = '}';

    return crm_predefined_parse(token, crm_str(text, expr.len + 3)) == CRM_OK;
}


/* Cuts the default off expr. */
static void
template_fallback(crm_template_part_t *part, crm_str_t *expr)
{
    const char  *p;

    p = expr->len ? memchr(expr->data, '|', expr->len) : NULL;

    if (p) {
        part->has_fallback = 1;
        part->fallback = crm_str(p + 1,
                                 (size_t) (expr->data + expr->len - p - 1));
        expr->len = (size_t) (p - expr->data);
    }
}


/* The next "${", or the text's end. */
static size_t
template_find(crm_str_t text, size_t from)
{
    const char  *p;

    for ( /* void */ ; from + 1 < text.len; from++) {
        p = memchr(text.data + from, '$', text.len - from - 1);
        if (p == NULL) {
            break;
        }

        from = (size_t) (p - text.data);

        if (p[1] == '{') {
            return from;
        }
    }

    return text.len;
}
