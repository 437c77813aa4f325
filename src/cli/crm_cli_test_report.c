/*
 * What came of the tests, for people and for programs.
 */

#include "crm_cli_test.h"
#include "crm_cli_explain.h"
#include "crm_cli_print.h"

#include <stdlib.h>
#include <utf8proc.h>


/* Rules that a failure is about. */
typedef struct {
    const json_t  *expect;
} about_t;


static void failure_step(const crm_cli_result_t *result, const char *indent,
    FILE *out);
static void failure_rules(const crm_cli_result_t *result, const char *indent,
    FILE *out);
static int failure_wanted(crm_str_t name, void *data);
static int listed(const json_t *list, crm_str_t name);
static void report_where(const crm_cli_result_t *result, FILE *out);
static char *report_failure(const crm_cli_result_t *result);
static void tap_lines(const char *text, FILE *out);
static void xml_text(const char *text, FILE *out);
static void xml_str(crm_str_t text, FILE *out);
static json_t *json_result(const crm_cli_result_t *result);
static json_t *json_differences(const crm_cli_differences_t *differences);
static json_t *json_text(crm_str_t text);


void
crm_cli_test_place(const crm_cli_case_t *of, const char *path, unsigned *line,
    unsigned *column)
{
    crm_cli_yaml_find(of->doc->root, path, 0, line, column);
}


void
crm_cli_test_table(const crm_cli_results_t *results, FILE *out)
{
    size_t                   i;
    const crm_cli_result_t  *result;

    for (i = 0; i < results->count; i++) {
        result = &results->items[i];

        fputs(result->ok ? "ok    " : "FAIL  ", out);
        report_where(result, out);
        fputs(": ", out);
        crm_cli_print_text(result->of->name, out);
        putc('\n', out);

        if (!result->ok) {
            crm_cli_test_failure(result, "      ", out);
            putc('\n', out);
        }
    }

    fprintf(out, "%zu passed, %zu failed\n", results->count - results->failed,
            results->failed);
}


/* FILE:LINE of the test. */
static void
report_where(const crm_cli_result_t *result, FILE *out)
{
    unsigned  line, column;

    crm_cli_test_place(result->of, result->of->path, &line, &column);
    crm_cli_print_text(result->of->doc->file, out);
    fprintf(out, ":%u", line);
}


void
crm_cli_test_failure(const crm_cli_result_t *result, const char *indent,
    FILE *out)
{
    failure_step(result, indent, out);

    if (result->error) {
        fprintf(out, "%s%s\n", indent, result->error);
        return;
    }

    crm_cli_test_diff(result, indent, out);
    failure_rules(result, indent, out);
}


/* Which step, and what was written. */
static void
failure_step(const crm_cli_result_t *result, const char *indent, FILE *out)
{
    unsigned               line, column;
    crm_cli_explain_t      how;
    const crm_cli_step_t  *step;

    step = &result->of->steps[result->step];

    if (result->of->steps_count > 1) {
        crm_cli_test_place(result->of, step->path, &line, &column);
        fprintf(out, "%sstep %zu, line %u\n", indent, result->step + 1, line);
    }

    if (result->trace.type == CRM_JSON_OBJECT) {
        memset(&how, 0, sizeof(crm_cli_explain_t));
        how.pool = result->differences.pool;
        how.out = out;
        how.indent = indent;
        crm_cli_explain_head(&how, result->trace);
    }
}


/* What the rules said that the test names, and those that did something. */
static void
failure_rules(const crm_cli_result_t *result, const char *indent, FILE *out)
{
    size_t             i;
    about_t            about;
    crm_cli_explain_t  how;

    about.expect = result->of->steps[result->step].expect;

    memset(&how, 0, sizeof(crm_cli_explain_t));
    how.pool = result->differences.pool;
    how.out = out;
    how.indent = indent;
    how.wanted = failure_wanted;
    how.data = &about;

    for (i = 0; i < result->came_count; i++) {
        if (result->came[i].timer.len) {
            crm_cli_explain_rules(&how, result->came[i].trace);
        }
    }

    if (result->trace.type != CRM_JSON_OBJECT) {
        return;
    }

    crm_cli_explain_gates(&how, result->trace);
    crm_cli_explain_rules(&how, result->trace);
    crm_cli_explain_scores(&how, result->trace);
    crm_cli_explain_changes(&how, result->trace);
}


static int
failure_wanted(crm_str_t name, void *data)
{
    size_t         i;
    json_t        *action;
    const char    *key;
    json_t        *reason;
    const about_t *about;

    about = data;

    json_object_foreach(json_object_get(about->expect, "not_fired"), key,
                        reason)
    {
        if (crm_str_is(name, key)) {
            return 1;
        }
    }

    json_array_foreach(json_object_get(about->expect, "actions"), i, action) {
        if (json_object_get(action, "rule") == NULL
            || listed(json_object_get(action, "rule"), name))
        {
            return 1;
        }
    }

    return listed(json_object_get(about->expect, "fired"), name)
           || listed(json_object_get(about->expect, "shadow"), name);
}


/* Whether name stands in a list of names, or is the name. */
static int
listed(const json_t *list, crm_str_t name)
{
    size_t   i;
    json_t  *item;

    if (json_is_string(list)) {
        return crm_str_is(name, json_string_value(list));
    }

    json_array_foreach(list, i, item) {
        if (json_is_string(item)
            && crm_str_is(name, json_string_value(item)))
        {
            return 1;
        }
    }

    return 0;
}


