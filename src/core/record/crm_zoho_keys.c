/*
 * zoho: by which fields an upsert looks for the records that it updates.
 *
 *     POST v8/Leads/upsert   {"data":[...],"duplicate_check_fields":["Email"]}
 *     GET  v8/Leads/search?criteria=((Email:equals:a)or(Email:equals:b))
 *
 * Without such fields the vendor takes its own field of the module, and behind
 * it those that the organisation has made unique, which nobody here knows: so
 * the field that was looked at is what is sent along. The field of X-EXTERNAL
 * comes in front of those that are named, and instead of the vendor's.
 */

#include "record/crm_zoho.h"

#include "base/crm_map.h"
#include "record/crm_resolve.h"


/* The vendor's limits: fields, conditions of one search. */
#define KEYS_MAX_FIELDS      10
#define KEYS_MAX_CONDITIONS  10

/* Bytes of a field's name and of a value, and about those of a search. */
#define KEYS_MAX_NAME        64
#define KEYS_MAX_VALUE       255
#define KEYS_MAX_QUERY       4000


typedef struct {
    const crm_dialect_file_t  *file;
    crm_request_t      *request;
    const crm_route_t  *route;
    crm_map_t           known;          /* leases of keys */
    crm_pool_t         *pool;
    crm_refusal_t      *refusal;
} keys_t;


static crm_status_t keys_fields(keys_t *k, crm_span_t fields);
static crm_status_t keys_default(keys_t *k, crm_span_t fields);
static crm_str_t keys_of_module(const crm_dialect_file_t *file,
    crm_str_t module);
static crm_status_t keys_item(keys_t *k, size_t i);
static crm_status_t keys_value(keys_t *k, size_t i, crm_str_t field,
    crm_span_t span);
static crm_status_t keys_refuse(keys_t *k, const char *at, crm_str_t where,
    const char *reason);
static void seek_condition(crm_buf_t *buf, const crm_resolve_key_t *key);


crm_status_t
crm_zoho_keys(const crm_dialect_file_t *file, crm_request_t *request,
    const crm_route_t *route, crm_span_t fields, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t        i;
    keys_t        k;
    crm_status_t  rc;

    k.file = file;
    k.request = request;
    k.route = route;
    k.pool = pool;
    k.refusal = refusal;

    crm_map_init(&k.known, pool);

    request->resolve = crm_pool_calloc(pool, 1, sizeof(crm_resolve_t));
    if (request->resolve == NULL) {
        return CRM_ENOMEM;
    }

    request->resolve->list = "$.data";
    request->resolve->address = 1;
    request->resolve->fields = crm_pool_calloc(pool, KEYS_MAX_FIELDS + 1,
                                               sizeof(crm_str_t));
    if (request->resolve->fields == NULL) {
        return CRM_ENOMEM;
    }

    if (route->field.len) {
        request->resolve->fields[0] = route->field;
        request->resolve->fields_count = 1;
    }

    rc = keys_fields(&k, fields);
    if (rc != CRM_OK) {
        return rc;
    }

    request->resolve->keys = crm_pool_calloc(pool, request->count
                                             * request->resolve->fields_count,
                                             sizeof(crm_resolve_key_t));
    if (request->resolve->keys == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; rc == CRM_OK && i < request->count; i++) {
        rc = keys_item(&k, i);
    }

    return rc;
}


static crm_status_t
keys_fields(keys_t *k, crm_span_t fields)
{
    size_t          i, own, named, cursor;
    crm_str_t       name;
    crm_span_t      span;
    crm_resolve_t  *resolve;

    resolve = k->request->resolve;

    if (fields.type != CRM_JSON_NONE && fields.type != CRM_JSON_NULL
        && fields.type != CRM_JSON_ARRAY)
    {
        return keys_refuse(k, fields.data, CRM_STR("$.duplicate_check_fields"),
                           "duplicate_check_fields must be an array of names");
    }

    cursor = 0;
    named = 0;
    own = resolve->fields_count;

    while (fields.type == CRM_JSON_ARRAY
           && crm_span_next(fields, &cursor, NULL, &span))
    {
        name = span.type == CRM_JSON_STRING ? crm_span_text(span, k->pool)
                                            : CRM_STR("");
        if (name.data == NULL) {
            return CRM_ENOMEM;
        }

        if (!crm_zoho_keys_is_name(name) || crm_str_is(name, "id")) {
            return keys_refuse(k, span.data,
                               CRM_STR("$.duplicate_check_fields"),
                               "duplicate_check_fields must be an array of"
                               " names of fields, none of them id");
        }

        if (named++ == KEYS_MAX_FIELDS) {
            return keys_refuse(k, span.data,
                               CRM_STR("$.duplicate_check_fields"),
                               "at most 10 fields can be checked");
        }

        for (i = own; i < resolve->fields_count; i++) {
            if (crm_str_eq(resolve->fields[i], name)) {
                return keys_refuse(k, span.data,
                                   CRM_STR("$.duplicate_check_fields"),
                                   "a field stands twice");
            }
        }

        if (own == 0 || !crm_str_eq(resolve->fields[0], name)) {
            resolve->fields[resolve->fields_count++] = name;
        }
    }

    return named ? CRM_OK : keys_default(k, fields);
}


