/*
 * Functions and statements. The grammar stands in crm_deluge_script.h.
 */

#include "crm_deluge_parser.h"

#include <stdio.h>


static crm_status_t parser_function(crm_deluge_parser_t *parser,
    crm_array_t *functions);
static crm_status_t parser_params(crm_deluge_parser_t *parser,
    crm_deluge_function_t *function);
static int parser_is_function(const crm_deluge_parser_t *parser);
static crm_status_t parser_finish(crm_deluge_parser_t *parser,
    crm_deluge_script_t *script, crm_array_t *functions,
    crm_deluge_node_t *body, crm_array_t *statements);


crm_status_t
crm_deluge_parse(crm_deluge_script_t *script, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err)
{
    crm_array_t           functions, statements;
    crm_status_t          rc;
    crm_deluge_node_t    *body, *node;
    crm_deluge_parser_t   parser;

    memset(script, 0, sizeof(crm_deluge_script_t));
    memset(&parser, 0, sizeof(crm_deluge_parser_t));
    memset(&functions, 0, sizeof(crm_array_t));
    memset(&statements, 0, sizeof(crm_array_t));

    parser.pool = pool;
    parser.err = err;

    rc = crm_deluge_lexer_init(&parser.lexer, source, pool, err);

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_advance(&parser);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_advance(&parser);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    body = crm_deluge_parser_node(&parser, CRM_DELUGE_N_BLOCK);
    if (body == NULL) {
        return crm_deluge_parser_no_memory(&parser);
    }

    while (parser.token.kind != CRM_DELUGE_T_END) {

        if (parser_is_function(&parser)) {
            rc = parser_function(&parser, &functions);

        } else {
            rc = crm_deluge_parser_statement(&parser, &node);

            if (rc == CRM_OK
                && crm_array_push(&statements, node, pool) != CRM_OK)
            {
                rc = crm_deluge_parser_no_memory(&parser);
            }
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return parser_finish(&parser, script, &functions, body, &statements);
}


static crm_status_t
parser_finish(crm_deluge_parser_t *parser, crm_deluge_script_t *script,
    crm_array_t *functions, crm_deluge_node_t *body, crm_array_t *statements)
{
    size_t  i;

    crm_deluge_parser_list(body, statements);
    script->body = body;

    script->functions = crm_pool_calloc(parser->pool, functions->count + 1,
                                        sizeof(crm_deluge_function_t));
    script->warnings = crm_pool_calloc(parser->pool,
                                       parser->warnings.count + 1,
                                       sizeof(crm_deluge_error_t));

    if (script->functions == NULL || script->warnings == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    for (i = 0; i < functions->count; i++) {
        script->functions[i] = *(crm_deluge_function_t *) functions->items[i];
    }

    for (i = 0; i < parser->warnings.count; i++) {
        script->warnings[i] = *(crm_deluge_error_t *)
                              parser->warnings.items[i];
    }

    script->count = functions->count;
    script->n_warnings = parser->warnings.count;

    return CRM_OK;
}


const crm_deluge_function_t *
crm_deluge_function(const crm_deluge_script_t *script, crm_str_t name)
{
    size_t     i, at;
    crm_str_t  own, last;

    for (at = name.len; at && name.data[at - 1] != '.'; at--) {
        /* void */
    }

    last = crm_str(name.data + at, name.len - at);

    for (i = 0; i < script->count; i++) {
        own = script->functions[i].name;

        for (at = own.len; at && own.data[at - 1] != '.'; at--) {
            /* void */
        }

        if (crm_str_eq(crm_str(own.data + at, own.len - at), last)) {
            return &script->functions[i];
        }
    }

    return NULL;
}


/* ---- what both files use ---- */

crm_status_t
crm_deluge_parser_advance(crm_deluge_parser_t *parser)
{
    parser->token = parser->after;

    return crm_deluge_lexer_next(&parser->lexer, &parser->after);
}


int
crm_deluge_parser_sign(const crm_deluge_parser_t *parser, const char *sign)
{
    return parser->token.kind == CRM_DELUGE_T_SIGN
           && crm_str_is(parser->token.text, sign);
}


int
crm_deluge_parser_word(const crm_deluge_parser_t *parser, const char *word)
{
    return parser->token.kind == CRM_DELUGE_T_NAME
           && crm_str_is(parser->token.text, word);
}


crm_status_t
crm_deluge_parser_expect(crm_deluge_parser_t *parser, const char *sign,
    const char *why)
{
    char  expected[120];

    if (crm_deluge_parser_sign(parser, sign)) {
        return crm_deluge_parser_advance(parser);
    }

    (void) snprintf(expected, sizeof(expected), "\"%s\" %s", sign, why);

    return crm_deluge_parser_unexpected(parser, expected);
}


crm_status_t
crm_deluge_parser_name(crm_deluge_parser_t *parser, crm_str_t *name,
    const char *what)
{
    if (parser->token.kind != CRM_DELUGE_T_NAME) {
        return crm_deluge_parser_unexpected(parser, what);
    }

    *name = crm_pool_dup(parser->pool, parser->token.text);
    if (name->data == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    return crm_deluge_parser_advance(parser);
}


crm_status_t
crm_deluge_parser_unexpected(crm_deluge_parser_t *parser,
    const char *expected)
{
    crm_str_t  text;

    text = parser->token.text;

    if (parser->token.kind == CRM_DELUGE_T_END) {
        return crm_deluge_fail(parser->err, CRM_EINVAL, parser->token.place,
                   "the script ends here, expected is %s", expected);
    }

    return crm_deluge_fail(parser->err, CRM_EINVAL, parser->token.place,
               "%s is expected here, not \"%.*s\"", expected,
               text.len > 40 ? 40 : (int) text.len, text.data);
}


crm_status_t
crm_deluge_parser_no_memory(crm_deluge_parser_t *parser)
{
    return crm_deluge_fail(parser->err, CRM_ENOMEM, parser->token.place,
                           "no memory for a script of this size");
}


crm_deluge_node_t *
crm_deluge_parser_node(crm_deluge_parser_t *parser,
    crm_deluge_node_kind_t kind)
{
    crm_deluge_node_t  *node;

    node = crm_pool_calloc(parser->pool, 1, sizeof(crm_deluge_node_t));

    if (node) {
        node->kind = kind;
        node->place = parser->token.place;
    }

    return node;
}


crm_status_t
crm_deluge_parser_enter(crm_deluge_parser_t *parser)
{
    if (parser->depth == CRM_DELUGE_PARSE_DEPTH) {
        return crm_deluge_fail(parser->err, CRM_EINVAL, parser->token.place,
                   "nothing nests deeper than %d", CRM_DELUGE_PARSE_DEPTH);
    }

    parser->depth++;

    return CRM_OK;
}


void
crm_deluge_parser_leave(crm_deluge_parser_t *parser)
{
    parser->depth--;
}


void
crm_deluge_parser_list(crm_deluge_node_t *node, crm_array_t *items)
{
    node->list = (crm_deluge_node_t **) items->items;
    node->count = items->count;
}


/* ---- functions ---- */

/* A type, and a name behind it: what no statement begins with. */
static int
parser_is_function(const crm_deluge_parser_t *parser)
{
    size_t  i;

    static const char *const  types[] = {
        "void", "string", "int", "float", "bool", "date", "datetime", "time",
        "list", "map", "key", "collection", "file", "decimal", "number",
        "text"
    };

    if (parser->token.kind != CRM_DELUGE_T_NAME
        || parser->after.kind != CRM_DELUGE_T_NAME)
    {
        return 0;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (crm_str_caseeq(parser->token.text, crm_strz(types[i]))) {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
parser_function(crm_deluge_parser_t *parser, crm_array_t *functions)
{
    crm_str_t               part, parts[3];
    crm_status_t            rc;
    crm_deluge_node_t      *body;
    crm_deluge_function_t  *function;

    function = crm_pool_calloc(parser->pool, 1,
                               sizeof(crm_deluge_function_t));
    if (function == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    rc = crm_deluge_parser_name(parser, &function->type, "a type");
    function->place = parser->token.place;

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_name(parser, &function->name,
                                    "the name of a function");
    }

    while (rc == CRM_OK && crm_deluge_parser_sign(parser, ".")) {
        rc = crm_deluge_parser_advance(parser);

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &part,
                                        "the name of a function");
        }

        if (rc == CRM_OK) {
            parts[0] = function->name;
            parts[1] = CRM_STR(".");
            parts[2] = part;
            function->name = crm_pool_concat(parser->pool, parts, 3);

            rc = function->name.data ? CRM_OK
                                     : crm_deluge_parser_no_memory(parser);
        }
    }

    if (rc == CRM_OK) {
        rc = parser_params(parser, function);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_parser_block(parser, &body);
        function->body = body;
    }

    if (rc == CRM_OK && crm_array_push(functions, function, parser->pool)
                        != CRM_OK)
    {
        rc = crm_deluge_parser_no_memory(parser);
    }

    return rc;
}


static crm_status_t
parser_params(crm_deluge_parser_t *parser, crm_deluge_function_t *function)
{
    size_t               i;
    crm_array_t          params;
    crm_status_t         rc;
    crm_deluge_param_t  *param;

    memset(&params, 0, sizeof(crm_array_t));

    rc = crm_deluge_parser_expect(parser, "(",
                                  "before the arguments of a function");

    while (rc == CRM_OK && !crm_deluge_parser_sign(parser, ")")) {

        if (params.count) {
            rc = crm_deluge_parser_expect(parser, ",", "between arguments");
        }

        param = crm_pool_calloc(parser->pool, 1, sizeof(crm_deluge_param_t));

        if (param == NULL
            || crm_array_push(&params, param, parser->pool) != CRM_OK)
        {
            return crm_deluge_parser_no_memory(parser);
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &param->type,
                                        "the type of an argument");
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_parser_name(parser, &param->name,
                                        "the name of an argument");
        }
    }

    if (rc != CRM_OK) {
        return rc;
    }

    function->params = crm_pool_calloc(parser->pool, params.count + 1,
                                       sizeof(crm_deluge_param_t));
    if (function->params == NULL) {
        return crm_deluge_parser_no_memory(parser);
    }

    for (i = 0; i < params.count; i++) {
        function->params[i] = *(crm_deluge_param_t *) params.items[i];
    }

    function->count = params.count;

    return crm_deluge_parser_advance(parser);
}
