/*
 * A bundle becomes a rule set whole, or not at all. It would fail by taking
 * half of one, by keeping back a mistake, or by losing memory on the way.
 */

#include "crm_rules_make.h"


#define SALES                                                                 \
    "{'kind':'organization','time_zone':'UTC'},"                              \
    "{'kind':'role','name':'Sales Rep','reports_to':'Sales Manager'},"        \
    "{'kind':'role','name':'Sales Manager','reports_to':null},"               \
    "{'kind':'user','id':'u1','name':'Ann Lee','profile':'Standard',"         \
    "'role':'Sales Rep'},"                                                    \
    "{'kind':'user','id':'u2','profile':'Standard','status':'inactive'},"     \
    "{'kind':'user','id':'u3','profile':'Standard','email':'c@x',"            \
    "'role':null,'status':'active'},"                                         \
    "{'kind':'profile','name':'Standard','permissions':['manage_workflow']}," \
    "{'kind':'backend','url':'http://127.0.0.1:8080/crm/v8','dialect':"       \
    "'zoho','headers':{'Authorization':'env:A'}},"                            \
    "{'kind':'workflow_rule','name':'hot','module':'Leads','execute_when':"   \
    "{'type':'create_or_edit','details':{'repeat':false}},'conditions':["     \
    "{'criteria':{'group_operator':'AND','group':[{'field':'Revenue',"        \
    "'comparator':'greater_equal','value':19.99},{'field':'Country',"         \
    "'comparator':'in','value':['DE','\\u00d6sterreich',7]},{'group_operator'"\
    ":'OR','group':[{'field':'Owner','comparator':'equal','value':{'id':'7',"\
    "'name':'X'}},{'field':'Name','comparator':'not_equal','value':"          \
    "'${EMPTY}'}]}]},'instant_actions':[{'type':'field_updates','name':"      \
    "'mark'},{'type':'field_updates','field':'Note','value':{'merge':"        \
    "'${!Leads.Name|?} is \\u00ab${OLD!Leads.Name}\\u00bb'}},{'type':"        \
    "'webhooks','name':'tell'}]},{'criteria':null,'instant_actions':["        \
    "{'type':'webhooks','name':'tell'}]}]},"                                  \
    "{'kind':'workflow_rule','name':'moved','module':'Leads','execute_when':" \
    "{'type':'field_update','details':{'criteria':{'field':'Name',"           \
    "'comparator':'equal','value':'${ANYVALUE}'}}},'conditions':["            \
    "{'instant_actions':[{'type':'webhooks','name':'tell'}]}]},"              \
    "{'kind':'field_update','name':'mark','module':'Leads','field':'Rating'," \
    "'value':['Hot',{'id':'1'}]},"                                            \
    "{'kind':'webhook','name':'tell','module':'Leads','url':"                 \
    "'https://erp.test/${!Leads.id}','headers':{'X-A':'${!Leads.Name}'},"     \
    "'body':{'type':'raw','content':'{}'},'secret':'env:S'},"                 \
    "{'kind':'record_locking','module':'Leads','lock_type':'automatic',"      \
    "'locking_rules':[{'name':'won','criteria':{'field':'Stage',"             \
    "'comparator':'equal','value':'Won'}}],'locked_for':"                     \
    "'all_profiles_except_excluded_profiles','lock_excluded_profiles':"       \
    "['Standard'],'excluded_fields':['Note']},"                               \
    "{'kind':'module','name':'Leads','fields':["                              \
    "{'api_name':'Revenue','data_type':'currency'},"                          \
    "{'api_name':'Country','data_type':'formula'},"                           \
    "{'api_name':'Owner','data_type':'ownerlookup'},"                         \
    "{'api_name':'Name','data_type':'text'},"                                 \
    "{'api_name':'Stage','data_type':'picklist'},"                            \
    "{'api_name':'Rating','data_type':'multiselectpicklist'},"                \
    "{'api_name':'Note','data_type':'textarea'}]}"


static void
documents_come_in_any_order(void **state)
{
    crm_ruleset_t       *rules;
    const crm_module_t  *m;

    (void) state;

    rules = crm_make_rules(SALES);
    m = crm_make_module(rules, "Leads");

    assert_int_equal(crm_ruleset_revision(rules), 7);
    assert_int_equal(crm_ruleset_modules(rules), 1);
    assert_ptr_equal(crm_ruleset_module_at(rules, 0), m);
    assert_null(crm_ruleset_module(rules, CRM_STR("leads")));

    assert_int_equal(m->workflows_count, 2);
    assert_non_null(m->locking);
    assert_true(m->reads_once);
    assert_true(crm_module_concerns(m, CRM_OP_DELETE));
    assert_false(crm_module_concerns(m, CRM_OP_NONE));

    crm_ruleset_release(rules);
}


