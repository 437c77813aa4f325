/*
 * Two columns: what was expected, and what came.
 *
 * Long values are wrapped within their column; where both begin alike for
 * long, only the part where they differ is shown, with a little before it.
 */

#include "crm_cli_test.h"
#include "crm_cli_print.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>


#define DIFF_WIDTH      100         /* where nobody knows better */
#define DIFF_MIN_WIDTH  60
#define DIFF_MAX_WIDTH  160
#define DIFF_MAX_PATH   32

/* Of what is alike, before and behind what is not. */
#define DIFF_CONTEXT    16

#define DIFF_RED    "\033[31m"
#define DIFF_GREEN  "\033[32m"
#define DIFF_PLAIN  "\033[0m"

typedef struct {
    FILE        *out;
    const char  *indent;
    size_t       path;              /* width of the first column */
    size_t       value;             /* and of each of the others */
    int          colour;
} diff_t;


static void diff_init(diff_t *d, const crm_cli_result_t *result,
    const char *indent, FILE *out);
static size_t diff_width(FILE *out);
static void diff_row(const diff_t *d, crm_str_t path, crm_str_t expected,
    crm_str_t got);
static void diff_cell(const diff_t *d, crm_str_t *text, size_t width,
    const char *colour, int last);
static void diff_cut(crm_str_t *a, crm_str_t *b, size_t width,
    crm_pool_t *pool);
static size_t text_take(crm_str_t text, size_t width, size_t *columns);


void
crm_cli_test_diff(const crm_cli_result_t *result, const char *indent,
    FILE *out)
{
    size_t                    i;
    diff_t                    d;
    crm_str_t                 expected, got;
    const crm_cli_differs_t  *one;

    diff_init(&d, result, indent, out);

    diff_row(&d, CRM_STR(""), CRM_STR("expected"), CRM_STR("got"));

    for (i = 0; i < result->differences.count; i++) {
        one = &result->differences.items[i];

        expected = one->expected;
        got = one->got;
        diff_cut(&expected, &got, d.value, result->differences.pool);

        d.colour = d.colour ? 2 : 0;
        diff_row(&d, crm_strz(one->path), expected, got);
    }
}


static void
diff_init(diff_t *d, const crm_cli_result_t *result, const char *indent,
    FILE *out)
{
    size_t  i, len, width;

    memset(d, 0, sizeof(diff_t));
    d->out = out;
    d->indent = indent;

    for (i = 0; i < result->differences.count; i++) {
        (void) text_take(crm_strz(result->differences.items[i].path),
                         DIFF_MAX_PATH, &len);
        d->path = len > d->path ? len : d->path;
    }

    width = diff_width(out);
    len = strlen(indent) + d->path + 5;     /* blanks and the bar between */

    d->value = width > len + 2 * 20 ? (width - len) / 2 : 20;
    d->colour = isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
}


static size_t
diff_width(FILE *out)
{
    long            width;
    const char     *columns;
    struct winsize  size;

    columns = getenv("COLUMNS");
    width = columns ? strtol(columns, NULL, 10) : 0;

    if (width <= 0 && fileno(out) >= 0
        && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
    {
        width = size.ws_col;
    }

    return width <= 0 ? DIFF_WIDTH
           : width < DIFF_MIN_WIDTH ? DIFF_MIN_WIDTH
           : width > DIFF_MAX_WIDTH ? DIFF_MAX_WIDTH : (size_t) width;
}


/* One row of as many lines as its longest cell needs. */
static void
diff_row(const diff_t *d, crm_str_t path, crm_str_t expected, crm_str_t got)
{
    int  more;

    do {
        fputs(d->indent, d->out);
        diff_cell(d, &path, d->path, NULL, 0);
        fputs("  ", d->out);
        diff_cell(d, &expected, d->value, d->colour == 2 ? DIFF_GREEN : NULL,
                  0);
        fputs(got.len ? " | " : " |", d->out);
        diff_cell(d, &got, d->value, d->colour == 2 ? DIFF_RED : NULL, 1);
        putc('\n', d->out);

        more = path.len || expected.len || got.len;

    } while (more);
}


/* What of text fits into the column; the rest is left in text. */
static void
diff_cell(const diff_t *d, crm_str_t *text, size_t width, const char *colour,
    int last)
{
    size_t  len, columns;

    len = text_take(*text, width, &columns);

    fputs(colour && len ? colour : "", d->out);
    crm_cli_print_str(crm_str(text->data, len), d->out);
    fputs(colour && len ? DIFF_PLAIN : "", d->out);

    for ( /* void */ ; !last && columns < width; columns++) {
        putc(' ', d->out);
    }

    text->data += len;
    text->len -= len;
}


/* Cuts off what two long values begin with alike, but for a little. */
static void
diff_cut(crm_str_t *a, crm_str_t *b, size_t width, crm_pool_t *pool)
{
    size_t     n;
    crm_str_t  x, y;

    if (a->len <= width && b->len <= width) {
        return;
    }

    for (n = 0; n < a->len && n < b->len && a->data[n] == b->data[n]; n++) {
        /* void */
    }

    if (n <= DIFF_CONTEXT + width / 2) {
        return;
    }

    n -= DIFF_CONTEXT;

    while (n && ((unsigned char) a->data[n] & 0xc0) == 0x80) {
        n--;
    }

    x = crm_pool_printf(pool, "\xe2\x80\xa6%.*s", (int) (a->len - n),
                        a->data + n);
    y = crm_pool_printf(pool, "\xe2\x80\xa6%.*s", (int) (b->len - n),
                        b->data + n);

    if (x.data && y.data) {
        *a = x;
        *b = y;
    }
}


/* The bytes of the characters that fit into width columns. */
static size_t
text_take(crm_str_t text, size_t width, size_t *columns)
{
    size_t  i;

    *columns = 0;

    for (i = 0; i < text.len; i++) {
        if (((unsigned char) text.data[i] & 0xc0) != 0x80) {
            if (*columns == width) {
                break;
            }

            (*columns)++;
        }
    }

    return i;
}
