/*
 * What became of a write whose outcome nobody saw, told from its intent and
 * from what the backend shows. It would fail by a write that counts as done
 * though it was not (webhooks of nothing), as not done though it was (webhooks
 * lost), or as undetermined though it can be told.
 */

#include "crm_rules_make.h"

#include "queue/crm_evidence.h"
#include "queue/crm_settle.h"
#include "rules/crm_dialect_parse.h"


#define AT        CRM_MAKE_NOW              /* 2026-11-22T00:00:00Z */
#define MAX_TIME  120000

/* Versions: long before the write, and during it. */
#define OLD  "'Modified_Time':'2026-11-21T10:00:00+00:00'"
#define NOW  "'Modified_Time':'2026-11-22T00:00:02+00:00'"

#define RULES                                                                 \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{'type':" \
    "'create_or_edit'},'conditions':[{'criteria':{'field':'A','comparator':"  \
    "'equal','value':9},'instant_actions':[{'type':'field_updates','field':"  \
    "'Z','value':'set'}]}]}"

static crm_ruleset_t  *rules;
static crm_pool_t     *pool;


static int
start(void **state)
{
    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);

    return 0;
}


static int
end(void **state)
{
    (void) state;

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return 0;
}


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


/* The intent of a write as nginx would leave it. */
static crm_intent_t
intent_of(const char *request, const char *before)
{
    crm_buf_t      buf;
    crm_error_t    err;
    crm_event_t    event;
    crm_intent_t   intent;
    const crm_event_t  *judged;

    judged = &event;
    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_event_judge(&event, crm_make_write(pool, rules, "M",
                                     request, before)), CRM_OK);
    assert_int_equal(crm_intent_encode(&judged, 1, &buf), CRM_OK);

    if (parse_one(&intent, crm_buf_view(&buf), pool, &err) != CRM_OK) {
        fail_msg("%s: %.*s", err.text, (int) buf.len, buf.data);
    }

    return intent;
}


static crm_settle_answer_t
answer_of(unsigned status, const char *body)
{
    crm_settle_answer_t  answer;

    memset(&answer, 0, sizeof(crm_settle_answer_t));
    answer.status = status;
    answer.body = crm_make_text(pool, body);

    return answer;
}


/* A record in the envelope that the backend puts around it. */
static crm_settle_answer_t
shown(const char *record)
{
    return answer_of(200, crm_pool_printf(pool, "{'data':[%s]}",
                                          record).data);
}


static crm_settlement_t
settle(const crm_intent_t *intent, crm_settle_answer_t answer)
{
    crm_settlement_t  s;

    assert_int_equal(crm_settle(&s, intent, &answer, MAX_TIME, NULL, pool),
                     CRM_OK);
    assert_non_null(s.reason);

    return s;
}


static void
assert_settled(const crm_settlement_t *s, crm_settled_t how, const char *row)
{
    if (s->how != how) {
        fail_msg("%s: %s (%s), not %s", row, crm_settle_name(s->how),
                 s->reason, crm_settle_name(how));
    }
}


typedef struct {
    const char     *request;
    const char     *before;         /* NULL: nobody has looked */
    const char     *now;
    crm_settled_t   how;
} update_t;


static void
settle_updates(const update_t *rows, size_t n)
{
    size_t            i;
    crm_intent_t      intent;
    crm_settlement_t  s;

    for (i = 0; i < n; i++) {
        intent = intent_of(rows[i].request,
                           rows[i].before ? rows[i].before : "{}");
        s = settle(&intent, shown(rows[i].now));
        assert_settled(&s, rows[i].how,
                       crm_pool_printf(pool, "%s on %s, now %s",
                                       rows[i].request, rows[i].before
                                       ? rows[i].before : "?",
                                       rows[i].now).data);

        if (rows[i].how == CRM_SETTLED_COMMITTED) {
            assert_str(s.record_id, "42");
        }
    }
}

