/*
 * Webhooks that a worker pulls out of their entrance, reads itself and takes
 * where they are, against a real Redis.
 *
 * What would break without them: a job lost between the pull and the take, run
 * by two, out of its order, or kept in Redis for good; a worker that hangs in a
 * full Redis.
 */

#include "crm_jobs_own.h"


#define BATCHES  "crm:{t1}:batches"
#define FRESH    "crm:{t1}:fresh"

/* A pull, as crm-worker makes it of the answer. */
typedef struct {
    crm_cmd_pulled_t  pulled;
    crm_element_t     elements[32];
    const char       *list;
} pull_t;

static uint32_t   serial;
static long long  rate;


/* As crm_job_head() writes it. */
static const char *
written(const char *id, const char *url, const char *more)
{
    return crm_pool_printf(pool, "{\"v\":1,\"id\":\"%s\",\"event\":\"E1\","
        "\"type\":\"webhooks\",\"org\":\"t1\",\"module\":\"Leads\","
        "\"record_id\":\"7\",\"rule\":\"r1\",\"revision\":3,\"action\":{"
        "\"name\":\"hook\",\"url\":\"%s\",\"body\":\"%s\"%s},"
        "\"record\":{\"won\":true}}", id, url, id, more).data;
}


static void
push_own(const char *id, const char *url)
{
    redis("SADD", "crm:{t1}:own", id);
    push(QUEUE, written(id, url, ""));
}


static void
push_ordered(const char *id)
{
    redis("SADD", "crm:{t1}:own", id);
    push(QUEUE, written(id, "http://a.example/", ",\"ordered\":true"));
}


static crm_status_t
pull_answer(pull_t *pull, size_t max)
{
    char          name[CRM_CMD_BATCH_LEN];
    crm_error_t   err;
    crm_reply_t  *reply;

    memset(pull, 0, sizeof(pull_t));
    crm_cmd_batch(name, 0x1234, serial++);
    pull->pulled.batch = crm_pool_dup(pool, crm_str(name, sizeof(name)));
    pull->list = crm_pool_printf(pool, "crm:{t1}:batch:%s",
                                 pull->pulled.batch.data).data;

    (void) crm_store_run(store, crm_cmd_pull(pool, ORG, pull->pulled.batch,
                                             max), pool, &reply, &err);
    assert_non_null(reply);

    return crm_take_pull(&pull->pulled.id, reply, &err);
}


static pull_t
pull(size_t max)
{
    size_t        i;
    pull_t        pull;
    crm_error_t   err;
    crm_pulled_t  got;

    if (pull_answer(&pull, max) == CRM_DECLINED) {
        pull.pulled.id = CRM_STR("");
        return pull;
    }

    pull.pulled.id = crm_pool_dup(pool, pull.pulled.id);
    assert_int_equal(crm_take_pulled(&got, run(crm_cmd_pull_read(pool, ORG,
                                     pull.pulled.batch)), &err), CRM_OK);

    for (i = 0; i < got.n; i++) {
        if (!crm_element_read(&pull.elements[i], got.texts[i].str, ORG,
                              i ? &pull.elements[i - 1] : NULL))
        {
            return pull;
        }
    }

    pull.pulled.n = got.n;
    return pull;
}


static crm_take_t
take_pulled_at(pull_t *pull, const crm_cmd_class_t *classes, size_t n,
    long long max)
{
    crm_take_t      take;
    crm_error_t     err;
    crm_cmd_take_t  in;

    if (pull->pulled.n > 0) {
        pull->pulled.elements = pull->elements;
    }

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.pulled = &pull->pulled;
    in.classes = classes;
    in.n_classes = n;
    in.max_jobs = max;
    in.max_move = CRM_TAKE_MOVE_MAX;
    in.lease_ttl_ms = LEASE_MS;
    in.endpoint_limit = CRM_TAKE_ENDPOINT_LIMIT;
    in.endpoint_rate = rate;
    assert_int_equal(crm_take_parse(&take, run(crm_cmd_take(pool, &in)), pool,
                                    &err), CRM_OK);
    return take;
}

