/*
 * What automation writes, and what its writes depend on, in the words of a
 * dialect file. They would fail by a request that the backend does not know,
 * or by one that is sent whatever has become of the record.
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


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(each_write_has_the_words_of_the_file),
        cmocka_unit_test(a_write_depends_on_the_version_that_was_read)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
