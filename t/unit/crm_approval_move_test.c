/*
 * Approvals: who may decide what, what follows, what is refused. It would fail
 * by a level that is skipped, by a decision that counts twice, by somebody who
 * decides though he is not asked, by a record that can be changed while it
 * waits.
 */

#include "crm_approval_desk.h"


static void
levels_are_decided_one_after_the_other(void **state)
{
    desk_t  desk;

    (void) state;

    desk_open(&desk, RULES);

    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    assert_int_equal(desk.state.levels_count, 2);
    assert_int_equal(desk.state.levels[1].count, 2);
    assert_int_equal(desk.stage, CRM_STAGE_SUBMIT);

    /* the second level is not asked yet, and the first one only once */

    assert_int_equal(desk_call(&desk, "3", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_PERMISSION);
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.level, 2);
    assert_int_equal(desk.steps, 0);
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_PERMISSION);
    assert_int_equal(desk_call(&desk, "4", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);
    assert_int_equal(desk.stage, CRM_STAGE_APPROVE);
    assert_true(crm_str_is(desk.answer, "{\"code\":\"SUCCESS\",\"details\":{"
                "\"id\":\"42\"},\"message\":\"Record approved successfully\","
                "\"status\":\"success\"}"));

    /* what is decided is not decided again; what is changed is */

    assert_int_equal(desk_call(&desk, "4", CRM_CALL_REJECT, ""),
                     CRM_REFUSE_PROCESS);
    assert_int_equal(desk_edit(&desk, "1", "{'D':70}", 70), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    assert_int_equal(desk.state.level, 1);

    desk_close(&desk);
}


static void
who_may_change_a_record_that_waits(void **state)
{
    size_t  i;
    desk_t  desk;

    static const struct {
        const char          *user;
        const char          *request;
        crm_refusal_kind_t   kind;
    } rows[] = {
        { "1", "{'D':1}", CRM_REFUSE_APPROVAL },
        { "1", "{'N':'y'}", CRM_REFUSE_NONE },
        { "1", "{'N':'y','D':1}", CRM_REFUSE_APPROVAL },
        { "1", "{'D':60}", CRM_REFUSE_NONE },
        { "", "{'D':1}", CRM_REFUSE_APPROVAL },
        { "6", "{'D':1}", CRM_REFUSE_APPROVAL },
        { "nobody", "{'D':1}", CRM_REFUSE_APPROVAL },
        { "2", "{'D':61}", CRM_REFUSE_NONE },
        { "4", "{'D':61}", CRM_REFUSE_NONE },
        { "5", "{'D':61}", CRM_REFUSE_NONE },
        { "7", "{'D':61}", CRM_REFUSE_NONE },
        { "1", NULL, CRM_REFUSE_APPROVAL },
        { "7", NULL, CRM_REFUSE_NONE },
    };

    (void) state;

    desk_open(&desk, RULES);
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (desk_edit(&desk, rows[i].user, rows[i].request, -1)
            != rows[i].kind)
        {
            fail_msg("user %s, %s: %d", rows[i].user,
                     rows[i].request ? rows[i].request : "delete",
                     (int) desk.refused);
        }
    }

    /* no less while it is rejected */

    assert_int_equal(desk_call(&desk, "2", CRM_CALL_REJECT, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.stage, CRM_STAGE_REJECT);
    assert_int_equal(desk_edit(&desk, "1", "{'D':1}", 1),
                     CRM_REFUSE_APPROVAL);
    assert_int_equal(desk_edit(&desk, "1", "{'N':'z'}", -1),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk_call(&desk, "1", CRM_CALL_RECALL, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk_edit(&desk, "1", "{'D':1}", 1), CRM_REFUSE_NONE);

    desk_close(&desk);
}


static void
what_is_kept_and_cannot_be_read_holds_the_record(void **state)
{
    size_t  i;
    desk_t  desk;

    static const char *const  texts[] = {
        "x", "[]", "{}", "{\"state\":\"waiting\"}",
        "{\"state\":\"waiting\",\"process\":\"big\",\"rule\":1,\"revision\":1"
        ",\"mode\":\"anyone\",\"level\":2,\"approvers\":[[\"1\"]],\"given\":"
        "[],\"submitter\":\"1\",\"at\":1,\"event\":\"E\",\"decided\":0,"
        "\"history\":[]}"
    };

    (void) state;

    desk_open(&desk, RULES);

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        strcpy(desk.text, texts[i]);
        assert_int_equal(desk_edit(&desk, "7", "{'D':1}", 1),
                         CRM_REFUSE_UNAVAILABLE);
        assert_int_equal(desk_call(&desk, "7", CRM_CALL_APPROVE, ""),
                         CRM_REFUSE_UNAVAILABLE);
        assert_string_equal(desk.text, texts[i]);
    }

    desk_close(&desk);
}


static void
where_nobody_is_to_decide_the_process_says_who(void **state)
{
    desk_t  desk;

    (void) state;

    desk_open(&desk, PEOPLE PROCESS("p", "1", "", "50", "anyone", GONE));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    assert_int_equal(desk.state.levels[0].count, 1);
    assert_true(crm_str_is(desk.state.levels[0].ids[0], "7"));
    desk_close(&desk);

    desk_open(&desk, PEOPLE PROCESS("p", "1", ",'administrators':['5']", "50",
                                    "sequential", GONE "," BY("2")));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_true(crm_str_is(desk.state.levels[0].ids[0], "5"));
    assert_true(crm_str_is(desk.state.levels[1].ids[0], "2"));
    desk_close(&desk);

    desk_open(&desk, PEOPLE PROCESS("p", "1",
                                    ",'on_missing_approver':'auto_approve'",
                                    "50", "anyone", GONE));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);
    assert_int_equal(desk.steps, 2);
    assert_int_equal(desk_edit(&desk, "1", "{'D':1}", 1), CRM_REFUSE_NONE);
    desk_close(&desk);
}


