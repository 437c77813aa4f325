/*
 * Dialect files. They would fail by taking a file that does not say what its
 * author means, or by telling of a mistake without where it is.
 */

#include "crm_test.h"

#include "record/crm_dialect_file.h"
#include "rules/crm_dialect_parse.h"


/* A good file, of which rows below replace a line. */
static const char *const  good[] = {
    "{",
    "  \"name\": \"mine\",",
    "  \"id_form\": \"int\",",
    "  \"reserved\": [\"search\"],",
    "  \"routes\": [",
    "    { \"match\": { \"methods\": [\"POST\"], \"path\": \"{module}\" },",
    "      \"op\": \"create\", \"record\": \"/data\" },",
    "    { \"match\": { \"methods\": [\"PUT\"], \"path\": \"{module}/{id}\" },",
    "      \"op\": \"update\", \"record\": \"/data\" },",
    "    { \"match\": { \"path\": \"{module}/search\" }, \"op\": \"ignore\" }",
    "  ],",
    "  \"new_id\": [\"body:/data/id\"],",
    "  \"get\": { \"path\": \"{module}/{id}\", \"record\": \"/data\" },",
    "  \"errors\": { \"default\": { \"status\": 409,",
    "    \"headers\": { \"X-Why\": \"{message}\" },",
    "    \"body\": { \"error\": \"{code}\" } } }",
    "}",
    NULL
};


static crm_str_t
text_of(size_t line, const char *with, crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; good[i]; i++) {
        crm_buf_puts(&buf, i + 1 == line ? with : good[i]);
        crm_buf_putc(&buf, '\n');
    }

    return crm_buf_view(&buf);
}


static crm_str_t
shipped(const char *path, crm_pool_t *pool)
{
    FILE    *file;
    char    *text;
    size_t   len;

    text = crm_pool_alloc(pool, CRM_DIALECT_MAX_FILE);
    file = fopen(path, "rb");
    assert_non_null(text);
    assert_non_null(file);

    len = fread(text, 1, CRM_DIALECT_MAX_FILE, file);
    assert_true(len > 0 && len < CRM_DIALECT_MAX_FILE);
    fclose(file);

    return crm_str(text, len);
}


static void
a_good_file_becomes_a_dialect(void **state)
{
    crm_pool_t                       *pool;
    crm_dialect_parsed_t              parsed;
    const struct crm_dialect_file_s  *d;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    assert_int_equal(crm_dialect_parse(&parsed, text_of(0, NULL, pool), pool),
                     CRM_OK);
    assert_int_equal(parsed.count, 0);
    assert_non_null(parsed.dialect);
    assert_str(crm_dialect_name(parsed.dialect), "mine");

    d = parsed.dialect->file;
    assert_int_equal(d->routes_count, 3);
    assert_int_equal(d->routes[0].id.from, CRM_FILE_FROM_NONE);
    assert_int_equal(d->routes[1].id.from, CRM_FILE_FROM_PATH);
    assert_int_equal(d->errors[CRM_FILE_LOCKED].status, 409);
    assert_int_equal(d->errors[CRM_FILE_BAD_BODY].headers_count, 1);

    crm_pool_destroy(pool);
}


static void
a_backend_has_the_ways_that_its_file_names(void **state)
{
    crm_pool_t            *pool;
    crm_dialect_parsed_t   parsed;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);

    assert_int_equal(crm_dialect_parse(&parsed,
        text_of(3, "  \"ways\": { \"pages\": true, \"scripts\": false },",
                pool), pool), CRM_OK);
    assert_non_null(parsed.dialect);
    assert_true(crm_dialect_has(parsed.dialect, CRM_WAY_PAGES));
    assert_false(crm_dialect_has(parsed.dialect, CRM_WAY_SCRIPTS));
    assert_false(crm_dialect_has(parsed.dialect, CRM_WAY_EXTERNAL));

    assert_false(crm_dialect_has(crm_dialect_find(CRM_STR("rest")),
                                 CRM_WAY_PAGES));
    assert_true(crm_dialect_has(crm_dialect_default(),
                                CRM_WAY_PAGES | CRM_WAY_EXTERNAL));

    crm_pool_destroy(pool);
}


