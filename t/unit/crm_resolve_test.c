/*
 * Create or update, and of which record? It would fail by taking a record for
 * new that is there, by asking for something else than the value that was
 * sent, or by letting the backend look further than we did.
 */

#include "crm_test.h"

#include "record/crm_resolve.h"


#define MANY  "{\"data\":[{\"E\":\"a\",\"P\":1},{\"E\":\"b\"},{\"P\":\"2\"}]," \
              "\"duplicate_check_fields\":[\"E\",\"P\"]}"


static crm_status_t
decode(crm_pool_t *pool, const char *module, const char *body,
    crm_route_t *route, crm_request_t *request, crm_refusal_t *refusal)
{
    crm_str_t             target;
    const crm_dialect_t  *zoho;

    zoho = crm_dialect_find(CRM_STR("zoho"));
    target = crm_pool_printf(pool, "v8/%s/upsert", module);
    if (target.data == NULL) {
        return CRM_ENOMEM;
    }

    assert_int_equal(crm_dialect_route(zoho, route, CRM_STR("POST"), target,
                                       CRM_STR_NULL, refusal), CRM_OK);
    assert_true(route->resolve);

    return crm_dialect_decode(zoho, request, route, crm_strz(body), NULL, 100,
                              pool, refusal);
}


/* Each answer in its turn; what was asked, one behind the other. */
static crm_status_t
resolve(crm_pool_t *pool, const crm_route_t *route, crm_request_t *request,
    const char *const *answers, crm_buf_t *asked, crm_refusal_t *refusal)
{
    crm_status_t          rc;
    crm_target_t          target;
    const crm_dialect_t  *zoho;

    zoho = crm_dialect_find(CRM_STR("zoho"));

    while ((rc = crm_resolve_next(zoho, &target, route, request, pool))
           == CRM_OK)
    {
        crm_buf_puts(asked, asked->len ? " " : "");
        crm_buf_str(asked, target.query);

        if (*answers == NULL) {
            return CRM_ELIMIT;
        }

        rc = crm_resolve_answer(zoho, request, **answers ? 200 : 204,
                                crm_strz(*answers), NULL, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        answers++;
    }

    return rc == CRM_DECLINED ? crm_resolve_end(request, pool, refusal) : rc;
}


static void
items_become_what_their_keys_find(void **state)
{
    size_t          i, k;
    crm_buf_t       is, asked;
    crm_pool_t     *pool;
    crm_route_t     route;
    crm_status_t    rc;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const struct {
        const char  *answers[6];
        const char  *is;            /* ids, "+" is a create; or a reason */
    } rows[] = {
        { { "", NULL }, "+ + +" },
        { { "{\"data\":[{\"id\":\"7\",\"E\":\"b\"}]}", NULL }, "+ 7 +" },
        { { "{\"data\":[{\"id\":\"7\",\"P\":1},{\"id\":\"8\",\"P\":2},"
            "{\"id\":\"9\",\"E\":\"a\"}]}", NULL }, "9 + 8" },
        { { "{\"data\":[{\"id\":\"7\",\"P\":1,\"E\":\"x\"}]}", NULL },
          "7 + +" },

        /* not clear which: one by one */

        { { "{\"data\":[{\"id\":\"7\",\"E\":\"B\"}]}", "", "",
            "{\"data\":[{\"id\":\"7\",\"E\":\"B\"}]}", "", NULL }, "+ 7 +" },
        { { "{\"data\":[{\"id\":\"7\"}]}", "", "", "",
            "{\"data\":[{\"id\":\"7\"}]}", NULL }, "+ + 7" },
        { { "{\"data\":[],\"info\":{\"more_records\":true}}", "", "", "", "",
            NULL }, "+ + +" },

        { { "{\"data\":[{\"id\":\"7\",\"E\":\"a\"},{\"id\":\"8\","
            "\"E\":\"a\"}]}", NULL }, "several records have this value" },
        { { "{\"data\":[{\"id\":\"7\",\"E\":\"a\"},{\"id\":\"7\","
            "\"E\":\"a\"}]}", NULL }, "7 + +" },
        { { "{\"data\":[{\"id\":\"7\",\"E\":\"a\",\"P\":2}]}", NULL },
          "this is the record of another item" },
        { { "{\"data\":[{\"id\":\"7/8\",\"E\":\"a\"}]}", NULL }, "?" },
        { { "{\"data\":[{\"E\":\"a\"}]}", NULL }, "?" },
        { { "{\"data\":", NULL }, "?" },
        { { "<html>", NULL }, "?" }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(decode(pool, "Leads", MANY, &route, &request,
                                &refusal), CRM_OK);
        memset(&refusal, 0, sizeof(refusal));
        crm_buf_init(&is, pool, 0);
        crm_buf_init(&asked, pool, 0);

        rc = resolve(pool, &route, &request, rows[i].answers, &asked,
                     &refusal);

        for (k = 0; rc == CRM_OK && k < request.count; k++) {
            crm_buf_puts(&is, k ? " " : "");
            crm_buf_str(&is, request.items[k].record_id.len
                             ? request.items[k].record_id : CRM_STR("+"));
            assert_row((request.items[k].operation == CRM_OP_CREATE)
                       == (request.items[k].record_id.len == 0), rows[i].is);
        }

        if (rc == CRM_EINVAL) {
            crm_buf_str(&is, refusal.reason.len ? refusal.reason
                                                : CRM_STR("?"));
        }

        assert_row(is.len >= strlen(rows[i].is)
                   && memcmp(is.data, rows[i].is, strlen(rows[i].is)) == 0,
                   rows[i].is);
    }

    assert_str(crm_buf_view(&asked),
               "fields=E,P&criteria=((E:equals:a)or(P:equals:1)or(E:equals:b)"
               "or(P:equals:2))");

    crm_pool_destroy(pool);
}


static void
one_value_has_one_lease(void **state)
{
    crm_pool_t     *pool;
    crm_str_t       one;
    crm_route_t     route;
    crm_request_t   request;
    crm_refusal_t   refusal;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(decode(pool, "Leads", "{\"data\":[{\"Email\":\"A@b\"}]}",
                            &route, &request, &refusal), CRM_OK);
    assert_int_equal(request.resolve->count, 1);

    one = request.resolve->keys[0].lease;
    assert_int_equal(one.len, 27);
    assert_int_equal(one.data[0], '=');

    assert_int_equal(decode(pool, "Leads", "{\"data\":[{\"Email\":\"a@B\"}]}",
                            &route, &request, &refusal), CRM_OK);
    assert_true(crm_str_eq(request.resolve->keys[0].lease, one));

    assert_int_equal(decode(pool, "Leads", "{\"data\":[{\"Phone\":\"A@b\"}],"
                            "\"duplicate_check_fields\":[\"Phone\"]}",
                            &route, &request, &refusal), CRM_OK);
    assert_false(crm_str_eq(request.resolve->keys[0].lease, one));

    crm_pool_destroy(pool);
}


/* What the backend would take for its own field. */
static void
a_module_has_its_field(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_route_t     route;
    crm_status_t    rc;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const struct {
        const char  *module;
        const char  *field;
    } rows[] = {
        { "Leads", "Email" }, { "Contacts", "Email" },
        { "Accounts", "Account_Name" }, { "Deals", "Deal_Name" },
        { "Price_Books", "Price_Book_Name" }, { "Quotes", "Subject" },
        { "Rockets", "Name" }, { "leads", "Name" }, { "Calls", NULL },
        { "Notes", NULL }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rc = decode(pool, rows[i].module, "{\"data\":[{\"X\":1}]}", &route,
                    &request, &refusal);

        assert_row(rc == (rows[i].field ? CRM_OK : CRM_EINVAL),
                   rows[i].module);

        if (rows[i].field) {
            assert_row(request.resolve->fields_count == 1
                       && crm_str_is(request.resolve->fields[0],
                                     rows[i].field), rows[i].module);
        }
    }

    crm_pool_destroy(pool);
}


/* "action" and id of each item; an upsert that is none says nothing. */
static void
an_answer_tells_what_was_not_judged(void **state)
{
    size_t                i, k;
    char                  got[64];
    crm_buf_t             asked;
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_outcome_t         outcomes[2];
    crm_request_t         request;
    crm_refusal_t         refusal;
    const crm_dialect_t  *zoho;

    static const char *const  answers[] = {
        "{\"data\":[{\"id\":\"7\",\"Email\":\"a\"}]}", NULL
    };

    static const struct {
        const char  *data;
        const char  *is;            /* of both: done, refused, unknown, ! */
    } rows[] = {
        { "{D,\"details\":{\"id\":\"7\"},\"action\":\"update\"},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"insert\"}", "dd" },
        { "{D,\"details\":{\"id\":\"7\"}},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"insert\"}", "dd" },
        { "{D,\"details\":{\"id\":\"7\"},\"action\":\"update\"},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"update\"}", "d!" },
        { "{D,\"details\":{\"id\":\"7\"},\"action\":\"update\"},"
          "{D,\"details\":{\"id\":\"9\"}}", "d!" },
        { "{D,\"details\":{\"id\":\"8\"},\"action\":\"update\"},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"insert\"}", "!d" },
        { "{D,\"details\":{},\"action\":\"update\"},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"insert\"}", "ud" },
        { "{\"code\":\"X\",\"status\":\"error\",\"details\":{}},"
          "{D,\"details\":{\"id\":\"9\"},\"action\":\"insert\"}", "rd" }
    };

    (void) state;

    pool = crm_test_pool();
    zoho = crm_dialect_find(CRM_STR("zoho"));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        crm_buf_t    body;
        const char  *p;

        assert_int_equal(decode(pool, "Leads", "{\"data\":[{\"Email\":\"a\"},"
                                "{\"Email\":\"b\"}]}", &route, &request,
                                &refusal), CRM_OK);
        crm_buf_init(&asked, pool, 0);
        assert_int_equal(resolve(pool, &route, &request, answers, &asked,
                                 &refusal), CRM_OK);

        crm_buf_init(&body, pool, 0);
        crm_buf_puts(&body, "{\"data\":[");

        for (p = rows[i].data; *p; p++) {
            if (*p == 'D') {
                crm_buf_puts(&body, "\"code\":\"SUCCESS\"");
            } else {
                crm_buf_putc(&body, *p);
            }
        }

        crm_buf_puts(&body, "]}");

        assert_int_equal(crm_dialect_outcome(zoho, outcomes, &route, &request,
                                             200, crm_buf_view(&body), NULL,
                                             pool), CRM_OK);

        for (k = 0; k < 2; k++) {
            got[k] = outcomes[k].unjudged ? '!' : "udr"[outcomes[k].kind];
            assert_row(!outcomes[k].unjudged
                       || outcomes[k].kind == CRM_OUTCOME_UNKNOWN,
                       rows[i].data);
        }

        got[2] = '\0';
        assert_row(strcmp(got, rows[i].is) == 0, rows[i].data);
    }

    crm_pool_destroy(pool);
}


