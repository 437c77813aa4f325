/*
 * The scanner stands between clients and everything else: what it lets through
 * is read by us one way and by a backend perhaps another. It would fail by
 * accepting what is no JSON, by losing a byte of a value, by missing a key
 * that repeats, or by taking long over a small text.
 */

#include "crm_test.h"

#include <dirent.h>

#include <jansson.h>

#include "record/crm_scan.h"


#define MANY  200000


typedef struct {
    const char  *text;
    size_t       offset;
    const char  *says;          /* part of the sentence */
} bad_t;


static const crm_scan_limits_t  limits = { 1000, 8 };


static crm_status_t
scan_text(crm_str_t text, const crm_scan_limits_t *l, crm_error_t *err)
{
    char          *copy;
    crm_pool_t    *pool;
    crm_scan_t     scan;
    crm_span_t     value;
    crm_status_t   rc;

    pool = crm_test_pool();
    copy = crm_test_exact(text.data, text.len);

    crm_scan_init(&scan, crm_str(copy, text.len), l, pool);

    rc = crm_scan_value(&scan, &value, err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, err);
    }

    free(copy);
    crm_pool_destroy(pool);

    return rc;
}


static void
json_of_every_kind_is_accepted(void **state)
{
    size_t       i;
    crm_error_t  err;

    static const char *const  good[] = {
        "null", "true", "false", "0", "-0", "1", "-1.5e+10", "1E5", "0.1e-7",
        "123456789012345678901234567890.123456789012345678901234567890",
        "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\uDE00\"",
        "\"\x7f\"", "\"\xc3\xa4\"", "\"\xe2\x82\xac\"",
        "\"\xf0\x9f\x98\x80\"", "\"\xed\x9f\xbf\xee\x80\x80\"",
        "\"\xf4\x8f\xbf\xbf\"", "\"\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\"",
        "[]", "[ ]", "{}", "{ }", " \t\r\n[1 , 2]\n", "[[[[[[[[]]]]]]]]",
        "{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":2}]}",
        "{\"\":1}", "{\"a\":1,\"A\":1}",
        "                         [                        ]             "
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_row(scan_text(crm_strz(good[i]), &limits, &err) == CRM_OK,
                   good[i]);
    }
}


