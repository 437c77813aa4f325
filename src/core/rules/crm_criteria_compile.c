/*
 * Criteria, as people write them, to a program: nodes in prefix order over
 * predicates that all rules of a CRM module share.
 */

#include "rules/crm_shape.h"

#include <stdlib.h>

#include "base/crm_limits.h"


typedef struct {
    crm_compile_t   *cc;
    crm_node_t      *nodes;
    unsigned         count;
    unsigned         cap;
} compile_t;


static const char *const  operators[] = { "AND", "OR", NULL };

static const char *const  value_types[] = { "value", NULL };

static const crm_key_t  group_keys[] = {
    { "group_operator", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, operators },
    { "group", CRM_KEY_LIST, CRM_KEY_REQUIRED, 2, CRM_MAX_GROUP, NULL },
    { NULL, CRM_KEY_ANY, 0, 0, 0, NULL }
};

static const crm_key_t  leaf_keys[] = {
    { "field", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "comparator", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "type", CRM_KEY_WORD, 0, 0, 0, value_types },
    { NULL, CRM_KEY_ANY, 0, 0, 0, NULL }
};


static crm_status_t compile_tree(compile_t *c, const json_t *json,
    const char *path, unsigned depth);
static crm_status_t compile_group(compile_t *c, const json_t *json,
    const char *path, unsigned depth);
static crm_status_t compile_leaf(compile_t *c, const json_t *json,
    const char *path);
