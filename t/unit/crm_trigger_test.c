/*
 * Triggers, by what must hold for whoever writes rules: the rows of the
 * conformance table, and what surrounds them. From the write to the plan of
 * what is committed, and on to the next write. It would fail by a rule that
 * speaks unasked, stays silent, or forgets that it has spoken.
 */

#include "crm_rules_make.h"

#include "state/crm_state.h"


#define HOOK(name)                                                            \
    "{'kind':'webhook','name':'" name "','module':'M','url':'https://h/'}"
#define CALL(name)  "'instant_actions':[{'type':'webhooks','name':'" name "'}]"
#define SET(field, value)                                                     \
    "'instant_actions':[{'type':'field_updates','field':'" field "',"         \
    "'value':" value "}]"
#define R(name, more, when, conditions)                                       \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':" when ",'conditions':[" conditions "]}"
#define ON(type)     "{'type':'" type "'}"
#define ONCE(type)   "{'type':'" type "','details':{'repeat':false}}"
#define AGAIN(type)  "{'type':'" type "','details':{'repeat':true}}"
#define WATCH(more, criteria)                                                 \
    "{'type':'field_update','details':{" more "'criteria':" criteria "}}"
#define LEAF(field, value)                                                    \
    "{'field':'" field "','comparator':'equal','value':" value "}"
#define ANY(field)   LEAF(field, "'${ANYVALUE}'")
#define TWO(a, b)    "{'group_operator':'AND','group':[" a "," b "]}"
#define IF(criteria, actions)  "{'criteria':" criteria "," actions "}"
#define ALL(actions)           "{" actions "}"

#define FIELDS                                                                \
    "{'kind':'module','name':'M','fields':["                                  \
    "{'api_name':'Stage','data_type':'picklist'},"                            \
    "{'api_name':'Amount','data_type':'currency'},"                           \
    "{'api_name':'Budget','data_type':'currency'},"                           \
    "{'api_name':'When','data_type':'datetime'},"                             \
    "{'api_name':'Tags','data_type':'multiselectpicklist'},"                  \
    "{'api_name':'Z','data_type':'text'}]},"


/* Writes of one record, one after the other, each with what commit stored. */
typedef struct {
    crm_pool_t         *pool;
    crm_ruleset_t      *rules;
    const char         *trigger;    /* as a client sends it; NULL: absent */
    int                 import;
    int                 refused;    /* the backend takes no write */
    crm_str_t           once[64];
    size_t              n_once;
    crm_plan_t          plan;
    crm_event_t        *event;
} story_t;


static void
begin(story_t *s, const char *objects)
{
    memset(s, 0, sizeof(story_t));
    s->pool = crm_test_pool();
    s->rules = crm_make_rules(objects);
}


static void
end(story_t *s)
{
    crm_ruleset_release(s->rules);
    crm_pool_destroy(s->pool);
}


/* What commit does to the record's hash. */
static void
committed(story_t *s)
{
    size_t             i;
    crm_str_t          field;
    crm_cmd_change_t  *change;

    for (i = 0; i < s->plan.changes_count; i++) {
        change = &s->plan.changes[i];

        if (change->op == CRM_CHANGE_DROP) {
            s->n_once = 0;

        } else {
            assert_int_equal(change->op, CRM_CHANGE_SET);
            assert_str(change->value, "1");
            field = change->field;
            assert_true(field.len > 5
                        && memcmp(field.data, "once:", 5) == 0);
            s->once[s->n_once++] = crm_str(field.data + 5, field.len - 5);
        }
    }
}


/* The names of the rules that a write starts, each with a comma behind; every
 * job is one of theirs. */
