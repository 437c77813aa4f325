/*
 * Answers of Redis that make sense, and the many that make none: a proxy in
 * between, another program's keys, an error in the middle. None may be taken
 * for a permission, and none may crash.
 */

#include "crm_test.h"

#include "state/crm_recover.h"
#include "state/crm_state.h"
#include "state/crm_take.h"


static crm_pool_t   *pool;
static crm_error_t   err;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    memset(&err, 0, sizeof(err));
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


/*
 * A reply written as text: ":5" an integer, "-ERR x" an error, "+OK" a status,
 * "_" nothing, "*" an empty array, all else a string; several make an array.
 */
static crm_reply_t
one(const char *text)
{
    crm_reply_t  reply;

    memset(&reply, 0, sizeof(reply));

    switch (text[0]) {
    case ':':
        reply.type = CRM_REPLY_INTEGER;
        reply.integer = strtoll(text + 1, NULL, 10);
        break;
    case '-':
        reply.type = CRM_REPLY_ERROR;
        reply.str = crm_strz(text + 1);
        break;
    case '+':
        reply.type = CRM_REPLY_STATUS;
        reply.str = crm_strz(text + 1);
        break;
    case '_':
        reply.type = CRM_REPLY_NIL;
        break;
    case '*':
        reply.type = CRM_REPLY_ARRAY;
        break;
    default:
        reply.type = CRM_REPLY_STRING;
        reply.str = crm_strz(text);
    }

    return reply;
}


static const crm_reply_t *
array(const char *const *texts, size_t n)
{
    size_t        i;
    crm_reply_t  *reply;

    reply = crm_pool_calloc(pool, 1, sizeof(crm_reply_t));
    reply->type = CRM_REPLY_ARRAY;
    reply->count = n;
    reply->elements = crm_pool_calloc(pool, n, sizeof(crm_reply_t));
    for (i = 0; i < n; i++) {
        reply->elements[i] = one(texts[i]);
    }
    return reply;
}

#define REPLY(...) \
    array((const char *[]) { __VA_ARGS__ }, \
          sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(char *))


static void
texts_and_integers_are_read_strictly(void **state)
{
    static const char *const  bad[] = {
        "", "x", "1x", " 1", "1 ", "+-1", "--1", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999", "0x1", "1.0"
    };

    size_t       i;
    long long    n;
    crm_str_t    text;
    crm_reply_t  reply;

    (void) state;

    reply = one("9223372036854775807");
    assert_int_equal(crm_reply_integer(&n, &reply, &err), CRM_OK);
    assert_true(n == 9223372036854775807LL);
    reply.str = CRM_STR("-9223372036854775808");
    assert_int_equal(crm_reply_integer(&n, &reply, &err), CRM_OK);
    assert_true(n == -9223372036854775807LL - 1);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        reply.str = crm_strz(bad[i]);
        assert_int_equal(crm_reply_integer(&n, &reply, &err), CRM_EINVAL);
    }
    reply = one("_");
    assert_int_equal(crm_reply_integer(&n, &reply, &err), CRM_DECLINED);
    assert_int_equal(crm_reply_text(&text, &reply, pool, &err), CRM_DECLINED);
    reply = one(":7");
    assert_int_equal(crm_reply_text(&text, &reply, pool, &err), CRM_OK);
    assert_string_equal(text.data, "7");
    reply = one("*");
    assert_int_equal(crm_reply_text(&text, &reply, pool, &err), CRM_EINVAL);
}


static void
errors_of_redis_are_known_by_their_first_word(void **state)
{
    crm_str_t    word;
    crm_reply_t  reply;

    (void) state;

    reply = one("-NOSCRIPT No matching script");
    assert_true(crm_reply_noscript(&reply));
    assert_false(crm_reply_is_error(&reply, "NO"));
    assert_int_equal(crm_reply_word(&word, &reply, 1, &err), CRM_EINVAL);
    assert_string_equal(err.text, "NOSCRIPT No matching script");

    reply = one("-OOM");
    assert_true(crm_reply_is_error(&reply, "OOM"));
    reply = one("OOM");
    assert_false(crm_reply_is_error(&reply, "OOM"));
}


