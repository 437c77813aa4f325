/*
 * A text with merge fields and the record that fills it, each anybody's:
 * compiled or refused with findings, and no value leaves its place, whatever
 * the destination. The two texts are parted by a zero byte.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/crm_template.h"


#define POOL_BYTES  (8 * 1024 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(const crm_template_t *template, const crm_record_t *record,
    crm_pool_t *pool);
static void look_at(crm_escape_t escape, crm_str_t text);
static void look_at_json(crm_str_t text);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_str_t        text, json;
    const char      *zero;
    crm_pool_t      *pool;
    crm_record_t     record;
    crm_status_t     rc;
    crm_compile_t    cc;
    crm_findings_t   findings;
    crm_template_t   template;

    text = crm_str((const char *) data, size);
    zero = size ? memchr(data, 0, size) : NULL;
    json = CRM_STR("{}");

    if (zero) {
        text.len = (size_t) (zero - text.data);
        json = crm_str(zero + 1, size - text.len - 1);
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return 0;
    }

    memset(&cc, 0, sizeof(crm_compile_t));
    crm_findings_init(&findings, pool);
    cc.pool = pool;
    cc.findings = &findings;
    cc.module = "M";

    rc = crm_template_compile(&template, text, "p", &cc);

    if (rc == CRM_EINVAL && findings.count == 0
        && findings.status != CRM_ENOMEM)
    {
        abort();                        /* refused, and nobody knows why */
    }

    if (rc == CRM_OK
        && crm_record_parse(&record, json, NULL, pool, NULL) == CRM_OK)
    {
        fill(&template, &record, pool);
    }

    crm_pool_destroy(pool);

    return 0;
}


/* Alone, so that all that is looked at has been escaped. */
static void
fill(const crm_template_t *template, const crm_record_t *record,
    crm_pool_t *pool)
{
    int           i, missing;
    crm_buf_t     buf, all;
    crm_merge_t   merge;
    crm_scope_t   scope;
    crm_status_t  rc;

    memset(&merge, 0, sizeof(crm_merge_t));
    memset(&scope, 0, sizeof(crm_scope_t));
    scope.now_ms = 1795305600000LL;
    merge.module = CRM_STR("M");
    merge.record_id = CRM_STR("42");
    merge.record = record;
    merge.before = record;
    merge.scope = &scope;

    crm_buf_init(&all, pool, 0);
    rc = crm_template_render(template, &all, CRM_ESCAPE_NONE, &merge, pool,
                             &missing);

    for (i = CRM_ESCAPE_JSON; rc == CRM_OK && i <= CRM_ESCAPE_HEADER; i++) {
        crm_buf_init(&buf, pool, 0);
        crm_template_escape(&buf, (crm_escape_t) i, crm_buf_view(&all));

        if (crm_buf_status(&buf) == CRM_OK) {
            look_at((crm_escape_t) i, crm_buf_view(&buf));
        }

        crm_buf_init(&buf, pool, 0);
        rc = crm_template_render(template, &buf, (crm_escape_t) i, &merge,
                                 pool, NULL);
    }
}


static void
look_at(crm_escape_t escape, crm_str_t text)
{
    size_t       i;
    const char  *bad;

    if (escape == CRM_ESCAPE_JSON) {
        look_at_json(text);
        return;
    }

    bad = escape == CRM_ESCAPE_URL ? "/?#&=+ \"<>\\@:;'"
          : escape == CRM_ESCAPE_XML ? "<>\"'" : "";

    for (i = 0; i < text.len; i++) {
        unsigned char  c = (unsigned char) text.data[i];

        if ((c && strchr(bad, c))
            || (escape == CRM_ESCAPE_URL && (c <= 0x20 || c >= 0x7f))
            || (escape == CRM_ESCAPE_HEADER && (c < 0x20 || c == 0x7f)))
        {
            abort();
        }
    }
}


/* No quote that nothing stands before, no control character. */
static void
look_at_json(crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] < 0x20 || text.data[i] == '"') {
            abort();
        }

        if (text.data[i] == '\\' && ++i == text.len) {
            abort();
        }
    }
}