static void
each_mistake_has_its_line_and_column(void **state)
{
    size_t                 i, k, wrong;
    crm_pool_t            *pool;
    crm_dialect_parsed_t   parsed;

    static const struct {
        size_t       line;
        const char  *with;
        unsigned     at;
        unsigned     column;
        const char  *says;
    } rows[] = {
        { 2, "  \"name\": \"mine\"", 3, 3, "expected" },
        { 2, "  \"name\": \"mine\", \"name\": \"twice\",", 2, 19,
          "duplicate key" },
        { 2, "  \"nmae\": \"mine\",", 2, 3, "did you mean \"name\"" },
        { 2, "", 1, 1, "lacks \"name\"" },
        { 3, "  \"id_form\": \"regex:(\",", 3, 14, "part 1 of the pattern" },
        { 3, "  \"normalise\": { \"path_case\": \"any\" },", 3, 31, "fold" },
        { 3, "  \"prefix\": [\"api\"],", 3, 14, "ends with a slash" },
        { 3, "  \"method_override\": { \"sources\": [\"cookie:x\"] },", 3, 36,
          "header:NAME" },
        { 3, "  \"body_types\": { \"types\": { \"text/csv\": \"csv\" } },", 3,
          42, "\"form\" or" },
        { 3, "  \"modules\": { \"A\": { \"aliases\": 1 } },", 3, 34,
          "aliases" },
        { 7, "      \"op\": \"crate\", \"record\": \"/data\" },", 7, 13,
          "op is create" },
        { 7, "      \"op\": \"create\", \"record\": \"data\" },", 7, 33,
          "begins with \"/\"" },
        { 7, "      \"op\": \"create\" },", 6, 5, "lacks \"record\"" },
        { 7, "      \"op\": \"create\", \"record\": \"\","
             " \"module\": \"cookie\" },", 7, 47, "a module comes from" },
        { 7, "      \"op\": \"create\", \"record\": \"\","
             " \"decode\": \"base64:x\" },", 7, 47, "json-string" },
        { 8, "    { \"match\": { \"methods\": [\"PUT\"],"
             " \"path\": \"{module}\" },", 8, 5, "lacks an id" },
        { 8, "    { \"match\": { \"methods\": [\"PUT\"],"
             " \"path\": \"a{module}\" },", 8, 46, "a segment is" },
        { 8, "    { \"match\": { \"methods\": [\"POST\"],"
             " \"path\": \"{module}\", \"query\": { \"a\": \"1\" } },"
             " \"id\": \"none\",", 8, 5, "routes[0] takes them all" },
        { 10, "    { \"match\": { \"path\": \"{module}/search\","
              " \"body\": { \"x\": 1 } }, \"op\": \"ignore\" }", 10, 60,
          "begins with \"/\"" },
        { 9, "      \"op\": \"update\", \"record\": \"/data\","
             " \"on_unknown_set\": \"resolve\" },", 8, 5, "go together" },
        { 9, "      \"op\": \"update\", \"record\": \"/data\","
             " \"on_unknown_set\": \"resolve\", \"resolve\": { \"path\":"
             " \"{module}\", \"records\": \"/*\" } },", 9, 82,
          "one of \"as_query\" and" },
        { 9, "      \"op\": \"update\", \"record\": \"/data\","
             " \"on_unknown_set\": \"resolve\", \"resolve\": { \"path\":"
             " \"{module}\", \"records\": \"/*\", \"as_body\": {} } },", 9,
          132, "must have {ids_json}" },
        { 12, "  \"new_id\": [\"cookie:x\"],", 12, 14, "a new id stands" },
        { 12, "  \"ok\": { \"status\": [\"6xx\"] },", 12, 22, "a status is" },
        { 12, "  \"items\": { \"pointer\": \"/d/*\","
              " \"order\": \"match_by\" },", 12, 12, "lacks \"match_by\"" },
        { 13, "  \"get\": { \"path\": \"rpc\", \"body\": { \"of\":"
              " \"{module}\" } },", 13, 20, "must have {id}" },
        { 13, "  \"get\": { \"path\": \"{module}/{id}\", \"body\":"
              " \"{body:x}\" },", 13, 45, "begins with" },
        { 13, "  \"get\": { \"path\": \"{module}/{id}\","
              " \"many_body\": {} },", 13, 50, "which is not there" },
        { 12, "  \"guard\": { \"header\": { \"If-Match\": \"x\" } },", 12,
          38, "must have {v}" },
        { 12, "  \"find\": { \"path\": \"x\", \"records\": \"/*\" },", 12, 21,
          "must have {module}" },
        { 12, "  \"patch\": { \"method\": \"PATCH\", \"path\":"
              " \"{module}/{id}\", \"body\": {} },", 12, 66,
          "must have {fields_json}" },
        { 12, "  \"list\": { \"path\": \"{module}?p=2\","
              " \"records\": \"/*\" },", 12, 21, "{after}" },
        { 12, "  \"list\": { \"path\": \"{module}?a={after}&o={offset}\","
              " \"records\": \"/*\" },", 12, 21, "one of both" },
        { 12, "  \"list\": { \"path\": \"{module}?a={after}\","
              " \"records\": \"/*\" },", 12, 21, "\"first\"" },
        { 12, "  \"list\": { \"path\": \"{module}?o={offset}\","
              " \"records\": \"/*\", \"first\": \"{module}\" },", 12, 70,
          "leave \"first\" out" },
        { 12, "  \"list\": { \"path\": \"x?a={after}\", \"first\": \"x\","
              " \"records\": \"/*\" },", 12, 21, "must have {module}" },
        { 12, "  \"list\": { \"path\": \"{module}?a={after}{event}\","
              " \"first\": \"{module}\", \"records\": \"/*\" },", 12, 21,
          "{event} has no value" },
        { 12, "  \"list\": { \"path\": \"{module}?o={offset}\" },", 12, 11,
          "lacks" },
        { 12, "  \"bulk_policy\": \"per_item\",", 12, 18, "\"order\"" },
        { 12, "  \"create\": { \"method\": \"POST\", \"path\":"
              " \"{module}/{id}\", \"body\": \"{fields_json}\" },", 12, 41,
          "{id} has no value" },
        { 12, "  \"add_tags\": { \"method\": \"POST\", \"path\":"
              " \"{module}/{id}\", \"body\": {} },", 12, 68,
          "must have {tags_json}" },
        { 12, "  \"remove_tags\": { \"method\": \"POST\" },", 12, 18,
          "lacks" },
        { 12, "  \"task\": { \"module\": \"T\", \"fields\":"
              " { \"Name\": \"n\" } },", 12, 48, "a task has Subject" },
        { 12, "  \"find\": { \"path\": \"{module}\", \"records\": \"/*\","
              " \"unique\": \"e\" },", 12, 60, "go together" },
        { 12, "  \"find\": { \"path\": \"{module}\", \"records\": \"/*\","
              " \"unique\": \"e\", \"unique_path\": \"{module}\" },", 12,
          80, "must have {value}" },
        { 3, "  \"forward_auth\": { \"body\": { \"s\": \"x\" } },", 3, 36,
          "begins with \"/\"" },
        { 3, "  \"forward_auth\": { \"body\": { \"s\": 1 } },", 3, 36,
          "taken from a pointer" },
        { 13, "  \"get\": { \"path\": \"{module}\", \"record\": \"\" },", 13,
          20, "must have {id}" },
        { 13, "  \"get\": { \"path\": \"{module}/{id}/{name}\" },", 13, 20,
          "{name} is no place" },
        { 13, "  \"get\": { \"path\": \"{module}/{id}\","
              " \"many\": \"{module}?ids={ids}\" },", 13, 10,
          "lacks \"records\"" },
        { 14, "  \"errors\": { \"locked\": { \"status\": 99,", 14, 37,
          "status" },
        { 15, "    \"headers\": { \"X Why\": \"{message}\" },", 15, 27,
          "a header is" },
        { 16, "    \"body\": { \"error\": [ \"{what}\" ] } } }", 16, 26,
          "{what} is no place" },
        { 16, "    \"body\": { \"error\": \"a}\" } } }", 16, 24, "a brace" },
    };

    (void) state;

    wrong = 0;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_pool_create(crm_host_malloc(), 0);
        assert_non_null(pool);

        assert_row(crm_dialect_parse(&parsed, text_of(rows[i].line,
                                                      rows[i].with, pool),
                                     pool) == CRM_OK, rows[i].with);
        assert_row(parsed.dialect == NULL, rows[i].with);
        assert_row(parsed.count && parsed.errors, rows[i].with);

        for (k = 0; k < parsed.count; k++) {
            if (parsed.faults[k].line == rows[i].at
                && parsed.faults[k].column == rows[i].column
                && strstr(parsed.faults[k].finding->message, rows[i].says))
            {
                break;
            }
        }

        if (k == parsed.count) {
            wrong++;
            print_error("%s\n  at %u:%u: %s\n  not at %u:%u: %s\n",
                        rows[i].with,
                        parsed.faults[0].line, parsed.faults[0].column,
                        parsed.faults[0].finding->message, rows[i].at,
                        rows[i].column, rows[i].says);
        }

        crm_pool_destroy(pool);
    }

    assert_int_equal(wrong, 0);
}


