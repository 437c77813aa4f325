/*
 * The trace tells why. It would fail by a document that cannot be read, or by
 * a reason that is not the one.
 */

#include "crm_rules_make.h"


#define HOOK  "{'kind':'webhook','name':'W \\u0022','module':'M','url':"      \
              "'https://h/'},"
#define R(name, more, when, conditions)                                       \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'" when "'},'conditions':[" conditions "]}"
#define CALL  "{'type':'webhooks','name':'W \\u0022'}"
#define SET(value)                                                            \
    "{'type':'field_updates','field':'Z','value':" value "}"
#define DO(actions)  "{'instant_actions':[" actions "]}"
#define IF(field, comparator, value, actions)                                 \
    "{'criteria':{'field':'" field "','comparator':'" comparator              \
    "','value':" value "},'instant_actions':[" actions "]}"

#define RULES                                                                 \
    HOOK R("first", ",'sequence':1", "create_or_edit", DO(SET("1"))) ","      \
    R("second \\u0022\\\\\\n", ",'sequence':2,'id':'r-2'", "edit",            \
      IF("A", "in", "[8,9]", CALL) ","                                        \
      IF("N\\u0022", "equal", "'\\u0022x'", SET("'two'") "," CALL) ","        \
      IF("A", "equal", "'${EMPTY}'", CALL)) ","                               \
    R("never", ",'sequence':3", "edit", IF("A", "greater_than", "'x'",        \
      CALL) "," IF("Gone", "equal", "true", CALL)) ","                        \
    R("created", ",'sequence':4", "create", DO(CALL)) ","                     \
    R("asleep", ",'sequence':5,'status':'off'", "edit", DO(CALL)) ","         \
    R("shadow", ",'sequence':6,'status':'shadow'", "edit", DO(SET("3") ","    \
      CALL))

#define REQUEST  "{'A':5,'N\\u0022':'\\u0022X','L':['\\u2028',1.50]}"
#define BEFORE   "{'id':'42','A':4,'Z':0}"


static json_t *
traced(crm_pool_t *pool, const crm_event_t *event, int explain)
{
    json_t        *json;
    crm_buf_t      buf;
    crm_trace_t    how;
    json_error_t   err;

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = explain;
    how.backend_status = explain ? 0 : 200;
    how.duration_us = 17;

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_event_trace(event, &buf, &how), CRM_OK);

    json = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, &err);
    if (json == NULL) {
        fail_msg("%s: %.*s", err.text, (int) buf.len, buf.data);
    }

    return json;
}


/* A value by its path: a.b.0.c */
static const json_t *
at(const json_t *json, const char *path)
{
    char   name[64];
    size_t n;

    while (*path) {
        n = strcspn(path, ".");
        (void) snprintf(name, sizeof(name), "%.*s", (int) n, path);
        json = json_is_array(json)
               ? json_array_get(json, (size_t) strtoul(name, NULL, 10))
               : json_object_get(json, name);
        path += path[n] ? n + 1 : n;
    }

    return json;
}


static void
assert_at(const json_t *json, const char *path, const char *expected)
{
    json_t  *wanted;

    wanted = crm_make_json(expected);

    if (at(json, path) == NULL || !json_equal(at(json, path), wanted)) {
        fail_msg("%s is %s, not %s", path, at(json, path)
                 ? json_dumps(at(json, path), JSON_ENCODE_ANY) : "missing",
                 expected);
    }

    json_decref(wanted);
}


