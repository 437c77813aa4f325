/*
 * JSON to values: see crm_deluge.h.
 */

#include "crm_deluge.h"
#include "crm_deluge_utf8.h"


typedef struct {
    const char  *p;
    const char  *end;
    unsigned     depth;
    crm_pool_t  *pool;
} json_t;


static crm_status_t json_value(json_t *json, crm_deluge_value_t *v);
static crm_status_t json_array(json_t *json, crm_deluge_value_t *v);
static crm_status_t json_object(json_t *json, crm_deluge_value_t *v);
static crm_status_t json_string(json_t *json, crm_str_t *s);
static crm_status_t json_escape(json_t *json, crm_buf_t *buf);
static crm_status_t json_unicode(json_t *json, uint32_t *point);
static crm_status_t json_number(json_t *json, crm_deluge_value_t *v);
static crm_status_t json_word(json_t *json, const char *word);
static void json_space(json_t *json);
static void json_utf8(crm_buf_t *buf, uint32_t point);


crm_status_t
crm_deluge_json(crm_deluge_value_t *v, crm_str_t text, crm_pool_t *pool)
{
    json_t        json;
    crm_status_t  rc;

    json.p = text.data;
    json.end = text.data + text.len;
    json.depth = 0;
    json.pool = pool;

    *v = crm_deluge_null();

    if (crm_deluge_utf8_valid(text) != text.len) {
        return CRM_EINVAL;
    }

    rc = json_value(&json, v);
    json_space(&json);

    return rc == CRM_OK && json.p != json.end ? CRM_EINVAL : rc;
}


static crm_status_t
json_value(json_t *json, crm_deluge_value_t *v)
{
    crm_str_t     s;
    crm_status_t  rc;

    json_space(json);

    if (json->p == json->end) {
        return CRM_EINVAL;
    }

    switch (*json->p) {

    case '{':
    case '[':
        if (json->depth == CRM_DELUGE_NESTING) {
            return CRM_ELIMIT;
        }

        json->depth++;
        rc = *json->p == '{' ? json_object(json, v) : json_array(json, v);
        json->depth--;

        return rc;

    case '"':
        rc = json_string(json, &s);
        *v = crm_deluge_text(s);
        return rc;

    case 't':
        *v = crm_deluge_boolean(1);
        return json_word(json, "true");

    case 'f':
        *v = crm_deluge_boolean(0);
        return json_word(json, "false");

    case 'n':
        *v = crm_deluge_null();
        return json_word(json, "null");

    default:
        return json_number(json, v);
    }
}


