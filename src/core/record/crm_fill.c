/*
 * Templates: text with places that are filled.
 */

#include "record/crm_fill.h"

#include "record/crm_dialect_kind.h"
#include "record/crm_file.h"


/* Of one template: an error's body has about fifteen. */
#define FILL_MAX_PARTS  64


static const char *fill_place(crm_fill_var_t *var, crm_str_t name,
    unsigned allowed);
static crm_status_t fill_pointer(crm_str_t *pointer, crm_fill_var_t var,
    crm_str_t name, crm_pool_t *pool, crm_error_t *err);
static crm_status_t fill_text(crm_fill_t *fill, crm_buf_t *text, int json,
    crm_pool_t *pool);
static crm_status_t fill_push(crm_fill_t *fill, crm_fill_var_t var, int raw,
    crm_str_t text, crm_pool_t *pool);
static void fill_body(crm_buf_t *buf, const crm_fill_part_t *part,
    crm_span_t body, crm_fill_as_t as);
static void fill_value(crm_buf_t *buf, crm_str_t value, crm_fill_as_t as);


/* By crm_fill_var_t. */
static const char *const  fill_names[CRM_FILL_COUNT] = {
    "", "code", "message", "title", "status", "rule", "module", "id", "ids",
    "field", "fields", "event", "request_id", "fields_json", "v",
    "value", "tags_json", "id_json", "ids_json", "query", "body:",
    "more_fields", "tag_objects_json", "after", "offset"
};

/* Places that are JSON values by themselves. */
#define FILL_VALUES  (CRM_FILL_BIT(CRM_FILL_STATUS)                           \
                      | CRM_FILL_BIT(CRM_FILL_FIELDS)                         \
                      | CRM_FILL_BIT(CRM_FILL_FIELDS_JSON)                    \
                      | CRM_FILL_BIT(CRM_FILL_TAGS_JSON)                      \
                      | CRM_FILL_BIT(CRM_FILL_ID_JSON)                        \
                      | CRM_FILL_BIT(CRM_FILL_IDS_JSON)                       \
                      | CRM_FILL_BIT(CRM_FILL_TAG_OBJECTS)                    \
                      | CRM_FILL_BIT(CRM_FILL_BODY))


const char *
crm_fill_name(crm_fill_var_t var)
{
    return fill_names[var];
}