static void
begin_gives_the_state_of_each_record(void **state)
{
    crm_begin_t  begin;

    (void) state;

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", ":3", "lock",
                     "[\"a\\u0062\",\"c\"]", "other", "x", "once:r", "1"), 2,
                     pool, &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_OK);
    assert_int_equal(begin.states[0].n_locks, 0);
    assert_int_equal(begin.states[1].n_locks, 2);
    assert_true(crm_state_has_lock(&begin.states[1], CRM_STR("ab")));
    assert_int_equal(begin.states[1].n_once, 1);
    assert_true(crm_state_has_once(&begin.states[1], CRM_STR("r")));
}


static void
begin_gives_the_snapshot_of_each_record(void **state)
{
    crm_begin_t  begin;

    (void) state;

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", ":1", "once:r",
                     "1", "", "{}"), 2, pool, &err), CRM_OK);
    assert_int_equal(begin.states[0].snapshot.len, 0);
    assert_string_equal(begin.states[1].snapshot.data, "{}");
    assert_int_equal(begin.states[1].n_once, 1);

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", ":0", "{}"), 2,
                                     pool, &err), CRM_EINVAL);
    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", ":0", "{}",
                     "_"), 2, pool, &err), CRM_EINVAL);
    assert_int_equal(crm_state_begin(&begin, REPLY("ok", "{}"), 0, pool, &err),
                     CRM_EINVAL);
}


static void
a_mark_of_a_write_in_doubt_is_a_mark(void **state)
{
    crm_begin_t         begin;
    const crm_state_t  *known;

    (void) state;

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":4", "maybe:E1",
                     "[\"b\"]", "lock", "[\"a\"]", "once:r", "1", "maybe:E2",
                     "[\"b\",\"c\"]"), 1, pool, &err), CRM_OK);
    known = &begin.states[0];
    assert_int_equal(known->n_locks, 4);
    assert_true(crm_state_has_lock(known, CRM_STR("a")));
    assert_true(crm_state_has_lock(known, CRM_STR("b")));
    assert_true(crm_state_has_lock(known, CRM_STR("c")));
    assert_int_equal(known->n_once, 1);

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":1", "maybe:E1",
                     "{}"), 1, pool, &err), CRM_EINVAL);
}