static const char *
fired(story_t *s, const char *request, const char *before)
{
    size_t         i;
    crm_buf_t      names;
    crm_state_t   *redis;
    crm_value_t    list;
    crm_write_t   *w;

    w = crm_make_given(s->pool, s->rules, "M", request, before);
    redis = crm_pool_calloc(s->pool, 1, sizeof(crm_state_t));
    assert_non_null(redis);
    redis->once = s->once;
    redis->n_once = s->n_once;
    w->state = redis;
    w->import = s->import;

    if (s->trigger) {
        assert_int_equal(crm_value_parse(&list, crm_make_text(s->pool,
                                         s->trigger), s->pool), CRM_OK);
        w->trigger = list.span;
        w->workflow = strstr(s->trigger, "workflow") != NULL;
    }

    assert_int_equal(crm_write_init(w, s->pool), CRM_OK);
    s->event = crm_make_event(w);
    assert_int_equal(crm_plan(&s->plan, s->event), CRM_OK);

    if (!s->refused) {
        committed(s);
    }

    crm_buf_init(&names, s->pool, 0);

    for (i = 0; i < s->event->transform.fired_count; i++) {
        crm_buf_str(&names, s->event->transform.fired[i].rule->name);
        crm_buf_putc(&names, ',');
    }

    crm_buf_putc(&names, '\0');
    assert_int_equal(crm_buf_status(&names), CRM_OK);

    return names.data;
}


/* Why the first rule is silent, as the trace says it. */
static const char *
why(story_t *s)
{
    crm_why_t  why;

    assert_int_equal(crm_event_why(s->event,
                                   s->event->write->module->workflows[0],
                                   &why), CRM_OK);

    return crm_fires_name(why.why);
}


/* One write under rules of its own. */
static void
expect(const char *objects, const char *request, const char *before,
    const char *names)
{
    story_t      s;
    const char  *got;

    begin(&s, objects);
    got = fired(&s, request, before);

    if (strcmp(got, names) != 0) {
        fail_msg("%s over %s: %s, not %s", request, before, got, names);
    }

    end(&s);
}


#define CREATED  HOOK("W") "," R("r", "", ON("create"), ALL(CALL("W")))


static void
T1_a_create_without_trigger_fires(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, CREATED);
    assert_string_equal(fired(&s, "{'A':1}", NULL), "r,");
    assert_int_equal(s.plan.jobs_count, 1);
    end(&s);
}


static void
T2_an_empty_trigger_suppresses_and_says_so(void **state)
{
    story_t      s;
    crm_buf_t    buf;
    crm_trace_t  how;

    (void) state;

    begin(&s, CREATED);
    s.trigger = "[]";
    assert_string_equal(fired(&s, "{'A':1}", NULL), "");
    assert_int_equal(s.plan.jobs_count, 0);
    assert_int_equal(s.event->verdict.kind, CRM_REFUSE_NONE);
    assert_string_equal(why(&s), "suppressed_by_trigger_param");

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = 1;
    crm_buf_init(&buf, s.pool, 0);
    assert_int_equal(crm_event_trace(s.event, &buf, &how), CRM_OK);
    crm_buf_putc(&buf, '\0');
    assert_non_null(strstr(buf.data, "\"trigger_param\":[]"));
    assert_non_null(strstr(buf.data,
                           "\"reason\":\"suppressed_by_trigger_param\""));
    end(&s);
}


static void
T3_a_trigger_of_other_names_suppresses_workflows(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, CREATED);
    s.trigger = "['approval','blueprint']";
    assert_string_equal(fired(&s, "{'A':1}", NULL), "");
    assert_string_equal(why(&s), "suppressed_by_trigger_param");

    s.trigger = "['approval','workflow']";
    assert_string_equal(fired(&s, "{'A':1}", NULL), "r,");
    end(&s);
}


