/*
 * A leaf of criteria, as people write it, to a predicate that all rules of a
 * CRM module share.
 *
 * Both sides get one type to be read as: the declared one of the field, else
 * that of the other field, else none. Predicates on dates are no key of the
 * index: two texts that are far apart may be one instant.
 */

#include "rules/crm_shape.h"

#include <stdlib.h>

#include "base/crm_limits.h"


static const char *const  value_types[] = {
    "value", "field", "pre_defined", "merge_field", NULL
};

static const crm_key_t  leaf_keys[] = {
    { "field", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "comparator", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "type", CRM_KEY_WORD, 0, 0, 0, value_types },
    { NULL, CRM_KEY_ANY, 0, 0, 0, NULL }
};

/* A leaf under construction. */
typedef struct {
    crm_predicate_t   p;
    crm_compile_t    *cc;
    crm_buf_t         key;
    int               fields;       /* type: field */
    int               tokens;       /* type: pre_defined, merge_field */
} leaf_t;


static crm_status_t leaf_field(leaf_t *l, unsigned *slot, const json_t *json,
    const char *path);
static crm_status_t leaf_comparator(leaf_t *l, const json_t *json,
    const char *path);
static crm_status_t leaf_comparator_error(leaf_t *l, const char *name,
    const char *path);
static crm_status_t leaf_value(leaf_t *l, const json_t *json,
    const char *path);
static crm_status_t leaf_count_error(leaf_t *l, const char *path);
static crm_status_t leaf_operand(leaf_t *l, crm_operand_t *operand,
    const json_t *json, const char *path);
static crm_status_t leaf_constant(leaf_t *l, crm_operand_t *operand,
    const json_t *json, const char *path);
static crm_status_t leaf_as_written(leaf_t *l, crm_operand_t *operand,
    const json_t *json, const char *path);
static crm_status_t leaf_empty(leaf_t *l, crm_operand_t *operand,
    const char *path);
static crm_status_t leaf_other_field(leaf_t *l, crm_operand_t *operand,
    const json_t *json, const char *path);
static crm_status_t leaf_token(leaf_t *l, crm_operand_t *operand,
    crm_str_t text, const char *path);
static crm_status_t leaf_owner(leaf_t *l, crm_operand_t *operand,
    const char *path);
static crm_status_t leaf_constant_error(leaf_t *l,
    const crm_operand_t *operand, const char *path);
static crm_status_t leaf_times(leaf_t *l, const char *path);
static int leaf_is_time(crm_field_type_t type);
static int leaf_alike(crm_field_type_t a, crm_field_type_t b);
static crm_status_t leaf_intern(unsigned *index, leaf_t *l);


