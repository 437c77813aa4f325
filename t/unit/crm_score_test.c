/*
 * Scores of a write that nginx's tests cannot make as easily: a mass write,
 * what Redis keeps, events, chains, and memory that ends at any allocation. It
 * would fail if an event counted twice or not at all, or a rule started itself.
 */

#include "crm_rules_make.h"

#include "queue/crm_event.h"
#include "queue/crm_intent.h"
#include "transform/crm_score.h"


#define FIT(more)                                                             \
    "{'kind':'scoring_rule','name':'Fit','module':'M'" more                   \
    ",'field_rules':[{'score':10,'criteria':{'field':'A','comparator':"       \
    "'equal','value':'x'}}]"                                                  \
    ",'touch_point_rules':[{'event':'email_opened','score':3}]}"
#define FIELDS                                                                \
    ",'write_to':{'score':'S','touch_point':'T','touch_point_positive':'TP'," \
    "'touch_point_negative':'TN'}"
#define UP                                                                    \
    ",{'kind':'workflow_rule','name':'up','module':'M','cascade':true,"       \
    "'execute_when':{'type':'score_increase'},'conditions':[{'criteria':"     \
    "null,'instant_actions':[{'type':'field_updates','field':'A','value':"    \
    "'y'}]}]}"
#define SET                                                                   \
    ",{'kind':'workflow_rule','name':'set','module':'M','execute_when':"      \
    "{'type':'edit'},'conditions':[{'criteria':null,'instant_actions':"       \
    "[{'type':'field_updates','field':'A','value':'x'}]}]}"


typedef struct {
    crm_ruleset_t      *rules;
    crm_pool_t         *pool;
    crm_state_t         state;
    crm_state_touch_t   touches[2];
    crm_chain_t         chain;
    crm_str_t           fired[1];
    crm_write_t        *write;
    crm_event_t         event;
} world_t;


static void
world_init(world_t *w, const char *rules, const char *before,
    const char *request)
{
    memset(w, 0, sizeof(world_t));

    w->rules = crm_make_rules(rules);
    w->pool = crm_test_pool();

    w->touches[0].rule = CRM_STR("Fit");
    w->touches[0].points = 6;
    w->touches[1].rule = CRM_STR("Fit");
    w->touches[1].points = -2;
    w->state.touches = w->touches;

    w->write = crm_make_given(w->pool, w->rules, "M", request, before);
    w->write->absent_is_null = 1;
    w->write->state = &w->state;
}


static void
world_judge(world_t *w)
{
    assert_int_equal(crm_write_init(w->write, w->pool), CRM_OK);
    assert_int_equal(crm_event_judge(&w->event, w->write), CRM_OK);
}


static void
world_free(world_t *w)
{
    crm_pool_destroy(w->pool);
    crm_ruleset_release(w->rules);
}


/* "S=13 T=3": what the write sets. */
static const char *
world_set(const world_t *w)
{
    size_t               i, n;
    static char          text[256];
    const crm_change_t  *change;

    text[0] = '\0';

    for (i = 0, n = 0; i < w->event.transform.changes.count; i++) {
        change = &w->event.transform.changes.items[i];

        if (!change->same) {
            n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%.*s=%.*s",
                                   n ? " " : "", (int) change->field.len,
                                   change->field.data, (int) change->json.len,
                                   change->json.data);
        }
    }

    return text;
}


static void
events_count_in_the_sum_and_by_themselves(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS), "{'A':'x'}", "{'B':1}");
    w.state.n_touches = 2;
    world_judge(&w);

    assert_string_equal(world_set(&w), "S=14 T=4 TP=6 TN=-2");
    world_free(&w);
}


static void
points_of_a_rule_that_counts_no_events_any_more_are_none(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, "{'kind':'scoring_rule','name':'Fit','module':'M',"
               "'write_to':{'score':'S'},'field_rules':[{'score':1,"
               "'criteria':null}]}", "{'A':'x'}", "{'B':1}");
    w.state.n_touches = 2;
    world_judge(&w);

    assert_string_equal(world_set(&w), "S=1");
    world_free(&w);
}


static void
a_mass_write_sets_no_fields_and_keeps_what_redis_keeps(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS), "{'A':'x'}", "{'B':1}");
    w.write->shared = 1;
    world_judge(&w);
    assert_string_equal(world_set(&w), "");
    assert_string_equal(w.write->scores->items[0].reason, "mass_write");
    world_free(&w);

    world_init(&w, FIT(""), "{'A':'x'}", "{'B':1}");
    w.write->shared = 1;
    world_judge(&w);
    assert_int_equal(w.event.effects.changes_count, 1);
    assert_str(w.event.effects.changes[0].value, "{\"Fit\":[10,0]}");
    world_free(&w);
}


