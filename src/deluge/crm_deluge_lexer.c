/*
 * Source to tokens: see crm_deluge_lexer.h.
 */

#include "crm_deluge_lexer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/crm_buf.h"
#include "crm_deluge_utf8.h"


static crm_status_t lexer_space(crm_deluge_lexer_t *lexer);
static crm_status_t lexer_comment(crm_deluge_lexer_t *lexer);
static void lexer_step(crm_deluge_lexer_t *lexer);
static void lexer_name(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token);
static crm_status_t lexer_number(crm_deluge_lexer_t *lexer,
    crm_deluge_token_t *token);
static crm_status_t lexer_text(crm_deluge_lexer_t *lexer,
    crm_deluge_token_t *token, char quote);
static void lexer_escape(crm_buf_t *buf, char c);
static crm_status_t lexer_sign(crm_deluge_lexer_t *lexer,
    crm_deluge_token_t *token);
static int lexer_is_name(char c);
static int lexer_is_digit(char c);


crm_status_t
crm_deluge_fail(crm_deluge_error_t *err, crm_status_t code,
    crm_deluge_place_t place, const char *fmt, ...)
{
    va_list  args;

    err->place = place;

    va_start(args, fmt);
    (void) vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);

    crm_deluge_utf8_mend(err->text);

    return code;
}


crm_status_t
crm_deluge_lexer_init(crm_deluge_lexer_t *lexer, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err)
{
    size_t  valid;

    lexer->p = source.data;
    lexer->end = source.data + source.len;
    lexer->place.line = 1;
    lexer->place.column = 1;
    lexer->pool = pool;
    lexer->err = err;

    if (source.len > CRM_DELUGE_SOURCE_MAX) {
        return crm_deluge_fail(err, CRM_EINVAL, lexer->place,
                   "a script has %d bytes at most, this one has %zu",
                   CRM_DELUGE_SOURCE_MAX, source.len);
    }

    valid = crm_deluge_utf8_valid(source);

    if (valid < source.len) {

        while (lexer->p < source.data + valid) {
            lexer_step(lexer);
        }

        return crm_deluge_fail(err, CRM_EINVAL, lexer->place,
                               "a script is UTF-8, this byte is not");
    }

    return CRM_OK;
}


crm_status_t
crm_deluge_lexer_next(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token)
{
    crm_status_t  rc;

    rc = lexer_space(lexer);
    if (rc != CRM_OK) {
        return rc;
    }

    token->place = lexer->place;
    token->kind = CRM_DELUGE_T_END;
    token->text = CRM_STR("the end of the script");

    if (lexer->p == lexer->end) {
        return CRM_OK;
    }

    if (lexer_is_digit(*lexer->p)) {
        return lexer_number(lexer, token);
    }

    if (lexer_is_name(*lexer->p)) {
        lexer_name(lexer, token);
        return CRM_OK;
    }

    if (*lexer->p == '"' || *lexer->p == '\'') {
        return lexer_text(lexer, token, *lexer->p);
    }

    return lexer_sign(lexer, token);
}


static crm_status_t
lexer_space(crm_deluge_lexer_t *lexer)
{
    crm_status_t  rc;

    while (lexer->p < lexer->end) {

        if (*lexer->p == '/' && lexer->end - lexer->p > 1
            && (lexer->p[1] == '/' || lexer->p[1] == '*'))
        {
            rc = lexer_comment(lexer);
            if (rc != CRM_OK) {
                return rc;
            }

        } else if (strchr(" \t\r\n", *lexer->p) && *lexer->p) {
            lexer_step(lexer);

        } else {
            break;
        }
    }

    return CRM_OK;
}


static crm_status_t
lexer_comment(crm_deluge_lexer_t *lexer)
{
    crm_deluge_place_t  place;

    place = lexer->place;

    if (lexer->p[1] == '/') {

        while (lexer->p < lexer->end && *lexer->p != '\n') {
            lexer_step(lexer);
        }

        return CRM_OK;
    }

    lexer_step(lexer);
    lexer_step(lexer);

    while (lexer->end - lexer->p > 1) {

        if (lexer->p[0] == '*' && lexer->p[1] == '/') {
            lexer_step(lexer);
            lexer_step(lexer);

            return CRM_OK;
        }

        lexer_step(lexer);
    }

    return crm_deluge_fail(lexer->err, CRM_EINVAL, place,
                           "this comment has no end: */ is missing");
}


