/*
 * Laying a rule folder over the live rules.
 */

#include "crm_cli_bundle.h"
#include "crm_cli_zone.h"
#include "base/crm_map.h"
#include "rules/crm_ruleset.h"

#include <stdlib.h>


static crm_status_t merge_live(crm_cli_merge_t *merge, json_t *objects,
    const crm_map_t *folder, const char *managed_by, int prune,
    crm_pool_t *pool);
static void merge_docs(crm_cli_merge_t *merge);
static crm_status_t entry_init(crm_cli_entry_t *entry, json_t *object,
    const char *managed_by, crm_pool_t *pool);
static crm_str_t entry_key(const crm_cli_entry_t *entry, crm_pool_t *pool);
static int entry_compare(const void *a, const void *b);


crm_status_t
crm_cli_bundle_merge(crm_cli_merge_t *merge, const crm_cli_docs_t *docs,
    json_t *live, const char *managed_by, int prune, crm_pool_t *pool)
{
    size_t            i;
    json_t           *objects;
    crm_str_t         key;
    crm_map_t         folder;
    crm_status_t      rc;
    crm_map_entry_t  *slot;

    memset(merge, 0, sizeof(crm_cli_merge_t));
    objects = json_object_get(live, "objects");

    merge->docs = docs->count;
    merge->entries = crm_pool_calloc(pool, docs->count
                                     + json_array_size(objects) + 1,
                                     sizeof(crm_cli_entry_t));
    if (merge->entries == NULL) {
        return CRM_ENOMEM;
    }

    crm_map_init(&folder, pool);

    for (i = 0; i < docs->count; i++) {
        rc = entry_init(&merge->entries[i], docs->items[i].value, managed_by,
                        pool);
        if (rc != CRM_OK) {
            return rc;
        }

        key = entry_key(&merge->entries[i], pool);
        slot = key.data ? crm_map_add(&folder, key) : NULL;
        if (slot == NULL) {
            return CRM_ENOMEM;
        }

        if (slot->value == NULL) {
            slot->value = &merge->entries[i];
        }
    }

    merge->count = docs->count;

    rc = merge_live(merge, objects, &folder, managed_by, prune, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    merge_docs(merge);

    return CRM_OK;
}


static crm_status_t
merge_live(crm_cli_merge_t *merge, json_t *objects, const crm_map_t *folder,
    const char *managed_by, int prune, crm_pool_t *pool)
{
    size_t            i;
    json_t           *item;
    crm_str_t         key;
    const char       *owner;
    crm_status_t      rc;
    crm_cli_entry_t   entry, *mine;
    crm_map_entry_t  *slot;

    json_array_foreach(objects, i, item) {
        owner = json_string_value(json_object_get(item, "managed_by"));
        rc = entry_init(&entry, json_object_get(item, "object"),
                        owner ? owner : "", pool);
        if (rc != CRM_OK) {
            return rc;
        }

        key = entry_key(&entry, pool);
        if (key.data == NULL) {
            return CRM_ENOMEM;
        }

        slot = crm_map_find(folder, key);

        if (slot) {
            mine = slot->value;
            mine->was_managed_by = entry.managed_by;
            mine->change = CRM_CLI_REPLACED;

            if (json_equal(mine->object, entry.object)) {
                mine->change = CRM_CLI_UNCHANGED;
                mine->managed_by = entry.managed_by;
            }

            continue;
        }

        entry.change = prune && strcmp(entry.managed_by, managed_by) == 0
                       ? CRM_CLI_REMOVED : CRM_CLI_KEPT;
        merge->entries[merge->count++] = entry;
        merge->changes[entry.change]++;
    }

    return CRM_OK;
}


static void
merge_docs(crm_cli_merge_t *merge)
{
    size_t  i;

    for (i = 0; i < merge->docs; i++) {
        merge->changes[merge->entries[i].change]++;
    }
}


static crm_status_t
entry_init(crm_cli_entry_t *entry, json_t *object, const char *managed_by,
    crm_pool_t *pool)
{
    crm_str_t    name;
    const char  *kind;

    memset(entry, 0, sizeof(crm_cli_entry_t));

    kind = json_string_value(json_object_get(object, "kind"));
    name = crm_ruleset_identity(object);

    entry->object = object;
    entry->managed_by = managed_by;
    entry->kind = kind ? kind : "";
    entry->order = crm_ruleset_kind_order(object);
    entry->name = name.data ? crm_pool_dup(pool, name).data : "";
    entry->change = CRM_CLI_ADDED;

    return entry->name ? CRM_OK : CRM_ENOMEM;
}


static crm_str_t
entry_key(const crm_cli_entry_t *entry, crm_pool_t *pool)
{
    return crm_pool_printf(pool, "%s\n%s", entry->kind, entry->name);
}


json_t *
crm_cli_bundle_json(const crm_cli_merge_t *merge, const char *org)
{
    int                     rc;
    size_t                  i;
    json_t                 *bundle, *objects;
    const crm_cli_entry_t  *entry;

    objects = json_array();
    rc = objects ? 0 : -1;

    for (i = 0; rc == 0 && i < merge->count; i++) {
        entry = &merge->entries[i];

        if (entry->change == CRM_CLI_REMOVED) {
            continue;
        }

        rc = json_array_append_new(objects,
                                   json_pack("{s:s, s:O}",
                                             "managed_by", entry->managed_by,
                                             "object", entry->object));
    }

    if (rc != 0) {
        json_decref(objects);
        return NULL;
    }

    bundle = json_pack("{s:i, s:s, s:o}", "v", 1, "org", org,
                       "objects", objects);
    if (bundle == NULL) {
        json_decref(objects);
        return NULL;
    }

    if (crm_cli_zone_add(bundle) != CRM_OK) {
        json_decref(bundle);
        return NULL;
    }

    return bundle;
}


void
crm_cli_bundle_sort(crm_cli_merge_t *merge)
{
    if (merge->count > 1) {
        qsort(merge->entries, merge->count, sizeof(crm_cli_entry_t),
              entry_compare);
    }
}


static int
entry_compare(const void *a, const void *b)
{
    int                     rc;
    const crm_cli_entry_t  *x = a, *y = b;

    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }

    rc = strcmp(x->kind, y->kind);

    return rc ? rc : strcmp(x->name, y->name);
}


const char *
crm_cli_bundle_name(const json_t *object, crm_pool_t *pool)
{
    crm_str_t    name, text;
    const char  *kind;

    kind = json_string_value(json_object_get(object, "kind"));
    name = crm_ruleset_identity(object);

    text = crm_pool_printf(pool, "%s%s%.*s", kind ? kind : "object",
                           name.len ? " " : "", (int) name.len,
                           name.data ? name.data : "");

    return text.data ? text.data : "object";
}
