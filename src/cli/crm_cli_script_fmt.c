/*
 * Scripts of functions in their canonical form: see crm_cli_script_fmt.h.
 *
 * It goes by tokens, not by the tree: a comment may stand between any two. A
 * "{" begins a block behind what can end an operand, or behind else and try;
 * elsewhere it begins a list.
 */

#include "crm_cli_script_fmt.h"

#include "base/crm_buf.h"
#include "crm_cli_script_pieces.h"
#include "crm_deluge_script.h"

#include <string.h>


#define FMT_BLANKS  4       /* a block */
#define FMT_MEMORY  (64 * CRM_DELUGE_SOURCE_MAX)    /* of a tree */

typedef enum {
    FMT_BLOCK = 0,
    FMT_LIST,               /* {1, 2} {"a": 1} */
    FMT_PAREN,
    FMT_TASK                /* invokeurl [ ... ] */
} fmt_kind_t;

typedef struct {
    fmt_kind_t  kind;
    int         broken;     /* a line ends behind its sign */
} fmt_open_t;

typedef struct {
    const crm_cli_pieces_t  *pieces;
    crm_buf_t               *buf;
    fmt_open_t              *open;          /* what is not yet closed */
    size_t                   depth;
    size_t                   blocks;        /* of them */
    const crm_cli_piece_t   *last;          /* token */
    int                      unary;         /* last is a sign of an operand */
    int                      fresh;         /* a statement is to begin */
    int                      remarked;      /* a comment stands behind it */
    int                      must_break;    /* which has ended the line */
} fmt_t;


static crm_status_t fmt_is_script(crm_str_t source, crm_deluge_error_t *err);
static void fmt_all(fmt_t *f);
static void fmt_comment(fmt_t *f, const crm_cli_piece_t *piece);
static void fmt_token(fmt_t *f, size_t i);
static void fmt_put(fmt_t *f, size_t i, int closes);
static void fmt_open(fmt_t *f, size_t i, fmt_kind_t kind);
static void fmt_close(fmt_t *f, size_t i);
static void fmt_place(fmt_t *f, const crm_cli_piece_t *piece, int closes);
static void fmt_line(fmt_t *f, unsigned breaks, size_t level);
static size_t fmt_level(const fmt_t *f, int closes);
static fmt_kind_t fmt_kind(const fmt_t *f);
static int fmt_gap(const fmt_t *f, size_t i);
static int fmt_gap_before(const fmt_t *f, const crm_cli_piece_t *piece);
static int fmt_is_unary(const fmt_t *f, const crm_cli_piece_t *piece);
static int fmt_in_key(const fmt_t *f, size_t i);
static const crm_cli_piece_t *fmt_next(const fmt_t *f, size_t i);
static int fmt_ends_operand(const fmt_t *f);
static int fmt_is(const crm_cli_piece_t *piece, const char *text);
static int fmt_one_of(const crm_cli_piece_t *piece, const char *const *words);


/* Words behind which an operand begins, and such as take a parenthesis. */
static const char *const  fmt_before[] = {
    "in", "return", "info", "throw", NULL
};
static const char *const  fmt_heads[] = {
    "if", "in", "catch", "return", "info", "throw", NULL
};


