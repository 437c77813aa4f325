/*
 * Whom a party stands for. It would fail if somebody could approve who is not
 * asked, has left, or is unknown.
 */

#include "crm_rules_make.h"

#include "rules/crm_kind.h"
#include "rules/crm_who.h"


#define USER(id, role, profile, more)                                         \
    "{'kind':'user','id':'" id "','profile':'" profile "','role':" role       \
    more "},"

/* A boss; two managers, one of whom has left; two who sell; one alone. */
#define PEOPLE                                                                \
    "{'kind':'profile','name':'Standard'},"                                   \
    "{'kind':'profile','name':'Administrator','permissions':["                \
    "'manage_workflow','modules_customization']},"                            \
    "{'kind':'role','name':'Boss'},"                                          \
    "{'kind':'role','name':'Manager','reports_to':'Boss'},"                   \
    "{'kind':'role','name':'Rep','reports_to':'Manager'},"                    \
    "{'kind':'role','name':'Empty'},"                                         \
    USER("boss", "'Boss'", "Administrator", "")                               \
    USER("m1", "'Manager'", "Standard", "")                                   \
    USER("m2", "'Manager'", "Standard", "")                                   \
    USER("m3", "'Manager'", "Administrator", ",'status':'inactive'")          \
    USER("r1", "'Rep'", "Standard", "")                                       \
    USER("r2", "'Rep'", "Standard", ",'status':'inactive'")                   \
    USER("alone", "null", "Standard", "")                                     \
    "{'kind':'group','name':'G','members':['r2','m2','r1']}"

#define P(t, n)     { .type = CRM_PARTY_ ## t, .name = CRM_STR(n) }
#define ABOVE(n)    { .type = CRM_PARTY_ROLE_HIERARCHY, .levels = (n) }

typedef struct {
    const char   *what;
    crm_party_t   parties[3];       /* up to the first of type ADDRESS */
    const char   *owner;
    const char   *actor;
    const char   *ids;              /* each with a comma behind */
} who_row_t;

static crm_str_t  robin[] = { CRM_STR("r2"), CRM_STR("m1") };

static const who_row_t  rows[] = {
    { "a user", { P(USER, "m1") }, "", "", "m1," },
    { "who has left", { P(USER, "m3") }, "", "", "" },
    { "who never was", { P(USER, "nobody") }, "", "", "" },
    { "nobody by name", { P(USER, "") }, "", "", "" },
    { "a role", { P(ROLE, "Manager") }, "", "", "m1,m2," },
    { "a role of nobody", { P(ROLE, "Empty") }, "", "", "" },
    { "no role", { P(ROLE, "") }, "", "", "" },
    { "a profile", { P(PROFILE, "Administrator") }, "", "", "boss," },
    { "no profile", { P(PROFILE, "") }, "", "", "" },
    { "a group", { P(GROUP, "G") }, "", "", "m2,r1," },
    { "no group", { P(GROUP, "H") }, "", "", "" },
    { "the owner", { P(OWNER, "") }, "r1", "m1", "r1," },
    { "an owner who has left", { P(OWNER, "") }, "r2", "", "" },
    { "an owner whom nobody knows", { P(OWNER, "") }, "x", "", "" },
    { "no owner", { P(OWNER, "") }, "", "m1", "" },
    { "who acts", { P(CURRENT_USER, "") }, "r1", "m1", "m1," },
    { "nobody acts", { P(CURRENT_USER, "") }, "r1", "", "" },
    { "who stands in a field", { P(FIELD, "Buddy") }, "", "", "m2," },
    { "a field without one", { P(FIELD, "Other") }, "", "", "" },
    { "the manager", { P(MANAGER, "") }, "r1", "", "m1,m2," },
    { "the manager of who has left", { P(MANAGER, "") }, "r2", "",
      "m1,m2," },
    { "the manager of the boss", { P(MANAGER, "") }, "boss", "", "" },
    { "the manager of one without a role", { P(MANAGER, "") }, "alone", "",
      "" },
    { "the manager of nobody", { P(MANAGER, "") }, "", "", "" },
    { "one above", { ABOVE(1) }, "r1", "", "m1,m2," },
    { "two above", { ABOVE(2) }, "r1", "", "boss," },
    { "three above", { ABOVE(3) }, "r1", "", "" },
    { "too many above", { ABOVE(1000000) }, "r1", "", "" },
    { "taking turns", { { .type = CRM_PARTY_ROUND_ROBIN,
                          .of = CRM_PARTY_USER, .users = robin,
                          .users_count = 2 } }, "", "", "m1," },
    { "several, each once", { P(MANAGER, ""), P(USER, "m1"), P(GROUP, "G") },
      "r1", "", "m1,m2,r1," },
    { "several in their order", { ABOVE(2), P(OWNER, ""), P(MANAGER, "") },
      "r1", "", "boss,r1,m1,m2," },
};


static crm_str_t
near_field(void *data, crm_str_t name)
{
    (void) data;

    return crm_str_is(name, "Buddy") ? CRM_STR("m2") : CRM_STR("");
}


static size_t
parties_count(const who_row_t *row)
{
    size_t  n;

    for (n = 0; n < 3 && row->parties[n].type != CRM_PARTY_ADDRESS; n++) {
        /* void */
    }

    return n;
}


