/*
 * The forwarded body is the client's own but for what rules set. It would fail
 * by moving a byte that nobody edited, by a comma too many, or by setting a
 * field twice.
 */

#include "crm_test.h"

#include <jansson.h>

#include "record/crm_splice.h"


typedef struct {
    crm_pool_t    *pool;
    crm_record_t   record;
    crm_splice_t   splice;
} fixture_t;


static void
begin(fixture_t *f, const char *text)
{
    f->pool = crm_test_pool();

    assert_int_equal(crm_record_parse(&f->record, crm_strz(text), NULL,
                                      f->pool, NULL), CRM_OK);
    crm_splice_init(&f->splice, crm_strz(text), f->pool);
}


static crm_status_t
set(fixture_t *f, const char *name, const char *json)
{
    return crm_splice_set(&f->splice, &f->record, crm_strz(name),
                          crm_strz(json));
}


static void
end(fixture_t *f, const char *expected)
{
    assert_str(crm_splice_apply(&f->splice), expected);
    crm_pool_destroy(f->pool);
}


static void
without_edits_the_text_itself_comes_back(void **state)
{
    crm_str_t     text, out;
    fixture_t     f;
    crm_splice_t  none;

    (void) state;

    text = CRM_STR("{ \"a\" : 1 }");
    begin(&f, text.data);

    out = crm_splice_apply(&f.splice);
    assert_ptr_equal(out.data, text.data);
    assert_int_equal(out.len, text.len);

    crm_splice_init(&none, CRM_STR_NULL, f.pool);
    assert_str(crm_splice_apply(&none), "");

    crm_pool_destroy(f.pool);
}


static void
a_value_is_replaced_where_it_stands(void **state)
{
    fixture_t  f;

    (void) state;

    begin(&f, "{ \"a\" : 1 , \"St\\u0061ge\":\"New\",\n\"c\":[1] }");

    assert_int_equal(set(&f, "c", "null"), CRM_OK);
    assert_int_equal(set(&f, "Stage", "\"Closed\""), CRM_OK);
    assert_int_equal(set(&f, "a", "2"), CRM_OK);
    assert_int_equal(f.splice.count, 3);

    end(&f, "{ \"a\" : 2 , \"St\\u0061ge\":\"Closed\",\n\"c\":null }");
}


static void
new_members_come_behind_the_last_in_order_of_the_calls(void **state)
{
    fixture_t  f;

    (void) state;

    begin(&f, "{\"a\":1 }");

    assert_int_equal(set(&f, "z", "26"), CRM_OK);
    assert_int_equal(set(&f, "a", "100"), CRM_OK);
    assert_int_equal(set(&f, "quote\"", "\"x\""), CRM_OK);
    assert_int_equal(set(&f, "b", "{}"), CRM_OK);

    end(&f, "{\"a\":100,\"z\":26,\"quote\\\"\":\"x\",\"b\":{} }");
}


static void
an_empty_record_gets_members_without_a_leading_comma(void **state)
{
    fixture_t  f;

    (void) state;

    begin(&f, "{ }");
    assert_int_equal(set(&f, "a", "1"), CRM_OK);
    end(&f, "{\"a\":1 }");

    begin(&f, "{}");
    assert_int_equal(set(&f, "a", "1"), CRM_OK);
    assert_int_equal(set(&f, "b", "2"), CRM_OK);
    assert_int_equal(set(&f, "c", "3"), CRM_OK);
    end(&f, "{\"a\":1,\"b\":2,\"c\":3}");
}


static void
setting_a_field_twice_is_an_error_and_changes_nothing(void **state)
{
    fixture_t  f;

    (void) state;

    begin(&f, "{\"a\":1}");

    assert_int_equal(set(&f, "a", "2"), CRM_OK);
    assert_int_equal(set(&f, "a", "3"), CRM_EINVAL);
    assert_int_equal(set(&f, "b", "4"), CRM_OK);
    assert_int_equal(set(&f, "b", "5"), CRM_EINVAL);

    end(&f, "{\"a\":2,\"b\":4}");

    begin(&f, "{}");
    assert_int_equal(set(&f, "b", "4"), CRM_OK);
    assert_int_equal(set(&f, "b", "5"), CRM_EINVAL);
    end(&f, "{\"b\":4}");
}


