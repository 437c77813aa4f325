/*
 * Which record a write means. It would fail by letting a write through that
 * the backend understands and we do not, or that we read as another record's:
 * each row is a way around a lock that somebody may try.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


typedef struct {
    const char  *method;
    const char  *target;        /* a ? begins the query */
} try_t;


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


static void
refused(const try_t *rows, size_t n, crm_refusal_kind_t kind)
{
    size_t          i;
    crm_route_t     r;
    crm_refusal_t   refusal;

    for (i = 0; i < n; i++) {
        memset(&refusal, 0, sizeof(crm_refusal_t));

        assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                   == CRM_EINVAL, rows[i].target);
        assert_row(refusal.kind == kind, rows[i].target);
        assert_row(refusal.reason.len > 0, rows[i].target);
        assert_row(refusal.offset == CRM_NO_OFFSET, rows[i].target);
    }
}


static void
records_are_created_updated_and_deleted(void **state)
{
    size_t          i;
    crm_route_t     r;
    crm_refusal_t   refusal;

    static const struct {
        const char       *method;
        const char       *target;
        crm_operation_t   operation;
        const char       *module;
        const char       *id;
        const char       *get_path;
        int               has_body;
    } rows[] = {
        { "POST", "v8/Leads", CRM_OP_CREATE, "Leads", "", "", 1 },
        { "PUT", "v8/Leads/1", CRM_OP_UPDATE, "Leads", "1", "v8/Leads/1", 1 },
        { "PATCH", "v2.1/Deals/7", CRM_OP_UPDATE, "Deals", "7",
          "v2.1/Deals/7", 1 },
        { "DELETE", "v2/My_Module1/4876876000000068001", CRM_OP_DELETE,
          "My_Module1", "4876876000000068001",
          "v2/My_Module1/4876876000000068001", 0 },
        { "PUT", "v10/Leads/EXT9", CRM_OP_UPDATE, "Leads", "EXT9",
          "v10/Leads/EXT9", 1 },
        { "PUT", "v8/Leads", CRM_OP_UPDATE, "Leads", "", "v8/Leads", 1 },
        { "PATCH", "v8/Leads", CRM_OP_UPDATE, "Leads", "", "v8/Leads", 1 },
        { "DELETE", "v8/Leads?ids=2,1", CRM_OP_DELETE, "Leads", "",
          "v8/Leads", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                   == CRM_OK, rows[i].target);
        assert_row(r.operation == rows[i].operation, rows[i].target);
        assert_row(crm_str_is(r.module, rows[i].module), rows[i].target);
        assert_row(crm_str_is(r.record_id, rows[i].id), rows[i].target);
        assert_row(crm_str_is(r.get_path, rows[i].get_path), rows[i].target);
        assert_row(r.has_body == rows[i].has_body, rows[i].target);
        assert_row(r.workflow == 1, rows[i].target);
    }
}


static void
reads_and_queries_pass(void **state)
{
    size_t          i;
    crm_route_t     r;
    crm_refusal_t   refusal;

    static const try_t  rows[] = {
        { "GET", "v8/Leads/1" }, { "HEAD", "v8/Leads" }, { "OPTIONS", "" },
        { "GET", "v8//Leads/../%2f" }, { "GET", "v8/Leads?fields=a,b&x=%31" },
        { "POST", "v8/coql" }, { "POST", "v8/actions/search" },
        { "POST", "v8/Leads/actions/search" }, { "POST", "v8/Leads/search" },
        { "POST", "v2.1/coql?x=1" }, { "POST", "v8/files" },
        { "POST", "v8/functions/f/actions/execute?auth_type=oauth" },
        { "PATCH", "v8/actions/watch" }, { "POST", "bulk/v8/read" },
        { "POST", "v8/Leads/1/actions/clone" },
        { "POST", "v8/Leads/1/actions/send_mail" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                   == CRM_DECLINED, rows[i].target);
    }
}


