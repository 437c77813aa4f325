/*
 * Criteria, a record and the record before it, each anybody's: compiled or
 * refused, evaluated without a crash, and the index finds the rule whenever
 * its criteria are true. The three texts are parted by a zero byte.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/crm_index.h"
#include "transform/crm_workflow.h"


#define POOL_BYTES  (8 * 1024 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static crm_ruleset_t *compile(crm_str_t criteria, crm_pool_t *pool);
static void judge(const crm_ruleset_t *rules, const crm_record_t *request,
    const crm_record_t *before, crm_pool_t *pool);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          i;
    crm_str_t       rest, text[3];
    const char     *zero;
    crm_pool_t     *pool;
    crm_record_t    request, before;
    crm_ruleset_t  *rules;

    rest = crm_str((const char *) data, size);

    for (i = 0; i < 3; i++) {
        zero = rest.len ? memchr(rest.data, 0, rest.len) : NULL;
        text[i] = zero ? crm_str(rest.data, (size_t) (zero - rest.data))
                       : rest;
        rest = zero ? crm_str(zero + 1, rest.len - text[i].len - 1)
                    : CRM_STR("");
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return 0;
    }

    rules = compile(text[0], pool);

    if (rules != NULL
        && crm_record_parse(&request, text[1], NULL, pool, NULL) == CRM_OK)
    {
        judge(rules, &request, NULL, pool);

        if (crm_record_parse(&before, text[2], NULL, pool, NULL) == CRM_OK) {
            judge(rules, &request, &before, pool);
        }
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return 0;
}


/* The criteria in a rule that every create and update may start. */
static crm_ruleset_t *
compile(crm_str_t text, crm_pool_t *pool)
{
    json_t          *criteria, *bundle;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    criteria = json_loadb(text.data, text.len,
                          JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (criteria == NULL) {
        return NULL;
    }

    bundle = json_pack("{s:i, s:[{s:{s:s, s:s, s:s, s:{s:s}, s:[{s:o, s:[{"
                       "s:s, s:s, s:i}]}]}}]}",
                       "v", 1, "objects", "object", "kind", "workflow_rule",
                       "name", "R", "module", "M", "execute_when", "type",
                       "create_or_edit", "conditions", "criteria", criteria,
                       "instant_actions", "type", "field_updates", "field",
                       "Z", "value", 1);
    if (bundle == NULL) {
        abort();
    }

    crm_findings_init(&findings, pool);
    rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
    json_decref(bundle);

    if (rules == NULL && findings.errors == 0
        && findings.status != CRM_ENOMEM)
    {
        abort();
    }

    return rules;
}


static void
judge(const crm_ruleset_t *rules, const crm_record_t *request,
    const crm_record_t *before, crm_pool_t *pool)
{
    size_t                  n;
    crm_fired_t            *fired;
    crm_fires_t             why;
    crm_write_t             w, walked;
    const crm_condition_t  *condition;

    memset(&w, 0, sizeof(crm_write_t));
    w.rules = rules;
    w.module = crm_ruleset_module(rules, CRM_STR("M"));
    w.operation = before ? CRM_OP_UPDATE : CRM_OP_CREATE;
    w.workflow = 1;
    w.request = request;
    w.before = before;
    walked = w;

    if (crm_write_init(&w, pool) != CRM_OK
        || crm_write_init(&walked, pool) != CRM_OK
        || crm_workflow_match(&w, &fired, &n) != CRM_OK
        || crm_workflow_judge(&walked, w.module->workflows[0], &why,
                              &condition) != CRM_OK)
    {
        return;                             /* out of the pool's memory */
    }

    if (n != (why == CRM_FIRES)) {
        abort();
    }
}