static void
T4_of_conditions_two_and_three_only_two_acts(void **state)
{
    story_t  s;
    json_t  *job;

    (void) state;

    begin(&s, HOOK("one") "," HOOK("two") "," HOOK("three") ","
          R("r", "", ON("create_or_edit"),
            IF(LEAF("A", "1"), CALL("one")) ","
            IF(LEAF("A", "2"), CALL("two")) ","
            IF(LEAF("B", "3"), CALL("three"))));

    assert_string_equal(fired(&s, "{'A':2,'B':3}", NULL), "r,");
    assert_int_equal(s.plan.jobs_count, 1);

    job = json_loadb(s.plan.jobs[0].json.data, s.plan.jobs[0].json.len, 0,
                     NULL);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(job, "action"), "name")), "two");
    json_decref(job);

    assert_string_equal(fired(&s, "{'A':1}", "{'A':2,'B':3}"), "r,");
    assert_int_equal(s.event->transform.fired[0].condition->seq, 1);
    assert_string_equal(fired(&s, "{'A':0}", "{'A':2,'B':3}"), "r,");
    assert_int_equal(s.event->transform.fired[0].condition->seq, 3);
    assert_string_equal(fired(&s, "{'A':0,'B':0}", "{'A':2,'B':3}"), "");
    assert_string_equal(why(&s), "criteria_false");
    end(&s);
}


#define STAGE(more, criteria)                                                 \
    HOOK("W") "," R("r", "", WATCH(more, criteria), ALL(CALL("W")))


static void
T6_the_same_stage_again_fires_nothing(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, STAGE("", ANY("Stage")));
    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':'Won'}"), "");
    assert_string_equal(why(&s), "field_not_changed");
    assert_string_equal(fired(&s, "{'Stage':'Won','B':1}",
                              "{'Stage':'Won'}"), "");
    assert_string_equal(why(&s), "field_not_changed");
    end(&s);
}


static void
T7_a_changed_stage_fires_once(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, STAGE("", ANY("Stage")));
    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':'Open'}"),
                        "r,");
    assert_int_equal(s.plan.jobs_count, 1);
    assert_string_equal(fired(&s, "{'Stage':null}", "{'Stage':'Open'}"),
                        "r,");
    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':null}"), "r,");
    assert_string_equal(fired(&s, "{'Stage':'Won'}", NULL), "");
    assert_string_equal(why(&s), "trigger_mismatch");
    end(&s);
}


static void
T8_match_all_wants_every_field_in_one_save(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, STAGE("'match_all':true,", TWO(ANY("Stage"), ANY("Amount"))));
    assert_string_equal(fired(&s, "{'Stage':'Won'}",
                              "{'Stage':'Open','Amount':1}"), "");
    assert_string_equal(why(&s), "field_not_changed");
    assert_string_equal(fired(&s, "{'Stage':'Won','Amount':1.0}",
                              "{'Stage':'Open','Amount':1}"), "");
    assert_string_equal(fired(&s, "{'Amount':2}",
                              "{'Stage':'Won','Amount':1}"), "");
    assert_string_equal(fired(&s, "{'Stage':'Won','Amount':2}",
                              "{'Stage':'Open','Amount':1}"), "r,");
    end(&s);
}


static void
match_any_wants_one_of_them(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, STAGE("'match_all':false,", TWO(LEAF("Stage", "'Won'"),
                                              ANY("Amount"))));
    assert_string_equal(fired(&s, "{'Stage':'Won'}",
                              "{'Stage':'Open','Amount':1}"), "r,");
    assert_string_equal(fired(&s, "{'Stage':'Lost','Amount':2}",
                              "{'Stage':'Open','Amount':1}"), "r,");
    assert_string_equal(fired(&s, "{'Stage':'Lost','Amount':1}",
                              "{'Stage':'Open','Amount':1}"), "");
    assert_string_equal(why(&s), "trigger_mismatch");
    end(&s);
}


