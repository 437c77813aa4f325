/*
 * A rule file, as anyone might have saved it: documents that know where they
 * stand, or findings inside the file, never a crash, never memory kept. What
 * was read without one is written so that it reads as the same again.
 */

#include <stdint.h>
#include <stdlib.h>

#include "crm_cli_emit.h"
#include "crm_cli_yaml.h"


#define POOL_BYTES  (64 * 1024 * 1024)


typedef struct {
    crm_pool_t          *pool;
    crm_cli_docs_t       docs;
    crm_cli_findings_t   findings;
} reading_t;


static crm_status_t reading_open(reading_t *r, crm_str_t text);
static void check_places(const reading_t *r, crm_str_t text);
static void check_again(const json_t *value);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);


/* libfyaml 0.7 keeps 2 KB where a key of a flow sequence has no end. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t     i;
    reading_t  r;
    crm_str_t  text;

    text = crm_str((const char *) data, size);

    if (reading_open(&r, text) == CRM_OK) {
        check_places(&r, text);

        /* a number that no double holds is told, and bent */

        for (i = 0; i < r.docs.count && r.findings.count == 0; i++) {
            check_again(r.docs.items[i].value);
        }
    }

    crm_pool_destroy(r.pool);

    return 0;
}


static crm_status_t
reading_open(reading_t *r, crm_str_t text)
{
    memset(r, 0, sizeof(reading_t));

    r->pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (r->pool == NULL) {
        return CRM_ENOMEM;
    }

    r->docs.pool = r->pool;
    crm_cli_findings_init(&r->findings, r->pool);

    return crm_cli_yaml_read(&r->docs, "fuzz", text, &r->findings);
}


/* No finding, and no document, stands behind the last line. */
static void
check_places(const reading_t *r, crm_str_t text)
{
    size_t    i;
    unsigned  lines, line, column;

    for (i = 0, lines = 1; i < text.len; i++) {
        lines += text.data[i] == '\n' || text.data[i] == '\r';
    }

    for (i = 0; i < r->findings.count; i++) {
        if (r->findings.items[i].line == 0
            || r->findings.items[i].line > lines
            || r->findings.items[i].column == 0)
        {
            abort();
        }
    }

    for (i = 0; i < r->docs.count; i++) {
        crm_cli_yaml_find(r->docs.items[i].root, "kind.name[1].kind", 1, &line,
                          &column);

        if (line == 0 || line > lines || column == 0) {
            abort();
        }
    }
}


static void
check_again(const json_t *value)
{
    char       *text;
    FILE       *out;
    size_t      len;
    reading_t   r;

    text = NULL;
    out = open_memstream(&text, &len);

    if (out == NULL || crm_cli_emit(value, out) != 0 || fclose(out) != 0) {
        abort();
    }

    if (json_object_size(value) && len <= CRM_CLI_MAX_DOC_BYTES) {
        if (reading_open(&r, crm_str(text, len)) != CRM_OK
            || r.findings.count || r.docs.count != 1
            || !json_equal(r.docs.items[0].value, value))
        {
            (void) fwrite(text, 1, len, stderr);
            crm_cli_findings_text(&r.findings, stderr);
            abort();
        }

        crm_pool_destroy(r.pool);
    }

    free(text);
}
