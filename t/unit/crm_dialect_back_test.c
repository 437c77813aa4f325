/*
 * A record that was asked for, read back. It would fail by the record of
 * somebody else that counts as the one that was asked for.
 */

#include "crm_rules_make.h"


typedef struct {
    crm_str_t     body;
    crm_record_t  record;
} back_t;


static crm_status_t
read_42(crm_pool_t *pool, void *data)
{
    back_t  *back;

    back = data;

    return crm_dialect_read_one(crm_dialect_find(CRM_STR("zoho")),
                                &back->record, CRM_STR("Leads"),
                                CRM_STR("42"), 200, back->body, NULL, pool);
}


static void
a_record_that_says_that_it_is_another_is_not_taken(void **state)
{
    size_t       i;
    back_t       back;
    crm_pool_t  *pool;

    static const struct {
        const char    *body;
        crm_status_t   rc;
    } rows[] = {
        { "{'data':[{'id':'42','A':1}]}", CRM_OK },
        { "{'data':[{'id':42,'A':1}]}", CRM_OK },
        { "{'data':[{'A':1}]}", CRM_OK },       /* it does not say */
        { "{'data':[{'id':'43','A':1}]}", CRM_EINVAL },
        { "{'data':[{'id':[],'A':1}]}", CRM_EINVAL },
        { "{'data':[{'id':'../42','A':1}]}", CRM_EINVAL },
        { "<html>", CRM_EINVAL },
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        back.body = crm_make_text(pool, rows[i].body);
        assert_row(read_42(pool, &back) == rows[i].rc, rows[i].body);
    }

    back.body = crm_make_text(pool, rows[0].body);
    crm_test_starve(read_42, &back);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_record_that_says_that_it_is_another_is_not_taken),
};

CRM_TEST_MAIN(tests)
