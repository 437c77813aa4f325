/*
 * Values: made, compared, written. See crm_deluge_value.h.
 */

#include "crm_deluge_value.h"

#include "base/crm_base64.h"
#include "base/crm_date.h"
#include "crm_deluge_moment.h"


static int value_equal(const crm_deluge_value_t *a,
    const crm_deluge_value_t *b, unsigned depth, size_t *visits);
static int value_equal_list(const crm_deluge_list_t *a,
    const crm_deluge_list_t *b, unsigned depth, size_t *visits);
static int value_equal_map(const crm_deluge_map_t *a,
    const crm_deluge_map_t *b, unsigned depth, size_t *visits);
static void value_write(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone, int json, unsigned depth);
static void value_write_file(crm_buf_t *buf, const crm_deluge_file_t *file,
    int json);
static void value_write_list(crm_buf_t *buf, const crm_deluge_list_t *list,
    const crm_zone_t *zone, int json, unsigned depth);
static void value_write_map(crm_buf_t *buf, const crm_deluge_map_t *map,
    const crm_zone_t *zone, int json, unsigned depth);


const char *
crm_deluge_type_name(crm_deluge_type_t type)
{
    static const char *const  names[CRM_DELUGE_TYPES] = {
        "NULL", "BOOLEAN", "NUMBER", "DECIMAL", "TEXT", "DATE", "DATE-TIME",
        "TIME", "LIST", "KEY-VALUE", "COLLECTION", "FILE"
    };

    return names[type];
}


crm_deluge_value_t
crm_deluge_null(void)
{
    crm_deluge_value_t  v;

    memset(&v, 0, sizeof(crm_deluge_value_t));

    return v;
}


crm_deluge_value_t
crm_deluge_boolean(int boolean)
{
    crm_deluge_value_t  v;

    v = crm_deluge_null();
    v.type = CRM_DELUGE_BOOLEAN;
    v.u.boolean = boolean != 0;

    return v;
}


crm_deluge_value_t
crm_deluge_number(long long number)
{
    return crm_deluge_moment(CRM_DELUGE_NUMBER, number);
}


crm_deluge_value_t
crm_deluge_text(crm_str_t text)
{
    crm_deluge_value_t  v;

    v = crm_deluge_null();
    v.type = CRM_DELUGE_TEXT;
    v.u.text = text;

    return v;
}


crm_deluge_value_t
crm_deluge_moment(crm_deluge_type_t type, long long n)
{
    crm_deluge_value_t  v;

    v = crm_deluge_null();
    v.type = type;
    v.u.number = n;

    return v;
}


crm_status_t
crm_deluge_from_decimal(crm_deluge_value_t *v, crm_deluge_decimal_t d,
    crm_pool_t *pool)
{
    *v = crm_deluge_null();

    v->u.decimal = crm_pool_alloc(pool, sizeof(crm_deluge_decimal_t));
    if (v->u.decimal == NULL) {
        return CRM_ENOMEM;
    }

    v->type = CRM_DELUGE_DECIMAL;
    *v->u.decimal = d;

    return CRM_OK;
}


crm_status_t
crm_deluge_to_decimal(crm_deluge_decimal_t *d, const crm_deluge_value_t *v)
{
    if (v->type == CRM_DELUGE_NUMBER) {
        *d = crm_deluge_decimal(v->u.number);
        return CRM_OK;
    }

    if (v->type == CRM_DELUGE_DECIMAL) {
        *d = *v->u.decimal;
        return CRM_OK;
    }

    return CRM_DECLINED;
}


int
crm_deluge_is_empty(const crm_deluge_value_t *v)
{
    switch (v->type) {

    case CRM_DELUGE_NULL:
        return 1;
    case CRM_DELUGE_TEXT:
        return v->u.text.len == 0;
    case CRM_DELUGE_LIST:
        return v->u.list->count == 0;
    case CRM_DELUGE_MAP:
        return v->u.map->count == 0;
    case CRM_DELUGE_COLLECTION:
        return crm_deluge_is_empty(&v->u.collection->held);
    default:
        return 0;
    }
}


int
crm_deluge_equal(const crm_deluge_value_t *a, const crm_deluge_value_t *b)
{
    size_t  visits;

    visits = 0;

    return value_equal(a, b, 0, &visits);
}


crm_status_t
crm_deluge_compare(int *order, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b)
{
    crm_deluge_decimal_t  x, y;

    if (crm_deluge_to_decimal(&x, a) == CRM_OK
        && crm_deluge_to_decimal(&y, b) == CRM_OK)
    {
        *order = crm_deluge_decimal_cmp(x, y);
        return CRM_OK;
    }

    if (a->type != b->type) {
        return CRM_DECLINED;
    }

    switch (a->type) {

    case CRM_DELUGE_TEXT:
        *order = crm_str_cmp(a->u.text, b->u.text);
        return CRM_OK;

    case CRM_DELUGE_DATE:
    case CRM_DELUGE_DATETIME:
    case CRM_DELUGE_TIME:
        *order = a->u.number < b->u.number ? -1 : a->u.number > b->u.number;
        return CRM_OK;

    default:
        return CRM_DECLINED;
    }
}


void
crm_deluge_write(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone)
{
    value_write(buf, v, zone, 0, 0);
}


void
crm_deluge_write_json(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone)
{
    value_write(buf, v, zone, 1, 0);
}


