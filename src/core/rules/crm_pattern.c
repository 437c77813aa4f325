/*
 * Patterns over numbered rows.
 *
 * Read into a tree of items; then written in prefix order.
 */

#include "rules/crm_pattern.h"

#include "base/crm_limits.h"


#define NO_ITEM  ((unsigned) -1)

/* A row, or a group with a list of members. */
typedef struct {
    crm_node_type_t  type;
    unsigned         row;
    unsigned         first;         /* member, or NO_ITEM */
    unsigned         last;
    unsigned         next;          /* beside it in its group */
} item_t;

typedef struct {
    crm_str_t      text;
    size_t         at;
    unsigned       rows;
    uint8_t        used[CRM_MAX_ROWS + 1];
    item_t        *items;
    unsigned       count;
    crm_error_t   *err;
} pattern_t;


static crm_status_t pattern_expression(pattern_t *p, unsigned *item,
    unsigned brackets);
static crm_status_t pattern_operand(pattern_t *p, unsigned *item,
    unsigned brackets);
static crm_status_t pattern_number(pattern_t *p, unsigned *item);
static crm_status_t pattern_operator(pattern_t *p, crm_node_type_t *type);
static unsigned pattern_join(pattern_t *p, crm_node_type_t type,
    unsigned left, unsigned right);
static void pattern_append(pattern_t *p, unsigned group, unsigned item);
static void pattern_write(const pattern_t *p, unsigned item,
    crm_pattern_t *pattern);
static void pattern_space(pattern_t *p);
static int pattern_word(const pattern_t *p, size_t at);


crm_status_t
crm_pattern_parse(crm_pattern_t *pattern, crm_str_t text, unsigned rows,
    crm_pool_t *pool, crm_error_t *err)
{
    unsigned      i, root;
    pattern_t     p;
    crm_status_t  rc;

    memset(&p, 0, sizeof(pattern_t));
    p.text = text;
    p.rows = rows;
    p.err = err;

    if (text.len > CRM_MAX_PATTERN || rows > CRM_MAX_ROWS) {
        return crm_error_set(err, CRM_EINVAL, 0, "", "it is too long");
    }

    /* a byte makes one item at most: a number, or an operator's group */

    p.items = crm_pool_alloc(pool, (text.len + 1) * sizeof(item_t));
    pattern->nodes = crm_pool_alloc(pool, (text.len + 1)
                                          * sizeof(crm_pattern_node_t));
    pattern->count = 0;

    if (p.items == NULL || pattern->nodes == NULL) {
        return CRM_ENOMEM;
    }

    rc = pattern_expression(&p, &root, 0);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 1; i <= rows; i++) {
        if (!p.used[i]) {
            return crm_error_set(err, CRM_EINVAL, text.len, "", "row %u is not"
                                 " used; name each row at least once", i);
        }
    }

    pattern_write(&p, root, pattern);

    return CRM_OK;
}


/* Operands joined from left to right, up to the bracket that ends them. */
static crm_status_t
pattern_expression(pattern_t *p, unsigned *item, unsigned brackets)
{
    unsigned         right;
    crm_status_t     rc;
    crm_node_type_t  type;

    type = CRM_NODE_LEAF;
    rc = pattern_operand(p, item, brackets);

    while (rc == CRM_OK) {
        pattern_space(p);

        if (p->at == p->text.len) {
            return brackets == 0 ? CRM_OK
                   : crm_error_set(p->err, CRM_EINVAL, p->at, "",
                                   "a bracket is not closed");
        }

        if (p->text.data[p->at] == ')') {
            return brackets ? CRM_OK
                   : crm_error_set(p->err, CRM_EINVAL, p->at, "",
                                   "this bracket closes none");
        }

        rc = pattern_operator(p, &type);
        if (rc == CRM_OK) {
            rc = pattern_operand(p, &right, brackets);
        }

        if (rc == CRM_OK) {
            *item = pattern_join(p, type, *item, right);
        }
    }

    return rc;
}


static crm_status_t
pattern_operand(pattern_t *p, unsigned *item, unsigned brackets)
{
    crm_status_t  rc;

    pattern_space(p);

    if (p->at == p->text.len || p->text.data[p->at] != '(') {
        return pattern_number(p, item);
    }

    if (brackets == CRM_MAX_BRACKETS) {
        return crm_error_set(p->err, CRM_EINVAL, p->at, "", "brackets are"
                             " nested deeper than %d", CRM_MAX_BRACKETS);
    }

    p->at++;

    rc = pattern_expression(p, item, brackets + 1);

    p->at += rc == CRM_OK;

    return rc;
}


