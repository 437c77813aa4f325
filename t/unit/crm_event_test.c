/*
 * One write from its judgement to its effects. It would fail by an intent that
 * recovery cannot read, by a final record that is not what the backend got, or
 * by another answer when memory is short.
 */

#include "crm_rules_make.h"


#define HOOK  "{'kind':'webhook','name':'W','module':'M','url':"              \
              "'https://h/${!M.Name}','headers':{'X-N':'${!M.Name}'},"        \
              "'body':{'type':'raw','content':'{\\u0022n\\u0022:"             \
              "\\u0022${!M.Name}\\u0022}'}},"
#define RULE(more, trigger, actions)                                          \
    "{'kind':'workflow_rule','name':'R \\u0022\\\\\\n</a>\\u00e9','module':"  \
    "'M'" more ",'execute_when':{'type':'" trigger "'},'conditions':["        \
    "{'criteria':{'field':'A','comparator':'equal','value':9},"               \
    "'instant_actions':[" actions "]},{'criteria':{'field':'A',"              \
    "'comparator':'greater_than','value':0},'instant_actions':[" actions "]}]}"
#define SET   "{'type':'field_updates','field':'Z\\u0022\\\\','value':"       \
              "{'merge':'<${!M.Name}>'}}"
#define CALL  "{'type':'webhooks','name':'W'}"
#define LOCK  ",{'kind':'record_locking','module':'M','lock_type':"           \
              "'automatic','locking_rules':[{'name':'L\\u0022','criteria':"   \
              "{'field':'Z\\u0022\\\\','comparator':'equal','value':"         \
              "'<x>'}}]}"


/* text as JSON; a new reference. */
static json_t *
parsed(crm_str_t text)
{
    json_t        *json;
    json_error_t   err;

    json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &err);
    if (json == NULL) {
        fail_msg("%s: %.*s", err.text, (int) text.len, text.data);
    }

    return json;
}


static json_t *
intent_of(const crm_event_t *event)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, event->write->pool, 0);
    assert_int_equal(crm_intent_encode(&event, 1, &buf), CRM_OK);

    return parsed(crm_buf_view(&buf));
}


static void
assert_member(const json_t *json, const char *name, const char *expected)
{
    char    *text;
    json_t  *value, *wanted;

    value = json_object_get(json, name);
    wanted = crm_make_json(expected);

    if (value == NULL || !json_equal(value, wanted)) {
        text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        fail_msg("%s is %s, not %s", name, text ? text : "missing", expected);
    }

    json_decref(wanted);
}


/* Names and values that would end a string, or a document. */
static void
hostile_text_stays_text(void **state)
{
    json_t         *json;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK RULE("", "create", SET "," CALL));

    w = crm_make_given(pool, rules, "M",
        "{'A':1,'Name':'\\u0022},\\u0022x\\u0022:{\\r\\n\\u2028</script>',"
        "'K\\u0022:\\\\\\n':'v'}", NULL);
    w->actor.id = CRM_STR("u\"\\\n\x01\xff\xc3\xa9");
    w->org = CRM_STR("ac\"me");
    assert_int_equal(crm_write_init(w, pool), CRM_OK);

    event = crm_make_event(w);
    json = intent_of(event);

    assert_member(json, "actor", "{'id':'u\\u0022\\\\\\n\\u0001?\\u00e9'}");
    assert_member(json, "org", "'ac\\u0022me'");
    assert_member(json, "rules",
                  "[{'rule':'R \\u0022\\\\\\n</a>\\u00e9','condition':2}]");
    assert_member(json, "changes", "{'Z\\u0022\\\\':'<\\u0022},\\u0022x"
                  "\\u0022:{\\r\\n\\u2028</script>>'}");
    assert_int_equal(json_object_size(json), 15);
    json_decref(json);

    json = parsed(event->record_json);
    assert_member(json, "K\":\\\n", "'v'");
    assert_int_equal(json_object_size(json), 5);
    json_decref(json);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