crm_status_t
crm_fill_add(crm_fill_t *fill, crm_str_t text, unsigned allowed, int json,
    crm_pool_t *pool, crm_error_t *err)
{
    int              raw;
    size_t           i;
    crm_str_t        pointer;
    crm_buf_t        plain;
    crm_status_t     rc;
    const char      *end, *fault;
    crm_fill_var_t   var;

    crm_buf_init(&plain, pool, 0);

    for (i = 0; i < text.len; i++) {

        if (text.data[i] != '{' && text.data[i] != '}') {
            crm_buf_putc(&plain, text.data[i]);
            continue;
        }

        if (i + 1 < text.len && text.data[i + 1] == text.data[i]) {
            crm_buf_putc(&plain, text.data[i++]);
            continue;
        }

        end = text.data[i] == '{' ? memchr(text.data + i, '}', text.len - i)
                                  : NULL;
        if (end == NULL) {
            return crm_error_set(err, CRM_EINVAL, i, "", "a brace that opens"
                                 " or closes no place; one that is meant is"
                                 " written twice");
        }

        fault = fill_place(&var, crm_str(text.data + i + 1,
                               (size_t) (end - text.data) - i - 1), allowed);
        if (fault) {
            return crm_error_set(err, CRM_EINVAL, i, "", "%.*s %s",
                                 (int) (end - text.data - (long) i + 1),
                                 text.data + i, fault);
        }

        rc = fill_text(fill, &plain, json, pool);
        if (rc == CRM_OK) {
            raw = json ? i == 0 && end == text.data + text.len - 1
                         && (FILL_VALUES & CRM_FILL_BIT(var))
                       : var == CRM_FILL_IDS || var == CRM_FILL_QUERY
                         || var == CRM_FILL_MORE_FIELDS;
            rc = fill_pointer(&pointer, var, crm_str(text.data + i + 1,
                                  (size_t) (end - text.data) - i - 1), pool,
                              err);
        }

        if (rc == CRM_OK) {
            rc = fill_push(fill, var, raw, pointer, pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }

        i = (size_t) (end - text.data);
    }

    return fill_text(fill, &plain, json, pool);
}


crm_status_t
crm_fill_literal(crm_fill_t *fill, crm_str_t text, crm_pool_t *pool)
{
    text = crm_pool_dup(pool, text);

    return text.data ? fill_push(fill, CRM_FILL_TEXT, 0, text, pool)
                     : CRM_ENOMEM;
}


void
crm_fill_write(crm_buf_t *buf, const crm_fill_t *fill,
    const crm_fill_values_t *values, crm_fill_as_t as)
{
    unsigned                i;
    const crm_fill_part_t  *part;

    for (i = 0; i < fill->count; i++) {
        part = &fill->parts[i];

        if (part->var == CRM_FILL_TEXT) {
            crm_buf_str(buf, part->text);

        } else if (part->var == CRM_FILL_BODY) {
            fill_body(buf, part, values->body, as);

        } else if (part->raw) {
            crm_buf_str(buf, values->vars[part->var]);

        } else {
            fill_value(buf, values->vars[part->var], as);
        }
    }
}


/* NULL, or what is wrong with the place. */
static const char *
fill_place(crm_fill_var_t *var, crm_str_t name, unsigned allowed)
{
    unsigned  i;

    for (i = CRM_FILL_TEXT + 1; i < CRM_FILL_COUNT; i++) {
        if (i == CRM_FILL_BODY ? name.len > 5
                                 && memcmp(name.data, "body:", 5) == 0
                               : crm_str_is(name, fill_names[i]))
        {
            *var = (crm_fill_var_t) i;

            return allowed & CRM_FILL_BIT(i) ? NULL
                   : "has no value in this template";
        }
    }

    return "is no place that is known";
}


/* "/a" of "body:/a"; nothing of other places. */
static crm_status_t
fill_pointer(crm_str_t *pointer, crm_fill_var_t var, crm_str_t name,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_status_t   rc;
    crm_pointer_t  parsed;

    *pointer = CRM_STR_NULL;

    if (var != CRM_FILL_BODY) {
        return CRM_OK;
    }

    memset(&parsed, 0, sizeof(crm_pointer_t));

    rc = crm_pointer_parse(&parsed, crm_str(name.data + 5, name.len - 5),
                           pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (parsed.each) {
        return crm_error_set(err, CRM_EINVAL, 0, "", "a place is one value:"
                             " its pointer has no \"*\"");
    }

    *pointer = crm_pool_dup(pool, crm_str(name.data + 5, name.len - 5));

    return pointer->data ? CRM_OK : CRM_ENOMEM;
}


/* What has been gathered becomes a part. */
static crm_status_t
fill_text(crm_fill_t *fill, crm_buf_t *text, int json, crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    if (crm_buf_status(text) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (text->len == 0) {
        return CRM_OK;
    }

    crm_buf_init(&buf, pool, 0);

    if (json) {
        crm_buf_json_text(&buf, crm_buf_view(text));

    } else {
        crm_buf_str(&buf, crm_buf_view(text));
    }

    text->len = 0;

    if (crm_buf_status(&buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    rc = fill_push(fill, CRM_FILL_TEXT, 0, crm_buf_view(&buf), pool);

    return rc;
}


/* Texts one behind the other become one. */
static crm_status_t
fill_push(crm_fill_t *fill, crm_fill_var_t var, int raw, crm_str_t text,
    crm_pool_t *pool)
{
    crm_str_t         both[2];
    crm_fill_part_t  *parts;

    if (fill->parts == NULL) {
        fill->parts = crm_pool_calloc(pool, FILL_MAX_PARTS,
                                      sizeof(crm_fill_part_t));
        if (fill->parts == NULL) {
            return CRM_ENOMEM;
        }
    }

    /* ours: nobody has seen it yet */

    parts = (crm_fill_part_t *) fill->parts;

    if (var == CRM_FILL_TEXT && fill->count
        && parts[fill->count - 1].var == CRM_FILL_TEXT)
    {
        both[0] = parts[fill->count - 1].text;
        both[1] = text;
        text = crm_pool_concat(pool, both, 2);
        parts[fill->count - 1].text = text;

        return text.data ? CRM_OK : CRM_ENOMEM;
    }

    if (fill->count == FILL_MAX_PARTS) {
        return CRM_ELIMIT;
    }

    parts[fill->count].var = var;
    parts[fill->count].raw = raw;
    parts[fill->count].text = text;

    fill->count++;
    fill->uses |= CRM_FILL_BIT(var);

    return CRM_OK;
}


/* Nothing there: null where it is a whole value, else no text. */
static void
fill_body(crm_buf_t *buf, const crm_fill_part_t *part, crm_span_t body,
    crm_fill_as_t as)
{
    crm_span_t     value;
    crm_pointer_t  pointer;

    memset(&pointer, 0, sizeof(crm_pointer_t));

    if (crm_pointer_parse(&pointer, part->text, buf->pool, NULL) != CRM_OK) {
        buf->status = CRM_ENOMEM;       /* it has been parsed before */
        return;
    }

    value = body.type == CRM_JSON_NONE ? body
                                       : crm_pointer_get(&pointer, body);

    if (part->raw) {
        crm_buf_str(buf, value.type == CRM_JSON_NONE ? CRM_STR("null")
                                                     : crm_span_raw(value));

    } else {
        fill_value(buf, crm_file_scalar(value, buf->pool), as);
    }
}


static void
fill_value(crm_buf_t *buf, crm_str_t value, crm_fill_as_t as)
{
    size_t         i;
    unsigned char  c;

    switch (as) {

    case CRM_FILL_AS_URL:
        crm_dialect_encode(buf, value);
        break;

    case CRM_FILL_AS_JSON:
        crm_dialect_put(buf, value);
        break;

    case CRM_FILL_AS_HEADER:
        for (i = 0; i < value.len; i++) {
            c = (unsigned char) value.data[i];
            crm_buf_putc(buf, c < 0x20 || c == 0x7f ? ' ' : (char) c);
        }
        break;

    default:
        crm_buf_str(buf, value);
        break;
    }
}
