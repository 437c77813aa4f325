/*
 * Validation rules. They would fail open: a record is saved that the rule was
 * written against; or shut: somebody who asked for nothing, or whose record
 * nobody could judge, cannot save.
 */

#include "crm_rules_make.h"

#include "decide/crm_validate.h"


#define RULE(name, run, field)                                                \
    "{'kind':'validation_rule','name':'" name "','module':'Deals'," run       \
    "'criteria':{'group_operator':'AND','group':["                            \
    "{'field':'Discount','comparator':'greater_than','value':10},"            \
    "{'field':'Reason','comparator':'equal','value':'${EMPTY}'}]},"           \
    "'field':'" field "','message':'Say why: " name "'}"

#define ALWAYS  RULE("always", "'run':'always',", "Reason")
#define ASKED   RULE("asked", "", "Reason")
#define LOCKED                                                                \
    ",{'kind':'record_locking','module':'Deals','lock_type':'automatic',"     \
    "'locking_rules':[{'name':'closed','lock_existing_records':true,"         \
    "'criteria':{'field':'Stage','comparator':'equal','value':'Won'}}]}"

#define CHAIN  0x100u               /* automation's own write */
#define GONE   0x200u               /* an update of what is not there */
#define ACTION 0x400u
#define NULLS  0x800u               /* what is not shown is empty */

#define BEFORE  "{'id':'42','Stage':'Open','Discount':5,'Reason':''}"
#define BAD     "{'id':'42','Stage':'Open','Discount':20,'Reason':null}"
#define HIDDEN  "{'id':'42','Stage':'Open','Discount':5}"
#define WON     "{'id':'42','Stage':'Won','Discount':5,'Reason':''}"


