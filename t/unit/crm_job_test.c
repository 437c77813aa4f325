/*
 * Jobs. They would fail by an id that is another one the next time, so that a
 * retry delivers twice; or by a request that says something else than the rule.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"
#include "state/crm_element.h"


#define RULE(name, more, conditions)                                          \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'create_or_edit'},'conditions':[" conditions "]}"
#define CALL  "{'type':'webhooks','name':'W'}"
#define SET   "{'type':'field_updates','field':'Z','value':1}"
#define DO(actions)  "{'instant_actions':[" actions "]}"
#define IF9(actions)                                                          \
    "{'criteria':{'field':'A','comparator':'equal','value':9},"               \
    "'instant_actions':[" actions "]}"
#define HOOK(more)                                                            \
    "{'kind':'webhook','name':'W','module':'M','url':"                        \
    "'https://h.test/x/${!M.id}?n=${!M.Name}'" more "},"


static crm_plan_t
planned(crm_event_t *event)
{
    crm_plan_t  plan;

    assert_int_equal(crm_plan(&plan, event), CRM_OK);

    return plan;
}


/* SHA-256 and base32 of these lines, made with another program. */
static void
an_id_is_a_digest_of_what_is_done(void **state)
{
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();

    rules = crm_make_rules(HOOK("") RULE("tell", "", DO(SET "," CALL)));
    plan = planned(crm_make_event(crm_make_write(pool, rules, "M", "{'A':1}",
                                                 NULL)));
    assert_int_equal(plan.jobs_count, 1);
    assert_str(plan.jobs[0].id, "hl7kthuu2bcqc62kqlyyal6gpb");
    crm_ruleset_release(rules);

    rules = crm_make_rules(HOOK("") RULE("tell", ",'id':'r-17'",
                                         IF9(SET) "," DO(CALL)));
    plan = planned(crm_make_event(crm_make_write(pool, rules, "M", "{'A':1}",
                                                 NULL)));
    assert_str(plan.jobs[0].id, "gadlma6pi5oyvlblvrnohvfpdm");
    crm_ruleset_release(rules);

    rules = crm_make_rules(HOOK("") RULE("Gr\\u00f6\\u00dfe \\u0022x\\u0022",
                                         "", DO(CALL)));
    event = crm_make_event(crm_make_write(pool, rules, "M", "{'A':1}",
                                          NULL));
    event->record_id = CRM_STR("4150868000000225013");
    plan = planned(event);
    assert_str(plan.jobs[0].id, "opltic7datbga2yioe4m3sumoh");
    crm_ruleset_release(rules);

    crm_pool_destroy(pool);
}


