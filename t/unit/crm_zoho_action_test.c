/*
 * What an action of the API does, and to which records. It would fail by
 * judging one record while the backend changes another, or by taking a view
 * for a list.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


typedef struct {
    const char     *method;
    const char     *target;
    const char     *action;
    unsigned        does;
    crm_targets_t   targets;
    const char     *module;
    const char     *id;
    const char     *get_path;
    int             unseen;
} known_t;


static crm_status_t
route(const char *method, const char *target, crm_route_t *r,
    crm_refusal_t *refusal)
{
    crm_str_t     t, q;
    const char   *mark;

    mark = strchr(target, '?');

    t = crm_str(target, mark ? (size_t) (mark - target) : strlen(target));
    q = mark ? crm_strz(mark + 1) : CRM_STR_NULL;

    return crm_dialect_route(crm_dialect_find(CRM_STR("zoho")), r,
                             crm_strz(method), t, q, refusal);
}


static crm_status_t
decode(crm_pool_t *pool, const char *target, const char *body,
    crm_request_t *request, crm_refusal_t *refusal)
{
    crm_route_t        r;
    crm_scan_limits_t  limits;

    limits.max_nodes = 1000;
    limits.max_depth = 8;

    assert_int_equal(route("POST", target, &r, refusal), CRM_OK);

    return crm_dialect_decode(crm_dialect_find(CRM_STR("zoho")), request, &r,
                              crm_strz(body), &limits, 3, pool, refusal);
}


static void
an_action_is_what_it_does_to_a_record(void **state)
{
    size_t          i;
    crm_route_t     r;
    crm_refusal_t   refusal;

    static const known_t  rows[] = {
        { "POST", "v8/Leads/1/actions/convert", "convert",
          CRM_RESTRICT_CONVERT, CRM_TARGETS_PATH, "Leads", "1",
          "v8/Leads/1", 1 },
        { "POST", "v2.1/Deals/7/actions/change_owner", "change_owner",
          CRM_RESTRICT_CHANGE_OWNER, CRM_TARGETS_PATH, "Deals", "7",
          "v2.1/Deals/7", 1 },
        { "POST", "v2/Leads/1/actions/add_tags?tag_names=a%20b", "add_tags",
          CRM_RESTRICT_TAGS, CRM_TARGETS_PATH, "Leads", "1", "v2/Leads/1",
          1 },
        { "PUT", "v8/Leads/1/actions/blueprint", "blueprint",
          CRM_RESTRICT_UPDATE, CRM_TARGETS_PATH, "Leads", "1", "v8/Leads/1",
          1 },
        { "DELETE", "v8/Leads/1/photo", "photo", CRM_RESTRICT_UPDATE,
          CRM_TARGETS_PATH, "Leads", "1", "v8/Leads/1", 1 },
        { "DELETE", "v8/Leads/1/Locking_Information__s/9", "lock",
          CRM_RESTRICT_UPDATE, CRM_TARGETS_PATH, "Leads", "1", "v8/Leads/1",
          1 },
        { "POST", "v8/Leads/1/Notes", "related", CRM_RESTRICT_UPDATE,
          CRM_TARGETS_PATH, "Leads", "1", "v8/Leads/1", 1 },
        { "DELETE", "v8/Leads/1/Products?ids=3,4", "related",
          CRM_RESTRICT_UPDATE, CRM_TARGETS_PATH, "Leads", "1", "v8/Leads/1",
          1 },
        { "PUT", "v8/Deals/5/Leads/1", "related", CRM_RESTRICT_UPDATE,
          CRM_TARGETS_PATH, "Deals", "5", "v8/Deals/5", 1 },
        { "POST", "v8/Leads/actions/mass_update", "mass_update",
          CRM_RESTRICT_UPDATE, CRM_TARGETS_LIST, "Leads", "", "v8/Leads",
          0 },
        { "POST", "v8/Leads/actions/mass_delete", "mass_delete",
          CRM_RESTRICT_DELETE, CRM_TARGETS_LIST, "Leads", "", "v8/Leads",
          0 },
        { "POST", "v8/Leads/actions/mass_change_owner", "change_owner",
          CRM_RESTRICT_CHANGE_OWNER, CRM_TARGETS_LIST, "Leads", "",
          "v8/Leads", 0 },
        { "POST", "v8/Leads/2/actions/merge", "merge",
          CRM_RESTRICT_UPDATE|CRM_RESTRICT_DELETE, CRM_TARGETS_ALL, "Leads",
          "2", "", 1 },
        { "POST", "bulk/v8/write", "bulk_write", CRM_RESTRICT_UPDATE,
          CRM_TARGETS_ALL, "", "", "", 1 },
        { "POST", "v8/users/1/actions/transfer_and_delete", "transfer",
          CRM_RESTRICT_UPDATE|CRM_RESTRICT_CHANGE_OWNER, CRM_TARGETS_ALL, "",
          "", "", 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                   == CRM_OK, rows[i].target);
        assert_row(r.operation == CRM_OP_ACTION, rows[i].target);
        assert_row(crm_str_is(r.action, rows[i].action), rows[i].target);
        assert_row(r.does == rows[i].does, rows[i].target);
        assert_row(r.targets == rows[i].targets, rows[i].target);
        assert_row(crm_str_is(r.module, rows[i].module), rows[i].target);
        assert_row(crm_str_is(r.record_id, rows[i].id), rows[i].target);
        assert_row(crm_str_is(r.get_path, rows[i].get_path), rows[i].target);
        assert_row(r.unseen == rows[i].unseen, rows[i].target);
    }
}


/* Of ids first those of the query, each once. */
static void
records_are_named_by_query_and_body(void **state)
{
    size_t          i, k;
    crm_str_t       ids;
    crm_buf_t       buf;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const struct {
        const char  *target;
        const char  *body;
        const char  *ids;           /* "all": nobody can tell */
    } rows[] = {
        { "add_tags?ids=1,2&tag_names=a%2Cb", "", "1,2" },
        { "add_tags", "{\"tags\":[{\"name\":\"a\"}],\"ids\":[\"1\",2]}",
          "1,2" },
        { "add_tags?ids=1", "{\"ids\":[\"2\",\"1\"]}", "1,2" },
        { "mass_update", "{\"data\":[{\"A\":1}],\"ids\":[\"3\"]}", "3" },
        { "assign_territories", "{\"data\":[{\"id\":\"1\"},{\"id\":2}]}",
          "1,2" },
        { "change_owner", "{\"\\u0069ds\":[\"1\"]}", "1" },
        { "mass_update", "{\"ids\":[\"1\"],\"cvid\":\"9\"}", "all" },
        { "mass_update", "{\"ids\":[\"1\"],\"cvid\":null}", "1" },
        { "mass_update", "{\"criteria\":{},\"ids\":[\"1\"]}", "all" },
        { "mass_change_owner", "{\"cvid\":\"9\"}", "all" },
        { "mass_delete", "{}", "all" }, { "mass_delete", "", "all" },
        { "mass_delete", "{\"ids\":[]}", "all" },
        { "mass_delete", "{\"Ids\":[\"1\"]}", "all" }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ids = crm_pool_printf(pool, "v8/Leads/actions/%s",
                              rows[i].target);

        assert_row(decode(pool, ids.data, rows[i].body, &request, &refusal)
                   == CRM_OK, rows[i].body);

        crm_buf_init(&buf, pool, 0);

        for (k = 0; k < request.count; k++) {
            crm_buf_puts(&buf, k ? "," : "");
            crm_buf_str(&buf, request.items[k].record_id);
            assert_row(request.items[k].operation == CRM_OP_ACTION,
                       rows[i].body);
        }

        assert_row(request.all == crm_str_is(crm_strz(rows[i].ids), "all"),
                   rows[i].body);
        assert_row(request.all
                   || crm_str_is(crm_buf_view(&buf), rows[i].ids),
                   rows[i].body);
    }

    crm_pool_destroy(pool);
}


