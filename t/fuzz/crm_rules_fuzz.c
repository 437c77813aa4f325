/*
 * A rule bundle, as anyone who may write to Redis could store it: compiled or
 * refused with findings, never a crash, never memory kept.
 */

#include <stdint.h>
#include <stdlib.h>

#include "rules/crm_ruleset.h"


#define POOL_BYTES  (8 * 1024 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t          *bundle;
    crm_pool_t      *pool;
    crm_actor_t      actor;
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

        actor = crm_ruleset_actor(rules, CRM_STR("1"));
        (void) actor;
        crm_ruleset_release(rules);

    } else if (findings.errors == 0 && findings.status != CRM_ENOMEM) {
        abort();
    }

    crm_pool_destroy(pool);

    return 0;
}