#define DONE     CRM_SETTLED_COMMITTED
#define NOT      CRM_SETTLED_NOT_COMMITTED
#define UNKNOWN  CRM_SETTLED_UNDETERMINED
#define UNREAD   CRM_SETTLED_UNREADABLE


static void
an_update_is_told_by_what_the_record_holds(void **state)
{
    static const update_t  rows[] = {

        /* holds it, which it did not before */

        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'b'," NOW "}", DONE },
        { "{'S':'b'}", "{'S':'a'}", "{'S':'b'}", DONE },
        { "{'S':'b','T':1}", "{'S':'a','T':1," OLD "}",
          "{'S':'b','T':1," NOW "}", DONE },
        { "{'S':null}", "{'S':'a'," OLD "}", "{'S':null," NOW "}", DONE },
        { "{'S':'b'}", "{'X':1," OLD "}", "{'S':'b','X':1," NOW "}", DONE },

        /* the backend's clock a day behind: its version says nothing */

        { "{'S':'b'}", "{'S':'a','Modified_Time':'2026-11-20T00:00:00Z'}",
          "{'S':'b','Modified_Time':'2026-11-21T00:00:00Z'}", DONE },

        /* what rules set belongs to it */

        { "{'A':9}", "{'A':1," OLD "}", "{'A':9,'Z':'set'," NOW "}", DONE },
        { "{'A':9,'Z':'sent'}", "{'A':1," OLD "}",
          "{'A':9,'Z':'set'," NOW "}", DONE },
        { "{'A':9}", "{'A':1," OLD "}", "{'A':9," NOW "}", UNKNOWN },

        /* is as it was */

        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", NOT },
        { "{'S':'b'}", "{'S':'a'}", "{'S':'a'}", NOT },
        { "{'A':9}", "{'A':1," OLD "}", "{'A':1," OLD "}", NOT },
        { "{'S':'b'}", "{" OLD "}", "{" OLD "}", NOT },

        /* neither: another write came in between */

        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'c'," NOW "}", UNKNOWN },
        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'a'," NOW "}", UNKNOWN },
        { "{'S':'b','T':2}", "{'S':'a','T':1," OLD "}",
          "{'S':'b','T':1," NOW "}", UNKNOWN },
        { "{'S':'b','T':2}", "{'S':'a','T':1}", "{'S':'b','T':1}", UNKNOWN },
        { "{'S':'b'}", "{'S':'a'}", "{'S':'c'}", UNKNOWN },
    };

    (void) state;

    settle_updates(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
an_update_that_changes_nothing_is_told_by_the_version(void **state)
{
    static const update_t  rows[] = {
        { "{'S':'a'}", "{'S':'a'," OLD "}", "{'S':'a'," NOW "}", DONE },
        { "{'S':'a'}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", NOT },
        { "{}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", NOT },
        { "{'S':'a'}", "{'S':'a'}", "{'S':'a'}", UNKNOWN },
        { "{'S':null}", "{'X':1}", "{'X':1}", UNKNOWN },

        /* before and since are one second: who can tell? */

        { "{'S':'a'}", "{'S':'a'," NOW "}", "{'S':'a'," NOW "}", UNKNOWN },
        { "{'S':'a'}", "{'S':'a','Modified_Time':'2026-11-21T23:59:56Z'}",
          "{'S':'a','Modified_Time':'2026-11-21T23:59:56Z'}", UNKNOWN },

        /* a version is the same instant in every zone; one that is no time
         * is compared as it is */

        { "{'S':'a'}", "{'S':'a','Modified_Time':'2026-11-21T12:00:00+02:00'}",
          "{'S':'a'," OLD "}", NOT },
        { "{'S':'a'}", "{'S':'a','Modified_Time':'v7'}",
          "{'S':'a','Modified_Time':'v7'}", NOT },
        { "{'S':'a'}", "{'S':'a','Modified_Time':'v7'}",
          "{'S':'a','Modified_Time':'v8'}", UNKNOWN },
    };

    (void) state;

    settle_updates(rows, sizeof(rows) / sizeof(rows[0]));
}


/* A record that was written a moment before has the second of the write for a
 * version: what stands in it decides. */
static void
a_version_of_the_same_second_proves_nothing(void **state)
{
    static const update_t  rows[] = {
        { "{'S':'b'}", "{'S':'a'," NOW "}", "{'S':'b'," NOW "}", DONE },
        { "{'S':'b'}", "{" NOW "}", "{'S':'b'," NOW "}", DONE },
        { "{'S':'b'}", "{'S':'a'," NOW "}", "{'S':'a'," NOW "}", NOT },
        { "{'S':' b '}", "{'S':'a'," NOW "}", "{'S':'b'," NOW "}", UNKNOWN },
    };

    (void) state;

    settle_updates(rows, sizeof(rows) / sizeof(rows[0]));
}


/* crm_record_source none. */
static void
without_a_before_image_only_a_fresh_version_tells(void **state)
{
    static const update_t  rows[] = {
        { "{'S':'b'}", NULL, "{'S':'b'," NOW "}", DONE },
        { "{'S':'b'}", NULL, "{'S':'b'," OLD "}", UNKNOWN },
        { "{'S':'b'}", NULL, "{'S':'b'}", UNKNOWN },
        { "{'S':'b'}", NULL, "{'S':'a'," OLD "}", UNKNOWN },
    };

    (void) state;

    settle_updates(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
values_are_compared_as_the_backend_may_write_them(void **state)
{
    int         same;
    size_t      i;
    crm_str_t   written, now;
    crm_value_t a, b;

    static const struct {
        const char  *written;
        const char  *shown;
        int          same;
    } rows[] = {
        { "1.5", "1.50", 1 },
        { "150", "1.5e2", 1 },
        { "'a'", "'A'", 0 },
        { "null", "''", 1 },
        { "[]", "null", 1 },
        { "'7'", "{'id':'7','name':'Ann'}", 1 },
        { "{'id':'7'}", "{'name':'Ann','id':'7'}", 1 },
        { "{'id':'7'}", "{'id':'8'}", 0 },
        { "'2026-11-22T01:00:00+01:00'", "'2026-11-22T00:00:00Z'", 1 },
        { "'2026-11-22T01:00:00+01:00'", "'2026-11-21T19:00:00-05:00'", 1 },
        { "'2026-11-22T01:00:00+01:00'", "'2026-11-22T01:00:00Z'", 0 },
        { "'2026-11-22'", "'2026-11-22T00:00:00Z'", 0 },
        { "[{'Product':'7','Qty':2}]",
          "[{'id':'1','Qty':2.0,'Product':{'id':'7','name':'P'}}]", 1 },
        { "[{'Qty':2}]", "[{'Qty':3,'id':'1'}]", 0 },
        { "[{'Qty':2}]", "[{'Qty':2},{'Qty':2}]", 0 },
        { "[{'Qty':2}]", "[]", 0 },
        { "{'a':{'b':1}}", "{'a':{'b':1,'c':2}}", 1 },
        { "{'a':{'b':1,'c':2}}", "{'a':{'b':1}}", 0 },
        { "{'a':null,'b':1}", "{'b':1}", 1 },
        { "['x','y']", "['y','x']", 0 },
        { "true", "'true'", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        written = crm_make_text(pool, rows[i].written);
        now = crm_make_text(pool, rows[i].shown);
        assert_int_equal(crm_value_parse(&a, written, pool), CRM_OK);
        assert_int_equal(crm_value_parse(&b, now, pool), CRM_OK);
        assert_int_equal(crm_evidence_same(a.span, b.span, pool, &same),
                         CRM_OK);
        assert_row(same == rows[i].same, rows[i].written);
    }
}


static void
an_update_of_a_record_that_is_gone_cannot_be_told(void **state)
{
    crm_intent_t      intent;
    crm_settlement_t  s;

    (void) state;

    intent = intent_of("{'S':'b'}", "{'S':'a'," OLD "}");
    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, UNKNOWN, "204");
    assert_non_null(strstr(s.reason, "deleted"));
}


static void
a_delete_is_told_by_whether_the_record_is_there(void **state)
{
    crm_intent_t      intent;
    crm_settlement_t  s;

    (void) state;

    intent = intent_of(NULL, "{'id':'42','S':'a'," OLD "}");

    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, DONE, "204");
    assert_str(s.record_id, "42");

    s = settle(&intent, answer_of(200, "{'data':[]}"));
    assert_settled(&s, DONE, "empty");
    s = settle(&intent, answer_of(404, "{'code':'INVALID_DATA'}"));
    assert_settled(&s, DONE, "404");

    s = settle(&intent, shown("{'id':'42','S':'z'}"));
    assert_settled(&s, NOT, "there");
}


/* A client that names a record that is not there changes nothing. */
static void
a_record_that_never_was_is_neither_written_nor_deleted(void **state)
{
    crm_intent_t      intent;
    crm_settlement_t  s;

    (void) state;

    intent = intent_of(NULL, "{'id':'42','S':'a'}");
    intent.before = NULL;
    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, NOT, "delete");

    intent = intent_of("{'S':'b'}", "{'id':'42','S':'a'}");
    intent.before = NULL;
    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, NOT, "update");
}


