/*
 * kind: approval_process. What superiors must agree to.
 */

#include "rules/crm_approval.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"
#include "rules/crm_reference.h"


static crm_status_t approval_fields(crm_approval_t *approval,
    const json_t *json, crm_compile_t *cc);
static crm_status_t approval_administrators(crm_approval_t *approval,
    const json_t *json, crm_compile_t *cc);
static crm_status_t approval_rule(crm_approval_rule_t *rule,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static crm_status_t approval_present(const crm_party_t *parties,
    size_t count, const char *path, crm_compile_t *cc);
static crm_status_t approval_active(crm_str_t id, const char *what,
    const char *path, crm_compile_t *cc);
static crm_status_t approval_criteria(crm_approval_rule_t *rule,
    const json_t *json, const char *path, crm_compile_t *cc);
static crm_status_t approval_actions(crm_approval_rule_t *rule,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);


static const char *const  approval_triggers[] = {
    "create", "edit", "create_or_edit", NULL
};

/* By crm_approval_mode_t. */
static const char *const  approval_modes[] = {
    "anyone", "everyone", "sequential", NULL
};

static const char *const  approval_missing[] = {
    "escalate_to_admin", "auto_approve", NULL
};

static const crm_key_t  approval_rule_keys[] = {
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_criteria_forms, "which records need the approval" },
    { "approvers", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_APPROVERS, NULL,
      crm_party_superiors, "who decides" },
    { "approval_mode", CRM_KEY_WORD, 0, 0, 0, approval_modes, NULL,
      "of several approvers: who must agree; default: anyone" },
    { "on_submit", CRM_KEY_LIST, 0, 0, CRM_MAX_ACTIONS, NULL,
      crm_action_forms, "what is done when a record enters" },
    { "on_approve", CRM_KEY_LIST, 0, 0, CRM_MAX_ACTIONS, NULL,
      crm_action_forms, "what is done when all have agreed" },
    { "on_reject", CRM_KEY_LIST, 0, 0, CRM_MAX_ACTIONS, NULL,
      crm_action_forms, "what is done when somebody has not" },
    CRM_KEYS_END
};