crm_status_t
crm_cli_script_fmt(crm_str_t *out, crm_str_t source, crm_pool_t *pool,
    crm_deluge_error_t *err)
{
    fmt_t             f;
    crm_buf_t        *buf;
    crm_status_t      rc;
    crm_cli_pieces_t  before, after;

    rc = fmt_is_script(source, err);

    if (rc == CRM_OK) {
        rc = crm_cli_pieces_read(&before, source, pool, err);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    memset(&f, 0, sizeof(fmt_t));
    f.pieces = &before;
    f.fresh = 1;
    f.open = crm_pool_calloc(pool, before.count + 1, sizeof(fmt_open_t));
    buf = crm_pool_calloc(pool, 1, sizeof(crm_buf_t));

    if (f.open == NULL || buf == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(buf, pool, 0);
    f.buf = buf;
    fmt_all(&f);

    if (crm_buf_status(buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    *out = crm_buf_view(buf);
    rc = crm_cli_pieces_read(&after, *out, pool, err);

    return rc == CRM_OK && !crm_cli_pieces_same(&before, &after)
           ? crm_deluge_fail(err, CRM_EINVAL, err->place, "it cannot be"
                             " written otherwise without changing what it"
                             " says")
           : rc;
}


static crm_status_t
fmt_is_script(crm_str_t source, crm_deluge_error_t *err)
{
    crm_pool_t           *pool;
    crm_status_t          rc;
    crm_deluge_script_t   script;

    memset(err, 0, sizeof(crm_deluge_error_t));

    pool = crm_pool_create(crm_host_malloc(), FMT_MEMORY);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_deluge_parse(&script, source, pool, err);
    crm_pool_destroy(pool);

    return rc;
}


static void
fmt_all(fmt_t *f)
{
    size_t                  i;
    const crm_cli_piece_t  *piece;

    for (i = 0; i < f->pieces->count; i++) {
        piece = &f->pieces->items[i];

        if (piece->kind == CRM_CLI_PIECE_TOKEN) {
            fmt_token(f, i);
        } else {
            fmt_comment(f, piece);
        }
    }

    if (f->buf->len) {
        crm_buf_putc(f->buf, '\n');
    }
}


/* On the line of what it stands behind, or on one of its own. */
static void
fmt_comment(fmt_t *f, const crm_cli_piece_t *piece)
{
    if (f->buf->len && piece->breaks == 0 && !f->must_break) {
        crm_buf_puts(f->buf, f->last && fmt_is(f->last, "(") ? "" : " ");

    } else if (f->buf->len) {
        fmt_line(f, piece->breaks, fmt_level(f, 0));
    }

    crm_buf_str(f->buf, piece->raw);
    f->remarked = 1;
    f->must_break = piece->kind == CRM_CLI_PIECE_LINE;
}


static void
fmt_token(fmt_t *f, size_t i)
{
    const crm_cli_piece_t  *piece;

    piece = &f->pieces->items[i];

    if (fmt_is(piece, "{")) {
        fmt_open(f, i, fmt_kind(f));

    } else if (fmt_is(piece, "(") || fmt_is(piece, "[")) {
        fmt_open(f, i, fmt_is(piece, "(") ? FMT_PAREN : FMT_TASK);

    } else if (fmt_is(piece, "}") || fmt_is(piece, ")")
               || fmt_is(piece, "]"))
    {
        fmt_close(f, i);

    } else {

        /* invokeurl [ ... ] may do without a ";" */

        f->fresh |= f->depth == f->blocks && f->last && fmt_is(f->last, "]")
                    && piece->token != CRM_DELUGE_T_SIGN;
        fmt_put(f, i, 0);
        f->unary = fmt_is_unary(f, piece);
        f->fresh = f->depth == f->blocks && fmt_is(piece, ";");
    }

    f->last = piece;
    f->remarked = 0;
}


/* Where it is, or a blank further, or on a line of its own. */
static void
fmt_put(fmt_t *f, size_t i, int closes)
{
    const crm_cli_piece_t  *piece;

    piece = &f->pieces->items[i];

    if (f->fresh || piece->breaks || f->must_break) {
        fmt_place(f, piece, closes);

    } else if (fmt_gap(f, i)) {
        crm_buf_putc(f->buf, ' ');
    }

    crm_buf_str(f->buf, piece->raw);
}


static void
fmt_open(fmt_t *f, size_t i, fmt_kind_t kind)
{
    const crm_cli_piece_t  *piece, *next;

    piece = &f->pieces->items[i];
    next = i + 1 < f->pieces->count ? piece + 1 : NULL;

    if (kind == FMT_BLOCK) {
        fmt_line(f, 1, fmt_level(f, 1));
        crm_buf_str(f->buf, piece->raw);

    } else {
        fmt_put(f, i, kind == FMT_TASK);
    }

    f->open[f->depth].kind = kind;
    f->open[f->depth].broken = next && next->breaks > 0;
    f->depth++;
    f->blocks += kind == FMT_BLOCK;
    f->fresh = kind == FMT_BLOCK;
    f->unary = 0;
}


static void
fmt_close(fmt_t *f, size_t i)
{
    fmt_kind_t              kind;
    const crm_cli_piece_t  *piece;

    piece = &f->pieces->items[i];
    kind = f->depth ? f->open[f->depth - 1].kind : FMT_BLOCK;

    if (kind == FMT_BLOCK) {
        f->depth -= f->depth > 0;
        f->blocks -= f->blocks > 0;
        fmt_line(f, 1, f->depth);

    } else if (piece->breaks || f->must_break) {
        fmt_place(f, piece, 1);
        f->depth--;

    } else {
        if (kind == FMT_TASK && !fmt_is(f->last, "[")) {
            crm_buf_putc(f->buf, ' ');
        }

        f->depth--;
    }

    crm_buf_str(f->buf, piece->raw);
    f->fresh = kind == FMT_BLOCK;
    f->unary = 0;
}


/* A new line where one is, or has to be. */
static void
fmt_place(fmt_t *f, const crm_cli_piece_t *piece, int closes)
{
    unsigned  breaks;

    if (f->buf->len == 0) {
        return;
    }

    breaks = f->fresh && piece->breaks == 0 ? 1 : piece->breaks;

    if (breaks && !f->fresh && !f->must_break
        && (fmt_is(piece, ";") || fmt_is(piece, ",")))
    {
        return;
    }

    if (breaks || f->must_break) {
        fmt_line(f, f->fresh ? breaks : 1, fmt_level(f, closes));
    }
}


/* An empty line stays where it separates. */
static void
fmt_line(fmt_t *f, unsigned breaks, size_t level)
{
    size_t  n;

    n = f->buf->len;

    if (n && breaks > 1 && f->buf->data[n - 1] != '{') {
        crm_buf_putc(f->buf, '\n');
    }

    if (n) {
        crm_buf_putc(f->buf, '\n');
    }

    for (n = level * FMT_BLANKS; n; n--) {
        crm_buf_putc(f->buf, ' ');
    }

    f->must_break = 0;
}


/* Blocks, then brackets whose lists begin on a line of their own; what goes on
 * without one is a step further. closes: the line begins with what ends the
 * innermost, or begins one in line with its statement. */
static size_t
fmt_level(const fmt_t *f, int closes)
{
    size_t  i, level;

    level = 0;

    for (i = 0; i < f->depth; i++) {
        level += f->open[i].kind == FMT_BLOCK || f->open[i].broken;
    }

    if (f->fresh) {
        return level;
    }

    if (closes && f->depth > f->blocks) {
        return level - (f->open[f->depth - 1].broken != 0);
    }

    if (closes) {
        return level;
    }

    return level + (f->depth == f->blocks || !f->open[f->depth - 1].broken);
}


static fmt_kind_t
fmt_kind(const fmt_t *f)
{
    if (f->last == NULL || f->depth != f->blocks || f->fresh) {
        return FMT_LIST;
    }

    return fmt_ends_operand(f) ? FMT_BLOCK : FMT_LIST;
}


/* Whether a blank stands before it where no line ends. */
static int
fmt_gap(const fmt_t *f, size_t i)
{
    const crm_cli_piece_t  *piece;

    piece = &f->pieces->items[i];

    if (f->last == NULL || fmt_in_key(f, i)) {
        return 0;
    }

    if (!f->remarked && (f->unary || fmt_is(f->last, "(")
                         || fmt_is(f->last, "{") || fmt_is(f->last, ".")))
    {
        return 0;
    }

    return fmt_gap_before(f, piece);
}


static int
fmt_gap_before(const fmt_t *f, const crm_cli_piece_t *piece)
{
    static const char *const  tight[] = { ".", ",", ";", ":", NULL };

    if (piece->token == CRM_DELUGE_T_SIGN && fmt_one_of(piece, tight)) {
        return 0;
    }

    if (fmt_is(piece, "(") && f->last->token == CRM_DELUGE_T_NAME) {
        return fmt_one_of(f->last, fmt_heads);
    }

    return 1;
}


static int
fmt_is_unary(const fmt_t *f, const crm_cli_piece_t *piece)
{
    return fmt_is(piece, "!")
           || (fmt_is(piece, "-") && (f->last == NULL || f->fresh
                                      || !fmt_ends_operand(f)));
}


/* The "-" of content-type: and what follows it. */
static int
fmt_in_key(const fmt_t *f, size_t i)
{
    size_t  n;

    if (f->depth == 0 || f->open[f->depth - 1].kind != FMT_TASK) {
        return 0;
    }

    if (fmt_is(f->last, "-") && !f->remarked) {
        i--;

    } else if (!fmt_is(&f->pieces->items[i], "-")
               || f->last->token != CRM_DELUGE_T_NAME)
    {
        return 0;
    }

    for (n = i; n < f->pieces->count && fmt_is(&f->pieces->items[n], "-");
         n += 2)
    {
        if (fmt_next(f, n) == NULL
            || fmt_next(f, n)->token != CRM_DELUGE_T_NAME)
        {
            return 0;
        }
    }

    return n < f->pieces->count && fmt_is(&f->pieces->items[n], ":");
}


static const crm_cli_piece_t *
fmt_next(const fmt_t *f, size_t i)
{
    return i + 1 < f->pieces->count
           && f->pieces->items[i + 1].kind == CRM_CLI_PIECE_TOKEN
           ? &f->pieces->items[i + 1] : NULL;
}


/* Whether the last token can be an operand's end, or a head's. */
static int
fmt_ends_operand(const fmt_t *f)
{
    if (f->last->token == CRM_DELUGE_T_SIGN) {
        return fmt_is(f->last, ")") || fmt_is(f->last, "]")
               || fmt_is(f->last, "}");
    }

    return f->last->token != CRM_DELUGE_T_NAME
           || !fmt_one_of(f->last, fmt_before);
}


static int
fmt_is(const crm_cli_piece_t *piece, const char *text)
{
    return piece->kind == CRM_CLI_PIECE_TOKEN
           && piece->token == CRM_DELUGE_T_SIGN
           && crm_str_is(piece->raw, text);
}


static int
fmt_one_of(const crm_cli_piece_t *piece, const char *const *words)
{
    for (/* void */; *words; words++) {
        if (crm_str_is(piece->raw, *words)) {
            return 1;
        }
    }

    return 0;
}