/* Nothing that is no word on the record decides anything. */
static void
an_answer_that_says_nothing_of_the_record_is_asked_for_again(void **state)
{
    size_t            i, k;
    crm_intent_t      intents[3];
    crm_settlement_t  s;

    static const struct {
        unsigned     status;
        const char  *body;
    } rows[] = {
        { 0, "" }, { 200, "" }, { 200, "<html>" }, { 200, "{" },
        { 200, "{'data':[{'id':'42'}" }, { 200, "{'data':{}}" },
        { 200, "{'data':[1]}" }, { 200, "{'data':null}" }, { 200, "[]" },
        { 302, "" }, { 400, "{'code':'X'}" }, { 401, "{'code':'X'}" },
        { 403, "{'code':'X'}" }, { 404, "<html>" },
        { 404, "{'code':'INVALID_URL_PATTERN'}" }, { 429, "" },
        { 500, "{'data':[]}" }, { 502, "" }, { 503, "" },
        { 200, "{'data':[{'id':'42'}]}x" },
        { 200, "{'data':[{'id':'42','id':'42'}]}" },
    };

    (void) state;

    intents[0] = intent_of("{'S':'b'}", NULL);
    intents[1] = intent_of("{'S':'b'}", "{'S':'a'," OLD "}");
    intents[2] = intent_of(NULL, "{'S':'a'," OLD "}");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (k = 0; k < 3; k++) {
            s = settle(&intents[k], answer_of(rows[i].status, rows[i].body));
            assert_settled(&s, UNREAD,
                           crm_pool_printf(pool, "%u %s", rows[i].status,
                                           rows[i].body).data);
        }
    }

    /* one record was asked for, another came */

    for (k = 1; k < 3; k++) {
        s = settle(&intents[k], shown("{'id':'43','S':'b'}"));
        assert_settled(&s, UNREAD, "another");
        s = settle(&intents[k], shown("{'id':43,'S':'b'}"));
        assert_settled(&s, UNREAD, "another");
    }

    s = settle(&intents[1], answer_of(401, ""));
    assert_non_null(strstr(s.reason, "headers"));
    s = settle(&intents[1], answer_of(404, ""));
    assert_non_null(strstr(s.reason, "version of the API"));
}


