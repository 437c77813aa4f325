/*
 * A script as a tree.
 *
 *     script     = *( function / statement )
 *     function   = type path "(" [ type name *( "," type name ) ] ")" block
 *     block      = "{" *statement "}"
 *     statement  = name [ "." name ] assignment expression ";"
 *                / "if" "(" expression ")" block *( "else" "if" ... )
 *                  [ "else" block ]
 *                / "for" "each" [ "index" ] name "in" expression block
 *                / "try" block "catch" [ "(" name ")" ] block
 *                / ( "break" / "continue" ) ";"
 *                / ( "return" [ expression ] / "info" expression
 *                    / "throw" expression / expression ) ";"
 *     assignment = "=" / "+=" / "-=" / "*=" / "/=" / "%="
 *     expression = or-expression, by rank: ! -  * / %  + -  < <= > >=  == !=
 *                  &&  ||
 *     operand    = literal / name / path / call / "(" expression ")"
 *                / "{" items "}" / task "[" *( name ":" expression ) "]"
 *                  *( "." name [ "(" arguments ")" ] )
 *     arguments  = [ expression *( "," expression ) ]; of Collection and insert
 *                  also expression ":" expression *( "," ... )
 *     task       = "invokeurl" / "sendmail"
 *
 * A script that holds functions runs the first of them; else its statements.
 */

#ifndef CRM_DELUGE_SCRIPT_H
#define CRM_DELUGE_SCRIPT_H

#include "crm_deluge_lexer.h"
#include "crm_deluge_value.h"


#define CRM_DELUGE_PARSE_DEPTH  200

typedef enum {
    /* statements */
    CRM_DELUGE_N_BLOCK = 0,     /* list */
    CRM_DELUGE_N_ASSIGN,        /* a (NAME or MEMBER) op b */
    CRM_DELUGE_N_EVALUATE,      /* a */
    CRM_DELUGE_N_IF,            /* a, b, or c (may be NULL) */
    CRM_DELUGE_N_FOR_EACH,      /* text, a, b; op 'i': the index */
    CRM_DELUGE_N_BREAK,
    CRM_DELUGE_N_CONTINUE,
    CRM_DELUGE_N_RETURN,        /* a, or NULL */
    CRM_DELUGE_N_INFO,          /* a */
    CRM_DELUGE_N_TRY,           /* a, text (may be empty), b */
    CRM_DELUGE_N_THROW,         /* a */
    /* expressions */
    CRM_DELUGE_N_LITERAL,       /* value */
    CRM_DELUGE_N_MOMENT,        /* text: read by the clocks of the run */
    CRM_DELUGE_N_NAME,          /* text */
    CRM_DELUGE_N_PATH,          /* text: zoho.currentdate */
    CRM_DELUGE_N_UNARY,         /* op a */
    CRM_DELUGE_N_BINARY,        /* a op b */
    CRM_DELUGE_N_CALL,          /* text (list); op ':': key, value, key ... */
    CRM_DELUGE_N_METHOD,        /* a.text(list); the same */
    CRM_DELUGE_N_MEMBER,        /* a.text */
    CRM_DELUGE_N_LIST,          /* list */
    CRM_DELUGE_N_MAP,           /* list: key, value, key ... */
    CRM_DELUGE_N_TASK,          /* text, list of PARAMs */
    CRM_DELUGE_N_PARAM          /* text, a */
} crm_deluge_node_kind_t;

/* Operators: their first character, and these. */
#define CRM_DELUGE_OP_EQ   'e'
#define CRM_DELUGE_OP_NE   'n'
#define CRM_DELUGE_OP_LE   'l'
#define CRM_DELUGE_OP_GE   'g'
#define CRM_DELUGE_OP_AND  '&'
#define CRM_DELUGE_OP_OR   '|'

typedef struct crm_deluge_node_s  crm_deluge_node_t;

struct crm_deluge_node_s {
    crm_deluge_node_kind_t    kind;
    char                      op;
    crm_deluge_place_t        place;
    crm_str_t                 text;
    crm_deluge_value_t        value;
    const crm_deluge_node_t  *a;
    const crm_deluge_node_t  *b;
    const crm_deluge_node_t  *c;
    crm_deluge_node_t       **list;
    size_t                    count;
};

typedef struct {
    crm_str_t  type;            /* as written: int, string, map ... */
    crm_str_t  name;
} crm_deluge_param_t;

typedef struct {
    crm_str_t                 name;     /* standalone.total, or total */
    crm_str_t                 type;     /* void, string ... */
    crm_deluge_param_t       *params;
    size_t                    count;
    crm_deluge_place_t        place;
    const crm_deluge_node_t  *body;
} crm_deluge_function_t;

typedef struct {
    crm_deluge_function_t    *functions;
    size_t                    count;
    const crm_deluge_node_t  *body;     /* statements outside of them */
    crm_deluge_error_t       *warnings;
    size_t                    n_warnings;
} crm_deluge_script_t;


/*
 * Reads source, from which the script borrows nothing. CRM_EINVAL with *err;
 * CRM_ENOMEM.
 */
crm_status_t crm_deluge_parse(crm_deluge_script_t *script, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err);

/* The function of that name, with or without what stands before its last
 * point; NULL: there is none. */
const crm_deluge_function_t *crm_deluge_function(
    const crm_deluge_script_t *script, crm_str_t name);

/* Whether path names a value: zoho.currentdate and its like. */
int crm_deluge_is_constant(crm_str_t path);

#endif
