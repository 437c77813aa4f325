/*
 * kind: backend. It would fail by credentials that stand in the rules, by a
 * url that leads elsewhere, or by a header that two can set.
 */

#include "crm_rules_make.h"


#define BACKEND(more)  "{'kind':'backend','dialect':'zoho'" more "}"
#define URL(url)       BACKEND(",'url':'" url "'")
#define HEADER(h)      BACKEND(",'url':'http://h','headers':{" h "}")


static void
the_backend_is_known_by_its_rules(void **state)
{
    size_t                i;
    crm_ruleset_t        *rules;
    const crm_backend_t  *backend;

    static const struct {
        const char  *objects;
        const char  *url;
    } rows[] = {
        { URL("http://127.0.0.1:8080/crm/v8"),
          "http://127.0.0.1:8080/crm/v8" },
        { URL("https://api.example.com/crm/v8/"),
          "https://api.example.com/crm/v8" },
        { URL("https://h//"), "https://h" },
        { URL("http://[::1]:80/a%20b"), "http://[::1]:80/a%20b" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rules = crm_make_rules(rows[i].objects);
        backend = crm_ruleset_backend(rules);
        assert_non_null(backend);
        assert_str(backend->url, rows[i].url);
        assert_str(crm_dialect_name(backend->dialect), "zoho");
        assert_int_equal(backend->headers_count, 0);
        crm_ruleset_release(rules);
    }

    rules = crm_make_rules("{'kind':'profile','name':'P'}");
    assert_null(crm_ruleset_backend(rules));
    crm_ruleset_release(rules);
}


static void
its_headers_are_names_of_secrets(void **state)
{
    crm_ruleset_t        *rules;
    const crm_backend_t  *backend;

    (void) state;

    rules = crm_make_rules(HEADER("'Authorization':'env:CRM_AUTH',"
                                  "'X-Key':'file:key.txt'"));
    backend = crm_ruleset_backend(rules);

    assert_int_equal(backend->headers_count, 2);
    assert_str(backend->headers[0].name, "Authorization");
    assert_str(backend->headers[0].secret, "env:CRM_AUTH");
    assert_str(backend->headers[1].name, "X-Key");
    assert_str(backend->headers[1].secret, "file:key.txt");

    crm_ruleset_release(rules);
}


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { BACKEND(""), "", "missing_key", "url", "url" },
        { BACKEND(",'url':''"), "url", "empty", "must not be empty", NULL },
        { URL("127.0.0.1"), "url", "bad_url", "http:// or https://", NULL },
        { URL("ftp://h"), "url", "bad_url", "http:// or https://", NULL },
        { URL("http://"), "url", "bad_url", "with a host", NULL },
        { URL("http:///x"), "url", "bad_url", "lacks a host", NULL },
        { URL("http://:80/x"), "url", "bad_url", "lacks a host", NULL },
        { URL("https://a:b@h/x"), "url", "bad_url", "user name", NULL },
        { URL("https://h/x?y=1"), "url", "bad_url", "end with its path",
          NULL },
        { URL("https://h/x#y"), "url", "bad_url", "end with its path", NULL },
        { URL("https://h/a b"), "url", "bad_url", "percent-encoded", NULL },
        { URL("https://h/a\\nb"), "url", "bad_url", "percent-encoded", NULL },
        { URL("https://h\\u00fc/"), "url", "bad_url", "xn--", NULL },
        { "{'kind':'backend','url':'http://h','dialect':'soap'}", "dialect",
          "unknown_reference", "there is no dialect \"soap\"", "zoho" },
        { "{'kind':'backend','url':'http://h'}", "", "missing_key",
          "dialect", "dialect" },
        { HEADER("'Authorization':'token x'"), "headers.Authorization",
          "bad_secret", "never written", "env:NAME" },
        { HEADER("'A':'env:'"), "headers.A", "bad_secret", "never written",
          "env:NAME" },
        { HEADER("'A':'file:a b'"), "headers.A", "bad_secret",
          "never written", "env:NAME" },
        { HEADER("'A':5"), "headers.A", "bad_secret", "never written",
          "env:NAME" },
        { HEADER("'A':null"), "headers.A", "bad_secret", "never written",
          "env:NAME" },
        { HEADER("'A B':'env:X'"), "headers.A B", "bad_header",
          "is no header name", NULL },
        { HEADER("'A\\r\\nB':'env:X'"), "headers.A\r\nB", "bad_header",
          "is no header name", NULL },
        { HEADER("'':'env:X'"), "headers.", "bad_header",
          "is no header name", NULL },
        { HEADER("'host':'env:X'"), "headers.host", "bad_header",
          "set by the worker", NULL },
        { HEADER("'CRM-Event':'env:X'"), "headers.CRM-Event", "bad_header",
          "set by the worker", NULL },
        { BACKEND(",'url':'http://h','headers':[]"), "headers", "wrong_type",
          "headers", NULL },
        { BACKEND(",'url':'http://h','header':{}"), "header", "unknown_key",
          "headers", "headers" },
        { URL("http://a") "," URL("http://b"), "", "duplicate_name",
          "two of kind backend", NULL },
        { BACKEND(",'name':'a','url':'http://a'") ","
          BACKEND(",'name':'b','url':'http://b'"), "", "duplicate_name",
          "two of kind backend", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_backend_is_known_by_its_rules),
    cmocka_unit_test(its_headers_are_names_of_secrets),
    cmocka_unit_test(every_mistake_is_found),
};

CRM_TEST_MAIN(tests)
