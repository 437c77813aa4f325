/*
 * Many records of one request: read at once, and cut out one by one. It would
 * fail by forwarding a refused record, by spoiling what is left, or by taking
 * one record for another.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


static const crm_refusal_t  refusal;


/* Places are the letters and digits of text; upper-case ones are refused. */
static size_t
places(crm_item_t *items, crm_str_t text)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < text.len; i++) {
        if ((text.data[i] | 0x20) < 'a' || (text.data[i] | 0x20) > 'z') {
            continue;
        }

        memset(&items[n], 0, sizeof(crm_item_t));
        items[n].place = crm_str(text.data + i, 1);

        if (text.data[i] >= 'A' && text.data[i] <= 'Z') {
            items[n].refusal = &refusal;

        } else if (text.data[i] == 'z') {
            items[n].forward = CRM_STR("<z>");
        }

        n++;
    }

    return n;
}


static void
refused_items_are_cut_out_with_what_parts_them(void **state)
{
    size_t          i;
    crm_item_t      items[16];
    crm_pool_t     *pool;
    crm_splice_t    splice;
    crm_request_t   request;

    static const struct {
        const char  *text;
        const char  *left;              /* NULL: it cannot be */
    } rows[] = {
        { "[a,b]", "[a,b]" }, { "[A,b]", "[b]" }, { "[a,B]", "[a]" },
        { "[ a , B , c ]", "[ a , c ]" }, { "[ A , B ,\n c ]", "[ c ]" },
        { "[a , B , C ]", "[a ]" }, { "A,b,C,d,E", "b,d" },
        { "[A,b,C,D,e,F]", "[b,e]" }, { "[z,B,z]", "[<z>,<z>]" },
        { "[B,z ,C,z]", "[<z>,<z>]" }, { "[A,B]", NULL }, { "A", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        memset(&request, 0, sizeof(crm_request_t));
        request.items = items;
        request.count = places(items, crm_strz(rows[i].text));

        crm_splice_init(&splice, crm_strz(rows[i].text), pool);

        assert_row((crm_dialect_cut(&splice, &request) == CRM_OK)
                   == (rows[i].left != NULL), rows[i].text);
        assert_row(rows[i].left == NULL
                   || crm_str_is(crm_splice_apply(&splice), rows[i].left),
                   rows[i].text);

        crm_pool_destroy(pool);
    }
}


static void
items_without_a_place_in_the_text_cannot_be_cut(void **state)
{
    crm_item_t      items[2];
    crm_pool_t     *pool;
    crm_splice_t    splice;
    crm_request_t   request;

    static const char  text[] = "[a,B]";

    (void) state;

    pool = crm_test_pool();
    memset(&request, 0, sizeof(crm_request_t));
    request.items = items;
    request.count = places(items, crm_strz(text));

    crm_splice_init(&splice, CRM_STR("[a,B]"), pool);
    assert_int_equal(crm_dialect_cut(&splice, &request), CRM_EINVAL);

    crm_splice_init(&splice, crm_strz(text), pool);
    items[1].place = CRM_STR_NULL;
    assert_int_equal(crm_dialect_cut(&splice, &request), CRM_EINVAL);

    items[1].place = items[0].place;
    assert_int_equal(crm_dialect_cut(&splice, &request), CRM_EINVAL);

    items[1].place = crm_str(text + 3, 3);
    assert_int_equal(crm_dialect_cut(&splice, &request), CRM_EINVAL);

    crm_pool_destroy(pool);
}


/* Of the records 1, 2 and one that is created. */
static crm_status_t
read_many(crm_record_t *records, unsigned status, const char *body,
    crm_pool_t *pool)
{
    crm_item_t      items[3];
    crm_request_t   request;

    memset(items, 0, sizeof(items));
    items[0].record_id = CRM_STR("1");
    items[2].record_id = CRM_STR("2");

    memset(&request, 0, sizeof(crm_request_t));
    request.items = items;
    request.count = 3;

    return crm_dialect_read_many(crm_dialect_find(CRM_STR("zoho")), records,
                                 &request, status, crm_strz(body), NULL,
                                 pool);
}


static void
stored_records_are_known_by_their_ids(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_record_t   records[3];

    static const struct {
        unsigned       status;
        const char    *body;
        crm_status_t   rc;
        const char    *found;           /* by item */
    } rows[] = {
        { 204, "", CRM_OK, "..." },
        { 200, "{\"data\":[{\"id\":\"2\"},{\"id\":\"1\"}]}", CRM_OK, "1.2" },
        { 200, "{\"data\":[{\"id\":2}]}", CRM_OK, "..2" },
        { 200, "{\"data\":[{\"id\":\"\\u0031\"},{\"id\":\"7\"}],\"info\":"
          "{\"more_records\":false}}", CRM_OK, "1.." },
        { 200, "{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"info\":"
          "{\"more_records\":true}}", CRM_OK, "1.2" },
        { 200, "{\"data\":[{\"id\":\"1\"}],\"info\":{\"more_records\":true}}",
          CRM_EINVAL, NULL },
        { 200, "{\"data\":[{\"id\":\"1\"},{\"id\":\"1\"}]}", CRM_EINVAL,
          NULL },
        { 200, "{\"data\":[{\"N\":\"1\"}]}", CRM_EINVAL, NULL },
        { 200, "{\"data\":[{\"id\":null}]}", CRM_EINVAL, NULL },
        { 200, "{\"data\":[1]}", CRM_EINVAL, NULL },
        { 200, "{}", CRM_EINVAL, NULL }, { 200, "", CRM_EINVAL, NULL },
        { 404, "{\"code\":\"RECORD_NOT_FOUND\"}", CRM_EINVAL, NULL },
        { 500, "{\"data\":[]}", CRM_EINVAL, NULL },
        { 0, "", CRM_EINVAL, NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(read_many(records, rows[i].status, rows[i].body, pool)
                   == rows[i].rc, rows[i].body);
        assert_row(rows[i].found == NULL
                   || ((records[0].object.data != NULL)
                       == (rows[i].found[0] == '1')
                       && records[1].object.data == NULL
                       && (records[2].object.data != NULL)
                          == (rows[i].found[2] == '2')), rows[i].body);

        crm_pool_destroy(pool);
    }
}


static void
stored_records_are_read_at_once(void **state)
{
    crm_item_t            items[3];
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_target_t          target;
    crm_request_t         request;
    const crm_dialect_t  *zoho;

    (void) state;

    pool = crm_test_pool();
    zoho = crm_dialect_find(CRM_STR("zoho"));

    memset(items, 0, sizeof(items));
    memset(&route, 0, sizeof(crm_route_t));
    memset(&request, 0, sizeof(crm_request_t));
    request.items = items;
    request.count = 3;
    items[0].record_id = CRM_STR("1");
    items[2].record_id = CRM_STR("2");

    assert_int_equal(crm_dialect_get(zoho, &target, &route, &request, pool),
                     CRM_DECLINED);

    route.get_path = CRM_STR("v8/Leads");
    assert_int_equal(crm_dialect_get(zoho, &target, &route, &request, pool),
                     CRM_OK);
    assert_str(target.path, "v8/Leads");
    assert_str(target.query, "ids=1,2");

    request.count = 1;
    assert_int_equal(crm_dialect_get(zoho, &target, &route, &request, pool),
                     CRM_OK);
    assert_str(target.path, "v8/Leads/1");
    assert_int_equal(target.query.len, 0);

    request.items = &items[1];
    assert_int_equal(crm_dialect_get(zoho, &target, &route, &request, pool),
                     CRM_DECLINED);

    crm_pool_destroy(pool);
}


static crm_status_t
starving_read(crm_pool_t *pool, void *data)
{
    crm_record_t  records[3];

    return read_many(records, 200, data, pool);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_read, "{\"data\":[{\"id\":\"\\u0031\"},"
                    "{\"id\":\"2\"}]}");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(refused_items_are_cut_out_with_what_parts_them),
    cmocka_unit_test(items_without_a_place_in_the_text_cannot_be_cut),
    cmocka_unit_test(stored_records_are_known_by_their_ids),
    cmocka_unit_test(stored_records_are_read_at_once),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
