/*
 * What a dialect file says: how automation writes, what its writes depend on,
 * what is refused in which words. They would fail by a request that the backend
 * does not know, or by one that is sent whatever has become of the record.
 */

#include "crm_test.h"

#include "record/crm_dialect_guard.h"
#include "record/crm_dialect_write.h"
#include "rules/crm_dialect_parse.h"


#define FILE_OF(more)                                                         \
    "{\"name\":\"mine\",\"routes\":[{\"match\":{\"methods\":[\"POST\"],"      \
    "\"path\":\"{module}\"},\"op\":\"create\",\"record\":\"\"}],"             \
    "\"get\":{\"path\":\"{module}/{id}\"" more "},\"errors\":{\"default\":{}"  \
    "}"

#define WRITES                                                                \
    FILE_OF("") ",\"patch\":{\"method\":\"PUT\",\"path\":\"o/{module}/{id}\"," \
    "\"headers\":{\"X-For\":\"{id}\"},"                                       \
    "\"body\":{\"id\":\"{id}\",\"f\":\"{fields_json}\"}},"                    \
    "\"create\":{\"method\":\"POST\",\"path\":\"o/{module}\","                \
    "\"body\":[\"{fields_json}\"]},"                                          \
    "\"add_tags\":{\"method\":\"POST\",\"path\":\"o/{module}/{id}/tags\","    \
    "\"body\":{\"tags\":\"{tags_json}\"}},"                                   \
    "\"owner_field\":\"owner_id\","                                           \
    "\"task\":{\"module\":\"todo\",\"fields\":{\"Subject\":\"text\","         \
    "\"What_Id\":\"of\",\"Owner\":\"who\"}}}"


static const crm_dialect_t *
dialect_of(const char *text, crm_pool_t *pool)
{
    crm_dialect_parsed_t  parsed;

    assert_int_equal(crm_dialect_parse(&parsed, crm_strz(text), pool), CRM_OK);

    if (parsed.dialect == NULL) {
        print_error("%s\n", parsed.faults[0].finding->message);
    }

    assert_non_null(parsed.dialect);

    return parsed.dialect;
}


static crm_span_t
span_of(const char *text, crm_pool_t *pool)
{
    crm_scan_t  scan;
    crm_span_t  span;

    crm_scan_init(&scan, crm_strz(text), NULL, pool);
    assert_int_equal(crm_scan_value(&scan, &span, NULL), CRM_OK);

    return span;
}


static void
each_write_has_the_words_of_the_file(void **state)
{
    size_t                  i;
    crm_pool_t             *pool;
    crm_status_t            rc;
    const crm_dialect_t    *dialect;
    crm_dialect_write_t     write;
    crm_dialect_request_t   request;

    static const struct {
        crm_write_kind_t  kind;
        int               task;
        const char       *fields;
        const char       *owner;
        const char       *path;         /* NULL: it cannot be said */
        const char       *body;
    } rows[] = {
        { CRM_WRITE_UPDATE, 0, "{\"a\":19.990}", "", "Deal%20s/7",
          "{\"id\":\"7\",\"f\":{\"a\":19.990}}" },
        { CRM_WRITE_UPDATE, 0, NULL, "u\"1", "Deal%20s/7",
          "{\"id\":\"7\",\"f\":{\"owner_id\":\"u\\\"1\"}}" },
        { CRM_WRITE_UPDATE, 0, "{\"Owner\":{\"id\":\"u2\"},\"b\":{\"id\":1}}",
          "", "Deal%20s/7",
          "{\"id\":\"7\",\"f\":{\"owner_id\":\"u2\",\"b\":{\"id\":1}}}" },
        { CRM_WRITE_CREATE, 0, "{\"a\":null,\"Owner\":\"u2\"}", "u1",
          "Deal%20s", "[{\"a\":null,\"owner_id\":\"u1\"}]" },
        { CRM_WRITE_CREATE, 1, "{\"Subject\":\"s\",\"Due_Date\":\"x\","
          "\"What_Id\":{\"id\":\"7\"},\"Owner\":{\"id\":\"u2\"}}", "", "todo",
          "[{\"text\":\"s\",\"of\":\"7\",\"who\":\"u2\"}]" },
        { CRM_WRITE_ADD_TAGS, 0, NULL, "", "Deal%20s/7/tags",
          "{\"tags\":[\"x\"]}" },
        { CRM_WRITE_REMOVE_TAGS, 0, NULL, "", NULL, NULL },
        { CRM_WRITE_UPDATE, 0, NULL, "", NULL, NULL },
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);
    dialect = dialect_of(WRITES, pool);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&write, 0, sizeof(crm_dialect_write_t));
        write.kind = rows[i].kind;
        write.task = rows[i].task;
        write.module = CRM_STR("Deal s");
        write.record_id = CRM_STR("7");
        write.owner = crm_strz(rows[i].owner);
        write.tags = span_of("[\"x\"]", pool);

        if (rows[i].fields) {
            write.fields = span_of(rows[i].fields, pool);
        }

        rc = crm_dialect_write(dialect, &request, &write, pool);

        if (rows[i].path == NULL) {
            assert_int_equal(rc, CRM_DECLINED);
            continue;
        }

        assert_int_equal(rc, CRM_OK);
        assert_str(request.path, rows[i].path);
        assert_str(request.body, rows[i].body);
        assert_int_equal(request.headers_count,
                         rows[i].kind == CRM_WRITE_UPDATE);

        if (request.headers_count) {
            assert_str(request.headers[0].name, "X-For");
            assert_str(request.headers[0].value, "7");
        }
    }

    crm_pool_destroy(pool);
}


