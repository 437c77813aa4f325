/*
 * Shapes catch what a person mistypes. They would fail by taking a key that
 * nobody reads, so that a rule does something else than what stands there.
 */

#include "crm_rules_make.h"


static const char *const  words[] = { "on", "off", "shadow", NULL };

static const crm_key_t  keys[] = {
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 10, NULL, NULL, NULL },
    { "note", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL, NULL, NULL },
    { "enabled", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL, NULL },
    { "sequence", CRM_KEY_INTEGER, 0, 1, 9, NULL, NULL, NULL },
    { "offset", CRM_KEY_INTEGER, 0, 0, 0, NULL, NULL, NULL },
    { "details", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL, NULL },
    { "members", CRM_KEY_LIST, 0, 2, 3, NULL, NULL, NULL },
    { "tags", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL, NULL },
    { "status", CRM_KEY_WORD, 0, 0, 0, words, NULL, NULL },
    { "value", CRM_KEY_ANY, 0, 0, 0, NULL, NULL, NULL },
    CRM_KEYS_END
};


typedef struct {
    crm_pool_t      *pool;
    crm_findings_t   findings;
    crm_compile_t    cc;
    json_t          *json;
} shape_t;


static crm_status_t
check(shape_t *s, const char *text)
{
    memset(s, 0, sizeof(shape_t));

    s->pool = crm_test_pool();
    s->json = crm_make_json(text);
    s->cc.pool = s->pool;
    s->cc.findings = &s->findings;
    s->cc.object = 4;

    crm_findings_init(&s->findings, s->pool);

    return crm_shape_check(s->json, keys, "a thing", "at", &s->cc);
}


static void
end(shape_t *s)
{
    json_decref(s->json);
    crm_pool_destroy(s->pool);
}


static void
what_fits_is_taken(void **state)
{
    size_t   i;
    shape_t  s;

    static const char *const  good[] = {
        "{'name':'x'}",
        "{'name':'0123456789','note':'','enabled':false,'sequence':1,"
        "'offset':-99999999999,'details':{},'members':[1,null],'tags':[],"
        "'status':'shadow','value':null}",
        "{'name':'x','note':null,'sequence':9,'members':[1,2,3],"
        "'tags':['a','b'],'value':{'any':[1]}}",
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_row(check(&s, good[i]) == CRM_OK, good[i]);
        assert_row(s.findings.count == 0, good[i]);
        end(&s);
    }
}


