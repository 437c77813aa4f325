/*
 * Jobs of mail. They would fail by a mail to somebody who was not meant, by
 * one to nobody that nobody hears of, or by a value that becomes a header or
 * a tag.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'Std'},{'kind':'profile','name':'Boss'},"       \
    "{'kind':'profile','name':'Max'},"                                        \
    "{'kind':'role','name':'Top'},"                                           \
    "{'kind':'role','name':'Rep','reports_to':'Top'},"                        \
    USER("u1", "Rep", "Std", ",'email':'ann@x.test'")                         \
    USER("u2", "Rep", "Std", ",'email':'bob@x.test'")                         \
    USER("u3", "Rep", "Boss", ",'email':'cid@x.test','status':'inactive'")    \
    USER("u4", "Rep", "Boss", "")                                             \
    USER("u5", "Rep", "Boss", ",'email':'Eve'")                               \
    USER("u6", "Top", "Max", ",'email':'max@x.test'")                         \
    USER("u7", "Top", "Max", "")                                             \
    "{'kind':'group','name':'G','members':['u2','u1','u3']},"
#define USER(id, role, profile, more)                                         \
    "{'kind':'user','id':'" id "','role':'" role "','profile':'" profile      \
    "'" more "},"
#define PLATE(more)                                                           \
    "{'kind':'email_template','name':'T','subject':'Deal ${!M.Name}'" more    \
    "},"
#define MAIL(to)                                                              \
    "{'kind':'email_notification','name':'N','module':'M','template':'T',"    \
    "'from':'crm@x.test','recipients':[" to "]},"                             \
    "{'kind':'workflow_rule','module':'M','name':'r','execute_when':"         \
    "{'type':'create_or_edit'},'conditions':[{'instant_actions':["            \
    "{'type':'email_notifications','name':'N'}]}]}"
#define TEXT  PLATE(",'text':'x'")
#define BOSS  "{'type':'address','email':'boss@x.test'}"


/* The action of the one job that a write gives. */
static json_t *
action_of(const char *objects, const char *request, const char *before)
{
    json_t         *job, *action;
    crm_pool_t     *pool;
    crm_plan_t      plan;
    crm_event_t    *event;
    crm_write_t    *write;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    write = crm_make_write(pool, rules, "M", request, before);
    write->unasked = 1;
    event = crm_make_event(write);

    assert_int_equal(crm_plan(&plan, event), CRM_OK);
    assert_int_equal(plan.jobs_count, 1);
    assert_int_equal(plan.jobs[0].queue, CRM_QUEUE_EMAILS);

    job = json_loadb(plan.jobs[0].json.data, plan.jobs[0].json.len, 0, NULL);
    assert_non_null(job);
    assert_string_equal(json_string_value(json_object_get(job, "type")),
                        "email_notifications");

    action = json_incref(json_object_get(job, "action"));
    assert_non_null(action);
    json_decref(job);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return action;
}


/* A list of texts, each with a comma behind. */
static void
assert_texts(json_t *action, const char *name, const char *want)
{
    char     got[2048];
    size_t   i;
    json_t  *item;

    got[0] = '\0';

    json_array_foreach(json_object_get(action, name), i, item) {
        assert_true(strlen(got) + strlen(json_string_value(item)) + 2
                    < sizeof(got));
        strcat(got, json_string_value(item));
        strcat(got, ",");
    }

    assert_string_equal(got, want);
}


