/*
 * YAML (and JSON, which is a subset) to JSON values that know where they
 * stand: files into documents, and paths into places.
 */

#include "crm_cli_reader.h"

#include <stdlib.h>
#include <utf8proc.h>


static int text_check(const char *file, crm_str_t text,
    crm_cli_findings_t *findings);
static int tabs_check(const char *file, crm_str_t text, unsigned line,
    crm_cli_findings_t *findings);
static int is_explicit_key(crm_str_t text, size_t at);
static size_t tab_misplaced(crm_str_t text, size_t at);
static int line_is_mark(crm_str_t text, size_t at, const char *mark);
static int line_is_blank(crm_str_t text, size_t at);
static size_t line_end(crm_str_t text, size_t at);
static crm_status_t document_read(crm_cli_docs_t *docs, const char *file,
    crm_str_t text, unsigned line, crm_cli_findings_t *findings);
static crm_status_t document_add(crm_cli_docs_t *docs, crm_cli_reader_t *r);
static void doc_end(void *data);


crm_status_t
crm_cli_yaml_read(crm_cli_docs_t *docs, const char *file, crm_str_t text,
    crm_cli_findings_t *findings)
{
    size_t        at, next, start;
    unsigned      line, start_line, content;
    crm_status_t  rc;

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }

    if (text_check(file, text, findings) != 0) {
        return CRM_OK;
    }

    start = 0;
    start_line = 0;
    content = 0;
    rc = CRM_OK;

    for (at = 0, line = 0; at < text.len && rc == CRM_OK; at = next, line++) {
        next = line_end(text, at);

        if (line_is_mark(text, at, "---")) {
            if (content) {
                rc = document_read(docs, file,
                                   crm_str(text.data + start, at - start),
                                   start_line, findings);
                start = at;
                start_line = line;
            }

            content = 1;

        } else if (line_is_mark(text, at, "...")) {
            if (content) {
                rc = document_read(docs, file,
                                   crm_str(text.data + start, at - start),
                                   start_line, findings);
            }

            start = next;
            start_line = line + 1;
            content = 0;

        } else if (!line_is_blank(text, at)) {
            content = 1;
        }
    }

    if (content && rc == CRM_OK) {
        rc = document_read(docs, file,
                           crm_str(text.data + start, text.len - start),
                           start_line, findings);
    }

    return rc;
}


/* Whether text is UTF-8 of printable characters; if not, one finding. */

static int
text_check(const char *file, crm_str_t text, crm_cli_findings_t *findings)
{
    size_t            i;
    unsigned          line, column;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    line = 1;
    column = 1;

    for (i = 0; i < text.len; i += (size_t) n, column++) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) text.data + i,
                             (utf8proc_ssize_t) (text.len - i), &c);
        if (n < 1) {
            crm_cli_findings_add(findings, CRM_ERROR, file, line, column,
                                 "not_utf8", NULL,
                                 "byte 0x%02x is not UTF-8; save the file as "
                                 "UTF-8 text",
                                 (unsigned char) text.data[i]);
            return -1;
        }

        if (c == '\n' || (c == '\r' && (i + 1 == text.len
                                        || text.data[i + 1] != '\n')))
        {
            line++;
            column = 0;
            continue;
        }

        if (c < 0x20 && c != '\t' && c != '\r') {
            crm_cli_findings_add(findings, CRM_ERROR, file, line, column,
                                 "control_character", NULL,
                                 "control character 0x%02x; this is no text "
                                 "file, or the character must be written as "
                                 "an escape in double quotes", (unsigned) c);
            return -1;
        }
    }

    return 0;
}


/*
 * libfyaml 0.7 frees a key twice where a document with an explicit key ("? ")
 * has a tab between ":" and what cannot stand behind one. YAML refuses that
 * tab, unless it is text; so do we, before libfyaml sees it.
 */

static int
tabs_check(const char *file, crm_str_t text, unsigned line,
    crm_cli_findings_t *findings)
{
    size_t    i, tab;
    unsigned  column, explicit_key;

    explicit_key = 0;
    column = 0;

    for (i = 0; i < text.len; i++) {
        explicit_key |= is_explicit_key(text, i);
        tab = explicit_key ? tab_misplaced(text, i) : 0;
        column += ((unsigned char) text.data[i] & 0xc0) != 0x80;

        if (tab) {
            crm_cli_findings_add(findings, CRM_ERROR, file, line + 1,
                                 column + (unsigned) (tab - i), "syntax", NULL,
                                 "a tab stands behind \":\": write a space");
            return -1;
        }

        if (text.data[i] == '\n' || (text.data[i] == '\r'
                                     && (i + 1 == text.len
                                         || text.data[i + 1] != '\n')))
        {
            line++;
            column = 0;
        }
    }

    return 0;
}


/* A "?" that no text is in front of, nor behind. */

static int
is_explicit_key(crm_str_t text, size_t at)
{
    unsigned char  before, behind;

    if (text.data[at] != '?') {
        return 0;
    }

    before = at ? (unsigned char) text.data[at - 1] : ' ';
    behind = at + 1 < text.len ? (unsigned char) text.data[at + 1] : ' ';

    return (before <= ' ' || before >= 0x80)
           && (behind <= ' ' || behind >= 0x80);
}


/* Where the tab stands that is wrong behind the colon at `at`, or 0. */

