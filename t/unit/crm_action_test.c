/*
 * Actions are what rules do. They would fail by taking one that does something
 * else than what stands there: a field that does not exist, a webhook of
 * another CRM module, a value that no record can hold.
 */

#include "crm_rules_make.h"


#define RULE(trigger, action)                                                 \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{'type':" \
    "'" trigger "'},'conditions':[{'instant_actions':[" action "]}]}"
#define DO(action)    RULE("create", action)
#define SET(value)                                                            \
    DO("{'type':'field_updates','field':'A','value':" value "}")
#define AT            "conditions[0].instant_actions[0]"
#define HOOK(module)                                                          \
    "{'kind':'webhook','name':'tell-erp','module':'" module "','url':"        \
    "'https://h/'},"
#define UPDATE(module)                                                        \
    "{'kind':'field_update','name':'mark','module':'" module "','field':"     \
    "'A','value':'x'},"
#define FIELDS                                                                \
    "{'kind':'module','name':'M','fields':[{'api_name':'Amount',"             \
    "'data_type':'currency'}]},"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { DO("7"), AT, "wrong_type", "a map with a \"type\"", NULL },
        { DO("{'name':'x'}"), AT, "missing_key", "lacks \"type\"", "type" },
        { DO("{'type':'webhook','name':'x'}"), AT ".type", "unknown_action",
          "did you mean \"webhooks\"?", "webhooks" },
        { DO("{'type':'schedule_call','name':'x'}"), AT ".type",
          "unknown_action", "use field_updates, webhooks, email_notifi",
          NULL },
        { HOOK("M") DO("{'type':'webhooks','name':'tell-epr'}"), AT ".name",
          "unknown_reference", "did you mean \"tell-erp\"?", "tell-erp" },
        { DO("{'type':'webhooks','name':'tell-erp'}"), AT ".name",
          "unknown_reference", "there is no webhook", NULL },
        { HOOK("N") DO("{'type':'webhooks','name':'tell-erp'}"), AT ".name",
          "wrong_module", "is for module N, not for M", NULL },
        { HOOK("M") DO("{'type':'webhooks','name':'tell-erp','url':'x'}"),
          AT ".url", "unknown_key", "in an action", NULL },
        { DO("{'type':'webhooks'}"), AT, "missing_key", "lacks \"name\"",
          "name" },
        { DO("{'type':'field_updates','name':'mark'}"), AT ".name",
          "unknown_reference", "there is no field_update", NULL },
        { UPDATE("N") DO("{'type':'field_updates','name':'mark'}"),
          AT ".name", "wrong_module", "is for module N, not for M", NULL },
        { DO("{'type':'field_updates','field':'A'}"), AT, "missing_key",
          "lacks \"value\"", "value" },
        { DO("{'type':'field_updates','value':1}"), AT, "missing_key",
          "lacks \"field\"", "field" },
        { DO("{'type':'field_updates','field':'id','value':1}"),
          AT ".field", "wrong_value", "written by the backend alone", NULL },
        { DO("{'type':'field_updates','field':'Modified_Time','value':1}"),
          AT ".field", "wrong_value", "written by the backend alone", NULL },
        { DO("{'type':'field_updates','field':'A','value':1,"
             "'mode':'asinc'}"), AT ".mode", "unknown_word",
          "inline, async", "async" },
        { "{'kind':'module','name':'N','fields':[{'api_name':'Total',"
          "'data_type':'currency'}]},"
          DO("{'type':'field_updates','field':'Totl','value':1,'related':"
             "{'field':'A','module':'N'}}"), AT ".field", "unknown_field",
          "module N declares no field \"Totl\"", "Total" },
        { FIELDS DO("{'type':'field_updates','field':'X','value':1,'related':"
                    "{'field':'Amuont','module':'N'}}"), AT ".related.field",
          "unknown_field", "did you mean \"Amount\"?", "Amount" },
        { DO("{'type':'field_updates','field':'A','value':1,'mode':'inline',"
             "'related':{'field':'B','module':'N'}}"), AT ".mode",
          "wrong_value", "another record is not a part of this write",
          "async" },
        { DO("{'type':'field_updates','field':'A','value':1,'related':"
             "{'field':'B'}}"), AT ".related", "missing_key",
          "lacks \"module\"", "module" },
        { RULE("delete", "{'type':'field_updates','field':'A','value':1}"),
          AT, "wrong_action", "runs on delete", NULL },
        { FIELDS DO("{'type':'field_updates','field':'Amuont','value':1}"),
          AT ".field", "unknown_field", "did you mean \"Amount\"?",
          "Amount" },
        { FIELDS DO("{'type':'field_updates','field':'Amount','value':"
                    "{'field':'Amuont'}}"), AT ".value.field",
          "unknown_field", "did you mean \"Amount\"?", "Amount" },
        { FIELDS DO("{'type':'field_updates','field':'Amount','value':"
                    "{'merge':'${!M.Amuont}'}}"), AT ".value.merge",
          "unknown_field", "did you mean \"Amount\"?", "Amount" },
        { SET("'${!M.A}'"), AT ".value", "wrong_value",
          "{ merge: \"${!M.A}\" }", NULL },
        { SET("'${TODAY}'"), AT ".value", "wrong_value", "merge", NULL },
        { SET("{'merge':'${!M.A'}"), AT ".value.merge", "bad_merge_field",
          "has no end", NULL },
        { SET("{'merge':7}"), AT ".value.merge", "wrong_type",
          "merge must be text", NULL },
        { SET("{'field':''}"), AT ".value.field", "wrong_type",
          "field must be text", NULL },
        { "{'kind':'field_update','name':'x','module':'M','field':'A'}", "",
          "missing_key", "lacks \"value\"", "value" },
        { "{'kind':'field_update','name':'x','module':'M','field':'A',"
          "'value':1,'mode':'later'}", "mode", "unknown_word", "inline",
          NULL },
        { "{'kind':'field_update','name':'x','module':'M','field':'A',"
          "'value':1,'notify':true}", "notify", "unknown_key",
          "in field_update", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_value_that_no_record_can_hold_is_refused(void **state)
{
    unsigned         i;
    crm_buf_t        buf;
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    crm_buf_puts(&buf, "{'kind':'field_update','name':'x','module':'M',"
                       "'field':'A','value':");
    for (i = 0; i < 200; i++) {
        crm_buf_putc(&buf, '[');
    }
    for (i = 0; i < 200; i++) {
        crm_buf_putc(&buf, ']');
    }
    crm_buf_puts(&buf, "}");
    crm_buf_putc(&buf, '\0');

    assert_null(crm_make_try(pool, &findings, buf.data));
    assert_non_null(crm_make_found(&findings, "value", "wrong_value"));

    crm_pool_destroy(pool);
}


static void
a_value_is_written_as_the_rule_gives_it(void **state)
{
    size_t                     i;
    crm_ruleset_t             *rules;
    const crm_field_update_t  *update;

    static const struct {
        const char  *rule;
        const char  *json;
    } rows[] = {
        { SET("'High'"), "\"High\"" },
        { SET("19.99"), "19.99" },
        { SET("4150868000000225013"), "4150868000000225013" },
        { SET("true"), "true" },
        { SET("null"), "null" },
        { SET("''"), "\"\"" },
        { SET("'${EMPTY}'"), "null" },
        { SET("['a','b']"), "[\"a\",\"b\"]" },
        { SET("{'id':'7'}"), "{\"id\":\"7\"}" },
        { SET("{'field':'B','merge':'x'}"),
          "{\"field\":\"B\",\"merge\":\"x\"}" },
        { UPDATE("M") DO("{'type':'field_updates','name':'mark'}"),
          "\"x\"" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rules = crm_make_rules(rows[i].rule);
        update = &crm_make_module(rules, "M")->workflows[0]->conditions[0]
                  .actions[0].u.update;

        assert_int_equal(update->source, CRM_UPDATE_STATIC);
        assert_str(update->field, "A");
        assert_str(update->json, rows[i].json);

        crm_ruleset_release(rules);
    }
}


static void
actions_are_numbered_in_their_order(void **state)
{
    crm_ruleset_t          *rules;
    const crm_condition_t  *condition;

    (void) state;

    rules = crm_make_rules(HOOK("M")
        DO("{'type':'field_updates','field':'A','value':{'field':'B'}},"
           "{'type':'webhooks','name':'tell-erp'},"
           "{'type':'field_updates','field':'C','value':"
           "{'merge':'x ${!M.A}'}}"));
    condition = &crm_make_module(rules, "M")->workflows[0]->conditions[0];

    assert_int_equal(condition->seq, 1);
    assert_int_equal(condition->actions_count, 3);
    assert_int_equal(condition->actions[1].seq, 2);
    assert_string_equal(condition->actions[1].type, "webhooks");
    assert_int_equal(condition->actions[0].u.update.source, CRM_UPDATE_FIELD);
    assert_str(condition->actions[0].u.update.other, "B");
    assert_int_equal(condition->actions[2].u.update.source, CRM_UPDATE_MERGE);

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_value_that_no_record_can_hold_is_refused),
    cmocka_unit_test(a_value_is_written_as_the_rule_gives_it),
    cmocka_unit_test(actions_are_numbered_in_their_order),
};

CRM_TEST_MAIN(tests)