/* One byte on; a column is a character. */
static void
lexer_step(crm_deluge_lexer_t *lexer)
{
    if (*lexer->p == '\n') {
        lexer->place.line++;
        lexer->place.column = 1;

    } else if (lexer->p + 1 == lexer->end
               || ((unsigned char) lexer->p[1] & 0xc0) != 0x80)
    {
        lexer->place.column++;
    }

    lexer->p++;
}


static void
lexer_name(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token)
{
    const char  *from;

    from = lexer->p;

    while (lexer->p < lexer->end
           && (lexer_is_name(*lexer->p) || lexer_is_digit(*lexer->p)))
    {
        lexer_step(lexer);
    }

    token->kind = CRM_DELUGE_T_NAME;
    token->text = crm_str(from, (size_t) (lexer->p - from));
}


/* The point belongs to it where a digit follows: 1.5, but 1.toString() */
static crm_status_t
lexer_number(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token)
{
    int          point;
    const char  *from;

    from = lexer->p;
    point = 0;

    while (lexer->p < lexer->end) {

        if (*lexer->p == '.' && !point && lexer->end - lexer->p > 1
            && lexer_is_digit(lexer->p[1]))
        {
            point = 1;

        } else if (!lexer_is_digit(*lexer->p)) {
            break;
        }

        lexer_step(lexer);
    }

    token->kind = CRM_DELUGE_T_NUMBER;
    token->text = crm_str(from, (size_t) (lexer->p - from));

    if (lexer->p < lexer->end && lexer_is_name(*lexer->p)) {
        return crm_deluge_fail(lexer->err, CRM_EINVAL, token->place,
                   "a number ends in a digit, and a name begins with a"
                   " letter");
    }

    return CRM_OK;
}


static crm_status_t
lexer_text(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token, char quote)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, lexer->pool, 0);
    lexer_step(lexer);

    while (lexer->p < lexer->end && *lexer->p != quote) {

        if (*lexer->p == '\\' && quote == '"' && lexer->end - lexer->p > 1) {
            lexer_step(lexer);
            lexer_escape(&buf, *lexer->p);

        } else {
            crm_buf_putc(&buf, *lexer->p);
        }

        lexer_step(lexer);
    }

    if (lexer->p == lexer->end) {
        return crm_deluge_fail(lexer->err, CRM_EINVAL, token->place,
                   "this text has no end: %c is missing", quote);
    }

    lexer_step(lexer);

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_deluge_fail(lexer->err, CRM_ENOMEM, token->place,
                               "no memory");
    }

    token->kind = quote == '"' ? CRM_DELUGE_T_TEXT : CRM_DELUGE_T_MOMENT;
    token->text = crm_buf_view(&buf);

    return CRM_OK;
}


/* A backslash before any other character is one: regular expressions need
 * not write it twice. */
static void
lexer_escape(crm_buf_t *buf, char c)
{
    switch (c) {

    case 'n':
        crm_buf_putc(buf, '\n');
        break;
    case 't':
        crm_buf_putc(buf, '\t');
        break;
    case 'r':
        crm_buf_putc(buf, '\r');
        break;
    case '"':
    case '\\':
    case '/':
        crm_buf_putc(buf, c);
        break;
    default:
        crm_buf_putc(buf, '\\');
        crm_buf_putc(buf, c);
    }
}


static crm_status_t
lexer_sign(crm_deluge_lexer_t *lexer, crm_deluge_token_t *token)
{
    size_t  i, n;

    static const char *const  signs[] = {
        "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=",
        "=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "{", "}", "[",
        "]", ",", ";", ":", "."
    };

    for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        n = strlen(signs[i]);

        if ((size_t) (lexer->end - lexer->p) >= n
            && memcmp(lexer->p, signs[i], n) == 0)
        {
            token->kind = CRM_DELUGE_T_SIGN;
            token->text = crm_strz(signs[i]);

            while (n--) {
                lexer_step(lexer);
            }

            return CRM_OK;
        }
    }

    n = crm_deluge_utf8_size(lexer->p, lexer->end);

    return crm_deluge_fail(lexer->err, CRM_EINVAL, token->place,
                           "%.*s means nothing here", (int) n, lexer->p);
}


static int
lexer_is_name(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}


static int
lexer_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