static void
parties_stand_for_users(void **state)
{
    size_t           i, k;
    crm_buf_t        ids;
    crm_who_t        who;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_who_near_t   near;

    (void) state;
    rules = crm_make_rules(PEOPLE);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        crm_buf_init(&ids, pool, 0);

        memset(&near, 0, sizeof(near));
        near.owner = crm_strz(rows[i].owner);
        near.actor = crm_strz(rows[i].actor);
        near.field = near_field;

        assert_int_equal(crm_who_all(&who, rules, rows[i].parties,
                                     parties_count(&rows[i]), &near, pool),
                         CRM_OK);

        for (k = 0; k < who.count; k++) {
            crm_buf_str(&ids, who.ids[k]);
            crm_buf_putc(&ids, ',');
        }

        crm_buf_putc(&ids, '\0');

        if (strcmp(ids.data, rows[i].ids)) {
            fail_msg("%s: %s instead of %s", rows[i].what, ids.data,
                     rows[i].ids);
        }

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* Of everybody there is, and some whom there is not. */
static void
whoever_is_listed_is_one_of_them_and_nobody_else(void **state)
{
    size_t            i, k;
    char              mark[16];
    crm_ruleset_t    *rules;
    crm_who_near_t    near;
    const who_row_t  *row;

    static const char *const  everybody[] = {
        "boss", "m1", "m2", "m3", "r1", "r2", "alone", "x", "nobody", ""
    };

    (void) state;
    rules = crm_make_rules(PEOPLE);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row = &rows[i];

        memset(&near, 0, sizeof(near));
        near.owner = crm_strz(row->owner);
        near.actor = crm_strz(row->actor);
        near.field = near_field;

        for (k = 0; k < sizeof(everybody) / sizeof(everybody[0]); k++) {
            (void) snprintf(mark, sizeof(mark), "%s,", everybody[k]);

            if (crm_who_is(rules, row->parties, parties_count(row), &near,
                           crm_strz(everybody[k]))
                != (everybody[k][0] && strstr(row->ids, mark) != NULL))
            {
                fail_msg("%s: wrong about \"%s\"", row->what, everybody[k]);
            }
        }
    }

    crm_ruleset_release(rules);
}


/* A rule set with one cannot be made; who climbs it comes to an end all the
 * same. */
static void
a_circle_of_roles_is_harmless(void **state)
{
    long long         levels;
    crm_str_t         role;
    crm_role_t       *top;
    crm_ruleset_t    *rules;
    crm_map_entry_t  *entry;

    (void) state;
    rules = crm_make_rules(PEOPLE);

    entry = crm_map_find(&rules->names.roles, CRM_STR("Boss"));
    assert_non_null(entry);
    top = entry->value;
    top->reports_to = CRM_STR("Rep");

    for (levels = 0; levels <= 50; levels++) {
        role = crm_who_above(rules, CRM_STR("Rep"), levels);
        assert_str(role, levels % 3 == 0 ? "Rep"
                         : levels % 3 == 1 ? "Manager" : "Boss");
    }

    assert_int_equal(crm_who_above(rules, CRM_STR("Rep"), 51).len, 0);
    assert_int_equal(crm_who_above(rules, CRM_STR("Rep"), -1).len, 0);

    crm_ruleset_release(rules);
}


static void
a_profile_permits_what_it_says(void **state)
{
    size_t          i;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *id;
        unsigned     permits;
        int          may;
    } asked[] = {
        { "boss", CRM_PERMIT_WORKFLOW, 1 },
        { "boss", CRM_PERMIT_MODULES, 1 },
        { "boss", CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES, 1 },
        { "boss", CRM_PERMIT_BLUEPRINT, 0 },
        { "boss", CRM_PERMIT_WORKFLOW | CRM_PERMIT_BLUEPRINT, 0 },
        { "m1", CRM_PERMIT_WORKFLOW, 0 },
        { "m3", CRM_PERMIT_WORKFLOW, 0 },
        { "nobody", CRM_PERMIT_WORKFLOW, 0 },
        { "", CRM_PERMIT_WORKFLOW, 0 },
    };

    (void) state;
    rules = crm_make_rules(PEOPLE);

    for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        assert_row(crm_who_may(rules, crm_strz(asked[i].id),
                               asked[i].permits) == asked[i].may,
                   asked[i].id);
    }

    crm_ruleset_release(rules);
}


static void
a_permission_that_nobody_looks_at_is_told(void **state)
{
    crm_pool_t           *pool;
    crm_ruleset_t        *rules;
    crm_findings_t        findings;
    const crm_finding_t  *f;

    (void) state;
    pool = crm_test_pool();

    rules = crm_make_try(pool, &findings,
        "{'kind':'profile','name':'P','permissions':['manage_workflow',"
        "'manage_workflows']}");
    f = crm_make_found(&findings, "permissions[1]", "unknown_permission");

    assert_non_null(rules);
    assert_non_null(f);
    assert_int_equal(f->severity, CRM_WARNING);
    assert_string_equal(f->suggestion, "manage_workflow");
    assert_int_equal(findings.count, 1);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(parties_stand_for_users),
    cmocka_unit_test(whoever_is_listed_is_one_of_them_and_nobody_else),
    cmocka_unit_test(a_circle_of_roles_is_harmless),
    cmocka_unit_test(a_profile_permits_what_it_says),
    cmocka_unit_test(a_permission_that_nobody_looks_at_is_told),
};

CRM_TEST_MAIN(tests)
