/*
 * The record as its last write left it. It would fail by keeping what the
 * backend says it is not, what may have changed unseen, or a record of which
 * only a part is known.
 */

#include "crm_rules_make.h"

#include "queue/crm_snapshot.h"


#define RULE(trigger, field)                                                  \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':"         \
    "{'type':'" trigger "'},'conditions':[{'criteria':{'field':'" field "',"  \
    "'comparator':'equal','value':9},'instant_actions':["                     \
    "{'type':'field_updates','field':'Z','value':'z'}]}]}"
#define HEAD  CRM_STR("h\n")


static int
serves(const char *objects)
{
    int             serves;
    crm_ruleset_t  *rules;

    rules = crm_make_rules(objects);
    serves = crm_snapshot_serves(crm_make_module(rules, "M"),
                                 crm_dialect_find(CRM_STR("zoho")));
    crm_ruleset_release(rules);

    return serves;
}


static void
a_module_whose_updates_pass_unseen_has_none(void **state)
{
    (void) state;

    assert_true(serves(RULE("edit", "A")));
    assert_true(serves(RULE("create_or_edit", "A")));
    assert_false(serves(RULE("create", "A")));
    assert_false(serves(RULE("edit", "Modified_Time")));
}


static void
a_head_tells_what_a_snapshot_holds_for(void **state)
{
    crm_str_t       head;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULE("edit", "A"));
    head = crm_snapshot_head(rules, crm_dialect_find(CRM_STR("rest")),
                             CRM_STR("EPOCH"), pool);

    assert_true(crm_str_is(head, crm_pool_printf(pool, "EPOCH 1 %lld 0 rest\n",
                                     crm_ruleset_revision(rules)).data));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* What is kept of before with sent laid over it; "" for nothing. */
static const char *
kept(crm_pool_t *pool, const char *sent, const char *before,
    const char *answer)
{
    crm_write_t    *w;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    rules = crm_make_rules(RULE("edit", "A"));
    w = crm_make_given(pool, rules, "M", sent, before);
    w->dialect = crm_dialect_find(CRM_STR("zoho"));
    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    event = crm_make_event(w);

    crm_snapshot_keep(event, HEAD, 60, crm_make_record(pool, answer));
    crm_ruleset_release(rules);

    return event->snapshot.len ? crm_pool_dup(pool, event->snapshot).data : "";
}


static void
what_is_kept_is_what_the_write_made_of_the_record(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(kept(pool, "{'B':2.50}",
                             "{'id':'1','A':1.0,'B':1,'Modified_Time':'x'}",
                             NULL),
                        "h\n{\"id\":\"1\",\"A\":1.0,\"B\":2.50}");
    assert_string_equal(kept(pool, "{'A':9}", "{'id':'1','A':1}", NULL),
                        "h\n{\"id\":\"1\",\"A\":9,\"Z\":\"z\"}");
    assert_string_equal(kept(pool, "{'A':1}", NULL, NULL), "");
    assert_string_equal(kept(pool, NULL, "{'id':'1','A':1}", NULL), "");
    crm_pool_destroy(pool);
}


static void
an_answer_that_tells_something_else_keeps_none(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_true(*kept(pool, "{'B':2}", "{'id':'1','A':1}", "{'A':1.0}"));
    assert_true(*kept(pool, "{'B':2}", "{'id':'1','A':1}", "{'B':7,'C':1}"));
    assert_false(*kept(pool, "{'B':2}", "{'id':'1','A':1}", "{'A':2}"));
    assert_false(*kept(pool, "{'B':2}", "{'id':'1','A':1}", "{'A':null}"));
    assert_false(*kept(pool, "{'B':2}", "{'id':'1'}", "{'A':2}"));
    crm_pool_destroy(pool);
}


static void
a_large_record_is_not_kept(void **state)
{
    char        *text;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    text = crm_pool_alloc(pool, CRM_SNAPSHOT_MAX_BYTES + 32);
    assert_non_null(text);
    memset(text, 'x', CRM_SNAPSHOT_MAX_BYTES + 31);
    memcpy(text, "{'B':'", 6);
    memcpy(text + CRM_SNAPSHOT_MAX_BYTES + 6, "'}", 3);

    assert_string_equal(kept(pool, text, "{'id':'1'}", NULL), "");
    crm_pool_destroy(pool);
}


static void
what_is_no_record_is_asked_for(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_record_t   record;

    static const char *const  bad[] = {
        "", "{", "{\"a\":1", "[]", "null", "{}x", "{\"a\":1,\"a\":2}"
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(crm_snapshot_read(&record, crm_strz(bad[i]), NULL,
                                           pool), CRM_EINVAL);
    }

    assert_int_equal(crm_snapshot_read(&record, CRM_STR("{\"a\":1}"), NULL,
                                       pool), CRM_OK);
    assert_int_equal(record.count, 1);
    crm_pool_destroy(pool);
}


static crm_status_t
read_snapshot(crm_pool_t *tight, void *data)
{
    crm_record_t  record;

    return crm_snapshot_read(&record, *(crm_str_t *) data, NULL, tight);
}


static void
without_memory_none_is_read(void **state)
{
    crm_str_t  text;

    (void) state;

    text = CRM_STR("{\"a\":1,\"b\":\"x\\u0041\"}");
    crm_test_starve(read_snapshot, &text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_module_whose_updates_pass_unseen_has_none),
        cmocka_unit_test(a_head_tells_what_a_snapshot_holds_for),
        cmocka_unit_test(what_is_kept_is_what_the_write_made_of_the_record),
        cmocka_unit_test(an_answer_that_tells_something_else_keeps_none),
        cmocka_unit_test(a_large_record_is_not_kept),
        cmocka_unit_test(what_is_no_record_is_asked_for),
        cmocka_unit_test(without_memory_none_is_read),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
