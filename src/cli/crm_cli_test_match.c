/*
 * What is expected, laid beside what came: maps and lists by their members,
 * numbers as decimals, lookups by their ids, and null for all that is empty.
 */

#include "crm_cli_test.h"

#include <stdlib.h>


/* Lists beyond this are compared in order. */
#define MATCH_MAX_PAIRS  100000

typedef struct {
    crm_pool_t             *pool;
    crm_cli_differences_t  *differences;    /* NULL: only count */
    size_t                  count;
    int                     exact;
    crm_status_t            status;
} match_t;

/* A list's members, for finding each a partner. */
typedef struct {
    crm_span_t  *items;
    size_t       count;
} members_t;

/* Who goes with whom: got[i] is 1 + the index of its expected one. */
typedef struct {
    size_t    *partner;
    uint8_t   *fits;            /* expected * got */
    uint8_t   *asked;
} pairs_t;


static void match_value(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got);
static void match_object(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got);
static void match_more(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got);
static void match_list(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got);
static void match_members(match_t *m, const char *path,
    const members_t *expected, const members_t *got, crm_span_t all);
static int pairs_find(pairs_t *pairs, size_t i, size_t count);
static void match_missing(match_t *m, const char *path, crm_span_t expected,
    const members_t *got, const pairs_t *pairs, crm_span_t all);
static void match_in_order(match_t *m, const char *path,
    const members_t *expected, const members_t *got, crm_span_t all,
    crm_span_t wanted);
static void match_scalar(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got);
static int match_quiet(const match_t *m, const char *path,
    crm_span_t expected, crm_span_t got, size_t *differs);
static void match_differs(match_t *m, const char *path, crm_str_t expected,
    crm_str_t got);
static crm_str_t match_absent(const char *path);
static crm_status_t members_read(members_t *members, crm_span_t list,
    crm_pool_t *pool);
static const char *path_key(match_t *m, const char *path, crm_span_t key);
static const char *path_index(match_t *m, const char *path, size_t i);
static int path_in(const char *path, const char *list);


crm_status_t
crm_cli_test_match(crm_cli_differences_t *differences, const json_t *expect,
    crm_span_t outcome)
{
    char          *dump;
    match_t        m;
    crm_str_t      text;
    crm_span_t     span;

    dump = json_dumps(expect, JSON_COMPACT | CRM_CLI_JSON_REALS);
    if (dump == NULL) {
        return CRM_ENOMEM;
    }

    text = crm_pool_dup(differences->pool, crm_strz(dump));
    free(dump);

    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    memset(&span, 0, sizeof(crm_span_t));
    span.data = text.data;
    span.len = text.len;
    span.type = CRM_JSON_OBJECT;

    memset(&m, 0, sizeof(match_t));
    m.pool = differences->pool;
    m.differences = differences;
    m.exact = json_is_true(json_object_get(expect, "exact"));

    match_value(&m, "", span, outcome);

    return m.status != CRM_OK ? m.status : differences->status;
}


static void
match_value(match_t *m, const char *path, crm_span_t expected, crm_span_t got)
{
    if (expected.type == CRM_JSON_OBJECT && got.type == CRM_JSON_OBJECT) {
        match_object(m, path, expected, got);

    } else if (expected.type == CRM_JSON_ARRAY && got.type == CRM_JSON_ARRAY) {
        match_list(m, path, expected, got);

    } else {
        match_scalar(m, path, expected, got);
    }
}


static void
match_object(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got)
{
    size_t       cursor;
    crm_str_t    name;
    crm_span_t   key, value;

    for (cursor = 0; crm_span_next(expected, &cursor, &key, &value); ) {
        if (path[0] == '\0' && crm_span_is(key, CRM_STR("exact"))) {
            continue;
        }

        name = crm_span_text(key, m->pool);
        if (name.data == NULL) {
            m->status = CRM_ENOMEM;
            return;
        }

        match_value(m, path_key(m, path, key), value,
                    crm_span_member(got, name));
    }

    if (m->exact && path[0] && !path_in(path, "actions")
        && !path_in(path, "scheduled"))
    {
        match_more(m, path, expected, got);
    }
}


