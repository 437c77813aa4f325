/*
 * A script taken apart: see crm_cli_script_pieces.h.
 */

#include "crm_cli_script_pieces.h"

#include <string.h>


static crm_status_t pieces_gap(crm_cli_pieces_t *pieces, const char **p,
    const char *end, unsigned *breaks, size_t *room, crm_pool_t *pool);
static crm_status_t pieces_add(crm_cli_pieces_t *pieces,
    const crm_cli_piece_t *piece, size_t *room, crm_pool_t *pool);
static crm_cli_piece_t pieces_comment(const char *p, const char *end);


crm_status_t
crm_cli_pieces_read(crm_cli_pieces_t *pieces, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err)
{
    size_t                room;
    unsigned              breaks;
    const char           *p;
    crm_status_t          rc;
    crm_cli_piece_t       piece;
    crm_deluge_lexer_t    lexer;
    crm_deluge_token_t    token;

    memset(pieces, 0, sizeof(crm_cli_pieces_t));
    room = 0;

    rc = crm_deluge_lexer_init(&lexer, source, pool, err);

    while (rc == CRM_OK) {
        p = lexer.p;

        rc = crm_deluge_lexer_next(&lexer, &token);

        if (rc == CRM_OK) {
            rc = pieces_gap(pieces, &p, lexer.p, &breaks, &room, pool);
        }

        if (rc != CRM_OK || token.kind == CRM_DELUGE_T_END) {
            break;
        }

        memset(&piece, 0, sizeof(crm_cli_piece_t));
        piece.kind = CRM_CLI_PIECE_TOKEN;
        piece.token = token.kind;
        piece.raw = crm_str(p, (size_t) (lexer.p - p));
        piece.breaks = breaks;

        rc = pieces_add(pieces, &piece, &room, pool);
    }

    return rc;
}


int
crm_cli_pieces_same(const crm_cli_pieces_t *a, const crm_cli_pieces_t *b)
{
    size_t  i;

    for (i = 0; i < a->count && i < b->count; i++) {
        if (a->items[i].kind != b->items[i].kind
            || a->items[i].token != b->items[i].token
            || !crm_str_eq(a->items[i].raw, b->items[i].raw))
        {
            return 0;
        }
    }

    return a->count == b->count;
}


/* Blanks and comments up to the next token, to which *p is moved. */
static crm_status_t
pieces_gap(crm_cli_pieces_t *pieces, const char **p, const char *end,
    unsigned *breaks, size_t *room, crm_pool_t *pool)
{
    crm_status_t     rc;
    crm_cli_piece_t  piece;

    *breaks = 0;

    while (*p < end) {

        if (**p == '/' && end - *p > 1 && ((*p)[1] == '/' || (*p)[1] == '*')) {
            piece = pieces_comment(*p, end);
            piece.breaks = *breaks;
            *breaks = 0;
            *p += piece.raw.len;

            rc = pieces_add(pieces, &piece, room, pool);
            if (rc != CRM_OK) {
                return rc;
            }

        } else if (**p == ' ' || **p == '\t' || **p == '\r' || **p == '\n') {
            *breaks += **p == '\n';
            (*p)++;

        } else {
            break;
        }
    }

    return CRM_OK;
}


static crm_cli_piece_t
pieces_comment(const char *p, const char *end)
{
    size_t           n;
    crm_cli_piece_t  piece;

    memset(&piece, 0, sizeof(crm_cli_piece_t));

    if (p[1] == '*') {
        piece.kind = CRM_CLI_PIECE_BLOCK;

        for (n = 2; p[n] != '*' || p[n + 1] != '/'; n++) { /* void */ }

        piece.raw = crm_str(p, n + 2);

        return piece;
    }

    piece.kind = CRM_CLI_PIECE_LINE;

    for (n = 2; p + n < end && p[n] != '\n'; n++) { /* void */ }

    while (n > 2 && strchr(" \t\r", p[n - 1])) {
        n--;
    }

    piece.raw = crm_str(p, n);

    return piece;
}


static crm_status_t
pieces_add(crm_cli_pieces_t *pieces, const crm_cli_piece_t *piece,
    size_t *room, crm_pool_t *pool)
{
    crm_cli_piece_t  *items;

    if (pieces->count == *room) {
        *room = *room ? *room * 2 : 256;
        items = crm_pool_calloc(pool, *room, sizeof(crm_cli_piece_t));

        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (pieces->count) {
            memcpy(items, pieces->items,
                   pieces->count * sizeof(crm_cli_piece_t));
        }

        pieces->items = items;
    }

    pieces->items[pieces->count++] = *piece;

    return CRM_OK;
}