static void
what_is_no_json_is_refused_with_the_byte_and_a_sentence(void **state)
{
    size_t        i;
    crm_error_t   err;
    crm_status_t  rc;

    static const bad_t  bad[] = {
        { "", 0, "the text ends" },
        { "   ", 3, "the text ends" },
        { "\xef\xbb\xbf{}", 0, "0xef" },
        { "{} x", 3, "the end of the text" },
        { "{}{}", 2, "the end of the text" },
        { "nul", 0, "a value" },
        { "nulL", 0, "a value" },
        { "truee", 4, "the end" },
        { "True", 0, "a value" },
        { "NaN", 0, "a value" },
        { "Infinity", 0, "a value" },
        { "-Infinity", 1, "digit" },
        { "'a'", 0, "a value" },
        { "{'a':1}", 1, "double quotes" },
        { "{a:1}", 1, "double quotes" },
        { "{\"a\" 1}", 5, "\":\"" },
        { "{\"a\":}", 5, "a value" },
        { "{\"a\":1,}", 7, "double quotes" },
        { "{,}", 1, "double quotes" },
        { "{\"a\":1 \"b\":2}", 7, "\",\" or \"}\"" },
        { "{\"a\":1]", 6, "\"}\"" },
        { "{\"a\":1", 6, "the text ends" },
        { "{\"a\"", 4, "the text ends" },
        { "{", 1, "the text ends" },
        { "[", 1, "the text ends" },
        { "[1", 2, "the text ends" },
        { "[1,", 3, "the text ends" },
        { "[1,]", 3, "a value" },
        { "[,1]", 1, "a value" },
        { "[1 2]", 3, "\",\" or \"]\"" },
        { "[1}", 2, "\"]\"" },
        { "]", 0, "a value" },
        { "// x\n1", 0, "a value" },
        { "/* x */1", 0, "a value" },
        { "[1, /* x */ 2]", 4, "a value" },
        { "01", 0, "zero" },
        { "-01", 1, "zero" },
        { "00", 0, "zero" },
        { "+1", 0, "a value" },
        { ".5", 0, "a value" },
        { "5.", 2, "digit" },
        { "5.e1", 2, "digit" },
        { "-", 1, "digit" },
        { "1e", 2, "exponent" },
        { "1e+", 3, "exponent" },
        { "0x10", 1, "the end" },
        { "1_000", 1, "the end" },
        { "\"", 1, "not closed" },
        { "\"abcdefghijklmnopq", 18, "not closed" },
        { "\"a\\\"", 4, "not closed" },
        { "\"a\\", 3, "not closed" },
        { "\"a\nb\"", 2, "control" },
        { "\"a\tb\"", 2, "control" },
        { "\"0123456789abcdef\x1f\"", 17, "control" },
        { "\"\\x41\"", 1, "backslash" },
        { "\"\\'\"", 1, "backslash" },
        { "\"\\U0041\"", 1, "backslash" },
        { "\"\\u004\"", 1, "hexadecimal" },
        { "\"\\u00g0\"", 1, "hexadecimal" },
        { "\"\\u 041\"", 1, "hexadecimal" },
        { "\"\\u0000\"", 1, "u0000" },
        { "{\"a\\u0000\":1}", 3, "u0000" },
        { "\"\\ud800\"", 1, "surrogate" },
        { "\"\\udc00\"", 1, "surrogate" },
        { "\"\\ud800\\u0041\"", 1, "surrogate" },
        { "\"\\ud800\\ud800\"", 1, "surrogate" },
        { "\"\\ud800x\"", 1, "surrogate" },
        { "\"\x80\"", 1, "UTF-8" },
        { "\"\xff\"", 1, "UTF-8" },
        { "\"\xc0\xaf\"", 1, "UTF-8" },
        { "\"\xc1\x81\"", 1, "UTF-8" },
        { "\"\xc3\"", 1, "UTF-8" },
        { "\"\xc3", 1, "UTF-8" },
        { "\"\xe0\x80\x80\"", 1, "UTF-8" },
        { "\"\xe0\x9f\xbf\"", 1, "UTF-8" },
        { "\"\xe2\x82\"", 1, "UTF-8" },
        { "\"\xe2\x28\xa1\"", 1, "UTF-8" },
        { "\"\xed\xa0\x80\"", 1, "UTF-8" },
        { "\"\xed\xbf\xbf\"", 1, "UTF-8" },
        { "\"\xf0\x80\x80\x80\"", 1, "UTF-8" },
        { "\"\xf0\x8f\xbf\xbf\"", 1, "UTF-8" },
        { "\"\xf0\x9f\x98\"", 1, "UTF-8" },
        { "\"\xf4\x90\x80\x80\"", 1, "UTF-8" },
        { "\"\xf5\x80\x80\x80\"", 1, "UTF-8" },
        { "\"ok\xc3\xa4 then \xff\"", 11, "UTF-8" },
        { "[1]\x0b", 3, "0x0b" }
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&err, 0, sizeof(crm_error_t));

        rc = scan_text(crm_strz(bad[i].text), &limits, &err);

        assert_row(rc == CRM_EINVAL, bad[i].text);
        assert_row(err.code == CRM_EINVAL, bad[i].text);
        assert_row(strstr(err.text, bad[i].says) != NULL, bad[i].text);
        assert_row(err.offset == bad[i].offset, bad[i].text);
    }
}


static void
every_beginning_of_a_text_is_refused(void **state)
{
    size_t       i;
    crm_str_t    text;
    crm_error_t  err;

    static const crm_scan_limits_t  l = { 100, 8 };

    (void) state;

    text = CRM_STR("{\"a\":[1.5e+3,true,null,\"x\\u00e4\\ud83d\\ude00\","
                   "\"\xe2\x82\xac\"],\"b\":{\"c\":-0}}");

    for (i = 0; i < text.len; i++) {
        assert_int_equal(scan_text(crm_str(text.data, i), &l, &err),
                         CRM_EINVAL);
        assert_true(err.offset <= i);
    }

    assert_int_equal(scan_text(text, &l, &err), CRM_OK);
}