static void
a_record_inside_a_body_is_edited_inside_it(void **state)
{
    crm_pool_t    *pool;
    crm_scan_t     scan;
    crm_span_t     name;
    crm_splice_t   splice;
    crm_record_t   one, two;
    crm_str_t      text;

    (void) state;

    pool = crm_test_pool();
    text = CRM_STR("{\"data\":[{\"a\":1},{}],\"trigger\":[]}");

    crm_scan_init(&scan, text, NULL, pool);
    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_OBJECT, NULL), CRM_OK);
    assert_int_equal(crm_scan_member(&scan, &name, NULL), CRM_OK);
    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_ARRAY, NULL), CRM_OK);
    assert_int_equal(crm_scan_element(&scan, NULL), CRM_OK);
    assert_int_equal(crm_record_scan(&one, &scan, NULL), CRM_OK);
    assert_int_equal(crm_scan_element(&scan, NULL), CRM_OK);
    assert_int_equal(crm_record_scan(&two, &scan, NULL), CRM_OK);

    crm_splice_init(&splice, text, pool);
    assert_int_equal(crm_splice_set(&splice, &two, CRM_STR("b"),
                                    CRM_STR("2")), CRM_OK);
    assert_int_equal(crm_splice_set(&splice, &one, CRM_STR("b"),
                                    CRM_STR("3")), CRM_OK);

    assert_str(crm_splice_apply(&splice),
               "{\"data\":[{\"a\":1,\"b\":3},{\"b\":2}],\"trigger\":[]}");

    crm_pool_destroy(pool);
}


static void
edits_that_overlap_or_leave_the_text_are_errors(void **state)
{
    crm_pool_t    *pool;
    crm_splice_t   s;

    (void) state;

    pool = crm_test_pool();
    crm_splice_init(&s, CRM_STR("0123456789"), pool);

    assert_int_equal(crm_splice_edit(&s, 4, 2, CRM_STR("AB")), CRM_OK);

    assert_int_equal(crm_splice_edit(&s, 5, 1, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 3, 2, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 4, 1, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 5, 0, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 0, 10, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 11, 0, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, 9, 2, CRM_STR("x")), CRM_EINVAL);
    assert_int_equal(crm_splice_edit(&s, (size_t) -1, 2, CRM_STR("x")),
                     CRM_EINVAL);
    assert_int_equal(s.count, 1);

    assert_int_equal(crm_splice_edit(&s, 4, 0, CRM_STR("<")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 6, 0, CRM_STR(">")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 4, 0, CRM_STR("!")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 6, 1, CRM_STR("")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 3, 1, CRM_STR("-")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 10, 0, CRM_STR("$")), CRM_OK);
    assert_int_equal(crm_splice_edit(&s, 0, 0, CRM_STR("^")), CRM_OK);

    assert_str(crm_splice_apply(&s), "^012-<!AB>789$");

    crm_pool_destroy(pool);
}


static void
random_edits_give_what_a_plain_reference_gives(void **state)
{
    char            text[64], expected[1000], marks[65];
    size_t          n, i, len, at, edits;
    char            insert[64][4];
    size_t          offset[64], cut[64];
    int             overlap;
    uint64_t        seed;
    crm_pool_t     *pool;
    crm_splice_t    s;
    crm_status_t    rc;

    (void) state;

    seed = 99;

    for (n = 0; n < 20000; n++) {
        pool = crm_test_pool();
        len = crm_test_below(&seed, sizeof(text));

        for (i = 0; i < len; i++) {
            text[i] = (char) ('a' + crm_test_below(&seed, 26));
        }

        crm_splice_init(&s, crm_str(text, len), pool);

        /* marks: bytes that an edit has taken; an insertion is refused when
         * it lies between two bytes of one edit */

        memset(marks, 0, sizeof(marks));
        edits = 0;

        for (i = 0; i < 12; i++) {
            offset[edits] = crm_test_below(&seed, (uint32_t) len + 1);
            cut[edits] = crm_test_below(&seed, 3) * crm_test_below(&seed, 4);
            (void) snprintf(insert[edits], 4, "%.*s",
                            (int) crm_test_below(&seed, 4), "XYZ");

            overlap = offset[edits] + cut[edits] > len;

            for (at = 0; !overlap && at < edits; at++) {
                overlap = offset[edits] < offset[at] + cut[at]
                          && offset[at] < offset[edits] + cut[edits]
                          && (cut[at] > 0 || cut[edits] > 0);
            }

            rc = crm_splice_edit(&s, offset[edits], cut[edits],
                                 crm_strz(insert[edits]));

            assert_int_equal(rc, overlap ? CRM_EINVAL : CRM_OK);
            edits += !overlap;
        }

        /* byte by byte: insertions of this place, then what replaces it */

        expected[0] = '\0';

        for (at = 0; at <= len; at++) {
            for (i = 0; i < edits; i++) {
                if (offset[i] == at && cut[i] == 0) {
                    strcat(expected, insert[i]);
                }
            }

            for (i = 0; i < edits; i++) {
                if (offset[i] == at && cut[i] > 0) {
                    strcat(expected, insert[i]);
                    memset(marks + at, 1, cut[i]);
                }
            }

            if (at < len && !marks[at]) {
                strncat(expected, text + at, 1);
            }
        }

        assert_str(crm_splice_apply(&s), expected);
        crm_pool_destroy(pool);
    }
}


