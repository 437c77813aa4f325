/*
 * What a write changes. It would fail by calling a change none: a lock is
 * passed and a rule stays silent; or by calling none a change: a client that
 * sends back what it read is refused.
 */

#include "crm_rules_make.h"


#define RULES                                                                 \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{'type':" \
    "'edit'},'conditions':[{'criteria':{'group_operator':'OR','group':["      \
    "{'field':'A','comparator':'equal','value':'x'},"                         \
    "{'field':'B','comparator':'equal','value':'x'}]},'instant_actions':["    \
    "{'type':'field_updates','field':'Z','value':1}]}]}"


/* Whether field A of an update counts as changed. */
static int
changes(const char *stored, const char *sent, int absent_is_null)
{
    int             changed;
    char            before[256], request[256];
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    (void) snprintf(before, sizeof(before), *stored ? "{'X':1,'A':%s}"
                                                    : "{'X':1%s}", stored);
    (void) snprintf(request, sizeof(request), "{'A':%s,'X':1}", sent);

    w = crm_make_given(pool, rules, "M", request, before);
    w->absent_is_null = absent_is_null;

    assert_int_equal(crm_write_init(w, pool), CRM_OK);

    changed = w->changed[0];

    assert_int_equal(w->changed[1], 0);
    assert_int_equal(w->changed_count, changed);
    assert_int_equal(w->changed_slot[0], changed);
    assert_int_equal(w->changed_slot[1], 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return changed;
}


static void
a_field_changes_when_its_value_does(void **state)
{
    size_t  i;

    static const struct {
        const char  *stored;        /* "": the stored record lacks it */
        const char  *sent;
        int          changed;
        int          absent_is_null;
    } rows[] = {
        { "'x'", "'x'", 0, 0 },
        { "'x'", "'X'", 1, 0 },
        { "'x'", "'y'", 1, 0 },
        { "'x'", "null", 1, 0 },
        { "'\\u0078'", "'x'", 0, 0 },
        { "null", "null", 0, 0 },
        { "null", "''", 0, 0 },
        { "''", "[]", 0, 0 },
        { "null", "'x'", 1, 0 },
        { "null", "false", 1, 0 },
        { "null", "0", 1, 0 },
        { "19.99", "19.990", 0, 0 },
        { "19.99", "1.999e1", 0, 0 },
        { "19.99", "19.98", 1, 0 },
        { "4150868000000225013", "4150868000000225014", 1, 0 },
        { "1", "'1'", 1, 0 },
        { "true", "true", 0, 0 },
        { "true", "false", 1, 0 },

        /* lookups, as read and as written */

        { "{'id':'1','name':'Ann'}", "'1'", 0, 0 },
        { "{'id':'1','name':'Ann'}", "{'id':'1'}", 0, 0 },
        { "{'id':'1','name':'Ann'}", "{'name':'Bob','id':'1'}", 0, 0 },
        { "{'id':'1','name':'Ann'}", "'2'", 1, 0 },
        { "{'id':'1','name':'Ann'}", "null", 1, 0 },
        { "'1'", "{'id':'1'}", 0, 0 },
        { "'x'", "{'id':'x'}", 1, 0 },
        { "1", "{'id':1}", 1, 0 },

        /* objects in any order, lists in theirs */

        { "{'a':1,'b':{'c':2,'d':3}}", "{'b':{'d':3.0,'c':2},'a':1}", 0, 0 },
        { "{'a':1,'b':2}", "{'a':1,'b':3}", 1, 0 },
        { "{'a':1}", "{'a':1,'b':null}", 0, 0 },
        { "['a','b']", "['a','b']", 0, 0 },
        { "['a','b']", "['b','a']", 1, 0 },

        /* what the stored record does not show may be anything */

        { "", "'x'", 1, 0 },
        { "", "null", 1, 0 },
        { "", "null", 0, 1 },
        { "", "''", 0, 1 },
        { "", "'x'", 1, 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (changes(rows[i].stored, rows[i].sent, rows[i].absent_is_null)
            != rows[i].changed)
        {
            fail_msg("%s then %s", rows[i].stored, rows[i].sent);
        }
    }
}


static void
on_a_create_all_that_is_sent_is_new(void **state)
{
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    w = crm_make_write(pool, rules, "M", "{'A':'x','B':null,'C':1,'D':'',"
                       "'E':[ ],'F':{},'G':false,'H':[null]}", NULL);

    assert_int_equal(w->changed_count, 5);
    assert_memory_equal(w->changed, "\1\0\1\0\0\1\1\1", 8);
    assert_int_equal(w->after.slots[0].type, CRM_VALUE_TEXT);
    assert_int_equal(w->after.slots[1].type, CRM_VALUE_EMPTY);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
the_id_is_no_change(void **state)
{
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    w = crm_make_write(pool, rules, "M", "{'id':'42'}", "{'X':1}");
    assert_int_equal(w->changed_count, 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_delete_changes_nothing_and_shows_what_there_was(void **state)
{
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    w = crm_make_write(pool, rules, "M", NULL, "{'A':'x'}");

    assert_int_equal(w->changed_count, 0);
    assert_str(w->after.slots[0].text, "x");
    assert_int_equal(w->after.slots[1].type, CRM_VALUE_UNKNOWN);
    assert_str(crm_span_raw(crm_write_field(w, CRM_STR("A"))->value),
               "\"x\"");
    assert_null(crm_write_field(w, CRM_STR("B")));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_field_is_the_request_s_before_the_stored_one(void **state)
{
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    w = crm_make_write(pool, rules, "M", "{'A':1,'St\\u0061ge':2}",
                       "{'A':3,'B':4,'Stage':5}");

    assert_str(crm_span_raw(crm_write_field(w, CRM_STR("A"))->value), "1");
    assert_str(crm_span_raw(crm_write_field(w, CRM_STR("B"))->value), "4");
    assert_str(crm_span_raw(crm_write_field(w, CRM_STR("Stage"))->value),
               "2");
    assert_int_equal(w->changed_count, 2);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Whatever order a client chooses. */
static void
the_order_of_the_fields_does_not_matter(void **state)
{
    size_t          i, k, n;
    uint64_t        random;
    unsigned        order[40], swap, at;
    crm_buf_t       before, request;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules(RULES);
    random = 5;
    n = sizeof(order) / sizeof(order[0]);

    for (i = 0; i < 200; i++) {
        pool = crm_test_pool();
        crm_buf_init(&before, pool, 0);
        crm_buf_init(&request, pool, 0);

        for (k = 0; k < n; k++) {
            order[k] = (unsigned) k;
        }
        for (k = n - 1; k > 0; k--) {
            at = crm_test_below(&random, (uint32_t) k + 1);
            swap = order[k];
            order[k] = order[at];
            order[at] = swap;
        }

        for (k = 0; k < n; k++) {
            crm_buf_puts(&before, k ? ",'F" : "{'F");
            crm_buf_int(&before, (long long) k);
            crm_buf_puts(&before, "':");
            crm_buf_int(&before, (long long) k);

            crm_buf_puts(&request, k ? ",'F" : "{'F");
            crm_buf_int(&request, order[k]);
            crm_buf_puts(&request, "':");
            crm_buf_int(&request, order[k] + (order[k] == 7));
        }

        crm_buf_puts(&before, "}");
        crm_buf_putc(&before, '\0');
        crm_buf_puts(&request, "}");
        crm_buf_putc(&request, '\0');

        w = crm_make_write(pool, rules, "M", request.data, before.data);
        assert_int_equal(w->changed_count, 1);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static void
the_id_of_who_acts_becomes_text(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *id;
        const char  *becomes;
    } rows[] = {
        { "", "" },
        { "4150868000000225013", "4150868000000225013" },
        { "J\xc3\xbcrgen", "J\xc3\xbcrgen" },
        { "J\xfcrgen", "J?rgen" },
        { "\xff\xfe", "??" },
        { "x\xc3", "x?" },
        { "\xc3\xbc\xc3", "\xc3\xbc?" },
        { "\xed\xa0\x80", "???" },
    };

    (void) state;

    rules = crm_make_rules(RULES);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        w = crm_make_given(pool, rules, "M", "{}", NULL);
        w->actor.id = crm_strz(rows[i].id);
        assert_int_equal(crm_write_init(w, pool), CRM_OK);
        assert_str(w->actor.id, rows[i].becomes);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* Few or many: a rule has had its run or it has not. */
static void
what_a_record_remembers_is_found(void **state)
{
    int             had;
    size_t          i, n;
    crm_str_t       names[300];
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_state_t     redis;
    crm_ruleset_t  *rules;

    (void) state;

    rules = crm_make_rules(RULES);

    for (n = 0; n <= 300; n += n < 12 ? 1 : 96) {
        pool = crm_test_pool();
        w = crm_make_write(pool, rules, "M", "{}", "{'A':1}");

        assert_int_equal(crm_write_once(w, CRM_STR("r0"), &had), CRM_OK);
        assert_int_equal(had, 0);

        for (i = 0; i < n; i++) {
            names[i] = crm_pool_printf(pool, "r%zu", (i * 7919) % 65536);
        }

        memset(&redis, 0, sizeof(crm_state_t));
        redis.once = names;
        redis.n_once = n;
        w->state = &redis;

        for (i = 0; i < n; i++) {
            assert_int_equal(crm_write_once(w, names[i], &had), CRM_OK);
            assert_int_equal(had, 1);
        }

        assert_int_equal(crm_write_once(w, CRM_STR("r"), &had), CRM_OK);
        assert_int_equal(had, 0);
        assert_int_equal(crm_write_once(w, CRM_STR("r00"), &had), CRM_OK);
        assert_int_equal(had, 0);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_field_changes_when_its_value_does),
    cmocka_unit_test(on_a_create_all_that_is_sent_is_new),
    cmocka_unit_test(the_id_is_no_change),
    cmocka_unit_test(a_delete_changes_nothing_and_shows_what_there_was),
    cmocka_unit_test(a_field_is_the_request_s_before_the_stored_one),
    cmocka_unit_test(the_order_of_the_fields_does_not_matter),
    cmocka_unit_test(the_id_of_who_acts_becomes_text),
    cmocka_unit_test(what_a_record_remembers_is_found),
};

CRM_TEST_MAIN(tests)
