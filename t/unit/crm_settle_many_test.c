/*
 * What became of many records of one request. It would fail by giving one
 * created record's actions to another, by calling a request settled while one
 * of its records is in doubt, or by asking for what cannot help any more.
 */

#include "crm_test.h"

#include "queue/crm_settle_many.h"


#define MAX_TIME_MS  1000

/* 2026-01-01T00:00:00Z */
#define AT  "1767225600000"

#define HEAD                                                                  \
    "{\"v\":2,\"event\":\"E\",\"org\":\"o\",\"at\":" AT ",\"revision\":1,"    \
    "\"dialect\":\"zoho\",\"actor\":{\"id\":\"\"},\"workflow\":true,"         \
    "\"records\":["
#define CREATE(request)                                                       \
    "{\"operation\":\"create\",\"module\":\"M\",\"record_id\":null,"          \
    "\"request\":" request ",\"changes\":{},\"before\":null,\"rules\":[]}"
#define UPDATE(id)                                                            \
    "{\"operation\":\"update\",\"module\":\"M\",\"record_id\":\"" id "\","    \
    "\"request\":{\"N\":\"new\"},\"changes\":{},\"before\":{\"N\":\"old\"},"  \
    "\"rules\":[]}"
#define TIMES                                                                 \
    ",\"Created_Time\":\"2026-01-01T00:00:00Z\",\"Modified_Time\":"           \
    "\"2026-01-01T00:00:00Z\"}"
#define R(id, n)  "{\"id\":\"" id "\",\"N\":\"" n "\"" TIMES


static crm_pool_t     *pool;
static crm_intents_t   intents;


static void
begin(crm_settle_many_t *many, const char *doc)
{
    crm_error_t  err;

    if (crm_intent_parse(&intents, crm_strz(doc), pool, &err) != CRM_OK) {
        fail_msg("%s", err.text);
    }

    assert_int_equal(crm_settle_many_init(many, &intents, pool), CRM_OK);
}


static void
answer(crm_settle_many_t *many, const char *event, unsigned status,
    const char *body)
{
    crm_settle_answer_t  a;

    a.status = status;
    a.body = crm_strz(body);
    a.event = crm_strz(event);

    assert_int_equal(crm_settle_many_answer(many, &a, MAX_TIME_MS, NULL),
                     CRM_OK);
}


static void
assert_end(const crm_settle_many_t *many, crm_settled_t expected)
{
    const char     *reason;
    crm_settled_t   how;

    crm_settle_many_end(many, &how, &reason);
    assert_string_equal(crm_settle_name(how), crm_settle_name(expected));
    assert_non_null(reason);
}


