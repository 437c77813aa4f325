/*
 * What the backend sets by itself at each update. It would fail by telling who
 * changed a record the time before, or by waiting for what the answer shows.
 */

#include "crm_rules_make.h"

#include "queue/crm_renew.h"
#include "record/crm_dialect_kind.h"


#define RULE(actions)                                                         \
    "{'kind':'workflow_rule','module':'M','name':'r','execute_when':{'type':" \
    "'create_or_edit'},'conditions':[{'instant_actions':[" actions "]}]}"
#define HOOK(body)                                                            \
    "{'kind':'webhook','name':'W','module':'M','url':'https://h/','body':"    \
    "{'type':'raw','format':'Text','content':'" body "'}},"                   \
    RULE("{'type':'webhooks','name':'W'}")
#define WHOLE                                                                 \
    "{'kind':'webhook','name':'W','module':'M','url':'https://h/'},"          \
    RULE("{'type':'webhooks','name':'W'}")
#define MODULE                                                                \
    "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"      \
    "'integer'},{'api_name':'Sum','data_type':'formula'},{'api_name':'Nr',"   \
    "'data_type':'autonumber'}]},"
#define STORED                                                                \
    "{'id':'42','A':0,'Modified_By':{'id':'9','name':'Old'},"                 \
    "'Modified_Time':'2001','Created_By':'Ann','Sum':7,'Nr':'N1'}"
#define SHOWN                                                                 \
    "{'id':'42','Modified_By':{'id':'1','name':'New'},'Modified_Time':"       \
    "'2026','A':5,'Created_By':'Ben'}"


typedef struct {
    const char  *name;
    const char  *objects;
    const char  *request;
    const char  *before;
    const char  *shown;
    const char  *told;          /* body or fields of the job, then what is
                                   late */
} case_t;

