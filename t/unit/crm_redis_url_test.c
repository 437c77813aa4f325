/*
 * Redis addresses: the same reading in nginx, worker and crmctl. A password
 * in one must be refused and never shown.
 */

#include "crm_test.h"

#include "state/crm_redis_url.h"


static crm_pool_t       *pool;
static crm_redis_url_t   url;
static crm_error_t       err;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


static void
unix_addresses(void **state)
{
    (void) state;

    assert_int_equal(crm_redis_url_parse(&url, CRM_STR("unix:/run/r.sock"),
                                         pool, &err), CRM_OK);
    assert_string_equal(url.path.data, "/run/r.sock");
    assert_int_equal(url.db, 0);
    assert_null(url.host.data);
    assert_null(url.user.data);
    assert_string_equal(url.text.data, "unix:/run/r.sock");

    assert_int_equal(crm_redis_url_parse(&url, CRM_STR("unix:/a:b/r.sock:/12"),
                                         pool, &err), CRM_OK);
    assert_string_equal(url.path.data, "/a:b/r.sock");
    assert_int_equal(url.db, 12);
}


static void
tcp_addresses(void **state)
{
    static const struct {
        const char  *text;
        const char  *host;
        int          port;
        int          db;
        const char  *user;
    } good[] = {
        { "redis://localhost", "localhost", 6379, 0, NULL },
        { "redis://10.0.0.1:7000", "10.0.0.1", 7000, 0, NULL },
        { "redis://h/", "h", 6379, 0, NULL },
        { "redis://h:1/15", "h", 1, 15, NULL },
        { "redis://crm@h:65535/3", "h", 65535, 3, "crm" },
        { "redis://[::1]", "::1", 6379, 0, NULL },
        { "redis://u@[2001:db8::1]:7/2", "2001:db8::1", 7, 2, "u" },
    };

    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(crm_redis_url_parse(&url, crm_strz(good[i].text),
                                             pool, &err), CRM_OK);
        assert_null(url.path.data);
        assert_string_equal(url.host.data, good[i].host);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.db, good[i].db);
        if (good[i].user) {
            assert_string_equal(url.user.data, good[i].user);
        } else {
            assert_null(url.user.data);
        }
    }
}


static void
what_is_no_address_is_refused_with_what_is(void **state)
{
    static const char *const  bad[] = {
        "", "unix:", "redis://", "redis:", "localhost:6379", "unix:r.sock",
        "unix:/r.sock:/", "unix:/r.sock:/x", "unix:/r.sock:/70000", "unix::/0",
        "redis://h:0", "redis://h:65536", "redis://h:", "redis://h:x",
        "redis://h/x", "redis://h/-1", "redis://h/123456", "redis://:6379",
        "redis://@h", "redis://[::1", "redis://[]", "redis://[::1]x",
        "redis://h h", "http://h", "rediss://h", "redis://h:99999999999",
        "unix:/0123456789012345678901234567890123456789012345678901234567890"
        "123456789012345678901234567890123456789012345678"
    };

    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&err, 0, sizeof(err));
        assert_int_equal(crm_redis_url_parse(&url, crm_strz(bad[i]), pool,
                                             &err), CRM_EINVAL);
        assert_non_null(strstr(err.text, "write unix:PATH[:/DB] or redis://"));
    }
    assert_int_equal(crm_redis_url_parse(&url, CRM_STR_NULL, pool, &err),
                     CRM_EINVAL);
    assert_int_equal(crm_redis_url_parse(&url, crm_str("redis://a\0b", 11),
                                         pool, &err), CRM_EINVAL);
}


static void
a_password_in_the_address_is_refused_and_not_shown(void **state)
{
    (void) state;

    assert_int_equal(crm_redis_url_parse(&url, CRM_STR("redis://u:geheim@h"),
                                         pool, &err), CRM_EINVAL);
    assert_null(strstr(err.text, "geheim"));
    assert_non_null(strstr(err.text, "password file"));

    assert_int_equal(crm_redis_url_parse(&url, CRM_STR("redis://:geh eim@h"),
                                         pool, &err), CRM_EINVAL);
    assert_null(strstr(err.text, "eim"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(unix_addresses),
        cmocka_unit_test(tcp_addresses),
        cmocka_unit_test(what_is_no_address_is_refused_with_what_is),
        cmocka_unit_test(a_password_in_the_address_is_refused_and_not_shown),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
