/*
 * Criteria, as people write them, to a program: nodes in prefix order over
 * predicates that all rules of a CRM module share.
 */

#include "rules/crm_criteria_leaf.h"

#include "rules/crm_pattern.h"


typedef struct {
    crm_compile_t   *cc;
    crm_node_t      *nodes;
    unsigned         count;
    unsigned         cap;
} compile_t;


static const char *const  operators[] = { "AND", "OR", NULL };

static const crm_form_t  member_forms[3];

/* In the order of group_keys and rows_keys. */
enum { GROUP_OPERATOR = 0, GROUP_MEMBERS, GROUP_KEYS };
enum { ROWS_LIST = 0, ROWS_PATTERN, ROWS_KEYS };

/* What the keys of a document say that it is. */
typedef enum { TREE_LEAF = 0, TREE_GROUP, TREE_ROWS } tree_form_t;

static const crm_key_t  group_keys[] = {
    { "group_operator", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, operators,
      NULL, "AND: all members must hold; OR: one is enough" },
    { "group", CRM_KEY_LIST, CRM_KEY_REQUIRED, 2, CRM_MAX_GROUP, NULL,
      member_forms, "leaves and groups" },
    CRM_KEYS_END
};

static const crm_key_t  rows_keys[] = {
    { "rows", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_ROWS, NULL,
      crm_criteria_leaf_forms, "leaves, numbered from 1" },
    { "pattern", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_PATTERN, NULL,
      NULL, "how they are joined, such as (1 and 2) or 3" },
    CRM_KEYS_END
};

static const crm_form_t  member_forms[3] = {
    { "criterion", crm_criteria_leaf_keys, NULL },
    { "group", group_keys, NULL },
    CRM_FORMS_END
};

const crm_form_t  crm_criteria_forms[] = {
    { "criterion", crm_criteria_leaf_keys, NULL },
    { "group", group_keys, NULL },
    { "numbered rows", rows_keys, NULL },
    CRM_FORMS_END
};


static crm_status_t compile_tree(compile_t *c, const json_t *json,
    const crm_trail_t *at, unsigned depth);
static tree_form_t tree_form(const json_t *json);
static crm_status_t compile_group(compile_t *c, const json_t *json,
    const crm_trail_t *at, unsigned depth);
static crm_status_t compile_leaf(compile_t *c, const json_t *json,
    const crm_trail_t *at);
static crm_node_t *compile_node(compile_t *c, crm_node_type_t type);
static crm_status_t compile_rows(compile_t *c, const json_t *json,
    const crm_trail_t *at);
static crm_status_t compile_pattern(compile_t *c, const json_t *pattern,
    unsigned rows, const unsigned *predicates, const crm_trail_t *at);


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
    crm_trail_t  at;

    at = crm_trail(path);

    return crm_criteria_compile_at(criteria, json, &at, cc);
}