/* Of a group: 2, 3 and 4; who of them is active is the rules' to say. */
#define STAFF(more3, more4)                                                   \
    "{'kind':'profile','name':'S','permissions':[]},"                         \
    "{'kind':'profile','name':'Administrator','permissions':[]},"             \
    "{'kind':'group','name':'G','members':['2','3','4']},"                    \
    USER("1", "S", "") USER("2", "S", "") USER("3", "S", more3)               \
    USER("4", "S", more4) USER("7", "Administrator", "")

#define LEFT   ",'status':'inactive'"
#define GROUP  "{'type':'group','name':'G'}"

/* The desk goes on with other rules. */
static void
desk_rules(desk_t *desk, const char *rules)
{
    crm_ruleset_release((crm_ruleset_t *) desk->rules);
    desk->rules = crm_make_rules(rules);
}


static void
who_has_left_is_not_waited_for(void **state)
{
    desk_t  desk;

    (void) state;

    desk_open(&desk, STAFF("", "")
              PROCESS("p", "1", "", "50", "everyone", GROUP));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.levels[0].count, 3);

    /* one has left before the last who is there agrees */

    desk_rules(&desk, STAFF(LEFT, "")
               PROCESS("p", "1", "", "50", "everyone", GROUP));
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_PROCESS);
    assert_int_equal(desk_call(&desk, "4", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);
    assert_int_equal(desk.stage, CRM_STAGE_APPROVE);

    /* or behind: who has agreed may say it again */

    assert_int_equal(desk_edit(&desk, "1", "{'D':61}", 61), CRM_REFUSE_NONE);
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    desk_rules(&desk, STAFF(LEFT, LEFT)
               PROCESS("p", "1", "", "50", "everyone", GROUP));
    assert_int_equal(desk_call(&desk, "4", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_PERMISSION);
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);

    desk_close(&desk);
}


static void
a_level_that_has_emptied_is_the_process_to_pass_over(void **state)
{
    desk_t  desk;

    (void) state;

    /* behind 2 come 3 and 4, who have left when it is their turn */

    desk_open(&desk, STAFF("", "")
              PROCESS("p", "1", ",'on_missing_approver':'auto_approve'", "50",
                      "sequential", BY("2") "," BY("3") "," BY("4")));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    assert_int_equal(desk.state.levels_count, 3);
    desk_rules(&desk, STAFF(LEFT, LEFT)
               PROCESS("p", "1", ",'on_missing_approver':'auto_approve'",
                       "50", "sequential", BY("2")));
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);
    desk_close(&desk);

    desk_open(&desk, STAFF("", "")
              PROCESS("p", "1", "", "50", "sequential",
                      BY("2") "," BY("3")));
    assert_int_equal(desk_edit(&desk, "1", "{'D':60}", 60), CRM_REFUSE_NONE);
    desk_rules(&desk, STAFF(LEFT, "")
               PROCESS("p", "1", "", "50", "sequential", BY("2")));
    assert_int_equal(desk_call(&desk, "2", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_WAITING);
    assert_int_equal(desk.state.level, 2);
    assert_int_equal(desk_call(&desk, "7", CRM_CALL_APPROVE, ""),
                     CRM_REFUSE_NONE);
    assert_int_equal(desk.state.status, CRM_APPROVAL_APPROVED);
    desk_close(&desk);
}