static void
a_write_depends_on_the_version_that_was_read(void **state)
{
    size_t                i;
    crm_ask_t             ask;
    crm_item_t            item;
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_record_t          before;
    crm_refusal_t         refusal;
    crm_dialect_guard_t   guard;
    crm_status_t          rc;
    const crm_dialect_t  *dialect;

#define GUARD(version, guard)                                                 \
    FILE_OF(",\"version\":\"" version "\"") ",\"guard\":{" guard "}}"

    static const struct {
        const char  *file;
        const char  *version;
        const char  *value;             /* NULL: nothing to depend on */
    } rows[] = {
        { GUARD("header:ETag", "\"header\":{\"If-Match\":\"{v}\"}"),
          "\"a1\"", "\"a1\"" },
        { GUARD("header:ETag", "\"header\":{\"If-Match\":\"{v}\"}"),
          "W/\"a1\"", NULL },
        { GUARD("header:ETag", "\"header\":{\"If-Match\":\"{v}\"}"), "",
          NULL },
        { GUARD("header:ETag", "\"header\":{\"X-V\":\"v={v}\"}"), "W/\"a\nb\"",
          "v=W/\"a b\"" },
        { GUARD("field:n", "\"header\":{\"X-V\":\"{v}\"}"), "", "5" },
        { GUARD("field:n", "\"body\":{\"modified\":\"{v}\"}"), "", "5" },
        { GUARD("field:n", "\"body\":{\"modified\":\"v{v}\"}"), "",
          "\"v5\"" },
        { GUARD("header:ETag", "\"body\":{\"tag\":\"{v}\"}"), "\"a\"",
          "\"\\\"a\\\"\"" },
        { GUARD("field:n", "\"body\":{\"n\":\"{v}\"}"), "", NULL },
        { GUARD("field:n", "\"query\":{\"ver sion\":\"eq.{v}\"}"), "",
          "ver%20sion=eq.5" },
        { GUARD("field:n", "\"query\":{\"own\":\"eq.{v}\"}"), "", NULL },
        { GUARD("field:gone", "\"header\":{\"X-V\":\"{v}\"}"), "x", NULL },
        { FILE_OF("") "}", "x", NULL },
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);
    assert_int_equal(crm_record_parse(&before, CRM_STR("{\"n\":5}"), NULL,
                                      pool, NULL), CRM_OK);

    memset(&item, 0, sizeof(crm_item_t));
    item.record = &before;

    memset(&ask, 0, sizeof(crm_ask_t));
    ask.method = CRM_STR("POST");
    ask.target = CRM_STR("Leads");
    ask.query = CRM_STR("own=1");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dialect = dialect_of(rows[i].file, pool);

        (void) crm_dialect_ask(dialect, &route, &ask, pool, &refusal);

        rc = crm_dialect_guard(dialect, &guard, &route, &item, &before,
                               crm_strz(rows[i].version), pool);

        assert_row(rc == (rows[i].value ? CRM_OK : CRM_DECLINED),
                   rows[i].file);

        if (rows[i].value) {
            assert_str(guard.value, rows[i].value);
        }
    }

    crm_pool_destroy(pool);
}


