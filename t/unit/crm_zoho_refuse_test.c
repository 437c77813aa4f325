/*
 * Refusals in the vendor's words, which its clients parse. It would fail by
 * another shape, or by an answer that is no JSON because a client's own bytes
 * stand in it.
 */

#include "crm_test.h"

#include <jansson.h>

#include "record/crm_dialect.h"


static void
refusal_of(crm_refusal_t *refusal, crm_refusal_kind_t kind,
    crm_operation_t operation)
{
    memset(refusal, 0, sizeof(crm_refusal_t));

    refusal->kind = kind;
    refusal->operation = operation;
    refusal->module = CRM_STR("Leads");
    refusal->record_id = CRM_STR("42");
    refusal->offset = CRM_NO_OFFSET;
}


static void
refuses(const crm_refusal_t *refusal, unsigned status, const char *expected)
{
    crm_buf_t    buf;
    crm_str_t    type;
    crm_pool_t  *pool;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    assert_int_equal(crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")),
                                        &buf, &type, refusal), status);
    assert_str(type, "application/json");
    assert_int_equal(crm_buf_status(&buf), CRM_OK);
    assert_str(crm_buf_view(&buf), expected);

    crm_pool_destroy(pool);
}


static void
a_locked_record_is_refused_in_the_vendors_words(void **state)
{
    crm_refusal_t  r;

    (void) state;

    refusal_of(&r, CRM_REFUSE_LOCKED, CRM_OP_UPDATE);
    refuses(&r, 400,
            "{\"data\":[{\"code\":\"RECORD_LOCKED\",\"details\":{"
            "\"api_name\":\"id\",\"json_path\":\"$.data[0].id\","
            "\"action\":\"record_locking\"},\"message\":\"Sorry, you cannot "
            "perform this operation as the record is locked.\","
            "\"status\":\"error\"}]}");

    r.reason = CRM_STR("a closed deal stays as it is");
    r.rule = CRM_STR("closed");
    r.event = CRM_STR("01HEVENT");
    r.where = CRM_STR("$.data[0].Stage");
    refuses(&r, 400,
            "{\"data\":[{\"code\":\"RECORD_LOCKED\",\"details\":{"
            "\"api_name\":\"id\",\"json_path\":\"$.data[0].id\","
            "\"action\":\"record_locking\","
            "\"reason\":\"a closed deal stays as it is\","
            "\"rule\":\"closed\",\"event\":\"01HEVENT\"},"
            "\"message\":\"Sorry, you cannot perform this operation as the "
            "record is locked.\",\"status\":\"error\"}]}");

    refusal_of(&r, CRM_REFUSE_LOCKED, CRM_OP_DELETE);
    refuses(&r, 400,
            "{\"data\":[{\"code\":\"RECORD_LOCKED\",\"details\":{"
            "\"action\":\"record_locking\",\"id\":\"42\"},"
            "\"message\":\"You cannot perform this operation as the record "
            "is locked.\",\"status\":\"error\"}]}");
}