static void
a_module_concerns_the_writes_that_its_rules_run_on(void **state)
{
    size_t               i;
    char                 text[512];
    crm_ruleset_t       *rules;
    const crm_module_t  *m;

    static const struct {
        const char  *when;
        const char  *status;
        int          on[3];         /* create, update, delete */
    } rows[] = {
        { "'type':'create'", "on", { 1, 0, 0 } },
        { "'type':'create'", "shadow", { 1, 0, 0 } },
        { "'type':'create'", "off", { 0, 0, 0 } },
        { "'type':'edit'", "on", { 0, 1, 0 } },
        { "'type':'create_or_edit'", "on", { 1, 1, 0 } },
        { "'type':'delete'", "on", { 0, 0, 1 } },

        /* what runs once has a memory, which ends with the record */

        { "'type':'edit','details':{'repeat':false}", "on", { 0, 1, 1 } },
        { "'type':'edit','details':{'repeat':false}", "off", { 0, 0, 1 } },
        { "'type':'edit','details':{'repeat':true}", "on", { 0, 1, 0 } },
        { "'type':'field_update','details':{'criteria':{'field':'A',"
          "'comparator':'equal','value':'${ANYVALUE}'}}", "on",
          { 0, 1, 0 } },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(text, sizeof(text),
                 "{'kind':'webhook','name':'W','module':'M','url':"
                 "'https://h/'},{'kind':'workflow_rule','name':'R','status':"
                 "'%s','module':'M','execute_when':{%s},'conditions':["
                 "{'instant_actions':[{'type':'webhooks','name':'W'}]}]}",
                 rows[i].status, rows[i].when);
        rules = crm_make_rules(text);
        m = crm_make_module(rules, "M");

        assert_row(crm_module_concerns(m, CRM_OP_CREATE) == rows[i].on[0],
                   rows[i].when);
        assert_row(crm_module_concerns(m, CRM_OP_UPDATE) == rows[i].on[1],
                   rows[i].when);
        assert_row(crm_module_concerns(m, CRM_OP_DELETE) == rows[i].on[2],
                   rows[i].when);

        crm_ruleset_release(rules);
    }
}


static void
rules_run_by_sequence_then_by_name(void **state)
{
    size_t               i;
    crm_ruleset_t       *rules;
    const crm_module_t  *m;

    static const char *const  order[] = {
        "z", "B", "a", "a b", "ab", "\xc3\xa4", "0"
    };

    (void) state;

#define R(name, more)                                                         \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'create'},'conditions':[{'instant_actions':["    \
    "{'type':'field_updates','field':'Z','value':1}]}]}"

    rules = crm_make_rules(R("\\u00e4", "") "," R("ab", "") ","
                           R("0", ",'sequence':1001") ","
                           R("a b", ",'sequence':1000") "," R("a", "") ","
                           R("B", "") "," R("z", ",'sequence':0"));
    m = crm_make_module(rules, "M");

    assert_int_equal(m->workflows_count, sizeof(order) / sizeof(order[0]));

    for (i = 0; i < m->workflows_count; i++) {
        assert_str(m->workflows[i]->name, order[i]);
    }

    crm_ruleset_release(rules);
}