static void
a_write_that_cascades_has_a_body_of_its_own(void **state)
{
    crm_pool_t             *pool;
    crm_dialect_write_t     write;
    const crm_dialect_t    *dialect;
    crm_dialect_request_t   request;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    dialect = dialect_of(FILE_OF("") ",\"patch\":{\"method\":\"PUT\","
                         "\"path\":\"{module}/{id}\",\"body\":"
                         "{\"f\":\"{fields_json}\",\"quiet\":true},"
                         "\"cascade\":\"{fields_json}\"},"
                         "\"add_tags\":{\"method\":\"POST\",\"path\":"
                         "\"{module}/{id}\",\"body\":"
                         "\"{tag_objects_json}\"}}", pool);

    memset(&write, 0, sizeof(write));
    write.module = CRM_STR("a");
    write.record_id = CRM_STR("1");
    write.fields = span_of("{\"b\\u0022\":1}", pool);

    assert_int_equal(crm_dialect_write(dialect, &request, &write, pool),
                     CRM_OK);
    assert_str(request.body, "{\"f\":{\"b\\u0022\":1},\"quiet\":true}");

    write.cascade = 1;
    assert_int_equal(crm_dialect_write(dialect, &request, &write, pool),
                     CRM_OK);
    assert_str(request.body, "{\"b\\u0022\":1}");

    write.kind = CRM_WRITE_ADD_TAGS;
    write.tags = span_of("[\"x\", 7, \"y\"]", pool);
    assert_int_equal(crm_dialect_write(dialect, &request, &write, pool),
                     CRM_OK);
    assert_str(request.body, "[{\"name\":\"x\"},{\"name\":\"y\"}]");

    crm_pool_destroy(pool);
}


static void
a_case_says_more_than_its_class(void **state)
{
    crm_buf_t             body;
    crm_str_t             type;
    crm_pool_t           *pool;
    crm_refusal_t         refusal;
    const crm_dialect_t  *dialect;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    dialect = dialect_of("{\"name\":\"mine\",\"routes\":[{\"match\":"
                         "{\"path\":\"{module}\"},\"op\":\"create\","
                         "\"record\":\"\"}],"
                         "\"get\":{\"path\":\"{module}/{id}\"},"
                         "\"errors\":{\"default\":{\"status\":409,"
                         "\"body\":\"{code} {title} {status}\"},\"cases\":{"
                         "\"locked\":{\"code\":\"NO\",\"status\":423},"
                         "\"locked_delete\":{\"title\":\"stays\"}}}}",
                         pool);

    memset(&refusal, 0, sizeof(refusal));
    refusal.kind = CRM_REFUSE_LOCKED;
    refusal.operation = CRM_OP_UPDATE;

    crm_buf_init(&body, pool, 0);
    assert_int_equal(crm_dialect_refuse(dialect, &body, &type, &refusal),
                     423);
    assert_str(crm_buf_view(&body), "\"NO The record is locked 423\"");
    assert_string_equal(crm_dialect_code(dialect, &refusal), "NO");

    refusal.operation = CRM_OP_DELETE;
    crm_buf_init(&body, pool, 0);
    assert_int_equal(crm_dialect_refuse(dialect, &body, &type, &refusal),
                     423);
    assert_str(crm_buf_view(&body), "\"NO stays 423\"");

    refusal.kind = CRM_REFUSE_BUSY;
    crm_buf_init(&body, pool, 0);
    assert_int_equal(crm_dialect_refuse(dialect, &body, &type, &refusal),
                     409);
    assert_string_equal(crm_dialect_code(dialect, &refusal), "RECORD_BUSY");

    crm_pool_destroy(pool);
}


