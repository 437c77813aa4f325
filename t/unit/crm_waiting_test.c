/*
 * Scheduled actions: planned with the write that fires their rule, judged when
 * they are due. It would fail if one came on the wrong day, ran for a record
 * that has moved on, or was made of what somebody forged.
 */

#include "crm_rules_make.h"

#include "base/crm_digest.h"
#include "base/crm_time.h"
#include "queue/crm_job.h"
#include "queue/crm_waiting.h"


#define HOOK  "{'kind':'webhook','name':'W','module':'M',"                    \
    "'url':'https://h.example:8443/x/${!M.A}','body':{'type':'raw',"          \
    "'format':'Text','content':'${!M.Stage} ${OLD!M.Stage} ${TODAY}'}},"
#define CALL  "{'type':'webhooks','name':'W'}"
#define AFTER(unit, period)                                                   \
    "{'execute_after':{'unit':" #unit ",'period':'" period "'},"              \
    "'actions':[" CALL "]}"
#define RULE(name, more, criteria, blocks)                                    \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'create_or_edit'},'conditions':[{'criteria':"    \
    criteria ",'instant_actions':[" CALL "],'scheduled_actions':["           \
    blocks "]}]}"
#define OPEN  "{'field':'Stage','comparator':'equal','value':'Open'}"
#define HOURS                                                                 \
    "{'kind':'business_hours','type':'custom','days':{"                       \
    "'monday':['09:00','17:00'],'tuesday':['09:00','17:00'],"                 \
    "'wednesday':['09:00','17:00'],'thursday':['09:00','17:00'],"             \
    "'friday':['09:00','17:00']},'holidays':['2026-12-25']},"


typedef struct {
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;
    crm_event_t    *event;
    crm_plan_t      plan;
} given_t;


/* A write at `at`, and what follows from it. */
static void
given(given_t *g, const char *objects, const char *at, const char *request,
    const char *before)
{
    crm_write_t  *w;

    memset(g, 0, sizeof(given_t));

    g->pool = crm_test_pool();
    g->rules = crm_make_rules(objects);

    w = crm_make_given(g->pool, g->rules, "M", request, before);
    assert_int_equal(crm_time_parse(&w->now_ms, crm_strz(at)), CRM_OK);
    assert_int_equal(crm_write_init(w, g->pool), CRM_OK);

    g->event = crm_make_event(w);
    assert_int_equal(crm_plan(&g->plan, g->event), CRM_OK);
}


static void
end(given_t *g)
{
    crm_ruleset_release(g->rules);
    crm_pool_destroy(g->pool);
}


/* What becomes of job when it is due; current NULL: the same rules. */
static void
judge(crm_due_t *due, given_t *g, const crm_cmd_job_t *job,
    const crm_ruleset_t *current, const char *record)
{
    crm_error_t         err;
    crm_waiting_t      *waiting;
    crm_waiting_now_t   now;

    waiting = crm_pool_calloc(g->pool, 1, sizeof(crm_waiting_t));
    assert_non_null(waiting);
    assert_int_equal(crm_waiting_parse(waiting, job->json, g->pool, &err),
                     CRM_OK);

    memset(&now, 0, sizeof(now));
    now.rules = g->rules;
    now.current = current ? current : g->rules;
    now.record = crm_make_record(g->pool, record);
    now.now_ms = job->due_ms;

    assert_int_equal(crm_waiting_judge(due, waiting, &now, g->pool, &err),
                     CRM_OK);
}


static void
assert_has(given_t *g, crm_str_t text, const char *part)
{
    if (strstr(text.data, crm_make_text(g->pool, part).data) == NULL) {
        fail_msg("%s is not in %s", part, text.data);
    }
}


