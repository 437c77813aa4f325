/*
 * The kind blueprint. It would fail if a transition led to a state that was
 * only mistyped, or if two of them shared a name that requests use.
 */

#include "crm_rules_make.h"

#include "rules/crm_blueprint.h"


#define MODULE                                                                \
    "{'kind':'module','name':'M','fields':[{'api_name':'Stage','data_type':"  \
    "'picklist'},{'api_name':'Amount','data_type':'currency'}]},"
#define PRINT(field, more)                                                    \
    "{'kind':'blueprint','name':'B','module':'M','field':'" field "'" more "}"
#define T(more)  "{'id':'t','name':'T','from':['Open'],'to':'Closed'" more "}"
#define WITH(transitions)                                                     \
    PRINT("Stage", ",'transitions':[" transitions "]")
#define GOOD(more)  PRINT("Stage", ",'transitions':[" T("") "]" more)
#define DURING(field)  MODULE WITH(T(",'during':{'fields':[" field "]}"))


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { PRINT("Stage", ""), "", "missing_key", "lacks \"transitions\"",
          "transitions" },
        { WITH(""), "transitions", "too_few", "at least 1", NULL },
        { "{'kind':'blueprint','name':'B','module':'M','transitions':["
          T("") "]}", "", "missing_key", "lacks \"field\"", "field" },
        { MODULE PRINT("Stag", ",'transitions':[" T("") "]"), "field",
          "unknown_field", "did you mean \"Stage\"?", "Stage" },
        { MODULE PRINT("Amount", ",'transitions':[" T("") "]"), "field",
          "wrong_value", "leads a picklist, not a field of type currency",
          NULL },
        { WITH("{'name':'T','from':['Open'],'to':'Closed'}"),
          "transitions[0]", "missing_key", "a transition lacks \"id\"",
          "id" },
        { WITH("{'id':'t','name':'T','from':'Open','to':'Closed'}"),
          "transitions[0].from", "wrong_type", "must be a list", NULL },
        { WITH("{'id':'t','name':'T','from':[],'to':'Closed'}"),
          "transitions[0].from", "too_few", "at least 1", NULL },
        { WITH("{'id':'t','name':'T','from':['Open','*'],'to':'Closed'}"),
          "transitions[0].from[1]", "wrong_value", "stands alone", NULL },
        { WITH(T("") "," T("")), "transitions[1].id", "duplicate_name",
          "two transitions \"t\"", NULL },
        { WITH(T(",'before':{'owner':[]}")), "transitions[0].before.owner",
          "unknown_key", "in before, did you mean \"owners\"?", "owners" },
        { WITH(T(",'before':{'owners':[{'type':'role','name':'R'}]}")),
          "transitions[0].before.owners[0].name", "unknown_reference",
          "there is no role \"R\"", NULL },
        { WITH(T(",'before':{'criteria':{'field':'A','comparator':'is',"
                 "'value':1}}")), "transitions[0].before.criteria.comparator",
          "unknown_comparator", "\"is\"", "in" },
        { WITH(T(",'during':{}")), "transitions[0].during", "missing_key",
          "during lacks \"fields\"", "fields" },
        { DURING("{'required':true}"), "transitions[0].during.fields[0]",
          "missing_key", "lacks \"field\"", "field" },
        { DURING("{'field':'Amont'}"),
          "transitions[0].during.fields[0].field", "unknown_field",
          "did you mean \"Amount\"?", "Amount" },
        { DURING("{'field':'Stage'}"),
          "transitions[0].during.fields[0].field", "wrong_value",
          "set by the transition itself", NULL },
        { DURING("{'field':'Amount','criteria':{'field':'Amount',"
                 "'comparator':'greater_than','value':0}}"),
          "transitions[0].during.fields[0]", "missing_key",
          "criteria need a message", "message" },
        { DURING("{'field':'Amount','message':'x','criteria':{'field':"
                 "'Amount','comparator':'contains','value':0}}"),
          "transitions[0].during.fields[0].criteria.comparator",
          "wrong_comparator", "currency", NULL },
        { WITH(T(",'after':[{'type':'webhooks','name':'x'}]")),
          "transitions[0].after[0].name", "unknown_reference",
          "there is no webhook \"x\"", NULL },
        { WITH(T(",'automatic_after':{'unit':3651,'period':'days'}")),
          "transitions[0].automatic_after.unit", "wrong_value",
          "from 0 to 3650", NULL },
        { GOOD(",'states':[{'name':'Opem'}]"), "states[0].name",
          "unknown_reference", "no transition leads to or from \"Opem\", did"
          " you mean \"Open\"?", "Open" },
        { GOOD(",'states':[{'name':'Open','notify':[{'type':'manager'}]}]"),
          "states[0]", "missing_key", "notify needs escalate_after",
          "escalate_after" },
        { GOOD(",'states':[{'name':'Open','escalate_after':{'unit':5,"
               "'period':'days'},'notify':[{'type':'superintendent'}]}]"),
          "states[0].notify[0].type", "unknown_word", "manager", NULL },
        { GOOD(",'blueprint_auto_transition':1"),
          "blueprint_auto_transition", "wrong_type", "true or false", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


/* The state of that index, by name. */
static crm_str_t
state_name(const crm_blueprint_t *b, unsigned index)
{
    assert_true(index < b->states.count);

    return b->states.entries[index].key;
}


static void
states_and_transitions_are_as_written(void **state)
{
    crm_ruleset_t                *rules;
    const crm_module_t           *module;
    const crm_blueprint_t        *b;
    const crm_transition_t       *t;
    const crm_blueprint_state_t  *s;

    (void) state;

    rules = crm_make_rules("{'kind':'role','name':'Rep'}," GOOD("") ","
        "{'kind':'blueprint','name':'A','module':'M','field':'Stage',"
        "'sequence':1,'criteria':{'field':'X','comparator':'equal','value':1},"
        "'blueprint_auto_transition':true,'states':[{'name':'New',"
        "'escalate_after':{'unit':5,'period':'business_days'},'notify':"
        "[{'type':'manager'}]}],'transitions':["
        "{'id':'go','name':'Go','from':['New','Held'],'to':'Done','before':"
        "{'owners':[{'type':'role','name':'Rep'}],'criteria':null},'during':"
        "{'fields':[{'field':'Amount','required':true,'message':'No.',"
        "'criteria':{'field':'Amount','comparator':'greater_than','value':0}}"
        "]},'after':[{'type':'field_updates','field':'Y','value':2}]},"
        "{'id':'stop','name':'Stop','from':['*'],'to':'Held',"
        "'automatic_after':{'unit':30,'period':'days'}}]}");
    module = crm_make_module(rules, "M");

    assert_int_equal(module->blueprints.count, 2);
    b = module->blueprints.items[0];

    assert_str(b->name, "A");
    assert_str(module->schema.names.entries[b->slot].key, "Stage");
    assert_int_equal(b->criteria.count, 1);
    assert_true(b->auto_transition);
    assert_int_equal(b->states.count, 3);
    assert_int_equal(b->transitions_count, 2);

    t = &b->transitions[0];
    assert_str(t->id, "go");
    assert_false(t->common);
    assert_int_equal(t->from_count, 2);
    assert_str(state_name(b, t->from[0]), "New");
    assert_str(state_name(b, t->from[1]), "Held");
    assert_str(state_name(b, t->to), "Done");
    assert_int_equal(t->owners_count, 1);
    assert_null(t->criteria.nodes);
    assert_int_equal(t->during_count, 1);
    assert_str(t->during[0].field, "Amount");
    assert_true(t->during[0].required);
    assert_true(t->during[0].has_criteria);
    assert_str(t->during[0].message, "No.");
    assert_int_equal(t->after_count, 1);
    assert_false(t->automatic);

    t = &b->transitions[1];
    assert_true(t->common);
    assert_int_equal(t->from_count, 0);
    assert_true(t->automatic);
    assert_int_equal(t->automatic_after.unit, 30);

    s = crm_map_find(&b->states, CRM_STR("New"))->value;
    assert_true(s->has_escalation);
    assert_int_equal(s->escalate_after.period, CRM_PERIOD_BUSINESS_DAYS);
    assert_int_equal(s->notify_count, 1);

    s = crm_map_find(&b->states, CRM_STR("Done"))->value;
    assert_false(s->has_escalation);

    b = module->blueprints.items[1];
    assert_int_equal(b->sequence, 1000);
    assert_null(b->criteria.nodes);
    assert_false(b->auto_transition);

    crm_ruleset_release(rules);
}


/* Records may be created in a state that nothing leads to. */
static void
a_state_may_stand_alone(void **state)
{
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules(GOOD(",'states':[{'name':'Negotiation',"
                                "'escalate_after':{'unit':5,'period':'days'}}"
                                "]"));
    crm_ruleset_release(rules);
}


static void
what_nobody_is_asked_is_said(void **state)
{
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;
    pool = crm_test_pool();

    rules = crm_make_try(pool, &findings, WITH(T(",'automatic_after':{'unit':"
        "1,'period':'days'},'during':{'fields':[{'field':'A','required':true}"
        "]}")));
    assert_non_null(rules);
    assert_non_null(crm_make_found(&findings,
                                   "transitions[0].automatic_after",
                                   "no_effect"));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(states_and_transitions_are_as_written),
    cmocka_unit_test(a_state_may_stand_alone),
    cmocka_unit_test(what_nobody_is_asked_is_said),
};

CRM_TEST_MAIN(tests)
