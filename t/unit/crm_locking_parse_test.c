/*
 * What locks a record, and for whom. It would fail by taking a lock that holds
 * less than what stands there.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


#define ANY   "{'name':'L','criteria':null}"
#define LOCK(more)                                                            \
    "{'kind':'record_locking','module':'M','lock_type':'automatic'" more "}"
#define RULES(rules)  LOCK(",'locking_rules':[" rules "]")
#define GOOD(more)    LOCK(",'locking_rules':[" ANY "]" more)
#define ADMIN         "{'kind':'profile','name':'Administrator'},"


static const crm_locking_t *
locking_of(const crm_ruleset_t *rules)
{
    const crm_locking_t  *locking;

    locking = crm_make_module(rules, "M")->locking;
    assert_non_null(locking);

    return locking;
}


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { "{'kind':'record_locking','module':'M','locking_rules':[" ANY "]}",
          "", "missing_key", "lock_type", "lock_type" },
        { "{'kind':'record_locking','module':'M','lock_type':'automtic',"
          "'locking_rules':[" ANY "]}", "lock_type", "unknown_word",
          "automatic, manual, both", "automatic" },
        { LOCK(""), "", "missing_key", "needs locking_rules",
          "locking_rules" },
        { RULES(""), "", "missing_key", "needs locking_rules",
          "locking_rules" },
        { RULES("{'criteria':null}"), "locking_rules[0]", "missing_key",
          "name", "name" },
        { RULES("{'name':'L'}"), "locking_rules[0]", "missing_key",
          "criteria", "criteria" },
        { RULES(ANY "," ANY), "locking_rules[1].name", "duplicate_name",
          "two locking rules \"L\"", NULL },
        { RULES("{'name':'L','criteria':{'field':'A'},"
                "'lock_existing_records':1}"),
          "locking_rules[0].lock_existing_records", "wrong_type",
          "true or false", NULL },
        { RULES("{'name':'L','criteria':{'field':'A','comparator':'equal'}}"),
          "locking_rules[0].criteria", "missing_key", "value", "value" },
        { GOOD(",'locked_for':'everybody'"), "locked_for", "unknown_word",
          "all_profiles", NULL },
        { GOOD(",'restricted_actions':['update','delet']"),
          "restricted_actions[1]", "unknown_word", "not \"delet\"",
          "delete" },
        { GOOD(",'restricted_communications':[]"),
          "restricted_communications", "unknown_key",
          "in a record_locking", NULL },
        { GOOD(",'lock_excluded_profiles':['Admin'],'locked_for':"
               "'all_profiles_except_excluded_profiles'"),
          "lock_excluded_profiles[0]", "unknown_reference",
          "there is no profile \"Admin\"", NULL },
        { GOOD("") "," GOOD(""), "module", "duplicate_name",
          "two of kind record_locking", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'Description',"
          "'data_type':'text'}]}," GOOD(",'excluded_fields':['Descripton']"),
          "excluded_fields[0]", "unknown_field",
          "did you mean \"Description\"?", "Description" },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
what_is_left_out_restricts_updates_alone(void **state)
{
    crm_ruleset_t        *rules;
    const crm_locking_t  *locking;

    (void) state;

    rules = crm_make_rules(GOOD(""));
    locking = locking_of(rules);

    assert_int_equal(locking->restricted, CRM_RESTRICT_UPDATE);
    assert_int_equal(locking->profiles_count, 0);
    assert_int_equal(locking->fields_count, 0);
    assert_int_equal(locking->rules_count, 1);
    assert_str(locking->rules[0].name, "L");
    assert_false(locking->rules[0].existing);

    crm_ruleset_release(rules);
}


static void
what_is_given_is_taken_and_update_always(void **state)
{
    crm_ruleset_t        *rules;
    const crm_locking_t  *locking;

    (void) state;

    rules = crm_make_rules(ADMIN
        "{'kind':'record_locking','module':'M','lock_type':'automatic',"
        "'locking_rules':[" ANY ",{'name':'K','criteria':null,"
        "'lock_existing_records':true}],"
        "'locked_for':'all_profiles_except_excluded_profiles',"
        "'lock_excluded_profiles':['Administrator'],'excluded_fields':"
        "['Description','Note'],'restricted_actions':['delete','convert']}");
    locking = locking_of(rules);

    assert_int_equal(locking->restricted, CRM_RESTRICT_UPDATE
                     | CRM_RESTRICT_DELETE | CRM_RESTRICT_CONVERT);
    assert_int_equal(locking->profiles_count, 1);
    assert_str(locking->profiles[0], "Administrator");
    assert_int_equal(locking->fields_count, 2);
    assert_true(locking->rules[1].existing);

    crm_ruleset_release(rules);
}


static void
what_has_no_effect_in_this_version_is_a_warning(void **state)
{
    size_t           i;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    static const struct {
        const char  *objects;
        const char  *path;
        const char  *code;
        size_t       warnings;
    } rows[] = {
        { GOOD(""), NULL, NULL, 0 },
        { "{'kind':'record_locking','module':'M','lock_type':'both',"
          "'locking_rules':[" ANY "]}", NULL, NULL, 0 },
        { "{'kind':'record_locking','module':'M','lock_type':'manual',"
          "'locking_rules':[" ANY "]}", "locking_rules", "no_effect", 1 },
        { ADMIN GOOD(",'lock_excluded_profiles':['Administrator']"),
          "lock_excluded_profiles", "no_effect", 1 },
        { "{'kind':'organization','time_zone':'Europe/Paris'}", "time_zone",
          "no_zone_table", 1 },
        { "{'kind':'organization','time_zone':'UTC'}", NULL, NULL, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_try(pool, &findings, rows[i].objects);

        assert_row(rules != NULL, rows[i].objects);
        assert_row(findings.count == rows[i].warnings, rows[i].objects);

        if (rows[i].warnings) {
            assert_row(crm_make_found(&findings, rows[i].path, rows[i].code)
                       == &findings.items[0], rows[i].objects);
            assert_int_equal(findings.items[0].severity, CRM_WARNING);
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


/* n members of a list, each of them made by fmt from its number. */
static void
put_list(crm_buf_t *buf, const char *head, const char *before,
    const char *after, unsigned n)
{
    unsigned  i;

    crm_buf_puts(buf, head);

    for (i = 0; i < n; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_puts(buf, before);
        crm_buf_int(buf, i);
        crm_buf_puts(buf, after);
    }

    crm_buf_puts(buf, "]");
}