static crm_status_t
json_array(json_t *json, crm_deluge_value_t *v)
{
    char                 c;
    crm_status_t         rc;
    crm_deluge_value_t   item;

    v->type = CRM_DELUGE_LIST;
    v->u.list = crm_deluge_list(json->pool);
    if (v->u.list == NULL) {
        return CRM_ENOMEM;
    }

    json->p++;
    json_space(json);

    if (json->p < json->end && *json->p == ']') {
        json->p++;
        return CRM_OK;
    }

    for ( ;; ) {
        rc = json_value(json, &item);

        if (rc == CRM_OK) {
            rc = crm_deluge_list_push(v->u.list, item, json->pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }

        json_space(json);
        c = json->p < json->end ? *json->p++ : '\0';

        if (c == ']') {
            return CRM_OK;
        }

        if (c != ',') {
            return CRM_EINVAL;
        }
    }
}


/* The last of two equal keys holds. */
static crm_status_t
json_object(json_t *json, crm_deluge_value_t *v)
{
    char                c;
    crm_str_t           key;
    crm_status_t        rc;
    crm_deluge_value_t  item;

    v->type = CRM_DELUGE_MAP;
    v->u.map = crm_deluge_map(json->pool);
    if (v->u.map == NULL) {
        return CRM_ENOMEM;
    }

    json->p++;
    json_space(json);

    if (json->p < json->end && *json->p == '}') {
        json->p++;
        return CRM_OK;
    }

    for ( ;; ) {
        json_space(json);
        rc = json_string(json, &key);

        json_space(json);

        if (rc == CRM_OK && (json->p == json->end || *json->p++ != ':')) {
            rc = CRM_EINVAL;
        }

        if (rc == CRM_OK) {
            rc = json_value(json, &item);
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_map_put(v->u.map, key, item, json->pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }

        json_space(json);
        c = json->p < json->end ? *json->p++ : '\0';

        if (c == '}') {
            return CRM_OK;
        }

        if (c != ',') {
            return CRM_EINVAL;
        }
    }
}


static crm_status_t
json_string(json_t *json, crm_str_t *s)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    if (json->p == json->end || *json->p != '"') {
        return CRM_EINVAL;
    }

    json->p++;
    crm_buf_init(&buf, json->pool, 0);

    while (json->p < json->end && *json->p != '"') {

        if ((unsigned char) *json->p < 0x20) {
            return CRM_EINVAL;
        }

        if (*json->p != '\\') {
            crm_buf_putc(&buf, *json->p++);
            continue;
        }

        json->p++;

        rc = json_escape(json, &buf);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (json->p == json->end) {
        return CRM_EINVAL;
    }

    json->p++;

    if (crm_buf_status(&buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    *s = crm_buf_view(&buf);

    return CRM_OK;
}


static crm_status_t
json_escape(json_t *json, crm_buf_t *buf)
{
    char         c;
    uint32_t     point, low;
    const char  *p;

    static const char  from[] = "\"\\/bfnrt";
    static const char  to[] = "\"\\/\b\f\n\r\t";

    if (json->p == json->end) {
        return CRM_EINVAL;
    }

    c = *json->p++;
    p = c ? strchr(from, c) : NULL;

    if (p) {
        crm_buf_putc(buf, to[p - from]);
        return CRM_OK;
    }

    if (c != 'u' || json_unicode(json, &point) != CRM_OK) {
        return CRM_EINVAL;
    }

    if (point >= 0xd800 && point < 0xdc00) {

        if (json->end - json->p < 2 || json->p[0] != '\\' || json->p[1] != 'u')
        {
            return CRM_EINVAL;
        }

        json->p += 2;

        if (json_unicode(json, &low) != CRM_OK || low < 0xdc00
            || low > 0xdfff)
        {
            return CRM_EINVAL;
        }

        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);

    } else if (point >= 0xdc00 && point < 0xe000) {
        return CRM_EINVAL;
    }

    json_utf8(buf, point);

    return CRM_OK;
}


static crm_status_t
json_unicode(json_t *json, uint32_t *point)
{
    char  c;
    int   i;

    *point = 0;

    for (i = 0; i < 4; i++) {

        if (json->p == json->end) {
            return CRM_EINVAL;
        }

        c = *json->p++;

        if (c >= '0' && c <= '9') {
            *point = *point << 4 | (uint32_t) (c - '0');

        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            *point = *point << 4 | (uint32_t) ((c | 0x20) - 'a' + 10);

        } else {
            return CRM_EINVAL;
        }
    }

    return CRM_OK;
}


/* Whole ones that fit are NUMBERs. */
static crm_status_t
json_number(json_t *json, crm_deluge_value_t *v)
{
    long long              n;
    const char            *from;
    crm_str_t              text;
    crm_status_t           rc;
    crm_deluge_decimal_t   d;

    from = json->p;

    while (json->p < json->end && *json->p
           && strchr("+-0123456789.eE", *json->p))
    {
        json->p++;
    }

    text = crm_str(from, (size_t) (json->p - from));

    if (text.len == 0 || text.data[0] == '+') {
        return CRM_EINVAL;
    }

    rc = crm_deluge_decimal_parse(&d, text);
    if (rc != CRM_OK) {
        return CRM_EINVAL;
    }

    if (memchr(text.data, '.', text.len) == NULL
        && crm_deluge_decimal_whole(d, &n))
    {
        *v = crm_deluge_number(n);
        return CRM_OK;
    }

    return crm_deluge_from_decimal(v, d, json->pool);
}


static crm_status_t
json_word(json_t *json, const char *word)
{
    size_t  n;

    n = strlen(word);

    if ((size_t) (json->end - json->p) < n || memcmp(json->p, word, n) != 0) {
        return CRM_EINVAL;
    }

    json->p += n;

    return CRM_OK;
}


static void
json_space(json_t *json)
{
    while (json->p < json->end && *json->p && strchr(" \t\r\n", *json->p)) {
        json->p++;
    }
}


static void
json_utf8(crm_buf_t *buf, uint32_t point)
{
    if (point < 0x80) {
        crm_buf_putc(buf, (char) point);
        return;
    }

    if (point < 0x800) {
        crm_buf_putc(buf, (char) (0xc0 | point >> 6));

    } else if (point < 0x10000) {
        crm_buf_putc(buf, (char) (0xe0 | point >> 12));
        crm_buf_putc(buf, (char) (0x80 | (point >> 6 & 0x3f)));

    } else {
        crm_buf_putc(buf, (char) (0xf0 | point >> 18));
        crm_buf_putc(buf, (char) (0x80 | (point >> 12 & 0x3f)));
        crm_buf_putc(buf, (char) (0x80 | (point >> 6 & 0x3f)));
    }

    crm_buf_putc(buf, (char) (0x80 | (point & 0x3f)));
}