static void
writes_on_other_routes_are_unknown(void **state)
{
    static const try_t  rows[] = {

        /* other methods are writes, whatever they mean */

        { "MOVE", "v8/Leads/1" }, { "FOO", "v8/Leads/1" },
        { "TRACE", "v8/Leads/1" }, { "CONNECT", "v8/Leads/1" },
        { "put", "v8/Leads/1" }, { "get", "v8/Leads/1" },
        { "POST", "v8/Leads/1" }, { "FOO", "v8/coql" },
        { "PUT", "v8/coql" }, { "", "v8/Leads/1" },

        /* records that nobody names, or the body alone */

        { "DELETE", "v8/Leads" }, { "DELETE", "v8/Leads?wf_trigger=true" },
        { "POST", "v8/Leads/Upsert" },
        { "PUT", "v8/Leads/upsert" }, { "DELETE", "v8/Leads/deleted" },

        /* what hangs on a record, or seems to */

        { "POST", "v8/Leads/1/actions/unheard_of" },
        { "POST", "v8/Leads/1/Actions/convert" },
        { "POST", "v8/Leads/1/actions/Convert" },
        { "PUT", "v8/Leads/1/actions/convert" },
        { "POST", "v8/Leads/actions/Mass_update" },
        { "DELETE", "v8/Leads/actions/add_tags" },
        { "PUT", "v8/Leads/actions" }, { "PATCH", "v8/Leads/1/photo" },
        { "POST", "v8/Leads/1/Notes/2" }, { "PUT", "v8/Leads/1/2" },
        { "PUT", "v8/Leads/1/Notes/2/3" }, { "PUT", "v8/Leads/1/Notes/02" },
        { "PUT", "v8/Leads/1/search" }, { "PUT", "v8/Leads/1/Deleted/2" },
        { "POST", "v8/Leads/1/actions/search/x" },
        { "POST", "v8/settings/actions/search" },

        /* wholesale */

        { "PUT", "v8/__composite_requests" }, { "PUT", "bulk/v8/write" },
        { "POST", "bulk/write" }, { "POST", "bulk/v8/Write" },
        { "POST", "v8/bulk" }, { "PUT", "v8/bulk/1" },
        { "PUT", "v8/settings/1" }, { "POST", "v8/users" },
        { "DELETE", "v8/users/1" }, { "PUT", "v8/Users/1" },
        { "PUT", "v8/functions/f/actions/execute" },
        { "PUT", "v8/users/1/actions/transfer_and_delete" },
        { "POST", "v8/org" }, { "PUT", "v8/Locking_Information__s/1" },
        { "POST", "v8/upload" }, { "POST", "v8/settings/search" },

        /* no version, no module */

        { "PUT", "" }, { "PUT", "v8" }, { "PUT", "Leads/1" },
        { "PUT", "v08/Leads/1" }, { "PUT", "V8/Leads/1" },
        { "PUT", "v/Leads/1" }, { "PUT", "v1/Leads/1" },
        { "PUT", "v0/Leads/1" }, { "PUT", "v8./Leads/1" },
        { "PUT", "v.8/Leads/1" }, { "PUT", "v8.1.2/Leads/1" },
        { "PUT", "v1.9/Leads/1" }, { "PUT", "v8a/Leads/1" },
        { "PUT", "v-8/Leads/1" }, { "PUT", "v88888888/Leads/1" },
        { "PUT", "v8/1Leads/1" }, { "PUT", "v8/_Leads/1" },
        { "PUT", "v8/Le-ads/1" }, { "PUT", "v8/Le.ads/1" },
        { "POST", "v8/A123456789012345678901234567890123456789012345678901234"
                  "567890123" "4" },
        { "POST", "crm/v8/Leads" }
    };

    (void) state;

    refused(rows, sizeof(rows) / sizeof(rows[0]), CRM_REFUSE_ROUTE);
}