static size_t
tab_misplaced(crm_str_t text, size_t at)
{
    size_t  i, tab;

    if (text.data[at] != ':') {
        return 0;
    }

    tab = 0;

    for (i = at + 1; i < text.len; i++) {
        if (text.data[i] == '\t') {
            tab = tab ? tab : i;

        } else if (text.data[i] != ' ') {
            break;
        }
    }

    return i == text.len || strchr("?:|>-", text.data[i]) ? tab : 0;
}


static size_t
line_end(crm_str_t text, size_t at)
{
    while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r') {
        at++;
    }

    if (at + 1 < text.len && text.data[at] == '\r'
        && text.data[at + 1] == '\n')
    {
        at++;
    }

    return at < text.len ? at + 1 : at;
}


static int
line_is_mark(crm_str_t text, size_t at, const char *mark)
{
    if (text.len - at < 3 || memcmp(text.data + at, mark, 3) != 0) {
        return 0;
    }

    return at + 3 == text.len || strchr(" \t\r\n", text.data[at + 3]) != NULL;
}


/* Blank, a comment or a directive: nothing that begins a document. */

static int
line_is_blank(crm_str_t text, size_t at)
{
    if (text.data[at] == '%') {
        return 1;
    }

    while (at < text.len && (text.data[at] == ' ' || text.data[at] == '\t')) {
        at++;
    }

    return at == text.len || strchr("#\r\n", text.data[at]) != NULL;
}


static crm_status_t
document_read(crm_cli_docs_t *docs, const char *file, crm_str_t text,
    unsigned line, crm_cli_findings_t *findings)
{
    crm_cli_reader_t  r;

    memset(&r, 0, sizeof(crm_cli_reader_t));
    r.file = file;
    r.line = line;
    r.pool = docs->pool;
    r.findings = findings;

    if (docs->full) {
        return CRM_OK;
    }

    if (docs->count == CRM_CLI_MAX_DOCS) {
        crm_cli_findings_add(findings, CRM_ERROR, file, line + 1, 1,
                             "too_many", NULL, "more than %d documents: this "
                             "and later ones are not read", CRM_CLI_MAX_DOCS);
        docs->full = 1;
        return CRM_OK;
    }

    if (text.len > CRM_CLI_MAX_DOC_BYTES) {
        crm_cli_findings_add(findings, CRM_ERROR, file, line + 1, 1,
                             "too_large", NULL, "the document has %zu bytes; "
                             "%d are allowed: split it into several",
                             text.len, CRM_CLI_MAX_DOC_BYTES);
        return CRM_OK;
    }

    if (tabs_check(file, text, line, findings) != 0) {
        return CRM_OK;
    }

    crm_cli_reader_run(&r, text);

    if (r.no_memory) {
        json_decref(r.value);
        return CRM_ENOMEM;
    }

    if (r.left_out || r.value == NULL || json_is_null(r.value)) {
        json_decref(r.value);
        return CRM_OK;
    }

    if (!json_is_object(r.value)) {
        json_decref(r.value);
        crm_cli_findings_add(findings, CRM_ERROR, file, r.root->line,
                             r.root->column, "wrong_type", NULL,
                             "a document must be a mapping that begins with "
                             "its kind, such as \"kind: workflow_rule\"");
        return CRM_OK;
    }

    return document_add(docs, &r);
}


static crm_status_t
document_add(crm_cli_docs_t *docs, crm_cli_reader_t *r)
{
    size_t          cap;
    crm_cli_doc_t  *items;

    if (crm_pool_on_destroy(docs->pool, doc_end, r->value) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (docs->count == docs->cap) {
        cap = docs->cap ? docs->cap * 2 : 64;
        items = crm_pool_calloc(docs->pool, cap, sizeof(crm_cli_doc_t));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (docs->count) {
            memcpy(items, docs->items, docs->count * sizeof(crm_cli_doc_t));
        }

        docs->items = items;
        docs->cap = cap;
    }

    docs->items[docs->count].file = r->file;
    docs->items[docs->count].value = r->value;
    docs->items[docs->count].root = r->root;
    docs->count++;

    return CRM_OK;
}


static void
doc_end(void *data)
{
    json_decref(data);
}


void
crm_cli_yaml_find(const crm_cli_node_t *root, const char *path, int at_key,
    unsigned *line, unsigned *column)
{
    size_t                 len, index;
    const char            *p;
    const crm_cli_node_t  *node, *child, *best;

    node = root;
    p = path ? path : "";

    while (*p) {
        best = NULL;
        len = 0;

        if (*p == '[') {
            index = strtoul(p + 1, NULL, 10);
            for (best = node->first; best && index; index--) {
                best = best->next;
            }

            len = strcspn(p, "]");
            len += p[len] == ']' ? 1 : 0;

        } else {
            p += *p == '.' ? 1 : 0;

            /* A key may hold a point: the longest that fits is meant. */

            for (child = node->first; child; child = child->next) {
                if (child->key && strlen(child->key) >= len
                    && strncmp(p, child->key, strlen(child->key)) == 0
                    && strchr(".[", p[strlen(child->key)]))
                {
                    best = child;
                    len = strlen(child->key);
                }
            }
        }

        if (best == NULL) {
            at_key = 0;
            break;
        }

        node = best;
        p += len;
    }

    *line = at_key && node->key_line ? node->key_line : node->line;
    *column = at_key && node->key_line ? node->key_column : node->column;
}
