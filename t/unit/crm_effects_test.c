/*
 * What approvals and blueprints add to a write, from the judge to the commit,
 * by way of the intent. It would fail by a state that only the request itself
 * can write, by an action that recovery doubles under another id, by two
 * actions under one id, by an intent of before that cannot be read any more.
 */

#include "crm_rules_make.h"
#include "queue/crm_intent.h"
#include "queue/crm_waiting.h"


/* A rule and an approval of one name, each with actions at the same places. */
#define RULES                                                                 \
    "{'kind':'webhook','name':'W','module':'M','url':'https://h/'},"          \
    "{'kind':'webhook','name':'V','module':'M','url':'https://v/'},"          \
    "{'kind':'workflow_rule','name':'P','module':'M',"                        \
    "'execute_when':{'type':'create_or_edit'},'conditions':["                 \
    "{'criteria':null,'instant_actions':[{'type':'webhooks','name':'W'}]}]}," \
    "{'kind':'user','id':'7','name':'U','profile':'S'},"                      \
    "{'kind':'profile','name':'S','permissions':[]},"                         \
    "{'kind':'approval_process','name':'P','module':'M',"                     \
    "'execute_when':'create_or_edit','rules':["                               \
    "{'criteria':{'field':'A','comparator':'equal','value':99},"              \
    "'approvers':[{'type':'user','id':'7'}],"                                 \
    "'on_submit':[{'type':'webhooks','name':'W'},"                            \
    "{'type':'webhooks','name':'V'}],"                                        \
    "'on_approve':[{'type':'webhooks','name':'W'}]}]}"


static crm_event_t *
judged(crm_write_t *w)
{
    crm_event_t  *event;

    event = crm_pool_calloc(w->pool, 1, sizeof(crm_event_t));
    assert_non_null(event);
    assert_int_equal(crm_event_judge(event, w), CRM_OK);

    return event;
}


static crm_status_t
start(crm_event_t *event, crm_stage_t stage, unsigned index)
{
    crm_step_t  step;

    step.process = CRM_PROCESS_APPROVAL;
    step.stage = stage;
    step.name = CRM_STR("P");
    step.index = index;

    return crm_effects_start(&event->effects, event->write->module, &step,
                             event->write->pool);
}


static void
enter(crm_event_t *event)
{
    crm_pool_t  *pool;

    pool = event->write->pool;

    assert_int_equal(crm_effects_set(&event->effects, "approval",
                                     CRM_STR("{\"s\":\"w\"}"), pool), CRM_OK);
    assert_int_equal(crm_effects_unset(&event->effects, "blueprint", pool),
                     CRM_OK);
    assert_int_equal(crm_effects_rank(&event->effects, "approvals", 17, pool),
                     CRM_OK);
    assert_int_equal(crm_effects_rank(&event->effects, "others", -1, pool),
                     CRM_OK);
    assert_int_equal(start(event, CRM_STAGE_SUBMIT, 1), CRM_OK);
    assert_int_equal(start(event, CRM_STAGE_APPROVE, 1), CRM_OK);
}


static crm_plan_t
planned(crm_event_t *event)
{
    crm_plan_t  plan;

    assert_int_equal(crm_event_finish(event, CRM_STR("42")), CRM_OK);
    assert_int_equal(crm_plan(&plan, event), CRM_OK);

    return plan;
}


static crm_str_t
intent_of(const crm_event_t *event)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, event->write->pool, 0);
    assert_int_equal(crm_intent_encode(&event, 1, &buf), CRM_OK);

    return crm_buf_view(&buf);
}


static crm_status_t
restore(crm_event_t *event, crm_str_t doc, const crm_ruleset_t *rules,
    int lapsed, crm_pool_t *pool)
{
    crm_error_t          err;
    crm_write_t         *w;
    crm_status_t         rc;
    crm_intents_t        intents;
    crm_intent_since_t   since;

    memset(&since, 0, sizeof(crm_intent_since_t));
    since.lapsed = lapsed;
    w = crm_pool_calloc(pool, 1, sizeof(crm_write_t));
    assert_non_null(w);

    rc = crm_intent_parse(&intents, doc, pool, &err);

    return rc == CRM_OK ? crm_intent_restore(event, w, &intents.items[0],
                                             rules, &since, pool, &err) : rc;
}