/* What is there that nobody expects. */
static void
match_more(match_t *m, const char *path, crm_span_t expected, crm_span_t got)
{
    size_t      cursor;
    crm_str_t   name;
    crm_span_t  key, value;

    for (cursor = 0; crm_span_next(got, &cursor, &key, &value); ) {
        name = crm_span_text(key, m->pool);
        if (name.data == NULL) {
            m->status = CRM_ENOMEM;
            return;
        }

        if (crm_span_member(expected, name).type == CRM_JSON_NONE
            && !crm_value_span_empty(value))
        {
            match_differs(m, path_key(m, path, key), CRM_STR("(nothing)"),
                          crm_span_raw(value));
        }
    }
}


static void
match_list(match_t *m, const char *path, crm_span_t expected, crm_span_t got)
{
    members_t  e, g;

    if (members_read(&e, expected, m->pool) != CRM_OK
        || members_read(&g, got, m->pool) != CRM_OK)
    {
        m->status = CRM_ENOMEM;
        return;
    }

    if (m->exact || (g.count && e.count > MATCH_MAX_PAIRS / g.count)) {
        match_in_order(m, path, &e, &g, got, expected);

    } else {
        match_members(m, path, &e, &g, got);
    }
}


/* Each expected member needs one of its own, in any order. */
static void
match_members(match_t *m, const char *path, const members_t *expected,
    const members_t *got, crm_span_t all)
{
    size_t    i, k;
    pairs_t   pairs;

    pairs.partner = crm_pool_calloc(m->pool, got->count + 1, sizeof(size_t));
    pairs.asked = crm_pool_calloc(m->pool, got->count + 1, 1);
    pairs.fits = crm_pool_calloc(m->pool,
                                 expected->count * got->count + 1, 1);

    if (pairs.partner == NULL || pairs.asked == NULL || pairs.fits == NULL) {
        m->status = CRM_ENOMEM;
        return;
    }

    for (i = 0; i < expected->count; i++) {
        for (k = 0; k < got->count; k++) {
            pairs.fits[i * got->count + k] = (uint8_t)
                match_quiet(m, path, expected->items[i], got->items[k], NULL);
        }
    }

    for (i = 0; i < expected->count; i++) {
        memset(pairs.asked, 0, got->count);

        if (!pairs_find(&pairs, i, got->count)) {
            match_missing(m, path_index(m, path, i), expected->items[i], got,
                          &pairs, all);
        }
    }
}


/*
 * Finds expected member i a partner, moving others to another one where that
 * helps: as deep as there are members, of which files hold few.
 */
static int
pairs_find(pairs_t *pairs, size_t i, size_t count)
{
    size_t  k;

    for (k = 0; k < count; k++) {
        if (!pairs->fits[i * count + k] || pairs->asked[k]) {
            continue;
        }

        pairs->asked[k] = 1;

        if (pairs->partner[k] == 0
            || pairs_find(pairs, pairs->partner[k] - 1, count))
        {
            pairs->partner[k] = i + 1;
            return 1;
        }
    }

    return 0;
}


/* Shows what is nearest to a map that is missing: the free one that differs
 * least and shares something with it. */
static void
match_missing(match_t *m, const char *path, crm_span_t expected,
    const members_t *got, const pairs_t *pairs, crm_span_t all)
{
    size_t       k, best, differs, least, cursor, members;
    crm_span_t   value;

    members = 0;
    best = got->count;

    if (expected.type == CRM_JSON_OBJECT) {
        for (cursor = 0; crm_span_next(expected, &cursor, NULL, &value); ) {
            members++;
        }
    }

    least = members;

    for (k = 0; members && k < got->count; k++) {
        if (pairs->partner[k] == 0
            && !match_quiet(m, path, expected, got->items[k], &differs)
            && differs < least)
        {
            least = differs;
            best = k;
        }
    }

    if (best < got->count) {
        match_value(m, path, expected, got->items[best]);

    } else {
        match_differs(m, path, crm_span_raw(expected),
                      got->count == 0 ? CRM_STR("(none)")
                      : members ? CRM_STR("(nothing like it)")
                      : crm_span_raw(all));
    }
}


