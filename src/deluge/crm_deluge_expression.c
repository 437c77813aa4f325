/*
 * Expressions. The grammar stands in crm_deluge_script.h.
 */

#include "crm_deluge_parser.h"


static crm_status_t expression_binary(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node, unsigned rank);
static char expression_operator(const crm_deluge_parser_t *parser,
    unsigned rank);
static crm_status_t expression_mixed(crm_deluge_parser_t *parser,
    const crm_deluge_node_t *node);
static crm_status_t expression_unary(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);
static crm_status_t expression_postfix(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);
static crm_status_t expression_operand(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);
static crm_status_t expression_number(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t expression_word(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t expression_path(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t expression_arguments(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t expression_argument(crm_deluge_parser_t *parser,
    crm_array_t *items);
static int expression_takes_pairs(crm_str_t name);
static crm_status_t expression_group(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);
static crm_status_t expression_braces(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);


/* From the loosest to the tightest. */
static const struct {
    const char  *sign;
    unsigned     rank;
    char         op;
} expression_operators[] = {
    { "||", 0, CRM_DELUGE_OP_OR },
    { "&&", 1, CRM_DELUGE_OP_AND },
    { "==", 2, CRM_DELUGE_OP_EQ },
    { "!=", 2, CRM_DELUGE_OP_NE },
    { "<", 3, '<' },
    { "<=", 3, CRM_DELUGE_OP_LE },
    { ">", 3, '>' },
    { ">=", 3, CRM_DELUGE_OP_GE },
    { "+", 4, '+' },
    { "-", 4, '-' },
    { "*", 5, '*' },
    { "/", 5, '/' },
    { "%", 5, '%' },
};

#define EXPRESSION_RANKS  6


int
crm_deluge_is_constant(crm_str_t path)
{
    size_t  i;

    static const char *const  constants[] = {
        "zoho.currentdate", "zoho.currenttime", "zoho.loginuser",
        "zoho.loginuserid"
    };

    for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        if (crm_str_is(path, constants[i])) {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_deluge_parser_expression(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node)
{
    crm_status_t  rc;

    *node = NULL;

    rc = crm_deluge_parser_enter(parser);

    if (rc == CRM_OK) {
        rc = expression_binary(parser, node, 0);
        crm_deluge_parser_leave(parser);
    }

    return rc;
}


static crm_status_t
expression_binary(crm_deluge_parser_t *parser, crm_deluge_node_t **node,
    unsigned rank)
{
    char                op;
    crm_status_t        rc;
    crm_deluge_node_t  *binary, *right;

    if (rank == EXPRESSION_RANKS) {
        return expression_unary(parser, node);
    }

    rc = expression_binary(parser, node, rank + 1);

    while (rc == CRM_OK && (op = expression_operator(parser, rank)) != 0) {
        binary = crm_deluge_parser_node(parser, CRM_DELUGE_N_BINARY);
        if (binary == NULL) {
            return crm_deluge_parser_no_memory(parser);
        }

        binary->op = op;
        binary->a = *node;

        rc = crm_deluge_parser_advance(parser);

        if (rc == CRM_OK) {
            rc = expression_binary(parser, &right, rank + 1);
        }

        if (rc == CRM_OK) {
            binary->b = right;
            *node = binary;
            rc = expression_mixed(parser, binary);
        }
    }

    return rc;
}


/* The operator of this rank that comes next, or 0. */
static char
expression_operator(const crm_deluge_parser_t *parser, unsigned rank)
{
    size_t  i;

    for (i = 0; i < sizeof(expression_operators)
                    / sizeof(expression_operators[0]); i++)
    {
        if (expression_operators[i].rank == rank
            && crm_deluge_parser_sign(parser, expression_operators[i].sign))
        {
            return expression_operators[i].op;
        }
    }

    return 0;
}


/* Runtimes have been seen to rank the two otherwise: parentheses tell. A node
 * in parentheses has lost its op's claim, see expression_group(). */
static crm_status_t
expression_mixed(crm_deluge_parser_t *parser, const crm_deluge_node_t *node)
{
    crm_deluge_error_t  *warning;

    if (node->op != CRM_DELUGE_OP_OR
        || !((node->a->kind == CRM_DELUGE_N_BINARY && node->a->count == 0
              && node->a->op == CRM_DELUGE_OP_AND)
             || (node->b->kind == CRM_DELUGE_N_BINARY && node->b->count == 0
                 && node->b->op == CRM_DELUGE_OP_AND)))
    {
        return CRM_OK;
    }

    warning = crm_pool_calloc(parser->pool, 1, sizeof(crm_deluge_error_t));

    if (warning == NULL
        || crm_array_push(&parser->warnings, warning, parser->pool) != CRM_OK)
    {
        return crm_deluge_parser_no_memory(parser);
    }

    (void) crm_deluge_fail(warning, CRM_OK, node->place,
               "&& binds tighter than || here: put parentheses where both"
               " stand");

    return CRM_OK;
}


/* Each sign is one deeper. */
static crm_status_t
expression_unary(crm_deluge_parser_t *parser, crm_deluge_node_t **node)
{
    crm_status_t        rc;
    crm_deluge_node_t  *unary, *operand;

    if (!crm_deluge_parser_sign(parser, "!")
        && !crm_deluge_parser_sign(parser, "-"))
    {
        return expression_postfix(parser, node);
    }

    unary = crm_deluge_parser_node(parser, CRM_DELUGE_N_UNARY);
    if (unary == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    unary->op = parser->token.text.data[0];

    rc = crm_deluge_parser_enter(parser);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_advance(parser);
    }

    if (rc == CRM_OK) {
        rc = expression_unary(parser, &operand);
    }

    if (rc == CRM_OK) {
        crm_deluge_parser_leave(parser);
        unary->a = operand;
        *node = unary;
    }

    return rc;
}


static crm_status_t
expression_postfix(crm_deluge_parser_t *parser, crm_deluge_node_t **node)
{
    unsigned            links;
    crm_status_t        rc;
    crm_deluge_node_t  *member;

    rc = expression_operand(parser, node);

    for (links = 0; rc == CRM_OK && crm_deluge_parser_sign(parser, ".");
         links++)
    {
        if (links == CRM_DELUGE_PARSE_DEPTH) {
            return crm_deluge_fail(parser->err, CRM_EINVAL,
                       parser->token.place, "nothing nests deeper than %d",
                       CRM_DELUGE_PARSE_DEPTH);
        }

        rc = crm_deluge_parser_advance(parser);
        if (rc != CRM_OK) {
            return rc;
        }

        member = crm_deluge_parser_node(parser, CRM_DELUGE_N_MEMBER);
        if (member == NULL) {
            return crm_deluge_parser_no_memory(parser);
        }

        member->a = *node;
        *node = member;

        rc = crm_deluge_parser_name(parser, &member->text,
                                    "the name of a function or key");

        if (rc == CRM_OK && crm_deluge_parser_sign(parser, "(")) {
            member->kind = CRM_DELUGE_N_METHOD;
            rc = expression_arguments(parser, member);
        }
    }

    return rc;
}


static crm_status_t
expression_operand(crm_deluge_parser_t *parser, crm_deluge_node_t **node)
{
    crm_status_t  rc;

    if (crm_deluge_parser_sign(parser, "(")) {
        return expression_group(parser, node);
    }

    *node = crm_deluge_parser_node(parser, CRM_DELUGE_N_LITERAL);
    if (*node == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    if (crm_deluge_parser_sign(parser, "{")) {
        rc = crm_deluge_parser_enter(parser);

        if (rc == CRM_OK) {
            rc = expression_braces(parser, *node);
            crm_deluge_parser_leave(parser);
        }

        return rc;
    }

    switch (parser->token.kind) {

    case CRM_DELUGE_T_NUMBER:
        rc = expression_number(parser, *node);
        return rc == CRM_OK ? crm_deluge_parser_advance(parser) : rc;

    case CRM_DELUGE_T_TEXT:
        (*node)->value = crm_deluge_text(parser->token.text);
        return crm_deluge_parser_advance(parser);

    case CRM_DELUGE_T_MOMENT:
        (*node)->kind = CRM_DELUGE_N_MOMENT;
        (*node)->text = parser->token.text;
        return crm_deluge_parser_advance(parser);

    case CRM_DELUGE_T_NAME:
        return expression_word(parser, *node);

    default:
        return crm_deluge_parser_unexpected(parser, "a value");
    }
}


static crm_status_t
expression_number(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    long long             n;
    crm_status_t          rc;
    crm_deluge_decimal_t  d;

    rc = crm_deluge_decimal_parse(&d, parser->token.text);

    if (rc == CRM_OK && memchr(parser->token.text.data, '.',
                               parser->token.text.len) == NULL)
    {
        if (crm_deluge_decimal_whole(d, &n)) {
            node->value = crm_deluge_number(n);
            return CRM_OK;
        }

        rc = CRM_ELIMIT;
    }

    if (rc != CRM_OK) {
        return crm_deluge_fail(parser->err, CRM_EINVAL, parser->token.place,
                   "a number has 64 bits, a decimal %d digits: this one is"
                   " too long", CRM_DELUGE_DIGITS);
    }

    rc = crm_deluge_from_decimal(&node->value, d, parser->pool);

    return rc == CRM_OK ? rc : crm_deluge_parser_no_memory(parser);
}


static crm_status_t
expression_word(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_str_t     name;
    crm_status_t  rc;

    rc = crm_deluge_parser_name(parser, &name, "a value");
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_str_is(name, "true") || crm_str_is(name, "false")) {
        node->value = crm_deluge_boolean(name.data[0] == 't');
        return CRM_OK;
    }

    if (crm_str_is(name, "null")) {
        node->value = crm_deluge_null();
        return CRM_OK;
    }

    node->kind = CRM_DELUGE_N_NAME;
    node->text = name;

    if (crm_deluge_parser_sign(parser, "[")
        && (crm_str_caseeq(name, CRM_STR("invokeurl"))
            || crm_str_is(name, "sendmail")))
    {
        node->kind = CRM_DELUGE_N_TASK;
        return crm_deluge_parser_task(parser, node);
    }

    if (crm_deluge_parser_sign(parser, ".")
        && (crm_str_is(name, "zoho") || crm_str_is(name, "standalone")
            || crm_str_is(name, "automation") || crm_str_is(name, "button")
            || crm_str_is(name, "schedule") || crm_str_is(name, "thisapp")))
    {
        node->kind = CRM_DELUGE_N_PATH;
        rc = expression_path(parser, node);
    }

    if (rc == CRM_OK && crm_deluge_parser_sign(parser, "(")) {
        node->kind = CRM_DELUGE_N_CALL;
        rc = expression_arguments(parser, node);
    }

    return rc;
}


/* zoho.crm.getRecordById is one name; what stands behind zoho.currentdate is
 * asked of a date. */
static crm_status_t
expression_path(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_str_t     parts[3];
    crm_status_t  rc;

    while (crm_deluge_parser_sign(parser, ".")
           && !crm_deluge_is_constant(node->text))
    {
        rc = crm_deluge_parser_advance(parser);

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &parts[2], "a name");
        }

        if (rc != CRM_OK) {
            return rc;
        }

        parts[0] = node->text;
        parts[1] = CRM_STR(".");
        node->text = crm_pool_concat(parser->pool, parts, 3);

        if (node->text.data == NULL) {
            return crm_deluge_parser_no_memory(parser);
        }
    }

    return CRM_OK;
}


static crm_status_t
expression_arguments(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_array_t   items;
    crm_status_t  rc;

    memset(&items, 0, sizeof(crm_array_t));

    rc = crm_deluge_parser_advance(parser);

    while (rc == CRM_OK && !crm_deluge_parser_sign(parser, ")")) {

        if (items.count) {
            rc = crm_deluge_parser_expect(parser, ",",
                                          "or \")\" behind an argument");
        }

        if (rc == CRM_OK) {
            rc = expression_argument(parser, &items);
        }

        if (rc == CRM_OK && items.count == 1
            && crm_deluge_parser_sign(parser, ":")
            && expression_takes_pairs(node->text))
        {
            node->op = ':';
        }

        if (rc == CRM_OK && node->op == ':') {
            rc = crm_deluge_parser_expect(parser, ":",
                                          "between a key and its value");

            if (rc == CRM_OK) {
                rc = expression_argument(parser, &items);
            }
        }
    }

    crm_deluge_parser_list(node, &items);

    return rc == CRM_OK ? crm_deluge_parser_advance(parser) : rc;
}


static crm_status_t
expression_argument(crm_deluge_parser_t *parser, crm_array_t *items)
{
    crm_status_t        rc;
    crm_deluge_node_t  *item;

    rc = crm_deluge_parser_expression(parser, &item);

    return rc != CRM_OK || crm_array_push(items, item, parser->pool) == CRM_OK
           ? rc : crm_deluge_parser_no_memory(parser);
}


/* Those of collections. */
static int
expression_takes_pairs(crm_str_t name)
{
    return crm_str_is(name, "insert")
           || crm_str_caseeq(name, CRM_STR("collection"));
}


static crm_status_t
expression_group(crm_deluge_parser_t *parser, crm_deluge_node_t **node)
{
    crm_status_t  rc;

    rc = crm_deluge_parser_advance(parser);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_expression(parser, node);
    }

    if (rc == CRM_OK && (*node)->kind == CRM_DELUGE_N_BINARY) {
        (*node)->count = 1;         /* it says what it means */
    }

    return rc == CRM_OK
           ? crm_deluge_parser_expect(parser, ")", "behind an expression")
           : rc;
}


/* { 1, 2 } and {} are lists, { "a": 1 } is a map. */
static crm_status_t
expression_braces(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_array_t         items;
    crm_status_t        rc;
    crm_deluge_node_t  *item;

    memset(&items, 0, sizeof(crm_array_t));
    node->kind = CRM_DELUGE_N_LIST;

    rc = crm_deluge_parser_advance(parser);

    while (rc == CRM_OK && !crm_deluge_parser_sign(parser, "}")) {

        if (items.count) {
            rc = crm_deluge_parser_expect(parser, ",",
                                          "or \"}\" behind a value");
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_expression(parser, &item);
        }

        if (rc == CRM_OK
            && crm_array_push(&items, item, parser->pool) != CRM_OK)
        {
            rc = crm_deluge_parser_no_memory(parser);
        }

        if (rc == CRM_OK && items.count == 1
            && crm_deluge_parser_sign(parser, ":"))
        {
            node->kind = CRM_DELUGE_N_MAP;
        }

        if (rc == CRM_OK && node->kind == CRM_DELUGE_N_MAP) {
            rc = crm_deluge_parser_expect(parser, ":", "behind a key");

            if (rc == CRM_OK) {
                rc = crm_deluge_parser_expression(parser, &item);
            }

            if (rc == CRM_OK
                && crm_array_push(&items, item, parser->pool) != CRM_OK)
            {
                rc = crm_deluge_parser_no_memory(parser);
            }
        }
    }

    crm_deluge_parser_list(node, &items);

    return rc == CRM_OK ? crm_deluge_parser_advance(parser) : rc;
}