static void
a_create_is_told_by_a_backend_that_knows_events(void **state)
{
    size_t               i;
    crm_intent_t         intent;
    crm_settlement_t     s;
    crm_settle_answer_t  answer;

    static const struct {
        unsigned        status;
        const char     *body;
        crm_settled_t   how;
        const char     *id;
    } rows[] = {
        { 200, "{'data':[{'id':'77','Name':'x'}]}", DONE, "77" },
        { 200, "{'data':[{'id':77}]}", DONE, "77" },
        { 204, "", NOT, "" },
        { 200, "{'data':[]}", NOT, "" },
        { 200, "{'data':[{'id':'77'},{'id':'78'}]}", UNKNOWN, "" },
        { 200, "{'data':[{'Name':'x'}]}", UNREAD, "" },
        { 200, "{'data':[{'id':'../7'}]}", UNREAD, "" },
        { 200, "{'data':[{'id':null}]}", UNREAD, "" },
        { 500, "", UNREAD, "" },
    };

    (void) state;

    intent = intent_of("{'Name':'x'}", NULL);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        answer = answer_of(rows[i].status, rows[i].body);
        answer.event = CRM_STR(CRM_MAKE_EVENT);
        s = settle(&intent, answer);
        assert_settled(&s, rows[i].how, rows[i].body);
        assert_str(s.record_id, rows[i].id);
    }

    answer = answer_of(204, "");
    answer.event = CRM_STR("ANOTHER");
    s = settle(&intent, answer);
    assert_settled(&s, UNREAD, "another event");
}