the_final_record_is_what_the_backend_has(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        const char  *before;
        const char  *record;
    } rows[] = {
        { "{'B':2}", NULL, "{'B':2,'id':'42'}" },
        { "{'B':1.50,'A':1,'Name':'x'}", NULL,
          "{'B':1.50,'A':1,'Name':'x','Z\\u0022\\\\':'<x>','id':'42'}" },
        { "{'A':1,'Name':'x'}", "{'id':'42','Name':'y','Keep':[1, 2]}",
          "{'id':'42','Name':'x','Keep':[1, 2],'A':1,'Z\\u0022\\\\':'<x>'}" },
        { "{'A':1}", "{'id':42,'Name':'y'}",
          "{'id':42,'Name':'y','A':1,'Z\\u0022\\\\':'<y>'}" },
        { NULL, "{'id':'42','A':1}", "{'id':'42','A':1}" },
    };

    (void) state;

    rules = crm_make_rules(HOOK RULE("", "create_or_edit", SET "," CALL));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t  *got, *wanted;

        pool = crm_test_pool();
        event = crm_make_event(crm_make_write(pool, rules, "M",
                                              rows[i].request,
                                              rows[i].before));
        got = parsed(event->record_json);
        wanted = crm_make_json(rows[i].record);

        if (!json_equal(got, wanted)) {
            fail_msg("%.*s is not %s", (int) event->record_json.len,
                     event->record_json.data, rows[i].record);
        }

        /* fields and text are of one mind */

        assert_int_equal(event->record.count, json_object_size(wanted));
        assert_non_null(crm_record_field(&event->record, CRM_STR("id")));

        /* numbers stay digit for digit */

        if (i == 1) {
            assert_non_null(strstr(crm_pool_dup(pool, event->record_json)
                                   .data, "1.50"));
        }

        json_decref(got);
        json_decref(wanted);
        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* Locks are judged on the final record, updates of rules included. */
