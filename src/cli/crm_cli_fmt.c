/*
 * The command fmt: rule files in their canonical form.
 *
 * A file is written only if what is written means what was read.
 */

#include "crm_cli_fmt.h"
#include "crm_cli.h"
#include "crm_cli_folder.h"
#include "crm_cli_print.h"
#include "crm_cli_replace.h"
#include "crm_cli_rules.h"

#include <stdlib.h>


typedef struct {
    crm_cli_t  *cli;
    size_t      changed;
    size_t      left;           /* could not be formatted */
} fmt_t;


static crm_cli_exit_t fmt_argument(fmt_t *fmt, const char *path);
static int fmt_broken(const crm_cli_rules_t *rules, const char *file);
static crm_cli_exit_t fmt_file(fmt_t *fmt, const char *file);
static crm_status_t fmt_text(crm_str_t *out, crm_str_t text,
    const crm_cli_doc_t *docs, size_t count, crm_pool_t *pool,
    crm_error_t *err);
static crm_status_t fmt_same(const crm_cli_doc_t *docs, size_t count,
    crm_str_t text, crm_pool_t *pool, crm_error_t *err);
static int doc_compare(const void *a, const void *b);


crm_cli_exit_t
crm_cli_fmt(crm_cli_t *cli)
{
    int              i;
    fmt_t            fmt;
    crm_cli_exit_t   rc;

    memset(&fmt, 0, sizeof(fmt_t));
    fmt.cli = cli;

    for (i = 1; i < cli->opts.nargs; i++) {
        rc = fmt_argument(&fmt, cli->opts.args[i]);
        if (rc != CRM_CLI_OK) {
            return rc;
        }
    }

    return fmt.left || (cli->opts.check && fmt.changed) ? CRM_CLI_FAILED
                                                        : CRM_CLI_OK;
}


/* All files of a folder, in its order; those with mistakes are named. */
static crm_cli_exit_t
fmt_argument(fmt_t *fmt, const char *path)
{
    size_t            i, n;
    crm_cli_exit_t    rc;
    crm_cli_rules_t   rules;

    if (crm_cli_rules_load(&rules, path, fmt->cli->pool) != CRM_OK
        || crm_cli_rules_report(&rules, 0) != 0)
    {
        return crm_cli_no_memory();
    }

    fmt->left += rules.findings.errors;

    for (i = 0; i < rules.docs.count; i += n) {
        for (n = 1; i + n < rules.docs.count; n++) {
            if (strcmp(rules.docs.items[i].file, rules.docs.items[i + n].file)
                != 0)
            {
                break;
            }
        }

        if (fmt_broken(&rules, rules.docs.items[i].file)) {
            continue;
        }

        rc = fmt_file(fmt, rules.docs.items[i].file);
        if (rc != CRM_CLI_OK) {
            return rc;
        }
    }

    return CRM_CLI_OK;
}


static int
fmt_broken(const crm_cli_rules_t *rules, const char *file)
{
    size_t  i;

    for (i = 0; i < rules->findings.count; i++) {
        if (strcmp(rules->findings.items[i].file, file) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Reads the file again: a folder's documents hold what files of theirs say. */
static crm_cli_exit_t
fmt_file(fmt_t *fmt, const char *file)
{
    crm_str_t            text, out;
    crm_error_t          err;
    crm_pool_t          *pool;
    crm_status_t         rc;
    crm_cli_docs_t       docs;
    crm_cli_findings_t   findings;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return crm_cli_no_memory();
    }

    text = CRM_STR_NULL;
    out = text;
    memset(&docs, 0, sizeof(crm_cli_docs_t));
    docs.pool = pool;
    crm_cli_findings_init(&findings, pool);

    rc = crm_cli_file_read(&text, file, CRM_CLI_MAX_FILE_BYTES, pool, &err);

    if (rc == CRM_OK) {
        rc = crm_cli_yaml_read(&docs, file, text, &findings);
    }

    if (rc == CRM_OK && docs.count) {
        rc = fmt_text(&out, text, docs.items, docs.count, pool, &err);

    } else if (rc == CRM_OK) {
        out = text;
    }

    if (rc == CRM_OK && !crm_str_eq(text, out)) {
        fmt->changed++;
        crm_cli_print_text(file, stdout);
        putchar('\n');

        if (!fmt->cli->opts.check) {
            rc = crm_cli_replace(file, out, pool, &err);
        }
    }

    if (rc == CRM_EINVAL) {
        fmt->left++;
        crm_cli_complain("%s is left alone: %s", file, err.text);
        rc = CRM_OK;
    }

    crm_pool_destroy(pool);

    return rc == CRM_OK ? CRM_CLI_OK : crm_cli_no_memory();
}


static crm_status_t
fmt_text(crm_str_t *out, crm_str_t text, const crm_cli_doc_t *docs,
    size_t count, crm_pool_t *pool, crm_error_t *err)
{
    size_t        len;
    crm_status_t  rc;

    len = strlen(docs->file);

    rc = len > 5 && strcmp(docs->file + len - 5, ".json") == 0
         ? crm_cli_fmt_json(out, text, docs, count, pool, err)
         : crm_cli_fmt_yaml(out, text, docs, count, pool, err);

    return rc == CRM_OK ? fmt_same(docs, count, *out, pool, err) : rc;
}


/* Whether text is the same documents, in whatever order. */
static crm_status_t
fmt_same(const crm_cli_doc_t *docs, size_t count, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t               i, same;
    crm_cli_doc_t       *before;
    crm_cli_docs_t       after;
    crm_cli_findings_t   findings;

    memset(&after, 0, sizeof(crm_cli_docs_t));
    after.pool = pool;
    crm_cli_findings_init(&findings, pool);

    before = crm_pool_calloc(pool, count, sizeof(crm_cli_doc_t));

    if (before == NULL
        || crm_cli_yaml_read(&after, docs->file, text, &findings) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    memcpy(before, docs, count * sizeof(crm_cli_doc_t));
    same = 0;

    if (after.count == count && findings.count == 0) {
        qsort(before, count, sizeof(crm_cli_doc_t), doc_compare);
        qsort(after.items, count, sizeof(crm_cli_doc_t), doc_compare);

        for (i = 0; i < count; i++) {
            same += json_equal(before[i].value, after.items[i].value);
        }
    }

    return same == count ? CRM_OK
           : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "its lines"
                           " cannot be moved without changing what it says");
}


/* By kind and name; of equal ones by what they hold. */
static int
doc_compare(const void *a, const void *b)
{
    int                   rc;
    char                 *p, *q;
    const crm_cli_doc_t  *x = a, *y = b;

    rc = crm_cli_fmt_compare(x->value, y->value);
    if (rc) {
        return rc;
    }

    p = json_dumps(x->value, JSON_SORT_KEYS | JSON_ENCODE_ANY);
    q = json_dumps(y->value, JSON_SORT_KEYS | JSON_ENCODE_ANY);

    rc = p && q ? strcmp(p, q) : 0;

    free(p);
    free(q);

    return rc;
}
