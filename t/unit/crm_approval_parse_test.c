/*
 * The kind approval_process. It would fail if a record could wait for somebody
 * who does not exist.
 */

#include "crm_rules_make.h"

#include "rules/crm_approval.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},{'kind':'role','name':'Sales Director'},"  \
    "{'kind':'user','id':'u1','profile':'P'},"                                \
    "{'kind':'user','id':'u2','profile':'P','status':'inactive'},"
#define CRITERIA  "'criteria':{'field':'D','comparator':'greater_than',"      \
                  "'value':20}"
#define PROCESS(more)                                                         \
    "{'kind':'approval_process','name':'A','module':'M','execute_when':"      \
    "'create_or_edit'" more "}"
#define RULES(rules)  PROCESS(",'rules':[" rules "]")
#define RULE(more)    RULES("{" CRITERIA ",'approvers':[{'type':'manager'}]"  \
                            more "}")
#define GOOD(more)                                                            \
    PROCESS(",'rules':[{" CRITERIA ",'approvers':[{'type':'manager'}]}]" more)


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { PROCESS(""), "", "missing_key", "lacks \"rules\"", "rules" },
        { RULES(""), "rules", "too_few", "at least 1", NULL },
        { "{'kind':'approval_process','name':'A','module':'M','rules':[{"
          CRITERIA ",'approvers':[{'type':'manager'}]}]}", "",
          "missing_key", "lacks \"execute_when\"", "execute_when" },
        { "{'kind':'approval_process','name':'A','module':'M','execute_when':"
          "'delete','rules':[{" CRITERIA ",'approvers':[{'type':'manager'}]}"
          "]}", "execute_when", "unknown_word", "create, edit, create_or_edit",
          NULL },
        { RULES("{'approvers':[{'type':'manager'}]}"), "rules[0]",
          "missing_key", "an approval rule lacks \"criteria\"", "criteria" },
        { RULES("{'criteria':null,'approvers':[{'type':'manager'}]}"),
          "rules[0].criteria", "wrong_value", "would stop every record",
          NULL },
        { RULES("{" CRITERIA "}"), "rules[0]", "missing_key",
          "lacks \"approvers\"", "approvers" },
        { RULES("{" CRITERIA ",'approvers':[]}"), "rules[0].approvers",
          "too_few", "at least 1", NULL },
        { RULES("{" CRITERIA ",'approvers':[{'type':'managr'}]}"),
          "rules[0].approvers[0].type", "unknown_word",
          "type of an approver must be one of: user, role, group",
          "manager" },
        { RULES("{" CRITERIA ",'approvers':[{'type':'address','email':"
                "'a@b.c'}]}"), "rules[0].approvers[0].type", "unknown_word",
          "must be one of", NULL },
        { PEOPLE RULES("{" CRITERIA ",'approvers':[{'type':'role','name':"
                       "'Sales Directr'}]}"), "rules[0].approvers[0].name",
          "unknown_reference", "did you mean \"Sales Director\"?",
          "Sales Director" },
        { PEOPLE RULES("{" CRITERIA ",'approvers':[{'type':'user','id':"
                       "'u7'}]}"), "rules[0].approvers[0].id",
          "unknown_reference", "there is no user \"u7\"", "u1" },
        { PEOPLE RULES("{" CRITERIA ",'approvers':[{'type':'manager'},"
                       "{'type':'user','id':'u2'}]}"),
          "rules[0].approvers[1].id", "inactive_user",
          "user \"u2\" is inactive and cannot be an approver", NULL },
        { PEOPLE GOOD(",'administrators':['u1','u2']"), "administrators[1]",
          "inactive_user", "cannot be an administrator", NULL },
        { RULE(",'approval_mode':'all'"), "rules[0].approval_mode",
          "unknown_word", "anyone, everyone, sequential", NULL },
        { RULE(",'on_aprove':[]"), "rules[0].on_aprove", "unknown_key",
          "did you mean \"on_approve\"?", "on_approve" },
        { RULE(",'on_reject':[{'type':'tasks','name':'x'}]"),
          "rules[0].on_reject[0].name", "unknown_reference",
          "there is no task \"x\"", NULL },
        { RULE(",'on_submit':[{'type':'webhook','name':'x'}]"),
          "rules[0].on_submit[0].type", "unknown_action", "webhooks",
          "webhooks" },
        { GOOD(",'administrators':['u9']"), "administrators[0]",
          "unknown_reference", "there is no user \"u9\"", NULL },
        { GOOD(",'on_missing_approver':'approve'"), "on_missing_approver",
          "unknown_word", "escalate_to_admin, auto_approve", NULL },
        { GOOD(",'sequence':1000001"), "sequence", "wrong_type",
          "from 0 to 1000000", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'D','data_type':"
          "'integer'},{'api_name':'Notes','data_type':'text'}]},"
          GOOD(",'editable_fields':['Note']"), "editable_fields[0]",
          "unknown_field", "did you mean \"Notes\"?", "Notes" },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_process_is_as_it_is_written(void **state)
{
    crm_ruleset_t         *rules;
    const crm_module_t    *module;
    const crm_approval_t  *a;

    (void) state;

    rules = crm_make_rules(PEOPLE GOOD("") ","
        "{'kind':'approval_process','name':'first','module':'M','sequence':5,"
        "'execute_when':'edit','rules':[{" CRITERIA ",'approvers':["
        "{'type':'manager'},{'type':'role','name':'Sales Director'},"
        "{'type':'owner'},{'type':'role_hierarchy'}],'approval_mode':"
        "'sequential','on_approve':[{'type':'field_updates','field':'OK',"
        "'value':true}]}],'editable_fields':['Notes'],'administrators':['u1'],"
        "'on_missing_approver':'auto_approve'}");
    module = crm_make_module(rules, "M");

    assert_int_equal(module->approvals.count, 2);
    a = module->approvals.items[0];

    assert_str(a->name, "first");
    assert_int_equal(a->sequence, 5);
    assert_false(a->on_create);
    assert_true(a->on_edit);
    assert_int_equal(a->rules_count, 1);
    assert_int_equal(a->rules[0].mode, CRM_APPROVAL_SEQUENTIAL);
    assert_int_equal(a->rules[0].approvers_count, 4);
    assert_int_equal(a->rules[0].approvers[0].type, CRM_PARTY_MANAGER);
    assert_str(a->rules[0].approvers[1].name, "Sales Director");
    assert_int_equal(a->rules[0].approvers[2].type, CRM_PARTY_OWNER);
    assert_int_equal(a->rules[0].approvers[3].levels, 1);
    assert_int_equal(a->rules[0].on_submit_count, 0);
    assert_int_equal(a->rules[0].on_approve_count, 1);
    assert_int_equal(a->rules[0].on_approve[0].id, CRM_ACTION_ASYNC_UPDATE);
    assert_str(a->fields[0], "Notes");
    assert_str(a->administrators[0], "u1");
    assert_true(a->auto_approve);

    a = module->approvals.items[1];
    assert_str(a->name, "A");
    assert_int_equal(a->sequence, 1000);
    assert_true(a->on_create);
    assert_true(a->on_edit);
    assert_int_equal(a->rules[0].mode, CRM_APPROVAL_ANYONE);
    assert_false(a->auto_approve);

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_process_is_as_it_is_written),
};

CRM_TEST_MAIN(tests)
