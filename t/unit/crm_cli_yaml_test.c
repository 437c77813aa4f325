/*
 * YAML to values that know where they stand, and values to YAML that reads
 * back the same. Were it broken, a dump would not be what was applied, or an
 * error would be shown in the wrong line.
 */

#include "crm_test.h"

#include "crm_cli_emit.h"
#include "crm_cli_scalar.h"
#include "crm_cli_yaml.h"


#define ROUNDS     2000
#define TEXT_SIZE  256

typedef struct {
    crm_pool_t          *pool;
    crm_cli_docs_t       docs;
    crm_cli_findings_t   findings;
} reading_t;


static const char *const  pieces[] = {
    "a", "B", "true", "null", "~", "1", "1.5", "-", "--- ", "...", "\n",
    "\n\n", " ", "  ", "\t", ":", ": ", "#", " #", "\xc3\xa9",
    "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", "\xc2\x85",
    "\xe2\x80\xa8", "\xef\xbb\xbf", "\x7f", "\x01", "\"", "'", "\\", "{", "}",
    "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "${!x}", "?", "? ",
    "- ", "=", "<<", "0", "e5", "\r", "\r\n", "yes", "on",
    "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf", "/"
};

#define PIECES  (sizeof(pieces) / sizeof(pieces[0]))


static uint64_t  seed = 1;


static void reading_open(reading_t *r, const char *text, size_t len);
static void reading_close(reading_t *r);
static unsigned pick(unsigned n);
static void random_text(char *text);
static json_t *random_value(int depth);


static void
what_is_emitted_reads_back_the_same(void **state)
{
    int         i;
    char       *text;
    FILE       *out;
    size_t      len;
    json_t     *value;
    reading_t   r;

    (void) state;

    for (i = 0; i < ROUNDS; i++) {
        value = json_pack("{s:o, s:o}", "first", random_value(0),
                          "second", random_value(0));
        out = open_memstream(&text, &len);

        assert_non_null(value);
        assert_non_null(out);
        assert_int_equal(crm_cli_emit(value, out), 0);
        fclose(out);

        reading_open(&r, text, len);

        if (r.docs.count != 1 || r.findings.count
            || !json_equal(r.docs.items[0].value, value))
        {
            fail_msg("round %d:\n%s", i, text);
        }

        reading_close(&r);
        json_decref(value);
        free(text);
    }
}


static void
mangled_text_gives_findings_and_no_crash(void **state)
{
    int         i, k;
    char       *text;
    FILE       *out;
    size_t      len;
    json_t     *value;
    reading_t   r;

    (void) state;

    for (i = 0; i < ROUNDS; i++) {
        value = json_pack("{s:o}", "first", random_value(0));
        out = open_memstream(&text, &len);
        assert_int_equal(crm_cli_emit(value, out), 0);
        fclose(out);

        for (k = 0; k < 4; k++) {
            text[pick((unsigned) len)] = (char) (pick(2)
                                                 ? *pieces[pick(PIECES)]
                                                 : (int) pick(256));
        }

        reading_open(&r, text, len);
        reading_close(&r);
        json_decref(value);
        free(text);
    }
}


static void
a_path_leads_to_its_place_or_to_the_nearest_parent(void **state)
{
    size_t      i;
    unsigned    line, column;
    reading_t   r;

    static const char  text[] =
        "kind: x\n"                                 /* 1 */
        "list:\n"                                   /* 2 */
        "  - { a: 1, \"b.c\": 2 }\n"                /* 3 */
        "  - [ u, v ]\n"                            /* 4 */
        "empty:\n"                                  /* 5 */
        "b: { c: 3 }\n"                             /* 6 */
        "b.c: 4\n";                                 /* 7 */

    static const struct {
        const char  *path;
        int          at_key;
        unsigned     line, column;
    } rows[] = {
        { "", 0, 1, 1 },            { "kind", 0, 1, 7 },
        { "kind", 1, 1, 1 },        { "list", 0, 3, 3 },
        { "list", 1, 2, 1 },        { "list[0]", 0, 3, 5 },
        { "list[0].a", 0, 3, 10 },  { "list[0].a", 1, 3, 7 },
        { "list[0].b.c", 0, 3, 20 }, { "list[1][1]", 0, 4, 10 },
        { "list[1][2]", 0, 4, 5 },  { "list[7].a", 0, 3, 3 },
        { "list[0].z", 1, 3, 5 },   { "empty", 0, 5, 1 },
        { "b.c", 0, 7, 6 },         { "nowhere.at.all", 0, 1, 1 },
        { "[0]", 0, 1, 7 },         { "list[", 0, 3, 5 },
    };

    (void) state;

    reading_open(&r, text, sizeof(text) - 1);
    assert_int_equal(r.docs.count, 1);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        crm_cli_yaml_find(r.docs.items[0].root, rows[i].path, rows[i].at_key,
                          &line, &column);
        assert_row(line == rows[i].line, rows[i].path);
        assert_row(column == rows[i].column, rows[i].path);
    }

    reading_close(&r);
}


