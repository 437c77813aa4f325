/*
 * The intent of a write: what stands in it, and that the write can be ended
 * from it alone. It would fail by an intent that recovery cannot read, or by
 * jobs that are others than the request's own. Documents that a hand has
 * changed: crm_intent_parse_test.c.
 */

#include "crm_rules_make.h"

#include "transform/crm_assign.h"


#define HOOK  "{'kind':'webhook','name':'W','module':'M','url':"              \
              "'https://h/${!M.Name}','headers':{'X-N':'${!M.Name}'},"        \
              "'body':{'type':'raw','content':'{\\u0022n\\u0022:"             \
              "\\u0022${!M.Name}\\u0022,\\u0022o\\u0022:"                     \
              "\\u0022${OLD!M.Name}\\u0022}'}},"                              \
              "{'kind':'webhook','name':'V','module':'M','url':'https://v/'}"
#define RULE(name, more, trigger, actions)                                    \
    ",{'kind':'workflow_rule','name':'" name "','module':'M'" more            \
    ",'execute_when':{'type':'" trigger "'},'conditions':["                   \
    "{'criteria':{'field':'A','comparator':'equal','value':9},"               \
    "'instant_actions':[" actions "]},{'criteria':{'field':'A',"              \
    "'comparator':'greater_than','value':0},'instant_actions':[" actions "]}]}"
#define SET(value)                                                            \
    "{'type':'field_updates','field':'Z\\u0022\\\\','value':" value "}"
#define MERGE    SET("{'merge':'<${!M.Name}>'}")
#define CALL(w)  "{'type':'webhooks','name':'" w "'}"
#define LOCK  ",{'kind':'record_locking','module':'M','lock_type':"           \
              "'automatic','locking_rules':[{'name':'L\\u0022','criteria':"   \
              "{'field':'Z\\u0022\\\\','comparator':'equal','value':"         \
              "'<x>'}}]}"

/* Two that set one field, one that only watches. */
#define RULES                                                                 \
    HOOK RULE("one \\u0022\\u00e9", ",'id':'r-1','sequence':1",               \
              "create_or_edit", MERGE "," CALL("W"))                          \
    RULE("two", ",'sequence':2,'status':'shadow'", "create_or_edit",          \
         SET("'shadow'") "," CALL("W"))                                       \
    RULE("three", ",'sequence':3", "create_or_edit", CALL("V") ","            \
         CALL("W") "," SET("'<x>'"))                                          \
    RULE("gone", "", "delete", CALL("V") "," CALL("W")) LOCK


/* One that runs once, for imports too, and sets what others set or what is. */
#define ONCE                                                                  \
    ",{'kind':'workflow_rule','name':'once','module':'M','sequence':0,"       \
    "'execute_when':{'type':'create_or_edit','details':{'repeat':false}},"    \
    "'run_on_import':true,'conditions':[{'criteria':{'field':'A',"            \
    "'comparator':'greater_than','value':0},'instant_actions':["              \
    SET("'first'") ",{'type':'field_updates','field':'Name','value':'x'}]}]}"


/* A document of one record. */
static crm_status_t
parse_one(crm_intent_t *intent, crm_str_t doc, crm_pool_t *in,
    crm_error_t *err)
{
    crm_status_t   rc;
    crm_intents_t  intents;

    memset(intent, 0, sizeof(crm_intent_t));
    rc = crm_intent_parse(&intents, doc, in, err);

    if (rc == CRM_OK) {
        *intent = intents.items[0];
    }

    return rc;
}


static crm_str_t
intent_of(const crm_event_t *event)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, event->write->pool, 0);
    assert_int_equal(crm_intent_encode(&event, 1, &buf), CRM_OK);

    return crm_buf_view(&buf);
}


/* An event up to where the backend is asked. */
static crm_event_t *
judged(crm_write_t *w)
{
    crm_event_t  *event;

    event = crm_pool_calloc(w->pool, 1, sizeof(crm_event_t));
    assert_non_null(event);
    assert_int_equal(crm_event_judge(event, w), CRM_OK);
    assert_int_equal(event->verdict.kind, CRM_REFUSE_NONE);

    return event;
}


