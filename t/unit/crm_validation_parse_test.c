/*
 * The kind validation_rule. It would fail if a rule were taken that refuses
 * everything, or that points at nothing.
 */

#include "crm_rules_make.h"

#include "rules/crm_validation.h"


#define CRITERIA  "'criteria':{'field':'A','comparator':'greater_than',"      \
                  "'value':10}"
#define RULE(more)                                                            \
    "{'kind':'validation_rule','name':'V','module':'M'" more "}"
#define GOOD(more)                                                            \
    RULE("," CRITERIA ",'field':'B','message':'Say why.'" more)
#define MODULE                                                                \
    "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"      \
    "'integer'},{'api_name':'B','data_type':'text'}]},"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { RULE(",'field':'B','message':'x'"), "", "missing_key",
          "lacks \"criteria\"", "criteria" },
        { RULE("," CRITERIA ",'message':'x'"), "", "missing_key",
          "lacks \"field\"", "field" },
        { RULE("," CRITERIA ",'field':'B'"), "", "missing_key",
          "lacks \"message\"", "message" },
        { GOOD(",'run':'alway'"), "run", "unknown_word", "always, opt_in",
          "always" },
        { GOOD(",'mesage':'x'"), "mesage", "unknown_key",
          "in validation_rule, did you mean \"message\"?", "message" },
        { RULE(",'criteria':null,'field':'B','message':'x'"), "criteria",
          "wrong_value", "refuse every record", NULL },
        { RULE(",'criteria':{'field':'A','comparator':'gt','value':1},"
               "'field':'B','message':'x'"), "criteria.comparator",
          "unknown_comparator", "\"gt\"", NULL },
        { RULE("," CRITERIA ",'field':'B','message':''"), "message", "empty",
          "must not be empty", NULL },
        { MODULE RULE("," CRITERIA ",'field':'BB','message':'x'"), "field",
          "unknown_field", "module M declares no field \"BB\"", NULL },
        { MODULE RULE(",'criteria':{'field':'C','comparator':'equal',"
                      "'value':1},'field':'B','message':'x'"),
          "criteria.field", "unknown_field", "no field \"C\"", NULL },
        { GOOD("") "," GOOD(""), "name", "duplicate_name",
          "two of kind validation_rule \"V\"", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_rule_is_compiled_for_its_module(void **state)
{
    crm_eval_t               eval;
    crm_pool_t              *pool;
    crm_image_t              image;
    crm_record_t            *record;
    crm_ruleset_t           *rules;
    const crm_module_t      *module;
    const crm_validation_t  *v;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(MODULE GOOD(",'run':'always'") ","
                           "{'kind':'validation_rule','name':'W','module':"
                           "'M'," CRITERIA ",'field':'A','message':'No.'}");
    module = crm_make_module(rules, "M");

    assert_int_equal(module->validations.count, 2);
    v = module->validations.items[0];
    assert_str(v->name, "V");
    assert_true(v->always);
    assert_str(v->field, "B");
    assert_str(v->message, "Say why.");

    record = crm_make_record(pool, "{'A':11}");
    assert_int_equal(crm_image_build(&image, &module->schema, NULL, record,
                                     CRM_VALUE_EMPTY, pool), CRM_OK);
    assert_int_equal(crm_eval_init(&eval, &image, &module->predicates, NULL,
                                   pool), CRM_OK);
    assert_int_equal(crm_eval_criteria(&eval, &v->criteria), CRM_TRUE);

    v = module->validations.items[1];
    assert_false(v->always);
    /* equal criteria of two rules are one predicate */
    assert_int_equal(module->predicates.count, 1);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
it_is_acted_upon(void **state)
{
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;
    pool = crm_test_pool();

    rules = crm_make_try(pool, &findings, GOOD(""));
    assert_non_null(rules);
    assert_null(crm_make_found(&findings, "kind", "no_run_time"));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_rule_is_compiled_for_its_module),
    cmocka_unit_test(it_is_acted_upon),
};

CRM_TEST_MAIN(tests)
