/*
 * What a document names must stand in another one.
 */

#include "rules/crm_reference.h"


crm_status_t
crm_reference_check(crm_compile_t *cc, const char *path, const char *kind,
    crm_str_t name)
{
    size_t      i, head;
    crm_map_t   names;
    crm_str_t   key;

    if (cc->identities == NULL) {
        return CRM_OK;
    }

    key = crm_pool_printf(cc->pool, "%s %.*s", kind, (int) name.len,
                          name.data);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_map_find(cc->identities, key)) {
        return CRM_OK;
    }

    /* those of that kind, for the nearest of them */

    crm_map_init(&names, cc->pool);
    head = strlen(kind) + 1;

    for (i = 0; i < cc->identities->count; i++) {
        crm_str_t  other = cc->identities->entries[i].key;

        if (other.len > head && memcmp(other.data, key.data, head) == 0
            && crm_map_add(&names, crm_str(other.data + head,
                                           other.len - head)) == NULL)
        {
            return CRM_ENOMEM;
        }
    }

    return crm_shape_reference(cc, path, &names, kind, name);
}