/* What is listed, without brackets, and whether the list says it is all. */
static crm_settle_answer_t
page(const char *records, int more)
{
    return answer_of(200, crm_pool_printf(pool, "{'data':[%s],'info':"
                     "{'per_page':200,'more_records':%s}}", records,
                     more ? "true" : "false").data);
}

#define REC(id, created, more)                                                \
    "{'id':'" id "','Created_Time':'2026-11-2" created "'" more "}"


static void
a_create_is_told_by_its_time_and_what_it_wrote(void **state)
{
    size_t               i;
    crm_intent_t         intent;
    crm_settlement_t     s;

    static const struct {
        const char     *records;
        int             more;
        crm_settled_t   how;
        const char     *id;
    } rows[] = {

        /* one, in the window */

        { REC("5", "2T00:00:01+00:00", ",'N':'x','T':1.0,'Z':'set','A':9"), 1,
          DONE, "5" },
        { REC("6", "2T00:01:01Z", ",'N':'y','T':1,'Z':'set','A':9") ","
          REC("5", "2T01:00:01+01:00", ",'N':'x','T':1,'Z':'set','A':9") ","
          REC("4", "1T00:00:01Z", ",'N':'x','T':1,'Z':'set','A':9"), 1, DONE,
          "5" },
        { REC("5", "1T23:59:55Z", ",'N':'x','T':1,'Z':'set','A':9"), 0, DONE,
          "5" },
        { REC("5", "2T00:02:05Z", ",'N':'x','T':1,'Z':'set','A':9"), 0, DONE,
          "5" },

        /* none: outside of it, or not what was written */

        { REC("5", "1T23:59:54Z", ",'N':'x','T':1,'Z':'set','A':9"), 0, NOT,
          "" },
        { REC("5", "2T00:02:06Z", ",'N':'x','T':1,'Z':'set','A':9"), 0, NOT,
          "" },
        { REC("5", "2T00:00:01Z", ",'N':'x','T':2,'Z':'set','A':9,"
              "'Modified_Time':null"), 0, NOT, "" },
        { REC("5", "2T00:00:01Z", ",'N':'x','T':1,'A':9,"
              "'Modified_Time':'2026-11-22 00:00:01'"), 0, NOT, "" },
        { REC("5", "2T00:00:01Z", ",'N':'x','T':1,'A':9"), 0, UNKNOWN, "" },
        { "", 0, NOT, "" },
        { "", 1, UNKNOWN, "" },
        { REC("6", "2T00:05:00Z", "") "," REC("5", "1T20:00:00Z", ""), 1, NOT,
          "" },

        /* several; or there may be more than are listed */

        { REC("5", "2T00:00:01Z", ",'N':'x','T':1,'Z':'set','A':9") ","
          REC("4", "2T00:00:01Z", ",'N':'x','T':1,'Z':'set','A':9"), 0,
          UNKNOWN, "" },
        { REC("5", "2T00:00:01Z", ",'N':'y'"), 1, UNKNOWN, "" },
        { REC("5", "2T00:00:01Z", ",'N':'y'") ","
          REC("4", "2T00:00:09Z", ",'N':'y'") ","
          REC("3", "1T00:00:01Z", ",'N':'y'"), 1, UNKNOWN, "" },
        { "{'id':'5','N':'x'}", 0, UNKNOWN, "" },
        { "{'id':'5','Created_Time':'yesterday'}", 0, UNKNOWN, "" },

        /* changed since it was created: it may have been ours */

        { REC("5", "2T00:00:01Z", ",'N':'x','T':2,'Z':'set','A':9,"
              "'Modified_Time':'2026-11-22T00:00:30Z'"), 0, UNKNOWN, "" },
        { REC("5", "2T00:00:01Z", ",'N':'y','T':2,'Z':'-','A':0,"
              "'Modified_Time':'2026-11-22T00:00:30Z'"), 0, NOT, "" },
        { REC("5", "2T00:00:01Z", ",'N':'x','T':2,'Z':'set','A':9,"
              "'Modified_Time':'2026-11-22T00:00:01Z'"), 0, NOT, "" },

        /* found, but by a name that would be none in a target */

        { REC("5/6", "2T00:00:01Z", ",'N':'x','T':1,'Z':'set','A':9"), 0,
          UNREAD, "" },
    };

    (void) state;

    intent = intent_of("{'N':'x','T':1,'A':9}", NULL);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s = settle(&intent, page(rows[i].records, rows[i].more));
        assert_settled(&s, rows[i].how, rows[i].records);
        assert_str(s.record_id, rows[i].id);
    }

    /* a module without records */

    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, NOT, "204");
}


