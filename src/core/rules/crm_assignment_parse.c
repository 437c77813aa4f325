/*
 * kind: assignment_rule. Who gets a record that nobody typed in.
 */

#include "rules/crm_assignment.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"
#include "rules/crm_notice.h"
#include "rules/crm_reference.h"


static crm_status_t assignment_id(crm_build_t *b,
    const crm_assignment_t *assignment);
static crm_status_t assignment_entry(crm_assignment_entry_t *entry,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static crm_status_t assignment_task(crm_assignment_entry_t *entry,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static crm_status_t assignment_notify(crm_assignment_t *assignment,
    crm_compile_t *cc);
static crm_status_t assignment_default(crm_assignment_t *assignment,
    const json_t *json, crm_compile_t *cc);


static const char *const  assignment_runs[] = {
    "on_request", "always", NULL
};

static const crm_key_t  assignment_entry_keys[] = {
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED | CRM_KEY_NULLABLE, 0, 0,
      NULL, crm_criteria_forms, "for which records" },
    { "assign_to", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_party_assignees, "who becomes the owner" },
    { "task", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "a task for the new owner" },
    CRM_KEYS_END
};

static const crm_form_t  assignment_entry_forms[] = {
    { "assignment entry", assignment_entry_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_assignment_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what actions call it" },
    { "id", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "the lar_id of requests; default: the name" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records are given away" },
    { "run", CRM_KEY_WORD, 0, 0, 0, assignment_runs, NULL,
      "when a request asks for it, which is the default, or always" },
    { "entries", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_ENTRIES, NULL,
      assignment_entry_forms, "the first that matches wins" },
    { "default_assignee", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "a user's id or ${CURRENTUSER}, if no entry matches" },
    { "notify", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether the new owner gets a mail; default false" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_assignment(crm_build_t *b, const json_t *json)
{
    crm_status_t       rc;
    crm_module_t      *module;
    crm_assignment_t  *assignment;

    assignment = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_assignment_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (assignment == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_assignment_parse(assignment, json, &b->rules->library, &b->cc);
    module->assigns_always |= assignment->always;

    if (rc == CRM_OK) {
        rc = assignment_id(b, assignment);
    }

    return rc == CRM_OK ? crm_array_push(&module->assignments, assignment,
                                         b->cc.pool) : rc;
}


int
crm_assignment_cmp(const void *a, const void *b)
{
    const crm_assignment_t  *x = *(crm_assignment_t *const *) a;
    const crm_assignment_t  *y = *(crm_assignment_t *const *) b;

    return crm_str_cmp(x->name, y->name);
}


/* A request names a rule by its id. */
static crm_status_t
assignment_id(crm_build_t *b, const crm_assignment_t *assignment)
{
    crm_str_t                key;
    crm_map_entry_t         *entry;
    const crm_assignment_t  *other;

    key = crm_pool_printf(b->cc.pool, "lar_id %s", assignment->id.data);
    entry = key.data ? crm_map_add(&b->identities, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    other = entry->value;

    /* of one name is a finding already */

    if (other && !crm_str_eq(other->name, assignment->name)) {
        return crm_shape_error(&b->cc,
                               assignment->id.data == assignment->name.data
                               ? "name" : "id", "duplicate_name", NULL,
                               "the assignment_rule \"%s\" has the id \"%s\""
                               " too", other->name.data, assignment->id.data);
    }

    entry->value = (void *) assignment;

    return CRM_OK;
}


crm_status_t
crm_assignment_parse(crm_assignment_t *assignment, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    crm_status_t   rc, all;
    const json_t  *entries, *id;

    memset(assignment, 0, sizeof(crm_assignment_t));

    assignment->always = crm_str_is(crm_shape_str(json_object_get(json,
                                                                  "run")),
                                    "always");
    entries = json_object_get(json, "entries");
    id = json_object_get(json, "id");

    if (crm_shape_copy(&assignment->name, json_object_get(json, "name"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    assignment->id = assignment->name;

    if (id && crm_shape_copy(&assignment->id, id, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    assignment->entries = crm_pool_calloc(cc->pool, json_array_size(entries),
                                          sizeof(crm_assignment_entry_t));
    if (assignment->entries == NULL) {
        return CRM_ENOMEM;
    }

    assignment->entries_count = json_array_size(entries);
    all = assignment_default(assignment,
                             json_object_get(json, "default_assignee"), cc);
    assignment->notify = json_is_true(json_object_get(json, "notify"));

    if (assignment->notify && assignment_notify(assignment, cc) != CRM_OK) {
        return CRM_ENOMEM;
    }

    json_array_foreach((json_t *) entries, i, item) {
        rc = assignment_entry(&assignment->entries[i], item,
                              crm_shape_index(cc, "entries", i), library, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
assignment_entry(crm_assignment_entry_t *entry, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    crm_status_t  rc, party, task;

    rc = crm_shape_check(json, assignment_entry_keys, "an entry", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_criteria_compile(&entry->criteria,
                              json_object_get(json, "criteria"),
                              crm_shape_path(cc, path, "criteria"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    party = crm_party_parse(&entry->to, json_object_get(json, "assign_to"),
                            crm_party_assignees, "assign_to",
                            crm_shape_path(cc, path, "assign_to"), cc);
    if (party == CRM_ENOMEM) {
        return party;
    }

    task = assignment_task(entry, json_object_get(json, "task"),
                           crm_shape_path(cc, path, "task"), library, cc);

    return rc != CRM_OK ? rc : party != CRM_OK ? party : task;
}


static crm_status_t
assignment_task(crm_assignment_entry_t *entry, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t               name;
    const crm_map_entry_t  *found;

    name = crm_shape_str(json);
    if (name.len == 0) {
        return CRM_OK;
    }

    found = crm_map_find(&library->tasks, name);
    if (found == NULL) {
        return crm_shape_reference(cc, path, &library->tasks, "task", name);
    }

    entry->task = found->value;
    entry->follow.id = CRM_ACTION_TASK;
    entry->follow.type = "tasks";
    entry->follow.seq = 1;
    entry->follow.u.task = entry->task;

    if (!crm_str_is(entry->task->module, cc->module)) {
        return crm_shape_error(cc, path, "wrong_module", NULL,
                               "task \"%s\" is for module %s, not for %s",
                               name.data, entry->task->module.data,
                               cc->module);
    }

    return CRM_OK;
}


static crm_status_t
assignment_notify(crm_assignment_t *assignment, crm_compile_t *cc)
{
    crm_str_t     why;
    crm_party_t  *owner;

    owner = crm_pool_calloc(cc->pool, 1, sizeof(crm_party_t));
    why = crm_pool_printf(cc->pool, "is yours: the assignment rule \"%s\""
                          " made you its owner.", assignment->name.data);

    if (owner == NULL || why.data == NULL) {
        return CRM_ENOMEM;
    }

    owner->type = CRM_PARTY_OWNER;

    return crm_notice_action(&assignment->tell, 1, owner, 1, "Yours now", why,
                             "notify", cc);
}


static crm_status_t
assignment_default(crm_assignment_t *assignment, const json_t *json,
    crm_compile_t *cc)
{
    crm_str_t  id;

    id = crm_shape_str(json);

    if (crm_str_is(id, "${CURRENTUSER}")) {
        assignment->otherwise_current = 1;
        return CRM_OK;
    }

    if (crm_shape_copy(&assignment->otherwise, json, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return id.len == 0 ? CRM_OK
           : crm_reference_check(cc, "default_assignee", "user", id);
}