static void
marks_see_what_rules_changed(void **state)
{
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK RULE("", "create", SET) LOCK);

    event = crm_make_event(crm_make_write(pool, rules, "M",
                                          "{'A':1,'Name':'x'}", NULL));
    assert_int_equal(event->marks_count, 1);
    assert_str(event->marks[0], "L\"");

    event = crm_make_event(crm_make_write(pool, rules, "M",
                                          "{'A':1,'Name':'y'}", NULL));
    assert_int_equal(event->marks_count, 0);

    event = crm_make_event(crm_make_write(pool, rules, "M", NULL,
                                          "{'Z\\u0022\\\\':'<x>'}"));
    assert_int_equal(event->marks_count, 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_refused_write_is_not_transformed(void **state)
{
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK RULE("", "edit", SET "," CALL)
        ",{'kind':'record_locking','module':'M','lock_type':'automatic',"
        "'locking_rules':[{'name':'L','lock_existing_records':true,"
        "'criteria':null}]}");

    assert_int_equal(crm_event_judge(&event, crm_make_write(pool, rules, "M",
                     "{'A':1}", "{'A':0}")), CRM_OK);
    assert_int_equal(event.verdict.kind, CRM_REFUSE_LOCKED);
    assert_int_equal(event.transform.fired_count, 0);
    assert_int_equal(event.transform.changes.count, 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


typedef struct {
    crm_write_t   given;
    crm_str_t     told[5];          /* by the run with memory enough */
    unsigned      runs;
} starved_t;


/* All that one write says: forwarded body, intent, record, jobs, trace. */
static crm_status_t
tell(crm_pool_t *pool, crm_write_t *w, crm_str_t told[5])
{
    crm_buf_t     intent, trace;
    crm_plan_t    plan;
    crm_event_t   event;
    crm_trace_t   how;
    crm_status_t  rc;

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = 1;

    crm_buf_init(&intent, pool, 0);
    crm_buf_init(&trace, pool, 0);

    rc = crm_write_init(w, pool);
    if (rc == CRM_OK) {
        rc = crm_event_judge(&event, w);
    }
    if (rc == CRM_OK) {
        assert_int_equal(event.verdict.kind, CRM_REFUSE_NONE);
        assert_int_equal(event.transform.fired_count, 1);
        rc = crm_event_forward(&event, crm_span_raw(w->request->object),
                               &told[0]);
    }
    if (rc == CRM_OK) {
        const crm_event_t  *judged = &event;

        rc = crm_intent_encode(&judged, 1, &intent);
    }
    if (rc == CRM_OK) {
        rc = crm_event_finish(&event, CRM_STR("42"));
    }
    if (rc == CRM_OK) {
        rc = crm_plan(&plan, &event);
    }
    if (rc == CRM_OK) {
        rc = crm_event_trace(&event, &trace, &how);
    }

    if (rc == CRM_OK) {
        assert_int_equal(plan.jobs_count, 1);
        assert_int_equal(plan.changes_count, 1);
        assert_int_equal(event.marks_count, 1);

        told[1] = crm_buf_view(&intent);
        told[2] = event.record_json;
        told[3] = plan.jobs[0].json;
        told[4] = crm_buf_view(&trace);
    }

    return rc;
}


static void
what_a_commit_is_told_is_what_finishing_makes(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_event_t     whole, told;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        const char  *before;
        unsigned     marks;
    } rows[] = {
        { "{'Name':'n'}", "{'id':'42','Name':'o','Z\\u0022\\\\':'<x>'}", 1 },
        { "{'Name':'n'}", "{'id':'42','Name':'o','Z\\u0022\\\\':'y'}", 0 },
        { "{'Z\\u0022\\\\':'<x>'}", "{'id':'42','Z\\u0022\\\\':'y'}", 1 },
        { "{'Z\\u0022\\\\':'y'}", "{'id':'42','Z\\u0022\\\\':'<x>'}", 0 },
        { "{'Z\\u0022\\\\':null}", "{'Z\\u0022\\\\':'<x>'}", 0 },
        { "{'id':'42'}", "{'Name':'o'}", 1 },
        { "{'A':1,'Name':'x'}", "{'id':'42','A':2}", 1 },
        { "{'A':0,'Name':'x'}", "{'id':'42','A':2}", 1 },
        { NULL, "{'id':'42','Z\\u0022\\\\':'<x>'}", 0 }
    };

    (void) state;

    rules = crm_make_rules(HOOK RULE("", "edit", SET "," CALL) LOCK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        w = crm_make_write(pool, rules, "M", rows[i].request, rows[i].before);

        assert_int_equal(crm_event_judge(&told, w), CRM_OK);
        whole = told;

        assert_int_equal(crm_event_finish(&whole, CRM_STR("42")), CRM_OK);
        assert_int_equal(crm_event_finish_told(&told, CRM_STR("42")), CRM_OK);

        assert_row(whole.marks_count == rows[i].marks, rows[i].before);
        assert_row(told.marks_count == rows[i].marks, rows[i].before);
        assert_row(crm_str_eq(told.record_id, whole.record_id),
                   rows[i].before);

        /* a job and the last image of what is deleted tell all of it */

        assert_row(rows[i].request && told.transform.fired_count == 0
                   ? told.record_json.len == 0
                   : crm_str_eq(told.record_json, whole.record_json),
                   rows[i].before);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static crm_status_t
starve_event(crm_pool_t *pool, void *data)
{
    size_t        i;
    crm_str_t     told[5];
    crm_write_t   w;
    crm_status_t  rc;
    starved_t    *s;

    s = data;
    w = s->given;
    s->runs++;

    rc = tell(pool, &w, told);

    for (i = 0; rc == CRM_OK && i < 5; i++) {
        assert_true(crm_str_eq(told[i], s->told[i]));
    }

    return rc;
}


static void
without_memory_nothing_is_told_wrongly(void **state)
{
    crm_pool_t     *pool;
    starved_t       s;
    crm_write_t     w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK RULE("", "create_or_edit", SET "," CALL)
                           LOCK);

    s.runs = 0;
    s.given = *crm_make_given(pool, rules, "M",
        "{'A':1,'Name':'\\u0078','O':{'id':'7'}}", "{'id':'42','O':'7'}");
    s.given.actor.id = CRM_STR("\xff");

    w = s.given;
    assert_int_equal(tell(pool, &w, s.told), CRM_OK);

    crm_test_starve(starve_event, &s);
    assert_true(s.runs > 256);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(hostile_text_stays_text),
    cmocka_unit_test(the_final_record_is_what_the_backend_has),
    cmocka_unit_test(marks_see_what_rules_changed),
    cmocka_unit_test(what_a_commit_is_told_is_what_finishing_makes),
    cmocka_unit_test(a_refused_write_is_not_transformed),
    cmocka_unit_test(without_memory_nothing_is_told_wrongly),
};

CRM_TEST_MAIN(tests)