static void
assert_member(crm_str_t doc, const char *name, const char *expected)
{
    char          *text;
    json_t        *json, *value, *wanted;
    json_error_t   err;

    json = json_loadb(doc.data, doc.len, JSON_REJECT_DUPLICATES, &err);
    if (json == NULL) {
        fail_msg("%s: %.*s", err.text, (int) doc.len, doc.data);
    }

    value = json_object_get(json, name);
    wanted = crm_make_json(expected);

    if (value == NULL || !json_equal(value, wanted)) {
        text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        fail_msg("%s is %s, not %s", name, text ? text : "missing", expected);
    }

    json_decref(wanted);
    json_decref(json);
}


static void
it_tells_all_that_recovery_needs(void **state)
{
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK RULE("R", ",'id':'r-17'", "edit",
                                     MERGE "," CALL("W")) LOCK);

    doc = intent_of(judged(crm_make_write(pool, rules, "M",
                    "{'A':1,'Name':'x'}", "{'A':0,'Old':{'b':[1]}}")));

    assert_member(doc, "v", "1");
    assert_member(doc, "event", "'" CRM_MAKE_EVENT "'");
    assert_member(doc, "org", "'acme'");
    assert_member(doc, "at", "1795305600000");
    assert_member(doc, "revision", "7");
    assert_member(doc, "dialect", "'zoho'");
    assert_member(doc, "operation", "'update'");
    assert_member(doc, "module", "'M'");
    assert_member(doc, "record_id", "'42'");
    assert_member(doc, "actor", "{'id':'u1'}");
    assert_member(doc, "workflow", "true");
    assert_member(doc, "request", "{'A':1,'Name':'x'}");
    assert_member(doc, "changes", "{'Z\\u0022\\\\':'<x>'}");
    assert_member(doc, "before", "{'A':0,'Old':{'b':[1]}}");
    assert_member(doc, "rules", "[{'rule':'r-17','condition':2}]");

    /* where no rule fires, of the stored record what rules read, what the
     * write writes, and the version */

    doc = intent_of(judged(crm_make_write(pool, rules, "M",
                    "{'B':1,'New':2}", "{'C':3,'B':0,'A':-1,'Old':{'b':[1]},"
                    "'Modified_Time':'2026-11-22T00:00:00+00:00'}")));
    assert_member(doc, "before", "{'B':0,'A':-1,'Modified_Time':"
                                 "'2026-11-22T00:00:00+00:00'}");
    assert_member(doc, "rules", "[]");
    assert_member(doc, "changes", "{}");

    /* a create has neither id nor before, a delete no request */

    doc = intent_of(judged(crm_make_write(pool, rules, "M", "{'A':1}",
                                          NULL)));
    assert_member(doc, "operation", "'create'");
    assert_member(doc, "record_id", "null");
    assert_member(doc, "before", "null");

    doc = intent_of(judged(crm_make_write(pool, rules, "M", NULL,
                                          "{'A':1,'Old':2}")));
    assert_member(doc, "operation", "'delete'");
    assert_member(doc, "request", "null");
    assert_member(doc, "before", "{'A':1,'Old':2}");

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* crm_record_source none: there is a record, and nobody has looked at it. */
static void
a_record_that_nobody_looked_at_is_empty(void **state)
{
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_plan_t      plan;
    crm_write_t    *w;
    crm_event_t    *event;
    crm_record_t    nothing;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HOOK ",{'kind':'workflow_rule','name':'R','module'"
        ":'M','execute_when':{'type':'delete'},'conditions':["
        "{'instant_actions':[" CALL("V") "]}]}");
    memset(&nothing, 0, sizeof(crm_record_t));

    w = crm_make_given(pool, rules, "M", NULL, "{}");
    w->before = &nothing;
    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    event = judged(w);
    doc = intent_of(event);
    assert_member(doc, "before", "{}");

    assert_int_equal(crm_event_finish(event, CRM_STR("42")), CRM_OK);
    assert_int_equal(crm_plan(&plan, event), CRM_OK);
    assert_int_equal(plan.jobs_count, 1);
    assert_member(plan.jobs[0].json, "before", "{}");

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* What follows of a write, as commit gets it. */
typedef struct {
    crm_plan_t  plan;
    crm_str_t   record;
    crm_str_t   trace;
} effects_t;


