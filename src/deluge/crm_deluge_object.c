/*
 * Lists and maps: see crm_deluge_value.h.
 */

#include "crm_deluge_value.h"


static crm_status_t map_grow(crm_deluge_map_t *map, crm_pool_t *pool);
static void map_index(crm_deluge_map_t *map);
static crm_status_t map_merge(crm_deluge_entry_t *to,
    const crm_deluge_entry_t *from, size_t half, size_t count, int keys,
    int sign);
static crm_deluge_entry_t *map_find(const crm_deluge_map_t *map, crm_str_t key,
    uint32_t hash);
static int holds(const crm_deluge_value_t *v, const void *container,
    unsigned depth, size_t *visits);
static crm_status_t list_merge(crm_deluge_value_t *to,
    const crm_deluge_value_t *from, size_t half, size_t count, int sign);


crm_deluge_list_t *
crm_deluge_list(crm_pool_t *pool)
{
    return crm_pool_calloc(pool, 1, sizeof(crm_deluge_list_t));
}


crm_status_t
crm_deluge_list_insert(crm_deluge_list_t *list, size_t index,
    crm_deluge_value_t v, crm_pool_t *pool)
{
    size_t               cap;
    crm_deluge_value_t  *items;

    if (list->count == CRM_DELUGE_ITEMS) {
        return CRM_ELIMIT;
    }

    if (list->count == list->cap) {
        cap = list->cap ? list->cap * 2 : 8;

        if (list->cap == 0
            || !crm_pool_extend(pool, list->items, list->cap * sizeof(*items),
                                cap * sizeof(*items)))
        {
            items = crm_pool_alloc(pool, cap * sizeof(*items));
            if (items == NULL) {
                return CRM_ENOMEM;
            }

            if (list->count) {
                memcpy(items, list->items, list->count * sizeof(*items));
            }

            list->items = items;
        }

        list->cap = cap;
    }

    if (index < list->count) {
        memmove(list->items + index + 1, list->items + index,
                (list->count - index) * sizeof(*list->items));
    }

    list->items[index] = v;
    list->count++;

    return CRM_OK;
}


crm_status_t
crm_deluge_list_push(crm_deluge_list_t *list, crm_deluge_value_t v,
    crm_pool_t *pool)
{
    return crm_deluge_list_insert(list, list->count, v, pool);
}


void
crm_deluge_list_remove(crm_deluge_list_t *list, size_t index)
{
    list->count--;

    if (index < list->count) {
        memmove(list->items + index, list->items + index + 1,
                (list->count - index) * sizeof(*list->items));
    }
}


crm_status_t
crm_deluge_list_copy(crm_deluge_list_t *to, const crm_deluge_list_t *from,
    crm_pool_t *pool)
{
    memset(to, 0, sizeof(crm_deluge_list_t));

    if (from->count == 0) {
        return CRM_OK;
    }

    to->items = crm_pool_alloc(pool, from->count * sizeof(*to->items));
    if (to->items == NULL) {
        return CRM_ENOMEM;
    }

    memcpy(to->items, from->items, from->count * sizeof(*to->items));
    to->count = from->count;
    to->cap = from->count;

    return CRM_OK;
}