/* The backend is told, so that it looks where we did and nowhere else. */
static crm_status_t
keys_default(keys_t *k, crm_span_t fields)
{
    crm_buf_t       buf;
    crm_str_t       field;
    crm_request_t  *request;

    request = k->request;
    field = k->route->field.len ? k->route->field
            : keys_of_module(k->file, k->route->module);

    if (field.len == 0) {
        return keys_refuse(k, fields.data, CRM_STR("$.duplicate_check_fields"),
                           "by which field the CRM finds records of this"
                           " module is not known; name it in"
                           " duplicate_check_fields");
    }

    request->resolve->fields[0] = field;
    request->resolve->fields_count = 1;

    crm_buf_init(&buf, k->pool, 0);

    if (fields.type == CRM_JSON_NONE) {

        /* in front of the first member: data is one */

        request->also = crm_str(memchr(request->text.data, '{',
                                       request->text.len), 0);
        request->also.data++;
        crm_buf_puts(&buf, "\"duplicate_check_fields\":[\"");
        crm_buf_str(&buf, field);
        crm_buf_puts(&buf, "\"],");

    } else {
        request->also = crm_span_raw(fields);
        crm_buf_puts(&buf, "[\"");
        crm_buf_str(&buf, field);
        crm_buf_puts(&buf, "\"]");
    }

    request->also_forward = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* The backend's own field, by the file; empty: it is not known. */
static crm_str_t
keys_of_module(const crm_dialect_file_t *file, crm_str_t module)
{
    unsigned   i;
    crm_str_t  other;

    other = CRM_STR("");

    for (i = 0; i < file->duplicates_count; i++) {
        if (crm_str_eq(file->duplicates[i].name, module)) {
            return file->duplicates[i].to;
        }

        if (crm_str_is(file->duplicates[i].name, "*")) {
            other = file->duplicates[i].to;
        }
    }

    return other;
}


static crm_status_t
keys_item(keys_t *k, size_t i)
{
    size_t              n;
    crm_status_t        rc;
    crm_resolve_t      *resolve;
    const crm_field_t  *field;

    rc = CRM_OK;
    resolve = k->request->resolve;

    if (k->route->field.len && k->request->items[i].record_id.len) {
        return keys_refuse(k, k->request->items[i].place.data,
                           CRM_STR("$.data"), "with X-EXTERNAL a record is"
                           " named by that field, not by an id as well");
    }

    for (n = 0; rc == CRM_OK && n < resolve->fields_count; n++) {
        field = crm_record_field(k->request->items[i].record,
                                 resolve->fields[n]);

        if (field && !crm_value_span_empty(field->value)) {
            rc = keys_value(k, i, resolve->fields[n], field->value);
        }
    }

    return rc;
}


static crm_status_t
keys_value(keys_t *k, size_t i, crm_str_t field, crm_span_t span)
{
    crm_str_t     text, where;
    crm_status_t  rc;

    text = crm_span_text(span, k->pool);
    where = crm_pool_printf(k->pool, "$.data[%lu].%.*s", (unsigned long) i,
                            (int) field.len, field.data);

    if (text.data == NULL || where.data == NULL) {
        return CRM_ENOMEM;
    }

    if (!crm_zoho_keys_expressible(span, text)) {
        return keys_refuse(k, span.data, where,
                           "the CRM cannot be asked for this value: it must"
                           " be a text of 1 to 255 bytes, without backslashes,"
                           " control characters and outer blanks, or a whole"
                           " number");
    }

    rc = crm_resolve_add(k->request, &k->known, field, text, i, k->pool);

    return rc == CRM_DECLINED
           ? keys_refuse(k, span.data, where,
                         "another record of this request has the same value"
                         " in a field by which records are found")
           : rc;
}


/* What the vendor's criteria can say, and what they say for sure. */
int
crm_zoho_keys_expressible(crm_span_t span, crm_str_t text)
{
    size_t         i;
    unsigned char  c;

    if (text.len == 0 || text.len > KEYS_MAX_VALUE) {
        return 0;
    }

    if (span.type == CRM_JSON_NUMBER) {
        i = text.len > 1 && text.data[0] == '-';

        if (text.data[i] == '0' && text.len > 1) {
            return 0;
        }

        for ( /* void */ ; i < text.len; i++) {
            if (text.data[i] < '0' || text.data[i] > '9') {
                return 0;
            }
        }

        return 1;
    }

    if (span.type != CRM_JSON_STRING || text.data[0] == ' '
        || text.data[text.len - 1] == ' '
        || (text.len > 1 && text.data[0] == '$' && text.data[1] == '{'))
    {
        return 0;                   /* ${EMPTY} is a word of the grammar */
    }

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c < 0x20 || c == 0x7f || c == '\\') {
            return 0;
        }
    }

    return 1;
}