#define take_pulled(pull)  take_pulled_at(pull, webhooks, 1, 32)


static crm_lease_t
lease(const char *id)
{
    crm_lease_t  lease;

    lease.id = crm_strz(id);
    lease.fence = 1;
    return lease;
}


static const char *
looked(const char *id, const char *field)
{
    const crm_reply_t  *reply;

    reply = run(crm_cmd_look(pool, ORG, crm_strz(id), &field, 1));

    return reply_text(&reply->elements[0]);
}


static crm_reaped_t
reap_pulls(long long older_ms)
{
    crm_error_t   err;
    crm_reaped_t  reaped;

    assert_int_equal(crm_take_reaped(&reaped, run(crm_cmd_reap(pool, ORG, 0,
                                     0, older_ms)), &err), CRM_OK);
    return reaped;
}


static void
nothing_is_left(void)
{
    assert_int_equal(redis_int("EXISTS", BATCHES, FRESH, "crm:{t1}:lease",
                               "crm:{t1}:inflight", "crm:{t1}:own", QUEUE), 0);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:pulls"), 0);
    assert_string_equal(redis_list("KEYS", "crm:{t1}:batch:*"), "");
    assert_string_equal(redis_list("KEYS", "crm:{t1}:job:*"), "");
}


static void
what_was_pulled_runs_where_it_is(void **state)
{
    size_t      i;
    pull_t      first;
    crm_take_t  got;

    static const char *const  fields[][2] = {
        { "class", "webhooks" }, { "state", "leased" }, { "fence", "1" },
        { "sequence", "2" }, { "attempts", "" }, { "error", "" }
    };

    (void) state;

    push_own("j1", "http://a.example/");
    push_own("j2", "http://b.example/x");
    push_own("j3", "http://a.example/");
    push_own("j4", "http://a.example/");

    first = pull(3);
    assert_int_equal(first.pulled.n, 3);
    assert_int_equal(redis_int("LLEN", QUEUE), 1);

    got = take_pulled(&first);
    assert_int_equal(got.first, 1);
    assert_int_equal(got.n_jobs, 0);
    assert_int_equal(got.moved, 3);
    assert_int_equal(got.left, 1);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 3);
    assert_string_equal(redis_text("HGET", "crm:{t1}:inflight",
                                   first.elements[0].endpoint), "2");
    assert_string_equal(redis_list("SMEMBERS", "crm:{t1}:own"), "j4");
    assert_int_equal(redis_int("XLEN", "crm:{t1}:pulls"), 0);

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_string_equal(looked("j2", fields[i][0]), fields[i][1]);
    }

    assert_string_equal(looked("j2", "body"),
                        written("j2", "http://b.example/x", ""));
    assert_string_equal(looked("j2", "endpoint"), first.elements[1].endpoint);
    assert_string_equal(looked("j2", "webhook"), first.elements[1].webhook);
    assert_true(atoll(looked("j2", "since")) > 0);

    assert_int_equal(done(lease("j1")), CRM_SETTLE_OK);
    assert_int_equal(done(lease("j3")), CRM_SETTLE_OK);
    assert_int_equal(redis_int("LLEN", first.list), 3);
    assert_int_equal(done(lease("j2")), CRM_SETTLE_OK);
    assert_int_equal(redis_int("EXISTS", first.list), 0);
    assert_int_equal(done(lease("j2")), CRM_SETTLE_OK);

    assert_int_equal(done(take(1).jobs[0].lease), CRM_SETTLE_OK);
    nothing_is_left();
}