static void
a_route_has_parameters_and_modules_words_of_their_own(void **state)
{
    size_t                i;
    crm_ask_t             ask;
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_refusal_t         refusal;
    const crm_dialect_t  *dialect;

    static const struct {
        const char    *target;
        const char    *query;
        crm_status_t   rc;
    } rows[] = {
        { "a/1", "", CRM_OK },
        { "a/1", "why=x", CRM_OK },
        { "a/1", "how=x", CRM_EINVAL },
        { "a/1", "why=x&why=y", CRM_EINVAL },
        { "b/1", "", CRM_EINVAL },
        { "a/b", "", CRM_OK },
        { "a/c", "", CRM_EINVAL },
        { "c/1", "", CRM_OK },
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    dialect = dialect_of("{\"name\":\"mine\",\"reserved\":{\"modules\":"
                         "[\"b\"],\"ids\":[\"c\"]},\"routes\":[{\"match\":"
                         "{\"path\":\"{module}/{id}\"},\"op\":\"update\","
                         "\"query\":[\"why\"],\"record\":\"\"}],"
                         "\"get\":{\"path\":\"{module}/{id}\"},"
                         "\"errors\":{\"default\":{}}}", pool);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&ask, 0, sizeof(crm_ask_t));
        ask.method = CRM_STR("PUT");
        ask.target = crm_strz(rows[i].target);
        ask.query = crm_strz(rows[i].query);

        assert_row(crm_dialect_ask(dialect, &route, &ask, pool, &refusal)
                   == rows[i].rc, rows[i].target);
    }

    crm_pool_destroy(pool);
}


/* A route that passes where a parameter is not there must not take a request
 * that gives it twice: which one the backend reads, nobody here can tell. */
static void
a_parameter_that_is_given_twice_is_there(void **state)
{
    size_t                i;
    crm_ask_t             ask;
    crm_pool_t           *pool;
    crm_route_t           route;
    crm_refusal_t         refusal;
    const crm_dialect_t  *dialect;

    static const struct {
        const char    *query;
        crm_status_t   rc;
    } rows[] = {
        { "", CRM_DECLINED },
        { "save=1", CRM_OK },
        { "save=1&save=1", CRM_EINVAL },
        { "save=&save=", CRM_EINVAL },
        { "save=1&save=%", CRM_EINVAL },
        { "s%61ve=1&save=0", CRM_EINVAL },
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    dialect = dialect_of("{\"name\":\"mine\",\"routes\":[{\"match\":"
                         "{\"methods\":[\"POST\"],\"path\":\"{module}\","
                         "\"query\":{\"save\":{\"present\":false}}},\"op\":"
                         "\"ignore\"},{\"match\":{\"methods\":[\"POST\"],"
                         "\"path\":\"{module}\"},\"op\":\"create\",\"query\":"
                         "[\"save\"],\"record\":\"\"}],"
                         "\"get\":{\"path\":\"{module}/{id}\"},\"new_id\":"
                         "[\"body:/id\"],\"errors\":{\"default\":{}}}",
                         pool);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&ask, 0, sizeof(crm_ask_t));
        ask.method = CRM_STR("POST");
        ask.target = CRM_STR("a");
        ask.query = crm_strz(rows[i].query);

        assert_row(crm_dialect_ask(dialect, &route, &ask, pool, &refusal)
                   == rows[i].rc, rows[i].query);
    }

    crm_pool_destroy(pool);
}


static void
a_type_that_is_called_none_is_a_type(void **state)
{
    crm_refusal_t         refusal;
    const crm_dialect_t  *rest;

    (void) state;

    rest = crm_dialect_find(CRM_STR("rest"));

    assert_int_equal(crm_dialect_type(rest, CRM_STR_NULL, CRM_STR_NULL,
                                      &refusal), CRM_OK);
    assert_int_equal(crm_dialect_type(rest, CRM_STR("none"), CRM_STR_NULL,
                                      &refusal), CRM_EINVAL);
    assert_int_equal(crm_dialect_type(rest,
                         CRM_STR("application/json; charset=utf-8;"),
                         CRM_STR(" identity "), &refusal), CRM_OK);
    assert_int_equal(crm_dialect_type(rest,
                         CRM_STR("application/json; charset = utf-8"),
                         CRM_STR_NULL, &refusal), CRM_EINVAL);
    assert_str(refusal.reason,
               "the Content-Type must be application/json in UTF-8");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(each_write_has_the_words_of_the_file),
        cmocka_unit_test(a_write_that_cascades_has_a_body_of_its_own),
        cmocka_unit_test(a_case_says_more_than_its_class),
        cmocka_unit_test(
            a_route_has_parameters_and_modules_words_of_their_own),
        cmocka_unit_test(a_parameter_that_is_given_twice_is_there),
    cmocka_unit_test(a_type_that_is_called_none_is_a_type),
        cmocka_unit_test(a_write_depends_on_the_version_that_was_read)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