static void
begin_that_was_refused_says_how(void **state)
{
    crm_begin_t  begin;

    (void) state;

    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", ":0",
                                                   "creates", ":17"), 2,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.states[1].unsettled_ms, 17);
    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":0", "{}",
                                                   "creates", ":17"), 1,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.states[0].unsettled_ms, 17);
    assert_string_equal(begin.states[0].snapshot.data, "{}");

    assert_int_equal(crm_state_begin(&begin, REPLY("busy", ":120"), 1, pool,
                                     &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_BUSY);
    assert_int_equal(begin.pttl_ms, 120);

    assert_int_equal(crm_state_begin(&begin, REPLY("epoch", "X"), 1, pool,
                                     &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_EPOCH);
    assert_string_equal(begin.epoch.data, "X");

    assert_int_equal(crm_state_begin(&begin, REPLY("settled", "committed"), 1,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_SETTLED);
    assert_true(begin.committed);
}


static void
begin_of_a_wrong_shape_is_no_permission(void **state)
{
    size_t       i;
    crm_begin_t  begin;

    const crm_reply_t *const  bad[] = {
        REPLY("ok"),                                /* a record is missing */
        REPLY("ok", ":1"), REPLY("ok", ":1", "lock"),
        REPLY("ok", ":0", ":0"),                    /* one too many */
        REPLY("ok", ":0", "creates", "x"),
        REPLY("ok", ":0", ":1", "creates", ":1"),
        REPLY("ok", ":-1"), REPLY("ok", "x"), REPLY("ok", "_"),
        REPLY("ok", "*"),
        REPLY("ok", ":9223372036854775807", "lock", "[]"),
        REPLY("ok", ":1", "lock", "{}"), REPLY("ok", ":1", "lock", "[1]"),
        REPLY("ok", ":1", "lock", "[\"a\""), REPLY("ok", ":1", "lock", "[]x"),
        REPLY("ok", ":1", "lock", "[[[[]]]]"), REPLY("ok", ":1", "lock", ":1"),
        REPLY("ok", ":1", "_", "[]"), REPLY("ok", ":1", "lock", "-ERR"),
        REPLY("busy"), REPLY("busy", "_"), REPLY("busy", "x"),
        REPLY("epoch"), REPLY("epoch", "_"), REPLY("epoch", "a", "b"),
        REPLY("settled"), REPLY("settled", ":1"), REPLY("yes", ":0"),
        REPLY(":1"), REPLY("_"), REPLY("*"), REPLY("-ERR x"), REPLY("")
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err.text[0] = '\0';
        assert_int_equal(crm_state_begin(&begin, bad[i], 1, pool, &err),
                         CRM_EINVAL);
        assert_true(err.text[0] != '\0');
    }
}


static void
no_reader_takes_what_is_no_array(void **state)
{
    static const char *const  bad[] = {
        "ok", ":1", "_", "*", "+OK", "-OOM command not allowed", ""
    };

    int                   held;
    size_t                i;
    crm_take_t            take;
    crm_rules_t           rules;
    crm_reply_t           reply;
    crm_begin_t           begin;
    crm_commit_t          commit;
    crm_reaped_t          reaped;
    crm_settle_t          settle;
    crm_publish_t         publish;
    crm_promoted_t        promoted;
    crm_abort_status_t    aborted;
    crm_prepare_status_t  prepared;

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        reply = one(bad[i]);
        assert_int_equal(crm_state_begin(&begin, &reply, 0, pool, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_state_prepare(&prepared, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_state_commit(&commit, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_state_abort(&aborted, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_state_rules(&rules, &reply, pool, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_state_publish(&publish, &reply, pool, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_take_parse(&take, &reply, pool, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_take_held(&held, 1, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_take_settled(&settle, NULL, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_take_reaped(&reaped, &reply, &err),
                         CRM_EINVAL);
        assert_int_equal(crm_take_promoted(&promoted, &reply, &err),
                         CRM_EINVAL);
    }
}


static void
prepare_commit_and_abort_say_how_it_went(void **state)
{
    crm_commit_t          commit;
    crm_abort_status_t    aborted;
    crm_prepare_status_t  prepared;

    (void) state;

    assert_int_equal(crm_state_prepare(&prepared, REPLY("lost"), &err), 0);
    assert_int_equal(prepared, CRM_PREPARE_LOST);
    assert_int_equal(crm_state_prepare(&prepared, REPLY("fine"), &err),
                     CRM_EINVAL);

    assert_int_equal(crm_state_commit(&commit, REPLY("late", ":3"), &err), 0);
    assert_int_equal(commit.status, CRM_COMMIT_LATE);
    assert_int_equal(commit.pushed, 3);
    assert_int_equal(crm_state_commit(&commit, REPLY("done"), &err), 0);
    assert_int_equal(commit.status, CRM_COMMIT_DONE);
    assert_int_equal(crm_state_commit(&commit, REPLY("stale"), &err), 0);
    assert_int_equal(commit.status, CRM_COMMIT_STALE);
    assert_int_equal(crm_state_commit(&commit, REPLY("lapsed"), &err), 0);
    assert_int_equal(commit.status, CRM_COMMIT_LAPSED);
    assert_int_equal(crm_state_commit(&commit, REPLY("ok"), &err), CRM_EINVAL);
    assert_int_equal(crm_state_commit(&commit, REPLY("ok", "_"), &err),
                     CRM_EINVAL);
    assert_int_equal(crm_state_commit(&commit, REPLY("off", ":1"), &err),
                     CRM_EINVAL);

    assert_int_equal(crm_state_abort(&aborted, REPLY("committed"), &err), 0);
    assert_int_equal(aborted, CRM_ABORT_COMMITTED);
    assert_int_equal(crm_state_abort(&aborted, REPLY("stale"), &err), 0);
    assert_int_equal(aborted, CRM_ABORT_STALE);
    assert_int_equal(crm_state_abort(&aborted, REPLY("no"), &err), CRM_EINVAL);
}


static void
rules_without_a_revision_are_revision_0(void **state)
{
    crm_rules_t  rules;

    (void) state;

    assert_int_equal(crm_state_rules(&rules, REPLY("ok", "", "", ":5", ":0",
                                     "", ":0"), pool, &err), CRM_OK);
    assert_int_equal(rules.revision, 0);
    assert_int_equal(crm_state_rules(&rules, REPLY("ok", "e", "12", ":5",
                                     ":1", "f", ":3"), pool, &err), CRM_OK);
    assert_int_equal(rules.revision, 12);
    assert_int_equal(rules.intents, 1);
    assert_int_equal(rules.undetermined, 3);
    assert_true(crm_str_is(rules.accepted, "f"));
    assert_int_equal(crm_state_rules(&rules, REPLY("ok", "e", "x", ":5",
                                     ":1", "", ":0"), pool, &err),
                     CRM_EINVAL);
    assert_int_equal(crm_state_rules(&rules, REPLY("ok", "e", "-1", ":5",
                                     ":1", "", ":0"), pool, &err),
                     CRM_EINVAL);
    assert_int_equal(crm_state_rules(&rules, REPLY("ok", "e", "1", ":5",
                                     ":1", ""), pool, &err), CRM_EINVAL);
}


static void
recover_gives_claims_and_refuses_half_ones(void **state)
{
    size_t                i;
    crm_recover_t         r;
    crm_recover_status_t  status;

    const crm_reply_t *const  bad[] = {
        REPLY("ok", ":0", ":0"), REPLY("ok", ":0", ":0", "_"),
        REPLY("hm", ":0", ":0", ":0"),
        REPLY("ok", ":0", ":0", ":0", "E"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}", ":1"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}", ":-1"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}",
              ":9223372036854775807", "A/1"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}", ":1",
              "A"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "{}", ":1",
              "_"),
        REPLY("ok", ":0", ":0", ":0", "E", ":0", ":0", "5", "6", "{}", ":0"),
        REPLY("ok", ":0", ":0", ":0", "E", "x", ":0", "5", "6", "{}", ":0"),
        REPLY("ok", ":0", ":0", ":0", "", ":1", ":0", "5", "6", "{}", ":0"),
        REPLY("ok", ":0", ":0", ":0", "_", ":1", ":0", "5", "6", "{}", ":0"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "5", "6", "_", ":0"),
        REPLY("ok", ":0", ":0", ":0", "E", ":1", ":0", "_", "6", "{}", ":0")
    };

    (void) state;

    assert_int_equal(crm_recover_parse(&r, REPLY("ok", ":2", ":1", ":77",
                     "E", ":3", ":1", "5", "6", "{}", ":2", "A/1", "B/2/3",
                     "F", ":1", ":0", "0", "0", "", ":0"), pool, &err),
                     CRM_OK);
    assert_int_equal(r.dropped, 2);
    assert_int_equal(r.blocked, 1);
    assert_int_equal(r.next_ms, 77);
    assert_int_equal(r.n_claims, 2);
    assert_true(crm_str_is(r.claims[0].event, "E"));
    assert_int_equal(r.claims[0].fence, 3);
    assert_int_equal(r.claims[0].lapsed, 1);
    assert_int_equal(r.claims[0].begun_ms, 5);
    assert_int_equal(r.claims[0].max_time_ms, 6);
    assert_true(crm_str_is(r.claims[0].doc, "{}"));
    assert_int_equal(r.claims[0].n_records, 2);
    assert_true(crm_str_is(r.claims[0].records[1].module, "B"));
    assert_true(crm_str_is(r.claims[0].records[1].id, "2/3"));
    assert_int_equal(r.claims[1].lapsed, 0);
    assert_int_equal(r.claims[1].doc.len, 0);
    assert_int_equal(r.claims[1].n_records, 0);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err.text[0] = '\0';
        assert_int_equal(crm_recover_parse(&r, bad[i], pool, &err),
                         CRM_EINVAL);
        assert_true(err.text[0] != '\0');
    }

    assert_int_equal(crm_recover_status(&status, REPLY("ok"), &err), CRM_OK);
    assert_int_equal(status, CRM_RECOVER_OK);
    assert_int_equal(crm_recover_status(&status, REPLY("stale"), &err),
                     CRM_OK);
    assert_int_equal(status, CRM_RECOVER_STALE);
    assert_int_equal(crm_recover_status(&status, REPLY("done"), &err),
                     CRM_EINVAL);
}


/* pull: MULTI's answers to XADD, SORT, LTRIM and LRANGE. */
static void
pull_tells_its_id_or_that_nothing_was_done(void **state)
{
    crm_str_t    id;
    crm_error_t  err;
    crm_reply_t  reply, parts[2];

    (void) state;

    memset(parts, 0, sizeof(parts));
    memset(&reply, 0, sizeof(reply));
    reply.type = CRM_REPLY_ARRAY;
    reply.count = 2;
    reply.elements = parts;
    parts[0].type = CRM_REPLY_STRING;
    parts[0].str = CRM_STR("ok");
    parts[1].type = CRM_REPLY_STRING;
    parts[1].str = CRM_STR("5-0");

    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_OK);
    assert_true(crm_str_is(id, "5-0"));

    parts[1].type = CRM_REPLY_NIL;
    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_EINVAL);
    reply.count = 1;
    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_EINVAL);
    parts[0].str = CRM_STR("none");
    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_DECLINED);

    memset(&reply, 0, sizeof(reply));
    reply.type = CRM_REPLY_ERROR;
    reply.str = CRM_STR("OOM command not allowed");
    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_DECLINED);
    reply.str = CRM_STR("WRONGTYPE");
    assert_int_equal(crm_take_pull(&id, &reply, &err), CRM_EINVAL);
}


static void
what_was_pulled_is_a_list_of_texts(void **state)
{
    crm_error_t   err;
    crm_reply_t   reply, texts[2];
    crm_pulled_t  pulled;

    (void) state;

    memset(texts, 0, sizeof(texts));
    memset(&reply, 0, sizeof(reply));
    reply.type = CRM_REPLY_ARRAY;
    reply.count = 2;
    reply.elements = texts;
    texts[0].type = CRM_REPLY_STRING;
    texts[0].str = CRM_STR("a");
    texts[1].type = CRM_REPLY_STRING;
    texts[1].str = CRM_STR("b");

    assert_int_equal(crm_take_pulled(&pulled, &reply, &err), CRM_OK);
    assert_int_equal(pulled.n, 2);
    assert_true(crm_str_is(pulled.texts[1].str, "b"));

    texts[1].type = CRM_REPLY_NIL;
    assert_int_equal(crm_take_pulled(&pulled, &reply, &err), CRM_EINVAL);
    reply.count = 0;
    assert_int_equal(crm_take_pulled(&pulled, &reply, &err), CRM_OK);
    reply.type = CRM_REPLY_ERROR;
    reply.str = CRM_STR("WRONGTYPE");
    assert_int_equal(crm_take_pulled(&pulled, &reply, &err), CRM_EINVAL);
}


#define TAKEN  "ok", ":0", ":0", ":0", ":-1", ":0", ":0"

static void
take_gives_jobs_and_refuses_half_ones(void **state)
{
    size_t      i;
    crm_take_t  take;

    const crm_reply_t *const  bad[] = {
        REPLY("ok", ":0", ":0"), REPLY("ok", ":0", ":0", "_", ":-1"),
        REPLY("ok", ":0", ":0", ":0"),
        REPLY(TAKEN, "id"),
        REPLY(TAKEN, "id",
              "nothing 1 0 1 0", ":9", "{}"),
        REPLY(TAKEN, "id", "emails 1 0 1", ":9", "{}"),
        REPLY(TAKEN, "id",
              "emails 1 0 1 0 5", ":9", "{}"),
        REPLY(TAKEN, "id", "emails 1  1 0", ":9", "{}"),
        REPLY(TAKEN, "id", "_", ":9", "{}"),
        REPLY(TAKEN, "id", "emails 1 0 1 0", ":9", "_"),
        REPLY(TAKEN, "id", "emails 1 0 1 0", "x", "{}"),
        REPLY(TAKEN, "_", "emails 1 0 1 0", ":9", "{}"),
        REPLY("ok", ":0", ":0", ":0", ":-1", ":0"),
        REPLY("ok", ":0", ":0", ":0", ":-1", ":0", "_"),
        REPLY("hm", ":0", ":0", ":0", ":-1", ":0", ":0")
    };

    (void) state;

    assert_int_equal(crm_take_parse(&take, REPLY("ok", ":5", ":2", ":1",
                     ":70", ":8", ":0", "id", "emails 7 3 2 1", "9", "{}"),
                     pool, &err), CRM_OK);
    assert_int_equal(take.wait_ms, 70);
    assert_int_equal(take.jobs[0].sequence, 9);
    assert_int_equal(take.moved, 5);
    assert_int_equal(take.duplicates, 2);
    assert_int_equal(take.malformed, 1);
    assert_int_equal(take.n_jobs, 1);
    assert_int_equal(take.jobs[0].queue, CRM_QUEUE_EMAILS);
    assert_int_equal(take.jobs[0].lease.fence, 7);
    assert_int_equal(take.jobs[0].attempts, 3);
    assert_int_equal(take.jobs[0].deliveries, 2);
    assert_int_equal(take.jobs[0].foreign, 1);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(crm_take_parse(&take, bad[i], pool, &err),
                         CRM_EINVAL);
    }
}


