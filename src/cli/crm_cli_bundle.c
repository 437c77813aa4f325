/*
 * Laying a rule folder over the live rules, and comparing two bundles.
 */

#include "crm_cli_bundle.h"
#include "crm_cli_zone.h"
#include "base/crm_map.h"
#include "rules/crm_ruleset.h"

#include <stdlib.h>


static crm_status_t merge_start(crm_cli_merge_t *merge, size_t max,
    crm_pool_t *pool);
static crm_status_t merge_live(crm_cli_merge_t *merge, json_t *objects,
    const crm_map_t *folder, const char *managed_by, int prune,
    crm_pool_t *pool);
static crm_status_t merge_index(crm_map_t *map, crm_cli_entry_t *entry,
    crm_pool_t *pool);
static crm_status_t merge_old(crm_cli_entry_t *old, crm_cli_entry_t **mine,
    const json_t *item, const crm_map_t *coming, crm_pool_t *pool);
static void merge_found(crm_cli_entry_t *mine, const crm_cli_entry_t *live);
static void merge_count(crm_cli_merge_t *merge);
static crm_status_t compare_before(crm_cli_merge_t *merge,
    const crm_map_t *after, const json_t *objects, crm_pool_t *pool);
static crm_status_t entry_init(crm_cli_entry_t *entry, json_t *object,
    const char *managed_by, crm_pool_t *pool);
static crm_status_t entry_stored(crm_cli_entry_t *entry, const json_t *item,
    crm_pool_t *pool);
static crm_str_t entry_key(const crm_cli_entry_t *entry, crm_pool_t *pool);
static int entry_compare(const void *a, const void *b);


crm_status_t
crm_cli_bundle_merge(crm_cli_merge_t *merge, const crm_cli_docs_t *docs,
    json_t *live, const char *managed_by, int prune, crm_pool_t *pool)
{
    size_t         i;
    json_t        *objects;
    crm_map_t      folder;
    crm_status_t   rc;

    objects = json_object_get(live, "objects");

    rc = merge_start(merge, docs->count + json_array_size(objects), pool);
    merge->docs = docs->count;

    crm_map_init(&folder, pool);

    for (i = 0; rc == CRM_OK && i < docs->count; i++) {
        rc = entry_init(&merge->entries[i], docs->items[i].value, managed_by,
                        pool);
        if (rc == CRM_OK) {
            rc = merge_index(&folder, &merge->entries[i], pool);
        }
    }

    if (rc != CRM_OK) {
        return rc;
    }

    merge->count = docs->count;

    rc = merge_live(merge, objects, &folder, managed_by, prune, pool);
    merge_count(merge);

    return rc;
}


crm_status_t
crm_cli_bundle_compare(crm_cli_merge_t *merge, json_t *before, json_t *after,
    crm_pool_t *pool)
{
    size_t         i;
    json_t        *old, *now, *item;
    crm_map_t      map;
    crm_status_t   rc;

    old = json_object_get(before, "objects");
    now = json_object_get(after, "objects");

    rc = merge_start(merge, json_array_size(old) + json_array_size(now), pool);

    crm_map_init(&map, pool);

    for (i = 0; rc == CRM_OK && i < json_array_size(now); i++) {
        item = json_array_get(now, i);
        rc = entry_stored(&merge->entries[i], item, pool);

        if (rc == CRM_OK) {
            rc = merge_index(&map, &merge->entries[i], pool);
        }
    }

    if (rc != CRM_OK) {
        return rc;
    }

    merge->count = json_array_size(now);

    rc = compare_before(merge, &map, old, pool);
    merge_count(merge);

    return rc;
}


static crm_status_t
merge_start(crm_cli_merge_t *merge, size_t max, crm_pool_t *pool)
{
    memset(merge, 0, sizeof(crm_cli_merge_t));

    merge->entries = crm_pool_calloc(pool, max + 1, sizeof(crm_cli_entry_t));

    return merge->entries ? CRM_OK : CRM_ENOMEM;
}