/* The vendor's table of a locked record's errors, operation by operation. */
static void
each_operation_has_its_shape_of_a_lock(void **state)
{
    size_t          i;
    char            expected[512];
    crm_refusal_t   r;

    static const struct {
        crm_operation_t   operation;
        const char       *action;
        int               listed;
        size_t            index;
        const char       *details;
        const char       *behind;
    } rows[] = {
        { CRM_OP_UPDATE, "", 0, 0, "\"api_name\":\"id\","
          "\"json_path\":\"$.data[0].id\",\"action\":\"record_locking\"",
          "" },
        { CRM_OP_UPDATE, "", 1, 3, "\"action\":\"record_locking\","
          "\"id\":\"42\",\"json_path\":\"$.data[3].id\"", "" },
        { CRM_OP_ACTION, "mass_update", 1, 0,
          "\"action\":\"record_locking\",\"id\":\"42\"", "" },
        { CRM_OP_ACTION, "change_owner", 0, 0,
          "\"action\":\"record_locking\",\"id\":\"42\"", "" },
        { CRM_OP_ACTION, "change_owner", 1, 1,
          "\"action\":\"record_locking\",\"id\":\"42\"", "" },
        { CRM_OP_DELETE, "", 0, 0,
          "\"action\":\"record_locking\",\"id\":\"42\"", "" },
        { CRM_OP_DELETE, "", 1, 1,
          "\"action\":\"record_locking\",\"id\":\"42\"", "" },
        { CRM_OP_ACTION, "add_tags", 0, 0,
          "\"action\":\"record_locking\",\"id\":\"42\"",
          ",\"locked_count\":1" },
        { CRM_OP_ACTION, "remove_tags", 1, 1,
          "\"action\":\"record_locking\",\"id\":\"42\"",
          ",\"locked_count\":1" },
        { CRM_OP_ACTION, "territories", 0, 0, "\"resource_path_index\":1,"
          "\"action\":\"record_locking\",\"id\":\"42\"", "" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refusal_of(&r, CRM_REFUSE_LOCKED, rows[i].operation);
        r.action = crm_strz(rows[i].action);
        r.listed = rows[i].listed;
        r.index = rows[i].index;

        (void) snprintf(expected, sizeof(expected),
                        "{\"data\":[{\"code\":\"RECORD_LOCKED\","
                        "\"details\":{%s},\"message\":\"%s cannot perform "
                        "this operation as the record is locked.\","
                        "\"status\":\"error\"}]%s}", rows[i].details,
                        rows[i].operation == CRM_OP_DELETE ? "You"
                                                           : "Sorry, you",
                        rows[i].behind);

        refuses(&r, 400, expected);
    }
}


static void
a_waiting_record_is_refused_in_the_vendors_words(void **state)
{
    crm_refusal_t  r;

    (void) state;

    refusal_of(&r, CRM_REFUSE_APPROVAL, CRM_OP_UPDATE);
    refuses(&r, 400,
            "{\"code\":\"NOT_APPROVED\",\"details\":{"
            "\"resource_path_index\":1},\"message\":\"Cannot update record "
            "that is not approved yet\",\"status\":\"error\"}");

    refusal_of(&r, CRM_REFUSE_APPROVAL, CRM_OP_DELETE);
    refuses(&r, 400,
            "{\"data\":[{\"code\":\"NOT_APPROVED\",\"details\":{"
            "\"id\":\"42\"},\"message\":\"cannot delete record that is not "
            "approved yet\",\"status\":\"error\"}]}");

    refusal_of(&r, CRM_REFUSE_BLUEPRINT, CRM_OP_UPDATE);
    refuses(&r, 400,
            "{\"data\":[{\"code\":\"RECORD_IN_BLUEPRINT\",\"details\":{"
            "\"id\":\"42\"},\"message\":\"The record is in blue print\","
            "\"status\":\"error\"}]}");
}


static void
a_bad_body_is_refused_with_what_and_where(void **state)
{
    crm_refusal_t  r;

    (void) state;

    refusal_of(&r, CRM_REFUSE_BODY, CRM_OP_CREATE);
    r.reason = CRM_STR("duplicate key \"Stage\"");
    r.where = CRM_STR("$.data[0]");
    r.offset = 17;
    refuses(&r, 400,
            "{\"code\":\"INVALID_DATA\",\"details\":{"
            "\"json_path\":\"$.data[0]\",\"offset\":17,"
            "\"reason\":\"duplicate key \\\"Stage\\\"\"},"
            "\"message\":\"invalid data\",\"status\":\"error\"}");

    refusal_of(&r, CRM_REFUSE_TARGET, CRM_OP_DELETE);
    r.reason = CRM_STR("unknown query parameter");
    r.where = CRM_STR("ids\"");
    refuses(&r, 400,
            "{\"code\":\"INVALID_URL_PATTERN\",\"details\":{"
            "\"param\":\"ids\\\"\",\"reason\":\"unknown query parameter\"},"
            "\"message\":\"Please check if the URL trying to access is a "
            "correct one\",\"status\":\"error\"}");
}


/* The rule's own words, escaped, and the field by name and place. */
static void
a_validation_rule_tells_its_field_and_its_message(void **state)
{
    crm_buf_t       buf;
    crm_str_t       type;
    crm_pool_t     *pool;
    crm_refusal_t   r;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    refusal_of(&r, CRM_REFUSE_VALIDATION, CRM_OP_UPDATE);
    r.reason = CRM_STR("Say \"why\"");
    r.field = CRM_STR("Rea\"son");
    r.rule = CRM_STR("v");
    r.event = CRM_STR("e");
    r.index = 7;

    assert_int_equal(crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")),
                                        &buf, &type, &r), 400);
    assert_str(crm_buf_view(&buf),
               "{\"data\":[{\"code\":\"INVALID_DATA\",\"details\":{"
               "\"api_name\":\"Rea\\\"son\","
               "\"json_path\":\"$.data[7].Rea\\\"son\","
               "\"reason\":\"Say \\\"why\\\"\",\"rule\":\"v\","
               "\"event\":\"e\"},\"message\":\"Say \\\"why\\\"\","
               "\"status\":\"error\"}]}");

    crm_pool_destroy(pool);
}


