/*
 * Functions whose text stands in a file of its own.
 */

#include "crm_cli_source.h"
#include "crm_cli_folder.h"
#include "crm_cli_script.h"
#include "base/crm_limits.h"

#include <utf8proc.h>


/* Of a file that cannot be read: it has its finding, and needs none of the core
 * that the source is missing. */
#define SOURCE_NONE  "// unreadable"


static crm_status_t source_take(const crm_cli_doc_t *doc, const char *name,
    crm_pool_t *pool, crm_cli_findings_t *findings);
static crm_status_t source_check(crm_str_t text, crm_str_t path,
    const crm_cli_doc_t *doc, crm_cli_findings_t *findings);
static int name_is_below(const char *name);
static const char *text_wrong(crm_str_t text);


crm_status_t
crm_cli_source_read(crm_cli_docs_t *docs, crm_cli_findings_t *findings)
{
    size_t          i;
    const char     *kind, *name;
    crm_pool_t     *pool;
    crm_status_t    rc;
    crm_cli_doc_t  *doc;

    for (i = 0; i < docs->count; i++) {
        doc = &docs->items[i];
        kind = json_string_value(json_object_get(doc->value, "kind"));
        name = json_string_value(json_object_get(doc->value, "file"));

        if (kind == NULL || strcmp(kind, "function") != 0 || name == NULL
            || json_object_get(doc->value, "source") || !name_is_below(name))
        {
            continue;
        }

        pool = crm_pool_create(crm_host_malloc(), 0);
        rc = pool ? source_take(doc, name, pool, findings) : CRM_ENOMEM;

        if (pool) {
            crm_pool_destroy(pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
source_take(const crm_cli_doc_t *doc, const char *name, crm_pool_t *pool,
    crm_cli_findings_t *findings)
{
    unsigned       line, column;
    crm_str_t      path, text;
    const char    *slash, *why;
    crm_error_t    err;
    crm_status_t   rc;

    slash = strrchr(doc->file, '/');
    path = crm_pool_printf(pool, "%.*s%s",
                           slash ? (int) (slash - doc->file + 1) : 0,
                           doc->file, name);
    if (path.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_cli_file_read(&text, path.data, CRM_MAX_FUNCTION_SOURCE, pool,
                           &err);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    why = rc == CRM_OK ? text_wrong(text) : err.text;

    if (why) {
        crm_cli_yaml_find(doc->root, "file", 0, &line, &column);
        crm_cli_findings_add(findings, CRM_ERROR, doc->file, line, column,
                             "unreadable", NULL, "%s %s", path.data, why);
        text = CRM_STR(SOURCE_NONE);
    }

    if (why == NULL && source_check(text, path, doc, findings) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return json_object_set_new(doc->value, "source",
                               json_stringn(text.data, text.len)) == 0
           ? CRM_OK : CRM_ENOMEM;
}


/* A script that cannot be read is found now, not when it is to run. */
static crm_status_t
source_check(crm_str_t text, crm_str_t path, const crm_cli_doc_t *doc,
    crm_cli_findings_t *findings)
{
    path = crm_pool_dup(findings->pool, path);

    return path.data
           ? crm_cli_script_check(text, path.data,
                                  json_object_get(doc->value, "arguments"),
                                  findings)
           : CRM_ENOMEM;
}


/* Beside the rule file or in a folder below it. */

static int
name_is_below(const char *name)
{
    const char  *p;

    for (p = name; *p; p += strcspn(p, "/"), p += *p == '/') {
        if (*p == '/' || *p == '.') {
            return 0;
        }
    }

    return p != name && p[-1] != '/';
}


static const char *
text_wrong(crm_str_t text)
{
    size_t            i;
    utf8proc_int32_t  c;
    utf8proc_ssize_t  n;

    if (text.len == 0) {
        return "is empty";
    }

    for (i = 0; i < text.len; i += (size_t) n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) text.data + i,
                             (utf8proc_ssize_t) (text.len - i), &c);
        if (n < 1) {
            return "is not UTF-8";
        }

        if (c == 0) {
            return "holds a zero byte";
        }
    }

    return NULL;
}