static void
who_acts_is_known_by_id(void **state)
{
    crm_actor_t     actor;
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules(SALES);

    actor = crm_ruleset_actor(rules, CRM_STR("u1"));
    assert_str(actor.id, "u1");
    assert_str(actor.profile, "Standard");
    assert_str(actor.role, "Sales Rep");
    assert_str(actor.name, "Ann Lee");

    actor = crm_ruleset_actor(rules, CRM_STR("u3"));
    assert_str(actor.profile, "Standard");
    assert_int_equal(actor.role.len, 0);

    /* inactive, unknown, nobody */

    actor = crm_ruleset_actor(rules, CRM_STR("u2"));
    assert_str(actor.id, "u2");
    assert_int_equal(actor.profile.len, 0);
    assert_int_equal(crm_ruleset_actor(rules, CRM_STR("u9")).profile.len, 0);
    assert_int_equal(crm_ruleset_actor(rules, CRM_STR("U1")).profile.len, 0);
    assert_int_equal(crm_ruleset_actor(rules, CRM_STR("")).profile.len, 0);

    crm_ruleset_release(rules);
}


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { "7", "", "wrong_type", "a map that begins with", NULL },
        { "{'name':'x'}", "", "missing_key", "lacks \"kind\"", "kind" },
        { "{'kind':7}", "kind", "missing_key", "lacks \"kind\"", "kind" },
        { "{'kind':'workflow_rul','name':'x'}", "kind", "unknown_kind",
          "did you mean \"workflow_rule\"?", "workflow_rule" },
        { "{'kind':'dashboard','name':'x'}", "kind", "unknown_kind",
          "the kinds are: organization, ", NULL },
        { "{'kind':'organization'},{'kind':'organization'}", "",
          "duplicate_name", "there are two of kind organization", NULL },
        { "{'kind':'profile','name':'P'},{'kind':'profile','name':'P'}",
          "name", "duplicate_name", "two of kind profile \"P\"", NULL },
        { "{'kind':'profile','name':'P'},{'kind':'user','id':'1','profile':"
          "'P'},{'kind':'user','id':'1','profile':'P'}", "id",
          "duplicate_name", "two of kind user \"1\"", NULL },
        { "{'kind':'user','id':7,'profile':'P'}", "id", "wrong_type",
          "put it in quotes", NULL },
        { "{'kind':'profile','name':'Standard'},{'kind':'user','id':'1',"
          "'profile':'Standart'}", "profile", "unknown_reference",
          "did you mean \"Standard\"?", "Standard" },
        { "{'kind':'profile','name':'P'},{'kind':'user','id':'1','profile':"
          "'P','role':'Chief'}", "role", "unknown_reference",
          "there is no role \"Chief\"", NULL },
        { "{'kind':'role','name':'Rep','reports_to':'Director'}", "reports_to",
          "unknown_reference", "there is no role \"Director\"", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A',"
          "'data_type':'curency'}]}", "fields[0].data_type", "unknown_type",
          "did you mean \"currency\"?", "currency" },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A',"
          "'data_type':'text'},{'api_name':'A','data_type':'text'}]}",
          "fields[1].api_name", "duplicate_name", "declared twice", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A'}]}",
          "fields[0]", "missing_key", "data_type", "data_type" },
        { "{'kind':'backend','url':'127.0.0.1','dialect':'zoho'}", "url",
          "bad_url", "http:// or https://", NULL },
        { "{'kind':'backend','url':'http://h','dialect':'soap'}", "dialect",
          "unknown_reference", "there is no dialect \"soap\"", "zoho" },
        { "{'kind':'backend','url':'http://h','dialect':'zoho','headers':"
          "{'Authorization':'token x'}}", "headers.Authorization",
          "bad_secret", "never written", "env:NAME" },
        { "{'kind':'backend','url':'http://h','dialect':'zoho','headers':"
          "{'A':'env:B'}},{'kind':'webhook','name':'w','module':'M',"
          "'url':'https://h/','http_method':'POST','secret':'env:B'}",
          "secret", "bad_secret", "what the backend is asked with", NULL },
#define NAMED(name)                                                           \
        "{'kind':'workflow_rule','module':'M','name':" name ",'execute_when':" \
        "{'type':'create'},'conditions':[{'instant_actions':[{'type':"        \
        "'field_updates','field':'Z','value':1}]}]}"
        { NAMED("'a'") "," NAMED("'a'"), "name", "duplicate_name",
          "two of kind workflow_rule \"a\"", NULL },
        { NAMED("'a','id':'1'") "," NAMED("'b','id':'1'"), "id",
          "duplicate_name", "\"a\" has the id \"1\" too", NULL },
        { NAMED("'a','id':'b'") "," NAMED("'b'"), "name", "duplicate_name",
          "\"a\" has the id \"b\" too", NULL },
        { NAMED("'b'") "," NAMED("'a','id':'b'"), "id", "duplicate_name",
          "\"b\" has the id \"b\" too", NULL },
        { "{'kind':'organization','time_zone':1}", "time_zone",
          "wrong_type", "put it in quotes", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


/* Each in a document of its own, each with the document's number. */
static void
ten_mistakes_are_ten_findings(void **state)
{
    size_t           i;
    crm_pool_t      *pool;
    crm_findings_t   findings;

    static const struct {
        size_t       object;
        const char  *path;
        const char  *code;
    } expected[] = {
        { 1, "kind", "unknown_kind" },
        { 2, "", "missing_key" },
        { 3, "name", "duplicate_name" },
        { 4, "descripton", "unknown_key" },
        { 5, "profile", "unknown_reference" },
        { 6, "url", "bad_url" },
        { 7, "execute_when.type", "unknown_word" },
        { 7, "conditions[0].criteria.comparator", "unknown_comparator" },
        { 7, "conditions[0].instant_actions[0].name", "unknown_reference" },
        { 8, "locking_rules[0].criteria.value", "wrong_type" },
    };

    (void) state;

    pool = crm_test_pool();

    assert_null(crm_make_try(pool, &findings,
        "{'kind':'profile','name':'P'},"
        "{'kind':'webhok','name':'x'},"
        "{'name':'x'},"
        "{'kind':'profile','name':'P'},"
        "{'kind':'role','name':'R','descripton':'x'},"
        "{'kind':'user','id':'1','profile':'Q'},"
        "{'kind':'webhook','name':'W','module':'M','url':'h'},"
        "{'kind':'workflow_rule','name':'R','module':'M','execute_when':"
        "{'type':'creates'},'conditions':[{'criteria':{'field':'A',"
        "'comparator':'equals','value':1},'instant_actions':[{'type':"
        "'webhooks','name':'V'}]}]},"
        "{'kind':'record_locking','module':'M','lock_type':'automatic',"
        "'locking_rules':[{'name':'L','criteria':{'field':'A','comparator':"
        "'in','value':1}}]}"));

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const crm_finding_t  *f;

        f = crm_make_found(&findings, expected[i].path, expected[i].code);

        if (f == NULL || f->object != expected[i].object) {
            crm_make_print(&findings);
            fail_msg("%s %s", expected[i].path, expected[i].code);
        }
    }

    assert_int_equal(findings.errors, 10);

    crm_pool_destroy(pool);
}