crm_status_t
crm_criteria_leaf(unsigned *predicate, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    leaf_t        l;
    crm_str_t     type;
    crm_status_t  rc, second;

    memset(&l, 0, sizeof(leaf_t));
    l.cc = cc;

    rc = crm_shape_check(json, leaf_keys, "a criterion", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    type = crm_shape_str(json_object_get(json, "type"));
    l.fields = crm_str_is(type, "field");
    l.tokens = crm_str_is(type, "pre_defined")
               || crm_str_is(type, "merge_field");

    rc = leaf_field(&l, &l.p.slot, json_object_get(json, "field"),
                    crm_shape_path(cc, path, "field"));
    if (rc == CRM_OK) {
        l.p.type = cc->schema->types[l.p.slot];
    }

    second = leaf_comparator(&l, json_object_get(json, "comparator"),
                             crm_shape_path(cc, path, "comparator"));

    if (rc != CRM_OK || second != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    crm_buf_init(&l.key, cc->pool, 0);
    crm_buf_int(&l.key, l.p.slot);
    crm_buf_putc(&l.key, ' ');
    crm_buf_puts(&l.key, l.p.comparator->name);

    rc = leaf_value(&l, json_object_get(json, "value"),
                    crm_shape_path(cc, path, "value"));
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_buf_status(&l.key) != CRM_OK) {
        return CRM_ENOMEM;
    }

    l.p.key = crm_buf_view(&l.key);

    return leaf_intern(predicate, &l);
}


/* A name, or the vendor's {"api_name": ..., "id": ...}. */
static crm_status_t
leaf_field(leaf_t *l, unsigned *slot, const json_t *json, const char *path)
{
    crm_str_t  name;

    name = crm_shape_str(json_is_object(json)
                         ? json_object_get(json, "api_name") : json);

    if (name.len == 0) {
        return crm_shape_error(l->cc, path, "wrong_type", NULL,
                               "field must be a field's api_name");
    }

    if (crm_shape_field(l->cc, name, path) != CRM_OK) {
        return CRM_EINVAL;
    }

    name = crm_pool_dup(l->cc->pool, name);
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    *slot = crm_schema_slot(l->cc->schema, name);

    return *slot == CRM_SLOT_NONE ? CRM_ENOMEM : CRM_OK;
}


static crm_status_t
leaf_comparator(leaf_t *l, const json_t *json, const char *path)
{
    size_t                   i, n, count;
    const char              *names[32], *name, *near;
    const crm_comparator_t  *rows;

    name = json_string_value(json);

    l->p.comparator = crm_comparator_find(crm_strz(name), l->p.type);

    if (l->p.comparator) {
        return l->p.comparator->types & (1u << l->p.type)
               ? CRM_OK : leaf_comparator_error(l, name, path);
    }

    rows = crm_comparator_rows(&count);

    for (i = 0, n = 0; i < count && n < 31; i++) {
        names[n++] = rows[i].name;
    }
    names[n] = NULL;

    near = crm_shape_nearest(name, names);

    return crm_shape_error(l->cc, path, "unknown_comparator", near,
                           near ? "unknown comparator \"%s\", did you mean"
                           " \"%s\"?" : "unknown comparator \"%s\"; use"
                           " equal, not_equal, like, not_like, contains,"
                           " not_contains, starts_with, ends_with,"
                           " greater_than, greater_equal, less_than,"
                           " less_equal, between, not_between, in, not_in,"
                           " include_all, include_any, exclude_all or"
                           " exclude_any", name, near);
}


/* Names the comparator, the type, and what would fit. */
static crm_status_t
leaf_comparator_error(leaf_t *l, const char *name, const char *path)
{
    size_t                   i, count;
    crm_buf_t                fit;
    crm_schema_t            *schema;
    const crm_comparator_t  *rows;

    schema = l->cc->schema;
    rows = crm_comparator_rows(&count);
    crm_buf_init(&fit, l->cc->pool, 0);

    for (i = 0; i < count; i++) {
        if (rows[i].types & (1u << l->p.type)) {
            crm_buf_puts(&fit, fit.len ? ", " : "");
            crm_buf_puts(&fit, rows[i].name);
        }
    }

    if (crm_buf_status(&fit) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return crm_shape_error(l->cc, path, "wrong_comparator", NULL,
                           "comparator \"%s\" does not fit the type of the"
                           " field, which is %s; use %.*s", name,
                           crm_schema_type_name(schema, l->p.slot),
                           (int) fit.len, fit.data);
}


static crm_status_t
leaf_value(leaf_t *l, const json_t *json, const char *path)
{
    size_t        i, count;
    int           listed;
    json_t       *item;
    crm_status_t  rc, all;

    const crm_comparator_t  *c = l->p.comparator;

    listed = c->max > 1
             && (json_is_array(json) || !(c->flags & CRM_COMPARES_BARE));
    count = listed && json_is_array(json) ? json_array_size(json) : 1;

    if (listed && !json_is_array(json)) {
        return crm_shape_error(l->cc, path, "wrong_type", NULL,
                               "the value of \"%s\" must be a list", c->name);
    }

    if (count < c->min || count > c->max) {
        return leaf_count_error(l, path);
    }

    l->p.operands = crm_pool_calloc(l->cc->pool, count, sizeof(crm_operand_t));
    if (l->p.operands == NULL) {
        return CRM_ENOMEM;
    }

    l->p.count = (unsigned) count;
    l->p.timed = leaf_is_time(l->p.type);
    l->p.indexed = (c->flags & CRM_COMPARES_EQUAL) != 0;

    if (!listed) {
        all = leaf_operand(l, &l->p.operands[0], json, path);
        return all == CRM_OK ? leaf_times(l, path) : all;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = leaf_operand(l, &l->p.operands[i], item,
                          crm_shape_index(l->cc, path, i));
        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc != CRM_OK) {
            all = rc;
        }
    }

    return all == CRM_OK ? leaf_times(l, path) : all;
}


static crm_status_t
leaf_count_error(leaf_t *l, const char *path)
{
    const crm_comparator_t  *c = l->p.comparator;

    if (c->min == c->max) {
        return crm_shape_error(l->cc, path, "wrong_type", NULL,
                               "the value of \"%s\" must be a list of %u"
                               " values", c->name, c->min);
    }

    return crm_shape_error(l->cc, path, "limit_exceeded", NULL,
                           "the value of \"%s\" must be a list of %u to %u"
                           " values", c->name, c->min, c->max);
}


static crm_status_t
leaf_operand(leaf_t *l, crm_operand_t *operand, const json_t *json,
    const char *path)
{
    crm_str_t  given;

    given = crm_shape_str(json);

    if (crm_str_is(given, "${EMPTY}")) {
        return leaf_empty(l, operand, path);
    }

    if (l->fields) {
        return leaf_other_field(l, operand, json, path);
    }

    if (given.len > 2 && memcmp(given.data, "${", 2) == 0) {
        return crm_str_is(given, "${OWNER}") && l->tokens
               ? leaf_owner(l, operand, path)
               : leaf_token(l, operand, given, path);
    }

    return leaf_constant(l, operand, json, path);
}


static crm_status_t
leaf_empty(leaf_t *l, crm_operand_t *operand, const char *path)
{
    if (!(l->p.comparator->flags & CRM_COMPARES_EMPTY)) {
        return crm_shape_error(l->cc, path, "wrong_value", "equal",
                               "${EMPTY} goes with equal and not_equal, not"
                               " with \"%s\"", l->p.comparator->name);
    }

    if (l->p.count > 1) {
        return crm_shape_error(l->cc, path, "wrong_value", "${EMPTY}",
                               "${EMPTY} stands alone, not beside other"
                               " values");
    }

    crm_buf_puts(&l->key, " ${EMPTY}");
    operand->is_empty = 1;
    operand->dated = 2;
    operand->value.type = CRM_VALUE_EMPTY;

    return CRM_OK;
}


static crm_status_t
leaf_constant(leaf_t *l, crm_operand_t *operand, const json_t *json,
    const char *path)
{
    crm_status_t  rc;

    rc = leaf_as_written(l, operand, json, path);

    return rc == CRM_OK ? leaf_constant_error(l, operand, path) : rc;
}


/* The JSON of a constant, a field's name or a token: what is shown of it, and
 * a part of the predicate's identity. */
static crm_status_t
leaf_as_written(leaf_t *l, crm_operand_t *operand, const json_t *json,
    const char *path)
{
    char         *text;
    crm_str_t     copy;
    crm_value_t   value;
    crm_status_t  rc;

    text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT
                            | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    copy = crm_pool_dup(l->cc->pool, crm_strz(text));
    free(text);

    if (copy.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_putc(&l->key, ' ');
    crm_buf_str(&l->key, copy);

    rc = crm_value_parse(&value, copy, l->cc->pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_shape_error(l->cc, path, "wrong_value", NULL,
                                 "the value cannot be compared with a field");
    }

    return crm_operand_init(operand, &value, l->cc->pool);
}


/* type: field. Both fields are read as the type that either declares. */
static crm_status_t
leaf_other_field(leaf_t *l, crm_operand_t *operand, const json_t *json,
    const char *path)
{
    unsigned                 slot;
    crm_status_t             rc;
    crm_schema_t            *schema;
    crm_field_type_t         type;
    const crm_comparator_t  *c;

    schema = l->cc->schema;

    rc = leaf_field(l, &slot, json, path);
    if (rc != CRM_OK) {
        return rc;
    }

    type = schema->types[slot];

    if (!leaf_alike(l->p.type, type)) {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "a field of type %s cannot be compared with"
                               " one of type %s",
                               crm_schema_type_name(schema, l->p.slot),
                               crm_schema_type_name(schema, slot));
    }

    if (l->p.type == CRM_FIELD_ANY) {
        l->p.type = type;

        c = crm_comparator_find(crm_strz(l->p.comparator->name), type);
        if (c->types & (1u << type)) {
            l->p.comparator = c;
        }
    }

    crm_buf_puts(&l->key, " @");
    crm_buf_int(&l->key, slot);

    rc = leaf_as_written(l, operand, json, path);

    operand->source = CRM_OPERAND_FIELD;
    operand->slot = slot;
    l->p.timed = l->p.timed || leaf_is_time(type);
    l->p.indexed = 0;

    return rc;
}


static crm_status_t
leaf_token(leaf_t *l, crm_operand_t *operand, crm_str_t text, const char *path)
{
    int                time;
    json_t            *json;
    crm_status_t       rc;
    crm_predefined_t   token, *kept;

    if (crm_predefined_parse(&token, text) != CRM_OK) {
        return crm_shape_error(l->cc, path, "wrong_value", "${EMPTY}",
                               "\"%s\" is no value that a field can be"
                               " compared with; ${EMPTY} is the empty value,"
                               " and with type: pre_defined there are ${NOW},"
                               " ${TODAY+7}, ${STARTOF:week}, ${ENDOF:month},"
                               " ${CURRENTUSER}, ${OWNER}", text.data);
    }

    if (!l->tokens) {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "\"%s\" needs \"type: pre_defined\" beside it",
                               text.data);
    }

    time = crm_predefined_is_time(&token);

    if (time && (l->p.comparator->flags
                 & (CRM_COMPARES_TEXT | CRM_COMPARES_BARE)))
    {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "\"%s\" is a time, which \"%s\" does not"
                               " compare with", text.data,
                               l->p.comparator->name);
    }

    if (l->p.type != CRM_FIELD_ANY
        && (time ? !leaf_is_time(l->p.type)
            : leaf_is_time(l->p.type) || l->p.type == CRM_FIELD_NUMBER
              || l->p.type == CRM_FIELD_BOOLEAN
              || l->p.type == CRM_FIELD_OTHER))
    {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "\"%s\" is no value of a field of type %s",
                               text.data,
                               crm_schema_type_name(l->cc->schema,
                                                    l->p.slot));
    }

    kept = crm_pool_alloc(l->cc->pool, sizeof(crm_predefined_t));
    json = json_stringn(text.data, text.len);

    if (kept == NULL || json == NULL) {
        json_decref(json);
        return CRM_ENOMEM;
    }

    *kept = token;

    crm_buf_puts(&l->key, " @");
    rc = leaf_as_written(l, operand, json, path);
    json_decref(json);

    operand->source = CRM_OPERAND_TOKEN;
    operand->u.token = kept;
    l->p.timed = l->p.timed || time;
    l->p.indexed = 0;

    return rc;
}


