/*
 * Elements of the webhooks' entrance, as the worker reads them. What it takes
 * for one of ours and is none would run unjudged; what it leaves alone is
 * judged by take.
 */

#include "crm_test.h"

#include "state/crm_element.h"


#define HEAD(id, org) \
    "{\"v\":1,\"id\":\"" id "\",\"event\":\"E\",\"type\":\"webhooks\"," \
    "\"org\":\"" org "\",\"module\":\"Leads\",\"record_id\":\"7\"," \
    "\"rule\":\"r\",\"revision\":12,\"action\":{\"name\":\"h\","
#define URL    "\"url\":\"http://a/\""
#define WHOLE  HEAD("j:1_-", "o") URL ",\"body\":\"\\\"\"}}"


static int
reads(const char *text, crm_element_t *element)
{
    return crm_element_read(element, crm_strz(text), CRM_STR("o"), NULL);
}


static void
an_element_as_we_write_it_is_read(void **state)
{
    crm_element_t  element, next;

    (void) state;

    assert_true(reads(WHOLE, &element));
    assert_true(crm_str_is(element.id, "j:1_-"));
    assert_true(crm_str_is(element.name, "h"));
    assert_true(crm_str_is(element.url, "http://a/"));

    /* printf 'http://a' | sha1sum; printf 'own\nh\nhttp://a' | sha1sum */
    assert_string_equal(element.endpoint, "f7651fae28a41b7d");
    assert_string_equal(element.webhook, "37bdd25570f3a19c");

    assert_true(crm_element_read(&next, CRM_STR(WHOLE), CRM_STR("o"),
                                 &element));
    assert_string_equal(next.endpoint, element.endpoint);
    assert_string_equal(next.webhook, element.webhook);
}


static void
whatever_is_written_in_another_way_is_left_alone(void **state)
{
    size_t         i;
    crm_element_t  element;

    static const char *const  others[] = {
        "", "{", "nonsense", " " WHOLE,
        HEAD("", "o") URL "}}",
        HEAD("j/1", "o") URL "}}",
        HEAD("j1", "other") URL "}}",
        HEAD("j\\u0031", "o") URL "}}",
        HEAD("j1", "o") "\"url\":\"http:\\/\\/a\"}}",
        HEAD("j1", "o") "\"url\":null}}",
        HEAD("j1", "o") "\"method\":\"POST\"," URL "}}",
        HEAD("j1", "o") URL ",\"ordered\":true}}",
        "{\"id\":\"j1\",\"v\":1}",
        "{\"v\":1,\"id\":\"j1\",\"event\":null}"
    };

    (void) state;

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(reads(others[i], &element));
    }
}


static void
an_element_that_ends_early_is_left_alone(void **state)
{
    char           *text;
    size_t          n, whole;
    crm_element_t   element;

    (void) state;

    whole = strlen(HEAD("j1", "o") URL);

    for (n = 0; n < whole; n++) {
        text = test_malloc(n + 1);      /* an overrun is seen */
        memcpy(text, HEAD("j1", "o") URL, n);
        assert_false(crm_element_read(&element, crm_str(text, n),
                                      CRM_STR("o"), NULL));
        test_free(text);
    }
}


static void
a_large_element_or_a_long_id_is_left_alone(void **state)
{
    char           id[200], *text;
    crm_element_t  element;

    (void) state;

    memset(id, 'a', sizeof(id));
    id[129] = '\0';
    text = test_malloc(CRM_ELEMENT_MAX_BYTES + 2);

    sprintf(text, "{\"v\":1,\"id\":\"%s%s", id, strstr(WHOLE, "\",\"event"));
    assert_false(reads(text, &element));
    sprintf(text, "{\"v\":1,\"id\":\"%s%s", id + 1,
            strstr(WHOLE, "\",\"event"));
    assert_true(reads(text, &element));

    memset(text, ' ', CRM_ELEMENT_MAX_BYTES + 1);
    memcpy(text, WHOLE, strlen(WHOLE));
    assert_true(crm_element_read(&element,
                                 crm_str(text, CRM_ELEMENT_MAX_BYTES),
                                 CRM_STR("o"), NULL));
    assert_false(crm_element_read(&element,
                                  crm_str(text, CRM_ELEMENT_MAX_BYTES + 1),
                                  CRM_STR("o"), NULL));
    test_free(text);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(an_element_as_we_write_it_is_read),
    cmocka_unit_test(whatever_is_written_in_another_way_is_left_alone),
    cmocka_unit_test(an_element_that_ends_early_is_left_alone),
    cmocka_unit_test(a_large_element_or_a_long_id_is_left_alone)
};


CRM_TEST_MAIN(tests)