static crm_status_t
pattern_number(pattern_t *p, unsigned *item)
{
    size_t    at;
    unsigned  row;

    at = p->at;
    row = 0;

    while (p->at < p->text.len && p->text.data[p->at] >= '0'
           && p->text.data[p->at] <= '9' && row <= CRM_MAX_ROWS)
    {
        row = row * 10 + (unsigned) (p->text.data[p->at++] - '0');
    }

    if (p->at == at) {
        return crm_error_set(p->err, CRM_EINVAL, at, "",
                             "a row's number or an opening bracket must stand"
                             " here");
    }

    if (pattern_word(p, p->at)) {
        return crm_error_set(p->err, CRM_EINVAL, p->at, "",
                             "a blank must stand between a number and a word");
    }

    if (row == 0 || row > p->rows || p->text.data[at] == '0') {
        return crm_error_set(p->err, CRM_EINVAL, at, "",
                             "there is no such row; rows are numbered 1 to %u",
                             p->rows);
    }

    p->used[row] = 1;

    memset(&p->items[p->count], 0, sizeof(item_t));
    p->items[p->count].type = CRM_NODE_LEAF;
    p->items[p->count].row = row;
    p->items[p->count].next = NO_ITEM;
    *item = p->count++;

    return CRM_OK;
}


static crm_status_t
pattern_operator(pattern_t *p, crm_node_type_t *type)
{
    size_t     at, end;
    crm_str_t  word;

    at = p->at;

    for (end = at; pattern_word(p, end); end++) { /* void */ }

    word = crm_str(p->text.data + at, end - at);

    if (crm_str_caseeq(word, CRM_STR("and"))) {
        *type = CRM_NODE_AND;

    } else if (crm_str_caseeq(word, CRM_STR("or"))) {
        *type = CRM_NODE_OR;

    } else {
        return crm_error_set(p->err, CRM_EINVAL, at, "",
                             "and, or or a closing bracket must stand here");
    }

    if (end < p->text.len && p->text.data[end] >= '0'
        && p->text.data[end] <= '9')
    {
        return crm_error_set(p->err, CRM_EINVAL, end, "",
                             "a blank must stand between a number and a word");
    }

    p->at = end;

    return CRM_OK;
}


/* A group of both, into which those of the same operator dissolve. */
static unsigned
pattern_join(pattern_t *p, crm_node_type_t type, unsigned left,
    unsigned right)
{
    unsigned  group, item, next;

    if (p->items[left].type == type) {
        group = left;

    } else {
        group = p->count++;
        memset(&p->items[group], 0, sizeof(item_t));
        p->items[group].type = type;
        p->items[group].first = NO_ITEM;
        p->items[group].next = NO_ITEM;
        pattern_append(p, group, left);
    }

    if (p->items[right].type != type) {
        pattern_append(p, group, right);
        return group;
    }

    for (item = p->items[right].first; item != NO_ITEM; item = next) {
        next = p->items[item].next;
        pattern_append(p, group, item);
    }

    return group;
}


static void
pattern_append(pattern_t *p, unsigned group, unsigned item)
{
    if (p->items[group].first == NO_ITEM) {
        p->items[group].first = item;
    } else {
        p->items[p->items[group].last].next = item;
    }

    p->items[group].last = item;
    p->items[item].next = NO_ITEM;
}


/* No deeper than the text is long. */
static void
pattern_write(const pattern_t *p, unsigned item, crm_pattern_t *pattern)
{
    unsigned             at, member;
    crm_pattern_node_t  *node;

    at = pattern->count++;
    node = &pattern->nodes[at];
    node->type = p->items[item].type;
    node->row = p->items[item].row;

    if (node->type != CRM_NODE_LEAF) {
        for (member = p->items[item].first; member != NO_ITEM;
             member = p->items[member].next)
        {
            pattern_write(p, member, pattern);
        }
    }

    pattern->nodes[at].next = pattern->count;
}


static void
pattern_space(pattern_t *p)
{
    while (p->at < p->text.len
           && (p->text.data[p->at] == ' ' || p->text.data[p->at] == '\t'
               || p->text.data[p->at] == '\n' || p->text.data[p->at] == '\r'))
    {
        p->at++;
    }
}


static int
pattern_word(const pattern_t *p, size_t at)
{
    char  c;

    if (at >= p->text.len) {
        return 0;
    }

    c = (char) (p->text.data[at] | 0x20);

    return c >= 'a' && c <= 'z';
}