static void
a_zero_byte_is_no_white_space_and_no_end(void **state)
{
    crm_error_t  err;

    (void) state;

    assert_int_equal(scan_text(CRM_STR("1\0"), &limits, &err), CRM_EINVAL);
    assert_int_equal(scan_text(CRM_STR("\0001"), &limits, &err), CRM_EINVAL);
    assert_int_equal(scan_text(CRM_STR("\"\0\""), &limits, &err),
                     CRM_EINVAL);
    assert_int_equal(err.offset, 1);
}


static void
a_key_that_repeats_is_refused_however_it_is_written(void **state)
{
    size_t       i;
    crm_error_t  err;

    static const bad_t  bad[] = {
        { "{\"a\":1,\"a\":1}", 7, "duplicate key \"a\"" },
        { "{\"\":1,\"\":1}", 6, "duplicate key \"\"" },
        { "{\"St\\u0061ge\":1,\"Stage\":2}", 16, "duplicate key \"Stage\"" },
        { "{\"Stage\":1,\"St\\u0061ge\":2}", 11, "duplicate key \"Stage\"" },
        { "{\"\\u00e4\":1,\"\xc3\xa4\":2}", 12, "duplicate key" },
        { "{\"\\/\":1,\"/\":2}", 8, "duplicate key \"/\"" },
        { "[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]", 19, "\"a\"" },
        { "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"a\":0}", 25, "\"a\"" },
        { "{\"a\":1,\"b\":2,\"b\":3,\"a\":4}", 13, "\"b\"" }
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(scan_text(crm_strz(bad[i].text), &limits, &err)
                   == CRM_EINVAL, bad[i].text);
        assert_row(strstr(err.text, bad[i].says) != NULL, bad[i].text);
        assert_row(err.offset == bad[i].offset, bad[i].text);
    }
}


static void
one_key_of_many_that_repeats_is_found(void **state)
{
    size_t             i, n, count;
    crm_buf_t          buf;
    crm_error_t        err;
    crm_pool_t        *pool;
    char               name[40];
    crm_scan_limits_t  l;

    (void) state;

    l.max_nodes = 100000;
    l.max_depth = 8;

    for (count = 2; count < 20000; count = count * 3 / 2 + 1) {
        for (n = 0; n < 3; n++) {
            pool = crm_test_pool();
            crm_buf_init(&buf, pool, 0);
            crm_buf_putc(&buf, '{');

            for (i = 0; i < count; i++) {
                (void) snprintf(name, sizeof(name), "\"some_field_%zu\":1,",
                                i);
                crm_buf_puts(&buf, name);
            }

            /* the first again, the last again, or none */

            (void) snprintf(name, sizeof(name), "\"some_field_%zu\":1}",
                            n == 0 ? 0 : n == 1 ? count - 1 : count);
            crm_buf_puts(&buf, name);

            if (n == 2) {
                assert_int_equal(scan_text(crm_buf_view(&buf), &l, &err),
                                 CRM_OK);

            } else {
                assert_int_equal(scan_text(crm_buf_view(&buf), &l, &err),
                                 CRM_EINVAL);
                assert_non_null(strstr(err.text, "duplicate key"));
                assert_int_equal(err.offset, crm_buf_view(&buf).len
                                 - strlen(name));
            }

            crm_pool_destroy(pool);
        }
    }
}


