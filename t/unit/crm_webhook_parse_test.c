/*
 * A webhook is a request that our worker makes in somebody's name. It would
 * fail by a record choosing whom we call, by a secret in the rules, or by a
 * header that is two.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


#define HOOK(more)                                                            \
    "{'kind':'webhook','name':'W','module':'M','url':'https://h.test/p'"      \
    more "}"
#define URL(url)                                                              \
    "{'kind':'webhook','name':'W','module':'M','url':'" url "'}"

/* A rule that uses it, so that the set can be asked for it. */
#define USED                                                                  \
    ",{'kind':'workflow_rule','name':'R','module':'M','execute_when':"        \
    "{'type':'create'},'conditions':[{'instant_actions':[{'type':"            \
    "'webhooks','name':'W'}]}]}"


static const crm_webhook_t *
webhook_of(const crm_ruleset_t *rules)
{
    const crm_action_t  *action;

    action = &crm_make_module(rules, "M")->workflows[0]->conditions[0]
              .actions[0];
    assert_int_equal(action->id, CRM_ACTION_WEBHOOK);
    assert_int_equal(action->seq, 1);

    return action->u.webhook;
}


static void
what_is_left_out_has_its_default(void **state)
{
    crm_ruleset_t        *rules;
    const crm_webhook_t  *hook;

    (void) state;

    rules = crm_make_rules(HOOK("") USED);
    hook = webhook_of(rules);

    assert_str(hook->name, "W");
    assert_str(hook->module, "M");
    assert_str(hook->method, "POST");
    assert_str(hook->body_mime, "application/json");
    assert_int_equal(hook->body_type, CRM_BODY_DEFAULT);
    assert_int_equal(hook->headers_count, 0);
    assert_int_equal(hook->secret.len, 0);
    assert_false(hook->ordered);
    assert_false(hook->allow_http);

    crm_ruleset_release(rules);
}


static void
what_is_given_is_taken(void **state)
{
    crm_ruleset_t        *rules;
    const crm_webhook_t  *hook;

    (void) state;

    rules = crm_make_rules(HOOK(",'http_method':'PUT','headers':{'X-A':'1',"
        "'X-B':'${!M.id}'},'secret':'file:/run/s','ordered':true,"
        "'allow_http':true,'body':{'type':'form_data','parameters':"
        "{'a':'${!M.A}'}}") USED);
    hook = webhook_of(rules);

    assert_str(hook->method, "PUT");
    assert_int_equal(hook->headers_count, 2);
    assert_str(hook->headers[1].name, "X-B");
    assert_str(hook->secret, "file:/run/s");
    assert_true(hook->ordered);
    assert_true(hook->allow_http);
    assert_int_equal(hook->body_type, CRM_BODY_FORM);
    assert_int_equal(hook->params_count, 1);
    assert_str(hook->body_mime, "application/x-www-form-urlencoded");

    crm_ruleset_release(rules);
}


/* What jobs say of it is written once, unless a record has a say in it. */
static void
what_no_record_changes_is_kept_as_json(void **state)
{
    size_t                i;
    crm_ruleset_t        *rules;
    const crm_webhook_t  *hook;

    static const char *const  merged[] = {
        HOOK(",'headers':{'X-A':'1','X-B':'${!M.id}'}") USED,
        URL("https://h.test/${!M.A}") USED
    };

    (void) state;

    rules = crm_make_rules(HOOK(",'headers':{'X-A':'\\\"'},'secret':"
        "'env:S','ordered':true,'retry_schedule':'5s'") USED);
    hook = webhook_of(rules);

    assert_str(hook->head, "\"name\":\"W\",\"url\":\"https://h.test/p\","
               "\"method\":\"POST\",\"headers\":{\"Content-Type\":"
               "\"application/json\",\"X-A\":\"\\\"\"}");
    assert_str(hook->tail, ",\"secret\":\"env:S\",\"ordered\":true,"
               "\"allow_http\":false,\"retry_schedule\":\"5s\"");

    crm_ruleset_release(rules);

    for (i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
        rules = crm_make_rules(merged[i]);
        hook = webhook_of(rules);

        assert_null(hook->head.data);
        assert_str(hook->tail, ",\"secret\":null,\"ordered\":false,"
                   "\"allow_http\":false");

        crm_ruleset_release(rules);
    }
}