static void
renew_answers_for_each_job(void **state)
{
    crm_str_t    note;
    int           held[2];
    crm_settle_t  settle;

    (void) state;

    assert_int_equal(crm_take_held(held, 2, REPLY("ok", ":1", ":0"), &err),
                     CRM_OK);
    assert_int_equal(held[0], 1);
    assert_int_equal(held[1], 0);
    assert_int_equal(crm_take_held(held, 2, REPLY("ok", ":1"), &err),
                     CRM_EINVAL);
    assert_int_equal(crm_take_held(held, 2, REPLY("ok", ":1", "_"), &err),
                     CRM_EINVAL);

    assert_int_equal(crm_take_settled(&settle, &note, REPLY("stale"), &err),
                     CRM_OK);
    assert_int_equal(settle, CRM_SETTLE_STALE);
    assert_int_equal(note.len, 0);
    assert_int_equal(crm_take_settled(&settle, &note, REPLY("ok", "disabled"),
                                      &err), CRM_OK);
    assert_int_equal(settle, CRM_SETTLE_OK);
    assert_true(crm_str_is(note, "disabled"));
    assert_int_equal(crm_take_settled(&settle, &note, REPLY("?"), &err),
                     CRM_EINVAL);
    assert_int_equal(crm_take_settled(&settle, &note, REPLY("ok", ":1"),
                                      &err), CRM_EINVAL);
    assert_int_equal(crm_take_settled(&settle, &note, REPLY("ok", "", ""),
                                      &err), CRM_EINVAL);
}