/* By a value that no two have: of the rest as much as was asked for. */
static void
a_wide_create_is_told_by_its_unique_field(void **state)
{
    int                    first;
    char                   name[32];
    size_t                 i;
    crm_buf_t              request, shown;
    crm_str_t              path;
    crm_intent_t           intent;
    crm_settlement_t       s;
    crm_dialect_parsed_t   parsed;

    static const char  dialect[] =
        "{\"name\":\"mine\",\"routes\":[{\"match\":{\"methods\":[\"POST\"],"
        "\"path\":\"{module}\"},\"op\":\"create\",\"record\":\"\"}],"
        "\"get\":{\"path\":\"{module}/{id}\"},\"errors\":{\"default\":{}},"
        "\"find\":{\"path\":\"{module}?f={fields}\",\"records\":\"/*\","
        "\"page\":10,\"created\":\"c\",\"modified\":\"m\",\"unique\":\"e\","
        "\"unique_path\":\"{module}?e={value}&f=c,{fields}\"}}";

    (void) state;

    assert_int_equal(crm_dialect_parse(&parsed, CRM_STR(dialect), pool),
                     CRM_OK);
    assert_non_null(parsed.dialect);

    for (first = 0; first < 2; first++) {
        crm_buf_init(&request, pool, 0);
        crm_buf_init(&shown, pool, 0);
        crm_buf_puts(&request, first ? "{'e':'a@x.test'" : "{'F':'x'");

        for (i = 0; i < 60; i++) {
            snprintf(name, sizeof(name), ",'F%02zu':'x'", i);
            crm_buf_puts(&request, name);
        }

        crm_buf_puts(&request, first ? "}" : ",'e':'a@x.test'}");
        crm_buf_putc(&request, '\0');

        intent = intent_of(crm_buf_view(&request).data, NULL);
        intent.dialect = parsed.dialect;
        path = crm_settle_path(&intent, pool);
        assert_non_null(path.data);
        path = crm_pool_dup(pool, path);
        assert_true((strstr(path.data, "c,e") != NULL));

        crm_buf_puts(&shown, "[{\"id\":\"5\",\"e\":\"a@x.test\","
                             "\"c\":\"2026-11-22T00:00:01Z\",\"F\":\"x\"");

        for (i = 0; i < 60; i++) {
            snprintf(name, sizeof(name), "F%02zu", i);

            if (strstr(path.data, name) != NULL) {
                snprintf(name, sizeof(name), ",\"F%02zu\":\"x\"", i);
                crm_buf_puts(&shown, name);
            }
        }

        crm_buf_puts(&shown, "}]");
        crm_buf_putc(&shown, '\0');

        s = settle(&intent, answer_of(200, crm_buf_view(&shown).data));
        assert_settled(&s, DONE, path.data);
        assert_str(s.record_id, "5");
    }
}