static const case_t  cases[] = {

    { "what the answer shows is told",
      HOOK("${!M.Modified_By} ${!M.Modified_By.id} ${!M.Modified_Time}"),
      "{'A':1}", STORED, SHOWN, "New 1 2026" },

    { "what it does not show is late",
      HOOK("${!M.Modified_By} ${!M.Modified_Time}"), "{'A':1}", STORED, NULL,
      "late Modified_By Modified_Time" },

    { "a part that is lacking makes the job late",
      HOOK("${!M.Modified_By} ${!M.Modified_Time}"), "{'A':1}", STORED,
      "{'Modified_By':'New'}", "late Modified_Time" },

    { "what a client sends of it does not count",
      HOOK("${!M.Modified_By}"), "{'Modified_By':'Me'}", STORED, NULL,
      "late Modified_By" },

    { "an empty one that is shown is empty",
      HOOK("<${!M.Modified_By}>"), "{'A':1}", STORED, "{'Modified_By':null}",
      "<>" },

    { "nothing else is taken from the answer",
      HOOK("${!M.A} ${!M.Created_By} ${!M.Modified_Time}"), "{'A':1}", STORED,
      SHOWN, "1 Ann 2026" },

    { "what was there before stays what it was",
      HOOK("${OLD!M.Modified_Time}"), "{'A':1}", STORED, NULL, "2001" },

    { "who asks for other fields waits for none",
      HOOK("${!M.A} ${!M.Created_By}"), "{'A':1}", STORED, NULL, "1 Ann" },

    { "a formula is worked out anew, a number is not given again",
      MODULE HOOK("${!M.Sum} ${!M.Nr}"), "{'A':1}", STORED, SHOWN,
      "late Sum" },

    { "a number is as it was",
      MODULE HOOK("${!M.Nr}"), "{'A':1}", STORED, SHOWN, "N1" },

    { "a new record has what the answer shows",
      HOOK("${!M.Created_By} ${!M.A}"), "{'A':1}", NULL, SHOWN, "Ben 1" },

    { "or is late, by what it lacks alone",
      HOOK("${!M.Created_By} ${!M.Owner}"), "{'A':1}", NULL, SHOWN,
      "late Owner" },

    { "what a client says of a new record is kept",
      HOOK("${!M.Created_By}"), "{'Created_By':'Me'}", NULL, SHOWN, "Me" },

    { "a copied value is the new one",
      RULE("{'type':'field_updates','field':'F','mode':'async','value':"
           "{'field':'Modified_Time'}}"), "{'A':1}", STORED, SHOWN,
      "{'F':'2026'}" },

    { "a copied value may be late",
      RULE("{'type':'field_updates','field':'F','mode':'async','value':"
           "{'merge':'by ${!M.Modified_By}'}}"), "{'A':1}", STORED, NULL,
      "late Modified_By" },

    { "so may one in a new record",
      RULE("{'type':'create_record','module':'N','fields':{'F':"
           "{'field':'Modified_Time'}}}"), "{'A':1}", STORED, NULL,
      "late Modified_Time" },

    { "and one in a task",
      "{'kind':'task','name':'T','module':'M','subject':'${!M.Modified_By}'},"
      RULE("{'type':'tasks','name':'T'}"), "{'A':1}", STORED, NULL,
      "late Modified_By" },

    { "and an argument of a function",
      "{'kind':'function','name':'f','source':'return 1;','arguments':"
      "[{'name':'x','type':'text'}]},"
      RULE("{'type':'functions','name':'f','arguments':"
           "{'x':'${!M.Modified_By}'}}"), "{'A':1}", STORED, NULL,
      "late Modified_By" },

    { "and one in a mail",
      "{'kind':'email_template','name':'T','subject':'by ${!M.Modified_By}',"
      "'text':'x'},{'kind':'email_notification','name':'N','module':'M',"
      "'template':'T','from':'crm@x.test','recipients':[{'type':'address',"
      "'email':'a@x.test'}]},"
      RULE("{'type':'email_notifications','name':'N'}"), "{'A':1}", STORED,
      NULL, "late Modified_By" },

    { "and who gets it",
      "{'kind':'email_template','name':'T','subject':'s','text':'x'},"
      "{'kind':'email_notification','name':'N','module':'M',"
      "'template':'T','from':'crm@x.test','recipients':[{'type':'field',"
      "'field':'Modified_By'}]},"
      RULE("{'type':'email_notifications','name':'N'}"), "{'A':1}", STORED,
      NULL, "late Modified_By" },
};


/* The event of a write that is done, with what its answer shows. */
static crm_event_t *
event_of(crm_pool_t *pool, const crm_ruleset_t *rules, const case_t *c,
    int unasked)
{
    crm_event_t  *event;
    crm_write_t  *w;

    w = crm_make_write(pool, rules, "M", c->request, c->before);
    w->unasked = unasked;
    event = crm_make_event(w);
    event->shown = crm_make_record(pool, c->shown);

    return event;
}


