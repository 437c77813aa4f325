/*
 * Mail goes out in the company's name. It would fail by a template that merges
 * another module's fields, by a header that a line break makes two, or by a
 * recipient who is nobody.
 */

#include "crm_rules_make.h"
#include "rules/crm_kind.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'Standard'},{'kind':'role','name':'Rep'},"      \
    "{'kind':'user','id':'7','profile':'Standard','role':'Rep'},"             \
    "{'kind':'group','name':'EMEA','members':['7']},"
#define PLATE(more)                                                           \
    "{'kind':'email_template','name':'T'" more "}"
#define GOOD  PLATE(",'subject':'S ${!M.A}','text':'x'") ","
#define MAIL(more)                                                            \
    "{'kind':'email_notification','name':'N','module':'M'" more "}"
#define TO(who)                                                               \
    PEOPLE GOOD MAIL(",'template':'T','from':'a@b','recipients':[" who "]")


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { PLATE(""), "", "missing_key", "lacks \"subject\"", "subject" },
        { PLATE(",'subject':'S'"), "", "missing_key",
          "lacks \"text\" or \"html\"", "text" },
        { PLATE(",'subject':'a\\nb','text':'x'"), "subject", "bad_header",
          "must be one line", NULL },
        { PLATE(",'subject':'S','text':'${!M.A}','html':'${!N.A}'"), "html",
          "bad_merge_field", "write ${!M.Field}", NULL },
        { PLATE(",'subject':'S','text':'${!M.A'"), "text", "bad_merge_field",
          "has no end", NULL },
        { PLATE(",'subject':'${TODAI}','text':'x'"), "subject",
          "bad_merge_field", "did you mean \"${TODAY}\"?", "TODAY" },
        { PLATE(",'subject':'S','txt':'x'"), "txt", "unknown_key",
          "did you mean \"text\"?", "text" },
        { "{'kind':'module','name':'M','fields':[{'api_name':'Name',"
          "'data_type':'text'}]}," PLATE(",'subject':'${!M.Nane}','text':'x'"),
          "subject", "unknown_field", "did you mean \"Name\"?", "Name" },

        { GOOD MAIL(",'template':'X','from':'a@b','recipients':[{'type':"
                    "'record_owner'}]"), "template", "unknown_reference",
          "there is no email_template \"X\"", NULL },
        { PLATE(",'subject':'${!L.A}','text':'x'") ","
          MAIL(",'template':'T','from':'a@b','recipients':[{'type':"
               "'record_owner'}]"), "template", "wrong_module",
          "merges fields of L, not of M", NULL },
        { GOOD MAIL(",'template':'T','from':'Ann <a@b>','recipients':[{"
                    "'type':'record_owner'}]"), "from", "bad_address",
          "is no address", NULL },
        { GOOD MAIL(",'template':'T','from':'a@b','recipients':[]"),
          "recipients", "too_few", "at least 1", NULL },

        { TO("7"), "recipients[0]", "wrong_type", "a map with a \"type\"",
          "type" },
        { TO("{'type':'rol','name':'Rep'}"), "recipients[0].type",
          "unknown_word", "must be one of: address, user, role", "role" },
        { TO("{'type':'round_robin','group':'EMEA'}"),
          "recipients[0].type", "unknown_word", "must be one of", NULL },
        { TO("{'type':'address','email':'a@b, c@d'}"),
          "recipients[0].email", "bad_address", "is no address", NULL },
        { TO("{'type':'address','email':'a@b\\r\\nBcc: c@d'}"),
          "recipients[0].email", "bad_address", "is no address", NULL },
        { TO("{'type':'address'}"), "recipients[0]", "missing_key",
          "lacks \"email\"", "email" },
        { TO("{'type':'user','id':'8'}"), "recipients[0].id",
          "unknown_reference", "there is no user \"8\"", NULL },
        { TO("{'type':'role','name':'Reb'}"), "recipients[0].name",
          "unknown_reference", "did you mean \"Rep\"?", "Rep" },
        { TO("{'type':'group','name':'EMEB'}"), "recipients[0].name",
          "unknown_reference", "did you mean \"EMEA\"?", "EMEA" },
        { TO("{'type':'profile','name':'Standart'}"), "recipients[0].name",
          "unknown_reference", "did you mean \"Standard\"?", "Standard" },
        { TO("{'type':'record_owner','address':'x'}"),
          "recipients[0].address", "unknown_key", "in a recipient", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
every_recipient_is_taken(void **state)
{
    crm_ruleset_t      *rules;
    const crm_email_t  *email;

    (void) state;

    rules = crm_make_rules(TO("{'type':'address','email':'x@y.test'},"
        "{'type':'user','id':'7'},{'type':'role','name':'Rep'},"
        "{'type':'group','name':'EMEA'},{'type':'profile','name':'Standard'},"
        "{'type':'record_owner'},{'type':'current_user'},"
        "{'type':'field','field':'Email'}"));

    email = crm_map_find(&rules->library.emails, CRM_STR("N"))->value;

    assert_str(email->from, "a@b");
    assert_str(email->module, "M");
    assert_str(email->template->module, "M");
    assert_true(email->template->has_text);
    assert_false(email->template->has_html);
    assert_int_equal(email->to_count, 8);
    assert_int_equal(email->to[0].type, CRM_PARTY_ADDRESS);
    assert_str(email->to[0].name, "x@y.test");
    assert_int_equal(email->to[4].type, CRM_PARTY_PROFILE);
    assert_int_equal(email->to[5].type, CRM_PARTY_OWNER);
    assert_int_equal(email->to[7].type, CRM_PARTY_FIELD);
    assert_str(email->to[7].name, "Email");

    crm_ruleset_release(rules);
}


static void
a_template_without_fields_goes_with_any_module(void **state)
{
    (void) state;

    crm_ruleset_release(crm_make_rules(
        PLATE(",'subject':'S ${TODAY}','html':'<p>x</p>'") ","
        MAIL(",'template':'T','from':'a@b','recipients':[{'type':"
             "'record_owner'}]")));
}


static void
an_address_stands_alone(void **state)
{
    size_t  i;

    static const char *const  good[] = { "a@b", "ann.lee+x@mail.example" };
    static const char *const  bad[] = {
        "", "a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", "a@.b",
        "a@b.", "a@b\n", "a@\xc3\xa4", "a;@b", "\"a\"@b"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_row(crm_party_is_address(crm_strz(good[i])), good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(!crm_party_is_address(crm_strz(bad[i])), bad[i]);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(every_recipient_is_taken),
    cmocka_unit_test(a_template_without_fields_goes_with_any_module),
    cmocka_unit_test(an_address_stands_alone),
};

CRM_TEST_MAIN(tests)