static void
what_is_forwarded_names_the_record(void **state)
{
    crm_str_t             text;
    crm_buf_t             asked;
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_splice_t          splice;
    crm_request_t         request;
    crm_refusal_t         refusal;

    static const char *const  answers[] = {
        "{\"data\":[{\"id\":\"7\",\"Email\":\"a\"}]}", NULL
    };

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(decode(pool, "Leads", " {\"data\":[{ \"Email\":\"a\"} ,"
                            "{\"Email\":\"b\"}],\"duplicate_check_fields\""
                            ":null}", &route, &request, &refusal), CRM_OK);
    crm_buf_init(&asked, pool, 0);
    assert_int_equal(resolve(pool, &route, &request, answers, &asked,
                             &refusal), CRM_OK);

    assert_int_equal(crm_resolve_address(&request, 0, pool), CRM_OK);
    assert_int_equal(crm_resolve_address(&request, 1, pool), CRM_OK);

    crm_splice_init(&splice, request.text, pool);
    assert_int_equal(crm_dialect_cut(&splice, &request), CRM_OK);
    text = crm_splice_apply(&splice);

    assert_str(text, " {\"data\":[{\"id\":\"7\", \"Email\":\"a\"} ,"
                     "{\"Email\":\"b\"}],\"duplicate_check_fields\""
                     ":[\"Email\"]}");

    crm_pool_destroy(pool);
}


static crm_status_t
starving(crm_pool_t *pool, void *data)
{
    crm_buf_t       asked;
    crm_route_t     route;
    crm_status_t    rc;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const char *const  answers[] = {
        "{\"data\":[{\"id\":\"7\",\"E\":\"B\"}]}", "", "",
        "{\"data\":[{\"id\":\"7\",\"E\":\"B\\u0062\"}]}", "", NULL
    };

    rc = decode(pool, "Leads", data, &route, &request, &refusal);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&asked, pool, 0);

    rc = resolve(pool, &route, &request, answers, &asked, &refusal);

    return rc == CRM_OK ? crm_resolve_address(&request, 1, pool) : rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving, MANY);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(items_become_what_their_keys_find),
    cmocka_unit_test(one_value_has_one_lease),
    cmocka_unit_test(a_module_has_its_field),
    cmocka_unit_test(an_answer_tells_what_was_not_judged),
    cmocka_unit_test(what_is_forwarded_names_the_record),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
