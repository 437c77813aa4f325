/*
 * Records that a write names by the value of a field. It would fail by a header
 * that is followed although nobody can tell what it means, by a place that is
 * not the one that names a record, or by a value that stands for two.
 */

#include "crm_test.h"

#include "record/crm_external.h"


static const crm_dialect_t *
zoho(void)
{
    return crm_dialect_find(CRM_STR("zoho"));
}


/* Of a write of v8/{target}. */
static crm_status_t
parts(crm_external_part_t *list, size_t *count, crm_route_t *route,
    const char *method, const char *target, const char *header,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_ask_t  ask;

    memset(&ask, 0, sizeof(crm_ask_t));
    memset(route, 0, sizeof(crm_route_t));

    ask.method = crm_strz(method);
    ask.target = crm_strz(target);
    ask.external = 1;

    assert_int_equal(crm_dialect_ask(zoho(), route, &ask, pool, refusal),
                     CRM_OK);

    return crm_external_parts(zoho(), list, count, route, ask.target,
                              crm_strz(header), pool, refusal);
}


static void
a_header_says_where_values_stand(void **state)
{
    size_t               i, k, count;
    crm_buf_t            buf;
    crm_pool_t          *pool;
    crm_route_t          route;
    crm_refusal_t        refusal;
    crm_external_part_t  list[CRM_EXTERNAL_MAX_PARTS];

    static const struct {
        const char  *header;
        const char  *is;            /* list:path.field, each; or nothing */
    } rows[] = {
        { "Contacts.Ext", "v8/Contacts:Ext" },
        { " Contacts.Ext ,\tContacts.Account_Name.Key",
          "v8/Contacts:Ext v8/Accounts:Account_Name.Key" },
        { "Contacts.Lines.Product_Name.Sku",
          "v8/Products:Lines.Product_Name.Sku" },
        { "Contacts.Reporting_To.Ext,Contacts.Vendor_Name.Ext",
          "v8/Contacts:Reporting_To.Ext v8/Vendors:Vendor_Name.Ext" },
        { "", "" }, { "Contacts", "" }, { "Contacts.", "" }, { ".Ext", "" },
        { "Contacts.id", "" }, { "Contacts..Ext", "" }, { "Leads.Ext", "" },
        { "contacts.Ext", "" }, { "Contacts.Ext,", "" }, { ",", "" },
        { "Contacts.Ext,Contacts.Key", "" }, { "Contacts.Mine.Ext", "" },
        { "Contacts.Account_Name.id", "" }, { "Contacts.E-x", "" },
        { "Contacts.A.B.Account_Name.Key", "" },
        { "Contacts.Account_Name.Mine.Key", "" },
        { "Contacts.Who_Id.A,Contacts.Who_Id.B,Contacts.Who_Id.C,"
          "Contacts.Who_Id.D,Contacts.Who_Id.E,Contacts.Who_Id.F,"
          "Contacts.Who_Id.G,Contacts.Who_Id.H,Contacts.Who_Id.I", "" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        crm_buf_init(&buf, pool, 0);

        assert_int_equal(parts(list, &count, &route, "PUT", "v8/Contacts/x.1",
                               rows[i].header, pool, &refusal),
                         *rows[i].is ? CRM_OK : CRM_EINVAL);

        for (k = 0; *rows[i].is && k < count; k++) {
            crm_buf_puts(&buf, k ? " " : "");
            crm_buf_str(&buf, list[k].list_path);
            crm_buf_putc(&buf, ':');

            if (list[k].depth > 0) {
                crm_buf_str(&buf, list[k].path[0]);
                crm_buf_putc(&buf, '.');
            }

            if (list[k].depth > 1) {
                crm_buf_str(&buf, list[k].path[1]);
                crm_buf_putc(&buf, '.');
            }

            crm_buf_str(&buf, list[k].field);
        }

        assert_true(crm_str_is(crm_buf_view(&buf), rows[i].is));

        if (*rows[i].is == '\0') {
            assert_int_equal(refusal.kind, CRM_REFUSE_TARGET);
            assert_true(refusal.reason.len > 0);
        }

        crm_pool_destroy(pool);
    }
}


/* Ids are values with an i in front. */
static crm_status_t
reworded(crm_str_t *text, const char *header, const char *body,
    crm_pool_t *pool)
{
    size_t               i, count;
    crm_buf_t            answer;
    crm_route_t          route, ask;
    crm_target_t         target;
    crm_status_t         rc;
    crm_refusal_t        refusal;
    crm_external_t       named;
    crm_resolve_t       *resolve;
    crm_external_part_t  list[CRM_EXTERNAL_MAX_PARTS];

    rc = parts(list, &count, &route, "PUT", "v8/Contacts", header, pool,
               &refusal);

    if (rc == CRM_OK) {
        rc = crm_external_read(zoho(), &named, list, &route, crm_strz(body),
                               NULL, 4, pool, &refusal);
    }

    crm_external_route(&ask, list);

    while (rc == CRM_OK
           && (rc = crm_resolve_next(zoho(), &target, &ask, &named.request,
                                     pool)) == CRM_OK)
    {
        resolve = named.request.resolve;

        crm_buf_init(&answer, pool, 0);
        crm_buf_puts(&answer, "{\"data\":[");

        for (i = 0; i < resolve->asked; i++) {
            crm_buf_puts(&answer, i ? ",{\"id\":\"i" : "{\"id\":\"i");
            crm_buf_str(&answer, resolve->keys[resolve->answered + i].value);
            crm_buf_puts(&answer, "\",\"K\":");
            crm_buf_json(&answer, resolve->keys[resolve->answered + i].value);
            crm_buf_putc(&answer, '}');
        }

        crm_buf_puts(&answer, "]}");

        rc = crm_buf_status(&answer);

        if (rc == CRM_OK) {
            rc = crm_resolve_answer(zoho(), &named.request, 200,
                                    crm_buf_view(&answer), NULL, pool);
        }
    }

    if (rc == CRM_DECLINED) {
        rc = crm_external_end(&named, list, &route, pool, &refusal);
    }

    if (rc == CRM_OK) {
        *text = crm_external_reword(crm_strz(body), &named, pool);
        rc = text->data ? CRM_OK : CRM_ENOMEM;
    }

    return rc;
}


#define LOOKUP  "Contacts.Account_Name.K"
#define LINES   "Contacts.Lines.Product_Name.K"


static void
ids_come_to_where_values_stand(void **state)
{
    size_t       i;
    crm_str_t    text;
    crm_pool_t  *pool;

    static const struct {
        const char  *header;
        const char  *body;
        const char  *is;            /* NULL: it is refused */
    } rows[] = {
        { "Contacts.K", "{\"data\":[{\"K\":\"a\"},{\"id\":\"b\"}]}",
          "{\"data\":[{\"id\":\"ia\",\"K\":\"a\"},{\"id\":\"ib\"}]}" },
        { "Contacts.K", "{\"data\":[{\"K\":\"a\"},{\"K\":\"a\"}]}", NULL },
        { LOOKUP, "{\"data\":[{\"Account_Name\":{\"K\":\"a\"}},{\"Account_Name"
          "\":{\"N\":1,\"id\":null,\"K\":\"a\"}}]}",
          "{\"data\":[{\"Account_Name\":{\"id\":\"ia\",\"K\":\"a\"}},"
          "{\"Account_Name\":{\"N\":1,\"id\":\"ia\",\"K\":\"a\"}}]}" },
        { LOOKUP, "{\"data\":[{\"Account_Name\":\"a\"},{\"A\":{\"K\":\"a\"}},"
          "{\"Account_Name\":{\"id\":\"1\"}},{\"Account_Name\":[{\"K\":\"a\"}]"
          "},{\"Account_Name\":{\"K\":null}},{}]}",
          "{\"data\":[{\"Account_Name\":\"a\"},{\"A\":{\"K\":\"a\"}},"
          "{\"Account_Name\":{\"id\":\"1\"}},{\"Account_Name\":[{\"K\":\"a\"}]"
          "},{\"Account_Name\":{\"K\":null}},{}]}" },
        { LOOKUP, "{\"data\":[{\"Account_Name\":{\"K\":{}}}]}", NULL },
        { LOOKUP, "{\"data\":[{\"Account_Name\":{\"K\":\"a\"}},"
          "{\"Account_Name\":{\"K\":\"A\"}}]}", NULL },
        { LOOKUP, "{\"data\":[{\"Account_Name\":{\"K\":\"a\",\"K\":\"b\"}}]}",
          NULL },
        { LINES, "{\"data\":[{\"Lines\":[{\"Product_Name\":{\"K\":1}},7,"
          "{\"Product_Name\":{\"K\":\"1\"}}]},{\"Lines\":{\"Product_Name\":"
          "{\"K\":\"c\"}}}]}",
          "{\"data\":[{\"Lines\":[{\"Product_Name\":{\"id\":\"i1\",\"K\":1}},"
          "7,{\"Product_Name\":{\"id\":\"i1\",\"K\":\"1\"}}]},{\"Lines\":"
          "{\"Product_Name\":{\"id\":\"ic\",\"K\":\"c\"}}}]}" },
        { LINES, "{\"data\":[{\"Lines\":[{\"Product_Name\":{\"K\":1}},"
          "{\"Product_Name\":{\"K\":2}},{\"Product_Name\":{\"K\":3}},"
          "{\"Product_Name\":{\"K\":4}},{\"Product_Name\":{\"K\":5}}]}]}",
          NULL },
        { LOOKUP, "{\"data\":[]}", NULL }, { LOOKUP, "{\"data\":[7]}", NULL },
        { LOOKUP, "{}", NULL }, { LOOKUP, "", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(reworded(&text, rows[i].header, rows[i].body, pool),
                         rows[i].is ? CRM_OK : CRM_EINVAL);

        if (rows[i].is) {
            assert_int_equal(text.len, strlen(rows[i].is));
            assert_memory_equal(text.data, rows[i].is, text.len);
        }

        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving(crm_pool_t *pool, void *data)
{
    crm_str_t  text;

    return reworded(&text, LINES, data, pool);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    static char  body[] = "{\"data\":[{\"Lines\":[{\"Product_Name\":{\"K\":1}"
                          "},{\"Product_Name\":{\"K\":\"1\"}},"
                          "{\"Product_Name\":{\"id\":1,\"K\":\"c\"}}]}]}";

    (void) state;

    crm_test_starve(starving, body);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_header_says_where_values_stand),
    cmocka_unit_test(ids_come_to_where_values_stand),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
