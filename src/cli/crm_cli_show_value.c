/*
 * One difference as people read it.
 */

#include "crm_cli_show_value.h"
#include "crm_cli_align.h"
#include "crm_cli_print.h"

#include <stdlib.h>


/* Old and new beside each other take so many characters at most. */
#define VALUE_LINE     100

/* Lines that are the same, shown before and behind those that differ. */
#define VALUE_CONTEXT  2

#define VALUE_PAD      "    "
#define VALUE_PAD_2    "        "

typedef struct {
    crm_str_t  *items;              /* without their ends */
    size_t      count;
    int         ended;              /* the last one has an end */
} lines_t;

typedef struct {
    lines_t   before;
    lines_t   after;
    size_t   *match;
} texts_t;


static int is_text(const json_t *value);
static crm_status_t show_lines(const crm_cli_difference_t *difference,
    crm_pool_t *pool, FILE *out);
static crm_status_t lines_split(lines_t *lines, const json_t *value,
    crm_pool_t *pool);
static int lines_same(const void *data, size_t i, size_t j);
static void lines_print(const texts_t *texts, FILE *out);
static int lines_near(const texts_t *texts, size_t j);
static void line_print(char sign, crm_str_t line, FILE *out);
static crm_status_t show_plain(const crm_cli_difference_t *difference,
    FILE *out);
static void show_pair(const crm_cli_difference_t *difference,
    const char *before, const char *after, FILE *out);
static char *value_text(const json_t *value);


crm_status_t
crm_cli_show_value(const crm_cli_difference_t *difference, crm_pool_t *pool,
    FILE *out)
{
    if (is_text(difference->before) && is_text(difference->after)
        && (strchr(json_string_value(difference->before), '\n')
            || strchr(json_string_value(difference->after), '\n')))
    {
        return show_lines(difference, pool, out);
    }

    return show_plain(difference, out);
}


static int
is_text(const json_t *value)
{
    return value && json_is_string(value);
}


static crm_status_t
show_lines(const crm_cli_difference_t *difference, crm_pool_t *pool,
    FILE *out)
{
    texts_t       texts;
    crm_status_t  rc;

    rc = lines_split(&texts.before, difference->before, pool);

    if (rc == CRM_OK) {
        rc = lines_split(&texts.after, difference->after, pool);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    /* One more, for what was there behind the last line that stays. */

    texts.match = crm_pool_calloc(pool, texts.after.count + 1,
                                  sizeof(size_t));
    if (texts.match == NULL
        || crm_cli_align(texts.match, texts.before.count, texts.after.count,
                         lines_same, &texts) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    texts.match[texts.after.count] = texts.before.count;

    fputs(VALUE_PAD "~ ", out);
    crm_cli_print_text(difference->path, out);
    fputs(":\n", out);

    lines_print(&texts, out);

    if (texts.before.ended != texts.after.ended) {
        fprintf(out, VALUE_PAD_2 "(the last line has %s line end)\n",
                texts.after.ended ? "a" : "no");
    }

    return CRM_OK;
}


static crm_status_t
lines_split(lines_t *lines, const json_t *value, crm_pool_t *pool)
{
    size_t       n;
    const char  *p, *end, *stop;

    p = json_string_value(value);
    stop = p + json_string_length(value);
    n = 1;

    for (end = p; end < stop; end++) {
        n += *end == '\n';
    }

    lines->count = 0;
    lines->ended = stop > p && stop[-1] == '\n';
    lines->items = crm_pool_calloc(pool, n, sizeof(crm_str_t));
    if (lines->items == NULL) {
        return CRM_ENOMEM;
    }

    while (p < stop) {
        end = memchr(p, '\n', (size_t) (stop - p));
        if (end == NULL) {
            end = stop;
        }

        lines->items[lines->count++] = crm_str(p, (size_t) (end - p));
        p = end + 1;
    }

    return CRM_OK;
}


static int
lines_same(const void *data, size_t i, size_t j)
{
    const texts_t  *texts = data;

    return crm_str_eq(texts->before.items[i], texts->after.items[j]);
}


/* Old lines up to the next that stays, then the new ones before it. */

static void
lines_print(const texts_t *texts, FILE *out)
{
    int     skipped;
    size_t  i, j, k;

    i = 0;
    j = 0;
    skipped = 0;

    for (k = 0; k <= texts->after.count; k++) {
        if (texts->match[k] == CRM_CLI_ALIGN_NONE) {
            continue;
        }

        while (i < texts->match[k]) {
            line_print('-', texts->before.items[i++], out);
        }

        while (j < k) {
            line_print('+', texts->after.items[j++], out);
        }

        if (k == texts->after.count) {
            break;
        }

        if (lines_near(texts, k)) {
            line_print(' ', texts->after.items[k], out);
            skipped = 0;

        } else if (!skipped) {
            line_print(' ', CRM_STR("..."), out);
            skipped = 1;
        }

        i++;
        j++;
    }
}


/* Does anything change within VALUE_CONTEXT lines of the new line j? */

static int
lines_near(const texts_t *texts, size_t j)
{
    size_t  k, first, last;

    first = j > VALUE_CONTEXT ? j - VALUE_CONTEXT : 0;
    last = j + VALUE_CONTEXT;

    if (last > texts->after.count) {
        last = texts->after.count;
    }

    if (j < VALUE_CONTEXT && texts->match[0] != 0) {
        return 1;
    }

    for (k = first; k < last; k++) {
        if (texts->match[k] == CRM_CLI_ALIGN_NONE
            || texts->match[k] + 1 != texts->match[k + 1])
        {
            return 1;
        }
    }

    return 0;
}


static void
line_print(char sign, crm_str_t line, FILE *out)
{
    fprintf(out, VALUE_PAD_2 "%c ", sign);
    crm_cli_print_str(line, out);
    putc('\n', out);
}


static crm_status_t
show_plain(const crm_cli_difference_t *difference, FILE *out)
{
    char          *before, *after;
    crm_status_t   rc;

    before = difference->before ? value_text(difference->before) : NULL;
    after = difference->after ? value_text(difference->after) : NULL;

    rc = (difference->before && before == NULL)
         || (difference->after && after == NULL) ? CRM_ENOMEM : CRM_OK;

    if (rc == CRM_OK) {
        show_pair(difference, before, after, out);
    }

    free(before);
    free(after);

    return rc;
}


static void
show_pair(const crm_cli_difference_t *difference, const char *before,
    const char *after, FILE *out)
{
    fputs(before == NULL ? VALUE_PAD "+ " : after == NULL ? VALUE_PAD "- "
          : VALUE_PAD "~ ", out);
    crm_cli_print_text(difference->path, out);

    if (before && after && strlen(before) + strlen(after) > VALUE_LINE) {
        fputs(":\n" VALUE_PAD_2 "- ", out);
        crm_cli_print_text(before, out);
        fputs("\n" VALUE_PAD_2 "+ ", out);
        crm_cli_print_text(after, out);
        putc('\n', out);
        return;
    }

    fputs(": ", out);

    if (before) {
        crm_cli_print_text(before, out);
    }

    if (before && after) {
        fputs(" -> ", out);
    }

    if (after) {
        crm_cli_print_text(after, out);
    }

    putc('\n', out);
}


static char *
value_text(const json_t *value)
{
    return json_dumps(value, JSON_ENCODE_ANY | CRM_CLI_JSON_REALS);
}