/* Of two with the same name the first counts; the core refuses both. */

static crm_status_t
merge_index(crm_map_t *map, crm_cli_entry_t *entry, crm_pool_t *pool)
{
    crm_str_t         key;
    crm_map_entry_t  *slot;

    key = entry_key(entry, pool);
    slot = key.data ? crm_map_add(map, key) : NULL;

    if (slot == NULL) {
        return CRM_ENOMEM;
    }

    if (slot->value == NULL) {
        slot->value = entry;
    }

    return CRM_OK;
}


static crm_status_t
merge_live(crm_cli_merge_t *merge, json_t *objects, const crm_map_t *folder,
    const char *managed_by, int prune, crm_pool_t *pool)
{
    size_t            i;
    json_t           *item;
    crm_status_t      rc;
    crm_cli_entry_t   live, *mine;

    json_array_foreach(objects, i, item) {
        rc = merge_old(&live, &mine, item, folder, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        if (mine == NULL) {
            live.change = prune && strcmp(live.managed_by, managed_by) == 0
                          ? CRM_CLI_REMOVED : CRM_CLI_KEPT;
            merge->entries[merge->count++] = live;

        } else if (mine->change == CRM_CLI_UNCHANGED) {
            mine->managed_by = live.managed_by;
        }
    }

    return CRM_OK;
}


static crm_status_t
compare_before(crm_cli_merge_t *merge, const crm_map_t *after,
    const json_t *objects, crm_pool_t *pool)
{
    size_t            i;
    json_t           *item;
    crm_status_t      rc;
    crm_cli_entry_t   old, *mine;

    json_array_foreach((json_t *) objects, i, item) {
        rc = merge_old(&old, &mine, item, after, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        if (mine == NULL) {
            old.change = CRM_CLI_REMOVED;
            merge->entries[merge->count++] = old;

        } else if (strcmp(mine->managed_by, mine->was_managed_by) != 0) {
            mine->change = CRM_CLI_REPLACED;
        }
    }

    return CRM_OK;
}


/* An object as it was, and the one of its name in what comes: told of the old
 * one, or NULL. */
static crm_status_t
merge_old(crm_cli_entry_t *old, crm_cli_entry_t **mine, const json_t *item,
    const crm_map_t *coming, crm_pool_t *pool)
{
    crm_str_t         key;
    crm_status_t      rc;
    crm_map_entry_t  *slot;

    rc = entry_stored(old, item, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    key = entry_key(old, pool);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    slot = crm_map_find(coming, key);
    *mine = slot ? slot->value : NULL;

    if (*mine) {
        merge_found(*mine, old);

    } else {
        old->was_object = old->object;
        old->was_managed_by = old->managed_by;
    }

    return CRM_OK;
}


static void
merge_found(crm_cli_entry_t *mine, const crm_cli_entry_t *live)
{
    mine->was_object = live->object;
    mine->was_managed_by = live->managed_by;
    mine->change = json_equal(mine->object, live->object)
                   ? CRM_CLI_UNCHANGED : CRM_CLI_REPLACED;
}


static void
merge_count(crm_cli_merge_t *merge)
{
    size_t  i;

    for (i = 0; i < merge->count; i++) {
        merge->changes[merge->entries[i].change]++;
    }
}


int
crm_cli_bundle_changes(const crm_cli_merge_t *merge)
{
    return merge->changes[CRM_CLI_ADDED] + merge->changes[CRM_CLI_REPLACED]
           + merge->changes[CRM_CLI_REMOVED] > 0;
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


/* item is a member of a bundle's "objects". */

static crm_status_t
entry_stored(crm_cli_entry_t *entry, const json_t *item, crm_pool_t *pool)
{
    const char  *owner;

    owner = json_string_value(json_object_get(item, "managed_by"));

    return entry_init(entry, json_object_get(item, "object"),
                      owner ? owner : "", pool);
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
