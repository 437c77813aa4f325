/*
 * What files a rule: places on scales keep the order of what they stand for,
 * and rules that ask for other ranges, members, days or beginnings are no
 * candidates. An order that breaks would hide a rule that fires.
 */

#include "crm_rules_make.h"

#include "rules/crm_index.h"


#define ROUNDS  20000


static crm_operand_t
make_operand(crm_pool_t *pool, const char *json)
{
    crm_value_t    value;
    crm_operand_t  operand;

    assert_int_equal(crm_value_parse(&value, crm_pool_dup(pool,
                                                          crm_strz(json)),
                                     pool), CRM_OK);
    assert_int_equal(crm_operand_init(&operand, &value, pool), CRM_OK);

    return operand;
}


static void
draw_number(char text[64], uint64_t *random)
{
    size_t  i, n, digits;

    n = 0;
    if (crm_test_below(random, 2)) {
        text[n++] = '-';
    }

    digits = 1 + crm_test_below(random, 20);

    for (i = 0; i < digits; i++) {
        text[n++] = (char) ('0' + (i ? crm_test_below(random, 10)
                                     : 1 + crm_test_below(random, 2)));
        if (i == 0 && digits > 1) {
            text[n++] = '.';
        }
    }

    (void) snprintf(text + n, 64 - n, "e%d",
                    (int) crm_test_below(random, 6) * 4096
                    - (int) crm_test_below(random, 3) * 5000
                    + (int) crm_test_below(random, 3));
}


/* Twenty digits and exponents that no place can tell apart, too. */
static void
a_larger_number_has_no_smaller_place(void **state)
{
    int             order;
    char            text[64];
    size_t          i;
    uint64_t        random, a, b;
    crm_pool_t     *pool;
    crm_operand_t   x, y;

    (void) state;

    random = 20261122;

    for (i = 0; i < ROUNDS; i++) {
        pool = crm_test_pool();

        draw_number(text, &random);
        x = make_operand(pool, text);
        draw_number(text, &random);
        y = make_operand(pool, i % 10 ? text : "0");

        assert_int_equal(crm_demand_place(&a, &x, CRM_SCALE_NUMBER, NULL),
                         CRM_PLACE_KNOWN);
        assert_int_equal(crm_demand_place(&b, &y, CRM_SCALE_NUMBER, NULL),
                         CRM_PLACE_KNOWN);

        order = crm_decimal_cmp(&x.decimal, &y.decimal);

        if ((order < 0 && a > b) || (order > 0 && a < b)
            || (order == 0 && a != b))
        {
            fail_msg("%.*s and %.*s", (int) x.value.text.len,
                     x.value.text.data, (int) y.value.text.len,
                     y.value.text.data);
        }

        crm_pool_destroy(pool);
    }
}


static void
a_later_text_has_no_smaller_place(void **state)
{
    int             order;
    char            text[2][16];
    size_t          i, k, n;
    unsigned        side;
    uint64_t        random, place[2];
    crm_pool_t     *pool;
    crm_operand_t   operand[2];

    (void) state;

    random = 20261123;

    for (i = 0; i < ROUNDS; i++) {
        pool = crm_test_pool();

        for (side = 0; side < 2; side++) {
            n = 1 + crm_test_below(&random, 12);
            text[side][0] = '"';

            for (k = 1; k <= n; k++) {
                text[side][k] = (char) ('a' + crm_test_below(&random, 2));
            }

            (void) strcpy(text[side] + k, "\"");
            operand[side] = make_operand(pool, text[side]);
            assert_int_equal(crm_demand_place(&place[side], &operand[side],
                                              CRM_SCALE_TEXT, NULL),
                             CRM_PLACE_KNOWN);
        }

        order = crm_str_cmp(operand[0].folded, operand[1].folded);

        assert_true(order < 0 ? place[0] <= place[1]
                    : order > 0 ? place[0] >= place[1]
                    : place[0] == place[1]);

        crm_pool_destroy(pool);
    }
}


/* Of ten rules each, by their criteria, with # for the rule's number; a record
 * that one or two match, and how many are looked at. */