/* Another reader sees each field that was set, and all others as before. */
static void
random_sets_give_what_jansson_sets(void **state)
{
    int            i, j;
    char           name[8], value[16];
    json_t        *tree, *out;
    uint64_t       seed;
    fixture_t      f;
    crm_str_t      text;

    static const char *const  records[] = {
        "{}", "{ }", "{\"f0\":1}", "{\"f1\":\"x\" , \"f3\":[1,{\"f2\":0}]}",
        "{\"f2\":{\"f1\":1},\"\\u00660\":null,\"f4\":\"}\"}"
    };

    (void) state;

    seed = 5;

    for (i = 0; i < 5000; i++) {
        begin(&f, records[i % 5]);

        tree = json_loads(records[i % 5], 0, NULL);
        assert_non_null(tree);

        for (j = 0; j < 6; j++) {
            if (crm_test_below(&seed, 2)) {
                continue;
            }

            (void) snprintf(name, sizeof(name), "f%d", (j + i) % 6);
            (void) snprintf(value, sizeof(value), "%u",
                            (unsigned) crm_test_below(&seed, 1000));

            assert_int_equal(crm_splice_set(&f.splice, &f.record,
                                 crm_pool_dup(f.pool, crm_strz(name)),
                                 crm_pool_dup(f.pool, crm_strz(value))),
                             CRM_OK);
            json_object_set_new(tree, name, json_integer(atoi(value)));
        }

        text = crm_splice_apply(&f.splice);
        out = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(out);
        assert_true(json_equal(out, tree));

        json_decref(out);
        json_decref(tree);
        crm_pool_destroy(f.pool);
    }
}


static crm_status_t
starving_splice(crm_pool_t *pool, void *data)
{
    crm_str_t     text, out;
    crm_splice_t  splice;
    crm_record_t  record;
    crm_status_t  rc;

    (void) data;

    text = CRM_STR("{\"a\":1}");

    rc = crm_record_parse(&record, text, NULL, pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_splice_init(&splice, text, pool);

    rc = crm_splice_set(&splice, &record, CRM_STR("a"), CRM_STR("2"));
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_splice_set(&splice, &record, CRM_STR("b"), CRM_STR("3"));
    if (rc != CRM_OK) {
        return rc;
    }

    out = crm_splice_apply(&splice);
    if (out.data == NULL) {
        return CRM_ENOMEM;
    }

    assert_str(out, "{\"a\":2,\"b\":3}");

    return CRM_OK;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_splice, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(without_edits_the_text_itself_comes_back),
    cmocka_unit_test(a_value_is_replaced_where_it_stands),
    cmocka_unit_test(new_members_come_behind_the_last_in_order_of_the_calls),
    cmocka_unit_test(an_empty_record_gets_members_without_a_leading_comma),
    cmocka_unit_test(setting_a_field_twice_is_an_error_and_changes_nothing),
    cmocka_unit_test(a_record_inside_a_body_is_edited_inside_it),
    cmocka_unit_test(edits_that_overlap_or_leave_the_text_are_errors),
    cmocka_unit_test(random_edits_give_what_a_plain_reference_gives),
    cmocka_unit_test(random_sets_give_what_jansson_sets),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