static void
a_field_that_becomes_a_value_must_become_it_now(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, STAGE("", LEAF("Stage", "'Won'")));
    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':'Open'}"),
                        "r,");
    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':null}"), "r,");

    /* it was Won before; it stays Won while another field changes */

    assert_string_equal(fired(&s, "{'Stage':'Won'}", "{'Stage':'Won'}"), "");
    assert_string_equal(why(&s), "field_not_changed");
    assert_string_equal(fired(&s, "{'B':1}", "{'Stage':'Won'}"), "");
    assert_string_equal(why(&s), "field_not_changed");

    /* it becomes something else, or is Won from the start */

    assert_string_equal(fired(&s, "{'Stage':'Lost'}", "{'Stage':'Won'}"), "");
    assert_string_equal(why(&s), "trigger_mismatch");
    assert_string_equal(fired(&s, "{'Stage':'Won'}", NULL), "");
    assert_string_equal(why(&s), "trigger_mismatch");
    end(&s);

    /* any comparator, also with what stands in the record beside it */

    expect(STAGE("", "{'field':'Amount','comparator':'greater_than',"
                     "'value':'Budget','type':'field'}"), "{'Amount':9}",
           "{'Amount':1,'Budget':8}", "r,");
    expect(STAGE("", "{'field':'Amount','comparator':'greater_than',"
                     "'value':'Budget','type':'field'}"), "{'Budget':1}",
           "{'Amount':2,'Budget':8}", "");
    expect(STAGE("", LEAF("Stage", "'${EMPTY}'")), "{'Stage':''}",
           "{'Stage':'Won'}", "r,");
    expect(STAGE("", "{'field':'Stage','comparator':'${ANYVALUE}',"
                     "'value':'${ANYVALUE}'}"), "{'Stage':'b'}",
           "{'Stage':'a'}", "r,");
}


static void
T9_without_repeat_two_matching_edits_fire_once(void **state)
{
    size_t   i;
    story_t  s;

    static const char *const  rules[] = {
        HOOK("W") "," R("r", "", ONCE("edit"), ALL(CALL("W"))),
        HOOK("W") "," R("r", "", ONCE("create_or_edit"), ALL(CALL("W"))),
        STAGE("'repeat':false,", ANY("A")),
    };

    (void) state;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        begin(&s, rules[i]);
        assert_string_equal(fired(&s, "{'A':1}", "{'A':0}"), "r,");
        assert_string_equal(fired(&s, "{'A':2}", "{'A':1}"), "");
        assert_string_equal(why(&s), "already_fired_once");
        assert_string_equal(fired(&s, "{'A':1}", "{'A':2}"), "");
        end(&s);
    }
}


static void
with_repeat_each_matching_edit_fires(void **state)
{
    size_t   i;
    story_t  s;

    static const char *const  rules[] = {
        HOOK("W") "," R("r", "", AGAIN("edit"), ALL(CALL("W"))),
        HOOK("W") "," R("r", "", ON("edit"), ALL(CALL("W"))),
        HOOK("W") "," R("r", "", AGAIN("create_or_edit"), ALL(CALL("W"))),
        STAGE("'repeat':true,", ANY("A")),
        STAGE("", ANY("A")),
    };

    (void) state;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        begin(&s, rules[i]);
        assert_string_equal(fired(&s, "{'A':1}", "{'A':0}"), "r,");
        assert_string_equal(fired(&s, "{'A':0}", "{'A':1}"), "r,");
        assert_int_equal(s.n_once, 0);
        end(&s);
    }
}


static void
once_is_counted_from_the_first_match_that_was_committed(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, HOOK("W") ","
          R("r", ",'id':'r-17'", ONCE("create_or_edit"),
            IF(LEAF("A", "1"), CALL("W"))));

    /* edits that do not match, and one that the backend refuses, are none */

    assert_string_equal(fired(&s, "{'A':3}", "{'A':2}"), "");
    s.refused = 1;
    assert_string_equal(fired(&s, "{'A':1}", "{'A':3}"), "r,");
    s.refused = 0;
    assert_string_equal(fired(&s, "{'A':1}", "{'A':3}"), "r,");
    assert_int_equal(s.n_once, 1);
    assert_str(s.once[0], "r-17");
    assert_string_equal(fired(&s, "{'A':1}", "{'A':2}"), "");
    end(&s);
}


static void
a_create_counts_and_a_delete_forgets(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, HOOK("W") "," R("r", "", ONCE("create_or_edit"),
                              ALL(CALL("W"))));
    assert_string_equal(fired(&s, "{'A':1}", NULL), "r,");
    assert_string_equal(fired(&s, "{'A':2}", "{'A':1}"), "");
    assert_string_equal(why(&s), "already_fired_once");

    assert_string_equal(fired(&s, NULL, "{'A':2}"), "");
    assert_string_equal(fired(&s, "{'A':1}", NULL), "r,");
    end(&s);
}


