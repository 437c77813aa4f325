/*
 * A leaf of criteria, as people write it, to a predicate that all rules of a
 * CRM module share: its left side, its comparator, and its identity.
 */

#include "rules/crm_criteria_leaf.h"


/* Room that a number takes, as a rule. */
#define LEAF_NUMBER  32


static const char *const  value_types[] = {
    "value", "field", "pre_defined", "merge_field", NULL
};

/* As the vendor names a field; its id means nothing here. */
static const crm_key_t  field_keys[] = {
    { "api_name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field's name in the API" },
    { "id", CRM_KEY_ANY, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "the CRM's own number of the field; not read" },
    CRM_KEYS_END
};

static const crm_form_t  field_forms[] = {
    { "field", field_keys, NULL },
    CRM_FORMS_END
};

/* In the order of crm_criteria_leaf_keys. */
enum { LEAF_FIELD = 0, LEAF_COMPARATOR, LEAF_VALUE, LEAF_TYPE, LEAF_KEYS };

const crm_key_t  crm_criteria_leaf_keys[] = {
    { "field", CRM_KEY_ANY, CRM_KEY_REQUIRED | CRM_KEY_OR_TEXT, 0, 0, NULL,
      field_forms, "the field on the left side" },
    { "comparator", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0,
      crm_comparator_names, NULL, "how the two sides are compared" },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the right side: a constant, a list, a field or a token" },
    { "type", CRM_KEY_WORD, 0, 0, 0, value_types, NULL,
      "what value is: value (default), field, or pre_defined for a token" },
    CRM_KEYS_END
};

const crm_form_t  crm_criteria_leaf_forms[] = {
    { "criterion", crm_criteria_leaf_keys, NULL },
    CRM_FORMS_END
};


static void leaf_type(crm_leaf_t *l, const json_t *type);
static crm_status_t leaf_comparator(crm_leaf_t *l, const json_t *json,
    const crm_trail_t *at);
static crm_status_t leaf_comparator_error(crm_leaf_t *l, const char *name,
    const crm_trail_t *at);
static crm_status_t leaf_key(crm_leaf_t *l, const json_t *value);
static void leaf_json(crm_buf_t *buf, const json_t *json);
static crm_status_t leaf_intern(unsigned *index, crm_leaf_t *l);


crm_status_t
crm_criteria_leaf(unsigned *predicate, const json_t *json,
    const crm_trail_t *at, crm_compile_t *cc)
{
    crm_leaf_t        l;
    crm_trail_t       below[LEAF_KEYS];
    crm_status_t      rc, second;
    const json_t     *values[LEAF_KEYS];
    crm_map_entry_t  *entry;

    rc = crm_shape_read(json, crm_criteria_leaf_keys, "a criterion", at, cc,
                        values);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&l.p, 0, sizeof(crm_predicate_t));
    l.cc = cc;
    leaf_type(&l, values[LEAF_TYPE]);

    below[LEAF_FIELD] = crm_trail_key(at, "field");
    below[LEAF_COMPARATOR] = crm_trail_key(at, "comparator");
    below[LEAF_VALUE] = crm_trail_key(at, "value");

    rc = crm_criteria_leaf_field(&l, &l.p.slot, values[LEAF_FIELD],
                                 &below[LEAF_FIELD]);
    if (rc == CRM_OK) {
        l.p.type = cc->schema->types[l.p.slot];
    }

    second = leaf_comparator(&l, values[LEAF_COMPARATOR],
                             &below[LEAF_COMPARATOR]);

    if (rc != CRM_OK || second != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    if (leaf_key(&l, values[LEAF_VALUE]) != CRM_OK) {
        return CRM_ENOMEM;
    }

    entry = crm_map_find(&cc->predicates->keys, l.p.key);

    if (entry) {
        *predicate = (unsigned) ((uintptr_t) entry->value - 1);
        cc->predicates->items[*predicate]->uses++;
        return CRM_OK;
    }

    l.p.key = crm_pool_dup(cc->pool, l.p.key);
    if (l.p.key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_criteria_right(&l, values[LEAF_VALUE], &below[LEAF_VALUE]);

    return rc == CRM_OK ? leaf_intern(predicate, &l) : rc;
}


crm_status_t
crm_criteria_leaf_field(crm_leaf_t *l, unsigned *slot, const json_t *json,
    const crm_trail_t *at)
{
    crm_str_t  name;

    name = crm_shape_str(json_is_object(json)
                         ? json_object_get(json, "api_name") : json);

    if (name.len == 0) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at), "wrong_type",
                               NULL, "field must be a field's api_name");
    }

    *slot = crm_schema_find(l->cc->schema, name, crm_str_hash(name));

    if (*slot != CRM_SLOT_NONE && !l->cc->schema->declared) {
        return CRM_OK;
    }

    if (l->cc->schema->declared
        && crm_shape_field(l->cc, name, crm_trail_path(l->cc, at)) != CRM_OK)
    {
        return CRM_EINVAL;
    }

    if (*slot != CRM_SLOT_NONE) {
        return CRM_OK;
    }

    name = crm_pool_dup(l->cc->pool, name);
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    *slot = crm_schema_slot(l->cc->schema, name);

    return *slot == CRM_SLOT_NONE ? CRM_ENOMEM : CRM_OK;
}