/* Its worker died. */
static void
what_was_pulled_and_taken_comes_back_whole(void **state)
{
    pull_t      first;
    crm_take_t  got;

    (void) state;

    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    first = pull(2);
    assert_int_equal(take_pulled(&first).first, 1);

    redis("ZADD", "crm:{t1}:lease", "1", "j2");
    assert_int_equal(reap().ready, 1);
    assert_int_equal(done(lease("j2")), CRM_SETTLE_STALE);

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(got.jobs[0].lease.fence, 2);
    assert_int_equal(got.jobs[0].sequence, 2);
    assert_int_equal(got.jobs[0].foreign, 0);
    assert_string_equal(got.jobs[0].body.data,
                        written("j2", "http://a.example/", ""));

    assert_int_equal(retry(lease("j1"), 0, ""), CRM_SETTLE_OK);
    assert_int_equal(redis_int("EXISTS", first.list, BATCHES, FRESH), 0);
    assert_string_equal(looked("j1", "body"),
                        written("j1", "http://a.example/", ""));
    assert_int_equal(promote().ready, 1);
    assert_int_equal(done(take(1).jobs[0].lease), CRM_SETTLE_OK);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    nothing_is_left();
}


/* The one that pulled it died, or hung and comes back. */
static void
what_nobody_takes_goes_back_to_where_it_was(void **state)
{
    pull_t      first, second;
    crm_take_t  got;

    (void) state;

    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    push_own("j3", "http://a.example/");
    push_own("j4", "http://a.example/");
    first = pull(2);
    second = pull(1);

    assert_int_equal(reap_pulls(LEASE_MS).ready, 0);
    assert_int_equal(redis_int("LLEN", QUEUE), 1);
    assert_int_equal(reap_pulls(-1).ready, 3);
    assert_string_equal(redis_text("LINDEX", QUEUE, "0"),
                        written("j1", "http://a.example/", ""));
    assert_string_equal(redis_text("LINDEX", QUEUE, "2"),
                        written("j3", "http://a.example/", ""));
    assert_int_equal(redis_int("EXISTS", first.list, second.list), 0);

    got = take_pulled(&first);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, 4);
    assert_true(crm_str_is(got.jobs[0].lease.id, "j1"));

    assert_int_equal(take_pulled(&second).first, 0);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 4);
}


/* Each is pulled with others that could run, and is read by take itself. */
static void
what_cannot_run_as_it_is_is_taken_as_ever(void **state)
{
    size_t       i;
    pull_t       first;
    crm_take_t   got;
    const char  *odd[7];

    (void) state;

    odd[0] = "nonsense";
    odd[1] = written("f1", "http://a.example/", "");            /* foreign */
    odd[2] = written("j1", "http://a.example/", "");            /* twice */
    odd[3] = written("d1", "http://a.example/", "");            /* was done */
    odd[4] = written("o1", "http://a.example/", ",\"ordered\":true");
    odd[5] = written("b1", "http:\\/\\/a.example/", "");
    odd[6] = "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t1\",\"action\":{}}";

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        redis("FLUSHALL");
        redis("SADD", "crm:{t1}:own", "j1", "j2", "d1", "o1", "b1");
        push(QUEUE, written("d1", "http://a.example/", ""));
        assert_int_equal(done(take(1).jobs[0].lease), CRM_SETTLE_OK);
        redis("SADD", "crm:{t1}:own", "d1");

        push(QUEUE, written("j1", "http://a.example/", ""));
        push(QUEUE, odd[i]);
        push(QUEUE, written("j2", "http://a.example/", ""));
        first = pull(3);
        got = take_pulled(&first);

        assert_int_equal(got.first, 0);
        assert_int_equal(got.moved, 3);
        assert_int_equal(got.malformed, i == 0);
        assert_int_equal(got.duplicates, i == 2 || i == 3);
        assert_int_equal(got.n_jobs, i == 0 || i == 2 || i == 3 ? 2 : 3);
        assert_true(i == 4 || crm_str_is(got.jobs[0].lease.id, "j1"));
        assert_int_equal(redis_int("EXISTS", first.list, BATCHES, QUEUE), 0);
        assert_int_equal(redis_int("XLEN", "crm:{t1}:pulls"), 0);
        assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), got.n_jobs);
    }
}


