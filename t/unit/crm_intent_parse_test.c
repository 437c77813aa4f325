/*
 * Intents read back. It would fail by a document that is believed though a hand
 * has changed it.
 */

#include "crm_rules_make.h"


#define DOC  "{'v':1,'event':'E','org':'o','at':5,'revision':7,'dialect':"    \
             "'zoho','operation':'update','module':'M','record_id':'42',"     \
             "'actor':{'id':'u'},'workflow':false,'request':{'A':1},"         \
             "'changes':{},'before':null,'rules':[]}"


/* A document of one record. */
static crm_status_t
parse_one(crm_intent_t *intent, crm_str_t doc, crm_pool_t *in,
    crm_error_t *err)
{
    crm_status_t   rc;
    crm_intents_t  intents;

    memset(intent, 0, sizeof(crm_intent_t));
    rc = crm_intent_parse(&intents, doc, in, err);

    if (rc == CRM_OK) {
        *intent = intents.items[0];
    }

    return rc;
}


/* DOC with the value of one member replaced; "" takes the member out. */
static crm_str_t
doc_with(crm_pool_t *pool, const char *name, const char *value)
{
    char       *text;
    json_t     *doc, *with;
    crm_str_t   copy;

    doc = crm_make_json(DOC);

    if (value[0] == '\0') {
        assert_int_equal(json_object_del(doc, name), 0);

    } else {
        with = crm_make_json(value);
        assert_int_equal(json_object_set_new(doc, name, with), 0);
    }

    text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    assert_non_null(text);

    copy = crm_pool_dup(pool, crm_strz(text));
    free(text);

    return copy;
}


static void
a_document_that_was_changed_by_hand_is_refused(void **state)
{
    size_t        i;
    crm_str_t     doc;
    crm_pool_t   *pool;
    crm_error_t   err;
    crm_intent_t  intent;

    static const char *const  members[] = {
        "v", "event", "org", "at", "revision", "dialect", "operation",
        "module", "record_id", "actor", "workflow", "request", "changes",
        "before", "rules"
    };                                  /* "trigger" and "import" may lack */

    static const struct {
        const char  *name;
        const char  *value;
    } bad[] = {
        { "v", "2" }, { "v", "'1'" }, { "v", "1.0" }, { "v", "null" },
        { "event", "''" }, { "event", "5" }, { "event", "null" },
        { "org", "{}" }, { "at", "'5'" }, { "at", "-5" }, { "at", "1.5" },
        { "at", "1234567890123456789" }, { "revision", "null" },
        { "revision", "[]" }, { "dialect", "''" }, { "dialect", "null" },
        { "operation", "'none'" }, { "operation", "'upsert'" },
        { "operation", "1" }, { "module", "''" }, { "module", "'M/1'" },
        { "module", "null" }, { "record_id", "null" }, { "record_id", "''" },
        { "record_id", "42" }, { "record_id", "'../1'" },
        { "record_id", "'a b'" }, { "actor", "null" }, { "actor", "'u'" },
        { "actor", "{}" }, { "actor", "{'id':5}" }, { "workflow", "1" },
        { "workflow", "null" }, { "trigger", "null" },
        { "trigger", "{}" }, { "trigger", "'workflow'" },
        { "import", "false" }, { "import", "1" },
        { "request", "null" }, { "request", "[]" },
        { "request", "'{}'" }, { "changes", "null" }, { "changes", "[]" },
        { "assignment", "[]" }, { "assignment", "null" },
        { "before", "[]" }, { "before", "1" }, { "rules", "null" },
        { "rules", "{}" }, { "rules", "[1]" }, { "rules", "[{}]" },
        { "rules", "[{'rule':'r'}]" }, { "rules", "[{'condition':1}]" },
        { "rules", "[{'rule':'r','condition':0}]" },
        { "rules", "[{'rule':'r','condition':11}]" },
        { "rules", "[{'rule':'r','condition':'1'}]" },
        { "rules", "[{'rule':1,'condition':1}]" },
        { "operation", "'create'" }, { "operation", "'delete'" },
    };

    static const char *const  broken[] = {
        "", "null", "[]", "{", "{}", DOC "x", "{'v':1,'v':1}", "\xff",
    };

    (void) state;

    pool = crm_test_pool();

    doc = doc_with(pool, "actor", "{'id':''}");
    assert_int_equal(parse_one(&intent, doc, pool, &err), CRM_OK);
    assert_int_equal(intent.revision, 7);
    assert_int_equal(intent.at_ms, 5);
    assert_int_equal(intent.workflow, 0);
    assert_str(intent.record_id, "42");
    assert_str(intent.actor_id, "");
    assert_null(intent.before);
    assert_int_equal(intent.request->count, 1);
    assert_int_equal(intent.rules_count, 0);

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        doc = doc_with(pool, members[i], "");
        assert_row(parse_one(&intent, doc, pool, &err) == CRM_EINVAL,
                   members[i]);
        assert_string_equal(err.where, members[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        doc = doc_with(pool, bad[i].name, bad[i].value);
        err.text[0] = '\0';
        assert_row(parse_one(&intent, doc, pool, &err) == CRM_EINVAL,
                   doc.data);
        assert_row(err.text[0] != '\0', doc.data);
    }

    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        doc = crm_make_text(pool, broken[i]);
        assert_row(parse_one(&intent, doc, pool, &err) == CRM_EINVAL,
                   broken[i]);
    }

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_document_that_was_changed_by_hand_is_refused),
};

CRM_TEST_MAIN(tests)