static const crm_form_t  approval_rule_forms[] = {
    { "approval rule", approval_rule_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_approval_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what approvers see" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records wait" },
    { "sequence", CRM_KEY_INTEGER, 0, 0, CRM_MAX_SEQUENCE, NULL, NULL,
      "smaller is looked at first; default: 1000" },
    { "execute_when", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0,
      approval_triggers, NULL, "after which writes a record may enter" },
    { "rules", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_CONDITIONS, NULL,
      approval_rule_forms, "the first that matches wins" },
    { "editable_fields", CRM_KEY_TEXTS, 0, 0, CRM_MAX_OPEN_FIELDS, NULL, NULL,
      "fields that may be written meanwhile" },
    { "administrators", CRM_KEY_TEXTS, 0, 0, CRM_MAX_APPROVERS, NULL, NULL,
      "ids of users who may decide and write nevertheless" },
    { "on_missing_approver", CRM_KEY_WORD, 0, 0, 0, approval_missing, NULL,
      "if nobody is there to decide; default: escalate_to_admin" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_approval(crm_build_t *b, const json_t *json)
{
    crm_status_t     rc;
    crm_module_t    *module;
    crm_approval_t  *approval;

    approval = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_approval_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (approval == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_approval_parse(approval, json, &b->rules->library, &b->cc);

    return rc == CRM_OK ? crm_array_push(&module->approvals, approval,
                                         b->cc.pool) : rc;
}


crm_status_t
crm_approval_parse(crm_approval_t *approval, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    crm_str_t      when;
    crm_status_t   rc, all;
    const json_t  *rules;

    memset(approval, 0, sizeof(crm_approval_t));

    when = crm_shape_str(json_object_get(json, "execute_when"));
    approval->on_create = !crm_str_is(when, "edit");
    approval->on_edit = !crm_str_is(when, "create");
    approval->sequence = crm_kind_sequence(json);
    approval->auto_approve = crm_str_is(crm_shape_str(
                                 json_object_get(json, "on_missing_approver")),
                                 "auto_approve");

    rules = json_object_get(json, "rules");
    approval->rules = crm_pool_calloc(cc->pool, json_array_size(rules),
                                      sizeof(crm_approval_rule_t));

    if (approval->rules == NULL
        || crm_shape_copy(&approval->name, json_object_get(json, "name"),
                          cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    approval->rules_count = json_array_size(rules);

    all = approval_fields(approval, json_object_get(json, "editable_fields"),
                          cc);
    rc = all == CRM_ENOMEM ? all
         : approval_administrators(approval,
                                   json_object_get(json, "administrators"),
                                   cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    all = all == CRM_OK ? rc : all;

    json_array_foreach((json_t *) rules, i, item) {
        rc = approval_rule(&approval->rules[i], item,
                           crm_shape_index(cc, "rules", i), library, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
approval_fields(crm_approval_t *approval, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc;

    rc = crm_shape_texts(&approval->fields, &approval->fields_count, json,
                         cc->pool);

    for (i = 0; i < approval->fields_count; i++) {
        if (crm_shape_field(cc, approval->fields[i],
                            crm_shape_index(cc, "editable_fields", i))
            != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return rc;
}


static crm_status_t
approval_administrators(crm_approval_t *approval, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc;

    rc = crm_shape_texts(&approval->administrators,
                         &approval->administrators_count, json, cc->pool);

    for (i = 0; i < approval->administrators_count; i++) {
        if (crm_reference_check(cc, crm_shape_index(cc, "administrators", i),
                                "user", approval->administrators[i])
            != CRM_OK)
        {
            rc = CRM_EINVAL;

        } else if (approval_active(approval->administrators[i],
                                   "an administrator",
                                   crm_shape_index(cc, "administrators", i),
                                   cc)
                   != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return rc;
}


static crm_status_t
approval_rule(crm_approval_rule_t *rule, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    crm_str_t     mode;
    crm_status_t  rc, parties, actions;

    rc = crm_shape_check(json, approval_rule_keys, "an approval rule", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    mode = crm_shape_str(json_object_get(json, "approval_mode"));

    for (i = 0; approval_modes[i]; i++) {
        if (crm_str_is(mode, approval_modes[i])) {
            rule->mode = (crm_approval_mode_t) i;
        }
    }

    rc = approval_criteria(rule, json_object_get(json, "criteria"),
                           crm_shape_path(cc, path, "criteria"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    parties = crm_party_list(&rule->approvers, &rule->approvers_count,
                             json_object_get(json, "approvers"),
                             crm_party_superiors, "an approver",
                             crm_shape_path(cc, path, "approvers"), cc);
    if (parties == CRM_ENOMEM) {
        return parties;
    }

    if (parties == CRM_OK) {
        parties = approval_present(rule->approvers, rule->approvers_count,
                                   crm_shape_path(cc, path, "approvers"), cc);
    }

    actions = approval_actions(rule, json, path, library, cc);

    return actions == CRM_ENOMEM ? actions
           : rc != CRM_OK ? rc : parties != CRM_OK ? parties : actions;
}


/* Who is named must be there to decide. */
static crm_status_t
approval_present(const crm_party_t *parties, size_t count, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    const char   *at;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 0; i < count; i++) {
        at = crm_shape_path(cc, crm_shape_index(cc, path, i), "id");

        if (parties[i].type == CRM_PARTY_USER
            && approval_active(parties[i].name, "an approver", at, cc)
               != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return rc;
}


static crm_status_t
approval_active(crm_str_t id, const char *what, const char *path,
    crm_compile_t *cc)
{
    const crm_user_t       *user;
    const crm_map_entry_t  *entry;

    entry = cc->names ? crm_map_find(&cc->names->users, id) : NULL;
    user = entry ? entry->value : NULL;

    if (user == NULL || user->active) {
        return CRM_OK;
    }

    return crm_shape_error(cc, path, "inactive_user", NULL,
                           "user \"%.*s\" is inactive and cannot be %s: name"
                           " somebody else, or a role or group", (int) id.len,
                           id.data, what);
}


static crm_status_t
approval_criteria(crm_approval_rule_t *rule, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    if (json_is_null(json)) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "an approval rule without criteria would stop"
                               " every record");
    }

    return crm_criteria_compile(&rule->criteria, json, path, cc);
}


/* What they update is written by the worker: nobody's write is under way. */
static crm_status_t
approval_actions(crm_approval_rule_t *rule, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc, all;

    struct {
        const char     *key;
        crm_action_t  **actions;
        size_t         *count;
    } lists[] = {
        { "on_submit", &rule->on_submit, &rule->on_submit_count },
        { "on_approve", &rule->on_approve, &rule->on_approve_count },
        { "on_reject", &rule->on_reject, &rule->on_reject_count },
    };

    all = CRM_OK;

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        rc = crm_action_list(lists[i].actions, lists[i].count,
                             json_object_get(json, lists[i].key),
                             crm_shape_path(cc, path, lists[i].key),
                             CRM_TRIGGER_DATE, library, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}