static int
taken(unsigned rules, unsigned profiles, unsigned fields)
{
    int              ok;
    crm_buf_t        buf;
    crm_pool_t      *pool;
    crm_ruleset_t   *set;
    crm_findings_t   findings;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    put_list(&buf, "{'kind':'role','name':'['},", "{'kind':'profile','name':"
             "'p", "'}", profiles);
    buf.len--;
    crm_buf_puts(&buf, profiles ? "," : "");
    crm_buf_puts(&buf, "{'kind':'record_locking','module':'M','lock_type':"
                 "'automatic','locked_for':"
                 "'all_profiles_except_excluded_profiles',");
    put_list(&buf, "'locking_rules':[", "{'criteria':null,'name':'r", "'}",
             rules);
    put_list(&buf, ",'lock_excluded_profiles':[", "'p", "'", profiles);
    put_list(&buf, ",'excluded_fields':[", "'f", "'", fields);
    crm_buf_puts(&buf, "}");
    crm_buf_putc(&buf, '\0');

    set = crm_make_try(pool, &findings, buf.data);
    ok = set != NULL;

    if (!ok) {
        assert_string_equal(findings.items[0].code, "limit_exceeded");
    }

    crm_ruleset_release(set);
    crm_pool_destroy(pool);

    return ok;
}


static void
limits_hold_to_the_last(void **state)
{
    (void) state;

    assert_true(taken(CRM_MAX_LOCK_RULES, CRM_MAX_LOCK_PROFILES,
                      CRM_MAX_LOCK_FIELDS));
    assert_false(taken(CRM_MAX_LOCK_RULES + 1, 0, 0));
    assert_false(taken(1, CRM_MAX_LOCK_PROFILES + 1, 0));
    assert_false(taken(1, 0, CRM_MAX_LOCK_FIELDS + 1));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(what_is_left_out_restricts_updates_alone),
    cmocka_unit_test(what_is_given_is_taken_and_update_always),
    cmocka_unit_test(what_has_no_effect_in_this_version_is_a_warning),
    cmocka_unit_test(limits_hold_to_the_last),
};

CRM_TEST_MAIN(tests)
