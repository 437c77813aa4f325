/*
 * Jobs that write records. They would fail by a value that is not the rule's,
 * by a task for somebody who has left, or by an owner whom two rules gave.
 */

#include "crm_rules_make.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},"                                          \
    "{'kind':'role','name':'R'},"                                             \
    "{'kind':'user','id':'1','name':'Ann','profile':'P','role':'R'},"         \
    "{'kind':'user','id':'2','name':'Ben','profile':'P','role':'R'},"         \
    "{'kind':'user','id':'3','name':'Cem','profile':'P','role':'R',"          \
    "'status':'inactive'},"                                                   \
    "{'kind':'group','name':'G','members':['3','2']},"
#define RULE(name, more, actions)                                             \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'create_or_edit'},'conditions':["                \
    "{'instant_actions':[" actions "]}]}"
#define ASYNC(field, value)                                                   \
    "{'type':'field_updates','mode':'async','field':'" field "','value':"     \
    value "}"
#define ASSIGN(to)  "{'type':'assign_owner','assign_to':[" to "]}"
#define TASK(more)  "{'kind':'task','name':'T','module':'M'," more "},"
#define DO_TASK     RULE("r", "", "{'type':'tasks','name':'T'}")


/* The jobs' actions of a write, as JSON with apostrophes, a line each; behind
 * it what is late. */
static const char *
actions_of(crm_pool_t *pool, const char *objects, const char *request,
    const char *before)
{
    char           *text;
    size_t          i;
    json_t         *job, *late;
    crm_buf_t       buf;
    crm_plan_t      plan;
    crm_ruleset_t  *rules;

    rules = crm_make_rules(objects);
    assert_int_equal(crm_plan(&plan, crm_make_event(
                         crm_make_write(pool, rules, "M", request, before))),
                     CRM_OK);
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < plan.jobs_count; i++) {
        assert_int_equal(plan.jobs[i].queue, CRM_QUEUE_RECORDS);
        job = json_loadb(plan.jobs[i].json.data, plan.jobs[i].json.len, 0,
                         NULL);
        assert_non_null(job);

        text = json_dumps(json_object_get(job, "action"),
                          JSON_COMPACT | JSON_SORT_KEYS);
        crm_buf_puts(&buf, text);
        free(text);

        late = json_object_get(job, "late");
        crm_buf_puts(&buf, json_array_size(late) ? " late\n" : "\n");
        json_decref(job);
    }

    crm_buf_putc(&buf, '\0');
    assert_int_equal(crm_buf_status(&buf), CRM_OK);
    crm_ruleset_release(rules);

    for (text = buf.data; *text; text++) {
        *text = *text == '"' ? '\'' : *text;
    }

    return buf.data;
}


typedef struct {
    const char  *name;
    const char  *objects;
    const char  *request;
    const char  *before;
    const char  *actions;
} case_t;