static void
every_format_has_its_type_and_its_escaping(void **state)
{
    char                  text[512];
    size_t                i;
    crm_ruleset_t        *rules;
    const crm_webhook_t  *hook;

    static const struct {
        const char    *format;
        const char    *mime;
        crm_escape_t   escape;
    } rows[] = {
        { "", "application/json", CRM_ESCAPE_JSON },
        { ",'format':'JSON'", "application/json", CRM_ESCAPE_JSON },
        { ",'format':'XML'", "application/xml", CRM_ESCAPE_XML },
        { ",'format':'HTML'", "text/html; charset=utf-8", CRM_ESCAPE_XML },
        { ",'format':'Text'", "text/plain; charset=utf-8", CRM_ESCAPE_NONE },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                        HOOK(",'body':{'type':'raw','content':'x'%s}") USED,
                        rows[i].format);

        rules = crm_make_rules(text);
        hook = webhook_of(rules);

        assert_int_equal(hook->body_type, CRM_BODY_RAW);
        assert_str(hook->body_mime, rows[i].mime);
        assert_int_equal(hook->body_escape, rows[i].escape);

        crm_ruleset_release(rules);
    }
}


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { "{'kind':'webhook','name':'W','module':'M'}", "", "missing_key",
          "lacks \"url\"", "url" },
        { URL("ftp://h/"), "url", "bad_url", "https:// or http://", NULL },
        { URL("https:///p"), "url", "bad_url", "lacks a host", NULL },
        { URL("https://"), "url", "bad_url", "https:// or http://", NULL },
        { URL("https://${!M.Host}/p"), "url", "bad_url", "plain name", NULL },
        { URL("https://h.test:${!M.Port}/"), "url", "bad_url", "plain name",
          NULL },
        { URL("https://h.test@evil.test/"), "url", "bad_url", "user names",
          NULL },
        { URL("https://h.test\\\\.evil.test/"), "url", "bad_url",
          "plain name", NULL },
        { URL("https://h.test/a b"), "url", "bad_url", "at byte 16", NULL },
        { URL("https://h.test/\\r\\nX"), "url", "bad_url", "at byte 15",
          NULL },
        { URL("https://h.test/${!N.A}"), "url", "bad_merge_field",
          "write ${!M.Field}", NULL },
        { HOOK(",'http_method':'PUSH'"), "http_method", "unknown_word",
          "POST, GET, PUT, DELETE, PATCH", "POST" },
        { HOOK(",'headers':{'X-A':7}"), "headers.X-A", "wrong_type",
          "must be text", NULL },
        { HOOK(",'headers':{'X A':'x'}"), "headers.X A", "bad_header",
          "no header name", NULL },
        { HOOK(",'headers':{'':'x'}"), "headers.", "bad_header",
          "no header name", NULL },
        { HOOK(",'headers':{'X-É':'x'}"), "headers.X-É", "bad_header",
          "no header name", NULL },
        { HOOK(",'headers':{'hOsT':'x'}"), "headers.hOsT", "bad_header",
          "set by the worker", NULL },
        { HOOK(",'headers':{'Webhook-Signature':'x'}"),
          "headers.Webhook-Signature", "bad_header", "set by the worker",
          NULL },
        { HOOK(",'headers':{'X-A':'x\\r\\nX-Admin: 1'}"), "headers.X-A",
          "bad_header", "line break", NULL },
        { HOOK(",'headers':{'X-A':'${!M.A'}"), "headers.X-A",
          "bad_merge_field", "has no end", NULL },
        { HOOK(",'secret':'hunter2'"), "secret", "bad_secret",
          "env:NAME or file:NAME", "env:NAME" },
        { HOOK(",'secret':'env:'"), "secret", "bad_secret",
          "never written", "env:NAME" },
        { HOOK(",'http_method':'GET','body':{'type':'raw','content':'x'}"),
          "body", "wrong_value", "a GET has no body", NULL },
        { HOOK(",'retry_schedule':'5s,2d'") USED,
          "retry_schedule", "wrong_value", "such as 5s,5m,2h", NULL },
        { HOOK(",'body':{'type':'raw'}"), "body", "missing_key",
          "lacks \"content\"", "content" },
        { HOOK(",'body':{'type':'form_data'}"), "body", "missing_key",
          "lacks \"parameters\"", "parameters" },
        { HOOK(",'body':{'type':'form_data','parameters':{'a':1}}"),
          "body.parameters.a", "wrong_type", "must be text", NULL },
        { HOOK(",'body':{'content':'x'}"), "body", "missing_key",
          "lacks \"type\"", "type" },
        { HOOK(",'body':{'type':'raw','format':'YAML','content':'x'}"),
          "body.format", "unknown_word", "JSON, XML, HTML, Text", "XML" },
        { HOOK(",'body':{'type':'raw','content':'${!M}'}"), "body.content",
          "bad_merge_field", "${!M.Field}", NULL },
        { HOOK(",'url_parameters':{}"), "url_parameters", "unknown_key",
          "in a webhook", NULL },
        { HOOK(",'authentication':'x'"), "authentication", "unknown_key",
          "in a webhook", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'Amount',"
          "'data_type':'currency'}]}," URL("https://h/?${!M.Amuont}"), "url",
          "unknown_field", "did you mean \"Amount\"?", "Amount" },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