static void
each_rule_remembers_for_itself(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, HOOK("W") "," R("a", "", ONCE("edit"), ALL(CALL("W"))) ","
          R("b", "", ONCE("edit"), IF(LEAF("A", "2"), CALL("W"))) ","
          R("c", "", ON("edit"), ALL(CALL("W"))));
    assert_string_equal(fired(&s, "{'A':1}", "{'A':0}"), "a,c,");
    assert_string_equal(fired(&s, "{'A':2}", "{'A':1}"), "b,c,");
    assert_string_equal(fired(&s, "{'A':3}", "{'A':2}"), "c,");
    end(&s);
}


/* A rule that is tried in shadow has had nothing yet. */
static void
a_shadow_fires_and_forgets_and_off_is_silent(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, HOOK("W") ","
          R("r", ",'status':'shadow'", ONCE("edit"), ALL(CALL("W"))) ","
          R("x", ",'status':'off'", ON("edit"), ALL(CALL("W"))));
    assert_string_equal(fired(&s, "{'A':1}", "{'A':0}"), "r,");
    assert_int_equal(s.plan.jobs_count, 0);
    assert_int_equal(s.plan.changes_count, 0);
    assert_string_equal(fired(&s, "{'A':2}", "{'A':1}"), "r,");
    end(&s);
}


static void
T26_a_pattern_is_read_from_left_to_right(void **state)
{
    (void) state;

#define ROWS(pattern)                                                         \
    HOOK("W") "," R("r", "", ON("create"),                                    \
      IF("{'rows':[" LEAF("A", "1") "," LEAF("B", "1") "," LEAF("C", "1")     \
         "],'pattern':'" pattern "'}", CALL("W")))

    expect(ROWS("1 or 2 and 3"), "{'A':1,'B':0,'C':0}", NULL, "");
    expect(ROWS("1 or 2 and 3"), "{'A':1,'B':0,'C':1}", NULL, "r,");
}


static void
T27_brackets_come_first(void **state)
{
    (void) state;

    expect(ROWS("(1 and 2) or 3"), "{'A':0,'B':0,'C':1}", NULL, "r,");
    expect(ROWS("1 and (2 or 3)"), "{'A':0,'B':0,'C':1}", NULL, "");
}


static void
T29_null_nothing_and_absence_are_empty(void **state)
{
#define EMPTY                                                                 \
    HOOK("W") "," R("r", "", ON("create_or_edit"),                            \
                    IF(LEAF("A", "'${EMPTY}'"), CALL("W")))

    (void) state;

    expect(EMPTY, "{'A':null}", NULL, "r,");
    expect(EMPTY, "{'A':''}", NULL, "r,");
    expect(EMPTY, "{'B':1}", NULL, "r,");
    expect(EMPTY, "{'A':[]}", NULL, "r,");
    expect(EMPTY, "{'A':0}", NULL, "");
    expect(EMPTY, "{'A':' '}", NULL, "");
    expect(EMPTY, "{'B':1}", "{'A':null}", "r,");
    expect(EMPTY, "{'B':1}", "{'A':''}", "r,");
    expect(EMPTY, "{'A':''}", "{'A':'x'}", "r,");

    /* what a stored record does not show is not known to be empty */

    expect(EMPTY, "{'B':1}", "{}", "");
}


static void
T30_two_fields_are_compared_as_decimals(void **state)
{
#define MORE                                                                  \
    FIELDS HOOK("W") "," R("r", "", ON("create"),                             \
      IF("{'field':'Amount','comparator':'greater_than','value':'Budget',"    \
         "'type':'field'}", CALL("W")))

    (void) state;

    expect(MORE, "{'Amount':10,'Budget':9}", NULL, "r,");
    expect(MORE, "{'Amount':'10','Budget':'9'}", NULL, "r,");
    expect(MORE, "{'Amount':9,'Budget':10}", NULL, "");
    expect(MORE, "{'Amount':9.00,'Budget':9}", NULL, "");
    expect(MORE, "{'Amount':0.3000000000000000000001,'Budget':0.3}", NULL,
           "r,");
    expect(MORE, "{'Amount':9}", NULL, "");
}