/* A clock that stepped by a day: times prove nothing, values still do. */
static void
where_clocks_disagree_no_time_is_believed(void **state)
{
    size_t               i;
    crm_intent_t         intent;
    crm_settlement_t     s;
    crm_settle_answer_t  answer;

    static const struct {
        const char     *request;
        const char     *before;
        const char     *now;
        long long       ahead_ms;       /* nginx's clock, of that of Redis */
        crm_settled_t   how;
    } rows[] = {
        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'b'," NOW "}", 86400000,
          DONE },
        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", 86400000,
          NOT },
        { "{'S':'b'}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", -86400000,
          NOT },
        { "{'S':'b'}", "{}", "{'S':'b'," NOW "}", 86400000, UNKNOWN },
        { "{'S':'b'}", "{}", "{'S':'b'," NOW "}", -6000, UNKNOWN },
        { "{'S':'a'}", "{'S':'a'," OLD "}", "{'S':'a'," OLD "}", -6000,
          UNKNOWN },

        /* the stored record took its time to be read */

        { "{'S':'b'}", "{}", "{'S':'b'," NOW "}", 60000, DONE },
        { "{'S':'b'}", "{}", "{'S':'b'," NOW "}", -5000, DONE },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        intent = intent_of(rows[i].request, rows[i].before);
        intent.begun_ms = AT - rows[i].ahead_ms;
        s = settle(&intent, shown(rows[i].now));
        assert_settled(&s, rows[i].how,
                       crm_pool_printf(pool, "%zu", i).data);
    }

    intent = intent_of("{'N':'x'}", NULL);
    intent.begun_ms = AT - 6000;
    answer = page(REC("5", "2T00:00:01Z", ",'N':'x'"), 0);
    s = settle(&intent, answer);
    assert_settled(&s, UNKNOWN, "create");
    s = settle(&intent, answer_of(204, ""));
    assert_settled(&s, UNKNOWN, "create");
    answer.event = CRM_STR(CRM_MAKE_EVENT);
    s = settle(&intent, answer);
    assert_settled(&s, DONE, "create");

    intent.begun_ms = AT + 10;
    answer.event = CRM_STR("");
    s = settle(&intent, answer);
    assert_settled(&s, DONE, "create");
}


static void
the_backend_is_asked_for_the_record_or_for_the_event(void **state)
{
    size_t         i;
    char           more[40];
    crm_str_t      path;
    crm_buf_t      many;
    crm_intent_t   intent;

    (void) state;

    intent = intent_of("{'S':'b'}", "{'S':'a'}");
    assert_str(crm_settle_path(&intent, pool), "M/42");
    intent = intent_of(NULL, "{'S':'a'}");
    assert_str(crm_settle_path(&intent, pool), "M/42");

    intent = intent_of("{'N':'x','A':9,'id':null,'a b&c':1,"
                       "'Created_Time':'x'}", NULL);
    assert_str(crm_settle_path(&intent, pool),
               "M?__event=" CRM_MAKE_EVENT "&fields=Created_Time,"
               "Modified_Time,N,A,a%20b%26c,Z&sort_by=Created_Time"
               "&sort_order=desc&per_page=200");

    /* the vendor takes fifty; what was not asked for is not compared */

    crm_buf_init(&many, pool, 0);
    for (i = 0; i < 60; i++) {
        (void) snprintf(more, sizeof(more), "%s'F%zu':%zu", i ? "," : "{", i,
                        i);
        crm_buf_puts(&many, more);
    }
    crm_buf_puts(&many, "}");
    crm_buf_putc(&many, '\0');

    intent = intent_of(many.data, NULL);
    path = crm_settle_path(&intent, pool);
    assert_non_null(strstr(path.data, ",F47&"));

    crm_buf_init(&many, pool, 0);
    for (i = 0; i < 48; i++) {
        (void) snprintf(more, sizeof(more), ",'F%zu':%zu", i, i);
        crm_buf_puts(&many, more);
    }
    crm_buf_putc(&many, '\0');

    {
        crm_settlement_t  s;

        s = settle(&intent, page(crm_pool_printf(pool, "{'id':'5',"
                   "'Created_Time':'2026-11-22T00:00:01Z'%s}",
                   many.data).data, 0));
        assert_settled(&s, DONE, "as far as it was asked for");
    }
}


