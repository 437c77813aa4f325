/*
 * Why a record is as it is. It would fail by telling somebody that nothing
 * holds a record which a gate refuses, or the other way round.
 */

#include "crm_rules_make.h"

#include "decide/crm_held.h"


#define RULES                                                                 \
    "{'kind':'profile','name':'P'},{'kind':'profile','name':'Admin'},"        \
    "{'kind':'role','name':'Manager'},"                                       \
    "{'kind':'role','name':'Rep','reports_to':'Manager'},"                    \
    "{'kind':'user','id':'ann','name':'Ann Lee','profile':'P','role':"        \
    "'Rep'},"                                                                 \
    "{'kind':'user','id':'bob','name':'Bob Ray','profile':'P','role':"        \
    "'Manager'},"                                                             \
    "{'kind':'user','id':'root','profile':'Admin'},"                          \
    "{'kind':'record_locking','module':'Deals','lock_type':'both',"           \
    "'locking_rules':[{'name':'closed','lock_existing_records':true,"         \
    "'criteria':{'field':'Stage','comparator':'equal','value':'Won'}},"       \
    "{'name':'big','criteria':{'field':'Amount','comparator':"                \
    "'greater_than','value':100}}],'locked_for':"                             \
    "'all_profiles_except_excluded_profiles','lock_excluded_profiles':"       \
    "['Admin'],'excluded_fields':['Note'],'restricted_actions':['update',"    \
    "'delete']},"                                                             \
    "{'kind':'blueprint','name':'Pipeline','module':'Deals','field':'Stage'," \
    "'criteria':null,'states':[],'transitions':["                             \
    "{'id':'propose','name':'Send','from':['New'],'to':'Sent','before':"      \
    "{'owners':[{'type':'manager'}],'criteria':null},'during':{'fields':"     \
    "[{'field':'Amount','required':true}]}},"                                 \
    "{'id':'drop','name':'Drop','from':['*'],'to':'Lost','automatic_after':"  \
    "{'unit':30,'period':'days'}}]}"

#define SAID  8

typedef struct {
    const char  *what;
    const char  *user;
    const char  *stored;        /* NULL: unread */
    const char  *fields[8];     /* of the hash: name, value */
    const char  *has[SAID];     /* parts of the document */
    const char  *lacks[4];
} held_row_t;