/* Of the same write always the same, of any other always another. */
static void
ids_are_stable_and_different(void **state)
{
    size_t          i, k, n;
    char            ids[8][CRM_JOB_ID_LEN + 1];
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK("") RULE("a", "", DO(CALL "," CALL)) ","
                           RULE("b", "", DO(CALL)));

    for (i = 0, n = 0; i < 3; i++) {
        w = crm_make_write(pool, rules, "M", "{'A':1}", NULL);
        if (i == 2) {
            w->event = CRM_STR("01JD0000000000000000000002");
        }

        event = crm_make_event(w);
        plan = planned(event);
        assert_int_equal(plan.jobs_count, 3);

        for (k = 0; k < 3; k++) {
            assert_int_equal(plan.jobs[k].id.len, CRM_JOB_ID_LEN);

            if (i == 1) {
                assert_string_equal(plan.jobs[k].id.data, ids[k]);
                continue;
            }

            memcpy(ids[n++], plan.jobs[k].id.data, CRM_JOB_ID_LEN + 1);
        }
    }

    for (i = 0; i < n; i++) {
        for (k = 0; k < i; k++) {
            assert_string_not_equal(ids[i], ids[k]);
        }
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* The one job of a write; a new reference. */
static json_t *
job_of(const char *objects, const char *request, const char *before)
{
    json_t         *json;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    json_error_t    err;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    plan = planned(crm_make_event(crm_make_write(pool, rules, "M", request,
                                                 before)));
    assert_int_equal(plan.jobs_count, 1);
    assert_int_equal(plan.jobs[0].queue, CRM_QUEUE_WEBHOOKS);

    json = json_loadb(plan.jobs[0].json.data, plan.jobs[0].json.len,
                      JSON_REJECT_DUPLICATES, &err);
    if (json == NULL) {
        fail_msg("%s: %.*s", err.text, (int) plan.jobs[0].json.len,
                 plan.jobs[0].json.data);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return json;
}


static void
a_job_is_complete(void **state)
{
    json_t  *job, *wanted;

    (void) state;

    job = job_of(HOOK(",'secret':'env:S','ordered':true,'allow_http':true,"
                      "'retry_schedule':'5s,2h',"
                      "'http_method':'PUT','headers':{'X-N':'${!M.Name}'}")
                 RULE("tell", ",'cascade':true,'ignore_lock':true",
                      DO(CALL)),
                 "{'A':1,'Name':'a b'}", "{'A':0,'id':'42'}");

    json_object_del(json_object_get(job, "action"), "body");

    wanted = crm_make_json("{'v':1,'id':'abc','event':'" CRM_MAKE_EVENT "',"
        "'type':'webhooks','org':'acme','module':'M','record_id':'42',"
        "'rule':'tell','revision':7,'action':{'name':'W','url':"
        "'https://h.test/x/42?n=a%20b','method':'PUT','headers':"
        "{'Content-Type':'application/json','X-N':'a b'},'secret':'env:S',"
        "'ordered':true,'allow_http':true,'retry_schedule':'5s,2h'},"
        "'record':{'A':1,'id':'42','Name':"
        "'a b'},'before':{'A':0,'id':'42'},'actor':{'id':'u1'},'chain':"
        "{'id':'" CRM_MAKE_EVENT "','depth':0,'fired':['tell'],'cascade':"
        "true,'ignore_lock':true},'late':[],'attempt':0,'enqueued_at':"
        "1795305600000}");
    json_object_set(wanted, "id", json_object_get(job, "id"));

    if (!json_equal(job, wanted)) {
        fail_msg("%s", json_dumps(job, 0));
    }

    json_decref(wanted);
    json_decref(job);
}


static const json_t *
action(const json_t *job, const char *name)
{
    return json_object_get(json_object_get(job, "action"), name);
}


static void
assert_body(const json_t *job, const char *expected)
{
    crm_pool_t  *pool;

    pool = crm_test_pool();
    assert_string_equal(json_string_value(action(job, "body")),
                        crm_make_text(pool, expected).data);
    crm_pool_destroy(pool);
}


static void
what_is_left_out_is_null_or_false(void **state)
{
    json_t  *job, *body;

    (void) state;

    job = job_of(HOOK("") RULE("tell", "", DO(CALL)), "{'A':1}", NULL);

    assert_true(json_is_null(action(job, "secret")));
    assert_true(json_is_false(action(job, "ordered")));
    assert_true(json_is_null(json_object_get(job, "before")));

    /* the event itself, as Standard Webhooks proposes */

    body = json_loads(json_string_value(action(job, "body")), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(body, "type")),
                        "M.create");
    assert_string_equal(json_string_value(json_object_get(body,
                        "timestamp")), "2026-11-22T00:00:00.000Z");
    assert_true(json_equal(json_object_get(json_object_get(body, "data"),
                                           "record"),
                           json_object_get(job, "record")));
    json_decref(body);
    json_decref(job);

    job = job_of(HOOK(",'http_method':'GET'") RULE("tell", "", DO(CALL)),
                 "{'A':1}", NULL);
    assert_true(json_is_null(action(job, "body")));
    assert_int_equal(json_object_size(action(job, "headers")), 0);
    json_decref(job);
}


#define EVIL  "{'A':1,'Name':'\\u0022,\\u0022admin\\u0022:\\u0022</a>&\\r\\n"  \
              "X-Admin: 1'}"


/* A client's value in every place that a rule may put it. */
static void
a_value_stays_where_the_rule_puts_it(void **state)
{
    json_t      *job;
    const char  *text;

    (void) state;

    job = job_of(HOOK(",'headers':{'X-N':'${!M.Name}'},'body':{'type':'raw',"
                      "'content':'{\\u0022n\\u0022:\\u0022${!M.Name}\\u0022}"
                      "'}") RULE("tell", "", DO(CALL)), EVIL, NULL);
    assert_string_equal(json_string_value(action(job, "url")),
                        "https://h.test/x/42?n=%22%2C%22admin%22%3A%22%3C%2Fa"
                        "%3E%26%0D%0AX-Admin%3A%201");
    text = json_string_value(json_object_get(action(job, "headers"), "X-N"));
    assert_null(strpbrk(text, "\r\n"));
    assert_body(job, "{'n':'\\\",\\\"admin\\\":\\\"</a>&\\r\\nX-Admin: 1'}");
    json_decref(job);

    job = job_of(HOOK(",'body':{'type':'raw','format':'XML','content':"
                      "'<n a=\\u0022${!M.Name}\\u0022/>'}")
                 RULE("tell", "", DO(CALL)), EVIL, NULL);
    assert_body(job, "<n a='&quot;,&quot;admin&quot;:&quot;&lt;/a&gt;&amp;"
                     "\r\nX-Admin: 1'/>");
    json_decref(job);

    job = job_of(HOOK(",'body':{'type':'form_data','parameters':{'a&b':"
                      "'${!M.Name}','c':'1+1'}}")
                 RULE("tell", "", DO(CALL)), EVIL, NULL);
    assert_body(job, "a%26b=%22%2C%22admin%22%3A%22%3C%2Fa%3E%26%0D%0AX-Admin"
                     "%3A%201&c=1%2B1");
    json_decref(job);
}


static void
a_rule_s_own_content_type_is_the_only_one(void **state)
{
    json_t  *job;

    (void) state;

    job = job_of(HOOK(",'headers':{'Content-Type':'application/vnd.x+json',"
                      "'X-A':'1'}") RULE("tell", "", DO(CALL)), "{'A':1}",
                 NULL);
    assert_int_equal(json_object_size(action(job, "headers")), 2);
    assert_string_equal(json_string_value(json_object_get(action(job,
                        "headers"), "Content-Type")),
                        "application/vnd.x+json");
    json_decref(job);

    job = job_of(HOOK(",'headers':{'content-TYPE':'text/x'}")
                 RULE("tell", "", DO(CALL)), "{'A':1}", NULL);
    assert_int_equal(json_object_size(action(job, "headers")), 1);
    json_decref(job);
}


static void
payloads_are_rendered_after_all_updates(void **state)
{
    json_t  *job;

    (void) state;

    job = job_of("{'kind':'webhook','name':'W','module':'M','url':"
                 "'https://h/','body':{'type':'raw','format':'Text',"
                 "'content':'${OLD!M.Z|none} ${!M.Z}'}},"
                 RULE("a", ",'sequence':1", DO(CALL)) ","
                 RULE("b", ",'sequence':2", DO(SET)), "{'A':1}", NULL);
    assert_body(job, "none 1");
    json_decref(job);
}


static void
a_body_above_the_limit_is_refused_visibly(void **state)
{
    size_t          i;
    crm_buf_t       request;
    crm_str_t       job;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules("{'kind':'webhook','name':'W','module':'M','url':"
        "'https://h/','body':{'type':'raw','format':'Text','content':"
        "'${!M.Name}'}}," RULE("tell", "", DO(CALL)));

    for (i = CRM_MAX_WEBHOOK_BODY; i <= CRM_MAX_WEBHOOK_BODY + 1; i++) {
        size_t  k;

        crm_buf_init(&request, pool, 0);
        crm_buf_puts(&request, "{'Name':'");
        for (k = 0; k < i; k++) {
            crm_buf_putc(&request, 'x');
        }
        crm_buf_puts(&request, "'}");
        crm_buf_putc(&request, '\0');

        plan = planned(crm_make_event(crm_make_write(pool, rules, "M",
                                                     request.data, NULL)));
        assert_int_equal(plan.jobs_count, 1);

        job = crm_pool_dup(pool, plan.jobs[0].json);
        assert_true((strstr(job.data, "\"body\":null,\"refused\":") != NULL)
                    == (i > CRM_MAX_WEBHOOK_BODY));
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Dots are no bytes that a URL escapes. */
static void
a_value_does_not_lead_to_another_path(void **state)
{
    size_t          i;
    crm_str_t       job;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        int          refused;
    } rows[] = {
        { "{'Name':'..'}", 1 }, { "{'Name':'.'}", 1 },
        { "{'Name':'../x'}", 0 }, { "{'Name':'...'}", 0 },
        { "{'Name':'a'}", 0 }
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules("{'kind':'webhook','name':'W','module':'M','url':"
        "'https://h/deals/${!M.Name}/x','http_method':'POST','body':"
        "{'type':'raw','format':'Text','content':'x'}},"
        RULE("tell", "", DO(CALL)));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        plan = planned(crm_make_event(crm_make_write(pool, rules, "M",
                                                     rows[i].request, NULL)));
        assert_int_equal(plan.jobs_count, 1);

        job = crm_pool_dup(pool, plan.jobs[0].json);
        assert_int_equal(strstr(job.data, "\"body\":null,\"refused\":\"a value"
                                " makes a step of the url") != NULL,
                         rows[i].refused);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* A worker leases what it knows by its head without a look at the rest. */
static void
is_known_by_its_head(const char *objects, int known, const char *url)
{
    crm_pool_t     *pool;
    crm_plan_t      plan;
    crm_ruleset_t  *rules;
    crm_element_t   element;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    plan = planned(crm_make_event(crm_make_write(pool, rules, "M",
                                                 "{'A':1,'Name':'n'}",
                                                 "{'A':0,'id':'42'}")));
    assert_int_equal(plan.jobs_count, 1);
    assert_int_equal(crm_element_read(&element, plan.jobs[0].json,
                                      CRM_STR("acme"), NULL), known);

    if (known) {
        assert_true(crm_str_eq(element.id, plan.jobs[0].id));
        assert_true(crm_str_is(element.name, "W"));
        assert_true(crm_str_is(element.url, url));
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_worker_knows_a_job_by_its_head_unless_it_is_ordered(void **state)
{
    (void) state;

    is_known_by_its_head(HOOK("") RULE("tell", "", DO(CALL)), 1,
                         "https://h.test/x/42?n=n");
    is_known_by_its_head("{'kind':'webhook','name':'W','module':'M',"
                         "'url':'https://h.test/'},"
                         RULE("tell", "", DO(CALL)), 1, "https://h.test/");
    is_known_by_its_head(HOOK(",'ordered':true")
                         RULE("tell", "", DO(CALL)), 0, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(an_id_is_a_digest_of_what_is_done),
    cmocka_unit_test(ids_are_stable_and_different),
    cmocka_unit_test(a_job_is_complete),
    cmocka_unit_test(a_worker_knows_a_job_by_its_head_unless_it_is_ordered),
    cmocka_unit_test(what_is_left_out_is_null_or_false),
    cmocka_unit_test(a_value_stays_where_the_rule_puts_it),
    cmocka_unit_test(a_rule_s_own_content_type_is_the_only_one),
    cmocka_unit_test(payloads_are_rendered_after_all_updates),
    cmocka_unit_test(a_body_above_the_limit_is_refused_visibly),
    cmocka_unit_test(a_value_does_not_lead_to_another_path),
};

CRM_TEST_MAIN(tests)