static void
each_period_has_its_due_time(void **state)
{
    char      text[CRM_TIME_ISO_LEN + 1];
    size_t    i;
    given_t   g;

    static const struct {
        const char  *objects;
        const char  *at;
        const char  *due;
    } rows[] = {
        { HOOK RULE("r", "", "null", AFTER(5, "minutes")),
          "2026-12-24T16:00:00.25Z", "2026-12-24T16:05:00.250Z" },
        { HOOK RULE("r", "", "null", AFTER(0, "hours")),
          "2026-12-24T16:00:00Z", "2026-12-24T16:00:00.000Z" },
        { HOOK RULE("r", "", "null", AFTER(1, "months")),
          "2027-01-31T08:00:00Z", "2027-02-28T08:00:00.000Z" },
        { HOOK RULE("r", "", "null", AFTER(1, "years")),
          "2028-02-29T08:00:00Z", "2029-02-28T08:00:00.000Z" },
        { HOOK RULE("r", "", "null", AFTER(2, "weeks")),
          "2026-12-24T16:00:00Z", "2027-01-07T16:00:00.000Z" },

        /* Thursday; Friday is a holiday, then a weekend */
        { HOURS HOOK RULE("r", "", "null", AFTER(1, "business_days")),
          "2026-12-24T16:00:00Z", "2026-12-28T16:00:00.000Z" },
        { HOURS HOOK RULE("r", "", "null", AFTER(2, "business_hours")),
          "2026-12-24T16:00:00Z", "2026-12-28T10:00:00.000Z" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        given(&g, rows[i].objects, rows[i].at, "{'A':1}", NULL);

        assert_row(g.plan.jobs_count == 2, rows[i].objects);
        assert_row(g.plan.jobs[0].due_ms == 0, rows[i].objects);
        assert_string_equal(crm_time_iso(text, g.plan.jobs[1].due_ms).data,
                            rows[i].due);
        end(&g);
    }
}


static void
each_action_has_its_id_and_its_receiver(void **state)
{
    char           id[CRM_JOB_ID_LEN + 1];
    size_t         i;
    given_t        g;
    crm_str_t      parts[11];
    unsigned char  digest[CRM_DIGEST_LEN];

    static const char *const  places[] = { "1", "1.1", "2.1", "2.2" };

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")
          ",{'execute_after':{'unit':2,'period':'days'},'actions':[" CALL ","
          CALL "]}"), "2026-12-24T16:00:00Z", "{'Stage':'Open','A':1}", NULL);

    assert_int_equal(g.plan.jobs_count, 4);

    for (i = 0; i < 4; i++) {
        parts[0] = CRM_STR(CRM_MAKE_EVENT);
        parts[2] = CRM_STR("r");
        parts[4] = CRM_STR("7");
        parts[6] = CRM_STR("1");
        parts[8] = crm_strz(places[i]);
        parts[10] = CRM_STR("42");
        parts[1] = parts[3] = parts[5] = parts[7] = parts[9] = CRM_STR("\n");
        crm_digest_sha256(digest, parts, 11);
        crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
        id[CRM_JOB_ID_LEN] = '\0';

        assert_string_equal(g.plan.jobs[i].id.data, id);
        assert_int_equal(g.plan.jobs[i].queue, CRM_QUEUE_WEBHOOKS);
    }

    assert_true(crm_str_is(g.plan.jobs[1].receiver, "https://h.example:8443"));
    assert_has(&g, g.plan.jobs[2].json, "'waits':{'condition':1,'block':2,"
               "'action':1,'due':1798300800000,'recheck':true,"
               "'operation':'create','dialect':'zoho'},'action':{'seq':1,"
               "'name':'W'},'record':null,'before':null,");
    end(&g);
}


