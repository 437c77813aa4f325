/*
 * Key names. They are a contract with everybody who pushes jobs or looks into
 * Redis; and no two records may ever share one.
 */

#include "crm_test.h"

#include "state/crm_keys.h"


#define ORG  CRM_STR("acme")

static crm_pool_t  *pool;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


static void
an_organisation_is_1_to_64_of_the_allowed_characters(void **state)
{
    char    name[66];
    size_t  i;

    static const char *const  good[] = { "a", "acme", "A.b-c_9", ".", "-" };
    static const char *const  bad[] = {
        "", "a b", "a{b", "a}b", "a:b", "a/b", "a*", "\303\251", "a\n"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(crm_org_valid(crm_strz(good[i])));
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(crm_org_valid(crm_strz(bad[i])));
    }

    memset(name, 'x', sizeof(name));
    assert_true(crm_org_valid(crm_str(name, 64)));
    assert_false(crm_org_valid(crm_str(name, 65)));
    assert_false(crm_org_valid(crm_str("a\0b", 3)));
    assert_false(crm_org_valid(CRM_STR_NULL));
}


static void
every_key_has_the_name_of_the_contract(void **state)
{
    crm_record_name_t  record = { CRM_STR("Leads"), CRM_STR("42") };

    (void) state;

#define assert_key(call, name) \
    do { \
        crm_str_t  key = call; \
        assert_string_equal(key.data, name); \
        assert_int_equal(key.len, sizeof(name) - 1); \
    } while (0)

    assert_key(crm_key_epoch(pool, ORG), "crm:{acme}:epoch");
    assert_key(crm_key_accepted(pool, ORG), "crm:{acme}:epoch:accepted");
    assert_key(crm_key_revision(pool, ORG), "crm:{acme}:revision");
    assert_key(crm_key_revisions(pool, ORG), "crm:{acme}:revisions");
    assert_key(crm_key_rules(pool, ORG, 12), "crm:{acme}:rules:12");
    assert_key(crm_key_processes(pool, ORG), "crm:{acme}:processes");
    assert_key(crm_key_busy(pool, ORG, record), "crm:{acme}:busy:Leads/42");
    assert_key(crm_key_record(pool, ORG, record),
               "crm:{acme}:record:Leads/42");
    assert_key(crm_key_snapshot(pool, ORG, record),
               "crm:{acme}:snapshot:Leads/42");
    assert_key(crm_key_intents(pool, ORG), "crm:{acme}:intents");
    assert_key(crm_key_intent(pool, ORG, CRM_STR("E")), "crm:{acme}:intent:E");
    assert_key(crm_key_settled(pool, ORG, CRM_STR("E")),
               "crm:{acme}:settled:E");
    assert_key(crm_key_trace(pool, ORG), "crm:{acme}:trace");
    assert_key(crm_key_queue(pool, ORG, CRM_QUEUE_WEBHOOKS),
               "crm:{acme}:queue:webhooks");
    assert_key(crm_key_queue(pool, ORG, CRM_QUEUE_EMAILS),
               "crm:{acme}:queue:emails");
    assert_key(crm_key_queue(pool, ORG, CRM_QUEUE_RECORDS),
               "crm:{acme}:queue:records");
    assert_key(crm_key_queue(pool, ORG, CRM_QUEUE_FUNCTIONS),
               "crm:{acme}:queue:functions");
    assert_key(crm_key_own(pool, ORG), "crm:{acme}:own");
    assert_key(crm_key_job(pool, ORG, CRM_STR("j")), "crm:{acme}:job:j");
    assert_key(crm_key_ready(pool, ORG, CRM_QUEUE_EMAILS, CRM_STR_NULL),
               "crm:{acme}:ready:emails");
    assert_key(crm_key_ready(pool, ORG, CRM_QUEUE_WEBHOOKS, CRM_STR("ab")),
               "crm:{acme}:ready:webhooks:ab");
    assert_key(crm_key_ring(pool, ORG, CRM_QUEUE_WEBHOOKS),
               "crm:{acme}:ring:webhooks");
    assert_key(crm_key_inflight(pool, ORG), "crm:{acme}:inflight");
    assert_key(crm_key_turn(pool, ORG), "crm:{acme}:turn");
    assert_key(crm_key_lease(pool, ORG), "crm:{acme}:lease");
    assert_key(crm_key_delayed(pool, ORG), "crm:{acme}:delayed");
    assert_key(crm_key_stats(pool, ORG), "crm:{acme}:stats");
    assert_key(crm_key_dead(pool, ORG), "crm:{acme}:dead");
    assert_key(crm_key_done(pool, ORG, CRM_STR("20260131")),
               "crm:{acme}:done:20260131");
    assert_key(CRM_KEY_ORGS, "crm:orgs");
}


static void
a_zero_byte_in_an_id_names_another_record(void **state)
{
    crm_str_t          a, b;
    crm_record_name_t  one = { CRM_STR("Leads"), CRM_STR("4") };
    crm_record_name_t  other = { CRM_STR("Leads"), { "4\0002", 3 } };

    (void) state;

    a = crm_key_busy(pool, ORG, one);
    b = crm_key_busy(pool, ORG, other);
    assert_int_equal(b.len, a.len + 2);
}


static void
the_keys_of_many_records_are_those_of_each(void **state)
{
    size_t             i;
    crm_key_pair_t     keys;
    crm_record_name_t  records[] = {
        { CRM_STR("Leads"), CRM_STR("1") },
        { CRM_STR("Leads"), CRM_STR("20") },
        { CRM_STR("Deals"), CRM_STR("1") },
        { CRM_STR("Deals"), { "4\0002", 3 } },
        { CRM_STR("Leads"), CRM_STR("") },
        { CRM_STR(""), CRM_STR("1") }
    };

    (void) state;

    crm_key_pair_init(&keys, pool, ORG);

    for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        assert_int_equal(crm_key_pair_make(&keys, records[i]), CRM_OK);
        assert_true(crm_str_eq(keys.busy,
                               crm_key_busy(pool, ORG, records[i])));
        assert_true(crm_str_eq(keys.record,
                               crm_key_record(pool, ORG, records[i])));
    }
}


static void
queues_are_found_by_name(void **state)
{
    int          i;
    crm_queue_t  queue;

    (void) state;

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        assert_int_equal(crm_queue_parse(&queue,
                         crm_strz(crm_queue_name((crm_queue_t) i))), CRM_OK);
        assert_int_equal(queue, i);
    }
    assert_int_equal(crm_queue_parse(&queue, CRM_STR("webhook")),
                     CRM_DECLINED);
}


static crm_status_t
make_key(crm_pool_t *tight, void *data)
{
    crm_key_pair_t     keys;
    crm_record_name_t  record = { CRM_STR("Leads"), CRM_STR("1") };

    (void) data;

    crm_key_pair_init(&keys, tight, ORG);

    return crm_key_rules(tight, ORG, 1).data
           ? crm_key_pair_make(&keys, record) : CRM_ENOMEM;
}


static void
a_key_without_memory_has_no_data(void **state)
{
    (void) state;

    crm_test_starve(make_key, NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(an_organisation_is_1_to_64_of_the_allowed_characters),
        cmocka_unit_test(every_key_has_the_name_of_the_contract),
        cmocka_unit_test(a_zero_byte_in_an_id_names_another_record),
        cmocka_unit_test(the_keys_of_many_records_are_those_of_each),
        cmocka_unit_test(queues_are_found_by_name),
        cmocka_unit_test(a_key_without_memory_has_no_data),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
