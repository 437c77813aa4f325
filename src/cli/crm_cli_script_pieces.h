/*
 * A script taken apart for its formatter: tokens and comments in their order,
 * as they are written, with the line breaks before them.
 */

#ifndef CRM_CLI_SCRIPT_PIECES_H
#define CRM_CLI_SCRIPT_PIECES_H

#include "crm_deluge_lexer.h"

#include <stddef.h>


typedef enum {
    CRM_CLI_PIECE_TOKEN = 0,
    CRM_CLI_PIECE_LINE,         /* a comment up to the end of its line */
    CRM_CLI_PIECE_BLOCK         /* a comment between its signs */
} crm_cli_piece_kind_t;

typedef struct {
    crm_cli_piece_kind_t     kind;
    crm_deluge_token_kind_t  token;     /* of TOKEN */
    crm_str_t                raw;       /* as written; of LINE, without blanks
                                           at its end */
    unsigned                 breaks;    /* line ends before it */
} crm_cli_piece_t;

typedef struct {
    crm_cli_piece_t  *items;
    size_t            count;
} crm_cli_pieces_t;


/* CRM_OK; CRM_EINVAL with *err, CRM_ENOMEM. Pieces borrow from source. */
crm_status_t crm_cli_pieces_read(crm_cli_pieces_t *pieces, crm_str_t source,
    crm_pool_t *pool, crm_deluge_error_t *err);

/* Whether a script means, and remarks, the same. */
int crm_cli_pieces_same(const crm_cli_pieces_t *a, const crm_cli_pieces_t *b);

#endif
