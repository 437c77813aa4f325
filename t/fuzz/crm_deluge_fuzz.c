/*
 * Scripts: whatever the bytes are, they are read or refused, and what is read
 * ends within its limits.
 */

#include "crm_deluge.h"

#include <stdint.h>


#define FUZZ_MEMORY  (4 * 1024 * 1024)


static crm_status_t
fuzz_effect(void *data, const crm_deluge_effect_t *effect,
    crm_deluge_value_t *result, crm_pool_t *pool, crm_deluge_error_t *err)
{
    (void) data;
    (void) err;

    result->type = CRM_DELUGE_MAP;
    result->u.map = crm_deluge_map(pool);

    return result->u.map == NULL ? CRM_ENOMEM
           : effect->count % 2 ? CRM_OK : CRM_DECLINED;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_pool_t           *pool;
    crm_deluge_map_t     *arguments;
    crm_deluge_host_t     host;
    crm_deluge_error_t    err;
    crm_deluge_limits_t   limits;
    crm_deluge_result_t   result;
    crm_deluge_script_t   script;

    pool = crm_pool_create(crm_host_malloc(), FUZZ_MEMORY);
    if (pool == NULL) {
        return 0;
    }

    memset(&host, 0, sizeof(host));
    memset(&err, 0, sizeof(err));

    host.now_ms = 1774629000000LL;
    host.user = CRM_STR("ann");
    host.user_id = CRM_STR("7");
    host.effect = fuzz_effect;

    crm_deluge_limits_init(&limits);
    limits.statements = 2000;
    limits.text = 64 * 1024;

    arguments = crm_deluge_map(pool);

    if (arguments
        && crm_deluge_parse(&script, crm_str((const char *) data, size), pool,
                            &err) == CRM_OK
        && crm_deluge_map_put(arguments, CRM_STR("n"), crm_deluge_number(3),
                              pool) == CRM_OK
        && crm_deluge_run(&result, &script, arguments, &host, &limits, pool,
                          &err) != CRM_OK
        && err.text[0] == '\0')
    {
        __builtin_trap();       /* a failure without a reason */
    }

    crm_pool_destroy(pool);

    return 0;
}