int
crm_zoho_keys_is_name(crm_str_t name)
{
    size_t  i;

    if (name.len == 0 || name.len > KEYS_MAX_NAME
        || (name.data[0] | 0x20) < 'a' || (name.data[0] | 0x20) > 'z')
    {
        return 0;
    }

    for (i = 0; i < name.len; i++) {
        if (!((name.data[i] | 0x20) >= 'a' && (name.data[i] | 0x20) <= 'z')
            && !(name.data[i] >= '0' && name.data[i] <= '9')
            && name.data[i] != '_')
        {
            return 0;
        }
    }

    return 1;
}


static crm_status_t
keys_refuse(keys_t *k, const char *at, crm_str_t where, const char *reason)
{
    crm_dialect_refusal(k->refusal, CRM_REFUSE_BODY, reason);

    k->refusal->module = k->route->module;
    k->refusal->where = where;

    if (at) {
        k->refusal->offset = (size_t) (at - k->request->text.data);
    }

    return CRM_EINVAL;
}


/* As many keys at once as the vendor takes; one where together they could not
 * be told apart. */
crm_status_t
crm_zoho_seek(crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool)
{
    size_t           i, most;
    crm_buf_t        buf;
    crm_resolve_t   *resolve;

    resolve = request->resolve;

    most = resolve->answered < resolve->alone ? 1 : KEYS_MAX_CONDITIONS;

    if (most > resolve->count - resolve->answered) {
        most = resolve->count - resolve->answered;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "fields=");

    for (i = 0; i < resolve->fields_count; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_dialect_encode(&buf, resolve->fields[i]);
    }

    crm_buf_puts(&buf, most > 1 ? "&criteria=(" : "&criteria=");

    for (i = 0; i < most && (i == 0 || buf.len < KEYS_MAX_QUERY); i++) {
        crm_buf_puts(&buf, i ? "or" : "");
        seek_condition(&buf, &resolve->keys[resolve->answered + i]);
    }

    crm_buf_puts(&buf, most > 1 ? ")" : "");

    resolve->asked = i;
    target->query = crm_buf_view(&buf);

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_buf_status(&buf);
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, route->get_path);
    crm_buf_puts(&buf, "/search");
    target->path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* (Email:equals:x): what has a meaning there stands behind a backslash. */
static void
seek_condition(crm_buf_t *buf, const crm_resolve_key_t *key)
{
    char    c;
    size_t  i;

    crm_buf_putc(buf, '(');
    crm_dialect_encode(buf, key->field);
    crm_buf_puts(buf, ":equals:");

    for (i = 0; i < key->value.len; i++) {
        c = key->value.data[i];

        if (c == '(' || c == ')' || c == ',') {
            crm_buf_puts(buf, "%5C");
        }

        crm_dialect_encode(buf, crm_str(&c, 1));
    }

    crm_buf_putc(buf, ')');
}