typedef struct {
    crm_intent_t         intent;
    crm_settle_answer_t  answer;
    crm_settled_t        how;
} starved_t;


static crm_status_t
starve_settle(crm_pool_t *tight, void *data)
{
    crm_str_t          path;
    starved_t         *s;
    crm_status_t       rc;
    crm_settlement_t   settlement;

    s = data;

    path = crm_settle_path(&s->intent, tight);
    if (path.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_settle(&settlement, &s->intent, &s->answer, MAX_TIME, NULL,
                    tight);

    if (rc == CRM_OK) {
        assert_int_equal(settlement.how, s->how);
    }

    return rc;
}


static void
without_memory_nothing_is_settled(void **state)
{
    starved_t  s;

    (void) state;

    s.intent = intent_of("{'N':'\\u0078','T':[{'q':{'id':'7'}}],'A':9}",
                         NULL);
    s.answer = page(REC("5", "2T00:00:01Z", ",'N':'x','T':[{'q':'7','r':1}],"
                        "'Z':'set','A':9") ","
                    REC("4", "2T00:00:01Z", ",'N':'y','Modified_Time':"
                        "'2026-11-22T00:00:30\\u005a'"), 0);
    s.how = DONE;
    crm_test_starve(starve_settle, &s);

    s.intent = intent_of("{'S':'2026-11-22T00:00:00\\u005a','A':9}",
                         "{'S':'b'," OLD "}");
    s.answer = shown("{'id':'42','S':'2026-11-22T01:00:00+01:00','A':9.0,"
                     "'Z':'s\\u0065t'," NOW "}");
    crm_test_starve(starve_settle, &s);

    s.intent = intent_of(NULL, "{'id':'42'}");
    s.answer = shown("{'id':'\\u0034\\u0032'}");
    s.how = NOT;
    crm_test_starve(starve_settle, &s);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(an_update_is_told_by_what_the_record_holds),
    cmocka_unit_test(an_update_that_changes_nothing_is_told_by_the_version),
    cmocka_unit_test(a_version_of_the_same_second_proves_nothing),
    cmocka_unit_test(without_a_before_image_only_a_fresh_version_tells),
    cmocka_unit_test(values_are_compared_as_the_backend_may_write_them),
    cmocka_unit_test(an_update_of_a_record_that_is_gone_cannot_be_told),
    cmocka_unit_test(a_delete_is_told_by_whether_the_record_is_there),
    cmocka_unit_test(a_record_that_never_was_is_neither_written_nor_deleted),
    cmocka_unit_test(
        an_answer_that_says_nothing_of_the_record_is_asked_for_again),
    cmocka_unit_test(a_create_is_told_by_a_backend_that_knows_events),
    cmocka_unit_test(a_create_is_told_by_its_time_and_what_it_wrote),
    cmocka_unit_test(a_wide_create_is_told_by_its_unique_field),
    cmocka_unit_test(where_clocks_disagree_no_time_is_believed),
    cmocka_unit_test(the_backend_is_asked_for_the_record_or_for_the_event),
    cmocka_unit_test(without_memory_nothing_is_settled),
};


int
main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
