/*
 * The action assign_owner: who is to own the record from now on.
 */

#include "rules/crm_action.h"

#include "base/crm_limits.h"
#include "rules/crm_notice.h"


const crm_key_t  crm_assign_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "assign_to", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_ASSIGNEES, NULL,
      crm_party_owners, "to whom; the first that is somebody counts" },
    { "notify", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether the new owner gets a mail; default false" },
    CRM_KEYS_END
};


crm_status_t
crm_assign_parse(crm_assign_t *assign, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_email_t   *tell;
    crm_status_t   rc;

    rc = crm_shape_check(json, crm_assign_keys, "an assign_owner", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (json_is_true(json_object_get(json, "notify"))) {
        tell = crm_pool_calloc(cc->pool, 1, sizeof(crm_email_t));

        if (tell == NULL
            || crm_notice(tell, "Yours now", CRM_STR("is yours: a rule made"
                          " you its owner."),
                          crm_shape_path(cc, path, "notify"), cc) != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        assign->tell = tell;
    }

    return crm_party_list(&assign->to, &assign->to_count,
                          json_object_get(json, "assign_to"),
                          crm_party_owners, "an assignee",
                          crm_shape_path(cc, path, "assign_to"), cc);
}
