/*
 * What somebody is to do, what is made, who owns it, how it is tagged. These
 * would fail by a field that the other module does not have, by a person who
 * does not exist, or by a time that nobody meant.
 */

#include "crm_rules_make.h"
#include "rules/crm_kind.h"


#define TASK(more)                                                            \
    "{'kind':'task','name':'T','module':'M'" more "}"
#define SUBJECT  ",'subject':'Call ${!M.Name}'"
#define DO(action)                                                            \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{'type':" \
    "'create'},'conditions':[{'instant_actions':[" action "]}]}"
#define AT  "conditions[0].instant_actions[0]"
#define MAKE(module, fields)                                                  \
    DO("{'type':'create_record','module':'" module "','fields':" fields "}")
#define PROJECTS                                                              \
    "{'kind':'module','name':'P','fields':[{'api_name':'Name','data_type':"   \
    "'text'}]},"
#define OWN(who)   DO("{'type':'assign_owner','assign_to':[" who "]}")
#define TAG(tags)  DO("{'type':'add_tags','tags':" tags "}")
#define ROLE       "{'kind':'role','name':'Rep'},"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { TASK(""), "", "missing_key", "lacks \"subject\"", "subject" },
        { TASK(",'subject':'${!L.A}'"), "subject", "bad_merge_field",
          "write ${!M.Field}", NULL },
        { TASK(SUBJECT ",'due':{'unit':2}"), "due", "missing_key",
          "lacks \"period\"", "period" },
        { TASK(SUBJECT ",'due':{'unit':2,'period':'hours'}"), "due.period",
          "unknown_word", "days, business_days, weeks, months, years",
          "years" },
        { TASK(SUBJECT ",'due':{'unit':2,'period':'day'}"), "due.period",
          "unknown_word", "must be one of", "days" },
        { TASK(SUBJECT ",'due':{'unit':-1,'period':'days'}"), "due.unit",
          "wrong_value", "from 0 to 3650 for days", NULL },
        { TASK(SUBJECT ",'due':{'unit':521,'period':'weeks'}"), "due.unit",
          "wrong_value", "from 0 to 520 for weeks", NULL },
        { TASK(SUBJECT ",'assign_to':{'type':'role','name':'x'}"),
          "assign_to.type", "unknown_word", "user, record_owner", NULL },
        { TASK(SUBJECT ",'notify':'yes'"), "notify", "wrong_type",
          "true or false", NULL },
        { "{'kind':'task','name':'T','module':'L','subject':'x'},"
          DO("{'type':'tasks','name':'T'}"), AT ".name", "wrong_module",
          "task \"T\" is for module L, not for M", NULL },
        { TASK(SUBJECT) "," DO("{'type':'tasks','name':'U'}"), AT ".name",
          "unknown_reference", "there is no task \"U\"", NULL },

        { MAKE("P", "{}"), AT ".fields", "too_few", "1 to 25", NULL },
        { PROJECTS MAKE("P", "{'Nane':'x'}"), AT ".fields.Nane",
          "unknown_field", "module P declares no field \"Nane\"", "Name" },
        { MAKE("P", "{'Name':'${!P.Name}'}"), AT ".fields.Name",
          "bad_merge_field", "write ${!M.Field}", NULL },
        { MAKE("P", "{'id':'7'}"), AT ".fields.id", "wrong_value",
          "written by the backend alone", NULL },
        { DO("{'type':'create_record','fields':{'Name':'x'}}"), AT,
          "missing_key", "lacks \"module\"", "module" },

        { OWN(""), AT ".assign_to", "too_few", "at least 1", NULL },
        { OWN("{'type':'record_owner'}"), AT ".assign_to[0].type",
          "unknown_word", "round_robin", NULL },
        { OWN("{'type':'round_robin'}"), AT ".assign_to[0]", "missing_key",
          "one of: group, role, users", "group" },
        { ROLE OWN("{'type':'round_robin','role':'Rep','group':'x'}"),
          AT ".assign_to[0]", "missing_key", "one of: group, role, users",
          "group" },
        { ROLE OWN("{'type':'round_robin','role':'Reb'}"),
          AT ".assign_to[0].role", "unknown_reference",
          "did you mean \"Rep\"?", "Rep" },
        { OWN("{'type':'round_robin','users':['7']}"),
          AT ".assign_to[0].users[0]", "unknown_reference",
          "there is no user \"7\"", NULL },
        { OWN("{'type':'assignment_rule','name':'x'}"),
          AT ".assign_to[0].name", "unknown_reference",
          "there is no assignment_rule \"x\"", NULL },

        { TAG("[]"), AT ".tags", "too_few", "at least 1", NULL },
        { TAG("['a',7]"), AT ".tags[1]", "wrong_type", "must be text", NULL },
        { TAG("['Big','big']"), AT ".tags[1]", "duplicate_name",
          "stands there twice", NULL },
        { TAG("['a','b','c','d','e','f','g','h','i','j','k']"), AT ".tags",
          "limit_exceeded", "at most 10", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static const crm_action_t *
action_of(const crm_ruleset_t *rules)
{
    return &crm_make_module(rules, "M")->workflows[0]->conditions[0]
            .actions[0];
}


static void
a_task_is_taken_as_given(void **state)
{
    crm_ruleset_t     *rules;
    const crm_task_t  *task;

    (void) state;

    rules = crm_make_rules(TASK(SUBJECT) ","
                           DO("{'type':'tasks','name':'T'}"));
    task = action_of(rules)->u.task;

    assert_int_equal(action_of(rules)->id, CRM_ACTION_TASK);
    assert_str(task->name, "T");
    assert_false(task->has_due);
    assert_false(task->notify);
    assert_int_equal(task->assign_to.type, CRM_PARTY_OWNER);
    crm_ruleset_release(rules);

    rules = crm_make_rules(TASK(SUBJECT ",'due':{'unit':2,'period':"
        "'business_days'},'notify':true,'assign_to':{'type':'field','field':"
        "'Buddy'}") "," DO("{'type':'tasks','name':'T'}"));
    task = action_of(rules)->u.task;

    assert_true(task->has_due);
    assert_true(task->notify);
    assert_int_equal(task->due.unit, 2);
    assert_int_equal(task->due.period, CRM_PERIOD_BUSINESS_DAYS);
    assert_int_equal(task->assign_to.type, CRM_PARTY_FIELD);
    assert_str(task->assign_to.name, "Buddy");
    crm_ruleset_release(rules);
}


static void
a_new_records_fields_are_merged_copied_or_fixed(void **state)
{
    crm_ruleset_t       *rules;
    const crm_create_t  *create;

    (void) state;

    rules = crm_make_rules(PROJECTS MAKE("P2", "{'Name':'${!M.Name} x',"
        "'Size':3,'Copy':{'field':'Amount'},'Plain':'text','None':"
        "'${EMPTY}'}"));
    create = action_of(rules)->u.create;

    assert_str(create->module, "P2");
    assert_int_equal(create->fields_count, 5);
    assert_int_equal(create->fields[0].source, CRM_UPDATE_MERGE);
    assert_str(create->fields[1].json, "3");
    assert_int_equal(create->fields[2].source, CRM_UPDATE_FIELD);
    assert_str(create->fields[2].other, "Amount");
    assert_str(create->fields[3].json, "\"text\"");
    assert_str(create->fields[4].json, "null");
    crm_ruleset_release(rules);
}


static void
owners_and_tags_are_taken_as_given(void **state)
{
    crm_ruleset_t       *rules;
    const crm_assign_t  *assign;

    (void) state;

    rules = crm_make_rules(ROLE OWN("{'type':'round_robin','role':'Rep'},"
        "{'type':'field','field':'Buddy'},{'type':'current_user'}"));
    assign = action_of(rules)->u.assign;

    assert_int_equal(assign->to_count, 3);
    assert_int_equal(assign->to[0].type, CRM_PARTY_ROUND_ROBIN);
    assert_int_equal(assign->to[0].of, CRM_PARTY_ROLE);
    assert_str(assign->to[0].name, "Rep");
    assert_int_equal(assign->to[2].type, CRM_PARTY_CURRENT_USER);
    crm_ruleset_release(rules);

    rules = crm_make_rules(TAG("['small','old']"));
    assert_int_equal(action_of(rules)->id, CRM_ACTION_ADD_TAGS);
    assert_int_equal(action_of(rules)->u.tags->count, 2);
    assert_str(action_of(rules)->u.tags->tags[1], "old");
    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_task_is_taken_as_given),
    cmocka_unit_test(a_new_records_fields_are_merged_copied_or_fixed),
    cmocka_unit_test(owners_and_tags_are_taken_as_given),
};

CRM_TEST_MAIN(tests)
