/*
 * Escalations: when the next level is due for a record, what it does, and what
 * is kept of it. It would fail by a level too early, twice or for nobody, and
 * by memory that ends anywhere.
 */

#include "crm_rules_make.h"

#include "base/crm_time.h"
#include "queue/crm_timer.h"


#define HOUR  3600000LL

#define RULES                                                                 \
    "{'kind':'profile','name':'P'},{'kind':'role','name':'Top'},"             \
    "{'kind':'role','name':'Boss','reports_to':'Top'},"                       \
    "{'kind':'role','name':'Rep','reports_to':'Boss'},"                       \
    "{'kind':'user','id':'1','profile':'P','role':'Rep'},"                    \
    "{'kind':'user','id':'2','profile':'P','role':'Boss'},"                   \
    "{'kind':'user','id':'3','profile':'P','role':'Top'},"                    \
    "{'kind':'escalation_rule','name':'E','module':'M','age_from':'Born',"    \
    "'entries':[{'criteria':{'field':'S','comparator':'equal',"               \
    "'value':'Open'},'levels':["                                              \
    "{'after':{'unit':2,'period':'hours'},'to':{'type':'manager'}},"          \
    "{'after':{'unit':4,'period':'hours'},"                                   \
    "'to':{'type':'role_hierarchy','levels':2}}]}]}"

/* It is 2026-11-22T00:00:00Z. */
#define OPEN(born)  "{'id':'42','S':'Open','Born':'" born "','Owner':'1'}"
#define YOUNG       OPEN("2026-11-21T23:00:00Z")
#define OLD         OPEN("2026-11-21T21:00:00Z")
#define VERY_OLD    OPEN("2026-11-20T21:00:00Z")

typedef struct {
    crm_pool_t           *texts;        /* what is given: it does not end */
    const crm_ruleset_t  *rules;
    const char           *request;
    const char           *before;
    const char           *record;
    const char           *kept;
    crm_timer_due_t       due;
    crm_plan_t            plan;
} starving_t;


static crm_status_t
plan_it(crm_pool_t *pool, void *data)
{
    crm_write_t  *w;
    crm_event_t   event;
    starving_t   *s;
    crm_status_t  rc;

    s = data;
    w = crm_make_given(s->texts, s->rules, "M", s->request, s->before);

    rc = crm_write_init(w, pool);
    if (rc == CRM_OK) {
        rc = crm_event_judge(&event, w);
    }
    if (rc == CRM_OK) {
        rc = crm_event_finish(&event, CRM_STR("42"));
    }
    if (rc == CRM_OK) {
        rc = crm_plan(&s->plan, &event);
    }

    return rc == CRM_OK ? crm_timer_plan(&s->plan, &event) : rc;
}


static crm_status_t
judge_it(crm_pool_t *pool, void *data)
{
    crm_span_t        root;
    starving_t       *s;
    crm_str_t         text, json;
    crm_error_t       err;
    crm_value_t       value;
    crm_timer_t       timer;
    crm_record_t      record;
    crm_status_t      rc;
    crm_timer_now_t   now;

    static const crm_scan_limits_t  limits = {
        .max_nodes = 100, .max_depth = 8
    };

    s = data;
    json = crm_make_text(s->texts, "{'v':1,'id':'escalation:x',"
                         "'type':'escalations','org':'acme','module':'M',"
                         "'record_id':'42','rule':'escalation','due':1}");

    rc = crm_value_parse(&value, json, pool);
    root = value.span;

    if (rc == CRM_OK) {
        rc = crm_timer_parse(&timer, root, pool, &err);
    }

    text = crm_make_text(s->texts, s->record ? s->record : "{}");

    if (rc == CRM_OK) {
        rc = crm_record_parse(&record, text, &limits, pool, &err);
    }

    memset(&now, 0, sizeof(crm_timer_now_t));
    now.rules = s->rules;
    now.record = s->record ? &record : NULL;
    now.dialect = crm_dialect_find(CRM_STR("zoho"));
    now.kept = crm_make_text(s->texts, s->kept ? s->kept : "");
    now.now_ms = CRM_MAKE_NOW;

    return rc == CRM_OK ? crm_timer_judge(&s->due, &timer, &now, pool) : rc;
}