static void
each_kind_has_its_status_and_code_and_shape(void **state)
{
    size_t          i;
    json_t         *tree, *item;
    crm_buf_t       buf;
    crm_str_t       type;
    crm_pool_t     *pool;
    crm_refusal_t   r;

    static const struct {
        crm_refusal_kind_t   kind;
        unsigned             status;
        const char          *code;
        int                  item;
    } rows[] = {
        { CRM_REFUSE_BODY, 400, "INVALID_DATA", 0 },
        { CRM_REFUSE_RECORDS, 400, "LIMIT_EXCEEDED", 0 },
        { CRM_REFUSE_SIZE, 413, "INVALID_DATA", 0 },
        { CRM_REFUSE_TYPE, 415, "INVALID_REQUEST", 0 },
        { CRM_REFUSE_TARGET, 400, "INVALID_URL_PATTERN", 0 },
        { CRM_REFUSE_ROUTE, 404, "INVALID_URL_PATTERN", 0 },
        { CRM_REFUSE_LOCKED, 400, "RECORD_LOCKED", 1 },
        { CRM_REFUSE_APPROVAL, 400, "NOT_APPROVED", 0 },
        { CRM_REFUSE_BLUEPRINT, 400, "RECORD_IN_BLUEPRINT", 1 },
        { CRM_REFUSE_VALIDATION, 400, "INVALID_DATA", 1 },
        { CRM_REFUSE_CHAIN, 403, "NO_PERMISSION", 0 },
        { CRM_REFUSE_ORG, 404, "INVALID_URL_PATTERN", 0 },
        { CRM_REFUSE_BUSY, 409, "RECORD_BUSY", 0 },
        { CRM_REFUSE_UNAVAILABLE, 503, "INTERNAL_ERROR", 0 },
        { CRM_REFUSE_UNKNOWN, 502, "INTERNAL_ERROR", 0 },
        { CRM_REFUSE_MODIFIED, 412, "ALREADY_MODIFIED", 1 },
        { (crm_refusal_kind_t) 99, 500, "INTERNAL_ERROR", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        crm_buf_init(&buf, pool, 0);

        refusal_of(&r, rows[i].kind, CRM_OP_UPDATE);
        r.reason = CRM_STR("why");
        r.rule = CRM_STR("rule");
        r.event = CRM_STR("event");
        r.where = CRM_STR("$.data[0].x");
        r.offset = 5;

        assert_row(crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")),
                                      &buf, &type, &r) == rows[i].status,
                   rows[i].code);
        assert_string_equal(crm_dialect_code(
                                crm_dialect_find(CRM_STR("zoho")), &r),
                            rows[i].code);

        tree = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
        assert_row(tree != NULL, rows[i].code);

        item = rows[i].item
               ? json_array_get(json_object_get(tree, "data"), 0) : tree;

        assert_string_equal(json_string_value(json_object_get(item, "code")),
                            rows[i].code);
        assert_string_equal(json_string_value(json_object_get(item,
                                                              "status")),
                            "error");
        assert_non_null(json_string_value(json_object_get(item, "message")));

        item = json_object_get(item, "details");
        assert_string_equal(json_string_value(json_object_get(item,
                                                              "reason")),
                            "why");
        assert_string_equal(json_string_value(json_object_get(item, "rule")),
                            "rule");
        assert_string_equal(json_string_value(json_object_get(item,
                                                              "event")),
                            "event");

        json_decref(tree);
        crm_pool_destroy(pool);
    }
}