all_mistakes_of_a_webhook_are_found_at_once(void **state)
{
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();

    assert_null(crm_make_try(pool, &findings,
        "{'kind':'webhook','name':'W','module':'M','url':'ftp://h','headers':"
        "{'A B':'x','Host':'y'},'secret':'s','body':{'type':'raw'}}" USED));
    assert_int_equal(findings.errors, 5);

    crm_pool_destroy(pool);
}


static void
limits_hold_to_the_last(void **state)
{
    size_t           i, k;
    crm_buf_t        buf;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();

    for (i = 50; i <= 51; i++) {
        crm_buf_init(&buf, pool, 0);
        crm_buf_puts(&buf, HOOK(",'headers':{'X-0':''"));
        buf.len--;                              /* the brace at its end */

        for (k = 1; k < i; k++) {
            crm_buf_puts(&buf, ",'X-");
            crm_buf_int(&buf, (long long) k);
            crm_buf_puts(&buf, "':''");
        }
        crm_buf_puts(&buf, "}}");
        crm_buf_putc(&buf, '\0');

        rules = crm_make_try(pool, &findings, buf.data);
        assert_true((rules != NULL) == (i == 50));
        crm_ruleset_release(rules);
    }

    assert_non_null(crm_make_found(&findings, "headers", "limit_exceeded"));

    for (i = CRM_MAX_URL; i <= CRM_MAX_URL + 1; i++) {
        crm_buf_init(&buf, pool, 0);
        crm_buf_puts(&buf, "{'kind':'webhook','name':'W','module':'M','url':"
                           "'https://h/");
        for (k = strlen("https://h/"); k < i; k++) {
            crm_buf_putc(&buf, 'p');
        }
        crm_buf_puts(&buf, "'}");
        crm_buf_putc(&buf, '\0');

        rules = crm_make_try(pool, &findings, buf.data);
        assert_true((rules != NULL) == (i == CRM_MAX_URL));
        crm_ruleset_release(rules);
    }

    assert_non_null(crm_make_found(&findings, "url", "too_long"));

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(what_is_left_out_has_its_default),
    cmocka_unit_test(what_is_given_is_taken),
    cmocka_unit_test(what_no_record_changes_is_kept_as_json),
    cmocka_unit_test(every_format_has_its_type_and_its_escaping),
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(all_mistakes_of_a_webhook_are_found_at_once),
    cmocka_unit_test(limits_hold_to_the_last),
};

CRM_TEST_MAIN(tests)
