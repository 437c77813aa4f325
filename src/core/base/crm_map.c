/*
 * String to pointer, in a pool: entries in order of arrival, and a table of
 * their indexes at most a quarter full: what is not there is seldom met.
 */

#include "base/crm_map.h"


#define MAP_FIRST  8

/* Places of the table for each entry. */
#define MAP_ROOM   4


static crm_status_t map_grow(crm_map_t *map, size_t keys);
static void map_link(crm_map_t *map, size_t index);


void
crm_map_init(crm_map_t *map, crm_pool_t *pool)
{
    memset(map, 0, sizeof(crm_map_t));
    map->pool = pool;
}


crm_status_t
crm_map_room(crm_map_t *map, size_t keys)
{
    return keys > map->cap ? map_grow(map, keys) : CRM_OK;
}


crm_map_entry_t *
crm_map_find(const crm_map_t *map, crm_str_t key)
{
    if (map->count == 0) {
        return NULL;
    }

    return crm_map_find_hashed(map, key, crm_str_hash(key));
}


crm_map_entry_t *
crm_map_find_taken(const crm_map_t *map, crm_str_t key, uint32_t hash)
{
    size_t            i;
    crm_map_entry_t  *entry;

    for (i = hash & map->mask; map->table[i]; i = (i + 1) & map->mask) {
        entry = &map->entries[map->table[i] - 1];

        if (entry->hash == hash && crm_str_eq(entry->key, key)) {
            return entry;
        }
    }

    return NULL;
}


crm_map_entry_t *
crm_map_add(crm_map_t *map, crm_str_t key)
{
    uint32_t          hash;
    crm_map_entry_t  *entry;

    hash = crm_str_hash(key);

    entry = crm_map_find_hashed(map, key, hash);
    if (entry != NULL) {
        return entry;
    }

    if (map->count == map->cap && map_grow(map, map->cap + 1) != CRM_OK) {
        return NULL;
    }

    entry = &map->entries[map->count];
    entry->key = key;
    entry->hash = hash;
    entry->value = NULL;

    map_link(map, map->count++);

    return entry;
}


static crm_status_t
map_grow(crm_map_t *map, size_t keys)
{
    size_t            i, cap;
    uint32_t         *table;
    crm_map_entry_t  *entries;

    cap = map->cap ? map->cap : MAP_FIRST;

    while (cap < keys && cap <= (size_t) -1 / 4) {
        cap *= 2;
    }

    if (cap < keys || cap > (size_t) -1 / sizeof(crm_map_entry_t)) {
        return CRM_ENOMEM;
    }

    entries = crm_pool_alloc(map->pool, cap * sizeof(crm_map_entry_t));
    table = crm_pool_calloc(map->pool, cap * MAP_ROOM, sizeof(uint32_t));
    if (entries == NULL || table == NULL) {
        return CRM_ENOMEM;
    }

    if (map->count) {
        memcpy(entries, map->entries, map->count * sizeof(crm_map_entry_t));
    }

    map->entries = entries;
    map->table = table;
    map->cap = cap;
    map->mask = cap * MAP_ROOM - 1;

    for (i = 0; i < map->count; i++) {
        map_link(map, i);
    }

    return CRM_OK;
}


static void
map_link(crm_map_t *map, size_t index)
{
    size_t  i;

    i = map->entries[index].hash & map->mask;

    while (map->table[i]) {
        i = (i + 1) & map->mask;
    }

    map->table[i] = (uint32_t) index + 1;
}
