/*
 * kind: task. What somebody is to do, and until when.
 */

#include "rules/crm_action.h"

#include "base/crm_limits.h"


const crm_key_t  crm_task_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how rules refer to it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it is about" },
    { "subject", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_SUBJECT, NULL,
      NULL, "what is to be done; may merge fields" },
    { "due", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL,
      crm_duration_day_forms,
      "until when, counted from the day on which it is made" },
    { "assign_to", CRM_KEY_OBJECT, 0, 0, 0, NULL, crm_party_doers,
      "who is to do it; default: the owner of the record" },
    { "notify", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether who is to do it gets a mail; default false" },
    CRM_KEYS_END
};


crm_status_t
crm_task_parse(crm_task_t *task, const json_t *json, crm_compile_t *cc)
{
    crm_status_t   rc, all;
    const json_t  *due, *who;

    all = crm_shape_check(json, crm_task_keys, "a task", "", cc);
    if (all != CRM_OK) {
        return all;
    }

    if (crm_shape_copy(&task->name, json_object_get(json, "name"), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    task->notify = json_is_true(json_object_get(json, "notify"));
    task->assign_to.type = CRM_PARTY_OWNER;

    all = crm_template_parse(&task->subject, json_object_get(json, "subject"),
                             "subject", cc);
    if (all == CRM_ENOMEM) {
        return all;
    }

    due = json_object_get(json, "due");

    if (json_is_object(due)) {
        task->has_due = 1;
        rc = crm_duration_parse(&task->due, due, CRM_PERIODS_DAYS, "due",
                                "due", cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    who = json_object_get(json, "assign_to");
    rc = who ? crm_party_parse(&task->assign_to, who, crm_party_doers,
                               "an assignee", "assign_to", cc) : CRM_OK;

    if (rc != CRM_OK) {
        return rc;
    }

    return all == CRM_OK ? crm_task_asks(task, cc->pool) : all;
}