static void
what_is_no_bundle_is_refused(void **state)
{
    size_t           i;
    json_t          *json;
    crm_pool_t      *pool;
    crm_findings_t   findings;

    static const char *const  bad[] = {
        "{}", "[]", "7", "{'v':1}", "{'v':2,'objects':[]}",
        "{'v':'1','objects':[]}", "{'v':1,'objects':{}}",
        "{'v':1,'objects':[7]}", "{'v':1,'objects':[{}]}",
        "{'v':1,'objects':[{'object':[]}]}",
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json = crm_make_json(bad[i]);
        crm_findings_init(&findings, pool);

        assert_row(crm_ruleset_create(json, 1, crm_host_malloc(), &findings)
                   == NULL, bad[i]);
        assert_row(findings.errors > 0, bad[i]);
        assert_row(findings.status == CRM_OK, bad[i]);

        json_decref(json);
    }

    crm_pool_destroy(pool);
}


static void
an_empty_bundle_is_a_set_of_no_rules(void **state)
{
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules("");
    assert_int_equal(crm_ruleset_modules(rules), 0);
    assert_null(crm_ruleset_module(rules, CRM_STR("Leads")));
    crm_ruleset_release(rules);
    crm_ruleset_release(NULL);
}


static void
an_object_is_known_by_kind_and_name(void **state)
{
    size_t   i;
    int      order;
    json_t  *json;

    /* in the order of the rule language */

    static const struct {
        const char  *object;
        const char  *identity;      /* NULL: it has none */
        char         order;         /* > or = that before it, ? no kind */
    } rows[] = {
        { "{'kind':'organization'}", "", '>' },
        { "{'kind':'business_hours','type':'24_by_7'}", "", '>' },
        { "{'kind':'profile','name':'P'}", "P", '>' },
        { "{'kind':'role','name':'R'}", "R", '>' },
        { "{'kind':'user','id':'7','name':'Ann'}", "7", '>' },
        { "{'kind':'group','name':'G'}", "G", '>' },
        { "{'kind':'variable','name':'x','api_name':'v'}", "v", '>' },
        { "{'kind':'module','name':'M'}", "M", '>' },
        { "{'kind':'backend','url':'x'}", "", '>' },
        { "{'kind':'backend','name':'b'}", "", '=' },
        { "{'kind':'workflow_rule','name':'W','id':'9'}", "W", '>' },
        { "{'kind':'field_update','name':'F'}", "F", '>' },
        { "{'kind':'webhook','name':'H'}", "H", '>' },
        { "{'kind':'record_locking','module':'M'}", "M", '>' },
        { "{'kind':'record_locking','name':'x'}", NULL, '=' },
        { "{'kind':'dashboard','name':'x'}", NULL, '?' },
        { "{}", NULL, '?' },
        { "[]", NULL, '?' },
    };

    (void) state;
    order = -1;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json = crm_make_json(rows[i].object);

        assert_row(rows[i].order == '?' ? crm_ruleset_kind_order(json) == -1
                   : rows[i].order == '=' ? crm_ruleset_kind_order(json)
                                            == order
                   : crm_ruleset_kind_order(json) > order, rows[i].object);

        order = crm_ruleset_kind_order(json);

        if (rows[i].identity) {
            assert_str(crm_ruleset_identity(json), rows[i].identity);
        } else {
            assert_null(crm_ruleset_identity(json).data);
        }

        json_decref(json);
    }
}


