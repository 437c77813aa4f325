/*
 * The kind assignment_rule. It would fail if a record could be given to nobody
 * who exists.
 */

#include "crm_rules_make.h"

#include "rules/crm_assignment.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},{'kind':'role','name':'R'},"               \
    "{'kind':'user','id':'u1','profile':'P','role':'R'},"                     \
    "{'kind':'group','name':'EMEA','members':['u1']},"                        \
    "{'kind':'task','name':'follow-up','module':'M','subject':'x'},"          \
    "{'kind':'task','name':'other','module':'N','subject':'x'},"
#define RULE(more)                                                            \
    PEOPLE "{'kind':'assignment_rule','name':'A','module':'M'" more "}"
#define ENTRY(more)  RULE(",'entries':[{'criteria':null" more "}]")
#define TO           ",'assign_to':{'type':'user','id':'u1'}"
#define GOOD(more)   RULE(",'entries':[{'criteria':null" TO "}]" more)


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { RULE(""), "", "missing_key", "lacks \"entries\"", "entries" },
        { RULE(",'entries':[]"), "entries", "too_few", "at least 1", NULL },
        { RULE(",'entries':[{" "'assign_to':{'type':'user','id':'u1'}}]"),
          "entries[0]", "missing_key", "an entry lacks \"criteria\"",
          "criteria" },
        { ENTRY(""), "entries[0]", "missing_key", "lacks \"assign_to\"",
          "assign_to" },
        { ENTRY(",'assign_to':{'type':'round_robn','group':'EMEA'}"),
          "entries[0].assign_to.type", "unknown_word", "user, round_robin",
          "round_robin" },
        { ENTRY(",'assign_to':{'type':'manager'}"),
          "entries[0].assign_to.type", "unknown_word", "user, round_robin",
          NULL },
        { ENTRY(",'assign_to':{'type':'user','id':'u2'}"),
          "entries[0].assign_to.id", "unknown_reference",
          "there is no user \"u2\"", "u1" },
        { ENTRY(",'assign_to':{'type':'round_robin','group':'EMAE'}"),
          "entries[0].assign_to.group", "unknown_reference",
          "no group \"EMAE\", did you mean \"EMEA\"?", "EMEA" },
        { ENTRY(TO ",'task':'folow-up'"), "entries[0].task",
          "unknown_reference", "did you mean \"follow-up\"?", "follow-up" },
        { ENTRY(TO ",'task':'other'"), "entries[0].task", "wrong_module",
          "is for module N, not for M", NULL },
        { ENTRY(TO ",'tasks':'other'"), "entries[0].tasks", "unknown_key",
          "did you mean \"task\"?", "task" },
        { GOOD(",'run':'on_demand'"), "run", "unknown_word",
          "on_request, always", NULL },
        { GOOD(",'default_assignee':'u9'"), "default_assignee",
          "unknown_reference", "there is no user \"u9\"", "u1" },
        { GOOD(",'id':'lar-1'") ",{'kind':'assignment_rule','name':'B',"
          "'module':'N','id':'lar-1','entries':[{'criteria':null" TO "}]}",
          "id", "duplicate_name", "\"A\" has the id \"lar-1\" too", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
entries_are_kept_in_their_order(void **state)
{
    crm_ruleset_t           *rules;
    const crm_module_t      *module;
    const crm_assignment_t  *a;

    (void) state;

    rules = crm_make_rules(RULE(",'id':'lar-1','run':'always','entries':["
        "{'criteria':{'field':'C','comparator':'in','value':['DE','AT']},"
        "'assign_to':{'type':'round_robin','group':'EMEA'},"
        "'task':'follow-up'},"
        "{'criteria':null,'assign_to':{'type':'user','id':'u1'}}],"
        "'default_assignee':'${CURRENTUSER}'") ","
        "{'kind':'assignment_rule','name':'B','module':'M','entries':"
        "[{'criteria':null,'assign_to':{'type':'round_robin','role':'R'}}],"
        "'default_assignee':'u1'}");
    module = crm_make_module(rules, "M");

    assert_int_equal(module->assignments.count, 2);
    a = module->assignments.items[0];

    assert_str(a->id, "lar-1");
    assert_true(a->always);
    assert_int_equal(a->entries_count, 2);
    assert_int_equal(a->entries[0].to.type, CRM_PARTY_ROUND_ROBIN);
    assert_int_equal(a->entries[0].to.of, CRM_PARTY_GROUP);
    assert_str(a->entries[0].to.name, "EMEA");
    assert_str(a->entries[0].task->name, "follow-up");
    assert_int_equal(a->entries[0].criteria.count, 1);
    assert_int_equal(a->entries[1].to.type, CRM_PARTY_USER);
    assert_null(a->entries[1].task);
    assert_true(a->otherwise_current);
    assert_int_equal(a->otherwise.len, 0);

    a = module->assignments.items[1];
    assert_str(a->id, "B");
    assert_false(a->always);
    assert_false(a->otherwise_current);
    assert_str(a->otherwise, "u1");

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(entries_are_kept_in_their_order),
};

CRM_TEST_MAIN(tests)
