/*
 * JSON values as YAML that crm_cli_yaml.h reads back as the same values.
 *
 * Few forms, each used where it cannot be misread: plain text of harmless
 * characters, double quotes for the rest, "|" for whole lines, block style for
 * collections. What was read was at most CRM_CLI_MAX_DEPTH deep, and so is
 * this recursion.
 */

#include "crm_cli_emit.h"
#include "crm_cli_print.h"
#include "crm_cli_scalar.h"

#include <stdlib.h>
#include <utf8proc.h>


/* YAML wants the colon of a plain "key:" within 1024 characters. */
#define EMIT_LONG_KEY  200

#define EMIT_INDENT    2


static int emit_map(const json_t *map, int indent, int inside, FILE *out);
static int emit_list(const json_t *list, int indent, int inside, FILE *out);
static int emit_value(const json_t *value, int indent, int in_list, FILE *out);
static int emit_scalar(const json_t *value, int indent, FILE *out);
static void emit_text(crm_str_t text, int indent, FILE *out);
static void emit_key(const char *key, int indent, FILE *out);
static void emit_block(crm_str_t text, int indent, FILE *out);
static void emit_quoted(crm_str_t text, FILE *out);
static int text_is_plain(crm_str_t text);
static int text_is_block(crm_str_t text);
static void emit_pad(int indent, FILE *out);


int
crm_cli_emit(const json_t *object, FILE *out)
{
    if (json_object_size(object) == 0) {
        fputs("{}\n", out);
        return 0;
    }

    return emit_map(object, 0, 0, out);
}


/* With inside, the first key stands where the "- " of a list left off. */

