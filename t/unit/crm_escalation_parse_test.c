/*
 * The kind escalation_rule. It would fail if a level came before the one below
 * it, or if nights counted where only hours of work do.
 */

#include "crm_rules_make.h"

#include "rules/crm_escalation.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},{'kind':'role','name':'R'},"               \
    "{'kind':'user','id':'u1','profile':'P','role':'R'},"
#define HOURS      "{'kind':'business_hours','type':'24_by_5'},"
#define RULE(more)                                                            \
    "{'kind':'escalation_rule','name':'E','module':'M'" more "}"
#define LEVELS(levels)                                                        \
    RULE(",'entries':[{'criteria':null,'levels':[" levels "]}]")
#define AFTER(n)   "{'after':{'unit':" #n ",'period':'hours'},'to':"          \
                   "{'type':'manager'}}"
#define GOOD(more)                                                            \
    RULE(",'entries':[{'criteria':null,'levels':[" AFTER(4) "]}]" more)


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { RULE(""), "", "missing_key", "lacks \"entries\"", "entries" },
        { RULE(",'entries':[{'criteria':null}]"), "entries[0]",
          "missing_key", "an entry lacks \"levels\"", "levels" },
        { LEVELS(""), "entries[0].levels", "too_few", "at least 1", NULL },
        { LEVELS("{'to':{'type':'manager'}}"), "entries[0].levels[0]",
          "missing_key", "a level lacks \"after\"", "after" },
        { LEVELS("{'after':{'unit':4,'period':'hours'}}"),
          "entries[0].levels[0]", "missing_key", "a level lacks \"to\"",
          "to" },
        { LEVELS("{'after':{'unit':4,'period':'hour'},'to':{'type':"
                 "'manager'}}"), "entries[0].levels[0].after.period",
          "unknown_word", "minutes, hours", "hours" },
        { LEVELS("{'after':{'unit':-4,'period':'hours'},'to':{'type':"
                 "'manager'}}"), "entries[0].levels[0].after.unit",
          "wrong_value", "from 0 to", NULL },
        { LEVELS("{'after':{'unit':4,'period':'hours'},'to':{'type':"
                 "'mangr'}}"), "entries[0].levels[0].to.type",
          "unknown_word", "manager, role_hierarchy", "manager" },
        { LEVELS("{'after':{'unit':4,'period':'hours'},'to':{'type':"
                 "'role_hierarchy','levels':0}}"),
          "entries[0].levels[0].to.levels", "wrong_type", "from 1 to 50",
          NULL },
        { PEOPLE LEVELS("{'after':{'unit':4,'period':'hours'},'to':{'type':"
                        "'role','name':'S'}}"),
          "entries[0].levels[0].to.name", "unknown_reference",
          "there is no role \"S\"", NULL },
        { LEVELS(AFTER(8) "," AFTER(4)), "entries[0].levels[1].after",
          "wrong_value", "level 2 must come later than level 1", NULL },
        { LEVELS("{'after':{'unit':4,'period':'hours'},'to':{'type':"
                 "'manager'},'actions':[{'type':'webhooks','name':'x'}]}"),
          "entries[0].levels[0].actions[0].name", "unknown_reference",
          "there is no webhook \"x\"", NULL },
        { RULE(",'entries':[{'criteria':null,'business_hours':true,'levels':["
               AFTER(4) "]}]"), "", "unknown_reference",
          "needs a document of kind business_hours", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'text'}]}," GOOD(",'age_from':'A'"), "age_from", "wrong_value",
          "counted from a date, which a field of type text", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'text'}]}," GOOD(""), "", "unknown_field",
          "no field \"Created_Time\"", NULL },
        { GOOD("") ",{'kind':'escalation_rule','name':'F','module':'M',"
          "'entries':[{'criteria':null,'levels':[" AFTER(1) "]}]}", "module",
          "limit_exceeded", "module M has the escalation_rule \"E\" already",
          NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
levels_count_what_they_say(void **state)
{
    crm_ruleset_t           *rules;
    const crm_module_t      *module;
    const crm_escalation_t  *e;

    (void) state;

    rules = crm_make_rules(PEOPLE HOURS RULE(",'age_from':'Opened','entries':["
        "{'criteria':{'field':'P','comparator':'equal','value':'High'},"
        "'business_hours':true,'levels':[" AFTER(4) ",{'after':{'unit':1,"
        "'period':'days'},'to':{'type':'role_hierarchy','levels':2},"
        "'actions':[{'type':'field_updates','field':'X','value':1}]}]},"
        "{'criteria':null,'levels':[" AFTER(8) "]}]"));
    module = crm_make_module(rules, "M");
    e = module->escalation;

    assert_str(e->name, "E");
    assert_str(module->schema.names.entries[e->age_from].key, "Opened");
    assert_int_equal(e->entries_count, 2);
    assert_int_equal(e->entries[0].criteria.count, 1);
    assert_int_equal(e->entries[0].levels_count, 2);
    assert_int_equal(e->entries[0].levels[0].after.unit, 4);
    assert_int_equal(e->entries[0].levels[0].after.period,
                     CRM_PERIOD_BUSINESS_HOURS);
    assert_int_equal(e->entries[0].levels[0].to.type, CRM_PARTY_MANAGER);
    assert_int_equal(e->entries[0].levels[1].after.period,
                     CRM_PERIOD_BUSINESS_DAYS);
    assert_int_equal(e->entries[0].levels[1].to.type,
                     CRM_PARTY_ROLE_HIERARCHY);
    assert_int_equal(e->entries[0].levels[1].to.levels, 2);
    assert_int_equal(e->entries[0].levels[0].actions_count, 1);
    assert_int_equal(e->entries[0].levels[0].actions[0].id,
                     CRM_ACTION_ASSIGN_OWNER);
    assert_int_equal(e->entries[0].levels[1].actions_count, 2);
    assert_int_equal(e->entries[0].levels[1].actions[1].id,
                     CRM_ACTION_ASSIGN_OWNER);
    /* no write is under way then */
    assert_int_equal(e->entries[0].levels[1].actions[0].id,
                     CRM_ACTION_ASYNC_UPDATE);
    assert_int_equal(e->entries[1].levels[0].after.period, CRM_PERIOD_HOURS);

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(levels_count_what_they_say),
};

CRM_TEST_MAIN(tests)