static void
too_many_records_are_refused_with_how_many_there_may_be(void **state)
{
    crm_buf_t       buf;
    crm_str_t       type;
    crm_pool_t     *pool;
    crm_refusal_t   r;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    refusal_of(&r, CRM_REFUSE_RECORDS, CRM_OP_CREATE);
    r.limit = 100;

    (void) crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")), &buf, &type,
                              &r);
    crm_buf_putc(&buf, '\0');

    assert_non_null(strstr(buf.data, "{\"code\":\"LIMIT_EXCEEDED\","
                           "\"details\":{\"limit\":100,"
                           "\"maximum_length\":100"));
    crm_pool_destroy(pool);
}


static void
whatever_a_client_sends_the_answer_is_json(void **state)
{
    int             i, n;
    char            text[4][20];
    size_t          len;
    json_t         *tree;
    uint64_t        seed;
    crm_buf_t       buf;
    crm_str_t       type;
    crm_pool_t     *pool;
    crm_refusal_t   r;

    static const char  rude[] = "\"\\{}\xc3\xe2\x82\xf0";

    (void) state;

    seed = 11;

    for (i = 0; i < 20000; i++) {
        pool = crm_test_pool();
        crm_buf_init(&buf, pool, 0);

        refusal_of(&r, (crm_refusal_kind_t) crm_test_below(&seed, 15),
                   (crm_operation_t) crm_test_below(&seed, 4));

        for (n = 0; n < 4; n++) {
            for (len = 0; len < sizeof(text[n]); len++) {
                text[n][len] = crm_test_below(&seed, 2)
                               ? (char) crm_test_below(&seed, 256)
                               : rude[crm_test_below(&seed, 8)];
            }
        }

        r.reason = crm_str(text[0], crm_test_below(&seed, 21));
        r.where = crm_str(text[1], crm_test_below(&seed, 21));
        r.rule = crm_str(text[2], crm_test_below(&seed, 21));
        r.record_id = crm_str(text[3], crm_test_below(&seed, 21));
        r.offset = crm_test_below(&seed, 2) ? 12345 : CRM_NO_OFFSET;

        (void) crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")), &buf,
                                  &type, &r);

        tree = json_loadb(buf.data, buf.len,
                          JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        if (tree == NULL) {
            fail_msg("%.*s", (int) buf.len, buf.data);
        }

        json_decref(tree);
        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving_refuse(crm_pool_t *pool, void *data)
{
    crm_buf_t      buf;
    crm_str_t      type;
    crm_refusal_t  r;

    (void) data;

    refusal_of(&r, CRM_REFUSE_LOCKED, CRM_OP_UPDATE);
    r.reason = CRM_STR("because of a reason that is long enough for the "
                       "buffer to grow more than once, since it says very "
                       "much about very little, and then it says it again "
                       "in other words, which are no fewer");

    crm_buf_init(&buf, pool, 0);

    assert_int_equal(crm_dialect_refuse(crm_dialect_find(CRM_STR("zoho")),
                                        &buf, &type, &r), 400);

    return crm_buf_status(&buf);
}


static void
memory_may_run_out_and_the_status_stays(void **state)
{
    (void) state;

    crm_test_starve(starving_refuse, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_locked_record_is_refused_in_the_vendors_words),
    cmocka_unit_test(each_operation_has_its_shape_of_a_lock),
    cmocka_unit_test(a_waiting_record_is_refused_in_the_vendors_words),
    cmocka_unit_test(a_bad_body_is_refused_with_what_and_where),
    cmocka_unit_test(a_validation_rule_tells_its_field_and_its_message),
    cmocka_unit_test(each_kind_has_its_status_and_code_and_shape),
    cmocka_unit_test(too_many_records_are_refused_with_how_many_there_may_be),
    cmocka_unit_test(whatever_a_client_sends_the_answer_is_json),
    cmocka_unit_test(memory_may_run_out_and_the_status_stays)
};


CRM_TEST_MAIN(tests)