static const char *
told_of(crm_pool_t *pool, const crm_event_t *event, int *late)
{
    char        *text;
    size_t       i;
    json_t      *job, *action, *told, *names;
    crm_buf_t    buf;
    crm_plan_t   plan;

    assert_int_equal(crm_plan(&plan, event), CRM_OK);
    assert_int_equal(plan.jobs_count, 1);

    job = json_loadb(plan.jobs[0].json.data, plan.jobs[0].json.len,
                     JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(job);

    names = json_object_get(job, "late");
    *late = json_object_get(job, "waits") != NULL;
    crm_buf_init(&buf, pool, 0);

    if (*late) {
        assert_true(json_is_null(json_object_get(job, "record")));
        crm_buf_puts(&buf, "late");

        for (i = 0; i < json_array_size(names); i++) {
            crm_buf_putc(&buf, ' ');
            crm_buf_puts(&buf, json_string_value(json_array_get(names, i)));
        }

    } else {
        action = json_object_get(job, "action");
        told = json_object_get(action, "body");
        told = told ? told : json_object_get(action, "fields");
        text = json_dumps(told, JSON_COMPACT | JSON_ENCODE_ANY
                                | JSON_SORT_KEYS);
        assert_non_null(text);

        for (i = json_is_string(told) ? 1 : 0;
             text[i] && (text[i + 1] || !json_is_string(told)); i++)
        {
            crm_buf_putc(&buf, text[i] == '"' ? '\'' : text[i]);
        }

        free(text);
    }

    crm_buf_putc(&buf, '\0');
    assert_int_equal(crm_buf_status(&buf), CRM_OK);
    json_decref(job);

    return buf.data;
}


static void
jobs_tell_what_the_backend_has_set_now(void **state)
{
    int             late;
    size_t          i;
    crm_pool_t     *pool;
    const char     *told;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_rules(cases[i].objects);
        event = event_of(pool, rules, &cases[i], 0);
        told = told_of(pool, event, &late);

        if (strcmp(told, cases[i].told)) {
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, told,
                     cases[i].told);
        }

        assert_row(!late || crm_renew_wanted(event), cases[i].name);

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


/* Where nobody will ask it is empty, and the job says so. */
static void
where_nobody_asks_it_is_empty(void **state)
{
    int             late;
    size_t          i;
    crm_pool_t     *pool;
    const char     *told;
    crm_ruleset_t  *rules;

    static const case_t  rows[] = {
        { "a merge field", HOOK("<${!M.Modified_By|-}>"), "{'A':1}", STORED,
          NULL, "<->" },
        { "a copied value",
          RULE("{'type':'field_updates','field':'F','mode':'async','value':"
               "{'field':'Modified_Time'}}"), "{'A':1}", STORED, NULL,
          "{'F':null}" },
        { "a new record", HOOK("<${!M.Created_By}>"), "{'A':1}", NULL, NULL,
          "<>" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_rules(rows[i].objects);
        told = told_of(pool, event_of(pool, rules, &rows[i], 1), &late);

        assert_row(!late && strcmp(told, rows[i].told) == 0, rows[i].name);

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


/* The record as a whole holds nothing that has been set anew since. */
static void
a_record_that_is_told_whole_holds_nothing_old(void **state)
{
    int             late;
    size_t          i;
    crm_pool_t     *pool;
    const char     *told;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *shown;
        const char  *has;
        const char  *lacks;
    } rows[] = {
        { SHOWN, "2026", "2001" },
        { NULL, "Created_By", "'Modified_Time\\':'2001" },
    };

    (void) state;

    for (i = 0; i < 2; i++) {
        const case_t  c = { "", WHOLE, "{'A':1}", STORED, rows[i].shown, "" };
        char         *before;

        pool = crm_test_pool();
        rules = crm_make_rules(WHOLE);
        told = told_of(pool, event_of(pool, rules, &c, 0), &late);

        before = strstr(told, "before");
        assert_int_equal(late, 0);
        assert_non_null(before);
        assert_non_null(strstr(before, "2001"));
        *before = '\0';
        assert_non_null(strstr(told, rows[i].has));
        assert_null(strstr(told, "2001"));

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static void
who_asks_for_nothing_costs_nothing(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    static const case_t  rows[] = {
        { "a plain field", HOOK("${!M.A}"), "{'A':1}", STORED, NULL, "" },
        { "a stored one", HOOK("${OLD!M.Modified_By}"), "{'A':1}", STORED,
          NULL, "" },
        { "a new record as it was sent", WHOLE, "{'A':1}", NULL, NULL, "" },
        { "a rule that has no jobs", RULE("{'type':'field_updates','field':"
          "'F','value':{'field':'Modified_By'}}"), "{'A':1}", STORED, NULL,
          "" },
        { "a rule in shadow",
          "{'kind':'webhook','name':'W','module':'M','url':'https://h/'},"
          "{'kind':'workflow_rule','module':'M','name':'r','status':'shadow',"
          "'execute_when':{'type':'edit'},'conditions':[{'instant_actions':"
          "[{'type':'webhooks','name':'W'}]}]}", "{'A':1}", STORED, NULL, "" },
        { "a deletion",
          "{'kind':'webhook','name':'W','module':'M','url':"
          "'https://h/?x=${!M.Modified_By}'},{'kind':'workflow_rule','module':"
          "'M','name':'r','execute_when':{'type':'delete'},'conditions':"
          "[{'instant_actions':[{'type':'webhooks','name':'W'}]}]}", NULL,
          STORED, NULL, "" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_rules(rows[i].objects);
        event = event_of(pool, rules, &rows[i], 0);

        assert_row(!crm_renew_wanted(event), rows[i].name);

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


/* A worker must know the dialect to look: one of the location's own, that the
 * rules do not have, is not known; such a value is not made up, either. */
static void
without_a_dialect_that_a_worker_knows_it_is_empty(void **state)
{
    int             late;
    crm_pool_t     *pool;
    const char     *told;
    crm_event_t    *event;
    crm_dialect_t   ours;
    crm_ruleset_t  *rules;

    const case_t  c = { "", HOOK("<${!M.Modified_By}>"), "{'A':1}", STORED,
                        NULL, "" };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(c.objects);
    event = event_of(pool, rules, &c, 0);

    ours.name = "ours";
    ours.file = event->write->dialect->file;
    event->write->dialect = &ours;

    told = told_of(pool, event, &late);
    assert_string_equal(told, "<>");

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Each of the dialects that are built in, by its own names. */
static void
dialects_say_what_they_set_anew(void **state)
{
    size_t                i, k;
    const crm_dialect_t  *dialect;

    static const struct {
        const char  *dialect;
        const char  *renews[5];
        const char  *keeps[4];
    } rows[] = {
        { "zoho", { "Modified_By", "Modified_Time" },
          { "Owner", "Created_By", "Created_Time" } },
        { "espocrm", { "modifiedAt", "modifiedById", "modifiedByName",
                       "versionNumber" },
          { "createdAt", "createdById", "assignedUserId" } },
        { "directus", { "date_updated", "user_updated" },
          { "date_created", "user_created" } },
        { "rest", { NULL }, { "Owner", "Modified_Time", "updatedAt" } },
        { "json-server", { "updatedAt" }, { "Owner", "createdAt" } },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dialect = crm_dialect_find(crm_strz(rows[i].dialect));
        assert_row(dialect, rows[i].dialect);
        assert_row(crm_dialect_renews(dialect) == (rows[i].renews[0] != NULL),
                   rows[i].dialect);

        for (k = 0; rows[i].renews[k]; k++) {
            assert_row(crm_dialect_backend_renews(dialect,
                           crm_strz(rows[i].renews[k])), rows[i].renews[k]);
        }

        for (k = 0; rows[i].keeps[k]; k++) {
            assert_row(!crm_dialect_backend_renews(dialect,
                           crm_strz(rows[i].keeps[k])), rows[i].keeps[k]);
        }
    }
}


static crm_status_t
starved(crm_pool_t *pool, void *data)
{
    crm_plan_t    plan;
    crm_pool_t   *own;
    crm_event_t  *event;
    crm_status_t  rc;

    event = data;
    own = event->write->pool;

    event->write->pool = pool;
    rc = crm_plan(&plan, event);
    event->write->pool = own;

    return rc;
}


static void
exhausted_memory_is_reported(void **state)
{
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    const case_t  c = { "", HOOK("${!M.Modified_By}"), "{'A':1}", STORED,
                        SHOWN, "" };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(c.objects);

    crm_test_starve(starved, event_of(pool, rules, &c, 0));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(jobs_tell_what_the_backend_has_set_now),
    cmocka_unit_test(where_nobody_asks_it_is_empty),
    cmocka_unit_test(a_record_that_is_told_whole_holds_nothing_old),
    cmocka_unit_test(who_asks_for_nothing_costs_nothing),
    cmocka_unit_test(without_a_dialect_that_a_worker_knows_it_is_empty),
    cmocka_unit_test(dialects_say_what_they_set_anew),
    cmocka_unit_test(exhausted_memory_is_reported),
};

CRM_TEST_MAIN(tests)