/* Owner is 1, a Rep; 3 and 4 are Directors above; 2 is in the group. */
static void
approvers_are_whom_the_rule_means(void **state)
{
    size_t  i, k;
    desk_t  desk;
    char    rules[4096], got[16];

    static const struct {
        const char  *party;
        const char  *who;
    } rows[] = {
        { "{'type':'user','id':'5'}", "5" },
        { "{'type':'role','name':'Director'}", "34" },
        { "{'type':'group','name':'G'}", "2" },
        { "{'type':'owner'}", "1" },
        { "{'type':'manager'}", "34" },
        { "{'type':'role_hierarchy','levels':1}", "34" },
        { "{'type':'role_hierarchy','levels':2}", "8" },
        { "{'type':'role_hierarchy','levels':3}", "7" },    /* nobody: admin */
        { "{'type':'owner'},{'type':'user','id':'1'}", "1" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(rules, sizeof(rules), "%s"
                 PROCESS("p", "1", "", "50", "anyone", "%s"),
                 "{'kind':'profile','name':'S','permissions':[]},"
                 "{'kind':'profile','name':'Administrator','permissions':[]},"
                 "{'kind':'role','name':'Chief'},"
                 "{'kind':'role','name':'Director','reports_to':'Chief'},"
                 "{'kind':'role','name':'Rep','reports_to':'Director'},"
                 "{'kind':'group','name':'G','members':['2']},"
                 USER("1", "S", ",'role':'Rep'") USER("2", "S", "")
                 USER("3", "S", DIRECTOR) USER("4", "S", DIRECTOR)
                 USER("5", "S", "") USER("7", "Administrator", "")
                 USER("8", "S", ",'role':'Chief'"), rows[i].party);

        desk_open(&desk, rules);
        assert_int_equal(desk_edit(&desk, "2", "{'D':60}", 60),
                         CRM_REFUSE_NONE);
        assert_int_equal(desk.state.levels_count, 1);

        for (k = 0; k < desk.state.levels[0].count; k++) {
            got[k] = desk.state.levels[0].ids[k].data[0];
        }

        got[k] = '\0';
        assert_string_equal(got, rows[i].who);
        desk_close(&desk);
    }
}


static void
only_what_the_client_lets_run_enters(void **state)
{
    desk_t        desk;
    crm_event_t   event;
    crm_write_t  *w;

    (void) state;

    desk_open(&desk, RULES);
    w = desk_write(&desk, desk.pool, "1", "{'D':60}");
    w->run = CRM_RUN_ALL & ~CRM_RUN_APPROVAL;
    assert_int_equal(crm_write_init(w, desk.pool), CRM_OK);
    assert_int_equal(crm_event_judge(&event, w), CRM_OK);
    assert_int_equal(event.effects.changes_count, 0);

    w->run = CRM_RUN_APPROVAL;
    w->workflow = 0;
    assert_int_equal(crm_event_judge(&event, w), CRM_OK);
    assert_int_equal(event.effects.changes_count, 2);
    assert_int_equal(event.effects.steps_count, 1);

    desk_close(&desk);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(levels_are_decided_one_after_the_other),
    cmocka_unit_test(who_may_change_a_record_that_waits),
    cmocka_unit_test(what_is_kept_and_cannot_be_read_holds_the_record),
    cmocka_unit_test(where_nobody_is_to_decide_the_process_says_who),
    cmocka_unit_test(who_has_left_is_not_waited_for),
    cmocka_unit_test(a_level_that_has_emptied_is_the_process_to_pass_over),
    cmocka_unit_test(approvers_are_whom_the_rule_means),
    cmocka_unit_test(only_what_the_client_lets_run_enters),
};

CRM_TEST_MAIN(tests)
