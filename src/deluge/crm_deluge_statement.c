/*
 * Statements. The grammar stands in crm_deluge_script.h.
 */

#include "crm_deluge_parser.h"


static crm_status_t statement_if(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t statement_for(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t statement_try(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t statement_jump(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t statement_value(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);
static crm_status_t statement_assign(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);


typedef struct {
    const char              *word;
    crm_deluge_node_kind_t   kind;
    crm_status_t           (*parse)(crm_deluge_parser_t *parser,
                                    crm_deluge_node_t *node);
} statement_word_t;

static const statement_word_t  statement_words[] = {
    { "if", CRM_DELUGE_N_IF, statement_if },
    { "for", CRM_DELUGE_N_FOR_EACH, statement_for },
    { "try", CRM_DELUGE_N_TRY, statement_try },
    { "break", CRM_DELUGE_N_BREAK, statement_jump },
    { "continue", CRM_DELUGE_N_CONTINUE, statement_jump },
    { "return", CRM_DELUGE_N_RETURN, statement_value },
    { "info", CRM_DELUGE_N_INFO, statement_value },
    { "throw", CRM_DELUGE_N_THROW, statement_value },
    { NULL, 0, NULL }
};


crm_status_t
crm_deluge_parser_block(crm_deluge_parser_t *parser, crm_deluge_node_t **node)
{
    crm_array_t         statements;
    crm_status_t        rc;
    crm_deluge_node_t  *statement;

    memset(&statements, 0, sizeof(crm_array_t));

    *node = crm_deluge_parser_node(parser, CRM_DELUGE_N_BLOCK);
    if (*node == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    rc = crm_deluge_parser_enter(parser);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_expect(parser, "{", "before statements");
    }

    while (rc == CRM_OK && !crm_deluge_parser_sign(parser, "}")) {

        if (parser->token.kind == CRM_DELUGE_T_END) {
            return crm_deluge_parser_unexpected(parser,
                                                "\"}\" behind statements");
        }

        rc = crm_deluge_parser_statement(parser, &statement);

        if (rc == CRM_OK
            && crm_array_push(&statements, statement, parser->pool) != CRM_OK)
        {
            rc = crm_deluge_parser_no_memory(parser);
        }
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_deluge_parser_leave(parser);
    crm_deluge_parser_list(*node, &statements);

    return crm_deluge_parser_advance(parser);
}


crm_status_t
crm_deluge_parser_statement(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node)
{
    crm_status_t          rc;
    const statement_word_t  *word;

    *node = crm_deluge_parser_node(parser, CRM_DELUGE_N_EVALUATE);
    if (*node == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    for (word = statement_words; word->word; word++) {

        if (crm_deluge_parser_word(parser, word->word)
            && !crm_str_is(parser->after.text, "=")
            && !crm_str_is(parser->after.text, "."))
        {
            (*node)->kind = word->kind;

            rc = crm_deluge_parser_advance(parser);

            return rc == CRM_OK ? word->parse(parser, *node) : rc;
        }
    }

    rc = statement_assign(parser, *node);
    if (rc != CRM_OK) {
        return rc;
    }

    if ((*node)->kind == CRM_DELUGE_N_EVALUATE
        && (*node)->a->kind == CRM_DELUGE_N_TASK
        && !crm_deluge_parser_sign(parser, ";"))
    {
        return CRM_OK;          /* sendmail [ ... ] is written without */
    }

    return crm_deluge_parser_expect(parser, ";", "behind a statement");
}


static crm_status_t
statement_condition(crm_deluge_parser_t *parser, crm_deluge_node_t *node,
    const char *where)
{
    crm_status_t        rc;
    crm_deluge_node_t  *condition;

    rc = crm_deluge_parser_expect(parser, "(", where);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_expression(parser, &condition);
        node->a = condition;
    }

    return rc == CRM_OK
           ? crm_deluge_parser_expect(parser, ")", "behind a condition") : rc;
}


static crm_status_t
statement_if(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_node_t  *branch, *last;

    /* else if goes on in this loop, so that a long chain is not deep */

    for (last = node; /* void */; last = branch) {
        rc = statement_condition(parser, last, "behind if");

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_block(parser, &branch);
            last->b = branch;
        }

        if (rc != CRM_OK || !crm_deluge_parser_word(parser, "else")) {
            return rc;
        }

        rc = crm_deluge_parser_advance(parser);

        if (rc == CRM_OK && !crm_deluge_parser_word(parser, "if")) {
            rc = crm_deluge_parser_block(parser, &branch);
            last->c = branch;

            return rc;
        }

        branch = crm_deluge_parser_node(parser, CRM_DELUGE_N_IF);
        if (branch == NULL) {
            return crm_deluge_parser_no_memory(parser);
        }

        last->c = branch;

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_advance(parser);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }
}


static crm_status_t
statement_for(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_node_t  *child;

    if (!crm_deluge_parser_word(parser, "each")) {
        return crm_deluge_parser_unexpected(parser, "\"each\" behind for");
    }

    rc = crm_deluge_parser_advance(parser);

    if (rc == CRM_OK && crm_deluge_parser_word(parser, "index")
        && parser->after.kind == CRM_DELUGE_T_NAME
        && !crm_str_is(parser->after.text, "in"))
    {
        node->op = 'i';
        rc = crm_deluge_parser_advance(parser);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_name(parser, &node->text,
                                    "the name of a variable");
    }

    if (rc == CRM_OK && !crm_deluge_parser_word(parser, "in")) {
        rc = crm_deluge_parser_unexpected(parser,
                                          "\"in\" behind the variable");
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_advance(parser);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_expression(parser, &child);
        node->a = child;
    }

    if (rc == CRM_OK) {
        parser->loops++;
        rc = crm_deluge_parser_block(parser, &child);
        node->b = child;
        parser->loops--;
    }

    return rc;
}


static crm_status_t
statement_try(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_node_t  *child;

    rc = crm_deluge_parser_block(parser, &child);
    node->a = child;

    if (rc == CRM_OK && !crm_deluge_parser_word(parser, "catch")) {
        rc = crm_deluge_parser_unexpected(parser, "\"catch\" behind try");
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_advance(parser);
    }

    if (rc == CRM_OK && crm_deluge_parser_sign(parser, "(")) {
        rc = crm_deluge_parser_advance(parser);

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &node->text,
                                        "the name of a variable");
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_expect(parser, ")", "behind the variable");
        }
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_block(parser, &child);
        node->b = child;
    }

    return rc;
}


static crm_status_t
statement_jump(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    if (parser->loops == 0) {
        return crm_deluge_fail(parser->err, CRM_EINVAL, node->place,
                   "%s stands inside of for each alone",
                   node->kind == CRM_DELUGE_N_BREAK ? "break" : "continue");
    }

    return crm_deluge_parser_expect(parser, ";", "behind a statement");
}


/* return may stand alone. */
static crm_status_t
statement_value(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_node_t  *value;

    if (node->kind == CRM_DELUGE_N_RETURN
        && crm_deluge_parser_sign(parser, ";"))
    {
        return crm_deluge_parser_advance(parser);
    }

    rc = crm_deluge_parser_expression(parser, &value);
    node->a = value;

    return rc == CRM_OK
           ? crm_deluge_parser_expect(parser, ";", "behind a statement") : rc;
}


static crm_status_t
statement_assign(crm_deluge_parser_t *parser, crm_deluge_node_t *node)
{
    crm_str_t           sign;
    crm_status_t        rc;
    crm_deluge_node_t  *child;

    rc = crm_deluge_parser_expression(parser, &child);
    if (rc != CRM_OK) {
        return rc;
    }

    node->a = child;
    sign = parser->token.text;

    if (parser->token.kind != CRM_DELUGE_T_SIGN || sign.len > 2
        || sign.data[sign.len - 1] != '=' || crm_str_is(sign, "==")
        || (sign.len == 2 && strchr("+-*/%", sign.data[0]) == NULL))
    {
        return CRM_OK;
    }

    if (child->kind != CRM_DELUGE_N_NAME && child->kind != CRM_DELUGE_N_MEMBER)
    {
        return crm_deluge_fail(parser->err, CRM_EINVAL, parser->token.place,
                   "what stands before \"%.*s\" is no variable",
                   (int) sign.len, sign.data);
    }

    node->kind = CRM_DELUGE_N_ASSIGN;
    node->op = sign.data[0];

    rc = crm_deluge_parser_advance(parser);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_expression(parser, &child);
        node->b = child;
    }

    return rc;
}