static void
a_write_sets_the_time_of_the_next_level(void **state)
{
    size_t          i;
    starving_t      s;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        const char  *before;
        long long    hours;         /* from now; -99: no timer, -98: away */
        const char  *how;
    } rows[] = {
        { "{'S':'Open','Born':'2026-11-22T00:00:00Z'}", NULL, 2, "move" },
        { "{'S':'Shut','Born':'2026-11-22T00:00:00Z'}", NULL, -99, "" },
        { "{'A':1}", YOUNG, 1, "keep" },
        { "{'A':1}", OLD, -1, "keep" },
        { "{'Born':'2026-11-22T00:00:00Z'}", YOUNG, 2, "move" },
        { "{'Born':'2026-11-22'}", YOUNG, 2, "move" },
        { "{'Born':'soon'}", YOUNG, -98, "move" },
        { "{'S':'Shut'}", YOUNG, -98, "move" },
        { "{'S':'Open'}",
          "{'id':'42','S':'Shut','Born':'2020-01-01T00:00:00Z'}", 2, "move" },
        { "{'A':1}", "{'id':'42','S':'Shut','Born':'2020-01-01T00:00:00Z'}",
          -99, "" },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&s, 0, sizeof(s));
        s.texts = pool;
        s.rules = rules;
        s.request = rows[i].request;
        s.before = rows[i].before;

        assert_int_equal(plan_it(pool, &s), CRM_OK);
        assert_row(s.plan.jobs_count == (rows[i].hours == -99 ? 0 : 1),
                   rows[i].request);

        if (s.plan.jobs_count == 0) {
            continue;
        }

        assert_row(s.plan.jobs[0].due_ms
                   == (rows[i].hours == -98 ? -1
                       : CRM_MAKE_NOW + rows[i].hours * HOUR),
                   rows[i].request);
        assert_str(s.plan.jobs[0].receiver, rows[i].how);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_timer_that_comes_does_the_next_level(void **state)
{
    size_t          i;
    char            kept[256];
    starving_t      s;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *record;
        const char  *kept;          /* its version is the rule's for $ */
        const char  *reason;        /* NULL: it fires */
        const char  *owner;         /* then: who gets it */
        long long    next;          /* hours from now; -99: it is over */
    } rows[] = {
        { YOUNG, NULL, "date_moved", NULL, 1 },
        { OLD, NULL, NULL, "'owner':'2'", 1 },
        { VERY_OLD, NULL, NULL, "'owner':'2'", -23 },
        { VERY_OLD, "{'version':'$','entry':1,'done':1,'owner':'1'}", NULL,
          "'owner':'3'", -99 },
        { VERY_OLD, "{'version':'$','entry':1,'done':2,'owner':'1'}",
          "escalated", NULL, -99 },
        { VERY_OLD, "{'version':'other','entry':1,'done':2,'owner':'1'}",
          NULL, "'owner':'2'", -23 },
        { VERY_OLD, "nonsense", NULL, "'owner':'2'", -23 },
        { VERY_OLD, "{'since':1795304000000}", "date_moved", NULL, 2 },
        { OPEN("soon"), NULL, "no_date", NULL, -99 },
        { "{'id':'42','S':'Open','Owner':'1'}", NULL, "date_empty", NULL,
          -99 },
        { "{'id':'42','S':'Shut','Owner':'1'}", NULL, "criteria_false", NULL,
          -99 },
        { "{'id':'42','Owner':'1'}", NULL, "unknown_field", NULL, -99 },
        { NULL, NULL, "record_deleted", NULL, -99 },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&s, 0, sizeof(s));
        s.texts = pool;
        s.rules = rules;
        s.record = rows[i].record;
        s.kept = rows[i].kept;

        if (s.kept && strchr(s.kept, '$')) {
            (void) snprintf(kept, sizeof(kept), "{'version':'%s%s",
                            crm_ruleset_module(rules, CRM_STR("M"))
                            ->escalation->version.data,
                            strchr(s.kept, '$') + 1);
            s.kept = kept;
        }

        assert_int_equal(judge_it(pool, &s), CRM_OK);

        if (rows[i].reason) {
            assert_row(s.due.reason
                       && strcmp(s.due.reason, rows[i].reason) == 0,
                       rows[i].reason);
        } else {
            assert_null(s.due.reason);
            assert_int_equal(s.due.plan.jobs_count, 1);
            assert_non_null(strstr(s.due.plan.jobs[0].json.data,
                                   crm_make_text(pool, rows[i].owner).data));
        }

        if (rows[i].next == -99) {
            assert_int_equal(s.due.next_ms, -1);
        } else {
            assert_true(llabs(s.due.next_ms - CRM_MAKE_NOW
                              - rows[i].next * HOUR) < HOUR);
        }
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
without_memory_it_says_so(void **state)
{
    starving_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    s.texts = crm_test_pool();
    s.rules = crm_make_rules(RULES);
    s.request = "{'S':'Open'}";
    s.before = "{'id':'42','S':'Shut','Born':'2020-01-01T00:00:00Z'}";
    s.record = VERY_OLD;

    crm_test_starve(plan_it, &s);
    crm_test_starve(judge_it, &s);

    crm_ruleset_release((crm_ruleset_t *) s.rules);
    crm_pool_destroy(s.texts);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_write_sets_the_time_of_the_next_level),
        cmocka_unit_test(a_timer_that_comes_does_the_next_level),
        cmocka_unit_test(without_memory_it_says_so),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
