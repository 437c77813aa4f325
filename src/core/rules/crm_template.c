/*
 * Merge fields: text with ${!Module.Field} in it, escaped per destination.
 */

#include "rules/crm_template.h"

#include "base/crm_limits.h"
#include "rules/crm_variable.h"


/* No token is longer. */
#define TEMPLATE_MAX_TOKEN  32

struct crm_template_part_s {
    crm_str_t                literal;       /* if it has none of: */
    crm_str_t                field;
    const crm_predefined_t  *token;         /* ${TODAY} */
    const crm_variable_t    *variable;      /* ${!Variables.x} */
    crm_str_t                member;        /* of a lookup; may be empty */
    crm_str_t                fallback;
    int                      has_fallback;
    int                      old;           /* from the before-image */
};


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
static int template_is_plain(const crm_template_part_t *part);
static int template_is_field(crm_str_t text, size_t at);
static int template_is_token(crm_str_t expr, crm_predefined_t *token);
static void template_fallback(crm_template_part_t *part, crm_str_t *expr);
static size_t template_find(crm_str_t text, size_t from);
static const char *template_module(const crm_compile_t *cc);
static crm_status_t template_value(const crm_template_part_t *part,
    const crm_merge_t *merge, crm_pool_t *pool, crm_str_t *value, int *found);
static crm_status_t template_part_of(const crm_template_part_t *part,
    crm_span_t *span, crm_span_t whole, crm_pool_t *pool);
static crm_status_t template_token_value(const crm_template_part_t *part,
    const crm_merge_t *merge, crm_pool_t *pool, crm_str_t *value, int *found);
static crm_str_t template_span_text(crm_span_t span, crm_pool_t *pool);


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


crm_status_t
crm_template_render(const crm_template_t *template, crm_buf_t *buf,
    crm_escape_t escape, const crm_merge_t *merge, crm_pool_t *pool,
    int *missing)
{
    int                         found;
    size_t                      i;
    crm_str_t                   value;
    crm_status_t                rc;
    const crm_template_part_t  *part;

    for (i = 0; i < template->count; i++) {
        part = &template->parts[i];

        if (template_is_plain(part)) {
            crm_buf_str(buf, part->literal);
            continue;
        }

        rc = part->token
             ? template_token_value(part, merge, pool, &value, &found)
             : template_value(part, merge, pool, &value, &found);
        if (rc != CRM_OK) {
            return rc;
        }

        if (!found) {
            value = part->fallback;

            if (!part->has_fallback && missing) {
                *missing = 1;
            }
        }

        crm_template_escape(buf, escape, value);
    }

    return crm_buf_status(buf);
}


void
crm_template_escape(crm_buf_t *buf, crm_escape_t escape, crm_str_t text)
{
    static const char  hex[] = "0123456789ABCDEF";

    char         code[3];
    size_t       i;
    const char  *name;

    if (escape == CRM_ESCAPE_NONE) {
        crm_buf_str(buf, text);
        return;
    }

    if (escape == CRM_ESCAPE_JSON) {
        crm_buf_json_text(buf, text);
        return;
    }

    for (i = 0; i < text.len; i++) {
        unsigned char  c = (unsigned char) text.data[i];

        if (escape == CRM_ESCAPE_HEADER) {
            if (c >= 0x20 && c != 0x7f) {
                crm_buf_putc(buf, (char) c);
            }

        } else if (escape == CRM_ESCAPE_URL) {
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c)))
            {
                crm_buf_putc(buf, (char) c);

            } else {
                code[0] = '%';
                code[1] = hex[c >> 4];
                code[2] = hex[c & 15];
                crm_buf_add(buf, code, 3);
            }

        } else { /* CRM_ESCAPE_XML */
            name = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;"
                   : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;

            if (name) {
                crm_buf_puts(buf, name);

            } else if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') {
                crm_buf_putc(buf, (char) c);    /* no others are in XML */
            }
        }
    }
}


int
crm_template_is_literal(const crm_template_t *template)
{
    size_t  i;

    for (i = 0; i < template->count; i++) {
        if (!template_is_plain(&template->parts[i])) {
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
template_is_plain(const crm_template_part_t *part)
{
    return part->field.len == 0 && part->token == NULL
           && part->variable == NULL;
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


static crm_status_t
template_value(const crm_template_part_t *part, const crm_merge_t *merge,
    crm_pool_t *pool, crm_str_t *value, int *found)
{
    crm_span_t           span;
    crm_status_t         rc;
    const crm_field_t   *field;
    const crm_record_t  *record;

    *found = 0;

    if (part->variable) {
        *value = part->variable->text;
        *found = value->len != 0;
        return CRM_OK;
    }

    if (crm_str_is(part->field, "id") && part->member.len == 0
        && merge->record_id.len)
    {
        *value = merge->record_id;
        *found = 1;
        return CRM_OK;
    }

    record = part->old ? merge->before : merge->record;
    field = record ? crm_record_field(record, part->field) : NULL;

    if (field == NULL) {
        if (!part->old) {
            crm_late_note(merge->late, part->field);
        }

        return CRM_OK;
    }

    rc = template_part_of(part, &span, field->value, pool);

    if (rc != CRM_OK || crm_value_span_empty(span)) {
        return rc;
    }

    *value = template_span_text(span, pool);
    if (value->data == NULL) {
        return CRM_ENOMEM;
    }

    *found = value->len != 0;

    return CRM_OK;
}


/*
 * What part says of a field's value: of a lookup its name, or a member. One
 * that is known by its id alone is that id, under "id" as by itself.
 */
static crm_status_t
template_part_of(const crm_template_part_t *part, crm_span_t *span,
    crm_span_t whole, crm_pool_t *pool)
{
    int           plain;
    crm_value_t   value;
    crm_status_t  rc;

    *span = whole;
    plain = whole.type == CRM_JSON_STRING || whole.type == CRM_JSON_NUMBER;

    if (part->member.len && !(plain && crm_str_is(part->member, "id"))) {
        *span = whole.type == CRM_JSON_OBJECT
                ? crm_span_member(whole, part->member) : (crm_span_t) { 0 };
        return CRM_OK;
    }

    if (whole.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    *span = crm_span_member(whole, CRM_STR("name"));

    if (span->type != CRM_JSON_NONE) {
        return CRM_OK;
    }

    *span = whole;
    rc = crm_value_from_span(&value, whole, pool);

    if (rc == CRM_OK && crm_value_is_reference(&value)) {
        *span = crm_span_member(whole, CRM_STR("id"));
    }

    return rc;
}


static crm_status_t
template_token_value(const crm_template_part_t *part,
    const crm_merge_t *merge, crm_pool_t *pool, crm_str_t *value, int *found)
{
    char          text[CRM_MOMENT_LEN + 1];
    crm_moment_t  moment;

    *found = 0;

    if (merge->scope == NULL) {
        return CRM_OK;
    }

    if (!crm_predefined_is_time(part->token)) {
        *found = crm_predefined_text(part->token, merge->scope, value)
                 == CRM_OK && value->len;
        return CRM_OK;
    }

    moment = crm_predefined_moment(part->token, merge->scope);
    *value = crm_pool_dup(pool, crm_moment_text(text, &moment,
                                                merge->scope->zone));
    *found = 1;

    return value->data ? CRM_OK : CRM_ENOMEM;
}


/* Text decoded, numbers and booleans as written, else the JSON itself. */
static crm_str_t
template_span_text(crm_span_t span, crm_pool_t *pool)
{
    return span.type == CRM_JSON_STRING ? crm_span_text(span, pool)
                                        : crm_span_raw(span);
}