static const struct {
    const char  *criteria;
    const char  *record;
    size_t       candidates;
} rows[] = {
    { "{'field':'A','comparator':'between','value':[1#0,1#5]}",
      "{'A':132}", 1 },
    { "{'field':'A','comparator':'between','value':[1#0,1#5]}",
      "{'A':137}", 0 },
    { "{'field':'A','comparator':'greater_than','value':1#0}", "{'A':125}", 3 },
    { "{'field':'A','comparator':'less_equal','value':1#0}", "{'A':185}", 1 },
    { "{'field':'D','comparator':'equal','value':'2026-03-1#'}",
      "{'D':'2026-03-14'}", 1 },
    { "{'field':'D','comparator':'less_than','type':'pre_defined',"
      "'value':'${TODAY-#0}'}", "{'D':'2026-09-20'}", 7 },
    { "{'field':'D','comparator':'between','type':'pre_defined',"
      "'value':['${TODAY+#0}','${TODAY+#4}']}", "{'D':'2026-12-25'}", 1 },
    { "{'field':'T','comparator':'starts_with','value':'v#'}",
      "{'T':'V7 and more'}", 1 },
    { "{'field':'S','comparator':'include_any','value':['m#','o#']}",
      "{'S':['x','m3','o8']}", 2 },
    { "{'field':'S','comparator':'include_all','value':['m#','o']}",
      "{'S':['o','m3']}", 1 },
    { "{'field':'S','comparator':'equal','value':['m#','n#']}",
      "{'S':['n4','m4']}", 1 },
    { "{'field':'B','comparator':'equal','value':true}", "{'B':false}", 0 },
    { "{'group_operator':'OR','group':[{'field':'A','comparator':'equal',"
      "'value':#},{'field':'T','comparator':'equal','value':'t#'}]}",
      "{'A':3,'T':'t8'}", 2 },
    { "{'group_operator':'OR','group':[{'field':'A','comparator':'equal',"
      "'value':#},{'field':'T','comparator':'contains','value':'t#'}]}",
      "{'A':3,'T':'t8'}", 10 },
    { "{'group_operator':'AND','group':[{'field':'T','comparator':"
      "'not_equal','value':'x'},{'field':'A','comparator':'greater_equal',"
      "'value':#}]}", "{'A':-1,'T':'t'}", 0 },
    { "{'group_operator':'AND','group':[{'field':'T','comparator':"
      "'contains','value':'y'},{'field':'A','comparator':'not_equal',"
      "'value':#}]}", "{'A':-1,'T':'t'}", 0 },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


static crm_ruleset_t *
ten_rules(crm_pool_t *pool, const char *criteria)
{
    unsigned     i;
    crm_buf_t    buf;
    const char  *p;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{'kind':'module','name':'M','fields':["
                 "{'api_name':'A','data_type':'currency'},"
                 "{'api_name':'D','data_type':'date'},"
                 "{'api_name':'T','data_type':'text'},"
                 "{'api_name':'S','data_type':'multiselectpicklist'},"
                 "{'api_name':'B','data_type':'boolean'},"
                 "{'api_name':'Z','data_type':'text'}]}");

    for (i = 0; i < 10; i++) {
        crm_buf_puts(&buf, ",{'kind':'workflow_rule','module':'M','name':'");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "','execute_when':{'type':'create'},'conditions':"
                     "[{'criteria':");

        for (p = criteria; *p; p++) {
            crm_buf_putc(&buf, *p == '#' ? (char) ('0' + i) : *p);
        }

        crm_buf_puts(&buf, ",'instant_actions':[{'type':'field_updates',"
                     "'field':'Z','value':'1'}]}]}");
    }

    crm_buf_putc(&buf, '\0');

    return crm_make_rules(crm_pool_dup(pool, crm_strz(buf.data)).data);
}


static void
only_rules_that_can_match_are_candidates(void **state)
{
    size_t           i, n;
    crm_pool_t      *pool;
    crm_write_t     *w;
    crm_ruleset_t   *rules;
    const unsigned  *positions;

    (void) state;

    for (i = 0; i < ROWS; i++) {
        pool = crm_test_pool();
        rules = ten_rules(pool, rows[i].criteria);

        w = crm_make_write(pool, rules, "M", rows[i].record, NULL);
        w->now_ms = CRM_MAKE_NOW;
        assert_int_equal(crm_write_init(w, pool), CRM_OK);

        assert_int_equal(crm_index_candidates(w->module->create,
                                              &w->after_eval, &positions,
                                              &n), CRM_OK);
        if (n != rows[i].candidates) {
            fail_msg("%s: %zu candidates", rows[i].criteria, n);
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_larger_number_has_no_smaller_place),
    cmocka_unit_test(a_later_text_has_no_smaller_place),
    cmocka_unit_test(only_rules_that_can_match_are_candidates),
};

CRM_TEST_MAIN(tests)
