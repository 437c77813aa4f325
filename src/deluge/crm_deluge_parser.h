/*
 * What the files of the parser share.
 */

#ifndef CRM_DELUGE_PARSER_H
#define CRM_DELUGE_PARSER_H

#include "base/crm_array.h"
#include "crm_deluge_script.h"


typedef struct {
    crm_deluge_lexer_t   lexer;
    crm_deluge_token_t   token;         /* the one to be taken next */
    crm_deluge_token_t   after;         /* and the one behind it */
    crm_pool_t          *pool;
    crm_deluge_error_t  *err;
    unsigned             depth;
    unsigned             loops;         /* for break and continue */
    crm_array_t          warnings;      /* crm_deluge_error_t */
} crm_deluge_parser_t;


crm_status_t crm_deluge_parser_advance(crm_deluge_parser_t *parser);
/* Whether the next token is this sign, or this word. */
int crm_deluge_parser_sign(const crm_deluge_parser_t *parser,
    const char *sign);
int crm_deluge_parser_word(const crm_deluge_parser_t *parser,
    const char *word);
/* Takes it, or says what was expected, and why. */
crm_status_t crm_deluge_parser_expect(crm_deluge_parser_t *parser,
    const char *sign, const char *why);
crm_status_t crm_deluge_parser_name(crm_deluge_parser_t *parser,
    crm_str_t *name, const char *what);
crm_status_t crm_deluge_parser_unexpected(crm_deluge_parser_t *parser,
    const char *expected);
/* NULL without memory. It stands where the next token does. */
crm_deluge_node_t *crm_deluge_parser_node(crm_deluge_parser_t *parser,
    crm_deluge_node_kind_t kind);
crm_status_t crm_deluge_parser_no_memory(crm_deluge_parser_t *parser);
/* Into a pair: no deeper than CRM_DELUGE_PARSE_DEPTH; and out again. */
crm_status_t crm_deluge_parser_enter(crm_deluge_parser_t *parser);
void crm_deluge_parser_leave(crm_deluge_parser_t *parser);
/* The items become node's list. */
void crm_deluge_parser_list(crm_deluge_node_t *node, crm_array_t *items);

/* crm_deluge_statement.c */
crm_status_t crm_deluge_parser_block(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);
crm_status_t crm_deluge_parser_statement(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);

/* crm_deluge_expression.c */
crm_status_t crm_deluge_parser_expression(crm_deluge_parser_t *parser,
    crm_deluge_node_t **node);

/* crm_deluge_task.c: what stands in a task's brackets becomes node's list. */
crm_status_t crm_deluge_parser_task(crm_deluge_parser_t *parser,
    crm_deluge_node_t *node);

#endif
