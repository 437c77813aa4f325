/*
 * What differs between two values, and which elements of two lists are the
 * same. Were it broken, a plan would hide a change, or show a hundred where one
 * line came in.
 */

#include "crm_test.h"

#include "crm_cli_align.h"
#include "crm_cli_difference.h"


#define ROUNDS    3000
#define MAX_LIST  9


static uint64_t  seed = 7;


static void differences_of(char *out, size_t size, const char *before,
    const char *after);
static json_t *parsed(const char *text);
static json_t *random_value(int depth);
static json_t *random_list(unsigned values);
static size_t longest(const json_t *a, const json_t *b, size_t i, size_t j);
static int lists_same(const void *data, size_t i, size_t j);


static void
each_difference_has_its_path_and_both_values(void **state)
{
    size_t  i;
    char    out[1024];

    static const struct {
        const char  *before;
        const char  *after;
        const char  *differences;
    } rows[] = {
        { "{\"a\":1}", "{\"a\":1}", "" },
        { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "" },
        { "{\"a\":1}", "{\"a\":2}", "a: 1 -> 2;" },
        { "{\"a\":1}", "{\"a\":\"1\"}", "a: 1 -> \"1\";" },
        { "{\"a\":1}", "{\"a\":1.0}", "a: 1 -> 1.0;" },
        { "{\"a\":null}", "{}", "a: null -> ;" },
        { "{}", "{\"a\":null}", "a:  -> null;" },
        { "{\"a\":{}}", "{\"a\":[]}", "a: {} -> [];" },
        { "{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{\"b\":{\"c\":2}}}",
          "a.b.c: 1 -> 2;" },
        { "{\"a\":{\"b\":1}}", "{\"a\":7}", "a: {\"b\":1} -> 7;" },
        { "{\"z\":1,\"y\":1}", "{\"y\":2,\"x\":3}",
          "y: 1 -> 2;x:  -> 3;z: 1 -> ;" },
        { "{\"a\":[1,2,3]}", "{\"a\":[1,2,3,4]}", "a[3]:  -> 4;" },
        { "{\"a\":[1,2,3]}", "{\"a\":[0,1,2,3]}", "a[0]:  -> 0;" },
        { "{\"a\":[1,2,3]}", "{\"a\":[1,3]}", "a[1]: 2 -> ;" },
        { "{\"a\":[1,2,3]}", "{\"a\":[1,9,3]}", "a[1]: 2 -> 9;" },
        { "{\"a\":[1,2]}", "{\"a\":[]}", "a[0]: 1 -> ;a[1]: 2 -> ;" },
        { "{\"a\":[1,2,3,4]}", "{\"a\":[4,1,2,3]}",
          "a[0]:  -> 4;a[3]: 4 -> ;" },
        { "{\"a\":[{\"n\":1,\"v\":1},{\"n\":2,\"v\":1}]}",
          "{\"a\":[{\"n\":0},{\"n\":1,\"v\":1},{\"n\":2,\"v\":5}]}",
          "a[0]:  -> {\"n\":0};a[2].v: 1 -> 5;" },
        { "{\"a\":[[1],[2]]}", "{\"a\":[[1],[2,3]]}", "a[1][1]:  -> 3;" },
        { "{\"a b\":1,\"X.Y\":1,\"\":1,\"k[0]\":1}",
          "{\"a b\":2,\"X.Y\":2,\"\":2,\"k[0]\":2}",
          "[\"a b\"]: 1 -> 2;[\"X.Y\"]: 1 -> 2;[\"\"]: 1 -> 2;"
          "[\"k[0]\"]: 1 -> 2;" },
        { "{\"h\":{\"X-A\":\"1\",\"$x!\":1}}",
          "{\"h\":{\"X-A\":\"2\",\"$x!\":2}}",
          "h.X-A: \"1\" -> \"2\";h.$x!: 1 -> 2;" },
        { "{\"a\":\"\xc3\xa9\"}", "{\"a\":\"e\"}",
          "a: \"\xc3\xa9\" -> \"e\";" },
        { "[1]", "{\"a\":1}", ": [1] -> {\"a\":1};" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        differences_of(out, sizeof(out), rows[i].before, rows[i].after);
        assert_string_equal(out, rows[i].differences);
    }
}


static void
values_without_a_difference_are_equal(void **state)
{
    int                     i;
    json_t                 *a, *b;
    crm_pool_t             *pool;
    crm_cli_differences_t   found;

    (void) state;

    for (i = 0; i < ROUNDS; i++) {
        pool = crm_pool_create(crm_host_malloc(), 0);
        a = random_value(0);
        b = random_value(0);

        assert_int_equal(crm_cli_difference_find(&found, a, b, pool), CRM_OK);
        assert_int_equal(found.count == 0, json_equal(a, b));

        assert_int_equal(crm_cli_difference_find(&found, a, a, pool), CRM_OK);
        assert_int_equal(found.count, 0);

        json_decref(a);
        json_decref(b);
        crm_pool_destroy(pool);
    }
}


static void
deep_values_are_compared_as_a_whole(void **state)
{
    int                     i;
    json_t                 *a, *b;
    crm_pool_t             *pool;
    crm_cli_differences_t   found;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    a = json_integer(1);
    b = json_integer(2);

    for (i = 0; i < 1000; i++) {
        a = json_pack("[o]", a);
        b = json_pack("[o]", b);
    }

    assert_int_equal(crm_cli_difference_find(&found, a, b, pool), CRM_OK);
    assert_int_equal(found.count, 1);
    assert_int_equal(strlen(found.items[0].path), 64 * 3);

    json_decref(a);
    json_decref(b);
    crm_pool_destroy(pool);
}


static void
matches_are_a_longest_common_subsequence(void **state)
{
    int      i;
    size_t   j, count, last, match[MAX_LIST];
    json_t  *lists[2];

    (void) state;

    for (i = 0; i < ROUNDS; i++) {
        lists[0] = random_list(3);
        lists[1] = random_list(3);
        count = 0;
        last = CRM_CLI_ALIGN_NONE;

        assert_int_equal(crm_cli_align(match, json_array_size(lists[0]),
                                       json_array_size(lists[1]), lists_same,
                                       lists), CRM_OK);

        for (j = 0; j < json_array_size(lists[1]); j++) {
            if (match[j] == CRM_CLI_ALIGN_NONE) {
                continue;
            }

            assert_true(lists_same(lists, match[j], j));
            assert_true(last == CRM_CLI_ALIGN_NONE || match[j] > last);
            last = match[j];
            count++;
        }

        assert_int_equal(count, longest(lists[0], lists[1], 0, 0));

        json_decref(lists[0]);
        json_decref(lists[1]);
    }
}


static int
never_same(const void *data, size_t i, size_t j)
{
    (void) data;

    /* The ends are, what is between is not. */

    return (i == 0 && j == 0) || (i == 99999 && j == 89999);
}


static void
long_lists_are_matched_at_their_ends(void **state)
{
    size_t  *match;

    (void) state;

    match = calloc(90000, sizeof(size_t));
    assert_non_null(match);

    assert_int_equal(crm_cli_align(match, 100000, 90000, never_same, NULL),
                     CRM_OK);
    assert_int_equal(match[0], 0);
    assert_true(match[1] == CRM_CLI_ALIGN_NONE);
    assert_true(match[89998] == CRM_CLI_ALIGN_NONE);
    assert_int_equal(match[89999], 99999);

    free(match);
}


static void
differences_of(char *out, size_t size, const char *before, const char *after)
{
    size_t                       i, len;
    char                        *old, *now;
    json_t                      *a, *b;
    crm_pool_t                  *pool;
    crm_cli_differences_t        found;
    const crm_cli_difference_t  *d;

    pool = crm_pool_create(crm_host_malloc(), 0);
    a = parsed(before);
    b = parsed(after);
    out[0] = '\0';

    assert_int_equal(crm_cli_difference_find(&found, a, b, pool), CRM_OK);

    for (i = 0; i < found.count; i++) {
        d = &found.items[i];
        old = d->before ? json_dumps(d->before,
                                     JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        now = d->after ? json_dumps(d->after,
                                    JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

        len = strlen(out);
        assert_true(snprintf(out + len, size - len, "%s: %s -> %s;", d->path,
                             old ? old : "", now ? now : "")
                    < (int) (size - len));
        free(old);
        free(now);
    }

    json_decref(a);
    json_decref(b);
    crm_pool_destroy(pool);
}


static json_t *
parsed(const char *text)
{
    json_t  *value;

    value = json_loads(text, 0, NULL);
    assert_non_null(value);

    return value;
}


static json_t *
random_value(int depth)
{
    unsigned     i, n;
    json_t      *value;
    const char  *key;

    static const char *const  keys[] = { "a", "b", "c.d" };

    switch (crm_test_below(&seed, depth > 2 ? 3 : 6)) {

    case 0:
        return json_integer(crm_test_below(&seed, 2));

    case 1:
        return json_string(crm_test_below(&seed, 2) ? "x" : "y");

    case 2:
        return json_null();

    case 3:
        value = json_object();
        n = crm_test_below(&seed, 3);

        for (i = 0; i < n; i++) {
            key = keys[crm_test_below(&seed, 3)];
            json_object_set_new(value, key, random_value(depth + 1));
        }

        return value;

    default:
        value = json_array();
        n = crm_test_below(&seed, 4);

        for (i = 0; i < n; i++) {
            json_array_append_new(value, random_value(depth + 1));
        }

        return value;
    }
}


static json_t *
random_list(unsigned values)
{
    unsigned  i, n;
    json_t   *list;

    list = json_array();
    n = crm_test_below(&seed, MAX_LIST);

    for (i = 0; i < n; i++) {
        json_array_append_new(list,
                              json_integer(crm_test_below(&seed, values)));
    }

    return list;
}


static size_t
longest(const json_t *a, const json_t *b, size_t i, size_t j)
{
    size_t  x, y;

    if (i == json_array_size(a) || j == json_array_size(b)) {
        return 0;
    }

    if (json_equal(json_array_get(a, i), json_array_get(b, j))) {
        return 1 + longest(a, b, i + 1, j + 1);
    }

    x = longest(a, b, i + 1, j);
    y = longest(a, b, i, j + 1);

    return x > y ? x : y;
}


static int
lists_same(const void *data, size_t i, size_t j)
{
    json_t *const  *lists = data;

    return json_equal(json_array_get(lists[0], i),
                      json_array_get(lists[1], j));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_difference_has_its_path_and_both_values),
    cmocka_unit_test(values_without_a_difference_are_equal),
    cmocka_unit_test(deep_values_are_compared_as_a_whole),
    cmocka_unit_test(matches_are_a_longest_common_subsequence),
    cmocka_unit_test(long_lists_are_matched_at_their_ends)
};


CRM_TEST_MAIN(tests)