static const held_row_t  rows[] = {
    { "nothing", "ann", "{'Stage':'New','Amount':1}", { NULL },
      { "'stored':'read'", "'locked':false", "'locked_for_user':false",
        "'locks':[]", "'approval':null", "'blueprint':null", "not locked",
        "'timers':[]" },
      { NULL } },
    { "a rule that locks what was there before", "ann",
      "{'Stage':'Won','Amount':1}", { NULL },
      { "'locked':true", "'locked_for_user':true", "'rule':'closed'",
        "'reads':['Stage']", "'marked':false", "lock_existing_records",
        "users of the profile Admin", "everybody may write Note" },
      { "'big'", "not locked" } },
    { "a rule that needs a mark, and has none", "ann",
      "{'Stage':'New','Amount':500}", { NULL },
      { "'locked':false", "'rule':'big','matches':true,'marked':false",
        "'locks':false", "does not lock it" },
      { NULL } },
    { "and has one", "ann", "{'Stage':'New','Amount':500}",
      { "lock", "['big']", "lock_by", "{'event':'E9','at':1795305600000}" },
      { "'locked':true", "'matches':true,'marked':true", "'event':'E9'",
        "since 2026-11-22T00:00:00", "through event E9" },
      { "does not lock it" } },
    { "a mark alone", "ann", "{'Stage':'New','Amount':5}",
      { "lock", "['big']" },
      { "'locked':false", "'matches':false,'marked':true,'existing':false,"
        "'locks':false" },
      { NULL } },
    { "a write that may be done", "ann", "{'Stage':'New','Amount':500}",
      { "maybe:E1", "['big']" }, { "'locked':true" }, { NULL } },
    { "what the stored record does not show", "ann", "{'Stage':'New'}",
      { "lock", "['big']" }, { "'locked':true", "'matches':null" },
      { NULL } },
    { "an excluded profile", "root", "{'Stage':'Won','Amount':1}", { NULL },
      { "'locked':true", "'locked_for_user':false",
        "not locked for root: the profile Admin is excluded" },
      { NULL } },
    { "nobody asks", "", "{'Stage':'Won','Amount':1}", { NULL },
      { "'user':null", "'locked':true", "'locked_for_user':null" },
      { NULL } },
    { "nobody has read it", "ann", NULL, { NULL },
      { "'stored':'unread'", "'locked':null", "only the stored record tells",
        "--backend URL" },
      { "not locked", "'big'" } },
    { "locked by hand", "ann", NULL,
      { "manual", "{'id':'L1','by':'bob','name':'Bob Ray','reason':'Audit',"
                  "'at':1795305600000,'event':'E2'}" },
      { "'locked':true", "'source':'manual'", "'reason':'Audit'",
        "locked by Bob Ray (bob) since 2026-11-22T00:00:00",
        "crmctl locks release Deals/7" },
      { NULL } },
    { "what nobody can read", "ann", "{'Stage':'New','Amount':1}",
      { "manual", "{broken", "approval", "[]", "blueprint", "7", "lock",
        "7" },
      { "'locked':true", "'approval':null", "'blueprint':null",
        "holds as \\\"manual\\\" of this record cannot be read",
        "as \\\"approval\\\"" },
      { NULL } },
    { "waiting for somebody", "ann", "{'Stage':'New','Amount':1}",
      { "approval", "{'process':'Discount','state':'waiting','level':2,"
                    "'approvers':[['ann'],['bob','root']],'given':[{'user':"
                    "'root','at':1}],'submitter':'ann','at':1795305600000,"
                    "'event':'E3'}" },
      { "'process':'Discount'", "'level':2,'levels':2",
        "'asked':[{'id':'bob','name':'Bob Ray (bob)'}]", "'submitter':'ann'",
        "level 2 of 2: asked is Bob Ray (bob)" },
      { NULL } },
    { "rejected", "ann", "{'Stage':'New','Amount':1}",
      { "approval", "{'process':'Discount','state':'rejected','level':1,"
                    "'approvers':[['bob']]}" },
      { "'asked':[]", "has rejected it" }, { NULL } },
    { "a transition for others", "ann",
      "{'Stage':'New','Amount':1,'Owner':{'id':'ann'}}",
      { "blueprint", "{'blueprint':'Pipeline','state':'New','since':"
                     "1795305600000}" },
      { "'state':'New'", "'id':'propose'", "'to':'Sent','may':false",
        "'needs':['Amount']", "'id':'drop'", "'to':'Lost','may':true,"
        "'automatic':true", "but not for this user" },
      { NULL } },
    { "a transition for the manager of the owner", "bob",
      "{'Stage':'New','Amount':1,'Owner':{'id':'ann'}}",
      { "blueprint", "{'blueprint':'Pipeline','state':'New'}" },
      { "'to':'Sent','may':true" }, { NULL } },
    { "a blueprint that has gone", "bob", "{'Stage':'New','Amount':1}",
      { "blueprint", "{'blueprint':'Old','state':'X'}" },
      { "'next':[]", "the field is free" }, { NULL } },
};


static crm_str_t
held_doc(crm_pool_t *pool, const crm_ruleset_t *rules, const held_row_t *row,
    crm_holds_t *holds)
{
    size_t             i;
    crm_buf_t          buf;
    crm_held_t         held;
    crm_holds_field_t  fields[4];

    memset(&held, 0, sizeof(held));
    held.rules = rules;
    held.record.module = CRM_STR("Deals");
    held.record.id = CRM_STR("7");
    held.user = crm_strz(row->user);
    held.stored = crm_make_record(pool, row->stored);
    held.holds = holds;

    for (i = 0; i < 8 && row->fields[i]; i += 2) {
        fields[i / 2].name = crm_strz(row->fields[i]);
        fields[i / 2].value = crm_make_text(pool, row->fields[i + 1]);
    }

    holds->now_ms = CRM_MAKE_NOW;
    holds->fields = fields;
    holds->n_fields = i / 2;

    crm_buf_init(&buf, pool, 0);
    assert_row(crm_held_write(&held, &buf, pool) == CRM_OK, row->what);
    crm_buf_putc(&buf, '\0');

    return crm_str(buf.data, buf.len - 1);
}