static crm_node_t *compile_node(compile_t *c, crm_node_type_t type);
static crm_status_t leaf_field(crm_predicate_t *p, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t leaf_comparator(crm_predicate_t *p, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t leaf_value(crm_predicate_t *p, const json_t *json,
    const char *path, crm_buf_t *key, crm_compile_t *cc);
static crm_status_t leaf_operand(crm_operand_t *operand, crm_predicate_t *p,
    const json_t *json, const char *path, crm_buf_t *key, crm_compile_t *cc);
static crm_status_t leaf_type_error(crm_predicate_t *p,
    const crm_operand_t *operand, const char *path, crm_compile_t *cc);
static crm_status_t predicate_intern(unsigned *index, crm_predicate_t *p,
    crm_compile_t *cc);


void
crm_predicates_init(crm_predicates_t *predicates, crm_pool_t *pool)
{
    memset(predicates, 0, sizeof(crm_predicates_t));
    predicates->pool = pool;
    crm_map_init(&predicates->keys, pool);
}


crm_status_t
crm_criteria_compile(crm_criteria_t *criteria, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    compile_t     c;
    crm_status_t  rc;

    memset(criteria, 0, sizeof(crm_criteria_t));

    if (json == NULL || json_is_null(json)) {
        return CRM_OK;
    }

    memset(&c, 0, sizeof(compile_t));
    c.cc = cc;

    rc = compile_tree(&c, json, path, 1);
    if (rc != CRM_OK) {
        return rc;
    }

    criteria->nodes = c.nodes;
    criteria->count = c.count;

    return CRM_OK;
}


int
crm_criteria_is_any_value(const json_t *leaf)
{
    crm_str_t  value, comparator;

    value = crm_shape_str(json_object_get(leaf, "value"));
    comparator = crm_shape_str(json_object_get(leaf, "comparator"));

    return crm_str_is(value, "${ANYVALUE}")
           || crm_str_is(comparator, "${ANYVALUE}");
}


static crm_status_t
compile_tree(compile_t *c, const json_t *json, const char *path,
    unsigned depth)
{
    if (!json_is_object(json)) {
        return crm_shape_error(c->cc, path, "wrong_type", NULL,
                               "criteria must be null, a leaf (field,"
                               " comparator, value) or a group");
    }

    if (json_object_get(json, "rows") || json_object_get(json, "pattern")) {
        return crm_shape_error(c->cc, path, "not_in_version", "group",
                               "criteria by rows and pattern are not in this"
                               " version; write group_operator and group");
    }

    if (json_object_get(json, "group") == NULL
        && json_object_get(json, "group_operator") == NULL)
    {
        return compile_leaf(c, json, path);
    }

    if (depth > CRM_MAX_CRITERIA_DEPTH) {
        return crm_shape_error(c->cc, path, "limit_exceeded", NULL,
                               "criteria are nested deeper than %d groups",
                               CRM_MAX_CRITERIA_DEPTH);
    }

    return compile_group(c, json, path, depth);
}


static crm_status_t
compile_group(compile_t *c, const json_t *json, const char *path,
    unsigned depth)
{
    size_t        i;
    json_t       *item, *group;
    unsigned      at;
    const char   *list;
    crm_node_t   *node;
    crm_status_t  rc;

    rc = crm_shape_check(json, group_keys, "a group", path, c->cc);

    group = json_object_get(json, "group");
    if (rc != CRM_OK && !json_is_array(group)) {
        return rc;
    }

    node = compile_node(c, crm_str_is(crm_shape_str(json_object_get(json,
                               "group_operator")), "OR") ? CRM_NODE_OR
                                                         : CRM_NODE_AND);
    if (node == NULL) {
        return CRM_ENOMEM;
    }

    at = c->count - 1;
    list = crm_shape_path(c->cc, path, "group");

    json_array_foreach(group, i, item) {
        if (i >= CRM_MAX_GROUP) {
            break;
        }

        switch (compile_tree(c, item, crm_shape_index(c->cc, list, i),
                             depth + 1))
        {
        case CRM_OK:
            break;
        case CRM_ENOMEM:
            return CRM_ENOMEM;
        default:
            rc = CRM_EINVAL;
        }
    }

    c->nodes[at].next = c->count;

    return rc;
}


static crm_status_t
compile_leaf(compile_t *c, const json_t *json, const char *path)
{
    unsigned         index;
    crm_buf_t        key;
    crm_node_t      *node;
    crm_status_t     rc;
    crm_compile_t   *cc;
    crm_predicate_t  p;

    cc = c->cc;
    memset(&p, 0, sizeof(crm_predicate_t));

    rc = crm_shape_check(json, leaf_keys, "a criterion", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = leaf_field(&p, json_object_get(json, "field"),
                    crm_shape_path(cc, path, "field"), cc);

    if (leaf_comparator(&p, json_object_get(json, "comparator"),
                        crm_shape_path(cc, path, "comparator"), cc) != CRM_OK)
    {
        rc = CRM_EINVAL;
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&key, cc->pool, 0);
    crm_buf_int(&key, p.slot);
    crm_buf_putc(&key, ' ');
    crm_buf_puts(&key, p.comparator->name);

    rc = leaf_value(&p, json_object_get(json, "value"),
                    crm_shape_path(cc, path, "value"), &key, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_buf_status(&key) != CRM_OK) {
        return CRM_ENOMEM;
    }

    p.key = crm_buf_view(&key);

    rc = predicate_intern(&index, &p, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    node = compile_node(c, CRM_NODE_LEAF);
    if (node == NULL) {
        return CRM_ENOMEM;
    }

    node->predicate = index;

    return CRM_OK;
}


static crm_node_t *
compile_node(compile_t *c, crm_node_type_t type)
{
    unsigned     cap;
    crm_node_t  *nodes;

    if (c->count == c->cap) {
        cap = c->cap ? c->cap * 2 : 4;

        nodes = crm_pool_calloc(c->cc->pool, cap, sizeof(crm_node_t));
        if (nodes == NULL) {
            return NULL;
        }

        if (c->count) {
            memcpy(nodes, c->nodes, c->count * sizeof(crm_node_t));
        }

        c->nodes = nodes;
        c->cap = cap;
    }

    c->nodes[c->count].type = type;
    c->nodes[c->count].next = c->count + 1;

    return &c->nodes[c->count++];
}


/* A name, or the vendor's {"api_name": ..., "id": ...}. */
static crm_status_t
leaf_field(crm_predicate_t *p, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_str_t  name;

    name = crm_shape_str(json_is_object(json)
                         ? json_object_get(json, "api_name") : json);

    if (name.len == 0) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "field must be a field's api_name");
    }

    if (crm_shape_field(cc, name, path) != CRM_OK) {
        return CRM_EINVAL;
    }

    name = crm_pool_dup(cc->pool, name);
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    p->slot = crm_schema_slot(cc->schema, name);
    if (p->slot == CRM_SLOT_NONE) {
        return CRM_ENOMEM;
    }

    p->type = cc->schema->types[p->slot];

    return CRM_OK;
}


static crm_status_t
leaf_comparator(crm_predicate_t *p, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t                   i, count;
    const char              *names[32], *name, *near;
    const crm_comparator_t  *rows;

    name = json_string_value(json);
    rows = crm_comparator_rows(&count);

    p->comparator = crm_comparator_find(crm_strz(name));

    if (p->comparator == NULL) {
        for (i = 0; i < count && i < 31; i++) {
            names[i] = rows[i].name;
        }
        names[i] = NULL;

        near = crm_shape_nearest(name, names);

        return crm_shape_error(cc, path, "unknown_comparator", near,
                               near ? "unknown comparator \"%s\", did you mean"
                               " \"%s\"?" : "unknown comparator \"%s\"; use"
                               " equal, not_equal, greater_than,"
                               " greater_equal, less_than, less_equal,"
                               " between, in or not_in", name, near);
    }

    if (p->comparator->types
        && !(p->comparator->types & (1u << p->type)))
    {
        return crm_shape_error(cc, path, "wrong_comparator", NULL,
                               "comparator \"%s\" does not fit the type of"
                               " the field", name);
    }

    return CRM_OK;
}


static crm_status_t
leaf_value(crm_predicate_t *p, const json_t *json, const char *path,
    crm_buf_t *key, crm_compile_t *cc)
{
    size_t        i, count;
    int           listed;
    json_t       *item;
    crm_status_t  rc, all;

    listed = p->comparator->max > 1;
    count = listed && json_is_array(json) ? json_array_size(json) : 1;

    if (listed && !json_is_array(json)) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "the value of \"%s\" must be a list",
                               p->comparator->name);
    }

    if (count < p->comparator->min || count > p->comparator->max) {
        if (p->comparator->min == p->comparator->max) {
            return crm_shape_error(cc, path, "wrong_type", NULL,
                                   "the value of \"%s\" must be a list of"
                                   " %u values", p->comparator->name,
                                   p->comparator->min);
        }

        return crm_shape_error(cc, path, "limit_exceeded", NULL,
                               "the value of \"%s\" must be a list of %u to"
                               " %u values", p->comparator->name,
                               p->comparator->min, p->comparator->max);
    }

    p->operands = crm_pool_calloc(cc->pool, count, sizeof(crm_operand_t));
    if (p->operands == NULL) {
        return CRM_ENOMEM;
    }

    p->count = (unsigned) count;

    if (!listed) {
        return leaf_operand(&p->operands[0], p, json, path, key, cc);
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = leaf_operand(&p->operands[i], p, item,
                          crm_shape_index(cc, path, i), key, cc);
        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc != CRM_OK) {
            all = rc;
        }
    }

    return all;
}


