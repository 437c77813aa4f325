/*
 * String to pointer, in a pool. Grows; never forgets; remembers the order in
 * which keys came. Keys are borrowed and must live as long as the map.
 */

#ifndef CRM_MAP_H
#define CRM_MAP_H

#include "base/crm_pool.h"


typedef struct {
    crm_str_t    key;
    uint32_t     hash;
    void        *value;
} crm_map_entry_t;

typedef struct {
    crm_pool_t       *pool;
    crm_map_entry_t  *entries;      /* in order of arrival */
    size_t            count;
    size_t            cap;
    uint32_t         *table;        /* index + 1, open addressing */
    size_t            mask;
} crm_map_t;


void crm_map_init(crm_map_t *map, crm_pool_t *pool);

/* Room for so many keys at once, where their number is known. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_map_room(crm_map_t *map, size_t keys);

/* The entry of key, or NULL. A map without entries needs no memory. */
crm_map_entry_t *crm_map_find(const crm_map_t *map, crm_str_t key);

/* The same from a place of its table that is taken; only
 * crm_map_find_hashed() calls it. */
crm_map_entry_t *crm_map_find_taken(const crm_map_t *map, crm_str_t key,
    uint32_t hash);

/* The same when the caller has crm_str_hash(key) already. Inline, since mostly
 * there is none. */
static inline crm_map_entry_t *
crm_map_find_hashed(const crm_map_t *map, crm_str_t key, uint32_t hash)
{
    return map->count && map->table[hash & map->mask]
           ? crm_map_find_taken(map, key, hash) : NULL;
}


/*
 * The entry of key, added with a NULL value if it was not there; NULL without
 * memory. Pointers to entries end with the next crm_map_add().
 */
crm_map_entry_t *crm_map_add(crm_map_t *map, crm_str_t key);

#endif