static void
a_long_key_is_shown_cut_between_characters(void **state)
{
    size_t        i;
    crm_buf_t     buf;
    crm_error_t   err;
    crm_pool_t   *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 2000; i++) {
        crm_buf_puts(&buf, i == 0 ? "{\"x" : i == 1000 ? "\":1,\"x" : "");
        crm_buf_puts(&buf, "\xe2\x82\xac");
    }
    crm_buf_puts(&buf, "\":1}");

    assert_int_equal(scan_text(crm_buf_view(&buf), &limits, &err),
                     CRM_EINVAL);
    assert_non_null(strstr(err.text, "duplicate key \"x\xe2\x82\xac"));

    /* 1 + 21 * 3 bytes fit into 64 */

    assert_int_equal(strlen(err.text), strlen("duplicate key \"\"") + 64);

    crm_pool_destroy(pool);
}


static void
the_budget_of_values_holds_to_the_last_one(void **state)
{
    crm_error_t        err;
    crm_scan_limits_t  l;

    (void) state;

    l.max_depth = 8;
    l.max_nodes = 5;

    assert_int_equal(scan_text(CRM_STR("[1,{\"a\":2},3]"), &l, &err),
                     CRM_OK);

    l.max_nodes = 4;

    assert_int_equal(scan_text(CRM_STR("[1,{\"a\":2},3]"), &l, &err),
                     CRM_ELIMIT);
    assert_int_equal(err.offset, 11);
    assert_non_null(strstr(err.text, "4 values"));

    l.max_nodes = 0;

    assert_int_equal(scan_text(CRM_STR("1"), &l, &err), CRM_ELIMIT);
    assert_int_equal(scan_text(CRM_STR("[]"), &l, &err), CRM_ELIMIT);
}


static void
the_budget_of_depth_holds_to_the_last_level(void **state)
{
    crm_error_t  err;

    (void) state;

    assert_int_equal(scan_text(CRM_STR("[[[[[[[[1]]]]]]]]"), &limits, &err),
                     CRM_OK);
    assert_int_equal(scan_text(CRM_STR("[[[[[[[[[1]]]]]]]]]"), &limits,
                               &err),
                     CRM_ELIMIT);
    assert_int_equal(err.offset, 8);
    assert_non_null(strstr(err.text, "8 deep"));

    assert_int_equal(scan_text(CRM_STR("{\"a\":[{\"a\":[{\"a\":[{\"a\":["
                                       "[]]}]}]}]}"), &limits, &err),
                     CRM_ELIMIT);
}


static void
bombs_end_at_their_budgets(void **state)
{
    char         *text;
    size_t        i, n;
    crm_error_t   err;

    static const char *const  bombs[] = { "{},", "[", "{\"a\":", "1,", "[]," };

    (void) state;

    text = malloc(MANY + 1);
    assert_non_null(text);

    for (i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        text[0] = '[';
        for (n = 1; n < MANY; n++) {
            text[n] = bombs[i][(n - 1) % strlen(bombs[i])];
        }

        assert_int_equal(scan_text(crm_str(text, MANY), NULL, &err),
                         CRM_ELIMIT);
    }

    free(text);
}


static void
without_limits_those_of_the_core_hold(void **state)
{
    char          text[2 * 65];
    crm_error_t   err;

    (void) state;

    memset(text, '[', 65);
    memset(text + 65, ']', 65);

    assert_int_equal(scan_text(crm_str(text + 1, 128), NULL, &err), CRM_OK);
    assert_int_equal(scan_text(crm_str(text, 130), NULL, &err), CRM_ELIMIT);
}