static void
what_is_kept_already_is_not_written_again(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT("") UP, "{'A':'x'}", "{'B':1}");
    w.state.score = CRM_STR("{\"Fit\":[10,0]}");
    world_judge(&w);

    assert_int_equal(w.event.effects.changes_count, 0);
    assert_int_equal(w.event.transform.fired_count, 0);
    world_free(&w);
}


static void
what_a_hand_has_written_there_is_as_good_as_nothing(void **state)
{
    size_t   i;
    world_t  w;

    static const char *const  rows[] = {
        "x", "[]", "{\"Fit\":7}", "{\"Fit\":[\"a\",null]}",
        "{\"Fit\":[1e3,0.5,99999999999999999999]}"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_init(&w, FIT("") UP, "{'A':'x'}", "{'B':1}");
        w.state.score = crm_strz(rows[i]);
        world_judge(&w);

        assert_int_equal(w.write->scores->items[0].was, 0);
        assert_int_equal(w.event.transform.fired_count, 1);
        world_free(&w);
    }
}


static void
a_stored_score_that_is_no_number_moves_nothing(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS) UP, "{'A':'x','S':'high'}",
               "{'B':1}");
    world_judge(&w);

    assert_string_equal(world_set(&w), "S=10");
    assert_int_equal(w.event.transform.fired_count, 0);
    world_free(&w);

    world_init(&w, FIT(FIELDS) UP, "{'A':'x','S':10.0}", "{'B':1}");
    world_judge(&w);

    assert_string_equal(world_set(&w), "");
    assert_int_equal(w.event.transform.fired_count, 0);
    world_free(&w);
}


static void
a_rule_that_stands_in_the_chain_is_not_started_again(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS) UP, "{'A':'z','S':0}", "{'A':'x'}");
    w.chain.cascade = 1;
    w.chain.depth = 1;
    w.chain.fired = w.fired;
    w.chain.fired_count = 1;
    w.fired[0] = CRM_STR("up");
    w.write->chain = &w.chain;
    world_judge(&w);

    assert_string_equal(world_set(&w), "S=10");
    assert_int_equal(w.event.transform.fired_count, 0);
    assert_int_equal(w.write->stopped_count, 1);
    world_free(&w);

    /* of a chain that starts nothing nobody asks */

    world_init(&w, FIT(FIELDS) UP, "{'A':'z','S':0}", "{'A':'x'}");
    w.write->chain = &w.chain;
    world_judge(&w);

    assert_int_equal(w.event.transform.fired_count, 0);
    assert_int_equal(w.write->stopped_count, 0);
    world_free(&w);
}


static void
a_score_that_rules_of_the_write_move_makes_the_chain_longer(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS) UP SET, "{'A':'z','S':0}", "{'B':1}");
    w.chain.cascade = 1;
    w.chain.depth = CRM_CHAIN_MAX_DEPTH - 1;
    w.write->chain = &w.chain;
    world_judge(&w);

    assert_string_equal(world_set(&w), "A=\"x\" S=10");
    assert_int_equal(w.event.transform.fired_count, 1);
    assert_int_equal(w.write->stopped_count, 1);
    world_free(&w);
}


/* Recovery commits what was judged: its intent has the scores. */
static void
an_intent_is_restored_with_its_scores(void **state)
{
    world_t             w;
    crm_buf_t           buf;
    crm_error_t         err;
    crm_event_t         event;
    crm_write_t         write;
    crm_intents_t       intents;
    const crm_event_t  *events[1];

    (void) state;

    world_init(&w, FIT(FIELDS), "{'id':'1','A':'x'}", "{'B':1}");
    world_judge(&w);
    events[0] = &w.event;

    crm_buf_init(&buf, w.pool, 0);
    assert_int_equal(crm_intent_encode(events, 1, &buf), CRM_OK);
    assert_int_equal(crm_intent_parse(&intents, crm_buf_view(&buf), w.pool,
                                      &err), CRM_OK);
    assert_int_equal(crm_intent_restore(&event, &write, &intents.items[0],
                                        w.rules, NULL, w.pool, &err), CRM_OK);
    assert_int_equal(crm_event_finish(&event, CRM_STR("1")), CRM_OK);
    assert_str(event.record_json,
               "{\"A\":\"x\",\"B\":1,\"S\":10,\"id\":\"1\"}");

    world_free(&w);
}


static const char *
traced(const crm_event_t *event, crm_pool_t *pool)
{
    crm_buf_t    buf;
    crm_trace_t  trace;

    memset(&trace, 0, sizeof(trace));
    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_event_trace(event, &buf, &trace), CRM_OK);
    crm_buf_putc(&buf, '\0');

    return strstr(crm_buf_view(&buf).data, "\"scores\":");
}