static int
value_equal(const crm_deluge_value_t *a, const crm_deluge_value_t *b,
    unsigned depth, size_t *visits)
{
    int  order;

    if (depth == CRM_DELUGE_NESTING || ++*visits > CRM_DELUGE_ITEMS) {
        return 0;
    }

    if (crm_deluge_compare(&order, a, b) == CRM_OK) {
        return order == 0;
    }

    if (a->type != b->type) {
        return 0;
    }

    switch (a->type) {

    case CRM_DELUGE_NULL:
        return 1;
    case CRM_DELUGE_BOOLEAN:
        return a->u.boolean == b->u.boolean;
    case CRM_DELUGE_LIST:
        return value_equal_list(a->u.list, b->u.list, depth, visits);
    case CRM_DELUGE_MAP:
        return value_equal_map(a->u.map, b->u.map, depth, visits);
    case CRM_DELUGE_COLLECTION:
        return (crm_deluge_is_empty(a) && crm_deluge_is_empty(b))
               || value_equal(&a->u.collection->held, &b->u.collection->held,
                              depth, visits);
    default:
        return 0;
    }
}


static int
value_equal_list(const crm_deluge_list_t *a, const crm_deluge_list_t *b,
    unsigned depth, size_t *visits)
{
    size_t  i;

    if (a->count != b->count) {
        return 0;
    }

    for (i = 0; i < a->count; i++) {
        if (!value_equal(&a->items[i], &b->items[i], depth + 1, visits)) {
            return 0;
        }
    }

    return 1;
}


static int
value_equal_map(const crm_deluge_map_t *a, const crm_deluge_map_t *b,
    unsigned depth, size_t *visits)
{
    size_t                     at;
    const crm_deluge_value_t  *other;
    const crm_deluge_entry_t  *entry;

    if (a->count != b->count) {
        return 0;
    }

    for (at = 0; (entry = crm_deluge_map_next(a, &at)) != NULL; /* void */) {
        other = crm_deluge_map_get(b, entry->key);

        if (other == NULL
            || !value_equal(&entry->value, other, depth + 1, visits))
        {
            return 0;
        }
    }

    return 1;
}


/* A text inside a list or map is quoted, as the vendor's runtime shows it. */
static void
value_write(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone, int json, unsigned depth)
{
    int   offset_s;
    char  text[CRM_DELUGE_DECIMAL_LEN], when[CRM_DELUGE_MOMENT_LEN];

    switch (v->type) {

    case CRM_DELUGE_NULL:
        crm_buf_puts(buf, json || depth ? "null" : "");
        break;

    case CRM_DELUGE_BOOLEAN:
        crm_buf_puts(buf, v->u.boolean ? "true" : "false");
        break;

    case CRM_DELUGE_NUMBER:
        crm_buf_int(buf, v->u.number);
        break;

    case CRM_DELUGE_DECIMAL:
        crm_buf_str(buf, crm_deluge_decimal_text(text, *v->u.decimal));
        break;

    case CRM_DELUGE_TEXT:
        if (json || depth) {
            crm_buf_json(buf, v->u.text);
        } else {
            crm_buf_str(buf, v->u.text);
        }

        break;

    case CRM_DELUGE_LIST:
        value_write_list(buf, v->u.list, zone, json, depth);
        break;

    case CRM_DELUGE_MAP:
        value_write_map(buf, v->u.map, zone, json, depth);
        break;

    case CRM_DELUGE_COLLECTION:
        if (v->u.collection->held.type == CRM_DELUGE_NULL) {
            crm_buf_puts(buf, "[]");
        } else {
            value_write(buf, &v->u.collection->held, zone, json, depth);
        }

        break;

    case CRM_DELUGE_FILE:
        value_write_file(buf, v->u.file, json);
        break;

    default:
        offset_s = v->type == CRM_DELUGE_DATETIME
                   ? crm_zone_offset(zone, v->u.number) : 0;

        if (json || depth) {
            crm_buf_json(buf, crm_deluge_moment_text(when, v, offset_s));
        } else {
            crm_buf_str(buf, crm_deluge_moment_text(when, v, offset_s));
        }

        break;
    }
}


static void
value_write_file(crm_buf_t *buf, const crm_deluge_file_t *file, int json)
{
    if (!json) {
        crm_buf_str(buf, file->name);
        return;
    }

    crm_buf_puts(buf, "{\"file.name\":");
    crm_buf_json(buf, file->name);
    crm_buf_puts(buf, ",\"file.type\":");
    crm_buf_json(buf, file->type);
    crm_buf_puts(buf, ",\"file.base64\":\"");
    crm_base64_encode(buf, file->bytes, CRM_BASE64);
    crm_buf_puts(buf, "\"}");
}


static void
value_write_list(crm_buf_t *buf, const crm_deluge_list_t *list,
    const crm_zone_t *zone, int json, unsigned depth)
{
    size_t  i;

    if (depth == CRM_DELUGE_NESTING) {
        buf->status = CRM_ELIMIT;
        return;
    }

    crm_buf_putc(buf, '[');

    for (i = 0; i < list->count && buf->status == CRM_OK; i++) {

        if (i) {
            crm_buf_putc(buf, ',');
        }

        value_write(buf, &list->items[i], zone, json, depth + 1);
    }

    crm_buf_putc(buf, ']');
}


static void
value_write_map(crm_buf_t *buf, const crm_deluge_map_t *map,
    const crm_zone_t *zone, int json, unsigned depth)
{
    size_t                     at;
    const char                *comma;
    const crm_deluge_entry_t  *entry;

    if (depth == CRM_DELUGE_NESTING) {
        buf->status = CRM_ELIMIT;
        return;
    }

    crm_buf_putc(buf, '{');

    at = 0;
    comma = "";

    while (buf->status == CRM_OK
           && (entry = crm_deluge_map_next(map, &at)) != NULL)
    {
        crm_buf_puts(buf, comma);
        crm_buf_json(buf, entry->key);
        crm_buf_putc(buf, ':');
        value_write(buf, &entry->value, zone, json, depth + 1);

        comma = ",";
    }

    crm_buf_putc(buf, '}');
}