/* ${OWNER} is the field Owner by another name. */
static crm_status_t
leaf_owner(leaf_t *l, crm_operand_t *operand, const char *path)
{
    json_t        *owner;
    crm_status_t   rc;

    owner = json_string("Owner");
    if (owner == NULL) {
        return CRM_ENOMEM;
    }

    rc = leaf_other_field(l, operand, owner, path);
    json_decref(owner);

    return rc;
}


/* What a declared type, or a comparator, asks of a constant. */
static crm_status_t
leaf_constant_error(leaf_t *l, const crm_operand_t *operand, const char *path)
{
    crm_value_type_t         type;
    const crm_comparator_t  *c;

    c = l->p.comparator;
    type = operand->value.type;

    if (type == CRM_VALUE_EMPTY) {
        return crm_shape_error(l->cc, path, "wrong_value", "${EMPTY}",
                               "to compare with the empty value write"
                               " \"${EMPTY}\"");
    }

    if (l->p.type == CRM_FIELD_NUMBER && !operand->numeric) {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "the field is a number, so the value must be"
                               " one");
    }

    if (l->p.type == CRM_FIELD_BOOLEAN && type != CRM_VALUE_BOOL) {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "the field is a boolean, so the value must be"
                               " true or false");
    }

    if ((c->flags & (CRM_COMPARES_ORDER | CRM_COMPARES_TEXT))
        && type != CRM_VALUE_NUMBER && type != CRM_VALUE_TEXT)
    {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "\"%s\" needs a number or text", c->name);
    }

    if ((c->flags & CRM_COMPARES_BARE) && type == CRM_VALUE_LIST) {
        return crm_shape_error(l->cc, path, "wrong_value", NULL,
                               "a member of a list cannot be a list");
    }

    return CRM_OK;
}