/* ... and so has its trace: nobody could count them a second time. */
static void
a_write_that_recovery_settles_is_told_with_its_scores(void **state)
{
    world_t             w;
    crm_buf_t           buf;
    const char         *told;
    crm_error_t         err;
    crm_event_t         event;
    crm_write_t         write;
    crm_intents_t       intents;
    const crm_event_t  *events[2];

    (void) state;

    world_init(&w, FIT(FIELDS), "{'id':'1','A':'x','S':4}", "{'B':1}");
    w.state.n_touches = 2;
    world_judge(&w);
    events[0] = &w.event;
    events[1] = &w.event;
    told = traced(&w.event, w.pool);
    assert_non_null(told);

    crm_buf_init(&buf, w.pool, 0);
    assert_int_equal(crm_intent_encode(events, 2, &buf), CRM_OK);
    assert_int_equal(crm_intent_parse(&intents, crm_buf_view(&buf), w.pool,
                                      &err), CRM_OK);
    assert_int_equal(crm_intent_restore(&event, &write, &intents.items[1],
                                        w.rules, NULL, w.pool, &err), CRM_OK);
    assert_non_null(traced(&event, w.pool));
    assert_memory_equal(traced(&event, w.pool), told,
                        strcspn(told, "]") + 1);
    world_free(&w);
}


/* Of two rules that Redis keeps one cannot be counted: the other is, and that
 * one stays. */
static void
what_nobody_can_count_stays_beside_what_is_counted(void **state)
{
    world_t  w;

    static const char  rules[] = FIT("")
        ",{'kind':'scoring_rule','name':'Size','module':'M','field_rules':"
        "[{'score':5,'criteria':{'field':'N','comparator':'equal','value':"
        "'big'}}]}";

    (void) state;

    world_init(&w, rules, "{'A':'z'}", "{'A':'x'}");
    w.write->absent_is_null = 0;
    w.state.score = CRM_STR("{\"Fit\":[0,0],\"Size\":[5,-1]}");
    world_judge(&w);

    assert_string_equal(w.write->scores->items[1].reason, "unknown_field");
    assert_int_equal(w.event.effects.changes_count, 1);
    assert_str(w.event.effects.changes[0].value,
               "{\"Fit\":[10,0],\"Size\":[5,-1]}");
    world_free(&w);

    /* what a hand has written in its place is nothing */

    world_init(&w, rules, "{'A':'z'}", "{'A':'x'}");
    w.write->absent_is_null = 0;
    w.state.score = CRM_STR("{\"Fit\":[0,0],\"Size\":7}");
    world_judge(&w);
    assert_str(w.event.effects.changes[0].value, "{\"Fit\":[10,0]}");
    world_free(&w);
}


static crm_status_t
starve_judge(crm_pool_t *pool, void *data)
{
    world_t        *w;
    crm_write_t     write;
    crm_status_t    rc;

    w = data;
    write = *w->write;

    rc = crm_write_init(&write, pool);

    return rc == CRM_OK ? crm_event_judge(&w->event, &write) : rc;
}


static void
memory_that_ends_anywhere_fails_the_write(void **state)
{
    world_t  w;

    (void) state;

    world_init(&w, FIT(FIELDS) UP, "{'A':'z','S':0}", "{'A':'x'}");
    w.state.n_touches = 2;
    crm_test_starve(starve_judge, &w);
    world_free(&w);

    world_init(&w, FIT("") UP SET, "{'A':'z'}", "{'B':1}");
    w.state.score = CRM_STR("{\"Fit\":[1,0]}");
    crm_test_starve(starve_judge, &w);
    world_free(&w);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(events_count_in_the_sum_and_by_themselves),
    cmocka_unit_test(points_of_a_rule_that_counts_no_events_any_more_are_none),
    cmocka_unit_test(a_mass_write_sets_no_fields_and_keeps_what_redis_keeps),
    cmocka_unit_test(what_is_kept_already_is_not_written_again),
    cmocka_unit_test(what_a_hand_has_written_there_is_as_good_as_nothing),
    cmocka_unit_test(a_stored_score_that_is_no_number_moves_nothing),
    cmocka_unit_test(a_rule_that_stands_in_the_chain_is_not_started_again),
    cmocka_unit_test(
        a_score_that_rules_of_the_write_move_makes_the_chain_longer),
    cmocka_unit_test(an_intent_is_restored_with_its_scores),
    cmocka_unit_test(a_write_that_recovery_settles_is_told_with_its_scores),
    cmocka_unit_test(what_nobody_can_count_stays_beside_what_is_counted),
    cmocka_unit_test(memory_that_ends_anywhere_fails_the_write),
};

CRM_TEST_MAIN(tests)
