/*
 * Rules read fields by slot. It would fail by giving two names one slot, or a
 * name another slot than before.
 */

#include "crm_test.h"

#include "record/crm_schema.h"


static void
a_name_keeps_its_slot(void **state)
{
    unsigned       i;
    crm_str_t      name;
    crm_pool_t    *pool;
    crm_schema_t   schema;

    (void) state;

    pool = crm_test_pool();
    crm_schema_init(&schema, pool);

    assert_int_equal(crm_schema_find(&schema, CRM_STR("a"),
                                     crm_str_hash(CRM_STR("a"))),
                     CRM_SLOT_NONE);

    for (i = 0; i < 500; i++) {
        name = crm_pool_printf(pool, "field_%u", i);
        assert_int_equal(crm_schema_slot(&schema, name), i);
        assert_int_equal(schema.types[i], CRM_FIELD_ANY);
        schema.types[i] = (crm_field_type_t) (i % CRM_FIELD_OTHER);
    }

    assert_int_equal(schema.count, 500);

    for (i = 0; i < 500; i++) {
        name = crm_pool_printf(pool, "field_%u", i);
        assert_int_equal(crm_schema_slot(&schema, name), i);
        assert_int_equal(crm_schema_find(&schema, name, crm_str_hash(name)),
                         i);
        assert_int_equal(schema.types[i], i % CRM_FIELD_OTHER);
    }

    assert_int_equal(schema.count, 500);
    assert_int_equal(crm_schema_find(&schema, CRM_STR("Field_1"),
                                     crm_str_hash(CRM_STR("Field_1"))),
                     CRM_SLOT_NONE);

    crm_pool_destroy(pool);
}


static void
every_data_type_of_the_vendor_has_a_type(void **state)
{
    size_t                i;
    crm_field_type_t      type;
    const char *const    *names;

    static const struct {
        const char        *name;
        crm_field_type_t   type;
    } rows[] = {
        { "text", CRM_FIELD_TEXT }, { "email", CRM_FIELD_TEXT },
        { "phone", CRM_FIELD_TEXT }, { "website", CRM_FIELD_TEXT },
        { "textarea", CRM_FIELD_TEXTAREA },
        { "picklist", CRM_FIELD_PICKLIST },
        { "autonumber", CRM_FIELD_PICKLIST },
        { "multiselectpicklist", CRM_FIELD_MULTIPICK },
        { "multiselectlookup", CRM_FIELD_MULTIPICK },
        { "multiuserlookup", CRM_FIELD_MULTIPICK },
        { "integer", CRM_FIELD_NUMBER }, { "bigint", CRM_FIELD_NUMBER },
        { "double", CRM_FIELD_NUMBER }, { "currency", CRM_FIELD_NUMBER },
        { "percent", CRM_FIELD_NUMBER }, { "boolean", CRM_FIELD_BOOLEAN },
        { "date", CRM_FIELD_DATE }, { "datetime", CRM_FIELD_DATETIME },
        { "lookup", CRM_FIELD_LOOKUP }, { "userlookup", CRM_FIELD_LOOKUP },
        { "ownerlookup", CRM_FIELD_LOOKUP },
        { "fileupload", CRM_FIELD_OTHER }, { "imageupload", CRM_FIELD_OTHER },
        { "address", CRM_FIELD_OTHER }, { "formula", CRM_FIELD_ANY },
        { "rollup_summary", CRM_FIELD_ANY }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_schema_type(&type, crm_strz(rows[i].name)) == CRM_OK,
                   rows[i].name);
        assert_row(type == rows[i].type, rows[i].name);
    }

    names = crm_schema_type_names;
    for (i = 0; names[i]; i++) {
        assert_row(crm_schema_type(&type, crm_strz(names[i])) == CRM_OK,
                   names[i]);
    }

    assert_int_equal(i, sizeof(rows) / sizeof(rows[0]));
    assert_int_equal(crm_schema_type(&type, CRM_STR("Text")), CRM_DECLINED);
    assert_int_equal(crm_schema_type(&type, CRM_STR("")), CRM_DECLINED);
}


static crm_status_t
starving_schema(crm_pool_t *pool, void *data)
{
    unsigned      i;
    crm_schema_t  schema;

    static const char *const  names[] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n",
        "o", "p", "q", "r", "s", "t"
    };

    (void) data;

    crm_schema_init(&schema, pool);

    for (i = 0; i < 20; i++) {
        if (crm_schema_slot(&schema, crm_strz(names[i])) == CRM_SLOT_NONE) {
            assert_int_equal(schema.count, i);
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_schema, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_name_keeps_its_slot),
    cmocka_unit_test(every_data_type_of_the_vendor_has_a_type),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