/* It is at work elsewhere, in a batch that is kept. */
static void
a_copy_of_what_was_pulled_is_a_duplicate(void **state)
{
    pull_t      first, second;
    crm_take_t  got;

    (void) state;

    push_own("j1", "http://a.example/");
    first = pull(1);
    assert_int_equal(take_pulled(&first).first, 1);

    push_own("j1", "http://a.example/");
    got = take(10);
    assert_int_equal(got.duplicates, 1);

    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    second = pull(2);
    got = take_pulled(&second);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.duplicates, 1);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 2);

    assert_int_equal(done(lease("j1")), CRM_SETTLE_OK);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    nothing_is_left();
}


/* Neither a full endpoint, nor one over its rate or with an open breaker, nor a
 * class that waits is passed over. */
static void
what_has_no_room_or_no_turn_waits(void **state)
{
    char        id[16];
    int         i;
    pull_t      first;
    crm_take_t  got;

    (void) state;

    for (i = 0; i < 5; i++) {
        snprintf(id, sizeof(id), "j%d", i);
        push_own(id, "http://a.example/");
    }

    first = pull(5);
    got = take_pulled(&first);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, CRM_TAKE_ENDPOINT_LIMIT);

    redis("FLUSHALL");
    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    rate = 1;
    first = pull(2);
    assert_int_equal(take_pulled(&first).first, 1);
    push_own("j3", "http://a.example/");
    first = pull(1);
    got = take_pulled(&first);
    rate = 0;
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, 0);
    assert_true(got.wait_ms > 0);

    redis("FLUSHALL");
    push_own("j1", "http://a.example/");
    push("crm:{t1}:queue:records", job("r1", ""));
    first = pull(1);
    got = take_pulled_at(&first, (const crm_cmd_class_t []) {
                         { CRM_QUEUE_WEBHOOKS, 9 }, { CRM_QUEUE_RECORDS, 9 }
                         }, 2, 1);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(got.jobs[0].queue, CRM_QUEUE_RECORDS);

    redis("FLUSHALL");
    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    redis("ZADD", "crm:{t1}:health", "1", "x");
    first = pull(2);
    got = take_pulled_at(&first, webhooks, 1, 2);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, 2);
}


/* What one worker has pulled came before what another one takes. */
static void
order_holds_over_pulls(void **state)
{
    pull_t      first, second;
    crm_take_t  got;

    (void) state;

    push_ordered("o1");
    push_ordered("o2");
    push_ordered("o3");
    first = pull(1);
    second = pull(1);

    got = take(10);
    assert_int_equal(got.moved, 3);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "o1"));
    assert_int_equal(take_pulled(&second).n_jobs, 0);
    assert_int_equal(take_pulled(&first).n_jobs, 0);

    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "o2"));
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    got = take(10);
    assert_true(crm_str_is(got.jobs[0].lease.id, "o3"));

    /* nor does the first that comes back pass those behind it */

    redis("FLUSHALL");
    push_ordered("o1");
    push_ordered("o2");
    first = pull(1);
    second = pull(1);
    got = take_pulled(&first);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "o1"));
    assert_int_equal(take_pulled(&second).n_jobs, 0);
}


static void
a_full_redis_moves_nothing_unseen(void **state)
{
    pull_t      first, none;
    crm_take_t  got;

    (void) state;

    push_own("j1", "http://a.example/");
    push_own("j2", "http://a.example/");
    first = pull(1);
    redis_fill();

    assert_int_equal(take_pulled(&first).first, 1);
    assert_int_equal(pull_answer(&none, 1), CRM_DECLINED);
    assert_int_equal(redis_int("LLEN", QUEUE), 1);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:pulls"), 0);

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(done(lease("j1")), CRM_SETTLE_OK);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    nothing_is_left();
}


