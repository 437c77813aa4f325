/*
 * The head of a request. A Host that names another port, a fragment that goes
 * out, or a header that is two would lead a request elsewhere than where it was
 * judged to go.
 */

#include "crm_test.h"

#include "crm_worker_exchange.h"


typedef struct {
    const char  *url;
    const char  *first;         /* line, and Host */
} head_t;


static const head_t  heads[] = {
    { "http://h.test", "POST / HTTP/1.1\r\nHost: h.test\r\n" },
    { "http://h.test:80/", "POST / HTTP/1.1\r\nHost: h.test\r\n" },
    { "https://h.test:443/a", "POST /a HTTP/1.1\r\nHost: h.test\r\n" },
    { "https://h.test:80/a", "POST /a HTTP/1.1\r\nHost: h.test:80\r\n" },
    { "http://h.test:443/a", "POST /a HTTP/1.1\r\nHost: h.test:443\r\n" },
    { "http://h.test./a", "POST /a HTTP/1.1\r\nHost: h.test\r\n" },
    { "http://[::1]:8080/", "POST / HTTP/1.1\r\nHost: [::1]:8080\r\n" },
    { "https://[2001:db8::1]/", "POST / HTTP/1.1\r\nHost: [2001:db8::1]\r\n" },
    { "http://0x7f.1/", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" },
    { "http://h.test?q", "POST /?q HTTP/1.1\r\nHost: h.test\r\n" },
    { "http://h.test/a?b=c?d#e?f", "POST /a?b=c?d HTTP/1.1\r\n"
                                   "Host: h.test\r\n" },
    { "http://h.test/a#b", "POST /a HTTP/1.1\r\nHost: h.test\r\n" },
    { "http://h.test/a%20b%2F%00c//d;e=1?x=%0d%0a+y",
      "POST /a%20b%2F%00c//d;e=1?x=%0d%0a+y HTTP/1.1\r\nHost: h.test\r\n" }
};

#define HEADS  (sizeof(heads) / sizeof(heads[0]))


/* In a pool that must have room for it. */
static crm_status_t
head_of(crm_str_t *head, const head_t *row, const struct curl_slist *headers,
    crm_pool_t *pool)
{
    int                   fine;
    crm_buf_t             out;
    crm_error_t           err;
    crm_worker_target_t   target;

    assert_int_equal(crm_worker_target_parse(&target, crm_strz(row->url), 200,
                                             &err), CRM_OK);
    crm_buf_init(&out, pool, 0);
    fine = crm_worker_exchange_head(&out, "POST", &target, headers, 1, 12345);
    crm_worker_target_clean(&target);
    *head = crm_buf_view(&out);

    return fine ? CRM_OK : CRM_ENOMEM;
}


static void
a_head_says_what_the_url_does(void **state)
{
    size_t       i;
    crm_str_t    head;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < HEADS; i++) {
        assert_int_equal(head_of(&head, &heads[i], NULL, pool), CRM_OK);
        assert_str(head, crm_pool_printf(pool, "%sAccept: */*\r\n"
                                         "Content-Length: 12345\r\n\r\n",
                                         heads[i].first).data);
    }

    crm_pool_destroy(pool);
}


static void
headers_go_out_as_they_are_named(void **state)
{
    crm_str_t           head;
    crm_pool_t         *pool;
    struct curl_slist  *headers;

    (void) state;

    pool = crm_test_pool();
    headers = curl_slist_append(NULL, "accept: text/plain");
    assert_non_null(curl_slist_append(headers, "X-Empty;"));
    assert_non_null(curl_slist_append(headers, "X-None:"));
    assert_non_null(curl_slist_append(headers, "X-Both: a;b:c"));

    assert_int_equal(head_of(&head, &heads[0], headers, pool), CRM_OK);
    assert_str(head, "POST / HTTP/1.1\r\nHost: h.test\r\n"
                     "accept: text/plain\r\nX-Empty:\r\nX-Both: a;b:c\r\n"
                     "Content-Length: 12345\r\n\r\n");

    curl_slist_free_all(headers);
    crm_pool_destroy(pool);
}


static void
what_is_no_header_is_told(void **state)
{
    char       c;
    unsigned   i;

    (void) state;

    for (i = 0; i < 256; i++) {
        c = (char) i;
        assert_int_equal(crm_worker_exchange_is_name(crm_str(&c, 1)),
                         i > ' ' && i < 0x7f
                         && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL);
        assert_int_equal(crm_worker_exchange_is_value(crm_str(&c, 1)),
                         i == '\t' || (i >= ' ' && i != 0x7f));
    }

    assert_false(crm_worker_exchange_is_name(CRM_STR("")));
    assert_true(crm_worker_exchange_is_value(CRM_STR("")));
    assert_false(crm_worker_exchange_is_name(CRM_STR("X:Y")));
}


static crm_status_t
starving(crm_pool_t *pool, void *data)
{
    crm_str_t  head;

    return head_of(&head, &heads[HEADS - 1], data, pool);
}


static void
a_head_without_memory_is_none(void **state)
{
    char                text[2000];
    struct curl_slist  *headers;

    (void) state;

    memset(text, 'x', sizeof(text));
    memcpy(text, "X: ", 3);
    text[sizeof(text) - 1] = '\0';

    headers = curl_slist_append(NULL, text);
    assert_non_null(headers);
    crm_test_starve(starving, headers);
    curl_slist_free_all(headers);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_head_says_what_the_url_does),
        cmocka_unit_test(headers_go_out_as_they_are_named),
        cmocka_unit_test(what_is_no_header_is_told),
        cmocka_unit_test(a_head_without_memory_is_none)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
