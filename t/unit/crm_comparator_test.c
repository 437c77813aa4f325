/*
 * Which comparators a type takes: all of them against all types, as
 * docs/rules.md has the table. It would fail by a comparator that is taken
 * where it means nothing, or by an error that does not say what is the matter.
 */

#include "crm_rules_make.h"


#define TEXT  "equal not_equal like not_like contains not_contains"           \
              " starts_with ends_with "
#define PICK  "equal not_equal contains in not_in "
#define SETS  "equal not_equal include_all include_any exclude_all"           \
              " exclude_any "
#define LINE  "equal not_equal greater_than greater_equal less_than"          \
              " less_equal between not_between in not_in "
#define FLAG  "equal not_equal "
#define LOOK  "equal not_equal in not_in "

static const char *const  comparators[] = {
    "equal", "not_equal", "like", "not_like", "contains", "not_contains",
    "starts_with", "ends_with", "greater_than", "greater_equal", "less_than",
    "less_equal", "between", "not_between", "in", "not_in", "include_all",
    "include_any", "exclude_all", "exclude_any"
};

#define COMPARATORS  (sizeof(comparators) / sizeof(comparators[0]))

/* What is declared, what errors call it, a constant, and what it takes. */
static const struct {
    const char  *declared;
    const char  *named;
    const char  *constant;
    const char  *takes;
} types[] = {
    { "text", "text", "'x'", TEXT "in not_in " },
    { "email", "email", "'x'", TEXT "in not_in " },
    { "phone", "phone", "'x'", TEXT "in not_in " },
    { "website", "website", "'x'", TEXT "in not_in " },
    { "textarea", "textarea", "'x'", TEXT },
    { "picklist", "picklist", "'x'", PICK },
    { "autonumber", "autonumber", "'x'", PICK },
    { "multiselectpicklist", "multiselectpicklist", "'x'", SETS },
    { "multiselectlookup", "multiselectlookup", "'x'", SETS },
    { "multiuserlookup", "multiuserlookup", "'x'", SETS },
    { "integer", "integer", "1", LINE },
    { "bigint", "bigint", "1", LINE },
    { "double", "double", "1", LINE },
    { "currency", "currency", "1", LINE },
    { "percent", "percent", "1", LINE },
    { "date", "date", "'2026-03-27'", LINE },
    { "datetime", "datetime", "'2026-03-27'", LINE },
    { "boolean", "boolean", "true", FLAG },
    { "lookup", "lookup", "'x'", LOOK },
    { "userlookup", "userlookup", "'x'", LOOK },
    { "ownerlookup", "ownerlookup", "'x'", LOOK },
    { "fileupload", "fileupload", "'x'", FLAG },
    { "imageupload", "imageupload", "'x'", FLAG },
    { "address", "address", "'x'", FLAG },
    { "formula','return_type':'text", "text", "'x'", TEXT "in not_in " },
    { "formula','return_type':'double", "double", "1", LINE },
    { "formula','return_type':'currency", "currency", "1", LINE },
    { "formula','return_type':'date", "date", "'2026-03-27'", LINE },
    { "formula','return_type':'datetime", "datetime", "'2026-03-27'", LINE },
    { "formula','return_type':'boolean", "boolean", "true", FLAG },
    { "rollup_summary','return_type':'integer", "integer", "1", LINE },
    { "rollup_summary','return_type':'date", "date", "'2026-03-27'", LINE },
    { "currency','encrypted':true,'api_name':'A", "encrypted", "1",
      "equal " },
    { "text','encrypted':true,'api_name':'A", "encrypted", "'x'", "equal " },
};


static const char *
rules_of(crm_pool_t *pool, const char *declared, const char *comparator,
    const char *constant)
{
    int  two, listed;

    two = strstr(comparator, "between") != NULL;
    listed = two || strcmp(comparator, "in") == 0
             || strcmp(comparator, "not_in") == 0;

    return crm_pool_printf(pool,
        "{'kind':'module','name':'M','fields':[{'api_name':'Z','data_type':"
        "'text'},{%s'data_type':'%s'}]},{'kind':'workflow_rule',"
        "'name':'R','module':'M','execute_when':{'type':'create'},"
        "'conditions':[{'criteria':{'field':'A','comparator':'%s','value':"
        "%s%s%s%s%s},'instant_actions':[{'type':'field_updates','field':'Z',"
        "'value':1}]}]}",
        strstr(declared, "api_name") ? "" : "'api_name':'A',", declared,
        comparator, listed ? "[" : "", constant,
        two ? "," : "", two ? constant : "", listed ? "]" : "").data;
}


static int
takes(size_t type, const char *comparator)
{
    size_t       len;
    const char  *p;

    len = strlen(comparator);

    for (p = types[type].takes; *p; p += strcspn(p, " ") + 1) {
        if (strncmp(p, comparator, len) == 0 && p[len] == ' ') {
            return 1;
        }
    }

    return 0;
}