static void
values_come_as_they_stand(void **state)
{
    crm_pool_t  *pool;
    crm_scan_t   scan;
    crm_span_t   name, value;
    crm_error_t  err;

    (void) state;

    pool = crm_test_pool();

    crm_scan_init(&scan, CRM_STR(" { \"A\\u0042\" : 19.990 , \"c\":"
                                 "[ 1,{} ],\"d\":9223372036854775808123 } "),
                  &limits, pool);

    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_ARRAY, &err),
                     CRM_DECLINED);
    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_OBJECT, &err), CRM_OK);

    assert_int_equal(crm_scan_member(&scan, &name, &err), CRM_OK);
    assert_str(crm_span_raw(name), "\"A\\u0042\"");
    assert_int_equal(name.escaped, 1);
    assert_str(crm_span_text(name, pool), "AB");
    assert_int_equal(crm_scan_value(&scan, &value, &err), CRM_OK);
    assert_int_equal(value.type, CRM_JSON_NUMBER);
    assert_str(crm_span_raw(value), "19.990");

    assert_int_equal(crm_scan_member(&scan, &name, &err), CRM_OK);
    assert_int_equal(name.escaped, 0);
    assert_int_equal(crm_scan_value(&scan, &value, &err), CRM_OK);
    assert_int_equal(value.type, CRM_JSON_ARRAY);
    assert_str(crm_span_raw(value), "[ 1,{} ]");

    assert_int_equal(crm_scan_member(&scan, &name, &err), CRM_OK);
    assert_int_equal(crm_scan_value(&scan, &value, &err), CRM_OK);
    assert_str(crm_span_raw(value), "9223372036854775808123");

    assert_int_equal(crm_scan_member(&scan, &name, &err), CRM_DECLINED);
    assert_int_equal(crm_scan_left(&scan).type, CRM_JSON_OBJECT);
    assert_int_equal(crm_scan_left(&scan).data[0], '{');
    assert_int_equal(crm_scan_left(&scan).len, scan.last - scan.start - 2);
    assert_int_equal(crm_scan_end(&scan, &err), CRM_OK);

    crm_pool_destroy(pool);
}


static void
elements_are_entered_one_inside_another(void **state)
{
    int               sum;
    crm_pool_t       *pool;
    crm_scan_t        scan;
    crm_span_t        value;
    crm_error_t       err;
    crm_json_type_t   type;

    (void) state;

    pool = crm_test_pool();
    sum = 0;

    crm_scan_init(&scan, CRM_STR("[[1,2],[],[3]]"), &limits, pool);

    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_ARRAY, &err), CRM_OK);

    while (crm_scan_element(&scan, &err) == CRM_OK) {
        assert_int_equal(crm_scan_peek(&scan, &type, &err), CRM_OK);
        assert_int_equal(type, CRM_JSON_ARRAY);
        assert_int_equal(crm_scan_enter(&scan, CRM_JSON_ARRAY, &err),
                         CRM_OK);

        while (crm_scan_element(&scan, &err) == CRM_OK) {
            assert_int_equal(crm_scan_value(&scan, &value, &err), CRM_OK);
            sum += value.data[0] - '0';
        }
    }

    assert_int_equal(sum, 6);
    assert_str(crm_span_raw(crm_scan_left(&scan)), "[[1,2],[],[3]]");
    assert_int_equal(crm_scan_end(&scan, &err), CRM_OK);

    crm_pool_destroy(pool);
}


static void
an_open_object_is_no_end(void **state)
{
    crm_pool_t   *pool;
    crm_scan_t    scan;
    crm_error_t   err;

    (void) state;

    pool = crm_test_pool();

    crm_scan_init(&scan, CRM_STR("{"), &limits, pool);

    assert_int_equal(crm_scan_end(&scan, &err), CRM_EINVAL);
    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_OBJECT, &err), CRM_OK);
    assert_int_equal(crm_scan_end(&scan, &err), CRM_EINVAL);

    crm_pool_destroy(pool);
}


static crm_status_t
starving_scan(crm_pool_t *pool, void *data)
{
    crm_scan_t    scan;
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    crm_scan_init(&scan, *(crm_str_t *) data, NULL, pool);

    err.code = CRM_OK;
    rc = crm_scan_value(&scan, &value, &err);

    assert_int_equal(err.code, rc);

    return rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    int          i;
    crm_buf_t    buf;
    crm_str_t    text;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 20; i++) {
        crm_buf_puts(&buf, "{\"\\u0061\":1,\"b\":");
    }
    crm_buf_puts(&buf, "{\"x\":0");
    for (i = 0; i < 200; i++) {
        crm_buf_puts(&buf, ",\"k");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, i % 2 ? "\":1" : "\\n\":1");
    }
    crm_buf_putc(&buf, '}');
    for (i = 0; i < 20; i++) {
        crm_buf_putc(&buf, '}');
    }

    text = crm_buf_view(&buf);
    crm_test_starve(starving_scan, &text);

    crm_pool_destroy(pool);
}