static crm_status_t
effects_of(effects_t *effects, crm_event_t *event, crm_str_t record_id)
{
    crm_buf_t     trace;
    crm_trace_t   how;
    crm_status_t  rc;

    memset(&how, 0, sizeof(crm_trace_t));
    crm_buf_init(&trace, event->write->pool, 0);

    rc = crm_event_finish(event, record_id);
    if (rc == CRM_OK) {
        rc = crm_plan(&effects->plan, event);
    }
    if (rc == CRM_OK) {
        rc = crm_event_trace(event, &trace, &how);
    }

    effects->record = event->record_json;
    effects->trace = crm_buf_view(&trace);

    return rc;
}


static int
same_jobs(const crm_plan_t *a, const crm_plan_t *b)
{
    size_t  i;

    if (a->jobs_count != b->jobs_count) {
        return 0;
    }

    for (i = 0; i < a->jobs_count; i++) {
        if (a->jobs[i].queue != b->jobs[i].queue
            || !crm_str_eq(a->jobs[i].id, b->jobs[i].id)
            || !crm_str_eq(a->jobs[i].json, b->jobs[i].json))
        {
            return 0;
        }
    }

    return 1;
}


static int
same_changes(const crm_plan_t *a, const crm_plan_t *b)
{
    size_t  i;

    if (a->changes_count != b->changes_count) {
        return 0;
    }

    for (i = 0; i < a->changes_count; i++) {
        if (a->changes[i].op != b->changes[i].op
            || !crm_str_eq(a->changes[i].field, b->changes[i].field)
            || !crm_str_eq(a->changes[i].value, b->changes[i].value))
        {
            return 0;
        }
    }

    return 1;
}


/* Restores doc; its effects with the record's id. */
static effects_t
restored(crm_pool_t *pool, crm_str_t doc, const crm_ruleset_t *rules,
    const crm_intent_since_t *since)
{
    effects_t      effects;
    crm_error_t    err;
    crm_event_t    event;
    crm_write_t    write;
    crm_intent_t   intent;

    doc = crm_pool_dup(pool, doc);

    if (parse_one(&intent, doc, pool, &err) != CRM_OK
        || crm_intent_restore(&event, &write, &intent, rules, since, pool,
                              &err) != CRM_OK)
    {
        fail_msg("%s: %.*s", err.text, (int) doc.len, doc.data);
    }

    assert_int_equal(effects_of(&effects, &event, CRM_STR("42")), CRM_OK);

    return effects;
}


typedef struct {
    const char  *request;
    const char  *before;
    size_t       jobs;
} write_row_t;

static const write_row_t  write_rows[] = {
    { "{'A':1,'Name':'x \\u0022\\u00fc','N':1.50,'I':1234567890123456789}",
      NULL, 3 },
    { "{'Name':'x','A':9}",
      "{'id':'42','Name':'y','Keep':[1, 2.0],'Z\\u0022\\\\':'<y>',"
      "'Modified_Time':'2026-11-22T00:00:00+00:00'}", 3 },
    { "{'A':0,'Name':'x'}", "{'id':'42','Name':'y','A':3,'Other':1}", 0 },
    { "{'A':2}", "{'id':42,'Name':'x','Z\\u0022\\\\':'<x>'}", 3 },
    { NULL, "{'id':'42','A':1,'Name':'x'}", 2 },
    { NULL, "{'id':'42','A':-1,'Name':'x'}", 0 },
};

#define WRITES  (sizeof(write_rows) / sizeof(write_rows[0]))