static void
a_type_takes_what_fits_and_refuses_the_rest_by_name(void **state)
{
    size_t                i, k, refused;
    char                  says[128];
    crm_pool_t           *pool;
    const char           *text;
    crm_ruleset_t        *rules;
    crm_findings_t        findings;
    const crm_finding_t  *f;

    (void) state;

    refused = 0;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        for (k = 0; k < COMPARATORS; k++) {
            pool = crm_test_pool();
            text = rules_of(pool, types[i].declared, comparators[k],
                            types[i].constant);
            rules = crm_make_try(pool, &findings, text);

            if (takes(i, comparators[k])) {
                assert_row(rules != NULL, text);

            } else {
                assert_row(rules == NULL, text);
                f = crm_make_found(&findings,
                                   "conditions[0].criteria.comparator",
                                   "wrong_comparator");
                assert_row(f != NULL && findings.errors == 1, text);

                (void) snprintf(says, sizeof(says), "comparator \"%s\" does"
                                " not fit the type of the field, which is %s;"
                                " use equal", comparators[k], types[i].named);
                assert_row(strstr(f->message, says) != NULL, f->message);
                refused++;
            }

            crm_ruleset_release(rules);
            crm_pool_destroy(pool);
        }
    }

    assert_true(refused > 350);
}


/* An undeclared field, and a formula that does not say what it yields. */
static void
what_is_not_typed_takes_all(void **state)
{
    size_t           k;
    crm_pool_t      *pool;
    const char      *text;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;

    for (k = 0; k < COMPARATORS; k++) {
        pool = crm_test_pool();
        text = rules_of(pool, "formula", comparators[k], "1");
        rules = crm_make_try(pool, &findings, text);
        assert_row(rules != NULL, text);

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static void
what_no_type_has_is_refused(void **state)
{
    static const crm_make_mistake_t  rows[] = {
#define FIELDS(a, b)                                                          \
        "{'kind':'module','name':'M','fields':[{'api_name':'Z','data_type':"  \
        "'text'},{'api_name':'A','data_type':'" a "'},{'api_name':'B',"       \
        "'data_type':'" b "'}]},"
#define LEAF(leaf)                                                            \
        "{'kind':'workflow_rule','name':'R','module':'M','execute_when':"     \
        "{'type':'create'},'conditions':[{'criteria':{" leaf "},"             \
        "'instant_actions':[{'type':'field_updates','field':'Z','value':1}]"  \
        "}]}"
#define AT  "conditions[0].criteria"

        { FIELDS("date", "text") LEAF("'field':'A','comparator':'less_than',"
          "'value':'soon'"), AT ".value", "wrong_value",
          "such as 2026-03-27", NULL },
        { FIELDS("datetime", "text") LEAF("'field':'A','comparator':'in',"
          "'value':['2026-03-27','2026-02-30']"), AT ".value[1]",
          "wrong_value", "such as 2026-03-27", NULL },
        { FIELDS("date", "text") LEAF("'field':'A','comparator':'equal',"
          "'value':20260327"), AT ".value", "wrong_value", "such as", NULL },
        { FIELDS("currency", "text") LEAF("'field':'A','comparator':'equal',"
          "'value':'B','type':'field'"), AT ".value", "wrong_value",
          "type currency cannot be compared with one of type text", NULL },
        { FIELDS("date", "boolean") LEAF("'field':'A','comparator':'equal',"
          "'value':'B','type':'field'"), AT ".value", "wrong_value",
          "type date cannot be compared with one of type boolean", NULL },
        { FIELDS("text", "text','encrypted':true,'api_name':'B")
          LEAF("'field':'A','comparator':'starts_with','value':'B',"
          "'type':'field'"), AT ".value", "wrong_value",
          "takes \"equal\" alone, not \"starts_with\"", NULL },
        { FIELDS("text", "text") LEAF("'field':'A','comparator':'equal',"
          "'value':'C','type':'field'"), AT ".value", "unknown_field",
          "declares no field", NULL },
        { FIELDS("currency", "text") LEAF("'field':'A','comparator':"
          "'less_than','value':'${TODAY}','type':'pre_defined'"),
          AT ".value", "wrong_value",
          "\"${TODAY}\" is no value of a field of type currency", NULL },
        { FIELDS("date", "text") LEAF("'field':'A','comparator':"
          "'equal','value':'${CURRENTUSER}','type':'pre_defined'"),
          AT ".value", "wrong_value",
          "\"${CURRENTUSER}\" is no value of a field of type date", NULL },
        { FIELDS("multiselectpicklist", "text") LEAF("'field':'A',"
          "'comparator':'equal','value':['x','${EMPTY}']"), AT ".value[1]",
          "wrong_value", "stands alone", "${EMPTY}" },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'formula','return_type':'money'}]}", "fields[0].return_type",
          "unknown_type", "unknown return_type \"money\"", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'text','return_type':'text'}]}", "fields[0].return_type",
          "wrong_value", "for formula and rollup_summary, not for text",
          NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_type_takes_what_fits_and_refuses_the_rest_by_name),
    cmocka_unit_test(what_is_not_typed_takes_all),
    cmocka_unit_test(what_no_type_has_is_refused),
};

CRM_TEST_MAIN(tests)
