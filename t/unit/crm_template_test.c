/*
 * Merge fields carry a client's values into requests that we sign. They would
 * fail by letting a value end the text that it stands in: one header becomes
 * two, a JSON body gets members, a URL another path.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


typedef struct {
    crm_pool_t      *pool;
    crm_findings_t   findings;
    crm_compile_t    cc;
    crm_template_t   template;
    crm_merge_t      merge;
    crm_scope_t      scope;
    crm_actor_t      actor;
    int              missing;
} given_t;


static const char  after[] =
    "{'Name':'Ann','Amount':19.990,'Open':true,'Gone':null,'Void':'','List':"
    "['a',1],'Owner':{'id':'7','name':'Bob','email':'b@x'},'Bare':{'id':'9'},"
    "'Nameless':{'id':'9','name':null},'St\\u0061ge':'Won','Account':'22',"
    "'None':[],'Blank':[ ],'Row':{'id':'3','Qty':1},'Number':22}";

static const char  stored[] = "{'Name':'Eve','Amount':1}";


static crm_status_t
compile(given_t *g, const char *text)
{
    memset(g, 0, sizeof(given_t));

    g->pool = crm_test_pool();
    g->cc.pool = g->pool;
    g->cc.findings = &g->findings;
    g->cc.module = "Deals";

    crm_findings_init(&g->findings, g->pool);

    g->merge.module = CRM_STR("Deals");
    g->merge.record_id = CRM_STR("42");
    g->merge.record = crm_make_record(g->pool, after);
    g->merge.before = crm_make_record(g->pool, stored);
    g->merge.scope = &g->scope;

    g->scope.now_ms = CRM_MAKE_NOW;
    g->scope.actor = &g->actor;
    g->actor.id = CRM_STR("7");
    g->actor.profile = CRM_STR("Standard");

    return crm_template_compile(&g->template, crm_strz(text), "p", &g->cc);
}


static crm_str_t
render(given_t *g, crm_escape_t escape)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, g->pool, 0);

    assert_int_equal(crm_template_render(&g->template, &buf, escape,
                                         &g->merge, g->pool, &g->missing),
                     CRM_OK);

    return crm_buf_view(&buf);
}


static void
merge_fields_are_filled_in(void **state)
{
    size_t   i;
    given_t  g;

    static const struct {
        const char  *text;
        const char  *becomes;
        int          missing;
    } rows[] = {
        { "", "", 0 },
        { "plain", "plain", 0 },
        { "${!Deals.Name}", "Ann", 0 },
        { "<${!Deals.Name}${!Deals.Name}>", "<AnnAnn>", 0 },
        { "${!Deals.Amount}", "19.990", 0 },
        { "${!Deals.Open}", "true", 0 },
        { "${!Deals.List}", "[\"a\",1]", 0 },
        { "${!Deals.id}", "42", 0 },
        { "${!Deals.Owner}", "Bob", 0 },
        { "${!Deals.Owner.id}", "7", 0 },
        { "${!Deals.Owner.email}", "b@x", 0 },
        { "${!Deals.Bare.id}", "9", 0 },

        /* a lookup that is known by its id alone */
        { "${!Deals.Bare}", "9", 0 },
        { "${!Deals.Bare|none}", "9", 0 },
        { "${!Deals.Account}", "22", 0 },
        { "${!Deals.Account.id}", "22", 0 },
        { "${!Deals.Number.id}", "22", 0 },
        { "[${!Deals.Account.name}]", "[]", 1 },
        { "[${!Deals.List.id}]", "[]", 1 },
        { "[${!Deals.Open.id}]", "[]", 1 },
        { "[${!Deals.Void.id}]", "[]", 1 },
        { "${!Deals.Row}", "{\"id\":\"3\",\"Qty\":1}", 0 },

        /* an empty list is empty */
        { "[${!Deals.None}]", "[]", 1 },
        { "${!Deals.None|none}", "none", 0 },
        { "${!Deals.Blank|none}", "none", 0 },
        { "${!Deals.Stage}", "Won", 0 },
        { "${OLD!Deals.Name}", "Eve", 0 },
        { "${OLD!Deals.Name} -> ${!Deals.Name}", "Eve -> Ann", 0 },
        { "[${!Deals.Gone}]", "[]", 1 },
        { "[${!Deals.Void}]", "[]", 1 },
        { "[${!Deals.Nowhere}]", "[]", 1 },
        { "[${!Deals.Name.member}]", "[]", 1 },
        { "[${!Deals.Owner.phone}]", "[]", 1 },
        { "[${!Deals.Nameless}]", "[]", 1 },
        { "[${OLD!Deals.Open}]", "[]", 1 },
        { "${!Deals.Gone|none}", "none", 0 },
        { "${!Deals.Name|none}", "Ann", 0 },
        { "${!Deals.Gone|}", "", 0 },
        { "${!Deals.Gone|a|b.c $!}", "a|b.c $!", 0 },

        /* what is no merge field stays */
        { "$ {x} $5 {} $", "$ {x} $5 {} $", 0 },
        { "$$$", "$$$", 0 },

        /* now, and who acts */
        { "${TODAY}", "2026-11-22", 0 },
        { "<${TODAY+7}>", "<2026-11-29>", 0 },
        { "${NOW}", "2026-11-22T00:00:00+00:00", 0 },
        { "${ENDOF:month|never}", "2026-11-30", 0 },
        { "${CURRENTUSER}/${CURRENTUSER.profile}", "7/Standard", 0 },
        { "${CURRENTUSER.role}", "", 1 },
        { "${CURRENTUSER.role|no role}", "no role", 0 },
        { "$${!Deals.Name}$", "$Ann$", 0 },
        { "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(compile(&g, rows[i].text) == CRM_OK, rows[i].text);
        assert_str(render(&g, CRM_ESCAPE_NONE), rows[i].becomes);
        assert_row(g.missing == rows[i].missing, rows[i].text);
        assert_row(crm_template_is_literal(&g.template)
                   == (strcmp(rows[i].text, rows[i].becomes) == 0),
                   rows[i].text);

        crm_pool_destroy(g.pool);
    }
}