static void
what_does_not_fit_is_named_with_place_and_remedy(void **state)
{
    size_t                i;
    shape_t               s;
    const crm_finding_t  *f;

    static const struct {
        const char  *text;
        const char  *path;
        int          at_key;
        const char  *code;
        const char  *says;
        const char  *suggestion;
    } rows[] = {
        { "[]", "at", 0, "wrong_type", "a thing must be a map", NULL },
        { "{}", "at", 0, "missing_key", "a thing lacks \"name\"", "name" },
        { "{'name':'x','sequenze':1}", "at.sequenze", 1, "unknown_key",
          "in a thing, did you mean \"sequence\"?", "sequence" },
        { "{'name':'x','wholly_else':1}", "at.wholly_else", 1, "unknown_key",
          "unknown key \"wholly_else\" in a thing", NULL },
        { "{'name':7}", "at.name", 0, "wrong_type", "put it in quotes",
          NULL },
        { "{'name':null}", "at.name", 0, "wrong_type", "must be text", NULL },
        { "{'name':''}", "at.name", 0, "empty", "must not be empty", NULL },
        { "{'name':'0123456789a'}", "at.name", 0, "too_long",
          "at most 10 bytes", NULL },
        { "{'name':'x','note':true}", "at.note", 0, "wrong_type",
          "put it in quotes", NULL },
        { "{'name':'x','enabled':'true'}", "at.enabled", 0, "wrong_type",
          "must be true or false", NULL },
        { "{'name':'x','sequence':0}", "at.sequence", 0, "wrong_type",
          "a whole number from 1 to 9", NULL },
        { "{'name':'x','sequence':10}", "at.sequence", 0, "wrong_type",
          "from 1 to 9", NULL },
        { "{'name':'x','sequence':2.5}", "at.sequence", 0, "wrong_type",
          "whole number", NULL },
        { "{'name':'x','offset':'1'}", "at.offset", 0, "wrong_type",
          "must be a whole number", NULL },
        { "{'name':'x','details':[]}", "at.details", 0, "wrong_type",
          "map of keys and values", NULL },
        { "{'name':'x','members':{}}", "at.members", 0, "wrong_type",
          "must be a list", NULL },
        { "{'name':'x','members':[1]}", "at.members", 0, "too_few",
          "at least 2 members", NULL },
        { "{'name':'x','members':[1,2,3,4]}", "at.members", 0,
          "limit_exceeded", "4 members, at most 3", NULL },
        { "{'name':'x','tags':['a',1]}", "at.tags[1]", 0, "wrong_type",
          "each member of tags", NULL },
        { "{'name':'x','tags':['']}", "at.tags[0]", 0, "wrong_type",
          "each member of tags", NULL },
        { "{'name':'x','status':'shadw'}", "at.status", 0, "unknown_word",
          "one of: on, off, shadow", "shadow" },
        { "{'name':'x','status':false}", "at.status", 0, "unknown_word",
          "one of: on, off, shadow", NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(check(&s, rows[i].text) == CRM_EINVAL, rows[i].text);
        assert_row(s.findings.count == 1, rows[i].text);

        f = &s.findings.items[0];

        assert_row(f->object == 4, rows[i].text);
        assert_string_equal(f->path, rows[i].path);
        assert_row(f->at_key == rows[i].at_key, rows[i].text);
        assert_string_equal(f->code, rows[i].code);
        assert_row(strstr(f->message, rows[i].says) != NULL, rows[i].text);

        if (rows[i].suggestion) {
            assert_non_null(f->suggestion);
            assert_string_equal(f->suggestion, rows[i].suggestion);
        } else {
            assert_null(f->suggestion);
        }

        end(&s);
    }
}


static void
all_mistakes_of_a_document_are_found_at_once(void **state)
{
    shape_t  s;

    (void) state;

    assert_int_equal(check(&s, "{'nome':'x','enabled':1,'sequence':99,"
                               "'tags':[1,2],'status':'x'}"), CRM_EINVAL);
    assert_int_equal(s.findings.count, 7);

    end(&s);
}


static void
the_nearest_word_is_near(void **state)
{
    static const char *const  names[] = {
        "equal", "not_equal", "in", "between", NULL
    };

    (void) state;

    assert_string_equal(crm_shape_nearest("eqal", names), "equal");
    assert_string_equal(crm_shape_nearest("not_eqaul", names), "not_equal");
    assert_null(crm_shape_nearest("completely", names));

    /* every short word is three letters from every other */

    assert_null(crm_shape_nearest("xyz", names));
    assert_null(crm_shape_nearest("", names));
}


static void
paths_read_as_people_write_them(void **state)
{
    shape_t      s;
    crm_trail_t  at[5];

    (void) state;

    (void) check(&s, "{'name':'x'}");

    assert_string_equal(crm_shape_path(&s.cc, "", "a"), "a");
    assert_string_equal(crm_shape_path(&s.cc, "a", "b"), "a.b");
    assert_string_equal(crm_shape_index(&s.cc, "a.b", 12), "a.b[12]");

    at[0] = crm_trail("");
    at[1] = crm_trail_key(&at[0], "a");
    at[2] = crm_trail_index(&at[1], 0);
    at[3] = crm_trail_index(&at[2], 12);
    at[4] = crm_trail_key(&at[3], "b.c");

    assert_string_equal(crm_trail_path(&s.cc, &at[0]), "");
    assert_string_equal(crm_trail_path(&s.cc, &at[1]), "a");
    assert_string_equal(crm_trail_path(&s.cc, &at[2]), "a[0]");
    assert_string_equal(crm_trail_path(&s.cc, &at[4]), "a[0][12].b.c");
    assert_string_equal(crm_trail_path_key(&s.cc, &at[4], "d"),
                        "a[0][12].b.c.d");

    end(&s);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(what_fits_is_taken),
    cmocka_unit_test(what_does_not_fit_is_named_with_place_and_remedy),
    cmocka_unit_test(all_mistakes_of_a_document_are_found_at_once),
    cmocka_unit_test(the_nearest_word_is_near),
    cmocka_unit_test(paths_read_as_people_write_them),
};

CRM_TEST_MAIN(tests)