static void
match_in_order(match_t *m, const char *path, const members_t *expected,
    const members_t *got, crm_span_t all, crm_span_t wanted)
{
    size_t  i, n;

    n = expected->count > got->count ? expected->count : got->count;

    for (i = 0; i < n; i++) {
        if (i < expected->count && i < got->count
            && expected->items[i].type == CRM_JSON_OBJECT)
        {
            match_value(m, path_index(m, path, i), expected->items[i],
                        got->items[i]);

        } else if (i >= expected->count || i >= got->count
                   || !match_quiet(m, path, expected->items[i],
                                   got->items[i], NULL))
        {
            match_differs(m, path, crm_span_raw(wanted), crm_span_raw(all));
            return;
        }
    }
}


static void
match_scalar(match_t *m, const char *path, crm_span_t expected,
    crm_span_t got)
{
    int          same;
    crm_value_t  e, g;

    if (crm_value_from_span(&e, expected, m->pool) != CRM_OK
        || crm_value_from_span(&g, got, m->pool) != CRM_OK
        || crm_value_same(&e, &g, m->pool, &same) != CRM_OK)
    {
        m->status = CRM_ENOMEM;
        return;
    }

    if (!same) {
        match_differs(m, path, crm_span_raw(expected),
                      got.type == CRM_JSON_NONE ? match_absent(path)
                                                : crm_span_raw(got));
    }
}


/* Whether the two match; *differs, if not NULL, is how many values do not. */
static int
match_quiet(const match_t *m, const char *path, crm_span_t expected,
    crm_span_t got, size_t *differs)
{
    match_t  quiet;

    quiet = *m;
    quiet.differences = NULL;
    quiet.count = 0;

    match_value(&quiet, path, expected, got);

    if (differs) {
        *differs = quiet.count;
    }

    return quiet.count == 0;
}


static void
match_differs(match_t *m, const char *path, crm_str_t expected, crm_str_t got)
{
    size_t                  cap;
    crm_cli_differs_t      *items;
    crm_cli_differences_t  *d;

    m->count++;
    d = m->differences;

    if (d == NULL) {
        return;
    }

    if (d->count == d->cap) {
        cap = d->cap ? d->cap * 2 : 8;
        items = crm_pool_calloc(d->pool, cap, sizeof(crm_cli_differs_t));
        if (items == NULL) {
            d->status = CRM_ENOMEM;
            return;
        }

        if (d->count) {
            memcpy(items, d->items, d->count * sizeof(crm_cli_differs_t));
        }

        d->items = items;
        d->cap = cap;
    }

    items = &d->items[d->count++];
    items->path = path;
    items->expected = expected;
    items->got = got;
}


static crm_str_t
match_absent(const char *path)
{
    return path_in(path, "not_fired") ? CRM_STR("(fired)")
                                      : CRM_STR("(absent)");
}


static crm_status_t
members_read(members_t *members, crm_span_t list, crm_pool_t *pool)
{
    size_t      cursor;
    crm_span_t  value;

    memset(members, 0, sizeof(members_t));

    for (cursor = 0; crm_span_next(list, &cursor, NULL, &value); ) {
        members->count++;
    }

    members->items = crm_pool_calloc(pool, members->count + 1,
                                     sizeof(crm_span_t));
    if (members->items == NULL) {
        return CRM_ENOMEM;
    }

    members->count = 0;

    for (cursor = 0; crm_span_next(list, &cursor, NULL, &value); ) {
        members->items[members->count++] = value;
    }

    return CRM_OK;
}


static const char *
path_key(match_t *m, const char *path, crm_span_t key)
{
    crm_str_t  name, s;

    if (m->differences == NULL && path[0]) {
        return path;                /* nobody will read it */
    }

    name = crm_span_text(key, m->pool);
    s = name.data ? crm_pool_printf(m->pool, "%s%s%.*s", path,
                                    path[0] ? "." : "", (int) name.len,
                                    name.data)
                  : CRM_STR_NULL;

    if (s.data == NULL) {
        m->status = CRM_ENOMEM;
        return path;
    }

    return s.data;
}


static const char *
path_index(match_t *m, const char *path, size_t i)
{
    crm_str_t  s;

    s = crm_pool_printf(m->pool, "%s[%zu]", path, i);

    if (s.data == NULL) {
        m->status = CRM_ENOMEM;
        return path;
    }

    return s.data;
}


/* Whether path leads into the list or map of that name, at the top. */
static int
path_in(const char *path, const char *list)
{
    size_t  len;

    len = strlen(list);

    return strncmp(path, list, len) == 0
           && (path[len] == '[' || path[len] == '.');
}