/* The failure as text, to be freed; NULL without memory. */
static char *
report_failure(const crm_cli_result_t *result)
{
    char    *text;
    FILE    *out;
    size_t   len;

    text = NULL;
    out = open_memstream(&text, &len);

    if (out == NULL) {
        return NULL;
    }

    crm_cli_test_failure(result, "", out);

    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }

    return text;
}


/* TAP 13: a number sign and a backslash in a name would be read. */
void
crm_cli_test_tap(const crm_cli_results_t *results, FILE *out)
{
    char                    *text;
    size_t                   i;
    const char              *p;
    const crm_cli_result_t  *result;

    fprintf(out, "TAP version 13\n1..%zu\n", results->count);

    for (i = 0; i < results->count; i++) {
        result = &results->items[i];

        fprintf(out, "%sok %zu - ", result->ok ? "" : "not ", i + 1);
        report_where(result, out);
        fputs(": ", out);

        for (p = result->of->name; *p; p++) {
            fputs(*p == '#' || *p == '\\' ? "\\" : "", out);
            putc((unsigned char) *p < ' ' || *p == 0x7f ? ' ' : *p, out);
        }

        putc('\n', out);

        if (!result->ok) {
            text = report_failure(result);
            tap_lines(text ? text : "out of memory", out);
            free(text);
        }
    }
}


static void
tap_lines(const char *text, FILE *out)
{
    size_t  len;

    while (*text) {
        len = strcspn(text, "\n");
        fprintf(out, "# %.*s\n", (int) len, text);
        text += len + (text[len] == '\n');
    }
}


void
crm_cli_test_junit(const crm_cli_results_t *results, FILE *out)
{
    char                    *text;
    size_t                   i;
    unsigned                 line, column;
    const crm_cli_result_t  *result;

    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n  <testsuite name=\"");
    xml_text(results->dir, out);
    fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
            results->count, results->failed);

    for (i = 0; i < results->count; i++) {
        result = &results->items[i];
        crm_cli_test_place(result->of, result->of->path, &line, &column);

        fputs("    <testcase classname=\"", out);
        xml_text(result->of->doc->file, out);
        fputs("\" name=\"", out);
        xml_text(result->of->name, out);
        fputs("\" file=\"", out);
        xml_text(result->of->doc->file, out);
        fprintf(out, "\" line=\"%u\"", line);

        if (result->ok) {
            fputs("/>\n", out);
            continue;
        }

        fputs(">\n      <failure message=\"", out);
        xml_text(result->error ? result->error
                               : result->differences.items[0].path, out);
        fputs(result->error ? "" : " is not as expected", out);
        fputs("\">", out);
        text = report_failure(result);
        xml_text(text ? text : "out of memory", out);
        free(text);
        fputs("</failure>\n    </testcase>\n", out);
    }

    fputs("  </testsuite>\n</testsuites>\n", out);
}


static void
xml_text(const char *text, FILE *out)
{
    xml_str(crm_strz(text), out);
}


/* XML has no way at all to write most control characters, nor U+FFFE and
 * U+FFFF, nor what is no UTF-8, which a file's name may be. */
static void
xml_str(crm_str_t text, FILE *out)
{
    size_t            i;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    for (i = 0; i < text.len; i += (size_t) n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) text.data + i,
                             (utf8proc_ssize_t) (text.len - i), &c);

        if (n < 1 || c == 0xfffe || c == 0xffff
            || (c < ' ' && c != '\n' && c != '\t'))
        {
            n = n < 1 ? 1 : n;
            putc('?', out);

        } else if (c == '<') {
            fputs("&lt;", out);

        } else if (c == '>') {
            fputs("&gt;", out);

        } else if (c == '&') {
            fputs("&amp;", out);

        } else if (c == '"') {
            fputs("&quot;", out);

        } else {
            (void) fwrite(text.data + i, 1, (size_t) n, out);
        }
    }
}


json_t *
crm_cli_test_json(const crm_cli_results_t *results)
{
    size_t   i;
    json_t  *json, *tests;

    tests = json_array();
    json = json_pack("{s:i, s:i, s:o*}", "passed",
                     (int) (results->count - results->failed), "failed",
                     (int) results->failed, "tests", tests);

    for (i = 0; json && i < results->count; i++) {
        if (json_array_append_new(tests, json_result(&results->items[i]))
            != 0)
        {
            json_decref(json);
            return NULL;
        }
    }

    return json;
}


static json_t *
json_result(const crm_cli_result_t *result)
{
    unsigned               line, column;
    const crm_cli_case_t  *of;

    of = result->of;
    crm_cli_test_place(of, of->path, &line, &column);

    return json_pack("{s:o, s:i, s:i, s:o, s:b, s:i, s:o, s:o}",
                     "file", crm_cli_json_text(of->doc->file),
                     "line", (int) line, "column", (int) column,
                     "name", crm_cli_json_text(of->name),
                     "ok", result->ok,
                     "step", (int) result->step + 1,
                     "error", result->error
                              ? crm_cli_json_text(result->error) : json_null(),
                     "differences", json_differences(&result->differences));
}


static json_t *
json_differences(const crm_cli_differences_t *differences)
{
    size_t                    i;
    json_t                   *list, *one;
    const crm_cli_differs_t  *d;

    list = json_array();

    for (i = 0; list && i < differences->count; i++) {
        d = &differences->items[i];

        one = json_pack("{s:o, s:o, s:o}",
                        "path", crm_cli_json_text(d->path),
                        "expected", json_text(d->expected),
                        "got", json_text(d->got));

        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


/* JSON as text in a string: numbers keep their digits. */
static json_t *
json_text(crm_str_t text)
{
    return json_stringn(text.data, text.len);
}