static void
a_record_that_matches_is_refused(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_chain_t     chain;
    crm_write_t    *w;
    crm_ruleset_t  *rules;
    crm_verdict_t   verdict;
    const char     *name;

    static const struct {
        const char  *rules;
        const char  *request;       /* NULL: delete */
        const char  *before;        /* NULL: create */
        unsigned     how;           /* CRM_APPLY_... and the above */
        const char  *refused_by;
    } rows[] = {

        { ALWAYS, "{'Discount':20}", NULL, 0, "always" },
        { ALWAYS, "{'Discount':20,'Reason':'r'}", NULL, 0, NULL },
        { ALWAYS, "{'Discount':10}", NULL, 0, NULL },
        { ALWAYS, "{'Discount':20}", BEFORE, 0, "always" },
        { ALWAYS, "{'Discount':20,'Reason':'r'}", BEFORE, 0, NULL },
        { ALWAYS, "{'Reason':'r'}", BAD, 0, NULL },

        /* what was wrong before us stays to be mended */

        { ALWAYS, "{'Stage':'Lost'}", BAD, 0, "always" },
        { ALWAYS, NULL, BAD, 0, NULL },

        /* only who asks */

        { ASKED, "{'Discount':20}", BEFORE, 0, NULL },
        { ASKED, "{'Discount':20}", BEFORE, CRM_APPLY_FUNCTIONS, NULL },
        { ASKED, "{'Discount':20}", BEFORE, CRM_APPLY_CRITERIA, "asked" },
        { ASKED, "{'Discount':20}", NULL, CRM_APPLY_CRITERIA, "asked" },
        { ALWAYS, "{'Discount':20}", NULL, CRM_APPLY_CRITERIA, "always" },

        /* by name, whatever the order of the documents is */

        { RULE("b", "'run':'always',", "Reason") ","
          RULE("a", "'run':'always',", "Discount"), "{'Discount':20}", NULL,
          0, "a" },
        { RULE("a", "", "Discount") "," ALWAYS, "{'Discount':20}", NULL, 0,
          "always" },

        /* nobody has seen Reason: nobody can say that it is empty */

        { ALWAYS, "{'Discount':20}", HIDDEN, 0, NULL },
        { ALWAYS, "{'Discount':20}", HIDDEN, NULLS, "always" },

        /* rules' own writes, what is not there, what nobody can tell */

        { ALWAYS, "{'Discount':20}", BEFORE, CHAIN, NULL },
        { ALWAYS, "{'Discount':20}", NULL, GONE, NULL },
        { ALWAYS, "{'Discount':20}", BEFORE, ACTION, NULL },

        /* the lock comes first */

        { ALWAYS LOCKED, "{'Discount':20}", WON, 0, "closed" },
        { ALWAYS LOCKED, "{'Discount':20}", BEFORE, 0, "always" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        name = rows[i].request ? rows[i].request : "delete";
        pool = crm_test_pool();
        rules = crm_make_rules(rows[i].rules);

        w = crm_make_given(pool, rules, "Deals", rows[i].request,
                           rows[i].before);
        memset(&chain, 0, sizeof(crm_chain_t));

        w->apply = rows[i].how & 0xffu;
        w->chain = rows[i].how & CHAIN ? &chain : NULL;
        w->absent_is_null = (rows[i].how & NULLS) != 0;

        if (rows[i].how & GONE) {
            w->operation = CRM_OP_UPDATE;
        }

        if (rows[i].how & ACTION) {
            w->operation = CRM_OP_ACTION;
            w->does = CRM_RESTRICT_UPDATE;
        }

        assert_int_equal(crm_write_init(w, pool), CRM_OK);
        assert_int_equal(crm_decide(&verdict, w), CRM_OK);

        if (rows[i].refused_by == NULL) {
            assert_row(verdict.kind == CRM_REFUSE_NONE, name);

        } else if (strcmp(rows[i].refused_by, "closed") == 0) {
            assert_row(verdict.kind == CRM_REFUSE_LOCKED, name);

        } else {
            assert_row(verdict.kind == CRM_REFUSE_VALIDATION, name);
            assert_string_equal(verdict.gate, "validation");
            assert_str(verdict.rule, rows[i].refused_by);
            assert_str(verdict.field, strcmp(rows[i].refused_by, "a") == 0
                                      ? "Discount" : "Reason");
            assert_row(strncmp(verdict.reason.data, "Say why: ", 9) == 0,
                          name);
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static void
a_write_without_a_rule_that_looks_is_not_ours(void **state)
{
    size_t               i;
    crm_ruleset_t       *rules;
    const crm_module_t  *m;

    static const struct {
        const char  *rules;
        int          concerns;      /* create, update */
        int          judges;        /* without being asked */
        const char  *gates[3];
    } rows[] = {
        { "{'kind':'module','name':'Deals','fields':[{'api_name':'Stage',"
          "'data_type':'text'}]}", 0, 0, { "lock", NULL } },
        { ASKED, 1, 0, { "lock", "validation", NULL } },
        { ALWAYS, 1, 1, { "lock", "validation", NULL } },
        { ASKED LOCKED, 1, 1, { "lock", "validation", NULL } }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t       at, n;
        const char  *gate;

        rules = crm_make_rules(rows[i].rules);
        m = crm_make_module(rules, "Deals");

        assert_row(crm_module_concerns(m, CRM_OP_CREATE)
                      == rows[i].concerns, rows[i].rules);
        assert_row(crm_module_concerns(m, CRM_OP_UPDATE)
                      == rows[i].concerns, rows[i].rules);
        assert_row(crm_module_judges(m, CRM_OP_CREATE, 0)
                      == rows[i].judges, rows[i].rules);
        assert_row(crm_module_judges(m, CRM_OP_UPDATE, 0)
                      == rows[i].judges, rows[i].rules);
        assert_row(crm_module_judges(m, CRM_OP_DELETE, CRM_APPLY_CRITERIA)
                      == (i == 3), rows[i].rules);

        for (at = 0, n = 0; (gate = crm_decide_gate(m, &at)); n++) {
            assert_string_equal(gate, rows[i].gates[n]);
        }

        assert_null(rows[i].gates[n]);

        crm_ruleset_release(rules);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_record_that_matches_is_refused),
    cmocka_unit_test(a_write_without_a_rule_that_looks_is_not_ours),
};

CRM_TEST_MAIN(tests)