crm_status_t
crm_criteria_compile_at(crm_criteria_t *criteria, const json_t *json,
    const crm_trail_t *at, crm_compile_t *cc)
{
    compile_t     c;
    crm_status_t  rc;

    memset(criteria, 0, sizeof(crm_criteria_t));

    if (json == NULL || json_is_null(json)) {
        return CRM_OK;
    }

    memset(&c, 0, sizeof(compile_t));
    c.cc = cc;

    rc = compile_tree(&c, json, at, 1);
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
compile_tree(compile_t *c, const json_t *json, const crm_trail_t *at,
    unsigned depth)
{
    if (!json_is_object(json)) {
        return crm_shape_error(c->cc, crm_trail_path(c->cc, at), "wrong_type",
                               NULL,
                               "criteria must be null, a leaf (field,"
                               " comparator, value), a group (group_operator,"
                               " group) or rows with a pattern");
    }

    switch (tree_form(json)) {

    case TREE_LEAF:
        return compile_leaf(c, json, at);

    case TREE_ROWS:
        if (depth == 1) {
            return compile_rows(c, json, at);
        }

        return crm_shape_error(c->cc, crm_trail_path(c->cc, at), "wrong_type",
                               NULL,
                               "rows and pattern are the whole of criteria,"
                               " not a member of a group");

    default: /* TREE_GROUP */
        break;
    }

    if (depth > CRM_MAX_CRITERIA_DEPTH) {
        return crm_shape_error(c->cc, crm_trail_path(c->cc, at),
                               "limit_exceeded", NULL,
                               "criteria are nested deeper than %d groups",
                               CRM_MAX_CRITERIA_DEPTH);
    }

    return compile_group(c, json, at, depth);
}


static tree_form_t
tree_form(const json_t *json)
{
    void         *iter;
    const char   *key;
    tree_form_t   form;

    form = TREE_LEAF;

    for (iter = json_object_iter((json_t *) json); iter;
         iter = json_object_iter_next((json_t *) json, iter))
    {
        key = json_object_iter_key(iter);

        if (key[0] == 'g' && (strcmp(key, "group") == 0
                              || strcmp(key, "group_operator") == 0))
        {
            form = TREE_GROUP;

        } else if ((key[0] == 'r' && strcmp(key, "rows") == 0)
                   || (key[0] == 'p' && strcmp(key, "pattern") == 0))
        {
            return TREE_ROWS;
        }
    }

    return form;
}


static crm_status_t
compile_group(compile_t *c, const json_t *json, const crm_trail_t *at,
    unsigned depth)
{
    size_t         i;
    json_t        *item;
    unsigned       root;
    crm_node_t    *node;
    crm_trail_t    list, member;
    crm_status_t   rc;
    const json_t  *values[GROUP_KEYS];

    rc = crm_shape_read(json, group_keys, "a group", at, c->cc, values);

    if (rc != CRM_OK && !json_is_array(values[GROUP_MEMBERS])) {
        return rc;
    }

    node = compile_node(c, crm_str_is(crm_shape_str(values[GROUP_OPERATOR]),
                                      "OR") ? CRM_NODE_OR : CRM_NODE_AND);
    if (node == NULL) {
        return CRM_ENOMEM;
    }

    root = c->count - 1;
    list = crm_trail_key(at, "group");

    json_array_foreach((json_t *) values[GROUP_MEMBERS], i, item) {
        if (i >= CRM_MAX_GROUP) {
            break;
        }

        member = crm_trail_index(&list, i);

        switch (compile_tree(c, item, &member, depth + 1)) {
        case CRM_OK:
            break;
        case CRM_ENOMEM:
            return CRM_ENOMEM;
        default:
            rc = CRM_EINVAL;
        }
    }

    c->nodes[root].next = c->count;

    return rc;
}


static crm_status_t
compile_leaf(compile_t *c, const json_t *json, const crm_trail_t *at)
{
    unsigned       index;
    crm_node_t    *node;
    crm_status_t   rc;

    rc = crm_criteria_leaf(&index, json, at, c->cc);
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


/* Numbered leaves, and the pattern that joins them. */
static crm_status_t
compile_rows(compile_t *c, const json_t *json, const crm_trail_t *at)
{
    size_t         i;
    json_t        *row;
    unsigned       predicates[CRM_MAX_ROWS];
    crm_trail_t    list, member, pattern;
    crm_status_t   rc;
    const json_t  *values[ROWS_KEYS];

    rc = crm_shape_read(json, rows_keys, "criteria with rows", at, c->cc,
                        values);
    if (rc != CRM_OK) {
        return rc;
    }

    list = crm_trail_key(at, "rows");

    json_array_foreach((json_t *) values[ROWS_LIST], i, row) {
        member = crm_trail_index(&list, i);

        switch (crm_criteria_leaf(&predicates[i], row, &member, c->cc)) {
        case CRM_OK:
            break;
        case CRM_ENOMEM:
            return CRM_ENOMEM;
        default:
            rc = CRM_EINVAL;
        }
    }

    pattern = crm_trail_key(at, "pattern");

    switch (compile_pattern(c, values[ROWS_PATTERN], (unsigned) i, predicates,
                            &pattern))
    {
    case CRM_OK:
        return rc;
    case CRM_ENOMEM:
        return CRM_ENOMEM;
    default:
        return CRM_EINVAL;
    }
}


static crm_status_t
compile_pattern(compile_t *c, const json_t *json, unsigned rows,
    const unsigned *predicates, const crm_trail_t *at)
{
    unsigned       i;
    crm_node_t    *node;
    crm_error_t    err;
    crm_status_t   rc;
    crm_pattern_t  pattern;

    rc = crm_pattern_parse(&pattern, crm_shape_str(json), rows, c->cc->pool,
                           &err);

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_shape_error(c->cc, crm_trail_path(c->cc, at),
                                 "bad_pattern", NULL,
                                 "the pattern is wrong at byte %zu: %s",
                                 err.offset, err.text);
    }

    for (i = 0; i < pattern.count; i++) {
        node = compile_node(c, pattern.nodes[i].type);
        if (node == NULL) {
            return CRM_ENOMEM;
        }

        node->next = pattern.nodes[i].next;

        if (node->type == CRM_NODE_LEAF) {
            node->predicate = predicates[pattern.nodes[i].row - 1];
        }
    }

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
