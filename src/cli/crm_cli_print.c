/*
 * What crmctl prints: findings, tables, JSON, and sentences about failure.
 */

#include "crm_cli_print.h"

#include <stdarg.h>
#include <stdlib.h>
#include <utf8proc.h>


#define PRINT_MAX_TEXT  1024

/* By crm_severity_t. */
static const char *const  severities[] = { "error", "warning", "hint" };


static int finding_compare(const void *a, const void *b);
static json_t *finding_json(const crm_cli_finding_t *f);
static void table_widths(const crm_cli_table_t *table, size_t *widths);
static size_t text_width(const char *s);
static const char *text_copy(crm_pool_t *pool, const char *s);
static void text_mend(char *s);


void
crm_cli_findings_init(crm_cli_findings_t *findings, crm_pool_t *pool)
{
    memset(findings, 0, sizeof(crm_cli_findings_t));
    findings->pool = pool;
}


void
crm_cli_findings_add(crm_cli_findings_t *findings, crm_severity_t severity,
    const char *file, unsigned line, unsigned column, const char *code,
    const char *suggestion, const char *fmt, ...)
{
    char                text[PRINT_MAX_TEXT];
    size_t              cap;
    va_list             args;
    crm_cli_finding_t  *f, *items;

    if (severity == CRM_ERROR) {
        findings->errors++;
    }

    if (findings->count == findings->cap) {
        cap = findings->cap ? findings->cap * 2 : 32;
        items = crm_pool_calloc(findings->pool, cap, sizeof(*items));
        if (items == NULL) {
            findings->status = CRM_ENOMEM;
            return;
        }

        if (findings->count) {
            memcpy(items, findings->items, findings->count * sizeof(*items));
        }

        findings->items = items;
        findings->cap = cap;
    }

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    f = &findings->items[findings->count];
    f->severity = severity;
    f->file = file;
    f->line = line;
    f->column = column;
    f->code = code;
    f->message = text_copy(findings->pool, text);
    f->suggestion = suggestion ? text_copy(findings->pool, suggestion) : NULL;
    f->order = findings->count;

    if (f->message == NULL || (suggestion && f->suggestion == NULL)) {
        findings->status = CRM_ENOMEM;
        return;
    }

    findings->count++;
}


void
crm_cli_findings_sort(crm_cli_findings_t *findings)
{
    if (findings->count > 1) {
        qsort(findings->items, findings->count, sizeof(crm_cli_finding_t),
              finding_compare);
    }
}


/* Texts are cut at a length: half a character must not reach jansson. */

static const char *
text_copy(crm_pool_t *pool, const char *s)
{
    char  *copy;

    copy = (char *) crm_pool_dup(pool, crm_strz(s)).data;
    if (copy) {
        text_mend(copy);
    }

    return copy;
}


static void
text_mend(char *s)
{
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    for ( /* void */ ; *s; s += n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) s, -1, &c);
        if (n < 1) {
            *s = '?';
            n = 1;
        }
    }
}


static int
finding_compare(const void *a, const void *b)
{
    int                       rc;
    const crm_cli_finding_t  *x = a, *y = b;

    rc = strcmp(x->file, y->file);
    if (rc) {
        return rc;
    }

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }

    if (x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }

    return x->order < y->order ? -1 : x->order > y->order;
}


void
crm_cli_findings_text(const crm_cli_findings_t *findings, FILE *out)
{
    size_t                    i;
    const crm_cli_finding_t  *f;

    for (i = 0; i < findings->count; i++) {
        f = &findings->items[i];

        crm_cli_print_text(f->file, out);

        if (f->line) {
            fprintf(out, ":%u:%u", f->line, f->column);
        }

        fprintf(out, ": %s: ", severities[f->severity]);
        crm_cli_print_text(f->message, out);

        /* Many messages say it themselves, where it reads best. */

        if (f->suggestion && strstr(f->message, "did you mean") == NULL
            && strcmp(f->code, "missing_key") != 0)
        {
            fputs(" (did you mean \"", out);
            crm_cli_print_text(f->suggestion, out);
            fputs("\"?)", out);
        }

        putc('\n', out);
    }
}


json_t *
crm_cli_findings_json(const crm_cli_findings_t *findings)
{
    size_t   i;
    json_t  *list, *result;

    list = json_array();

    for (i = 0; list && i < findings->count; i++) {
        if (json_array_append_new(list, finding_json(&findings->items[i]))) {
            json_decref(list);
            list = NULL;
        }
    }

    result = json_object();

    if (result == NULL || list == NULL
        || json_object_set(result, "findings", list) != 0)
    {
        json_decref(result);
        result = NULL;
    }

    json_decref(list);

    return result;
}


