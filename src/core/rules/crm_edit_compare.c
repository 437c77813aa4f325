/*
 * What leads from one bundle to another, and which rights that takes.
 */

#include "rules/crm_edit.h"


static crm_status_t compare_objects(crm_edit_changes_t *changes,
    json_t *left, const json_t *after, crm_pool_t *pool);
static json_t *compare_index(const json_t *bundle, crm_pool_t *pool);
static crm_status_t compare_differs(crm_edit_changes_t *changes,
    const json_t *item, crm_pool_t *pool);
static crm_str_t compare_key(const json_t *item, crm_pool_t *pool);


/* Kinds that only who may customize modules changes: all that says what the
 * CRM is and who its people are, not what is done. */
static const char *const  compare_modules[] = {
    "organization", "business_hours", "profile", "role", "user", "group",
    "variable", "module", "dialect", "backend", "record_locking"
};


unsigned
crm_edit_permit(crm_str_t kind)
{
    size_t  i;

    for (i = 0; i < sizeof(compare_modules) / sizeof(char *); i++) {
        if (crm_str_is(kind, compare_modules[i])) {
            return CRM_PERMIT_MODULES;
        }
    }

    return CRM_PERMIT_WORKFLOW;
}


crm_status_t
crm_edit_compare(crm_edit_changes_t *changes, const json_t *before,
    const json_t *after, crm_pool_t *pool)
{
    json_t        *left;
    crm_status_t   rc;

    memset(changes, 0, sizeof(crm_edit_changes_t));

    left = compare_index(before, pool);
    if (left == NULL) {
        return CRM_ENOMEM;
    }

    rc = compare_objects(changes, left, after, pool);
    json_decref(left);

    /* the table of a zone is the organization's, wherever it stands */

    if (rc == CRM_OK
        && !json_equal(json_object_get(before, "time_zone"),
                       json_object_get(after, "time_zone"))
        && (json_object_get(before, "time_zone")
            || json_object_get(after, "time_zone")))
    {
        changes->changed += changes->permits == 0;
        changes->permits |= CRM_PERMIT_MODULES;

        if (changes->modules.len == 0) {
            changes->modules = CRM_STR("time_zone");
        }
    }

    return rc;
}


/* What is left in the end was removed. */
static crm_status_t
compare_objects(crm_edit_changes_t *changes, json_t *left,
    const json_t *after, crm_pool_t *pool)
{
    size_t         i;
    json_t        *item, *was;
    crm_str_t      key;
    const char    *name;
    crm_status_t   rc;

    json_array_foreach(json_object_get(after, "objects"), i, item) {
        key = compare_key(item, pool);
        if (key.data == NULL) {
            return CRM_ENOMEM;
        }

        was = json_object_get(left, key.data);

        if (was && json_equal(was, item)) {
            (void) json_object_del(left, key.data);
            continue;
        }

        changes->changed += was != NULL;
        changes->added += was == NULL;

        rc = compare_differs(changes, item, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        if (was) {
            (void) json_object_del(left, key.data);
        }
    }

    json_object_foreach(left, name, item) {
        changes->removed++;

        rc = compare_differs(changes, item, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* New, or NULL without memory. Two of one key are an error that is found when
 * they are compiled. */
static json_t *
compare_index(const json_t *bundle, crm_pool_t *pool)
{
    size_t      i;
    json_t     *index, *item;
    crm_str_t   key;

    index = json_object();
    if (index == NULL) {
        return NULL;
    }

    json_array_foreach(json_object_get(bundle, "objects"), i, item) {
        key = compare_key(item, pool);

        if (key.data == NULL
            || json_object_set_nocheck(index, key.data, item) != 0)
        {
            json_decref(index);
            return NULL;
        }
    }

    return index;
}


static crm_status_t
compare_differs(crm_edit_changes_t *changes, const json_t *item,
    crm_pool_t *pool)
{
    unsigned       permit;
    crm_str_t     *first, name;
    const char    *kind;
    const json_t  *object;

    object = json_object_get(item, "object");
    kind = json_string_value(json_object_get(object, "kind"));
    kind = kind ? kind : "";

    permit = crm_edit_permit(crm_strz(kind));
    first = permit == CRM_PERMIT_MODULES ? &changes->modules
                                         : &changes->workflow;
    changes->permits |= permit;

    if (first->len) {
        return CRM_OK;
    }

    name = crm_ruleset_identity(object);
    *first = crm_pool_printf(pool, "%s%s%.*s", kind, name.len ? " " : "",
                             (int) name.len, name.len ? name.data : "");

    return first->data ? CRM_OK : CRM_ENOMEM;
}


/* Zero-terminated; a name that holds a zero byte is an error elsewhere. */
static crm_str_t
compare_key(const json_t *item, crm_pool_t *pool)
{
    crm_str_t      name;
    const char    *kind;
    const json_t  *object;

    object = json_object_get(item, "object");
    kind = json_string_value(json_object_get(object, "kind"));
    name = crm_ruleset_identity(object);

    return crm_pool_printf(pool, "%s\n%.*s", kind ? kind : "",
                           (int) name.len, name.len ? name.data : "");
}