static void
records_that_are_stored_are_asked_for_one_by_one(void **state)
{
    crm_str_t          path;
    crm_settle_many_t  many;

    (void) state;

    pool = crm_test_pool();
    begin(&many, HEAD UPDATE("1") "," UPDATE("2") "]}");

    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    assert_str(path, "M/1");
    answer(&many, "", 200, "{\"data\":[{\"id\":\"1\",\"N\":\"old\"}]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    assert_str(path, "M/2");
    answer(&many, "", 200, "{\"data\":[{\"id\":\"2\",\"N\":\"new\"}]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_DECLINED);

    assert_end(&many, CRM_SETTLED_COMMITTED);
    assert_int_equal(many.items[0].how, CRM_SETTLED_NOT_COMMITTED);
    assert_int_equal(many.items[1].how, CRM_SETTLED_COMMITTED);

    crm_pool_destroy(pool);
}


static void
one_in_doubt_leaves_all_in_doubt_and_ends_the_asking(void **state)
{
    crm_str_t          path;
    crm_settle_many_t  many;

    (void) state;

    pool = crm_test_pool();

    begin(&many, HEAD UPDATE("1") "," UPDATE("2") "]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "", 200, "{\"data\":[{\"id\":\"1\",\"N\":\"else\"}]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_DECLINED);
    assert_end(&many, CRM_SETTLED_UNDETERMINED);

    begin(&many, HEAD UPDATE("1") "," UPDATE("2") "]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "", 200, "{\"data\":[{\"id\":\"1\",\"N\":\"new\"}]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "", 500, "");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_DECLINED);
    assert_end(&many, CRM_SETTLED_UNREADABLE);

    begin(&many, HEAD UPDATE("1") "," UPDATE("2") "]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "", 200, "{\"data\":[{\"id\":\"1\",\"N\":\"old\"}]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "", 200, "{\"data\":[{\"id\":\"2\",\"N\":\"old\"}]}");
    assert_end(&many, CRM_SETTLED_NOT_COMMITTED);

    crm_pool_destroy(pool);
}


static void
created_records_are_told_apart_by_what_they_hold(void **state)
{
    size_t             i, k;
    crm_str_t          path;
    crm_settle_many_t  many;

    static const struct {
        const char     *event;
        const char     *body;
        const char     *ids;            /* of a, b, a; . for not written */
        crm_settled_t   how;
    } rows[] = {
        { "E", "{\"data\":[" R("1", "a") "," R("2", "b") "," R("3", "a")
          "]}", "123", CRM_SETTLED_COMMITTED },
        { "E", "{\"data\":[" R("3", "a") "," R("2", "b") "," R("1", "a")
          "]}", "321", CRM_SETTLED_COMMITTED },
        { "E", "{\"data\":[" R("2", "b") "]}", ".2.", CRM_SETTLED_COMMITTED },
        { "E", "{\"data\":[]}", "...", CRM_SETTLED_NOT_COMMITTED },

        /* one of two that are alike: which? a record that is none of them */

        { "E", "{\"data\":[" R("1", "a") "," R("2", "b") "]}", NULL,
          CRM_SETTLED_UNDETERMINED },
        { "E", "{\"data\":[" R("1", "x") "," R("2", "b") "]}", NULL,
          CRM_SETTLED_UNDETERMINED },
        { "E", "{\"data\":[" R("1", "a") "," R("2", "a") "," R("3", "a")
          "]}", NULL, CRM_SETTLED_UNDETERMINED },

        /* one that is listed twice is not two */

        { "E", "{\"data\":[" R("1", "a") "," R("2", "b") "," R("1", "a")
          "]}", NULL, CRM_SETTLED_UNDETERMINED },
        { "F", "{\"data\":[]}", NULL, CRM_SETTLED_UNREADABLE },
        { "E", "{\"data\":", NULL, CRM_SETTLED_UNREADABLE },

        /* by time: others' records are in the list as well */

        { "", "{\"data\":[" R("9", "x") "," R("1", "a") "," R("2", "b") ","
          R("3", "a") "],\"info\":{\"more_records\":false}}", "123",
          CRM_SETTLED_COMMITTED },
        { "", "{\"data\":[" R("9", "x") "],\"info\":{\"more_records\":false}"
          "}", "...", CRM_SETTLED_NOT_COMMITTED },
        { "", "{\"data\":[" R("9", "x") "],\"info\":{\"more_records\":true}"
          "}", NULL, CRM_SETTLED_UNDETERMINED }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        begin(&many, HEAD CREATE("{\"N\":\"a\"}") "," CREATE("{\"N\":\"b\"}")
              "," CREATE("{\"N\":\"a\"}") "]}");

        assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
        answer(&many, rows[i].event, 200, rows[i].body);
        assert_int_equal(crm_settle_many_next(&many, &path), CRM_DECLINED);
        assert_end(&many, rows[i].how);

        for (k = 0; k < 3; k++) {
            assert_row(many.items[k].how == CRM_SETTLED_COMMITTED
                       || many.items[k].record_id.len == 0, rows[i].body);
        }

        if (rows[i].ids) {
            for (k = 0; k < 3; k++) {
                assert_row(rows[i].ids[k] == '.'
                           ? many.items[k].how == CRM_SETTLED_NOT_COMMITTED
                           : many.items[k].how == CRM_SETTLED_COMMITTED
                             && many.items[k].record_id.len == 1
                             && many.items[k].record_id.data[0]
                                == rows[i].ids[k], rows[i].body);
            }
        }

        crm_pool_destroy(pool);
    }
}


static void
a_record_that_fits_two_is_neither(void **state)
{
    crm_str_t          path;
    crm_settle_many_t  many;

    (void) state;

    pool = crm_test_pool();
    begin(&many, HEAD CREATE("{\"N\":\"a\"}") ","
          CREATE("{\"N\":\"a\",\"M\":\"1\"}") "]}");
    (void) crm_settle_many_next(&many, &path);
    answer(&many, "E", 200, "{\"data\":[{\"id\":\"1\",\"N\":\"a\",\"M\":\"1\""
           TIMES "]}");
    assert_end(&many, CRM_SETTLED_UNDETERMINED);

    crm_pool_destroy(pool);
}


/* As a form of many fields writes them: those that are empty are left out. The
 * backend is not asked for all. */
static void
wide_records_are_told_apart_by_what_was_asked_for(void **state)
{
    char               name[32];
    size_t             i, k, asked;
    crm_buf_t          doc, body;
    crm_str_t          path;
    crm_settle_many_t  many;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&doc, pool, 0);
    crm_buf_init(&body, pool, 0);
    crm_buf_puts(&doc, HEAD);

    for (i = 1; i <= 3; i++) {
        crm_buf_puts(&doc, i > 1 ? "," : "");
        crm_buf_puts(&doc, "{\"operation\":\"create\",\"module\":\"M\","
                     "\"record_id\":null,\"changes\":{},\"before\":null,"
                     "\"rules\":[],\"request\":{\"N\":");
        crm_buf_int(&doc, (long long) i);

        for (k = 1; k < 60; k++) {
            if (k % 10 == i) {
                continue;
            }

            snprintf(name, sizeof(name), ",\"F%02zu\":\"x\"", k);
            crm_buf_puts(&doc, name);
        }

        crm_buf_puts(&doc, "}}");
    }

    crm_buf_puts(&doc, "]}");
    crm_buf_putc(&doc, '\0');
    assert_int_equal(crm_buf_status(&doc), CRM_OK);

    begin(&many, crm_buf_view(&doc).data);
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    path = crm_pool_dup(pool, path);

    /* what the path asks for is what is answered */

    crm_buf_puts(&body, "{\"info\":{\"more_records\":false},\"data\":[");

    for (i = 1; i <= 3; i++) {
        crm_buf_puts(&body, i > 1 ? ",{\"id\":\"" : "{\"id\":\"");
        crm_buf_int(&body, (long long) i);
        crm_buf_puts(&body, "\",\"N\":");
        crm_buf_int(&body, (long long) i);

        for (k = 1, asked = 0; k < 60; k++) {
            snprintf(name, sizeof(name), "F%02zu", k);

            if (strstr(path.data, name) == NULL) {
                continue;
            }

            asked++;
            snprintf(name, sizeof(name), k % 10 == i ? ",\"F%02zu\":null"
                                                     : ",\"F%02zu\":\"x\"", k);
            crm_buf_puts(&body, name);
        }

        assert_int_equal(asked, CRM_DIALECT_EVENT_FIELDS - 1);
        crm_buf_puts(&body, TIMES);
    }

    crm_buf_puts(&body, "]}");
    crm_buf_putc(&body, '\0');
    assert_int_equal(crm_buf_status(&body), CRM_OK);

    answer(&many, "", 200, crm_buf_view(&body).data);
    assert_end(&many, CRM_SETTLED_COMMITTED);

    for (i = 0; i < 3; i++) {
        assert_int_equal(many.items[i].how, CRM_SETTLED_COMMITTED);
        assert_int_equal(many.items[i].record_id.data[0], '1' + (int) i);
    }

    crm_pool_destroy(pool);
}


/* Whatever somebody else has made meanwhile holds it as well. */
static void
one_that_was_to_hold_nothing_is_not_told_by_it(void **state)
{
    crm_str_t          path;
    crm_settle_many_t  many;

    (void) state;

    pool = crm_test_pool();
    begin(&many, HEAD CREATE("{\"N\":\"a\"}") "," CREATE("{\"M\":null}") "]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    answer(&many, "", 200, "{\"data\":[" R("9", "x") "],"
           "\"info\":{\"more_records\":false}}");
    assert_int_equal(many.items[0].how, CRM_SETTLED_NOT_COMMITTED);
    assert_int_equal(many.items[1].how, CRM_SETTLED_UNDETERMINED);

    begin(&many, HEAD CREATE("{\"M\":null}") "]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    answer(&many, "", 200, "{\"data\":[" R("9", "x") "],"
           "\"info\":{\"more_records\":false}}");
    assert_end(&many, CRM_SETTLED_UNDETERMINED);

    /* of its own event it is */

    begin(&many, HEAD CREATE("{\"M\":null}") "]}");
    assert_int_equal(crm_settle_many_next(&many, &path), CRM_OK);
    answer(&many, "E", 200, "{\"data\":[" R("9", "x") "]}");
    assert_end(&many, CRM_SETTLED_COMMITTED);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(wide_records_are_told_apart_by_what_was_asked_for),
    cmocka_unit_test(one_that_was_to_hold_nothing_is_not_told_by_it),
    cmocka_unit_test(records_that_are_stored_are_asked_for_one_by_one),
    cmocka_unit_test(one_in_doubt_leaves_all_in_doubt_and_ends_the_asking),
    cmocka_unit_test(created_records_are_told_apart_by_what_they_hold),
    cmocka_unit_test(a_record_that_fits_two_is_neither)
};


CRM_TEST_MAIN(tests)