static json_t *
finding_json(const crm_cli_finding_t *f)
{
    return json_pack("{s:o, s:i, s:i, s:s, s:s, s:s, s:s?}",
                     "file", crm_cli_json_text(f->file),
                     "line", (int) f->line,
                     "column", (int) f->column,
                     "severity", severities[f->severity],
                     "code", f->code, "message", f->message,
                     "suggestion", f->suggestion);
}


void
crm_cli_table_init(crm_cli_table_t *table, crm_pool_t *pool, size_t columns)
{
    memset(table, 0, sizeof(crm_cli_table_t));
    table->pool = pool;
    table->columns = columns;
}


void
crm_cli_table_row(crm_cli_table_t *table, ...)
{
    size_t         i, cap;
    va_list        args;
    const char   **row, ***rows;

    if (table->count == table->cap) {
        cap = table->cap ? table->cap * 2 : 16;
        rows = crm_pool_calloc(table->pool, cap, sizeof(*rows));
        if (rows == NULL) {
            table->status = CRM_ENOMEM;
            return;
        }

        if (table->count) {
            memcpy(rows, table->rows, table->count * sizeof(*rows));
        }

        table->rows = rows;
        table->cap = cap;
    }

    row = crm_pool_calloc(table->pool, table->columns, sizeof(*row));
    if (row == NULL) {
        table->status = CRM_ENOMEM;
        return;
    }

    va_start(args, table);

    for (i = 0; i < table->columns; i++) {
        row[i] = crm_pool_dup(table->pool,
                              crm_strz(va_arg(args, const char *))).data;
        if (row[i] == NULL) {
            row[i] = "";
            table->status = CRM_ENOMEM;
        }
    }

    va_end(args);

    table->rows[table->count++] = row;
}


void
crm_cli_table_print(const crm_cli_table_t *table, FILE *out)
{
    size_t  i, k, pad, widths[CRM_CLI_MAX_COLUMNS];

    table_widths(table, widths);

    for (i = 0; i < table->count; i++) {
        for (k = 0; k < table->columns; k++) {
            crm_cli_print_text(table->rows[i][k], out);

            if (k + 1 == table->columns) {
                break;
            }

            pad = widths[k] + 2 - text_width(table->rows[i][k]);
            while (pad--) {
                putc(' ', out);
            }
        }

        putc('\n', out);
    }
}


static void
table_widths(const crm_cli_table_t *table, size_t *widths)
{
    size_t  i, k, width;

    for (k = 0; k < table->columns; k++) {
        widths[k] = 0;

        for (i = 0; i < table->count; i++) {
            width = text_width(table->rows[i][k]);
            if (width > widths[k]) {
                widths[k] = width;
            }
        }
    }
}


static size_t
text_width(const char *s)
{
    size_t           width;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    width = 0;

    while (*s) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) s, -1, &c);
        if (n < 1 || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            width++;
            s += n < 1 ? 1 : n;
            continue;
        }

        width += (size_t) utf8proc_charwidth(c);
        s += n;
    }

    return width;
}


int
crm_cli_print_json(const json_t *value, FILE *out)
{
    char  *text;

    text = json_dumps(value, JSON_INDENT(2) | CRM_CLI_JSON_REALS);
    if (text == NULL) {
        return -1;
    }

    fputs(text, out);
    putc('\n', out);
    free(text);

    return 0;
}


json_t *
crm_cli_json_text(const char *s)
{
    char    *copy;
    json_t  *text;

    text = json_string(s);
    if (text) {
        return text;
    }

    copy = strdup(s);
    if (copy == NULL) {
        return NULL;
    }

    text_mend(copy);
    text = json_string(copy);
    free(copy);

    return text;
}


void
crm_cli_print_text(const char *s, FILE *out)
{
    crm_cli_print_str(crm_strz(s), out);
}


void
crm_cli_print_str(crm_str_t s, FILE *out)
{
    size_t            i;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    for (i = 0; i < s.len; i += (size_t) n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) s.data + i,
                             (utf8proc_ssize_t) (s.len - i), &c);

        if (n == 1 && (c == '\t' || c == '\n' || c == '\r')) {
            putc(' ', out);

        } else if (n < 1 || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            putc('?', out);
            n = n < 1 ? 1 : n;

        } else {
            (void) fwrite(s.data + i, 1, (size_t) n, out);
        }
    }
}


void
crm_cli_complain(const char *fmt, ...)
{
    char     text[PRINT_MAX_TEXT];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    fputs("crmctl: ", stderr);
    crm_cli_print_text(text, stderr);
    putc('\n', stderr);
}