static void
a_write_that_repeats_what_is_stored_starts_nothing(void **state)
{
    size_t   i;
    story_t  s;

    static const struct {
        const char  *stored;
        const char  *sent;
        int          changed;
    } rows[] = {
        { "'Amount':1", "'Amount':1.0", 0 },
        { "'Amount':1", "'Amount':'1'", 0 },
        { "'Amount':1", "'Amount':1.0000000000000000001", 1 },
        { "'Stage':'Won'", "'Stage':'Won'", 0 },
        { "'Stage':'Won'", "'Stage':'won'", 1 },
        { "'Z':'1'", "'Z':1", 1 },
        { "'Z':null", "'Z':''", 0 },
        { "'When':'2026-03-27T16:30:00+01:00'",
          "'When':'2026-03-27T15:30:00Z'", 0 },
        { "'Tags':['a','b']", "'Tags':['b','a']", 0 },
        { "'Tags':['a','b']", "'Tags':['b','c']", 1 },
        { "'Owner':{'id':'7','name':'Ann'}", "'Owner':'7'", 0 },
    };

    char  before[128], request[128];

    (void) state;

    begin(&s, FIELDS HOOK("W") "," R("r", "", ON("edit"), ALL(CALL("W"))) ","
          R("s", "", WATCH("", "{'group_operator':'OR','group':["
            ANY("Amount") "," ANY("Stage") "," ANY("When") "," ANY("Tags")
            "," ANY("Z") "]}"), ALL(CALL("W"))));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(before, sizeof(before), "{%s}", rows[i].stored);
        (void) snprintf(request, sizeof(request), "{%s}", rows[i].sent);

        assert_row(strcmp(fired(&s, request, before),
                          rows[i].changed ? "r,s," : "") == 0, request);
    }

    end(&s);
}


/* Undeclared, a list is a list and a text is a text. */
static void
without_a_declaration_values_are_what_they_are(void **state)
{
    (void) state;

#define EDITED  HOOK("W") "," R("r", "", ON("edit"), ALL(CALL("W")))

    expect(EDITED, "{'A':['b','a']}", "{'A':['a','b']}", "r,");
    expect(EDITED, "{'A':'1'}", "{'A':1}", "r,");
    expect(EDITED, "{'A':1.0}", "{'A':1}", "");
}


static void
each_operation_starts_its_own_triggers(void **state)
{
    size_t  i;

#define EVERY                                                                 \
    HOOK("W") "," R("c", "", ON("create"), ALL(CALL("W"))) ","                \
    R("ce", "", ON("create_or_edit"), ALL(CALL("W"))) ","                     \
    R("d", "", ON("delete"), ALL(CALL("W"))) ","                              \
    R("e", "", ON("edit"), ALL(CALL("W"))) ","                                \
    R("f", "", WATCH("", ANY("A")), ALL(CALL("W")))

    static const struct {
        const char  *request;
        const char  *before;
        const char  *fired;
    } rows[] = {
        { "{'A':1}", NULL, "c,ce," },
        { "{}", NULL, "c,ce," },
        { "{'A':1}", "{'A':0}", "ce,e,f," },
        { "{'B':1}", "{'A':0}", "ce,e," },
        { "{'A':0}", "{'A':0}", "" },
        { NULL, "{'A':0}", "d," },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(EVERY, rows[i].request, rows[i].before, rows[i].fired);
    }
}


/* A delete sees the record as it was. */
static void
a_delete_is_judged_by_what_there_was(void **state)
{
    (void) state;

    expect(HOOK("W") "," R("d", "", ON("delete"), IF(LEAF("A", "1"),
                                                     CALL("W"))),
           NULL, "{'A':1}", "d,");
    expect(HOOK("W") "," R("d", "", ON("delete"), IF(LEAF("A", "1"),
                                                     CALL("W"))),
           NULL, "{'A':2}", "");
}


