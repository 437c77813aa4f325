/*
 * Dialect files: what the backend has beside records.
 */

#include "rules/crm_dialect_parts.h"


#define WAY_KEY(name, about)                                                  \
    { name, CRM_KEY_BOOL, 0, 0, 0, NULL, NULL, about }

const crm_key_t  crm_dialect_parts_ways_keys[] = {
    WAY_KEY("answers", "all that answers a write has a list \"data\""),
    WAY_KEY("pages", "lists of all records, page by page"),
    WAY_KEY("scripts", "what functions ask for beside records"),
    WAY_KEY("functions", "POST functions/{name}/actions/execute"),
    WAY_KEY("decorate", "GET {version}/{module}/{id} for crm_decorate"),
    WAY_KEY("external", "X-EXTERNAL: records named by a field"),
    CRM_KEYS_END
};

/* By the rows of crm_dialect_parts_ways_keys. */
static const unsigned  ways_bits[] = {
    CRM_WAY_ANSWERS, CRM_WAY_PAGES, CRM_WAY_SCRIPTS, CRM_WAY_FUNCTIONS,
    CRM_WAY_DECORATE, CRM_WAY_EXTERNAL
};


crm_status_t
crm_dialect_parts_ways(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t         i;
    crm_status_t   rc;
    const json_t  *ways;

    ways = json_object_get(file, "ways");
    if (ways == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(ways, crm_dialect_parts_ways_keys, "ways", "ways",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < sizeof(ways_bits) / sizeof(ways_bits[0]); i++) {
        if (json_is_true(json_object_get(ways,
                             crm_dialect_parts_ways_keys[i].name)))
        {
            d->ways |= ways_bits[i];
        }
    }

    return CRM_OK;
}