static void
files_in(const char *folder, crm_status_t expected, size_t at_least)
{
    FILE           *f;
    char            path[300], text[70000];
    DIR            *dir;
    size_t          len, count;
    crm_error_t     err;
    struct dirent  *entry;

    dir = opendir(folder);
    assert_non_null(dir);

    for (count = 0; (entry = readdir(dir)) != NULL; /* void */ ) {
        if (strstr(entry->d_name, ".json") == NULL) {
            continue;
        }

        (void) snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);

        f = fopen(path, "rb");
        assert_non_null(f);
        len = fread(text, 1, sizeof(text), f);
        (void) fclose(f);

        if (expected == CRM_OK) {
            assert_row(scan_text(crm_str(text, len), NULL, &err) == CRM_OK,
                       path);

        } else {
            assert_row(scan_text(crm_str(text, len), NULL, &err) != CRM_OK,
                       path);
            assert_row(err.offset <= len && err.text[0], path);
        }

        count++;
    }

    (void) closedir(dir);
    assert_true(count >= at_least);
}


static void
the_files_of_valid_and_invalid_texts_hold(void **state)
{
    (void) state;

    files_in(CRM_TEST_DATA "/codec/valid", CRM_OK, 10);
    files_in(CRM_TEST_DATA "/codec/invalid", CRM_EINVAL, 30);
}


/* ---- random texts against another reader ---- */

static void
random_value(crm_buf_t *buf, uint64_t *seed, int depth)
{
    uint32_t  i, n;

    static const char *const  scalars[] = {
        "null", "true", "false", "0", "-12", "3.25", "1e3", "-0.5E-2",
        "\"\"", "\"text of some length, to be skipped\"", "\"\\u00e9\\n\\\"\"",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\""
    };
    static const char *const  keys[] = {
        "\"a\"", "\"b\"", "\"c\"", "\"\\u0061\"", "\"Stage\"", "\"\xc3\xa9\"",
        "\"long name of a field\"", "\"\\u00e9\"", "\"d\"", "\"e\""
    };

    n = crm_test_below(seed, depth > 4 ? 6 : 10);

    if (n < 6) {
        crm_buf_puts(buf, scalars[crm_test_below(seed, 13)]);
        return;
    }

    crm_buf_putc(buf, n < 8 ? '[' : '{');

    for (i = crm_test_below(seed, 5); i; i--) {
        if (n >= 8) {
            crm_buf_puts(buf, keys[crm_test_below(seed, 10)]);
            crm_buf_puts(buf, crm_test_below(seed, 4) ? ":" : " : ");
        }

        random_value(buf, seed, depth + 1);
        crm_buf_puts(buf, i > 1 ? "," : "");
        crm_buf_puts(buf, crm_test_below(seed, 4) ? "" : "\n    ");
    }

    crm_buf_putc(buf, n < 8 ? ']' : '}');
}


static void
random_damage(char *text, size_t len, uint64_t *seed)
{
    uint32_t  n;

    static const char  bytes[] = "{}[]\",:\\u0123456789abctrnfle -+.E\n\x80"
                                 "\xc3\xe2\xf0\xff\x01";

    for (n = crm_test_below(seed, 4); n; n--) {
        text[crm_test_below(seed, (uint32_t) len)]
            = bytes[crm_test_below(seed, sizeof(bytes) - 1)];
    }
}