static void
a_lock_mark_reads_back_as_it_was_written(void **state)
{
    crm_str_t    names[2] = { CRM_STR("a \"b\""), CRM_STR("\303\251/\n") };
    crm_str_t    json;
    crm_begin_t  begin;

    (void) state;

    json = crm_pool_dup(pool, crm_state_lock_encode(pool, names, 2));
    assert_non_null(json.data);
    assert_int_equal(crm_state_begin(&begin, REPLY("ok", ":1", "lock",
                                     json.data), 1, pool, &err), CRM_OK);
    assert_int_equal(begin.states[0].n_locks, 2);
    assert_true(crm_state_has_lock(&begin.states[0], names[0]));
    assert_true(crm_state_has_lock(&begin.states[0], names[1]));

    json = crm_state_lock_encode(pool, NULL, 0);
    assert_true(crm_str_is(json, "[]"));
    assert_true(crm_str_is(crm_state_once_field(pool, names[0]),
                           "once:a \"b\""));
}


static crm_status_t
read_begin(crm_pool_t *tight, void *data)
{
    crm_begin_t  begin;

    return crm_state_begin(&begin, data, 1, tight, &err);
}


static crm_status_t
read_rules(crm_pool_t *tight, void *data)
{
    crm_rules_t  rules;

    return crm_state_rules(&rules, data, tight, &err);
}


