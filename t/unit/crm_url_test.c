/*
 * Steps of a path that lead elsewhere.
 */

#include "crm_test.h"

#include "base/crm_url.h"


static void
a_step_of_dots_is_seen_wherever_it_stands(void **state)
{
    size_t  i;

    static const char *const  urls[] = {
        "https://h/..", "https://h/a/..", "https://h/a/../b", "https://h/./b",
        "https://h/a/.", "https://h/a/%2e%2e/b", "https://h/a/.%2E",
        "https://h/%2e", "https://h/a/..?q", "https://h/a/..#f",
        "https://h/a\\..\\b", "http://h:8/a//../b"
    };

    (void) state;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        if (!crm_url_climbs(crm_strz(urls[i]))) {
            fail_msg("%s climbs", urls[i]);
        }
    }
}


static void
other_dots_are_just_dots(void **state)
{
    size_t  i;

    static const char *const  urls[] = {
        "", "https://h", "https://..", "https://h/", "https://h/a.b/c..d",
        "https://h/...", "https://h/..a", "https://h/a..", "https://h/%2e%2ea",
        "https://h/%2", "https://h/a?x=/../", "https://h/a#/../",
        "https://h/%252e%252e/b", "https://h?/..", "a..b"
    };

    (void) state;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        if (crm_url_climbs(crm_strz(urls[i]))) {
            fail_msg("%s does not climb", urls[i]);
        }
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_step_of_dots_is_seen_wherever_it_stands),
    cmocka_unit_test(other_dots_are_just_dots),
};


CRM_TEST_MAIN(tests)
