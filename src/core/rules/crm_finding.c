/*
 * Findings: everything that is wrong in a set of rules.
 */

#include "rules/crm_finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/crm_limits.h"


#define FINDING_MAX_TEXT  512


static crm_finding_t *findings_push(crm_findings_t *findings);
static void finding_trim(char *text);


void
crm_findings_init(crm_findings_t *findings, crm_pool_t *pool)
{
    memset(findings, 0, sizeof(crm_findings_t));
    findings->pool = pool;
}


void
crm_findings_add(crm_findings_t *findings, crm_severity_t severity,
    size_t object, const char *path, int at_key, const char *code,
    const char *suggestion, const char *fmt, ...)
{
    char            text[FINDING_MAX_TEXT];
    va_list         args;
    crm_finding_t  *f;

    if (severity == CRM_ERROR) {
        findings->errors++;
    }

    if (findings->count == CRM_MAX_FINDINGS) {
        findings->dropped++;
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    finding_trim(text);

    f = findings_push(findings);
    if (f == NULL) {
        findings->status = CRM_ENOMEM;
        return;
    }

    f->severity = severity;
    f->object = object;
    f->at_key = at_key;
    f->code = code;
    f->path = crm_pool_dup(findings->pool, crm_strz(path)).data;
    f->message = crm_pool_dup(findings->pool, crm_strz(text)).data;
    f->suggestion = NULL;
    f->twin = 0;

    if (suggestion) {
        f->suggestion = crm_pool_dup(findings->pool,
                                     crm_strz(suggestion)).data;
    }

    if (f->path == NULL || f->message == NULL
        || (suggestion && f->suggestion == NULL))
    {
        findings->count--;
        findings->status = CRM_ENOMEM;
    }
}


/* What was dropped needs none, and is not the last of the items. */
void
crm_findings_twin(crm_findings_t *findings, size_t object)
{
    if (findings->count && findings->dropped == 0
        && findings->status == CRM_OK)
    {
        findings->items[findings->count - 1].twin = object + 1;
    }
}


/* A cut text may end inside a character: UTF-8 must not. */
static void
finding_trim(char *text)
{
    size_t         at, need;
    unsigned char  c;

    at = strlen(text);

    while (at > 0 && ((unsigned char) text[at - 1] & 0xc0) == 0x80) {
        at--;
    }

    if (at == 0) {
        return;
    }

    c = (unsigned char) text[at - 1];
    need = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (strlen(text + at - 1) < need) {
        text[at - 1] = '\0';
    }
}


static crm_finding_t *
findings_push(crm_findings_t *findings)
{
    size_t          cap;
    crm_finding_t  *items;

    if (findings->count == findings->cap) {
        cap = findings->cap ? findings->cap * 2 : 16;

        items = crm_pool_calloc(findings->pool, cap, sizeof(crm_finding_t));
        if (items == NULL) {
            return NULL;
        }

        if (findings->count) {
            memcpy(items, findings->items,
                   findings->count * sizeof(crm_finding_t));
        }

        findings->items = items;
        findings->cap = cap;
    }

    return &findings->items[findings->count++];
}