/* Each allocation fails once: no memory is said, none is kept. */
static void
starve(crm_str_t text)
{
    size_t                  n;
    crm_pool_t             *pool;
    crm_host_t              host;
    crm_status_t            rc;
    crm_test_memory_t       memory;
    crm_dialect_parsed_t    parsed;

    rc = CRM_ENOMEM;

    for (n = 1; rc != CRM_OK && n < CRM_TEST_STARVE_MAX; n++) {
        memset(&memory, 0, sizeof(crm_test_memory_t));
        memory.fail_at = n;
        host = crm_test_host(&memory);

        pool = crm_pool_create(&host, 0);
        if (pool == NULL) {
            continue;
        }

        rc = crm_dialect_parse(&parsed, text, pool);
        assert_true(rc == CRM_OK || rc == CRM_ENOMEM);
        assert_true(rc == CRM_ENOMEM || parsed.dialect != NULL);
        crm_pool_destroy(pool);
        assert_int_equal(memory.live, 0);
    }

    assert_int_equal(rc, CRM_OK);
}


static void
memory_may_run_out_anywhere(void **state)
{
    crm_pool_t  *texts;

    (void) state;

    texts = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(texts);

    starve(text_of(0, NULL, texts));
    starve(shipped("src/dialects/zoho.json", texts));
    starve(shipped("src/dialects/directus.json", texts));

    crm_pool_destroy(texts);
}


static void
what_is_built_in_is_found_by_name(void **state)
{
    char        *p, *next;
    char         names[] = CRM_DIALECT_NAMES;

    (void) state;

    for (p = names; p; p = next) {
        next = strstr(p, ", ");

        if (next) {
            *next = '\0';
            next += 2;
        }

        assert_row(crm_dialect_find(crm_strz(p)) != NULL, p);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_good_file_becomes_a_dialect),
        cmocka_unit_test(a_backend_has_the_ways_that_its_file_names),
        cmocka_unit_test(each_mistake_has_its_line_and_column),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(what_is_built_in_is_found_by_name)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