static void
writes_that_are_not_canonical_are_refused(void **state)
{
    static const try_t  rows[] = {
        { "PUT", "/v8/Leads/1" }, { "PUT", "v8//Leads/1" },
        { "PUT", "v8/Leads//1" }, { "PUT", "v8/Leads/1/" },
        { "PUT", "v8/./Leads/1" }, { "PUT", "v8/x/../Leads/1" },
        { "PUT", "./v8/Leads/1" }, { "PUT", "../v8/Leads/1" },
        { "PUT", "v8/Leads/." }, { "PUT", "v8/Leads/.." },
        { "PUT", "v8/%2e%2e/Leads/1" }, { "PUT", "v8%2fLeads%2f1" },
        { "PUT", "v8/Leads%2F1" }, { "PUT", "v8%252fLeads/1" },
        { "PUT", "v8/Leads/%31" }, { "PUT", "%76" "8/Leads/1" },
        { "PUT", "v8/Leads/1;x=1" }, { "PUT", "v8;x/Leads/1" },
        { "PUT", "v8\\Leads\\1" }, { "PUT", "v8%5cLeads%5c1" },
        { "PUT", "v8/Leads/1%00x" }, { "PUT", "v8/Leads/1\t" },
        { "PUT", "v8/Leads/1 " }, { "PUT", "v8/Leads/1#x" },
        { "PUT", "v8/Leads/1%3fids=2" }, { "PUT", "v8/Leads/1%23" },
        { "PUT", "v8\xc0\xaf" "Leads/1" }, { "PUT", "v8/L\xc3\xa9" "ads/1" },
        { "PUT", "v8/Leads/01" }, { "PUT", "v8/Leads/1.0" },
        { "PUT", "v8/Leads/+1" }, { "PUT", "v8/Leads/%201" },
        { "PUT", "v8/Leads/\xef\xbc\x91" }, { "PUT", "v8/Leads/-1" },
        { "PUT", "v8/Leads/1e0" }, { "PUT", "v8/Leads/0x1" },
        { "PUT", "v8/Leads/1,2" }, { "PUT", "v8/Leads/~1" },
        { "PUT", "v8/Leads/1:2" }, { "PUT", "v8/Leads/(1)" },
        { "DELETE", "v8/Leads/1*" }, { "DELETE", "v8/Leads/{1}" },
        { "PUT", "v8/Leads/1234567890123456789012345678901234567890123456789"
                 "0123456789012345" },
        { "PUT", "/" }, { "PUT", "http://other/v8/Leads/1" },
        { "POST", "v8/Leads/" }, { "POST", "v8/%4ceads" },
        { "FOO", "v8/Leads/%31" }, { "POST", "v8/coql/" },
        { "POST", "v8/%63oql" }
    };

    (void) state;

    refused(rows, sizeof(rows) / sizeof(rows[0]), CRM_REFUSE_TARGET);
}


static void
a_query_may_say_what_is_known_and_that_once(void **state)
{
    size_t          i;
    crm_route_t     r;
    crm_refusal_t   refusal;

    static const struct {
        const char  *method;
        const char  *target;
        const char  *names;         /* NULL: good */
        int          workflow;
    } rows[] = {
        { "DELETE", "v8/Leads/1?", NULL, 1 },
        { "DELETE", "v8/Leads/1?wf_trigger=true", NULL, 1 },
        { "DELETE", "v8/Leads/1?wf_trigger=false", NULL, 0 },
        { "PUT", "v8/Leads/1?", NULL, 1 },
        { "PUT", "v8/Leads/1?a", "a", 0 },
        { "PUT", "v8/Leads/1?ids=2", "ids", 0 },
        { "PUT", "v8/Leads/1?wf_trigger=false", "wf_trigger", 0 },
        { "POST", "v8/Leads?wf_trigger=false", "wf_trigger", 0 },
        { "POST", "v8/Leads?&", "", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger", "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=", "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=False", "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=false;x", "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=false&wf_trigger=true",
          "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=%66alse", "wf_trigger", 0 },
        { "DELETE", "v8/Leads/1?wf%5ftrigger=false", "wf%5ftrigger", 0 },
        { "DELETE", "v8/Leads/1?WF_TRIGGER=false", "WF_TRIGGER", 0 },
        { "DELETE", "v8/Leads/1?ids=2", "ids", 0 },
        { "DELETE", "v8/Leads/1?wf_trigger=false&ids=2", "ids", 0 },
        { "DELETE", "v8/Leads/1?ids=2%2C1", "ids", 0 },
        { "DELETE", "v8/Leads/1?ids=1%00", "ids", 0 },
        { "DELETE", "v8/Leads?ids=1,2&wf_trigger=false", NULL, 0 },
        { "DELETE", "v8/Leads?ids=2&ids=1", "ids", 0 },
        { "DELETE", "v8/Leads?ids", "ids", 0 },
        { "DELETE", "v8/Leads?ids=", "ids", 0 },
        { "DELETE", "v8/Leads?%69ds=1", "%69ds", 0 },
        { "DELETE", "v8/Leads?IDS=1", "IDS", 0 },
        { "DELETE", "v8/Leads?ids[]=1", "ids[]", 0 },
        { "DELETE", "v8/Leads?x=1;ids=1", "x", 0 },
        { "PUT", "v8/Leads?ids=1", "ids", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        if (rows[i].names == NULL) {
            assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                       == CRM_OK, rows[i].target);
            assert_row(r.workflow == rows[i].workflow, rows[i].target);
            continue;
        }

        assert_row(route(rows[i].method, rows[i].target, &r, &refusal)
                   == CRM_EINVAL, rows[i].target);
        assert_row(refusal.kind == CRM_REFUSE_TARGET, rows[i].target);
        assert_row(crm_str_is(refusal.where, rows[i].names),
                   rows[i].target);
    }
}


