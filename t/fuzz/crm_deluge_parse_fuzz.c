/*
 * Scripts that are only read: whatever the bytes are, they become a tree or an
 * error that names a place inside of them.
 */

#include "crm_deluge.h"

#include <stdint.h>


#define FUZZ_MEMORY  (16 * 1024 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_pool_t           *pool;
    crm_status_t          rc;
    crm_deluge_error_t    err;
    crm_deluge_script_t   script;

    pool = crm_pool_create(crm_host_malloc(), FUZZ_MEMORY);
    if (pool == NULL) {
        return 0;
    }

    memset(&err, 0, sizeof(err));
    rc = crm_deluge_parse(&script, crm_str((const char *) data, size), pool,
                          &err);

    if (rc == CRM_EINVAL && (err.text[0] == '\0' || err.place.line < 1
                             || (size_t) err.place.line > size + 1))
    {
        __builtin_trap();       /* an error without a place or a reason */
    }

    crm_pool_destroy(pool);

    return 0;
}