static json_t *
tree_of(crm_span_t span, crm_pool_t *pool)
{
    json_t      *tree;
    size_t       cursor;
    crm_str_t    text;
    crm_span_t   name, value;

    cursor = 0;

    switch (span.type) {

    case CRM_JSON_NULL:
        return json_null();
    case CRM_JSON_FALSE:
        return json_false();
    case CRM_JSON_TRUE:
        return json_true();
    case CRM_JSON_NUMBER:
        text = crm_pool_dup(pool, crm_span_raw(span));
        return json_real(strtod(text.data, NULL));
    case CRM_JSON_STRING:
        text = crm_span_text(span, pool);
        return json_stringn(text.data, text.len);
    case CRM_JSON_ARRAY:
        tree = json_array();
        while (crm_span_next(span, &cursor, NULL, &value)) {
            json_array_append_new(tree, tree_of(value, pool));
        }
        return tree;
    default:
        tree = json_object();
        while (crm_span_next(span, &cursor, &name, &value)) {
            text = crm_pool_dup(pool, crm_span_text(name, pool));
            json_object_set_new(tree, text.data, tree_of(value, pool));
        }
        return tree;
    }
}


static void
random_texts_are_read_as_jansson_reads_them(void **state)
{
    char               *text;
    size_t              accepted;
    int                 i;
    json_t             *theirs, *ours;
    uint64_t            seed;
    crm_buf_t           buf;
    crm_pool_t         *pool;
    crm_scan_t          scan;
    crm_span_t          span;
    crm_status_t        rc;
    json_error_t        jerr;
    crm_scan_limits_t   l;

    (void) state;

    l.max_nodes = 100000;
    l.max_depth = 1000;
    seed = 20260101;
    accepted = 0;

    for (i = 0; i < 40000; i++) {
        pool = crm_test_pool();
        crm_buf_init(&buf, pool, 0);
        random_value(&buf, &seed, 0);

        text = crm_test_exact(buf.data, buf.len);
        random_damage(text, buf.len, &seed);

        crm_scan_init(&scan, crm_str(text, buf.len), &l, pool);
        rc = crm_scan_value(&scan, &span, NULL);
        rc = rc == CRM_OK ? crm_scan_end(&scan, NULL) : rc;

        theirs = json_loadb(text, buf.len,
                            JSON_DECODE_ANY | JSON_REJECT_DUPLICATES
                            | JSON_DECODE_INT_AS_REAL, &jerr);

        if (theirs == NULL
            && json_error_code(&jerr) == json_error_numeric_overflow)
        {
            /* their numbers have an end, ours have none */

        } else if ((rc == CRM_OK) != (theirs != NULL)) {
            fail_msg("%d, %s: %.*s", (int) rc, jerr.text, (int) buf.len,
                     text);

        } else if (theirs) {
            ours = tree_of(span, pool);
            if (!json_equal(ours, theirs)) {
                fail_msg("read otherwise: %.*s", (int) buf.len, text);
            }
            json_decref(ours);
            accepted++;
        }

        json_decref(theirs);
        free(text);
        crm_pool_destroy(pool);
    }

    /* the damage leaves enough of both */

    assert_true(accepted > 8000 && accepted < 36000);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(json_of_every_kind_is_accepted),
    cmocka_unit_test(what_is_no_json_is_refused_with_the_byte_and_a_sentence),
    cmocka_unit_test(every_beginning_of_a_text_is_refused),
    cmocka_unit_test(a_zero_byte_is_no_white_space_and_no_end),
    cmocka_unit_test(a_key_that_repeats_is_refused_however_it_is_written),
    cmocka_unit_test(one_key_of_many_that_repeats_is_found),
    cmocka_unit_test(a_long_key_is_shown_cut_between_characters),
    cmocka_unit_test(the_budget_of_values_holds_to_the_last_one),
    cmocka_unit_test(the_budget_of_depth_holds_to_the_last_level),
    cmocka_unit_test(bombs_end_at_their_budgets),
    cmocka_unit_test(without_limits_those_of_the_core_hold),
    cmocka_unit_test(values_come_as_they_stand),
    cmocka_unit_test(elements_are_entered_one_inside_another),
    cmocka_unit_test(an_open_object_is_no_end),
    cmocka_unit_test(memory_may_run_out_at_any_point),
    cmocka_unit_test(the_files_of_valid_and_invalid_texts_hold),
    cmocka_unit_test(random_texts_are_read_as_jansson_reads_them)
};


CRM_TEST_MAIN(tests)