static void
no_query_overrides_the_method(void **state)
{
    static const try_t  rows[] = {
        { "POST", "v8/Leads?_method=PUT" }, { "GET", "v8/Leads/1?_method=PUT" },
        { "GET", "v8/Leads/1?a=1&_method=DELETE" },
        { "GET", "v8/Leads/1?_METHOD=DELETE" },
        { "GET", "v8/Leads/1?%5fmethod=DELETE" },
        { "GET", "v8/Leads/1?%5F%6d%65%74%68%6f%64" },
        { "POST", "v8/coql?_method=DELETE" }
    };
    crm_route_t     r;
    crm_refusal_t   refusal;

    (void) state;

    refused(rows, sizeof(rows) / sizeof(rows[0]), CRM_REFUSE_TARGET);

    assert_int_equal(route("GET", "v8/Leads?my_method=1&_methods=2&_metho=%",
                           &r, &refusal), CRM_DECLINED);
    assert_int_equal(route("GET", "v8/Leads?x=_method&%5fmetho%6", &r,
                           &refusal), CRM_DECLINED);
}


static void
every_byte_but_the_known_ones_is_refused_anywhere_in_a_target(void **state)
{
    char            text[] = "v8/Leads/123456";
    int             byte;
    size_t          i;
    crm_route_t     r;
    crm_status_t    rc;
    crm_refusal_t   refusal;

    (void) state;

    for (i = 0; i < sizeof(text) - 1; i++) {
        for (byte = 0; byte < 256; byte++) {
            if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
                || (byte >= '0' && byte <= '9') || strchr("-._/", byte))
            {
                if (byte != 0) {
                    continue;
                }
            }

            memcpy(text, "v8/Leads/123456", sizeof(text));
            text[i] = (char) byte;

            rc = crm_dialect_route(crm_dialect_find(CRM_STR("zoho")), &r,
                                   CRM_STR("PUT"),
                                   crm_str(text, sizeof(text) - 1),
                                   CRM_STR_NULL, &refusal);

            assert_int_equal(rc, CRM_EINVAL);
            assert_int_equal(refusal.kind, CRM_REFUSE_TARGET);
        }
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(records_are_created_updated_and_deleted),
    cmocka_unit_test(reads_and_queries_pass),
    cmocka_unit_test(writes_on_other_routes_are_unknown),
    cmocka_unit_test(writes_that_are_not_canonical_are_refused),
    cmocka_unit_test(a_query_may_say_what_is_known_and_that_once),
    cmocka_unit_test(no_query_overrides_the_method),
    cmocka_unit_test(
        every_byte_but_the_known_ones_is_refused_anywhere_in_a_target)
};


CRM_TEST_MAIN(tests)
