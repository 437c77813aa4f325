/*
 * Gates and rules judge images. It would fail by showing an old value where
 * the client sends a new one, or by calling unknown empty.
 */

#include "crm_test.h"

#include <jansson.h>

#include "record/crm_image.h"


static void
record_of(crm_record_t *record, const char *text, crm_pool_t *pool)
{
    assert_int_equal(crm_record_parse(record, crm_strz(text), NULL, pool,
                                      NULL), CRM_OK);
}


static void
encoded(const char *under, const char *over, const char *expected)
{
    crm_buf_t     buf;
    crm_pool_t   *pool;
    crm_record_t  u, o;

    pool = crm_test_pool();

    if (under) {
        record_of(&u, under, pool);
    }
    if (over) {
        record_of(&o, over, pool);
    }

    crm_buf_init(&buf, pool, 0);
    crm_image_encode(&buf, under ? &u : NULL, over ? &o : NULL);

    assert_int_equal(crm_buf_status(&buf), CRM_OK);
    assert_str(crm_buf_view(&buf), expected);

    crm_pool_destroy(pool);
}


static void
the_request_lies_on_the_stored_record(void **state)
{
    crm_pool_t    *pool;
    crm_image_t    image;
    crm_schema_t   schema;
    crm_record_t   under, over;

    (void) state;

    pool = crm_test_pool();
    crm_schema_init(&schema, pool);

    assert_int_equal(crm_schema_slot(&schema, CRM_STR("Stage")), 0);
    assert_int_equal(crm_schema_slot(&schema, CRM_STR("Amount")), 1);
    assert_int_equal(crm_schema_slot(&schema, CRM_STR("Owner")), 2);
    assert_int_equal(crm_schema_slot(&schema, CRM_STR("Missing")), 3);

    record_of(&under, "{\"Stage\":\"New\",\"Amount\":5,\"Owner\":{\"id\":"
              "\"7\"},\"Other\":1}", pool);
    record_of(&over, "{\"St\\u0061ge\":\"Won\",\"Amount\":null,\"More\":2}",
              pool);

    assert_int_equal(crm_image_build(&image, &schema, &under, &over,
                                     CRM_VALUE_UNKNOWN, pool), CRM_OK);

    assert_int_equal(image.count, 4);
    assert_str(image.slots[0].text, "Won");
    assert_int_equal(image.given[0], 1);
    assert_int_equal(image.slots[1].type, CRM_VALUE_EMPTY);
    assert_int_equal(image.given[1], 1);
    assert_str(image.slots[2].text, "7");
    assert_int_equal(image.given[2], 0);
    assert_int_equal(image.slots[3].type, CRM_VALUE_UNKNOWN);
    assert_int_equal(image.given[3], 0);

    assert_int_equal(crm_image_build(&image, &schema, &under, NULL,
                                     CRM_VALUE_EMPTY, pool), CRM_OK);

    assert_str(image.slots[0].text, "New");
    assert_int_equal(image.given[0], 1);
    assert_int_equal(image.slots[3].type, CRM_VALUE_EMPTY);
    assert_int_equal(image.given[3], 0);

    assert_int_equal(crm_image_build(&image, &schema, NULL, &over,
                                     CRM_VALUE_EMPTY, pool), CRM_OK);

    assert_str(image.slots[0].text, "Won");
    assert_int_equal(image.slots[2].type, CRM_VALUE_EMPTY);

    assert_int_equal(crm_image_build(&image, &schema, NULL, NULL,
                                     CRM_VALUE_UNKNOWN, pool), CRM_OK);

    assert_int_equal(image.slots[0].type, CRM_VALUE_UNKNOWN);

    crm_pool_destroy(pool);
}


static void
the_whole_image_is_one_object(void **state)
{
    (void) state;

    encoded(NULL, NULL, "{}");
    encoded("{ }", NULL, "{}");
    encoded("{}", "{}", "{}");
    encoded("{ \"a\" : 1.50 , \"b\":[ 1 ] }", NULL,
            "{\"a\":1.50,\"b\":[ 1 ]}");
    encoded(NULL, "{\"a\":1}", "{\"a\":1}");
    encoded("{\"a\":1,\"b\":2,\"c\":3}", "{\"d\":4,\"b\":20,\"e\":5}",
            "{\"a\":1,\"b\":20,\"c\":3,\"d\":4,\"e\":5}");
    encoded("{\"St\\u0061ge\":1}", "{\"Stage\":2}", "{\"Stage\":2}");
    encoded("{\"q\\\"\":1}", "{\"n\\n\":2}", "{\"q\\\"\":1,\"n\\n\":2}");
}


static void
random_images_are_what_jansson_updates(void **state)
{
    int            i, j, n;
    char           text[2][400], *p;
    json_t        *under, *over, *out;
    uint64_t       seed;
    crm_buf_t      buf;
    crm_pool_t    *pool;
    crm_record_t   records[2];

    (void) state;

    seed = 3;

    for (i = 0; i < 3000; i++) {
        pool = crm_test_pool();

        for (n = 0; n < 2; n++) {
            p = text[n];
            *p++ = '{';

            for (j = 0; j < 30; j++) {
                if (crm_test_below(&seed, 3) == 0) {
                    p += snprintf(p, 12, "%s\"f%d\":%d", p[-1] == '{' ? ""
                                  : ",", j, n * 100 + j);
                }
            }

            (void) snprintf(p, 2, "}");
            record_of(&records[n], text[n], pool);
        }

        crm_buf_init(&buf, pool, 0);
        crm_image_encode(&buf, &records[0], &records[1]);

        under = json_loads(text[0], 0, NULL);
        over = json_loads(text[1], 0, NULL);
        json_object_update(under, over);

        out = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(out);
        assert_true(json_equal(out, under));

        json_decref(out);
        json_decref(over);
        json_decref(under);
        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving_image(crm_pool_t *pool, void *data)
{
    crm_buf_t      buf;
    crm_image_t    image;
    crm_schema_t   schema;
    crm_status_t   rc;
    crm_record_t   under, over;

    (void) data;

    crm_schema_init(&schema, pool);

    if (crm_schema_slot(&schema, CRM_STR("a")) == CRM_SLOT_NONE
        || crm_schema_slot(&schema, CRM_STR("b")) == CRM_SLOT_NONE)
    {
        return CRM_ENOMEM;
    }

    rc = crm_record_parse(&under, CRM_STR("{\"a\":\"\\u0041\",\"c\":1}"),
                          NULL, pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_record_parse(&over, CRM_STR("{\"b\":{\"id\":\"\\u0041\"}}"),
                          NULL, pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_image_build(&image, &schema, &under, &over, CRM_VALUE_EMPTY,
                         pool);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&buf, pool, 0);
    crm_image_encode(&buf, &under, &over);

    return crm_buf_status(&buf);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_image, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_request_lies_on_the_stored_record),
    cmocka_unit_test(the_whole_image_is_one_object),
    cmocka_unit_test(random_images_are_what_jansson_updates),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
