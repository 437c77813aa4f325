/*
 * What differs between two JSON values, by path.
 */

#include "crm_cli_difference.h"
#include "crm_cli_align.h"


/* Deeper than rules can be: what is below is compared as a whole. */
#define DIFFERENCE_MAX_DEPTH  64

typedef struct {
    const json_t  *before;
    const json_t  *after;
} lists_t;


static crm_status_t find_value(crm_cli_differences_t *d, const char *path,
    const json_t *before, const json_t *after, unsigned depth);
static crm_status_t find_object(crm_cli_differences_t *d, const char *path,
    const json_t *before, const json_t *after, unsigned depth);
static crm_status_t find_list(crm_cli_differences_t *d, const char *path,
    const json_t *before, const json_t *after, unsigned depth);
static crm_status_t find_gap(crm_cli_differences_t *d, const char *path,
    const lists_t *lists, size_t i, size_t i_end, size_t j, size_t j_end,
    unsigned depth);
static int lists_same(const void *data, size_t i, size_t j);
static crm_status_t difference_add(crm_cli_differences_t *d, const char *path,
    const json_t *before, const json_t *after);
static const char *path_key(crm_cli_differences_t *d, const char *path,
    const char *key);
static const char *path_index(crm_cli_differences_t *d, const char *path,
    size_t i);
static int key_is_word(const char *key);


crm_status_t
crm_cli_difference_find(crm_cli_differences_t *differences,
    const json_t *before, const json_t *after, crm_pool_t *pool)
{
    memset(differences, 0, sizeof(crm_cli_differences_t));
    differences->pool = pool;

    return find_value(differences, "", before, after, 0);
}


static crm_status_t
find_value(crm_cli_differences_t *d, const char *path, const json_t *before,
    const json_t *after, unsigned depth)
{
    if (path == NULL) {
        return CRM_ENOMEM;
    }

    if (before && after) {
        if (json_equal((json_t *) before, (json_t *) after)) {
            return CRM_OK;
        }

        if (depth < DIFFERENCE_MAX_DEPTH && json_is_object(before)
            && json_is_object(after))
        {
            return find_object(d, path, before, after, depth);
        }

        if (depth < DIFFERENCE_MAX_DEPTH && json_is_array(before)
            && json_is_array(after))
        {
            return find_list(d, path, before, after, depth);
        }
    }

    return difference_add(d, path, before, after);
}


static crm_status_t
find_object(crm_cli_differences_t *d, const char *path, const json_t *before,
    const json_t *after, unsigned depth)
{
    json_t        *value;
    const char    *key;
    crm_status_t   rc;

    json_object_foreach((json_t *) after, key, value) {
        rc = find_value(d, path_key(d, path, key),
                        json_object_get(before, key), value, depth + 1);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    json_object_foreach((json_t *) before, key, value) {
        if (json_object_get(after, key)) {
            continue;
        }

        rc = find_value(d, path_key(d, path, key), value, NULL, depth + 1);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
find_list(crm_cli_differences_t *d, const char *path, const json_t *before,
    const json_t *after, unsigned depth)
{
    size_t         i, j, k, n, *match;
    lists_t        lists;
    crm_status_t   rc;

    lists.before = before;
    lists.after = after;
    n = json_array_size(after);

    match = crm_pool_calloc(d->pool, n + 1, sizeof(size_t));
    if (match == NULL
        || crm_cli_align(match, json_array_size(before), n, lists_same,
                         &lists) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    match[n] = json_array_size(before);
    i = 0;
    j = 0;

    for (k = 0; k <= n; k++) {
        if (match[k] == CRM_CLI_ALIGN_NONE) {
            continue;
        }

        rc = find_gap(d, path, &lists, i, match[k], j, k, depth);
        if (rc != CRM_OK) {
            return rc;
        }

        i = match[k] + 1;
        j = k + 1;
    }

    return CRM_OK;
}


/* Between two matches: changed one by one as far as both go. */

static crm_status_t
find_gap(crm_cli_differences_t *d, const char *path, const lists_t *lists,
    size_t i, size_t i_end, size_t j, size_t j_end, unsigned depth)
{
    crm_status_t   rc;
    const json_t  *before, *after;

    while (i < i_end || j < j_end) {
        before = i < i_end ? json_array_get(lists->before, i) : NULL;
        after = j < j_end ? json_array_get(lists->after, j) : NULL;

        rc = find_value(d, path_index(d, path, after ? j : i), before, after,
                        depth + 1);
        if (rc != CRM_OK) {
            return rc;
        }

        i += before ? 1 : 0;
        j += after ? 1 : 0;
    }

    return CRM_OK;
}


static int
lists_same(const void *data, size_t i, size_t j)
{
    const lists_t  *lists = data;

    return json_equal(json_array_get(lists->before, i),
                      json_array_get(lists->after, j));
}


static crm_status_t
difference_add(crm_cli_differences_t *d, const char *path,
    const json_t *before, const json_t *after)
{
    size_t                 cap;
    crm_cli_difference_t  *items;

    if (d->count == d->cap) {
        cap = d->cap ? d->cap * 2 : 8;
        items = crm_pool_calloc(d->pool, cap, sizeof(crm_cli_difference_t));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (d->count) {
            memcpy(items, d->items, d->count * sizeof(crm_cli_difference_t));
        }

        d->items = items;
        d->cap = cap;
    }

    items = &d->items[d->count++];
    items->path = path;
    items->before = before;
    items->after = after;

    return CRM_OK;
}


static const char *
path_key(crm_cli_differences_t *d, const char *path, const char *key)
{
    if (key_is_word(key)) {
        return crm_pool_printf(d->pool, "%s%s%s", path, path[0] ? "." : "",
                               key).data;
    }

    return crm_pool_printf(d->pool, "%s[\"%s\"]", path, key).data;
}


static const char *
path_index(crm_cli_differences_t *d, const char *path, size_t i)
{
    return crm_pool_printf(d->pool, "%s[%zu]", path, i).data;
}


static int
key_is_word(const char *key)
{
    const unsigned char  *p;

    for (p = (const unsigned char *) key; *p; p++) {
        if (*p <= ' ' || *p == 0x7f || strchr(".[]\"\\:", *p)) {
            return 0;
        }
    }

    return key[0] != '\0';
}
