/*
 * The kinds of documents: a row each, and what each adds to a rule set.
 */

#include "rules/crm_kind.h"

#include "rules/crm_approval.h"
#include "rules/crm_assignment.h"
#include "rules/crm_blueprint.h"
#include "rules/crm_dialect_parts.h"
#include "rules/crm_people.h"
#include "rules/crm_scoring.h"
#include "rules/crm_validation.h"


#define KIND_SEQUENCE  1000


static void kind_unknown(crm_build_t *b, const char *name);


/* In the order of the rule language. */
static const crm_kind_t  kinds[] = {
    { "organization", NULL, CRM_PASS_NAMES, crm_people_organization,
      crm_people_organization_keys, 0,
      "the company: its time zone, who sends its mail" },
    { "business_hours", NULL, CRM_PASS_NAMES, crm_kind_business_hours,
      crm_kind_business_hours_keys, 0, "when the company works" },
    { "profile", "name", CRM_PASS_NAMES, crm_people_profile,
      crm_people_profile_keys, 0, "a set of rights that users have" },
    { "role", "name", CRM_PASS_NAMES, crm_people_role, crm_people_role_keys,
      0, "a place in the hierarchy" },
    { "user", "id", CRM_PASS_USERS, crm_people_user, crm_people_user_keys,
      0, "who may act" },
    { "group", "name", CRM_PASS_GROUPS, crm_people_group,
      crm_people_group_keys, 0, "users with a name in common" },
    { "variable", "api_name", CRM_PASS_NAMES, crm_kind_variable,
      crm_kind_variable_keys, 0, "a value that rules share" },
    { "module", "name", CRM_PASS_NAMES, crm_kind_module,
      crm_kind_module_keys, 0, "a module of the CRM, its fields typed" },
    { "dialect", "name", CRM_PASS_NAMES, crm_kind_dialect,
      crm_dialect_parts_file_keys, CRM_KIND_OWN_CHECK,
      "how the CRM's API speaks, where none that is built in does" },
    { "backend", NULL, CRM_PASS_USERS, crm_kind_backend,
      crm_kind_backend_keys, 0, "where the worker finds the CRM's API" },
    { "workflow_rule", "name", CRM_PASS_RULES, crm_kind_workflow,
      crm_workflow_keys, CRM_KIND_OWN_CHECK,
      "when a rule runs, and what it then does" },
    { "field_update", "name", CRM_PASS_ACTIONS, crm_kind_field_update,
      crm_kind_field_update_keys, 0,
      "a field and its new value, to be used by rules" },
    { "webhook", "name", CRM_PASS_ACTIONS, crm_kind_webhook,
      crm_webhook_keys, CRM_KIND_OWN_CHECK,
      "a request, to be used by rules" },
    { "email_template", "name", CRM_PASS_GROUPS, crm_kind_email_template,
      crm_email_template_keys, CRM_KIND_OWN_CHECK,
      "what a mail says" },
    { "email_notification", "name", CRM_PASS_ACTIONS,
      crm_kind_email_notification, crm_email_keys, CRM_KIND_OWN_CHECK,
      "a mail, to be used by rules" },
    { "task", "name", CRM_PASS_ACTIONS, crm_kind_task, crm_task_keys,
      CRM_KIND_OWN_CHECK,
      "what somebody is to do, to be used by rules" },
    { "record_locking", "module", CRM_PASS_RULES, crm_kind_locking,
      crm_locking_keys, CRM_KIND_OWN_CHECK,
      "which records nobody may change" },
    { "validation_rule", "name", CRM_PASS_RULES, crm_kind_validation,
      crm_validation_keys, 0,
      "what a record must not look like" },
    { "approval_process", "name", CRM_PASS_RULES, crm_kind_approval,
      crm_approval_keys, 0,
      "what superiors must agree to" },
    { "blueprint", "name", CRM_PASS_RULES, crm_kind_blueprint,
      crm_blueprint_keys, 0,
      "a field that goes from state to state" },
    { "assignment_rule", "name", CRM_PASS_RULES, crm_kind_assignment,
      crm_assignment_keys, 0,
      "who gets a record that nobody typed in" },
    { "scoring_rule", "name", CRM_PASS_RULES, crm_kind_scoring,
      crm_scoring_keys, 0, "what a record is worth" },
    { "escalation_rule", "name", CRM_PASS_RULES, crm_kind_escalation,
      crm_escalation_keys, 0,
      "who hears of a record that is too old" },
    { "function", "name", CRM_PASS_GROUPS, crm_kind_function,
      crm_function_keys, CRM_KIND_OWN_CHECK,
      "a Deluge script, to be used by rules and schedules" },
    { "schedule", "name", CRM_PASS_RULES, crm_kind_schedule,
      crm_schedule_keys, 0, "a function that a clock calls" },
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))