static void
from_it_come_the_jobs_that_the_request_would_have_pushed(void **state)
{
    size_t               i;
    crm_str_t            lock, doc;
    effects_t            own, again;
    crm_pool_t          *pool;
    crm_state_t          known;
    crm_value_t          trigger;
    crm_write_t         *w;
    crm_event_t         *event;
    crm_ruleset_t       *rules, *fresh;
    const write_row_t   *row;
    crm_intent_since_t   since;

    (void) state;

    rules = crm_make_rules(RULES ONCE);
    fresh = crm_make_rules(RULES ONCE);
    lock = CRM_STR("K");

    for (i = 0; i < 2 * WRITES; i++) {
        pool = crm_test_pool();
        row = &write_rows[i % WRITES];

        memset(&known, 0, sizeof(crm_state_t));
        known.locks = &lock;
        known.n_locks = i % 2;

        assert_int_equal(crm_value_parse(&trigger, crm_make_text(pool, i % 2
                                         ? "['workflow', '\xc3\xbc']" : "null"),
                                         pool), CRM_OK);

        w = crm_make_given(pool, rules, "M", row->request, row->before);
        w->state = &known;
        w->actor.id = CRM_STR("u\"\xff");
        w->trigger = trigger.span;
        w->import = i >= WRITES;
        assert_int_equal(crm_write_init(w, pool), CRM_OK);

        event = judged(w);
        doc = intent_of(event);
        assert_int_equal(effects_of(&own, event, CRM_STR("42")), CRM_OK);
        assert_int_equal(own.plan.jobs_count, w->import ? 0 : row->jobs);

        memset(&since, 0, sizeof(crm_intent_since_t));
        since.state = &known;
        again = restored(pool, doc, fresh, &since);

        assert_row(same_jobs(&own.plan, &again.plan), doc.data);

        /* the marks of a created record are added: see below */

        if (w->operation != CRM_OP_CREATE) {
            assert_row(same_changes(&own.plan, &again.plan), doc.data);
        }

        if (event->transform.fired_count) {
            assert_true(crm_str_eq(own.record, again.record));
            assert_true(crm_str_eq(own.trace, again.trace));
        }

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(fresh);
    crm_ruleset_release(rules);
}


static void
marks_of_others_are_not_taken_away_without_the_lease(void **state)
{
    size_t               i;
    crm_str_t            doc;
    effects_t            e;
    crm_pool_t          *pool;
    crm_ruleset_t       *rules;
    crm_intent_since_t   since;

    static const struct {
        const char       *request;
        const char       *before;
        int               lapsed;
        int               change;       /* of the lock mark, -1: none */
    } rows[] = {
        { "{'A':2}", "{'Name':'x'}", 0, CRM_CHANGE_SET },
        { "{'A':2}", "{'Name':'x'}", 1, CRM_CHANGE_ADD },
        { "{'A':0}", "{'Z\\u0022\\\\':'<y>'}", 0, CRM_CHANGE_DEL },
        { "{'A':0}", "{'Z\\u0022\\\\':'<y>'}", 1, -1 },
        { "{'A':2,'Name':'x'}", NULL, 0, CRM_CHANGE_ADD },
        { "{'A':0,'Name':'x'}", NULL, 0, -1 },
        { NULL, "{'A':1}", 1, CRM_CHANGE_DROP },
    };

    (void) state;

    rules = crm_make_rules(RULES);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        doc = intent_of(judged(crm_make_write(pool, rules, "M",
                               rows[i].request, rows[i].before)));

        memset(&since, 0, sizeof(crm_intent_since_t));
        since.lapsed = rows[i].lapsed;
        e = restored(pool, doc, rules, &since);

        assert_row(e.plan.changes_count == (rows[i].change >= 0), doc.data);
        assert_row(rows[i].change < 0
                   || (int) e.plan.changes[0].op == rows[i].change, doc.data);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* By other rules it would be another write: F37. */
static void
rules_that_are_not_its_own_are_refused(void **state)
{
    size_t          i;
    json_t         *bundle;
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_error_t     err;
    crm_event_t     event;
    crm_write_t     write;
    crm_intent_t    intent;
    crm_ruleset_t  *rules, *other;
    crm_findings_t  findings;

    static const struct {
        const char  *rules;
        long long    revision;
        const char  *says;
    } rows[] = {
        { RULES, 8, "judged by revision 7, not by 8" },
        { "{'kind':'profile','name':'P'}", 7,
          "revision 7 has no rules of the module M" },
        { HOOK LOCK, 7, "no condition 2 in a rule \"r-1\"" },
        { HOOK ",{'kind':'workflow_rule','name':'r-1','module':'M',"
          "'execute_when':{'type':'edit'},'conditions':[{'instant_actions':["
          CALL("W") "]}]}", 7, "no condition 2 in a rule \"r-1\"" },
        { HOOK RULE("r-1", "", "edit", CALL("W"))
          RULE("two", "", "edit", CALL("W"))
          RULE("three", "", "edit", CALL("W")), 7,
          "no rule that fired sets \"Z\"" },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    doc = intent_of(judged(crm_make_write(pool, rules, "M",
                                          "{'A':1,'Name':'x'}", "{'A':0}")));
    assert_int_equal(parse_one(&intent, doc, pool, &err), CRM_OK);
    assert_int_equal(crm_intent_restore(&event, &write, &intent, rules, NULL,
                                        pool, &err), CRM_OK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bundle = crm_make_bundle(rows[i].rules);
        crm_findings_init(&findings, pool);
        other = crm_ruleset_create(bundle, rows[i].revision,
                                   crm_host_malloc(), &findings);
        json_decref(bundle);
        if (other == NULL) {
            crm_make_print(&findings);
        }
        assert_non_null(other);

        assert_int_equal(crm_intent_restore(&event, &write, &intent, other,
                                            NULL, pool, &err), CRM_EINVAL);
        if (strstr(err.text, rows[i].says) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", rows[i].says, err.text);
        }

        crm_ruleset_release(other);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


#define ASSIGNS                                                               \
    "{'kind':'profile','name':'P'},"                                          \
    "{'kind':'user','id':'11','profile':'P'},"                                \
    "{'kind':'user','id':'14','profile':'P','status':'inactive'},"            \
    "{'kind':'assignment_rule','name':'By country','id':'lar-1','module':'M'," \
    "'run':'always','entries':[{'criteria':{'field':'A','comparator':'equal'," \
    "'value':1},'assign_to':{'type':'user','id':'11'}},{'criteria':{'field':"  \
    "'A','comparator':'equal','value':2},'assign_to':{'type':'user','id':"    \
    "'14'}},{'criteria':{'field':'A','comparator':'equal','value':3},"        \
    "'assign_to':{'type':'round_robin','users':['14']}}],"                    \
    "'default_assignee':'11'}"                                                \
    RULE("takes", "", "create", "{'type':'field_updates','field':'Owner',"    \
         "'value':'x'}")


/* Who was assigned stands in the intent, so that it can be told. */
static void
who_was_assigned_is_told_again(void **state)
{
    size_t          i;
    effects_t       own, again;
    crm_str_t       doc;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        const char  *told;
    } rows[] = {
        { "{'A':1}", "\"assignment\":{\"rule_id\":\"lar-1\",\"entry\":1,"
                     "\"owner\":\"11\"}" },
        { "{'A':2}", "\"entry\":2,\"owner\":\"11\",\"reason\":"
                     "\"user_inactive\"}" },
        { "{'A':3}", "\"entry\":3,\"owner\":\"11\",\"reason\":"
                     "\"nobody_active\"}" },
        { "{'A':0}", "\"entry\":null,\"owner\":\"11\",\"reason\":"
                     "\"no_entry_matches\"}" },
        { "{'A':1,'Owner':{'id':'9'}}", "\"entry\":null,\"owner\":null,"
                                        "\"reason\":\"owner_given\"}" },

        /* a rule has the last word, and the trace says over whom */

        { "{'A':9}", "\"conflict\":[\"lar-1\"]" },
    };

    (void) state;

    rules = crm_make_rules(ASSIGNS);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        w = crm_make_write(pool, rules, "M", rows[i].request, NULL);
        assert_int_equal(crm_assign_suppose(w), CRM_OK);

        event = judged(w);
        doc = intent_of(event);
        assert_int_equal(effects_of(&own, event, CRM_STR("42")), CRM_OK);
        again = restored(pool, doc, rules, NULL);

        assert_row(strstr(own.trace.data, rows[i].told) != NULL,
                   own.trace.data);
        assert_row(crm_str_eq(own.trace, again.trace), again.trace.data);
        assert_row(crm_str_eq(own.record, again.record), again.record.data);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static void
an_assignment_that_was_changed_by_hand_is_refused(void **state)
{
    size_t          i;
    json_t         *doc;
    char           *text;
    crm_pool_t     *pool;
    crm_error_t     err;
    crm_event_t     event;
    crm_write_t     write;
    crm_intent_t    intent;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *assignment;
        const char  *says;              /* NULL: it is right */
    } rows[] = {
        { "{'rule':'lar-1','entry':3,'owner':'11','reason':''}", NULL },
        { "{'rule':'gone','entry':1,'owner':'11','reason':''}",
          "no assignment rule \"gone\"" },
        { "{'rule':'lar-1','entry':4,'owner':'11','reason':''}", "entry" },
        { "{'rule':'lar-1','entry':'1','owner':'11','reason':''}", "entry" },
        { "{'rule':'lar-1','owner':'11','reason':''}", "entry" },
        { "{'rule':'lar-1','entry':1,'owner':11,'reason':''}", "owner" },
        { "{'rule':'lar-1','entry':1,'owner':'11','reason':'so'}", "reason" },
        { "{'rule':'lar-1','entry':1,'owner':'11'}", "reason" },
        { "{'entry':1,'owner':'11','reason':''}", "rule" },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(ASSIGNS);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        doc = crm_make_json("{'v':1,'event':'E','org':'o','at':5,'revision':7"
                            ",'dialect':'zoho','operation':'create','module':"
                            "'M','record_id':null,'actor':{'id':'u'},"
                            "'workflow':true,'request':{'A':1},'changes':{},"
                            "'before':null,'rules':[]}");
        assert_int_equal(json_object_set_new(doc, "assignment",
                             crm_make_json(rows[i].assignment)), 0);
        text = json_dumps(doc, JSON_COMPACT);
        json_decref(doc);
        assert_non_null(text);

        assert_int_equal(parse_one(&intent, crm_pool_dup(pool,
                                       crm_strz(text)), pool, &err), CRM_OK);
        free(text);

        assert_row(crm_intent_restore(&event, &write, &intent, rules, NULL,
                                      pool, &err)
                   == (rows[i].says ? CRM_EINVAL : CRM_OK),
                   rows[i].assignment);
        assert_row(rows[i].says == NULL || strstr(err.text, rows[i].says),
                   err.text);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


typedef struct {
    const crm_ruleset_t  *rules;
    crm_str_t             doc;
    effects_t             own;
    unsigned              runs;
} starved_t;


static crm_status_t
starve_restore(crm_pool_t *pool, void *data)
{
    effects_t      effects;
    starved_t     *s;
    crm_error_t    err;
    crm_event_t    event;
    crm_write_t    write;
    crm_intent_t   intent;
    crm_status_t   rc;

    s = data;
    s->runs++;

    rc = parse_one(&intent, s->doc, pool, &err);
    if (rc == CRM_OK) {
        rc = crm_intent_restore(&event, &write, &intent, s->rules, NULL, pool,
                                &err);
    }
    if (rc == CRM_OK) {
        rc = effects_of(&effects, &event, CRM_STR("42"));
    }
    if (rc == CRM_OK) {
        assert_true(same_jobs(&effects.plan, &s->own.plan));
    }

    return rc;
}


static void
without_memory_nothing_is_restored_wrongly(void **state)
{
    size_t          i;
    starved_t       s;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules(RULES);

    for (i = 0; i < WRITES; i += 2) {
        pool = crm_test_pool();
        event = judged(crm_make_write(pool, rules, "M", write_rows[i].request,
                                      write_rows[i].before));
        s.rules = rules;
        s.doc = intent_of(event);
        s.runs = 0;
        assert_int_equal(effects_of(&s.own, event, CRM_STR("42")), CRM_OK);

        crm_test_starve(starve_restore, &s);
        assert_true(s.runs > 100);
        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(it_tells_all_that_recovery_needs),
    cmocka_unit_test(a_record_that_nobody_looked_at_is_empty),
    cmocka_unit_test(from_it_come_the_jobs_that_the_request_would_have_pushed),
    cmocka_unit_test(marks_of_others_are_not_taken_away_without_the_lease),
    cmocka_unit_test(rules_that_are_not_its_own_are_refused),
    cmocka_unit_test(who_was_assigned_is_told_again),
    cmocka_unit_test(an_assignment_that_was_changed_by_hand_is_refused),
    cmocka_unit_test(without_memory_nothing_is_restored_wrongly),
};

CRM_TEST_MAIN(tests)