static void
what_names_no_record_is_refused(void **state)
{
    size_t          i;
    crm_str_t       target;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const struct {
        const char          *target;
        const char          *body;
        crm_refusal_kind_t   kind;
    } rows[] = {
        { "add_tags?ids=1,", "", CRM_REFUSE_TARGET },
        { "add_tags?ids=1,,2", "", CRM_REFUSE_TARGET },
        { "add_tags?ids=01", "", CRM_REFUSE_TARGET },
        { "add_tags?ids=1%2C2", "", CRM_REFUSE_TARGET },
        { "mass_update", "{\"ids\":[\"01\"]}", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[1.0]}", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[null]}", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[[\"1\"]]}", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":\"1\"}", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[\"1\"],\"ids\":[\"2\"]}",
          CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[\"1\"],\"i\\u0064s\":[\"2\"]}",
          CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[\"1\"]} x", CRM_REFUSE_BODY },
        { "mass_update", "[]", CRM_REFUSE_BODY },
        { "mass_update", "ids=1", CRM_REFUSE_BODY },
        { "mass_update", "{\"ids\":[1,2,3,4]}", CRM_REFUSE_RECORDS },
        { "assign_territories", "{\"data\":[{\"id\":true}]}",
          CRM_REFUSE_BODY }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        target = crm_pool_printf(pool, "v8/Leads/actions/%s",
                                 rows[i].target);

        assert_row(decode(pool, target.data, rows[i].body, &request, &refusal)
                   == CRM_EINVAL, rows[i].body);
        assert_row(refusal.kind == rows[i].kind, rows[i].body);
        assert_row(refusal.reason.len > 0, rows[i].body);
    }

    crm_pool_destroy(pool);
}


static crm_status_t
starving_decode(crm_pool_t *pool, void *data)
{
    crm_request_t  request;
    crm_refusal_t  refusal;

    return decode(pool, "v8/Leads/actions/mass_update?", data, &request,
                  &refusal);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_decode,
                    "{\"\\u0069ds\":[\"\\u0031\",2],\"data\":"
                    "[{\"id\":\"\\u0033\"}]}");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(an_action_is_what_it_does_to_a_record),
    cmocka_unit_test(records_are_named_by_query_and_body),
    cmocka_unit_test(what_names_no_record_is_refused),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