static void
recipients_of_every_kind_are_found(void **state)
{
    size_t   i;
    json_t  *action;

    static const struct {
        const char  *to;
        const char  *request;
        const char  *found;
        const char  *missed;
    } rows[] = {
        { BOSS, "{'A':1}", "boss@x.test,", "" },
        { BOSS "," BOSS ",{'type':'address','email':'BOSS@X.test'}",
          "{'A':1}", "boss@x.test,", "" },
        { "{'type':'user','id':'u2'}", "{'A':1}", "bob@x.test,", "" },
        { "{'type':'current_user'}", "{'A':1}", "ann@x.test,", "" },
        { "{'type':'role','name':'Rep'}," BOSS, "{'A':1}",
          "ann@x.test,bob@x.test,boss@x.test,",
          "a user's email: its value is no address," },
        { "{'type':'profile','name':'Std'}", "{'A':1}",
          "ann@x.test,bob@x.test,", "" },
        { "{'type':'group','name':'G'}", "{'A':1}", "bob@x.test,ann@x.test,",
          "" },
        { "{'type':'record_owner'}", "{'Owner':'u2'}", "bob@x.test,", "" },
        { "{'type':'record_owner'}", "{'Owner':{'id':'u2','name':'Bob'}}",
          "bob@x.test,", "" },
        { "{'type':'record_owner'}", "{'Owner':'u9'}", "",
          "record_owner: the rules know no such user," },
        { "{'type':'record_owner'}," BOSS, "{'Owner':'u3'}", "boss@x.test,",
          "record_owner: the user is inactive," },
        { "{'type':'record_owner'}", "{'Owner':'u4'}", "",
          "record_owner: the user has no email," },
        { "{'type':'record_owner'}", "{'A':1}", "",
          "record_owner: the record shows no owner," },
        { "{'type':'record_owner'}", "{'Owner':null}", "",
          "record_owner: the record has no owner," },
        { "{'type':'manager'}", "{'Owner':'u1'}", "max@x.test,",
          "manager: the user has no email," },
        { "{'type':'manager'}", "{'Owner':{'id':'u3'}}", "max@x.test,",
          "manager: the user has no email," },
        { "{'type':'manager'}", "{'Owner':'u6'}", "",
          "manager: nobody who is active stands there," },
        { "{'type':'manager'}", "{'Owner':'u9'}", "",
          "manager: nobody who is active stands there," },
        { "{'type':'manager'}", "{'A':1}", "",
          "manager: the record shows no owner," },
        { "{'type':'role_hierarchy','levels':1}", "{'Owner':'u2'}",
          "max@x.test,", "role_hierarchy: the user has no email," },
        { "{'type':'role_hierarchy','levels':2}," BOSS, "{'Owner':'u2'}",
          "boss@x.test,",
          "role_hierarchy: nobody who is active stands there," },
        { "{'type':'field','field':'Email'}", "{'Email':'me@y.test'}",
          "me@y.test,", "" },
        { "{'type':'field','field':'By'}", "{'By':{'id':'u1'}}",
          "ann@x.test,", "" },
        { "{'type':'field','field':'Email'}," BOSS, "{'Email':null}",
          "boss@x.test,", "" },
        { "{'type':'field','field':'Email'}", "{'Email':'a@b, c@d'}", "",
          "Email: its value is no address," },
        { "{'type':'field','field':'Email'}", "{'Email':'a@b\\nBcc: c@d'}",
          "", "Email: its value is no address," },
        { "{'type':'field','field':'Email'}", "{'Email':'nobody'}", "",
          "Email: the rules know no such user," },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char  objects[8192];

        (void) snprintf(objects, sizeof(objects), PEOPLE TEXT MAIL("%s"),
                        rows[i].to);
        action = action_of(objects, rows[i].request, NULL);

        assert_row(json_object_get(action, "refused") == NULL, rows[i].to);
        assert_texts(action, "to", rows[i].found);
        assert_texts(action, "missed", rows[i].missed);
        json_decref(action);
    }
}


static void
each_part_is_merged_as_its_reader_takes_it(void **state)
{
    json_t  *action;

    (void) state;

    action = action_of(PEOPLE PLATE(",'text':'${!M.Name} ${OLD!M.Name}',"
                                    "'html':'<b>${!M.Name}</b>'")
                       MAIL(BOSS), "{'Name':'<A> & \\u00e9'}",
                       "{'id':'42','Name':'was'}");

    assert_string_equal(json_string_value(json_object_get(action, "subject")),
                        "Deal <A> & \xc3\xa9");
    assert_string_equal(json_string_value(json_object_get(action, "text")),
                        "<A> & \xc3\xa9 was");
    assert_string_equal(json_string_value(json_object_get(action, "html")),
                        "<b>&lt;A&gt; &amp; \xc3\xa9</b>");
    assert_string_equal(json_string_value(json_object_get(action, "name")),
                        "N");
    assert_string_equal(json_string_value(json_object_get(action, "from")),
                        "crm@x.test");
    json_decref(action);

    action = action_of(PEOPLE TEXT MAIL(BOSS), "{'A':1}", NULL);
    assert_true(json_is_null(json_object_get(action, "html")));
    json_decref(action);
}


static void
what_cannot_be_sent_says_why(void **state)
{
    size_t   i;
    char    *large, *plates;
    json_t  *action;

    static const struct {
        const char  *objects;
        const char  *request;
        const char  *says;
    } rows[] = {
        { PEOPLE TEXT MAIL(BOSS), "{'Name':'a\\nBcc: all@x.test'}",
          "break the subject" },
        { PEOPLE TEXT MAIL(BOSS), "{'Name':'a\\rb'}", "break the subject" },
        { PEOPLE TEXT MAIL("{'type':'field','field':'Email'}"),
          "{'Email':''}", "nobody to send it to" },
        { PEOPLE TEXT MAIL("{'type':'profile','name':'Boss'}"), "{'A':1}",
          NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        action = action_of(rows[i].objects, rows[i].request, NULL);

        if (rows[i].says) {
            assert_non_null(json_object_get(action, "refused"));
            assert_non_null(strstr(json_string_value(json_object_get(action,
                                   "refused")), rows[i].says));
            assert_null(json_object_get(action, "to"));
        } else {
            assert_null(json_object_get(action, "refused"));
        }

        json_decref(action);
    }

    large = malloc(300001);
    plates = malloc(400000);
    assert_non_null(large);
    assert_non_null(plates);
    memset(large, 'x', 300000);
    large[300000] = '\0';
    (void) snprintf(plates, 400000, "{'Name':'%s'}", large + 200000);

    action = action_of(PEOPLE PLATE(",'text':'${!M.Name}${!M.Name}"
                                    "${!M.Name}'") MAIL(BOSS), plates, NULL);
    assert_non_null(strstr(json_string_value(json_object_get(action,
                           "refused")), "4 KiB"));
    json_decref(action);
    free(large);
    free(plates);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(recipients_of_every_kind_are_found),
    cmocka_unit_test(each_part_is_merged_as_its_reader_takes_it),
    cmocka_unit_test(what_cannot_be_sent_says_why),
};

CRM_TEST_MAIN(tests)