static void
what_is_off_schedules_nothing(void **state)
{
    given_t  g;

    (void) state;

    given(&g, HOOK RULE("r", ",'status':'shadow'", OPEN, AFTER(1, "days")) ","
          RULE("s", ",'status':'off'", OPEN, AFTER(1, "days")) ","
          RULE("t", "", "{'field':'A','comparator':'equal','value':2}",
               AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open','A':1}", NULL);
    assert_int_equal(g.plan.jobs_count, 0);
    end(&g);
}


/* The same write settled by recovery waits for the same, byte for byte. */
static void
recovery_schedules_the_same(void **state)
{
    size_t              i;
    given_t             g;
    crm_buf_t           doc;
    crm_plan_t          plan;
    crm_event_t         event;
    crm_error_t         err;
    crm_write_t         write;
    crm_intents_t       intents;
    const crm_event_t  *judged;

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New','A':1}");

    crm_buf_init(&doc, g.pool, 0);
    judged = g.event;
    assert_int_equal(crm_intent_encode(&judged, 1, &doc), CRM_OK);
    assert_int_equal(crm_intent_parse(&intents, crm_buf_view(&doc), g.pool,
                                      &err), CRM_OK);
    assert_int_equal(crm_intent_restore(&event, &write, &intents.items[0],
                                        g.rules, NULL, g.pool, &err), CRM_OK);
    assert_int_equal(crm_event_finish(&event, CRM_STR("42")), CRM_OK);
    assert_int_equal(crm_plan(&plan, &event), CRM_OK);

    assert_int_equal(plan.jobs_count, g.plan.jobs_count);

    for (i = 0; i < plan.jobs_count; i++) {
        assert_true(crm_str_eq(plan.jobs[i].id, g.plan.jobs[i].id));
        assert_true(crm_str_eq(plan.jobs[i].json, g.plan.jobs[i].json));
        assert_true(plan.jobs[i].due_ms == g.plan.jobs[i].due_ms);
    }

    end(&g);
}


static void
what_still_matches_is_rendered_as_it_is_now(void **state)
{
    given_t     g;
    crm_buf_t   buf;
    crm_due_t   due;

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New','A':1}");

    judge(&due, &g, &g.plan.jobs[1], NULL, "{'Stage':'open','A':9.50}");
    assert_int_equal(due.runs, 1);

    crm_buf_init(&buf, g.pool, 0);
    assert_int_equal(crm_waiting_render(&due, &buf), CRM_OK);
    assert_has(&g, crm_buf_view(&buf), g.plan.jobs[1].id.data);
    assert_has(&g, crm_buf_view(&buf), "'url':'https://h.example:8443/x/9.50'");
    assert_has(&g, crm_buf_view(&buf), "'body':'open New 2026-12-25'");
    assert_has(&g, crm_buf_view(&buf),
               "'record':{'Stage':'open','A':9.50,'id':'42'},"
               "'before':{'Stage':'New','A':1}");
    assert_null(strstr(crm_buf_view(&buf).data, "waits"));
    end(&g);
}


static void
what_has_changed_is_not_done(void **state)
{
    size_t          i;
    json_t         *trace;
    given_t         g;
    crm_buf_t       buf;
    crm_due_t       due;
    crm_ruleset_t  *current;

    static const struct {
        const char  *record;        /* NULL: gone */
        const char  *current;       /* rules; NULL: the same */
        const char  *reason;
    } rows[] = {
        { "{'Stage':'Lost','A':1}", NULL, "criteria_no_longer_met" },
        { "{'A':1}", NULL, "unknown_field" },
        { NULL, NULL, "record_deleted" },
        { "{'Stage':'Open'}", HOOK RULE("r", ",'status':'off'", OPEN,
          AFTER(1, "days")), "inactive" },
        { "{'Stage':'Open'}", HOOK RULE("r", ",'status':'shadow'", OPEN,
          AFTER(1, "days")), "inactive" },
        { "{'Stage':'Open'}", HOOK RULE("s", "", OPEN, AFTER(1, "days")),
          "rule_deleted" },
        { "{'Stage':'Open'}", "{'kind':'module','name':'M','fields':[]}",
          "rule_deleted" },
    };

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New','A':1}");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        current = rows[i].current ? crm_make_rules(rows[i].current) : NULL;

        judge(&due, &g, &g.plan.jobs[1], current, rows[i].record);
        assert_row(!due.runs, rows[i].reason);
        assert_string_equal(due.reason, rows[i].reason);

        crm_buf_init(&buf, g.pool, 0);
        assert_int_equal(crm_waiting_trace(&due, &buf), CRM_OK);

        trace = json_loadb(crm_buf_view(&buf).data, crm_buf_view(&buf).len,
                           JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(trace);
        json_decref(trace);

        if (current) {
            crm_ruleset_release(current);
        }
    }

    end(&g);
}


/* Other criteria in the current revision change nothing. */
static void
a_changed_rule_does_not_change_what_waits(void **state)
{
    given_t         g;
    crm_due_t       due;
    crm_ruleset_t  *current;

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New'}");
    current = crm_make_rules(HOOK RULE("r", "", "{'field':'Stage',"
                             "'comparator':'equal','value':'Never'}",
                             AFTER(3, "days")));

    judge(&due, &g, &g.plan.jobs[1], current, "{'Stage':'Open'}");
    assert_int_equal(due.runs, 1);

    crm_ruleset_release(current);
    end(&g);
}


static void
without_recheck_only_rule_and_record_count(void **state)
{
    given_t    g;
    crm_due_t  due;

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, "{'execute_after':{'unit':1,"
          "'period':'days'},'recheck':false,'actions':[" CALL "]}"),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New'}");

    judge(&due, &g, &g.plan.jobs[1], NULL, "{'Stage':'Lost'}");
    assert_int_equal(due.runs, 1);
    judge(&due, &g, &g.plan.jobs[1], NULL, NULL);
    assert_int_equal(due.runs, 0);
    end(&g);
}


static void
what_makes_no_sense_is_refused(void **state)
{
    size_t          i;
    given_t         g;
    crm_due_t       due;
    crm_str_t       doc;
    crm_error_t     err;
    crm_status_t    rc;
    crm_waiting_t   waiting;
    crm_waiting_now_t  now;

#define DOC(rev, waits, more)                                                 \
    "{'v':1,'id':'j','event':'E','org':'acme','module':'M','record_id':'1',"  \
    "'rule':'r','revision':" rev ",'waits':" waits ",'actor':{'id':''},"      \
    "'chain':{'id':'E','depth':0,'fired':['r'],'cascade':false,"              \
    "'ignore_lock':false}" more "}"
#define WAITS(c, b, a)                                                        \
    "{'condition':" c ",'block':" b ",'action':" a ",'due':5,'recheck':true," \
    "'operation':'update','dialect':'zoho'}"

    static const char *const  wrong[] = {
        "[]", "{", DOC("7", "{}", ",'before':null"),
        DOC("7", "null", ",'before':null"),
        DOC("7", WAITS("0", "1", "1"), ",'before':null"),
        DOC("7", WAITS("1", "1", "'1'"), ",'before':null"),
        DOC("7", WAITS("1", "1.5", "1"), ",'before':null"),
        DOC("7", WAITS("1", "99999999999999999999", "1"), ",'before':null"),
        DOC("-7", WAITS("1", "1", "1"), ",'before':null"),
        DOC("7", WAITS("1", "1", "1"), ""),
        DOC("7", WAITS("1", "1", "1"), ",'before':[]"),
    };
    static const char *const  lacks[] = {
        DOC("7", WAITS("2", "1", "1"), ",'before':null"),
        DOC("7", WAITS("1", "2", "1"), ",'before':null"),
        DOC("7", WAITS("1", "1", "2"), ",'before':null"),
    };

    (void) state;

    given(&g, HOOK RULE("r", "", OPEN, AFTER(1, "days")),
          "2026-12-24T16:00:00Z", "{'Stage':'Open'}", "{'Stage':'New'}");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rc = crm_waiting_parse(&waiting, crm_make_text(g.pool, wrong[i]),
                               g.pool, &err);
        assert_row(rc == CRM_EINVAL && err.text[0], wrong[i]);
    }

    memset(&now, 0, sizeof(now));
    now.rules = g.rules;
    now.current = g.rules;

    for (i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
        doc = crm_make_text(g.pool, lacks[i]);
        assert_int_equal(crm_waiting_parse(&waiting, doc, g.pool, &err),
                         CRM_OK);
        rc = crm_waiting_judge(&due, &waiting, &now, g.pool, &err);
        assert_row(rc == CRM_EINVAL, lacks[i]);
        assert_non_null(strstr(err.text, "revision 7 has no "));
    }

    end(&g);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(each_period_has_its_due_time),
        cmocka_unit_test(each_action_has_its_id_and_its_receiver),
        cmocka_unit_test(what_is_off_schedules_nothing),
        cmocka_unit_test(recovery_schedules_the_same),
        cmocka_unit_test(what_still_matches_is_rendered_as_it_is_now),
        cmocka_unit_test(what_has_changed_is_not_done),
        cmocka_unit_test(a_changed_rule_does_not_change_what_waits),
        cmocka_unit_test(without_recheck_only_rule_and_record_count),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