/*
 * Where dates are compared each constant must be one; two texts that differ
 * may be one instant, so that no key of the index would find both.
 */
static crm_status_t
leaf_times(leaf_t *l, const char *path)
{
    unsigned        i;
    crm_operand_t  *o;

    if (!l->p.timed) {
        return CRM_OK;
    }

    l->p.indexed = 0;

    for (i = 0; i < l->p.count; i++) {
        o = &l->p.operands[i];

        if (o->source == CRM_OPERAND_VALUE && !o->is_empty
            && !crm_operand_dated(o, l->cc->zone))
        {
            return crm_shape_error(l->cc, l->p.count > 1
                                   ? crm_shape_index(l->cc, path, i) : path,
                                   "wrong_value", NULL,
                                   "the field is a date or a time, so the"
                                   " value must be one, such as 2026-03-27 or"
                                   " 2026-03-27T16:30:00+01:00");
        }
    }

    return CRM_OK;
}


static int
leaf_is_time(crm_field_type_t type)
{
    return type == CRM_FIELD_DATE || type == CRM_FIELD_DATETIME;
}


/* Whether fields of these types can be compared with one another. */
static int
leaf_alike(crm_field_type_t a, crm_field_type_t b)
{
    unsigned  text;

    text = 1u << CRM_FIELD_TEXT | 1u << CRM_FIELD_TEXTAREA
           | 1u << CRM_FIELD_PICKLIST | 1u << CRM_FIELD_ENCRYPTED;

    return a == b || a == CRM_FIELD_ANY || b == CRM_FIELD_ANY
           || (leaf_is_time(a) && leaf_is_time(b))
           || ((1u << a & text) && (1u << b & text))
           || (a == CRM_FIELD_LOOKUP && (1u << b & text))
           || (a == CRM_FIELD_MULTIPICK
               && ((1u << b & text) || b == CRM_FIELD_LOOKUP));
}


/* The index of an equal predicate, or l's own as a new one. */
static crm_status_t
leaf_intern(unsigned *index, leaf_t *l)
{
    unsigned           cap;
    crm_map_entry_t   *entry;
    crm_predicate_t  **items, *copy;
    crm_predicates_t  *all;

    all = l->cc->predicates;

    entry = crm_map_add(&all->keys, l->p.key);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value) {
        *index = (unsigned) ((uintptr_t) entry->value - 1);
        all->items[*index]->uses++;
        return CRM_OK;
    }

    if (all->count == all->cap) {
        cap = all->cap ? all->cap * 2 : 16;

        items = crm_pool_calloc(l->cc->pool, cap, sizeof(crm_predicate_t *));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (all->count) {
            memcpy(items, all->items, all->count * sizeof(*items));
        }

        all->items = items;
        all->cap = cap;
    }

    copy = crm_pool_alloc(l->cc->pool, sizeof(crm_predicate_t));
    if (copy == NULL) {
        return CRM_ENOMEM;
    }

    *copy = l->p;
    copy->uses = 1;

    *index = all->count;
    all->items[all->count++] = copy;
    entry->value = (void *) (uintptr_t) all->count;

    return CRM_OK;
}