static void
a_record_is_held_by_what_would_refuse_a_write(void **state)
{
    size_t          i, k;
    json_t         *json;
    crm_str_t       doc;
    crm_pool_t     *pool;
    const char     *part;
    crm_holds_t     holds;
    crm_ruleset_t  *rules;

    (void) state;
    rules = crm_make_rules(RULES);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        memset(&holds, 0, sizeof(holds));
        doc = held_doc(pool, rules, &rows[i], &holds);

        json = json_loads(doc.data, JSON_REJECT_DUPLICATES, NULL);
        assert_row(json != NULL, doc.data);
        json_decref(json);

        for (k = 0; k < SAID && rows[i].has[k]; k++) {
            part = crm_make_text(pool, rows[i].has[k]).data;
            if (strstr(doc.data, part) == NULL) {
                fail_msg("%s: no %s in %s", rows[i].what, part, doc.data);
            }
        }

        for (k = 0; k < 4 && rows[i].lacks[k]; k++) {
            part = crm_make_text(pool, rows[i].lacks[k]).data;
            if (strstr(doc.data, part)) {
                fail_msg("%s: %s in %s", rows[i].what, part, doc.data);
            }
        }

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* A lease, writes without an end, timers; those of other records are not. */
static void
what_is_under_way_is_told(void **state)
{
    crm_str_t          doc;
    crm_pool_t        *pool;
    crm_holds_t        holds;
    crm_ruleset_t     *rules;
    crm_holds_job_t    jobs[4];
    crm_holds_write_t  writes[2];

    static const held_row_t  row = { "", "ann", "{'Stage':'New'}", { NULL },
                                     { NULL }, { NULL } };

    (void) state;
    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    memset(&holds, 0, sizeof(holds));
    memset(jobs, 0, sizeof(jobs));
    memset(writes, 0, sizeof(writes));

    holds.busy = CRM_STR("E5");
    holds.busy_ms = 700;
    writes[0].event = CRM_STR("E5");
    writes[0].state = CRM_STR("prepared");
    writes[1].event = CRM_STR("E4");
    writes[1].state = CRM_STR("undetermined");
    writes[1].reason = CRM_STR("it could be either");
    writes[1].undetermined = 1;
    holds.writes = writes;
    holds.n_writes = 2;

    jobs[0].id = CRM_STR("j1");
    jobs[0].due_ms = CRM_MAKE_NOW;
    jobs[0].body = crm_make_text(pool, "{'module':'Deals','record_id':'7',"
                                       "'type':'tasks','rule':'Call','event':"
                                       "'E1','waits':{'block':1}}");
    jobs[1].body = crm_make_text(pool, "{'module':'Leads','record_id':'7',"
                                       "'rule':'other'}");
    jobs[2].body = CRM_STR("nonsense");
    jobs[3].id = CRM_STR("j4");
    jobs[3].body = crm_make_text(pool, "{'module':'Deals','record_id':'7',"
                                       "'type':'webhooks','rule':'Tell'}");
    holds.jobs = jobs;
    holds.n_jobs = 4;
    holds.unseen = 12;

    doc = held_doc(pool, rules, &row, &holds);

    assert_non_null(strstr(doc.data, "\"busy\":{\"event\":\"E5\",\"ms\":700}"));
    assert_non_null(strstr(doc.data, "crmctl intents settle E4"));
    assert_null(strstr(doc.data, "event E5 has begun and not ended"));
    assert_non_null(strstr(doc.data, "\"timers\":[{\"id\":\"j1\",\"due\":"
                           "1795305600000,\"type\":\"tasks\",\"rule\":"
                           "\"Call\",\"event\":\"E1\",\"waits\":true},"
                           "{\"id\":\"j4\""));
    assert_non_null(strstr(doc.data, "a timer of \\\"Call\\\" runs at"));
    assert_non_null(strstr(doc.data, "is tried again"));
    assert_non_null(strstr(doc.data, "12 later timers"));
    assert_null(strstr(doc.data, "other"));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_record_is_held_by_what_would_refuse_a_write),
    cmocka_unit_test(what_is_under_way_is_told),
};

CRM_TEST_MAIN(tests)