static void
every_action_has_an_id_of_its_own(void **state)
{
    size_t          i, k;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = judged(crm_make_write(pool, rules, "M", "{'A':1}", "{'A':0}"));
    enter(event);
    plan = planned(event);

    assert_int_equal(plan.jobs_count, 4);

    for (i = 0; i < plan.jobs_count; i++) {
        for (k = 0; k < i; k++) {
            assert_false(crm_str_eq(plan.jobs[i].id, plan.jobs[k].id));
        }
    }

    /* so that a rule of the same name is not taken for the process */

    assert_non_null(strstr(plan.jobs[1].json.data, "\"rule\":\"P\""));
    assert_non_null(strstr(plan.jobs[1].json.data,
                           "\"fired\":[\"approval:P\"]"));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
recovery_brings_the_same_jobs_and_changes(void **state)
{
    size_t          i, n;
    crm_str_t       doc;
    crm_plan_t      own, again;
    crm_pool_t     *pool;
    crm_event_t    *event, restored;
    crm_ruleset_t  *rules;

    static const char *const  before[] = { "{'A':0,'id':'42'}", NULL };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    for (n = 0; n < 2; n++) {
        event = judged(crm_make_write(pool, rules, "M", "{'A':1}",
                                      before[n]));
        enter(event);
        doc = intent_of(event);
        own = planned(event);

        assert_int_equal(restore(&restored, doc, rules, 0, pool), CRM_OK);
        again = planned(&restored);

        assert_int_equal(again.jobs_count, own.jobs_count);

        for (i = 0; i < own.jobs_count; i++) {
            assert_true(crm_str_eq(own.jobs[i].id, again.jobs[i].id));
            assert_true(crm_str_eq(own.jobs[i].json, again.jobs[i].json));
        }

        assert_int_equal(own.changes_count, 4);
        assert_int_equal(own.changes[0].op, CRM_CHANGE_ENTER);
        assert_int_equal(own.changes[1].op, CRM_CHANGE_DEL);
        assert_int_equal(own.changes[2].op, CRM_CHANGE_RANK);

        /* of a create nobody held the record: what is there stays */

        i = n ? 0 : 1;                  /* behind what takes marks away */
        assert_int_equal(again.changes[i].op, n ? CRM_CHANGE_FILL
                                                : CRM_CHANGE_ENTER);
        assert_true(crm_str_eq(again.changes[i].value,
                               own.changes[0].value));
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
without_the_lease_what_others_left_stays(void **state)
{
    size_t          i;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_event_t    *event, restored;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = judged(crm_make_write(pool, rules, "M", "{'A':1}",
                                  "{'A':0,'id':'42'}"));
    enter(event);

    assert_int_equal(restore(&restored, intent_of(event), rules, 1, pool),
                     CRM_OK);
    plan = planned(&restored);

    assert_int_equal(plan.changes_count, 2);
    assert_int_equal(plan.changes[0].op, CRM_CHANGE_FILL);
    assert_int_equal(plan.changes[1].op, CRM_CHANGE_RANK);
    assert_true(crm_str_is(plan.changes[1].value, "17"));

    for (i = 0; i < plan.changes_count; i++) {
        assert_int_not_equal(plan.changes[i].op, CRM_CHANGE_DEL);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
what_no_rule_set_has_is_refused(void **state)
{
    size_t          i;
    char           *at;
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_event_t    *event, restored;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *was;
        const char  *is;
    } rows[] = {
        { "\"effects\":{", "\"effects\":[" },
        { "\"op\":\"set\"", "\"op\":\"sit\"" },
        { "\"process\":\"approval\"", "\"process\":\"approvel\"" },
        { "\"stage\":\"submit\"", "\"stage\":\"after!\"" },
        { "\"name\":\"P\"", "\"name\":\"Q\"" },
        { "\"index\":1", "\"index\":2" },
        { "\"index\":1", "\"index\":0" },
        { "\"index\":1", "\"index\":x" },
        { "\"steps\":", "\"stops\":" },
        { "\"field\":\"approval\"", "\"field\":12345678901" },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = judged(crm_make_write(pool, rules, "M", "{'A':1}",
                                  "{'A':0,'id':'42'}"));
    enter(event);

    assert_int_equal(start(event, CRM_STAGE_SUBMIT, 2), CRM_DECLINED);
    assert_int_equal(start(event, CRM_STAGE_AFTER, 1), CRM_DECLINED);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        doc = crm_pool_printf(pool, "%.*s%c", (int) intent_of(event).len,
                              intent_of(event).data, 0);
        at = strstr((char *) doc.data, rows[i].was);
        assert_non_null(at);
        memcpy(at, rows[i].is, strlen(rows[i].is));

        assert_int_equal(restore(&restored, crm_str(doc.data, doc.len - 1),
                                 rules, 0, pool), CRM_EINVAL);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_write_without_any_is_written_and_read_as_before(void **state)
{
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_event_t    *event, restored;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    event = judged(crm_make_write(pool, rules, "M", "{'A':1}",
                                  "{'A':0,'id':'42'}"));
    doc = intent_of(event);

    assert_null(strstr(crm_pool_printf(pool, "%.*s%c", (int) doc.len,
                                       doc.data, 0).data, "effects"));
    assert_int_equal(restore(&restored, doc, rules, 0, pool), CRM_OK);
    assert_int_equal(restored.effects.changes_count, 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_action_has_an_id_of_its_own),
    cmocka_unit_test(recovery_brings_the_same_jobs_and_changes),
    cmocka_unit_test(without_the_lease_what_others_left_stays),
    cmocka_unit_test(what_no_rule_set_has_is_refused),
    cmocka_unit_test(a_write_without_any_is_written_and_read_as_before),
};

CRM_TEST_MAIN(tests)
