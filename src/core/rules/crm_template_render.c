/*
 * Merge fields, filled in and escaped.
 */

#include "rules/crm_template_part.h"


static crm_status_t template_value(const crm_template_part_t *part,
    const crm_merge_t *merge, crm_pool_t *pool, crm_str_t *value, int *found);
static crm_status_t template_part_of(const crm_template_part_t *part,
    crm_span_t *span, crm_span_t whole, crm_pool_t *pool);
static crm_status_t template_token_value(const crm_template_part_t *part,
    const crm_merge_t *merge, crm_pool_t *pool, crm_str_t *value, int *found);
static crm_str_t template_span_text(crm_span_t span, crm_pool_t *pool);


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

        if (crm_template_part_is_plain(part)) {
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