const crm_kind_t *
crm_kind_rows(size_t *count)
{
    *count = KINDS;

    return kinds;
}


const crm_kind_t *
crm_kind_find(const json_t *json, crm_build_t *b)
{
    size_t         i;
    const char    *name;
    const json_t  *kind;

    kind = json_object_get(json, "kind");
    name = json_string_value(kind);

    for (i = 0; name && i < KINDS; i++) {
        if (kinds[i].name[0] == name[0] && strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }

    if (b == NULL) {
        return NULL;
    }

    if (!json_is_object(json)) {
        (void) crm_shape_error(&b->cc, "", "wrong_type", NULL,
                               "a document must be a map that begins with"
                               " \"kind\"");

    } else if (!json_is_string(kind)) {
        (void) crm_shape_error(&b->cc, kind ? "kind" : "", "missing_key",
                               "kind", "a document lacks \"kind\", such as"
                               " kind: workflow_rule");

    } else {
        kind_unknown(b, json_string_value(kind));
    }

    return NULL;
}


crm_str_t
crm_ruleset_identity(const json_t *object)
{
    const crm_kind_t  *kind;

    kind = crm_kind_find(object, NULL);

    return kind ? crm_kind_identity(kind, object) : CRM_STR_NULL;
}


crm_str_t
crm_kind_identity(const crm_kind_t *kind, const json_t *json)
{
    if (kind->identity == NULL) {
        return CRM_STR("");
    }

    return crm_shape_str(json_object_get(json, kind->identity));
}


int
crm_ruleset_kind_order(const json_t *object)
{
    const crm_kind_t  *kind;

    kind = crm_kind_find(object, NULL);

    return kind ? (int) (kind - kinds) : -1;
}


long long
crm_kind_sequence(const json_t *json)
{
    const json_t  *sequence;

    sequence = json_object_get(json, "sequence");

    return sequence ? json_integer_value(sequence) : KIND_SEQUENCE;
}


crm_module_t *
crm_kind_in_module(crm_build_t *b, const json_t *json)
{
    crm_str_t         name;
    crm_module_t     *module;
    crm_map_entry_t  *entry;

    name = crm_pool_dup(b->cc.pool, crm_shape_str(json));
    entry = name.data ? crm_map_add(&b->rules->modules, name) : NULL;

    if (entry == NULL) {
        return NULL;
    }

    module = entry->value;

    if (module == NULL) {
        module = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_module_t));
        if (module == NULL) {
            return NULL;
        }

        module->name = name;
        crm_schema_init(&module->schema, b->cc.pool);
        crm_predicates_init(&module->predicates, b->cc.pool);
        entry->value = module;
    }

    b->cc.schema = &module->schema;
    b->cc.predicates = &module->predicates;
    b->cc.module = module->name.data;

    return module;
}


static void
kind_unknown(crm_build_t *b, const char *name)
{
    size_t       i;
    crm_buf_t    list;
    const char  *names[KINDS + 1], *near;

    crm_buf_init(&list, b->cc.pool, 0);

    for (i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        crm_buf_puts(&list, i ? ", " : "");
        crm_buf_puts(&list, names[i]);
    }
    names[KINDS] = NULL;
    crm_buf_putc(&list, '\0');

    if (crm_buf_status(&list) != CRM_OK) {
        b->findings->status = CRM_ENOMEM;
        return;
    }

    near = crm_shape_nearest(name, names);

    (void) crm_shape_error(&b->cc, "kind", "unknown_kind", near, near
                           ? "unknown kind \"%.64s\", did you mean \"%s\"?"
                           : "unknown kind \"%.64s\"; the kinds are: %s",
                           name, near ? near : list.data);
}