static void
a_wrong_merge_field_is_a_finding(void **state)
{
    char     text[CRM_MAX_MERGE_FIELD + 64];
    size_t   i;
    given_t  g;

    static const struct {
        const char  *text;
        const char  *says;
    } rows[] = {
        { "x ${!Deals.Name", "at byte 2 has no end" },
        { "${!Leads.Name}", "write ${!Deals.Field}" },
        { "${!Deals}", "no field of this rule's module" },
        { "${!Deals.}", "no field of this rule's module" },
        { "${!Deals.|x}", "no field of this rule's module" },
        { "${!Deals..id}", "lacks a field's name" },
        { "${!Deals.Owner.}", "lacks a field's name" },
        { "${!deals.Name}", "write ${!Deals.Field}" },
        { "${!}", "write ${!Deals.Field}" },
        { "${OLD!}", "write ${!Deals.Field}" },
        { "${OLD!Leads.Name}", "write ${!Deals.Field}" },
        { "${OLD!Deals.Name", "at byte 0 has no end" },

        /* what nobody knows */
        { "x ${", "at byte 2 has no end" },
        { "$${TODAY", "at byte 1 has no end" },
        { "${}", "there is no \"${}\"" },
        { "${TODA}", "did you mean \"${TODAY}\"?" },
        { "${TODAY+x}", "did you mean \"${TODAY}\"?" },
        { "${CURENTUSER|Ann}", "did you mean \"${CURRENTUSER}\"?" },
        { "${ENDOF:weeks}", "did you mean \"${ENDOF:week}\"?" },
        { "${X${TODAY}", "there is no \"${X${TODAY}\"" },
        { "${OWNER}", "a field is written ${!Deals.Field}" },
        { "${EMPTY}", "there is no \"${EMPTY}\"" },
        { "${Users.First Name}", "there is no \"${Users.First Name}\"" },
        { "a ${0123456789012345678901234567890123456789}", "there is no" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(compile(&g, rows[i].text) == CRM_EINVAL, rows[i].text);
        assert_row(g.findings.count == 1, rows[i].text);
        assert_string_equal(g.findings.items[0].code, "bad_merge_field");
        assert_string_equal(g.findings.items[0].path, "p");

        if (strstr(g.findings.items[0].message, rows[i].says) == NULL) {
            fail_msg("%s: %s", rows[i].text, g.findings.items[0].message);
        }

        crm_pool_destroy(g.pool);
    }

    for (i = 0; i < 2; i++) {
        (void) snprintf(text, sizeof(text), "${!Deals.%0*d}",
                        (int) (CRM_MAX_MERGE_FIELD - strlen("Deals.") + i),
                        0);
        assert_int_equal(compile(&g, text), i ? CRM_EINVAL : CRM_OK);
        crm_pool_destroy(g.pool);
    }
}


static void
without_a_module_there_are_no_fields(void **state)
{
    given_t         g;
    crm_template_t  template;

    (void) state;

    assert_int_equal(compile(&g, "${TODAY}"), CRM_OK);
    g.cc.module = NULL;

    assert_int_equal(crm_template_compile(&template, CRM_STR("${TODAY}"), "p",
                                          &g.cc), CRM_OK);
    assert_int_equal(crm_template_compile(&template, CRM_STR("${!Deals.A}"),
                                          "p", &g.cc), CRM_EINVAL);
    assert_non_null(strstr(g.findings.items[0].message,
                           "there is no record here"));

    crm_pool_destroy(g.pool);
}


/*
 * Each value against each destination: text, subjects and plain bodies; a JSON
 * body; path, query and form of a URL; HTML and XML; a header.
 */
static void
a_value_cannot_leave_its_place(void **state)
{
    size_t      i, k;
    given_t     g;

    static const struct {
        const char  *value;         /* as JSON holds it */
        const char  *becomes[CRM_ESCAPE_HEADER + 1];
    } rows[] = {
#define ROW(value, none, json, url, xml, header)                              \
        { value, { [CRM_ESCAPE_NONE] = none, [CRM_ESCAPE_JSON] = json,        \
                   [CRM_ESCAPE_URL] = url, [CRM_ESCAPE_XML] = xml,            \
                   [CRM_ESCAPE_HEADER] = header } }

        ROW("AZaz09-._~", "AZaz09-._~", "AZaz09-._~", "AZaz09-._~",
            "AZaz09-._~", "AZaz09-._~"),
        ROW("x\\\",\\\"admin\\\":true,\\\"", "x\",\"admin\":true,\"",
            "x\\\",\\\"admin\\\":true,\\\"",
            "x%22%2C%22admin%22%3Atrue%2C%22",
            "x&quot;,&quot;admin&quot;:true,&quot;",
            "x\",\"admin\":true,\""),
        ROW("\\\\", "\\", "\\\\", "%5C", "\\", "\\"),
        ROW("x\\r\\nX-Admin: 1", "x\r\nX-Admin: 1", "x\\r\\nX-Admin: 1",
            "x%0D%0AX-Admin%3A%201", "x\r\nX-Admin: 1", "xX-Admin: 1"),
        ROW("x\\ny\\u0001\\u007fz\\t!", "x\ny\x01\x7fz\t!",
            "x\\ny\\u0001\x7fz\\t!", "x%0Ay%01%7Fz%09%21",
            "x\ny\x7fz\t!", "xyz!"),
        ROW("a/../b?c=d&e#f", "a/../b?c=d&e#f", "a/../b?c=d&e#f",
            "a%2F..%2Fb%3Fc%3Dd%26e%23f", "a/../b?c=d&amp;e#f",
            "a/../b?c=d&e#f"),
        ROW("%2e%2e%2f+;", "%2e%2e%2f+;", "%2e%2e%2f+;",
            "%252e%252e%252f%2B%3B", "%2e%2e%2f+;", "%2e%2e%2f+;"),
        ROW("@evil.test:1/[]{}'", "@evil.test:1/[]{}'",
            "@evil.test:1/[]{}'", "%40evil.test%3A1%2F%5B%5D%7B%7D%27",
            "@evil.test:1/[]{}&#39;", "@evil.test:1/[]{}'"),
        ROW("</b><i a='1' c=\\\"2\\\">&amp;", "</b><i a='1' c=\"2\">&amp;",
            "</b><i a='1' c=\\\"2\\\">&amp;",
            "%3C%2Fb%3E%3Ci%20a%3D%271%27%20c%3D%222%22%3E%26amp%3B",
            "&lt;/b&gt;&lt;i a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;",
            "</b><i a='1' c=\"2\">&amp;"),
        ROW("]]><!-- \xc3\xa9\\u2028", "]]><!-- \xc3\xa9\xe2\x80\xa8",
            "]]><!-- \xc3\xa9\xe2\x80\xa8",
            "%5D%5D%3E%3C%21--%20%C3%A9%E2%80%A8",
            "]]&gt;&lt;!-- \xc3\xa9\xe2\x80\xa8",
            "]]><!-- \xc3\xa9\xe2\x80\xa8"),
        ROW("${!Deals.Owner}", "${!Deals.Owner}", "${!Deals.Owner}",
            "%24%7B%21Deals.Owner%7D", "${!Deals.Owner}",
            "${!Deals.Owner}"),
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (k = CRM_ESCAPE_NONE; k <= CRM_ESCAPE_HEADER; k++) {
            crm_str_t      json;
            crm_record_t   record;

            assert_int_equal(compile(&g, "<\"${!Deals.V}\">"), CRM_OK);

            json = crm_pool_printf(g.pool, "{\"V\":\"%s\"}", rows[i].value);
            assert_row(crm_record_parse(&record, json, NULL, g.pool, NULL)
                       == CRM_OK, rows[i].value);
            g.merge.record = &record;

            /* the text around it is the rule's own */

            json = crm_pool_printf(g.pool, "<\"%s\">", rows[i].becomes[k]);
            assert_str(render(&g, (crm_escape_t) k), json.data);

            crm_pool_destroy(g.pool);
        }
    }
}


static void
a_default_is_escaped_like_a_value(void **state)
{
    given_t  g;

    (void) state;

    assert_int_equal(compile(&g, "?q=${!Deals.Gone|a&b}"), CRM_OK);
    assert_str(render(&g, CRM_ESCAPE_URL), "?q=a%26b");
    crm_pool_destroy(g.pool);
}


static void
without_records_every_field_is_missing(void **state)
{
    given_t  g;

    (void) state;

    assert_int_equal(compile(&g, "${!Deals.Name|x}${OLD!Deals.Name}"),
                     CRM_OK);
    g.merge.record = NULL;
    g.merge.before = NULL;
    assert_str(render(&g, CRM_ESCAPE_NONE), "x");
    assert_int_equal(g.missing, 1);
    crm_pool_destroy(g.pool);
}


static given_t  starved;


static crm_status_t
starve_template(crm_pool_t *pool, void *data)
{
    crm_buf_t        buf;
    crm_compile_t    cc;
    crm_status_t     rc;
    crm_template_t   template;

    cc = starved.cc;
    cc.pool = pool;

    rc = crm_template_compile(&template, crm_strz(data), "p", &cc);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&buf, pool, 0);
    rc = crm_template_render(&template, &buf, CRM_ESCAPE_JSON, &starved.merge,
                             pool, NULL);
    if (rc == CRM_OK) {
        assert_str(crm_buf_view(&buf), "1 A\\\"\\\\ 2 A\\\"\\\\ 3 A\\\"\\\\ 4"
                   " A\\\"\\\\ 5 A\\\"\\\\ 6");
    }

    return rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    crm_record_t  record;

    (void) state;

    assert_int_equal(compile(&starved, ""), CRM_OK);
    assert_int_equal(crm_record_parse(&record,
                                      CRM_STR("{\"V\":\"\\u0041\\\"\\\\\"}"),
                                      NULL, starved.pool, NULL), CRM_OK);
    starved.merge.record = &record;

    crm_test_starve(starve_template, "1 ${!Deals.V} 2 ${!Deals.V} 3 "
                    "${!Deals.V} 4 ${!Deals.V} 5 ${!Deals.V} 6");

    crm_pool_destroy(starved.pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(merge_fields_are_filled_in),
    cmocka_unit_test(a_wrong_merge_field_is_a_finding),
    cmocka_unit_test(without_a_module_there_are_no_fields),
    cmocka_unit_test(a_value_cannot_leave_its_place),
    cmocka_unit_test(a_default_is_escaped_like_a_value),
    cmocka_unit_test(without_records_every_field_is_missing),
    cmocka_unit_test(memory_may_run_out_at_any_point),
};

CRM_TEST_MAIN(tests)
