/*
 * What a condition does later: blocks of actions, each after its time.
 */

#include "rules/crm_rule.h"

#include "base/crm_limits.h"


static crm_status_t scheduled_block(crm_scheduled_t *block,
    const json_t *json, const char *path, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc);


static const crm_key_t  scheduled_keys[] = {
    { "execute_after", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_duration_forms, "how long after the rule has fired" },
    { "recheck", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether the criteria must hold still; default true" },
    { "actions", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1,
      CRM_MAX_SCHEDULED_ACTIONS, NULL, crm_action_forms,
      "what is done then" },
    CRM_KEYS_END
};

const crm_form_t  crm_scheduled_forms[] = {
    { "scheduled actions", scheduled_keys, NULL },
    CRM_FORMS_END
};


crm_status_t
crm_scheduled_parse(crm_condition_t *condition, const json_t *json,
    const char *path, crm_trigger_t trigger, const crm_library_t *library,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    condition->scheduled_count = json_array_size(json);

    if (condition->scheduled_count == 0) {
        return CRM_OK;
    }

    condition->scheduled = crm_pool_calloc(cc->pool,
                                           condition->scheduled_count,
                                           sizeof(crm_scheduled_t));
    if (condition->scheduled == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        condition->scheduled[i].seq = (unsigned) i + 1;

        rc = scheduled_block(&condition->scheduled[i], item,
                             crm_shape_index(cc, path, i), trigger, library,
                             cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
scheduled_block(crm_scheduled_t *block, const json_t *json, const char *path,
    crm_trigger_t trigger, const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc, actions;

    rc = crm_shape_check(json, scheduled_keys, "a member of scheduled_actions",
                         path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    block->recheck = !json_is_false(json_object_get(json, "recheck"));

    rc = crm_duration_parse(&block->after,
                            json_object_get(json, "execute_after"),
                            CRM_PERIODS_ALL, "execute_after",
                            crm_shape_path(cc, path, "execute_after"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    actions = crm_action_list(&block->actions, &block->actions_count,
                              json_object_get(json, "actions"),
                              crm_shape_path(cc, path, "actions"), trigger,
                              library, cc);

    /* by then the write has long been answered */

    for (i = 0; actions == CRM_OK && i < block->actions_count; i++) {
        if (block->actions[i].id == CRM_ACTION_FIELD_UPDATE) {
            block->actions[i].id = CRM_ACTION_ASYNC_UPDATE;
        }
    }

    return actions == CRM_OK ? rc : actions;
}