static crm_status_t
read_recover(crm_pool_t *tight, void *data)
{
    crm_recover_t  recover;

    return crm_recover_parse(&recover, data, tight, &err);
}


static crm_status_t
read_take(crm_pool_t *tight, void *data)
{
    crm_take_t  take;

    return crm_take_parse(&take, data, tight, &err);
}


static void
without_memory_readers_fail_and_say_so(void **state)
{
    (void) state;

    crm_test_starve(read_begin, (void *) REPLY("ok", ":3", "lock",
                    "[\"a\\u0041\"]", "once:r", "1", "once:s", "1"));
    crm_test_starve(read_rules, (void *) REPLY("ok", "epoch", "12", ":5",
                    ":0", "", ":0"));
    crm_test_starve(read_recover, (void *) REPLY("ok", ":0", ":0", ":-1",
                    "E", ":1", ":0", "5", "6", "{}", ":1", "A/1"));
    crm_test_starve(read_take, (void *) REPLY("ok", ":5", ":2", ":1",
                    ":-1", ":0", ":0", "id", "emails 7 3 2 1", "9", "{}"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(texts_and_integers_are_read_strictly),
        cmocka_unit_test(errors_of_redis_are_known_by_their_first_word),
        cmocka_unit_test(begin_gives_the_state_of_each_record),
        cmocka_unit_test(begin_gives_the_snapshot_of_each_record),
        cmocka_unit_test(a_mark_of_a_write_in_doubt_is_a_mark),
        cmocka_unit_test(begin_that_was_refused_says_how),
        cmocka_unit_test(begin_of_a_wrong_shape_is_no_permission),
        cmocka_unit_test(no_reader_takes_what_is_no_array),
        cmocka_unit_test(prepare_commit_and_abort_say_how_it_went),
        cmocka_unit_test(rules_without_a_revision_are_revision_0),
        cmocka_unit_test(recover_gives_claims_and_refuses_half_ones),
        cmocka_unit_test(pull_tells_its_id_or_that_nothing_was_done),
        cmocka_unit_test(what_was_pulled_is_a_list_of_texts),
        cmocka_unit_test(take_gives_jobs_and_refuses_half_ones),
        cmocka_unit_test(renew_answers_for_each_job),
        cmocka_unit_test(a_lock_mark_reads_back_as_it_was_written),
        cmocka_unit_test(without_memory_readers_fail_and_say_so),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
