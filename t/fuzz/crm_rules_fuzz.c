/*
 * A rule bundle, as anyone who may write to Redis could store it: compiled or
 * refused with findings, never a crash, never memory kept. What compiles also
 * judges a create, an update and a delete in each of its modules.
 */

#include <stdint.h>
#include <stdlib.h>

#include "crm_fuzz_rules.h"


#define POOL_BYTES   (8 * 1024 * 1024)
#define MAX_MODULES  8


static void judge(const crm_ruleset_t *rules, crm_str_t module,
    const char *sent, const char *stored);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const char  request[] =
    "{\"Stage\":\"Closed\",\"Name\":\"<Lee> \\\"\\u00fc\\\"\",\"Amount\":250,"
    "\"Rating\":null,\"Tags\":[\"a\"],\"Owner\":{\"id\":\"7\"}}";
static const char  before[] =
    "{\"id\":\"42\",\"Stage\":\"Open\",\"Name\":\"\",\"Amount\":19.99,"
    "\"Rating\":\"Hot\",\"Old\":[]}";


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           i;
    json_t          *bundle;
    crm_str_t        module;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    bundle = json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES,
        NULL);
    if (bundle == NULL) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        json_decref(bundle);
        return 0;
    }

    crm_findings_init(&findings, pool);

    rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);

    json_decref(bundle);

    if (rules != NULL) {
        if (findings.errors != 0) {
            abort();
        }

        for (i = 0; i < crm_ruleset_modules(rules) && i < MAX_MODULES; i++) {
            module = crm_ruleset_module_at(rules, i)->name;

            judge(rules, module, request, "");
            judge(rules, module, request, before);
            judge(rules, module, "", before);
        }

        crm_ruleset_release(rules);

    } else if (findings.errors == 0 && findings.status != CRM_ENOMEM) {
        abort();
    }

    crm_pool_destroy(pool);

    return 0;
}


static void
judge(const crm_ruleset_t *rules, crm_str_t module, const char *sent,
    const char *stored)
{
    crm_str_t      text[2];
    crm_pool_t    *pool;
    crm_plan_t     plan;
    crm_event_t    event;
    crm_write_t    w;
    crm_record_t   records[2];

    pool = crm_pool_create(crm_host_malloc(), POOL_BYTES);
    if (pool == NULL) {
        return;
    }

    text[0] = crm_strz(sent);
    text[1] = crm_strz(stored);

    if (fuzz_event(&event, &w, rules, module, records, text, pool)) {
        (void) crm_plan(&plan, &event);
    }

    crm_pool_destroy(pool);
}