static crm_status_t
leaf_operand(crm_operand_t *operand, crm_predicate_t *p, const json_t *json,
    const char *path, crm_buf_t *key, crm_compile_t *cc)
{
    char         *text;
    crm_str_t     copy, given;
    crm_value_t   value;
    crm_status_t  rc;

    given = crm_shape_str(json);

    if (crm_str_is(given, "${EMPTY}")) {
        if (!p->comparator->takes_empty) {
            return crm_shape_error(cc, path, "wrong_value", "equal",
                                   "${EMPTY} goes with equal and not_equal,"
                                   " not with \"%s\"", p->comparator->name);
        }

        crm_buf_puts(key, " ${EMPTY}");
        operand->is_empty = 1;
        operand->value.type = CRM_VALUE_EMPTY;

        return CRM_OK;
    }

    if (given.len > 2 && memcmp(given.data, "${", 2) == 0) {
        return crm_shape_error(cc, path, "wrong_value", "${EMPTY}",
                               "\"%s\" is no value that a field can be"
                               " compared with; ${EMPTY} is the empty value",
                               given.data);
    }

    text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT
                            | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    copy = crm_pool_dup(cc->pool, crm_strz(text));
    free(text);

    if (copy.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_putc(key, ' ');
    crm_buf_str(key, copy);

    rc = crm_value_parse(&value, copy, cc->pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_shape_error(cc, path, "wrong_value", NULL,
                                 "the value cannot be compared with a field");
    }

    rc = crm_operand_init(operand, &value, cc->pool);

    return rc == CRM_OK ? leaf_type_error(p, operand, path, cc) : rc;
}


/* What a declared type, or an order, asks of a constant. */
static crm_status_t
leaf_type_error(crm_predicate_t *p, const crm_operand_t *operand,
    const char *path, crm_compile_t *cc)
{
    crm_value_type_t  type;

    type = operand->value.type;

    if (type == CRM_VALUE_EMPTY) {
        return crm_shape_error(cc, path, "wrong_value", "${EMPTY}",
                               "to compare with the empty value write"
                               " \"${EMPTY}\"");
    }

    if (p->type == CRM_FIELD_NUMBER && !operand->numeric) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "the field is a number, so the value must be"
                               " one");
    }

    if (p->type == CRM_FIELD_BOOLEAN && type != CRM_VALUE_BOOL) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "the field is a boolean, so the value must be"
                               " true or false");
    }

    if (!p->comparator->takes_empty && !p->comparator->indexed
        && p->comparator->max < 100
        && type != CRM_VALUE_NUMBER && type != CRM_VALUE_TEXT)
    {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "\"%s\" needs a number or text",
                               p->comparator->name);
    }

    return CRM_OK;
}


/* The index of an equal predicate, or p's own as a new one. */
static crm_status_t
predicate_intern(unsigned *index, crm_predicate_t *p, crm_compile_t *cc)
{
    unsigned           cap;
    crm_map_entry_t   *entry;
    crm_predicate_t  **items, *copy;
    crm_predicates_t  *all;

    all = cc->predicates;

    entry = crm_map_add(&all->keys, p->key);
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

        items = crm_pool_calloc(cc->pool, cap, sizeof(crm_predicate_t *));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (all->count) {
            memcpy(items, all->items, all->count * sizeof(*items));
        }

        all->items = items;
        all->cap = cap;
    }

    copy = crm_pool_alloc(cc->pool, sizeof(crm_predicate_t));
    if (copy == NULL) {
        return CRM_ENOMEM;
    }

    *copy = *p;
    copy->uses = 1;

    *index = all->count;
    all->items[all->count++] = copy;
    entry->value = (void *) (uintptr_t) all->count;

    return CRM_OK;
}