static void
leaf_type(crm_leaf_t *l, const json_t *json)
{
    crm_str_t  type;

    type = crm_shape_str(json);

    l->fields = crm_str_is(type, "field");
    l->tokens = crm_str_is(type, "pre_defined")
                || crm_str_is(type, "merge_field");
}


static crm_status_t
leaf_comparator(crm_leaf_t *l, const json_t *json, const crm_trail_t *at)
{
    size_t                   i, n, count;
    const char              *names[32], *name, *near;
    const crm_comparator_t  *rows;

    name = json_string_value(json);

    l->p.comparator = crm_comparator_find(crm_strz(name), l->p.type);

    if (l->p.comparator) {
        return l->p.comparator->types & (1u << l->p.type)
               ? CRM_OK : leaf_comparator_error(l, name, at);
    }

    rows = crm_comparator_rows(&count);

    for (i = 0, n = 0; i < count && n < 31; i++) {
        names[n++] = rows[i].name;
    }
    names[n] = NULL;

    near = crm_shape_nearest(name, names);

    return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                           "unknown_comparator", near, near
                           ? "unknown comparator \"%s\", did you mean"
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
leaf_comparator_error(crm_leaf_t *l, const char *name,
    const crm_trail_t *at)
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

    return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                           "wrong_comparator", NULL,
                           "comparator \"%s\" does not fit the type of the"
                           " field, which is %s; use %.*s", name,
                           crm_schema_type_name(schema, l->p.slot),
                           (int) fit.len, fit.data);
}


/* What the leaf says, as it is written: of leaves that say the same, only the
 * first is compiled. */
static crm_status_t
leaf_key(crm_leaf_t *l, const json_t *value)
{
    size_t      i;
    json_t     *item;
    crm_buf_t   buf;

    crm_buf_init(&buf, l->cc->scratch ? l->cc->scratch : l->cc->pool, 0);
    crm_buf_int(&buf, l->p.slot);
    crm_buf_puts(&buf, l->fields ? " @" : l->tokens ? " $" : " ");
    crm_buf_puts(&buf, l->p.comparator->name);

    i = 0;

    if (l->p.comparator->max > 1 && json_is_array(value)) {
        json_array_foreach((json_t *) value, i, item) {
            if (i == CRM_MAX_IN_VALUES) {
                crm_buf_puts(&buf, " ,");   /* too many, as will be told */
                break;
            }

            crm_buf_putc(&buf, ' ');
            l->offsets[i] = buf.len;
            leaf_json(&buf, item);
        }

    } else {
        crm_buf_putc(&buf, ' ');
        l->offsets[i++] = buf.len;
        leaf_json(&buf, value);
    }

    l->offsets[i] = buf.len + 1;
    l->p.key = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* json as it is written in a rule, numbers included. */
static void
leaf_json(crm_buf_t *buf, const json_t *json)
{
    size_t  len;

    if (json_is_string(json)) {
        crm_buf_json(buf, crm_shape_str(json));
        return;
    }

    if (json_is_integer(json)) {
        crm_buf_int(buf, json_integer_value(json));
        return;
    }

    for (len = LEAF_NUMBER; ; ) {
        crm_buf_reserve(buf, len);
        if (crm_buf_status(buf) != CRM_OK) {
            return;
        }

        len = json_dumpb(json, buf->data + buf->len, buf->cap - buf->len,
                         JSON_ENCODE_ANY | JSON_COMPACT
                         | JSON_REAL_PRECISION(15));
        if (len == 0) {
            buf->status = CRM_ENOMEM;
            return;
        }

        if (len <= buf->cap - buf->len) {
            buf->len += len;
            return;
        }
    }
}


/* l's predicate as a new one. */
static crm_status_t
leaf_intern(unsigned *index, crm_leaf_t *l)
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