static int
emit_map(const json_t *map, int indent, int inside, FILE *out)
{
    json_t      *value;
    const char  *key;

    json_object_foreach((json_t *) map, key, value) {
        if (!inside) {
            emit_pad(indent, out);
        }

        inside = 0;
        emit_key(key, indent, out);

        if (emit_value(value, indent, 0, out) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
emit_list(const json_t *list, int indent, int inside, FILE *out)
{
    size_t   i;
    json_t  *value;

    json_array_foreach(list, i, value) {
        if (!inside) {
            emit_pad(indent, out);
        }

        inside = 0;
        putc('-', out);

        if (emit_value(value, indent, 1, out) != 0) {
            return -1;
        }
    }

    return 0;
}


/* What follows a "key:" or a "-" at indent, to the end of its line. */

static int
emit_value(const json_t *value, int indent, int in_list, FILE *out)
{
    if (json_object_size(value) > 0) {
        putc(in_list ? ' ' : '\n', out);
        return emit_map(value, indent + EMIT_INDENT, in_list, out);
    }

    if (json_array_size(value) > 0) {
        putc(in_list ? ' ' : '\n', out);
        return emit_list(value, indent + EMIT_INDENT, in_list, out);
    }

    putc(' ', out);

    return emit_scalar(value, indent + EMIT_INDENT, out);
}


static int
emit_scalar(const json_t *value, int indent, FILE *out)
{
    char  *number;

    switch (json_typeof(value)) {

    case JSON_OBJECT:
        fputs("{}\n", out);
        return 0;

    case JSON_ARRAY:
        fputs("[]\n", out);
        return 0;

    case JSON_STRING:
        emit_text(crm_str(json_string_value(value), json_string_length(value)),
                  indent, out);
        return 0;

    case JSON_TRUE:
        fputs("true\n", out);
        return 0;

    case JSON_FALSE:
        fputs("false\n", out);
        return 0;

    case JSON_NULL:
        fputs("null\n", out);
        return 0;

    default:
        break;
    }

    number = json_dumps(value, JSON_ENCODE_ANY | CRM_CLI_JSON_REALS);
    if (number == NULL) {
        return -1;
    }

    fputs(number, out);
    putc('\n', out);
    free(number);

    return 0;
}


static void
emit_text(crm_str_t text, int indent, FILE *out)
{
    if (text_is_plain(text)) {
        (void) fwrite(text.data, 1, text.len, out);
        putc('\n', out);
        return;
    }

    if (text_is_block(text)) {
        emit_block(text, indent, out);
        return;
    }

    emit_quoted(text, out);
    putc('\n', out);
}


static void
emit_key(const char *key, int indent, FILE *out)
{
    int        is_long;
    crm_str_t  text;

    text = crm_strz(key);
    is_long = text.len > EMIT_LONG_KEY;

    if (is_long) {
        fputs("? ", out);
    }

    if (text_is_plain(text)) {
        fputs(key, out);

    } else {
        emit_quoted(text, out);
    }

    if (is_long) {
        putc('\n', out);
        emit_pad(indent, out);
    }

    putc(':', out);
}


static void
emit_block(crm_str_t text, int indent, FILE *out)
{
    size_t  i;
    int     at_start;

    fputs(text.data[text.len - 1] == '\n' ? "|\n" : "|-\n", out);
    at_start = 1;

    for (i = 0; i < text.len; i++) {
        if (at_start && text.data[i] != '\n') {
            emit_pad(indent, out);
        }

        putc(text.data[i], out);
        at_start = text.data[i] == '\n';
    }

    if (!at_start) {
        putc('\n', out);
    }
}


static void
emit_quoted(crm_str_t text, FILE *out)
{
    size_t            i;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    putc('"', out);

    for (i = 0; i < text.len; i += (size_t) n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) text.data + i,
                             (utf8proc_ssize_t) (text.len - i), &c);
        if (n < 1) {
            n = 1;
            c = '?';
        }

        if (c == '"' || c == '\\') {
            putc('\\', out);
            putc(c, out);

        } else if (c == '\n') {
            fputs("\\n", out);

        } else if (c == '\t') {
            fputs("\\t", out);

        } else if (c < 0x20 || (c >= 0x7f && c < 0xa1) || c == 0x2028
                   || c == 0x2029 || c == 0xfeff || (c & 0xfffe) == 0xfffe)
        {
            fprintf(out, c > 0xffff ? "\\U%08X" : "\\u%04X", (unsigned) c);

        } else {
            (void) fwrite(text.data + i, 1, (size_t) n, out);
        }
    }

    putc('"', out);
}


/* Words of harmless characters that no reader takes for anything else. */

static int
text_is_plain(crm_str_t text)
{
    size_t         i;
    unsigned char  c;

    if (text.len == 0 || text.data[text.len - 1] == ' '
        || crm_cli_scalar_kind(text) != CRM_CLI_TEXT)
    {
        return 0;
    }

    c = (unsigned char) text.data[0];

    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')) {
        return 0;
    }

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || strchr("_-. /@+()", c)))
        {
            if (c != ':' || i + 1 == text.len || text.data[i + 1] == ' ') {
                return 0;
            }
        }
    }

    return 1;
}


/*
 * Several lines, of which the first is not indented, none ends blank and none
 * has a tab behind a colon, which a reader of YAML may trip over.
 */

static int
text_is_block(crm_str_t text)
{
    size_t         i;
    unsigned       colon;
    unsigned char  c, before;

    if (text.len < 2 || text.data[0] == ' ' || text.data[0] == '\n'
        || text.data[0] == '\t' || text.data[0] == '#'
        || memchr(text.data, '\n', text.len - 1) == NULL)
    {
        return 0;
    }

    before = '\n';
    colon = 0;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        /* Of what is not ASCII, C2, E2 and EF begin all that needs care. */

        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c == 0xc2
            || c == 0xe2 || c == 0xef
            || (c == '\n' && (before == ' ' || before == '\t'))
            || (c == '\t' && colon))
        {
            return 0;
        }

        if (i + 1 == text.len
            && (c == ' ' || c == '\t' || (c == '\n' && before == '\n')))
        {
            return 0;
        }

        before = c;
        colon = c == ':' || (colon && c == ' ');
    }

    return 1;
}


static void
emit_pad(int indent, FILE *out)
{
    fprintf(out, "%*s", indent, "");
}