static void
a_set_lives_as_long_as_somebody_holds_it(void **state)
{
    json_t             *bundle;
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_ruleset_t      *rules;
    crm_findings_t      findings;
    crm_test_memory_t   memory;

    (void) state;

    pool = crm_test_pool();
    host = crm_test_host(&memory);
    bundle = crm_make_bundle(SALES);
    crm_findings_init(&findings, pool);

    rules = crm_ruleset_create(bundle, 3, &host, &findings);
    assert_non_null(rules);

    /* nothing of the bundle is needed any more */

    json_decref(bundle);
    crm_pool_destroy(pool);

    crm_ruleset_retain(rules);
    crm_ruleset_release(rules);
    assert_true(memory.live > 0);
    assert_int_equal(crm_ruleset_revision(rules), 3);
    assert_str(crm_make_module(rules, "Leads")->locking->rules[0].name,
               "won");

    crm_ruleset_release(rules);
    assert_int_equal(memory.live, 0);
}


static size_t  json_calls;
static size_t  json_fail_at;


static void *
json_starved(size_t size)
{
    json_calls++;

    return json_fail_at && json_calls >= json_fail_at ? NULL : malloc(size);
}


/* As many users as shift what is left of the pool's blocks. */
static json_t *
padded_bundle(unsigned pad)
{
    json_t    *bundle;
    unsigned   i;

    bundle = crm_make_bundle(SALES);

    for (i = 0; i < pad; i++) {
        json_array_append_new(json_object_get(bundle, "objects"),
            json_pack("{s:s, s:{s:s, s:s+}}", "managed_by", "x", "object",
                      "kind", "profile", "name", "pad",
                      i % 2 ? "a" : "a rather long one"));
        json_object_set_new(json_object_get(json_array_get(json_object_get(
            bundle, "objects"), json_array_size(json_object_get(bundle,
            "objects")) - 1), "object"), "name",
            json_sprintf("pad %u", i));
    }

    return bundle;
}


/* Of the host's memory, and of jansson's: no set, no leak, and it is said. */
static void
memory_may_run_out_at_any_point(void **state)
{
    size_t              at;
    json_t             *bundle;
    unsigned            pad;
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_ruleset_t      *rules;
    crm_findings_t      findings;
    crm_test_memory_t   memory;

    (void) state;

    host = crm_test_host(&memory);

    for (pad = 0; pad < 24; pad++) {
        bundle = padded_bundle(pad);

        for (at = 1; /* void */ ; at++) {
            pool = crm_test_pool();
            crm_findings_init(&findings, pool);
            memory.calls = 0;
            memory.fail_at = at;

            rules = crm_ruleset_create(bundle, 1, &host, &findings);

            if (rules) {
                assert_true(memory.calls < at);
                assert_int_equal(findings.count, 0);
                crm_ruleset_release(rules);

            } else {
                assert_int_equal(findings.status, CRM_ENOMEM);
                assert_int_equal(findings.errors, 0);
            }

            assert_int_equal(memory.live, 0);
            crm_pool_destroy(pool);

            if (rules) {
                break;
            }
        }

        json_decref(bundle);
    }

    bundle = padded_bundle(0);
    pool = crm_test_pool();
    json_set_alloc_funcs(json_starved, free);

    for (json_fail_at = 1; /* void */ ; json_fail_at++) {
        crm_findings_init(&findings, pool);
        json_calls = 0;

        rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
        if (rules) {
            break;
        }

        assert_int_equal(findings.status, CRM_ENOMEM);
        assert_int_equal(findings.errors, 0);
    }

    json_fail_at = 0;
    json_set_alloc_funcs(malloc, free);

    assert_true(json_calls > 0);
    crm_ruleset_release(rules);
    json_decref(bundle);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(documents_come_in_any_order),
    cmocka_unit_test(a_module_concerns_the_writes_that_its_rules_run_on),
    cmocka_unit_test(rules_run_by_sequence_then_by_name),
    cmocka_unit_test(who_acts_is_known_by_id),
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(ten_mistakes_are_ten_findings),
    cmocka_unit_test(what_is_no_bundle_is_refused),
    cmocka_unit_test(an_empty_bundle_is_a_set_of_no_rules),
    cmocka_unit_test(an_object_is_known_by_kind_and_name),
    cmocka_unit_test(a_set_lives_as_long_as_somebody_holds_it),
    cmocka_unit_test(memory_may_run_out_at_any_point),
};

CRM_TEST_MAIN(tests)