static void
rules_run_by_sequence_and_then_by_name(void **state)
{
    (void) state;

    expect(HOOK("W") "," R("b", "", ON("create"), ALL(CALL("W"))) ","
           R("B", "", ON("create"), ALL(CALL("W"))) ","
           R("a", "", ON("create"), ALL(CALL("W"))) ","
           R("\\u00e4", "", ON("create"), ALL(CALL("W"))) ","
           R("z", ",'sequence':999", ON("create"), ALL(CALL("W"))) ","
           R("0", ",'sequence':1001", ON("create"), ALL(CALL("W"))) ","
           R("first", ",'sequence':0", ON("create"), ALL(CALL("W"))),
           "{'A':1}", NULL, "first,z,B,a,b,\xc3\xa4,0,");
}


static void
an_import_starts_only_rules_that_ask_for_it(void **state)
{
    story_t  s;

    (void) state;

    begin(&s, HOOK("W") "," R("a", "", ON("create_or_edit"), ALL(CALL("W")))
          "," R("b", ",'run_on_import':true", ON("create_or_edit"),
                ALL(CALL("W"))) ","
          R("c", ",'run_on_import':true", ON("delete"), ALL(CALL("W"))) ","
          R("d", ",'run_on_import':false", ON("delete"), ALL(CALL("W"))));

    assert_string_equal(fired(&s, "{'A':1}", NULL), "a,b,");

    s.import = 1;
    assert_string_equal(fired(&s, "{'A':1}", NULL), "b,");
    assert_string_equal(why(&s), "suppressed_by_trigger_param");
    assert_string_equal(fired(&s, "{'A':2}", "{'A':1}"), "b,");
    assert_string_equal(fired(&s, NULL, "{'A':1}"), "c,");

    /* and none when the client switches them off besides */

    s.trigger = "[]";
    assert_string_equal(fired(&s, "{'A':1}", NULL), "");
    end(&s);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(T1_a_create_without_trigger_fires),
    cmocka_unit_test(T2_an_empty_trigger_suppresses_and_says_so),
    cmocka_unit_test(T3_a_trigger_of_other_names_suppresses_workflows),
    cmocka_unit_test(T4_of_conditions_two_and_three_only_two_acts),
    cmocka_unit_test(T6_the_same_stage_again_fires_nothing),
    cmocka_unit_test(T7_a_changed_stage_fires_once),
    cmocka_unit_test(T8_match_all_wants_every_field_in_one_save),
    cmocka_unit_test(match_any_wants_one_of_them),
    cmocka_unit_test(a_field_that_becomes_a_value_must_become_it_now),
    cmocka_unit_test(T9_without_repeat_two_matching_edits_fire_once),
    cmocka_unit_test(with_repeat_each_matching_edit_fires),
    cmocka_unit_test(once_is_counted_from_the_first_match_that_was_committed),
    cmocka_unit_test(a_create_counts_and_a_delete_forgets),
    cmocka_unit_test(each_rule_remembers_for_itself),
    cmocka_unit_test(a_shadow_fires_and_forgets_and_off_is_silent),
    cmocka_unit_test(T26_a_pattern_is_read_from_left_to_right),
    cmocka_unit_test(T27_brackets_come_first),
    cmocka_unit_test(T29_null_nothing_and_absence_are_empty),
    cmocka_unit_test(T30_two_fields_are_compared_as_decimals),
    cmocka_unit_test(a_write_that_repeats_what_is_stored_starts_nothing),
    cmocka_unit_test(without_a_declaration_values_are_what_they_are),
    cmocka_unit_test(each_operation_starts_its_own_triggers),
    cmocka_unit_test(a_delete_is_judged_by_what_there_was),
    cmocka_unit_test(rules_run_by_sequence_and_then_by_name),
    cmocka_unit_test(an_import_starts_only_rules_that_ask_for_it),
};

CRM_TEST_MAIN(tests)