static const case_t  cases[] = {

    { "a constant keeps its type",
      RULE("r", "", ASYNC("F", "true") "," ASYNC("G", "null") ","
           ASYNC("H", "[1,'x']")),
      "{'A':1}", "{'A':0}",
      "{'fields':{'F':true}}\n{'fields':{'G':null}}\n"
      "{'fields':{'H':[1,'x']}}\n" },

    { "a copied value is that of the record when it is written",
      RULE("r", "", "{'type':'field_updates','field':'B','value':9},"
           ASYNC("F", "{'field':'B'}")),
      "{'A':1}", "{'A':0,'B':1}", "{'fields':{'F':9}}\n" },

    { "an empty field is copied as one on create",
      RULE("r", "", ASYNC("F", "{'field':'B'}")), "{'A':1}", NULL,
      "{'fields':{'F':null}}\n" },

    { "what nobody has seen is not made up",
      RULE("r", "", ASYNC("F", "{'field':'B'}")), "{'A':1}", "{'A':0}",
      "{'fields':{},'refused':'the record does not show the field B, which"
      " the rule asks for'}\n" },

    { "who has left gets no record by an update of its own, either",
      PEOPLE RULE("r", "", ASYNC("Owner", "'3'")), "{'A':1}", "{'A':0}",
      "{'fields':{'Owner':'3'},'refused':'the user who would own the"
      " record is inactive'}\n" },

    { "a related record is named by its lookup",
      RULE("r", "", "{'type':'field_updates','field':'Total','value':"
           "{'field':'A'},'related':{'field':'Acc','module':'N'}}"),
      "{'A':5,'Acc':{'id':'77','name':'x'}}", NULL,
      "{'fields':{'Total':5},'module':'N','record_id':'77'}\n" },

    { "a lookup that nobody has seen names nothing",
      RULE("r", "", "{'type':'field_updates','field':'Total','value':1,"
           "'related':{'field':'Acc','module':'N'}}"),
      "{'A':5}", "{'A':4}",
      "{'fields':{'Total':1},'module':'N','record_id':'',"
      "'refused':'the record does not show the field Acc, which the rule asks"
      " for'}\n" },

    { "where none is named nothing is done",
      RULE("r", "", "{'type':'field_updates','field':'Total','value':1,"
           "'related':{'field':'Acc','module':'N'}}"),
      "{'A':5}", "{'A':4,'Acc':null}", "" },

    { "the owner is a user who is there",
      PEOPLE RULE("r", "", ASSIGN("{'type':'user','id':'3'},"
                                  "{'type':'user','id':'2'}")),
      "{'A':1}", NULL, "{'owner':'2'}\n" },

    { "nobody is nobody",
      PEOPLE RULE("r", "", ASSIGN("{'type':'user','id':'3'}")),
      "{'A':1}", NULL,
      "{'owner':null,'refused':'assign_to leads to nobody who is active'}\n"
    },

    { "who acts may be the owner; a field may say who",
      PEOPLE RULE("r", "", ASSIGN("{'type':'field','field':'Boss'},"
                                  "{'type':'current_user'}")),
      "{'Boss':{'id':'3'}}", NULL, "{'owner':'u1'}\n" },

    { "users of a role take turns",
      PEOPLE RULE("r", "", ASSIGN("{'type':'round_robin','role':'R'}")),
      "{'A':1}", NULL,
      "{'owner':null,'turn':{'of':'rule:r:1.1','users':['1','2']}}\n" },

    { "one alone takes no turns",
      PEOPLE RULE("r", "", ASSIGN("{'type':'round_robin','group':'G'}")),
      "{'A':1}", NULL, "{'owner':'2'}\n" },

    { "of two rules the first assigns, one in shadow does not",
      PEOPLE RULE("a", ",'sequence':1,'status':'shadow'",
                  ASSIGN("{'type':'user','id':'1'}")) ","
      RULE("b", ",'sequence':2", ASSIGN("{'type':'user','id':'2'}") ","
           ASSIGN("{'type':'user','id':'1'}")) ","
      RULE("c", ",'sequence':3", ASSIGN("{'type':'user','id':'1'}") ","
           ASYNC("F", "1")),
      "{'A':1}", NULL, "{'owner':'2'}\n{'fields':{'F':1}}\n" },

    { "a new record has the owner of this one",
      RULE("r", "", "{'type':'create_record','module':'N','fields':"
           "{'Name':'${!M.A} of ${!M.id}','C':{'field':'A'}}}"),
      "{'A':19,'Owner':{'id':'7'}}", NULL,
      "{'fields':{'C':19,'Name':'19 of 42','Owner':{'id':'7'}},"
      "'module':'N'}\n" },

    { "unless the rule says who",
      RULE("r", "", "{'type':'create_record','module':'N','fields':"
           "{'Owner':'8'}}"),
      "{'A':1,'Owner':{'id':'7'}}", NULL,
      "{'fields':{'Owner':'8'},'module':'N'}\n" },

    { "an owner that nobody has seen is late",
      RULE("r", "", "{'type':'create_record','module':'N','fields':"
           "{'Name':'x'}}"),
      "{'A':1}", NULL, "{'fields':{'Name':'x'},'module':'N'} late\n" },

    { "a task is linked; who has left gives way to the owner",
      PEOPLE TASK("'subject':'Call ${!M.A}','assign_to':"
                  "{'type':'user','id':'3'}") DO_TASK,
      "{'A':'\\u0022x\\u0022'}", "{'A':1,'Owner':{'id':'7'}}",
      "{'fields':{'$se_module':'M','Owner':{'id':'7'},"
      "'Subject':'Call \\'x\\'','What_Id':{'id':'42'}},'module':'Tasks'}\n"
    },

    { "a task for an owner who has left is the CRM's to give",
      PEOPLE TASK("'subject':'s'") DO_TASK, "{'A':2}",
      "{'A':1,'Owner':{'id':'3'}}",
      "{'fields':{'$se_module':'M','Subject':'s','What_Id':{'id':'42'}},"
      "'module':'Tasks'}\n" },
};


static void
each_job_says_what_its_rule_asks_for(void **state)
{
    size_t       i;
    crm_pool_t  *pool;
    const char  *actions;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pool = crm_test_pool();
        actions = actions_of(pool, cases[i].objects, cases[i].request,
                             cases[i].before);

        if (strcmp(actions, cases[i].actions) != 0) {
            fail_msg("%s:\n%s\nnot\n%s", cases[i].name, actions,
                     cases[i].actions);
        }

        crm_pool_destroy(pool);
    }
}


/* Chains are handed on, one rule longer, and never longer than they may be. */
static void
a_job_carries_its_chain_on(void **state)
{
    size_t          i;
    json_t         *job, *chain;
    crm_pool_t     *pool;
    crm_plan_t      plan;
    crm_str_t       fired[CRM_CHAIN_MAX_FIRED];
    crm_chain_t     before;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULE("r", ",'ignore_lock':true",
                                ASYNC("F", "1")));
    w = crm_make_write(pool, rules, "M", "{'A':1}", "{'A':0}");

    for (i = 0; i < CRM_CHAIN_MAX_FIRED; i++) {
        fired[i] = CRM_STR("x");
    }

    memset(&before, 0, sizeof(before));
    before.id = CRM_STR("root");
    before.depth = 3;
    before.fired = fired;
    before.fired_count = CRM_CHAIN_MAX_FIRED;
    before.cascade = 1;
    w->chain = &before;

    assert_int_equal(crm_plan(&plan, crm_make_event(w)), CRM_OK);
    assert_int_equal(plan.jobs_count, 1);

    job = json_loadb(plan.jobs[0].json.data, plan.jobs[0].json.len, 0, NULL);
    chain = json_object_get(job, "chain");
    assert_string_equal(json_string_value(json_object_get(chain, "id")),
                        "root");
    assert_int_equal(json_integer_value(json_object_get(chain, "depth")), 3);
    assert_int_equal(json_array_size(json_object_get(chain, "fired")),
                     CRM_CHAIN_MAX_FIRED);
    assert_true(json_is_false(json_object_get(chain, "cascade")));
    assert_true(json_is_true(json_object_get(chain, "ignore_lock")));

    json_decref(job);
    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_job_says_what_its_rule_asks_for),
    cmocka_unit_test(a_job_carries_its_chain_on),
};

CRM_TEST_MAIN(tests)