static void
a_trace_tells_what_fired(void **state)
{
    json_t         *json;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = crm_make_event(crm_make_write(pool, rules, "M", REQUEST,
                                          BEFORE));
    json = traced(pool, event, 0);

    assert_at(json, "event_id", "'" CRM_MAKE_EVENT "'");
    assert_at(json, "ts", "'2026-11-22T00:00:00.000Z'");
    assert_at(json, "org", "'acme'");
    assert_at(json, "module", "'M'");
    assert_at(json, "record_id", "'42'");
    assert_at(json, "op", "'update'");
    assert_at(json, "actor", "{'user':'u1','profile':''}");
    assert_at(json, "revision", "7");
    assert_at(json, "decision", "'allowed'");
    assert_at(json, "gates", "[{'gate':'lock','result':'pass'}]");
    assert_at(json, "backend_status", "200");
    assert_at(json, "duration_us", "17");

    assert_int_equal(json_array_size(at(json, "rules")), 3);
    assert_at(json, "rules.0.rule_id", "'first'");
    assert_at(json, "rules.0.actions",
              "[{'seq':1,'type':'field_updates','field':'Z','state':'done'}]");
    assert_at(json, "rules.1.rule_id", "'r-2'");
    assert_at(json, "rules.1.name", "'second \\u0022\\\\\\n'");
    assert_at(json, "rules.1.version", "7");
    assert_at(json, "rules.1.chosen", "2");
    assert_at(json, "rules.1.actions.1.name", "'W \\u0022'");
    assert_at(json, "rules.1.actions.1.state", "'queued'");
    assert_at(json, "rules.2.mode", "'shadow'");
    assert_at(json, "rules.2.actions.0.state", "'dry_run'");
    assert_at(json, "rules.2.actions.1.state", "'dry_run'");

    /* the client's changes, then the rules', with who lost */

    assert_at(json, "changed.0", "{'field':'A','old':4,'new':5}");
    assert_at(json, "changed.1.old", "null");
    assert_at(json, "changed.2.new", "['\\u2028',1.5]");
    assert_at(json, "changed.3", "{'field':'Z','old':0,'new':'two',"
              "'rule_id':'r-2','conflict':['first']}");
    assert_int_equal(json_array_size(at(json, "changed")), 4);

    json_decref(json);
    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* The key in the trace is the id of the job, so that one finds the other. */
static void
an_action_is_traced_by_its_job(void **state)
{
    size_t          i;
    json_t         *json;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = crm_make_event(crm_make_write(pool, rules, "M", REQUEST,
                                          BEFORE));
    assert_int_equal(crm_plan(&plan, event), CRM_OK);
    assert_int_equal(plan.jobs_count, 1);

    for (i = 0; i < 2; i++) {
        json = traced(pool, event, (int) i);
        assert_string_equal(json_string_value(at(json,
                            "rules.1.actions.1.idem_key")),
                            plan.jobs[0].id.data);
        json_decref(json);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
who_asks_is_told_why_not(void **state)
{
    json_t         *json;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = crm_make_event(crm_make_write(pool, rules, "M", REQUEST,
                                          BEFORE));
    json = traced(pool, event, 1);

    assert_at(json, "backend_status", "null");
    assert_int_equal(json_array_size(at(json, "rules")), 6);

    assert_at(json, "rules.1.conditions.0.result", "false");
    assert_at(json, "rules.1.conditions.0.leaves",
              "[{'n':1,'field':'A','comparator':'in','left':5,'right':[8,9],"
              "'result':false}]");
    assert_at(json, "rules.1.conditions.1.result", "true");
    assert_at(json, "rules.1.conditions.1.leaves.0",
              "{'n':1,'field':'N\\u0022','comparator':'equal','left':"
              "'\\u0022X','right':'\\u0022x','result':true}");
    assert_at(json, "rules.1.conditions.2",
              "{'seq':3,'reason':'shadowed_by_condition'}");

    assert_at(json, "rules.2.reason", "'unknown_field'");
    assert_at(json, "rules.2.detail", "{'field':'Gone'}");
    assert_at(json, "rules.2.conditions.0.result", "'unknown'");
    assert_at(json, "rules.2.conditions.1.leaves.0.left", "'unknown'");
    assert_at(json, "rules.2.conditions.1.leaves.0.right", "true");

    assert_at(json, "rules.3.reason", "'trigger_mismatch'");
    assert_at(json, "rules.3.trigger_matched", "false");
    assert_at(json, "rules.4.reason", "'inactive'");
    assert_null(at(json, "rules.5.reason"));

    json_decref(json);
    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
what_the_client_lets_run_is_told(void **state)
{
    size_t          i, k;
    json_t         *json;
    crm_buf_t       list;
    crm_pool_t     *pool;
    crm_value_t     value;
    crm_event_t     event;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *trigger;           /* NULL: none */
        const char  *known;
        const char  *unknown;           /* NULL: not told */
    } rows[] = {
        { NULL, "null", NULL },
        { "[]", "[]", "[]" },
        { "['workflow','approval']", "['workflow','approval']", "[]" },
        { "['x','work\\u0066low','\\u0022']", "['workflow']",
          "['x','\\u0022']" },
    };

    (void) state;

    rules = crm_make_rules(RULES);

    for (i = 0; i <= sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        w = crm_make_given(pool, rules, "M", REQUEST, BEFORE);
        crm_buf_init(&list, pool, 0);

        if (i == sizeof(rows) / sizeof(rows[0])) {

            /* of a hundred names sixteen */

            for (k = 0; k < 100; k++) {
                crm_buf_puts(&list, k ? ",'y'" : "['y'");
            }

            crm_buf_puts(&list, "]");
            crm_buf_putc(&list, '\0');

        } else if (rows[i].trigger) {
            crm_buf_puts(&list, rows[i].trigger);
            crm_buf_putc(&list, '\0');
        }

        if (list.len) {
            assert_int_equal(crm_value_parse(&value,
                                             crm_make_text(pool, list.data),
                                             pool), CRM_OK);
            w->trigger = value.span;
        }

        assert_int_equal(crm_write_init(w, pool), CRM_OK);
        assert_int_equal(crm_event_judge(&event, w), CRM_OK);
        json = traced(pool, &event, 0);

        if (i == sizeof(rows) / sizeof(rows[0])) {
            assert_int_equal(json_array_size(at(json, "trigger_unknown")),
                             16);

        } else {
            assert_at(json, "trigger_param", rows[i].known);
            assert_at(json, "source", "'crm_api'");
            assert_null(at(json, "reason"));

            if (rows[i].unknown) {
                assert_at(json, "trigger_unknown", rows[i].unknown);
            } else {
                assert_null(at(json, "trigger_unknown"));
            }
        }

        json_decref(json);
        crm_pool_destroy(pool);
    }

    pool = crm_test_pool();
    w = crm_make_given(pool, rules, "M", NULL, BEFORE);
    w->workflow = 0;
    w->import = 1;
    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    assert_int_equal(crm_event_judge(&event, w), CRM_OK);

    json = traced(pool, &event, 0);
    assert_at(json, "trigger_param", "{'wf_trigger':false}");
    assert_at(json, "source", "'import'");
    assert_at(json, "reason", "'suppressed_by_trigger_param'");
    json_decref(json);

    crm_pool_destroy(pool);
    crm_ruleset_release(rules);
}


static void
a_refusal_names_its_gate(void **state)
{
    size_t          i;
    json_t         *json;
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES ",{'kind':'record_locking','module':'M',"
        "'lock_type':'automatic','locking_rules':[{'name':'L \\u0022\\n',"
        "'lock_existing_records':true,'criteria':null}]}");

    assert_int_equal(crm_event_judge(&event, crm_make_write(pool, rules, "M",
                                     REQUEST, BEFORE)), CRM_OK);

    for (i = 0; i < 2; i++) {
        json = traced(pool, &event, (int) i);
        assert_at(json, "decision", "'refused'");
        assert_at(json, "gates.0.gate", "'lock'");
        assert_at(json, "gates.0.result", "'refused'");
        assert_at(json, "gates.0.rule_id", "'L \\u0022\\n'");
        assert_int_equal(json_array_size(at(json, "rules")), i ? 6 : 0);

        if (i) {
            assert_at(json, "rules.1.reason", "'lock_denied'");
        }

        json_decref(json);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* A gate that let a write pass says what its rules compared, to who asks. */
static void
a_gate_tells_what_it_looked_at(void **state)
{
    json_t         *json;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules("{'kind':'record_locking','module':'M',"
        "'lock_type':'automatic','excluded_fields':['X'],'locking_rules':["
        "{'name':'L','criteria':{'field':'A','comparator':'greater_than',"
        "'value':3}},{'name':'K','lock_existing_records':true,'criteria':"
        "{'field':'A','comparator':'in','value':['${TODAY}','2026-01-01'],"
        "'type':'pre_defined'}}]}");

    event = crm_make_event(crm_make_write(pool, rules, "M", "{'Y':1}",
                                          BEFORE));
    json = traced(pool, event, 1);

    assert_at(json, "gates.0.result", "'pass'");
    assert_null(at(json, "gates.0.detail"));
    assert_at(json, "gates.0.rules.0",
              "{'rule_id':'L','lock_existing_records':false,'marked':false,"
              "'result':true,'leaves':[{'n':1,'field':'A','comparator':"
              "'greater_than','left':4,'right':3,'result':true}]}");
    assert_at(json, "gates.0.rules.1.result", "false");
    assert_at(json, "gates.0.rules.1.leaves.0.right",
              "['2026-11-22','2026-01-01']");
    assert_at(json, "gates.0.rules.1.leaves.0.from", "['${TODAY}']");
    assert_int_equal(json_string_length(at(json, "before_hash")), 64);
    assert_int_equal(json_string_length(at(json, "after_hash")), 64);
    json_decref(json);

    event = crm_make_event(crm_make_write(pool, rules, "M", "{'X':1}",
                                          BEFORE));
    json = traced(pool, event, 1);

    assert_at(json, "gates.0.detail",
              "'no field changes that a lock protects'");
    json_decref(json);

    json = traced(pool, event, 0);
    assert_at(json, "gates", "[{'gate':'lock','result':'pass'}]");
    assert_null(at(json, "before_hash"));
    json_decref(json);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Whoever may read the stream of traces is not told of them. */
static void
what_is_encrypted_is_told_by_nobody(void **state)
{
    int             i;
    json_t         *json;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(
        "{'kind':'module','name':'M','fields':["
        "{'api_name':'A','data_type':'text','encrypted':true},"
        "{'api_name':'B','data_type':'text','encrypted':true},"
        "{'api_name':'C','data_type':'text','encrypted':true},"
        "{'api_name':'Z','data_type':'text'}]},"
        R("copies", "", "edit",
          IF("A", "equal", "'hush'",
             "{'type':'field_updates','field':'B','value':{'field':'A'}},"
             SET("'told'"))));
    event = crm_make_event(crm_make_write(pool, rules, "M",
                "{'A':'hush','C':'hush','Z':'hush'}",
                "{'id':'42','A':'husher','B':'hushest','C':null,'Z':'x'}"));

    for (i = 0; i < 2; i++) {
        json = traced(pool, event, i);

        assert_at(json, "changed.0",
                  "{'field':'A','old':'***','new':'***'}");
        assert_at(json, "changed.1", "{'field':'C','old':null,'new':'***'}");
        assert_at(json, "changed.2", "{'field':'Z','old':'x','new':'hush'}");
        assert_at(json, "changed.3", "{'field':'B','old':'***','new':'***',"
                  "'rule_id':'copies'}");
        assert_at(json, "changed.4",
                  "{'field':'Z','old':'hush','new':'told','rule_id':'copies'"
                  "}");

        if (i) {
            assert_at(json, "rules.0.conditions.0.leaves.0",
                      "{'n':1,'field':'A','comparator':'equal','left':'***',"
                      "'right':'***','result':true}");
        }

        json_decref(json);
    }

    crm_ruleset_release(rules);

    rules = crm_make_rules(
        "{'kind':'module','name':'M','fields':["
        "{'api_name':'A','data_type':'text','encrypted':true},"
        "{'api_name':'Z','data_type':'text'}]},"
        R("alike", "", "edit",
          "{'criteria':{'field':'Z','comparator':'equal','value':'A',"
          "'type':'field'},'instant_actions':[" SET("'told'") "]},"
          IF("A", "equal", "'${EMPTY}'", SET("'none'"))));
    event = crm_make_event(crm_make_write(pool, rules, "M", "{'Z':'y'}",
                                          "{'id':'42','A':'hush','Z':'x'}"));
    json = traced(pool, event, 1);

    assert_at(json, "rules.0.conditions.0.leaves.0",
              "{'n':1,'field':'Z','comparator':'equal','left':'y',"
              "'right':'***','from':['A'],'result':false}");
    assert_at(json, "rules.0.conditions.1.leaves.0",
              "{'n':1,'field':'A','comparator':'equal','left':'***',"
              "'right':'${EMPTY}','result':false}");

    json_decref(json);
    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Who has no Redis to look into gets the record and the jobs, too. */
static void
the_whole_is_told_to_who_asks(void **state)
{
    json_t         *json;
    crm_buf_t       buf;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_trace_t     how;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = crm_make_event(crm_make_write(pool, rules, "M",
                                          "{'A':9,'Big':19.50}", BEFORE));
    assert_int_equal(crm_plan(&plan, event), CRM_OK);

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = 1;
    how.whole = 1;
    how.jobs = plan.jobs;
    how.jobs_count = plan.jobs_count;

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_event_trace(event, &buf, &how), CRM_OK);
    assert_non_null(strstr(crm_pool_dup(pool, crm_buf_view(&buf)).data,
                           "\"Big\":19.50"));

    json = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_at(json, "record.A", "9");
    assert_at(json, "record.Z", "1");
    assert_int_equal(json_array_size(at(json, "jobs")), plan.jobs_count);
    assert_true(json_equal(at(json, "jobs.0.id"),
                           at(json, "rules.1.actions.0.idem_key")));
    json_decref(json);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Row by row another record of the request, or one that is told apart. */
static void
traces_of_one_request_say_what_each_says_alone(void **state)
{
    size_t             i, copied;
    crm_buf_t          alone, behind;
    crm_pool_t        *pool;
    crm_event_t        event;
    crm_trace_t        how;
    crm_write_t       *w;
    crm_ruleset_t     *rules;
    crm_trace_same_t   same;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    memset(&same, 0, sizeof(crm_trace_same_t));
    copied = 0;

    for (i = 0; i < 8; i++) {
        w = crm_make_given(pool, rules, "M", REQUEST, BEFORE);
        w->record_id = crm_pool_printf(pool, "%zu\"", i);
        w->operation = CRM_OP_UPDATE;
        w->import = i == 3;
        w->now_ms += i == 4;
        w->workflow = i != 5;
        w->actor = crm_ruleset_actor(rules, i == 6 ? CRM_STR("u2")
                                                   : w->actor.id);
        assert_int_equal(crm_write_init(w, pool), CRM_OK);
        assert_int_equal(crm_event_judge(&event, w), CRM_OK);

        memset(&how, 0, sizeof(crm_trace_t));
        crm_buf_init(&alone, pool, 0);
        crm_buf_init(&behind, pool, 0);

        assert_int_equal(crm_event_trace(&event, &alone, &how), CRM_OK);
        how.same = &same;
        copied += same.write != NULL && same.write != w;
        assert_int_equal(crm_event_trace(&event, &behind, &how), CRM_OK);
        copied -= same.write == w && i > 0;

        assert_true(crm_str_eq(crm_buf_view(&alone), crm_buf_view(&behind)));
    }

    assert_int_equal(copied, 2);        /* the second and the third */

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_gate_tells_what_it_looked_at),
    cmocka_unit_test(what_is_encrypted_is_told_by_nobody),
    cmocka_unit_test(the_whole_is_told_to_who_asks),
    cmocka_unit_test(a_trace_tells_what_fired),
    cmocka_unit_test(traces_of_one_request_say_what_each_says_alone),
    cmocka_unit_test(an_action_is_traced_by_its_job),
    cmocka_unit_test(who_asks_is_told_why_not),
    cmocka_unit_test(what_the_client_lets_run_is_told),
    cmocka_unit_test(a_refusal_names_its_gate),
};

CRM_TEST_MAIN(tests)