/* Merging from short runs to long: what is equal keeps its order. */
crm_status_t
crm_deluge_list_sort(crm_deluge_list_t *list, int descending, crm_pool_t *pool)
{
    size_t               run, i, n, half;
    crm_status_t         rc;
    crm_deluge_value_t  *from, *to, *swap;

    if (list->count < 2) {
        return CRM_OK;
    }

    /* two of its own: the list stays as it is until all is in order */

    from = crm_pool_alloc(pool, list->count * sizeof(*from));
    to = crm_pool_alloc(pool, list->count * sizeof(*to));

    if (from == NULL || to == NULL) {
        return CRM_ENOMEM;
    }

    memcpy(from, list->items, list->count * sizeof(*from));

    for (run = 1; run < list->count; run *= 2) {

        for (i = 0; i < list->count; i += n) {
            n = list->count - i < 2 * run ? list->count - i : 2 * run;
            half = n < run ? n : run;

            rc = list_merge(to + i, from + i, half, n, descending ? -1 : 1);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        swap = from;
        from = to;
        to = swap;
    }

    memcpy(list->items, from, list->count * sizeof(*from));

    return CRM_OK;
}


/* from[0..half) and from[half..count), both in order, become to. */
static crm_status_t
list_merge(crm_deluge_value_t *to, const crm_deluge_value_t *from, size_t half,
    size_t count, int sign)
{
    int     order;
    size_t  a, b, n;

    a = 0;
    b = half;

    for (n = 0; n < count; n++) {

        if (a == half) {
            to[n] = from[b++];
            continue;
        }

        if (b == count) {
            to[n] = from[a++];
            continue;
        }

        if (crm_deluge_compare(&order, &from[a], &from[b]) != CRM_OK) {
            return CRM_DECLINED;
        }

        to[n] = order * sign > 0 ? from[b++] : from[a++];
    }

    return CRM_OK;
}


crm_deluge_map_t *
crm_deluge_map(crm_pool_t *pool)
{
    return crm_pool_calloc(pool, 1, sizeof(crm_deluge_map_t));
}


crm_deluge_value_t *
crm_deluge_map_get(const crm_deluge_map_t *map, crm_str_t key)
{
    crm_deluge_entry_t  *entry;

    entry = map_find(map, key, crm_str_hash(key));

    return entry ? &entry->value : NULL;
}


crm_status_t
crm_deluge_map_put(crm_deluge_map_t *map, crm_str_t key, crm_deluge_value_t v,
    crm_pool_t *pool)
{
    size_t               i;
    uint32_t             hash;
    crm_status_t         rc;
    crm_deluge_entry_t  *entry;

    hash = crm_str_hash(key);
    entry = map_find(map, key, hash);

    if (entry) {
        entry->value = v;
        return CRM_OK;
    }

    if (map->count == CRM_DELUGE_ITEMS) {
        return CRM_ELIMIT;
    }

    if (map->used == map->cap) {
        rc = map_grow(map, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    entry = &map->entries[map->used++];
    entry->key = key;
    entry->hash = hash;
    entry->gone = 0;
    entry->value = v;
    map->count++;

    /* the place of one that has gone will do: its key is not there */

    for (i = hash & map->mask;
         map->table[i] && !map->entries[map->table[i] - 1].gone;
         i = (i + 1) & map->mask)
    {
        /* void */
    }

    map->table[i] = (uint32_t) map->used;

    return CRM_OK;
}


int
crm_deluge_map_remove(crm_deluge_map_t *map, crm_str_t key)
{
    crm_deluge_entry_t  *entry;

    entry = map_find(map, key, crm_str_hash(key));

    if (entry == NULL) {
        return 0;
    }

    /* found no more, and passed over; the table keeps its chains */

    entry->gone = 1;
    map->count--;

    return 1;
}


const crm_deluge_entry_t *
crm_deluge_map_next(const crm_deluge_map_t *map, size_t *at)
{
    while (*at < map->used) {

        if (!map->entries[(*at)++].gone) {
            return &map->entries[*at - 1];
        }
    }

    return NULL;
}


int
crm_deluge_holds(const crm_deluge_value_t *v, const void *container)
{
    size_t  visits;

    visits = 0;

    return holds(v, container, 0, &visits);
}


const crm_deluge_value_t *
crm_deluge_inside(const crm_deluge_value_t *v)
{
    return v->type == CRM_DELUGE_COLLECTION ? &v->u.collection->held : v;
}


/* What is deeper or larger than anything may be may as well be the thing. */
static int
holds(const crm_deluge_value_t *v, const void *container, unsigned depth,
    size_t *visits)
{
    size_t                     i;
    const crm_deluge_entry_t  *entry;

    if (v->type == CRM_DELUGE_COLLECTION && v->u.collection == container) {
        return 1;
    }

    v = crm_deluge_inside(v);

    if (v->type != CRM_DELUGE_LIST && v->type != CRM_DELUGE_MAP) {
        return 0;
    }

    if ((v->type == CRM_DELUGE_LIST ? (void *) v->u.list : (void *) v->u.map)
        == container || depth == CRM_DELUGE_NESTING
        || ++*visits > CRM_DELUGE_ITEMS)
    {
        return 1;
    }

    for (i = 0; v->type == CRM_DELUGE_LIST && i < v->u.list->count; i++) {
        if (holds(&v->u.list->items[i], container, depth + 1, visits)) {
            return 1;
        }
    }

    i = 0;

    while (v->type == CRM_DELUGE_MAP
           && (entry = crm_deluge_map_next(v->u.map, &i)) != NULL)
    {
        if (holds(&entry->value, container, depth + 1, visits)) {
            return 1;
        }
    }

    return 0;
}


/* As lists are. */
crm_status_t
crm_deluge_map_sort(crm_deluge_map_t *map, int keys, int descending,
    crm_pool_t *pool)
{
    size_t               i, n, run, half;
    crm_status_t         rc;
    crm_deluge_entry_t  *from, *to, *swap;

    if (map->count < 2) {
        return CRM_OK;
    }

    from = crm_pool_alloc(pool, map->cap * sizeof(*from));
    to = crm_pool_alloc(pool, map->cap * sizeof(*to));

    if (from == NULL || to == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, n = 0; i < map->used; i++) {
        if (!map->entries[i].gone) {
            from[n++] = map->entries[i];
        }
    }

    for (run = 1; run < map->count; run *= 2) {

        for (i = 0; i < map->count; i += n) {
            n = map->count - i < 2 * run ? map->count - i : 2 * run;
            half = n < run ? n : run;

            rc = map_merge(to + i, from + i, half, n, keys,
                           descending ? -1 : 1);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        swap = from;
        from = to;
        to = swap;
    }

    map->entries = from;
    map->used = map->count;

    map_index(map);

    return CRM_OK;
}


static crm_status_t
map_merge(crm_deluge_entry_t *to, const crm_deluge_entry_t *from, size_t half,
    size_t count, int keys, int sign)
{
    int     order;
    size_t  a, b, n;

    a = 0;
    b = half;

    for (n = 0; n < count; n++) {

        if (a == half) {
            to[n] = from[b++];
            continue;
        }

        if (b == count) {
            to[n] = from[a++];
            continue;
        }

        if (keys) {
            order = crm_str_cmp(from[a].key, from[b].key);

        } else if (crm_deluge_compare(&order, &from[a].value, &from[b].value)
                   != CRM_OK)
        {
            return CRM_DECLINED;
        }

        to[n] = order * sign > 0 ? from[b++] : from[a++];
    }

    return CRM_OK;
}


static crm_deluge_entry_t *
map_find(const crm_deluge_map_t *map, crm_str_t key, uint32_t hash)
{
    size_t               i;
    crm_deluge_entry_t  *entry;

    if (map->cap == 0) {
        return NULL;
    }

    for (i = hash & map->mask; map->table[i]; i = (i + 1) & map->mask) {
        entry = &map->entries[map->table[i] - 1];

        if (!entry->gone && entry->hash == hash && crm_str_eq(entry->key, key))
        {
            return entry;
        }
    }

    return NULL;
}


/* Room for another entry: that of those gone, if they are many, or more. */
static crm_status_t
map_grow(crm_deluge_map_t *map, crm_pool_t *pool)
{
    size_t               i, cap, size;
    uint32_t            *table;
    crm_deluge_entry_t  *entries;

    if (map->cap == 0 || map->count > map->cap / 2 || map->walkers) {
        cap = map->cap ? map->cap * 2 : 8;

        entries = crm_pool_alloc(pool, cap * sizeof(*entries));
        table = crm_pool_alloc(pool, 2 * cap * sizeof(*table));

        if (entries == NULL || table == NULL) {
            return CRM_ENOMEM;
        }

    } else {
        cap = map->cap;
        entries = map->entries;
        table = map->table;
    }

    size = 0;

    for (i = 0; i < map->used; i++) {
        if (!map->entries[i].gone || map->walkers) {
            entries[size++] = map->entries[i];
        }
    }

    map->entries = entries;
    map->table = table;
    map->used = size;
    map->cap = cap;
    map->mask = 2 * cap - 1;

    map_index(map);

    return CRM_OK;
}


static void
map_index(crm_deluge_map_t *map)
{
    size_t  i, n;

    memset(map->table, 0, (map->mask + 1) * sizeof(*map->table));

    for (n = 0; n < map->used; n++) {

        if (map->entries[n].gone) {
            continue;
        }

        for (i = map->entries[n].hash & map->mask; map->table[i];
             i = (i + 1) & map->mask)
        {
            /* void */
        }

        map->table[i] = (uint32_t) n + 1;
    }
}