static void
plain_scalars_follow_json(void **state)
{
    size_t  i;

    static const struct {
        const char        *text;
        crm_cli_scalar_t   kind;
    } rows[] = {
        { "", CRM_CLI_NULL },         { "~", CRM_CLI_NULL },
        { "null", CRM_CLI_NULL },     { "Null", CRM_CLI_TEXT },
        { "true", CRM_CLI_TRUE },     { "True", CRM_CLI_TEXT },
        { "false", CRM_CLI_FALSE },   { "yes", CRM_CLI_TEXT },
        { "0", CRM_CLI_INTEGER },     { "-0", CRM_CLI_INTEGER },
        { "17", CRM_CLI_INTEGER },    { "017", CRM_CLI_TEXT },
        { "+1", CRM_CLI_TEXT },       { "1_000", CRM_CLI_TEXT },
        { "0x10", CRM_CLI_TEXT },     { ".5", CRM_CLI_TEXT },
        { "5.", CRM_CLI_TEXT },       { "0.5", CRM_CLI_REAL },
        { "1e5", CRM_CLI_REAL },      { "1E-5", CRM_CLI_REAL },
        { "1e", CRM_CLI_TEXT },       { "-", CRM_CLI_TEXT },
        { "-a", CRM_CLI_TEXT },       { ".inf", CRM_CLI_TEXT },
        { "nan", CRM_CLI_TEXT },      { "2026-11-22", CRM_CLI_TEXT },
        { "1 2", CRM_CLI_TEXT },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_cli_scalar_kind(crm_strz(rows[i].text))
                   == rows[i].kind, rows[i].text);
    }
}


static void
numbers_that_would_bend_say_so(void **state)
{
    size_t       i;
    json_t      *value;
    const char  *why;

    static const struct {
        const char  *text;
        int          fits;
    } rows[] = {
        { "9223372036854775807", 1 },   { "9223372036854775808", 0 },
        { "-9223372036854775808", 1 },  { "-9223372036854775809", 0 },
        { "19.99", 1 },                 { "123456789012.345", 1 },
        { "1234567890123.4567", 0 },    { "0.000000000000000001", 1 },
        { "100000000000000000000.0", 1 }, { "1.00000000000000000000", 1 },
        { "1e308", 1 },                 { "1e309", 0 },
        { "1e-320", 0 },                { "0.0", 1 },
        { "0e999", 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        value = crm_cli_scalar_value(crm_strz(rows[i].text), &why);
        assert_row(json_is_number(value), rows[i].text);
        assert_row((why == NULL) == rows[i].fits, rows[i].text);
        json_decref(value);
    }
}


static crm_status_t
read_starving(crm_pool_t *pool, void *data)
{
    crm_cli_docs_t       docs;
    crm_cli_findings_t   findings;

    (void) data;

    memset(&docs, 0, sizeof(crm_cli_docs_t));
    docs.pool = pool;
    crm_cli_findings_init(&findings, pool);

    return crm_cli_yaml_read(&docs, "test",
                             CRM_STR("a: [1, {b: text}]\n---\nc: |\n  d\n"),
                             &findings);
}


static void
reading_without_memory_says_so_and_leaks_nothing(void **state)
{
    (void) state;

    crm_test_starve(read_starving, NULL);
}


static void
reading_open(reading_t *r, const char *text, size_t len)
{
    memset(r, 0, sizeof(reading_t));
    r->pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(r->pool);
    r->docs.pool = r->pool;
    crm_cli_findings_init(&r->findings, r->pool);

    assert_int_equal(crm_cli_yaml_read(&r->docs, "test", crm_str(text, len),
                                       &r->findings), CRM_OK);
}


static void
reading_close(reading_t *r)
{
    crm_pool_destroy(r->pool);
}


static unsigned
pick(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;

    return n ? (unsigned) (seed >> 33) % n : 0;
}


static void
random_text(char *text)
{
    size_t    n, len;
    unsigned  i;

    len = 0;

    for (i = pick(8); i; i--) {
        n = pick(40) ? 1 : 60;          /* a long one now and then */

        while (n-- && len + 8 < TEXT_SIZE) {
            len += (size_t) snprintf(text + len, TEXT_SIZE - len, "%s",
                                     pieces[pick(PIECES)]);
        }
    }

    text[len] = '\0';
}


static json_t *
random_value(int depth)
{
    char      text[TEXT_SIZE];
    json_t   *value;
    unsigned  i;

    switch (pick(depth > 5 ? 5 : 8)) {

    case 0:
        return json_integer((json_int_t) (seed * 31));

    case 1:
        snprintf(text, sizeof(text), "%u.%06ue%d", pick(1000), pick(1000000),
                 (int) pick(60) - 30);
        return json_real(strtod(text, NULL));

    case 2:
    case 3:
        random_text(text);
        return json_string(text);

    case 4:
        return pick(2) ? json_boolean(pick(2)) : json_null();

    case 5:
    case 6:
        value = json_object();

        for (i = pick(4); i; i--) {
            random_text(text);
            json_object_set_new(value, text, random_value(depth + 1));
        }

        return value;

    default:
        value = json_array();

        for (i = pick(4); i; i--) {
            json_array_append_new(value, random_value(depth + 1));
        }

        return value;
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(what_is_emitted_reads_back_the_same),
    cmocka_unit_test(mangled_text_gives_findings_and_no_crash),
    cmocka_unit_test(a_path_leads_to_its_place_or_to_the_nearest_parent),
    cmocka_unit_test(plain_scalars_follow_json),
    cmocka_unit_test(numbers_that_would_bend_say_so),
    cmocka_unit_test(reading_without_memory_says_so_and_leaks_nothing),
};

CRM_TEST_MAIN(tests)