/* Anybody may push; a worker reads all of a pull at once. */
static void
what_is_large_is_not_pulled(void **state)
{
    char    *text;
    pull_t   none;

    (void) state;

    text = test_calloc(1, 1000001);
    memset(text, 'x', 1000000);
    push_own("j1", "http://a.example/");
    push(QUEUE, text);
    test_free(text);

    assert_int_equal(pull_answer(&none, 32), CRM_DECLINED);
    assert_int_equal(redis_int("LLEN", QUEUE), 2);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:pulls"), 0);
    assert_string_equal(redis_list("KEYS", "crm:{t1}:batch:*"), "");
}


static void
a_pull_that_fails_moves_nothing(void **state)
{
    pull_t  none;

    (void) state;

    push_own("j1", "http://a.example/");
    redis("SET", "crm:{t1}:pulls", "spoilt");

    assert_int_equal(pull_answer(&none, 32), CRM_EINVAL);
    assert_int_equal(redis_int("LLEN", QUEUE), 1);
    assert_string_equal(redis_list("KEYS", "crm:{t1}:batch:*"), "");
}


/* Redis' clock was ahead, and has been set right: ids go on from there. */
static void
a_pull_out_of_the_future_goes_back(void **state)
{
    pull_t  first;

    (void) state;

    push_own("j1", "http://a.example/");
    redis("XADD", "crm:{t1}:pulls", "9999999999999-0", "batch", "b0");
    redis("XDEL", "crm:{t1}:pulls", "9999999999999-0");

    first = pull(1);
    assert_true(crm_str_is(first.pulled.id, "9999999999999-1"));
    assert_int_equal(redis_int("LLEN", QUEUE), 0);

    assert_int_equal(reap_pulls(LEASE_MS).ready, 1);
    assert_int_equal(redis_int("LLEN", QUEUE), 1);
    assert_int_equal(reap_pulls(LEASE_MS).ready, 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:pulls"), 0);
}


/* Somebody else was faster. */
static void
an_empty_pull_leaves_nothing(void **state)
{
    pull_t      first;
    crm_take_t  got;

    (void) state;

    first = pull(5);
    assert_int_equal(first.pulled.n, 0);
    got = take_pulled(&first);
    assert_int_equal(got.first, 0);
    assert_int_equal(got.n_jobs, 0);
    nothing_is_left();
}


/* The worker's reading and take's own are the same. */
static void
an_element_goes_where_take_would_send_it(void **state)
{
    size_t         i;
    crm_element_t  element;
    const char    *text;

    static const char *const  urls[] = {
        "http://a.example/", "", "nowhere", "://x", "1http://a.example",
        "HTTPS://u:p@A.example:443/x?y#z", "https://a@b@C:4430", "http://x:80",
        "http://x:080?80", "http:/x", "x+y.1-z://Q:80", "http://[::1]:80/",
        "http://\303\211.example/", "https://", "http://@", "ftp://a:443"
    };

    (void) state;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        redis("FLUSHALL");
        redis("SADD", "crm:{t1}:own", "j1");
        text = written("j1", urls[i], "");
        push(QUEUE, text);
        assert_int_equal(take(1).n_jobs, 1);
        assert_true(crm_element_read(&element, crm_strz(text), ORG, NULL));
        assert_string_equal(element.endpoint, looked("j1", "endpoint"));
        assert_string_equal(element.webhook, looked("j1", "webhook"));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(what_was_pulled_runs_where_it_is),
        TEST(what_was_pulled_and_taken_comes_back_whole),
        TEST(what_nobody_takes_goes_back_to_where_it_was),
        TEST(what_cannot_run_as_it_is_is_taken_as_ever),
        TEST(a_copy_of_what_was_pulled_is_a_duplicate),
        TEST(what_has_no_room_or_no_turn_waits),
        TEST(order_holds_over_pulls),
        TEST(a_full_redis_moves_nothing_unseen),
        TEST(what_is_large_is_not_pulled),
        TEST(a_pull_that_fails_moves_nothing),
        TEST(a_pull_out_of_the_future_goes_back),
        TEST(an_empty_pull_leaves_nothing),
        TEST(an_element_goes_where_take_would_send_it),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
