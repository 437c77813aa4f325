/*
 * The worker's scripts against a real Redis: take, renew, done, retry, dead,
 * reap, promote.
 *
 * What would break without them: a job run twice by two workers, one lost
 * with the worker that held it, a malformed element that stops the queue, a
 * slow receiver that stops the others, numbers changed on the way.
 */

#include "crm_jobs_own.h"


static void
take_leases_a_job_as_it_was_pushed(void **state)
{
    const char  *text;
    crm_take_t   got;

    (void) state;

    text = "{ \"v\": 1.0, \"id\":\"j-1\", \"type\":\"webhooks\",\"org\":\"t1\","
           "\"n\":[19.99, 0.1, 1234567890123456789, 1e400],"
           "\"u\":\"\\u00e9\\/\303\251\","
           "\"action\":{\"url\":\"http://a.example/x\"} }";
    push(QUEUE, text);
    got = take(10);

    assert_int_equal(got.moved, 1);
    assert_int_equal(got.malformed, 0);
    assert_int_equal(got.n_jobs, 1);
    assert_string_equal(got.jobs[0].body.data, text);
    assert_true(crm_str_is(got.jobs[0].lease.id, "j-1"));
    assert_int_equal(got.jobs[0].lease.fence, 1);
    assert_int_equal(got.jobs[0].queue, CRM_QUEUE_WEBHOOKS);
    assert_int_equal(got.jobs[0].attempts, 0);
    assert_int_equal(got.jobs[0].deliveries, 1);
    assert_int_equal(got.jobs[0].foreign, 1);
    assert_int_equal(redis_int("LLEN", QUEUE), 0);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 1);
    assert_int_equal(take(10).n_jobs, 0);
}


static void
a_job_of_our_scripts_is_not_foreign(void **state)
{
    (void) state;

    redis("SADD", "crm:{t1}:own", "j1");

    assert_int_equal(taken("j1").foreign, 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:own"), 0);
}


/* As crm_job_head() begins it; more is what stands before the action. */
static const char *
written(const char *id, const char *more, const char *name, const char *url)
{
    return crm_pool_printf(pool, "{\"v\":1,\"id\":\"%s\",\"event\":\"E1\","
        "\"type\":\"webhooks\",\"org\":\"t1\",\"module\":\"Leads\","
        "\"record_id\":\"7\",\"rule\":\"r1\",\"revision\":3,%s\"action\":{"
        "\"name\":\"%s\",\"url\":\"%s\",\"body\":\"{\\\"a\\\":true}\"},"
        "\"record\":{\"won\":true}}", id, more, name, url).data;
}


/* Somebody may push what one of ours looks like, or one of ours once more. */
static void
a_foreign_job_may_begin_like_ours(void **state)
{
    crm_take_t  got;

    (void) state;

    redis("SADD", "crm:{t1}:own", "j1");
    push(QUEUE, written("j1", "", "hook", "http://a.example/"));
    push(QUEUE, written("j2", "", "hook", "http://a.example/"));
    push(QUEUE, written("j3", "\"n\":0x10,", "hook", "http://a.example/"));
    got = take(10);

    assert_int_equal(got.moved, 3);
    assert_int_equal(got.malformed, 1);
    assert_int_equal(got.n_jobs, 2);
    assert_int_equal(got.jobs[0].foreign, 0);
    assert_int_equal(got.jobs[1].foreign, 1);
    assert_int_equal(got.jobs[1].sequence, got.jobs[0].sequence + 1);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:j2", "sequence"),
                        "2");
    assert_memory_equal(redis_text("HGET", "crm:{t1}:job:j2", "endpoint"),
                        redis_text("HGET", "crm:{t1}:fresh", "j1"), 16);
}


/* A field of a job, whatever it is kept as; "" where it is not known. */
static const char *
looked(const char *id, const char *field)
{
    const crm_reply_t  *reply;

    reply = run(crm_cmd_look(pool, ORG, crm_strz(id), &field, 1));
    assert_int_equal(reply->type, CRM_REPLY_ARRAY);
    assert_int_equal(reply->count, 1);

    return reply->elements[0].type == CRM_REPLY_NIL ? ""
           : crm_pool_dup(pool, reply->elements[0].str).data;
}


/* One of ours, leased as it was read. */
static crm_job_t
taken_first(const char *id)
{
    crm_take_t  got;

    redis("SADD", "crm:{t1}:own", id);
    push(QUEUE, written(id, "", "hook", "http://a.example/"));
    got = take(1);
    assert_int_equal(got.n_jobs, 1);
    assert_string_equal(redis("TYPE", crm_pool_printf(pool, "crm:{t1}:job:%s",
                              id).data)->str.data, "string");

    return got.jobs[0];
}


/* It is kept as its body alone: nobody sees that. */
static void
a_webhook_leased_as_it_was_read_is_told_as_any_other(void **state)
{
    size_t     i;
    crm_job_t  job;

    static const char *const  fields[][2] = {
        { "class", "webhooks" }, { "state", "leased" }, { "fence", "1" },
        { "sequence", "1" }, { "attempts", "" }, { "error", "" }
    };

    (void) state;

    job = taken_first("j1");

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_string_equal(looked("j1", fields[i][0]), fields[i][1]);
    }

    assert_string_equal(looked("j1", "body"),
                        crm_pool_dup(pool, job.body).data);
    assert_true(atoll(looked("j1", "since")) > 0);
    assert_string_equal(looked("j2", "class"), "");

    assert_int_equal(done(job.lease), CRM_SETTLE_OK);
    assert_string_equal(looked("j1", "class"), "");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:fresh"), 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:inflight"), 0);
    assert_int_equal(done(job.lease), CRM_SETTLE_OK);
}


/* Its worker died. */
static void
a_webhook_that_was_leased_as_it_was_read_comes_back_whole(void **state)
{
    crm_job_t   first;
    crm_take_t  got;

    (void) state;

    taken_first("j0");
    first = taken_first("j1");
    redis("ZADD", "crm:{t1}:lease", "1", "j1");
    reap();

    assert_int_equal(done(first.lease), CRM_SETTLE_STALE);
    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(got.jobs[0].lease.fence, 2);
    assert_int_equal(got.jobs[0].deliveries, 2);
    assert_int_equal(got.jobs[0].sequence, first.sequence);
    assert_int_equal(got.jobs[0].foreign, 0);
    assert_true(crm_str_eq(got.jobs[0].body, first.body));
    assert_int_equal(redis_int("HEXISTS", "crm:{t1}:fresh", "j1"), 0);

    assert_int_equal(done(first.lease), CRM_SETTLE_STALE);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
}


static int
renewed(crm_lease_t lease)
{
    int          held;
    crm_error_t  err;

    assert_int_equal(crm_take_held(&held, 1, run(crm_cmd_renew(pool, ORG,
                                   &lease, 1, LEASE_MS)), &err), CRM_OK);
    return held;
}


static void
a_webhook_leased_as_it_was_read_is_nobody_elses(void **state)
{
    crm_job_t    job;
    crm_lease_t  other;

    (void) state;

    job = taken_first("j1");
    other = job.lease;
    other.fence = 2;

    redis("ZADD", "crm:{t1}:lease", "1", "j1");
    assert_int_equal(renewed(other), 0);
    assert_int_equal(redis_int("ZCOUNT", "crm:{t1}:lease", "2", "+inf"), 0);
    assert_int_equal(done(other), CRM_SETTLE_STALE);

    assert_int_equal(renewed(job.lease), 1);
    assert_int_equal(redis_int("ZCOUNT", "crm:{t1}:lease", "2", "+inf"), 1);

    push(QUEUE, written("j1", "", "hook", "http://a.example/"));
    assert_int_equal(take(10).duplicates, 1);
    assert_int_equal(done(job.lease), CRM_SETTLE_OK);
}


/* A short list of leases is read from its beginning for each of them. */
static void
leases_of_many_are_no_list(void **state)
{
    char  id[16];
    int   i;

    (void) state;

    for (i = 0; i < 20; i++) {
        snprintf(id, sizeof(id), "j%d", i);
        redis("SADD", "crm:{t1}:own", id);
        push(QUEUE, written(id, "", "hook",
                            crm_pool_printf(pool, "http://a%d.example/",
                                            i).data));
    }

    assert_int_equal(take(10).n_jobs, 10);
    assert_int_equal(take(10).n_jobs, 10);
    assert_string_equal(redis_text("OBJECT", "ENCODING", "crm:{t1}:lease"),
                        "skiplist");
    assert_string_equal(redis_text("OBJECT", "ENCODING", "crm:{t1}:fresh"),
                        "hashtable");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 20);
}


/* What is read off a job's beginning is what all of it says. */
static void
how_a_job_is_written_decides_nothing(void **state)
{
    size_t             i, k;
    static const char  *const fields[] = { "endpoint", "webhook", "order",
                                           "class" };
    static const char  *const urls[][2] = {
        { "hook", "http://a.example/" }, { "", "" }, { "hook", "nowhere" },
        { "hook", "HTTPS://u:p@A.example:443/x?y#z" },
        { "a\\\"b", "http://a.example/" },
        { "hook", "http:\\/\\/a.example\\/" },
        { "h\\u00e9", "http://a.example:8080" },
        { "h\303\251", "http://a.example/\303\251" }
    };

    (void) state;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        redis("FLUSHALL");
        redis("SADD", "crm:{t1}:own", "j0", "j1");
        push(QUEUE, written("j0", "", urls[i][0], urls[i][1]));
        push(QUEUE, written("j1", "\"x\":[],", urls[i][0], urls[i][1]));
        assert_int_equal(take(2).n_jobs, 2);

        for (k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
            assert_string_equal(looked("j0", fields[k]),
                                looked("j1", fields[k]));
        }
    }
}


static void
a_job_without_id_gets_the_hash_of_its_bytes(void **state)
{
    crm_take_t  got;

    (void) state;

    push(QUEUE, "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t1\",\"action\":{}}");
    push(QUEUE, "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t1\",\"action\":{}}");
    push(QUEUE, "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t1\",\"action\":{},"
                "\"id\":null}");
    got = take(10);

    assert_int_equal(got.n_jobs, 2);
    assert_int_equal(got.duplicates, 1);
    assert_int_equal(got.jobs[0].lease.id.len, 40);
}


static void
a_known_id_is_dropped_whatever_became_of_it(void **state)
{
    crm_job_t   first;
    crm_take_t  got;

    (void) state;

    first = taken("j1");
    redis("SADD", "crm:{t1}:own", "j1");
    push(QUEUE, job("j1", "http://b.example/"));
    got = take(10);
    assert_int_equal(got.duplicates, 1);
    assert_int_equal(got.n_jobs, 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:own"), 0);

    retry(first.lease, 60000, "");
    push(QUEUE, job("j1", "http://b.example/"));
    assert_int_equal(take(10).duplicates, 1);

    redis("ZADD", "crm:{t1}:delayed", "1", "j1");
    promote();
    done(take(1).jobs[0].lease);
    push(QUEUE, job("j1", "http://b.example/"));
    assert_int_equal(take(10).duplicates, 1);
}


/* The name of the set of ids done so many days ago, by another calendar. */
static const char *
done_key(int days_ago)
{
    char       day[16];
    time_t     then;
    struct tm  tm;

    then = (time_t) strtoll(redis("TIME")->elements[0].str.data, NULL, 10);
    then -= (time_t) days_ago * 86400;
    strftime(day, sizeof(day), "%Y%m%d", gmtime_r(&then, &tm));
    return crm_key_done(pool, ORG, crm_strz(day)).data;
}


static void
an_id_is_known_for_seven_days(void **state)
{
    int          days;
    crm_take_t   got;
    const char  *id;

    (void) state;

    for (days = 0; days <= 9; days++) {
        id = crm_pool_printf(pool, "j%d", days).data;
        redis("SADD", done_key(days), id);
        push(QUEUE, job(id, "http://a.example/"));
    }
    got = take(10);

    assert_int_equal(got.duplicates, 8);
    assert_int_equal(got.n_jobs, 2);
    assert_true(crm_str_is(got.jobs[0].lease.id, "j8"));
}


/* The only element of the dead list; it must be JSON of this start. */
static const char *
only_dead(void)
{
    assert_int_equal(redis_int("LLEN", DEAD), 1);
    return redis_text("LINDEX", DEAD, "0");
}

#define assert_starts(text, start) \
    assert_string_equal(crm_pool_printf(pool, "%.*s", \
                        (int) strlen(start), text).data, start)


static void
a_malformed_element_is_dead_and_the_next_one_runs(void **state)
{
    static const char *const  bad[][2] = {
        { "nonsense", "{\"job\":\"nonsense\",\"reason\":\"not JSON: " },
        { "", "{\"job\":\"\",\"reason\":\"not JSON: " },
        { "{\"v\":1", "{\"job\":\"{\\\"v\\\":1\",\"reason\":\"not JSON: " },
        { "[]", "{\"job\":\"[]\",\"reason\":\"not an object\"" },
        { "1", "{\"job\":\"1\",\"reason\":\"not an object\"" },
        { "null", "{\"job\":\"null\",\"reason\":\"not an object\"" },
        { "{}", "{\"job\":{},\"reason\":\"v must be 1\"" },
        { "{\"v\":2}", "{\"job\":{\"v\":2},\"reason\":\"v must be 1\"" },
        { "{\"v\":\"1\"}", "{\"job\":{\"v\":\"1\"},\"reason\":\"v must be 1" },
        { "{\"v\":1,\"n\":19.99}",
          "{\"job\":{\"v\":1,\"n\":19.99},\"reason\":\"type must be a text" },
        { "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t2\",\"action\":{}}",
          "{\"job\":{\"v\":1,\"type\":\"webhooks\",\"org\":\"t2\","
          "\"action\":{}},\"reason\":\"org must be \\\"t1\\\"" },
        { "{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":[1]}",
          "{\"job\":{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":[1]},"
          "\"reason\":\"action must be an object\"" },
        { "{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{},"
          "\"id\":\"a.b\"}",
          "{\"job\":{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{},"
          "\"id\":\"a.b\"},\"reason\":\"id must be " },
        { "{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{},\"id\":5}",
          "{\"job\":{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{},"
          "\"id\":5},\"reason\":\"id must be " },
        { "{\"v\":1,\"x\":0x10}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":0x10}\",\"reason\":\"not JSON" },
        { "{\"v\":1,\"x\":nan}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":nan}\",\"reason\":\"not JSON" },
        { "{\"v\":1,\"x\":-Infinity}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":-Infinity}\",\"reason\":\"not" },
        { "{\"v\":1,\"x\":01}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":01}\",\"reason\":\"not JSON" },
        { "{\"v\":1,\"x\":1.}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":1.}\",\"reason\":\"not JSON" },
        { "{\"v\":1,\"x\":\"a\tb\"}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":\\\"a\\tb\\\"}\",\"reason\":\"n" },
        { "{\"v\":1,\"x\":\"\xff\"}",
          "{\"job\":\"{\\\"v\\\":1,\\\"x\\\":\\\"\303\277\\\"}\",\"reason\":" },
        { "{\"v\":1,\"x\":\"\xed\xa0\x80\"}", "{\"job\":\"{\\\"v" },
        { "{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{\"n\":0x1}}",
          "{\"job\":\"{\\\"v\\\":1,\\\"type\\\"" },
        { "{\"v\":1,\"type\":\"w\",\"org\":\"t1\",\"action\":{},\"x\":nan}",
          "{\"job\":\"{\\\"v\\\":1,\\\"type\\\"" },
    };

    size_t      i;
    crm_take_t  got;

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        redis("FLUSHALL");
        push(QUEUE, bad[i][0]);
        push(QUEUE, job("ok", "http://a.example/"));
        got = take(10);

        assert_int_equal(got.malformed, 1);
        assert_int_equal(got.moved, 2);
        assert_int_equal(got.n_jobs, 1);
        assert_starts(only_dead(), bad[i][1]);
    }
}


static void
a_bottomless_element_is_dead(void **state)
{
    char  text[4096];

    (void) state;

    memset(text, '[', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    push(QUEUE, text);

    assert_int_equal(take(1).malformed, 1);
    assert_non_null(strstr(only_dead(), "nested"));
}


static void
a_huge_element_is_dead_and_cut(void **state)
{
    char    *text;
    size_t   len;

    (void) state;

    len = 2 * 1024 * 1024;
    text = crm_pool_alloc(pool, len + 1);
    assert_non_null(text);
    memset(text, 'x', len);
    text[len] = '\0';
    push(QUEUE, text);

    assert_int_equal(take(1).malformed, 1);
    assert_true(strlen(only_dead()) < 70000);
    assert_non_null(strstr(only_dead(), "larger than 1048576 bytes"));
}


static void
classes_that_a_worker_cannot_run_stay_in_their_entrance(void **state)
{
    (void) state;

    push("crm:{t1}:queue:emails", job("m1", ""));
    push(QUEUE, job("w1", "http://a.example/"));

    assert_int_equal(take(10).n_jobs, 1);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:emails"), 1);
    assert_int_equal(take_from(all, 4, 10, LEASE_MS).n_jobs, 1);
}


static void
take_of_no_job_still_empties_the_entrance(void **state)
{
    int         i;
    crm_take_t  got;

    (void) state;

    for (i = 0; i < 150; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "j%d", i).data, "http://a/"));
    }
    got = take(0);

    assert_int_equal(got.moved, CRM_TAKE_MOVE_MAX);
    assert_int_equal(got.n_jobs, 0);
    assert_int_equal(redis_int("LLEN", QUEUE), 50);
}


static void
classes_share_turns_eight_four_two_one(void **state)
{
    int         i, count[CRM_QUEUE_COUNT] = { 0, 0, 0, 0 };
    size_t      c;
    crm_take_t  got;

    (void) state;

    for (c = 0; c < 4; c++) {
        for (i = 0; i < 20; i++) {
            push(crm_key_queue(pool, ORG, all[c].queue).data,
                 job(crm_pool_printf(pool, "j%d-%d", (int) c, i).data,
                     crm_pool_printf(pool, "http://e%d.example/", i).data));
        }
    }

    for (i = 0; i < 15; i++) {
        got = take_from(all, 4, 1, LEASE_MS);
        assert_int_equal(got.n_jobs, 1);
        count[got.jobs[0].queue]++;
    }

    assert_int_equal(count[CRM_QUEUE_RECORDS], 8);
    assert_int_equal(count[CRM_QUEUE_FUNCTIONS], 4);
    assert_int_equal(count[CRM_QUEUE_EMAILS], 2);
    assert_int_equal(count[CRM_QUEUE_WEBHOOKS], 1);
}


static void
an_idle_class_leaves_its_turns_to_the_others(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < 4; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "j%d", i).data, "http://a/"));
    }
    assert_int_equal(take_from(all, 4, 10, LEASE_MS).n_jobs, 4);
}


static void
endpoints_take_turns_and_none_has_more_than_its_limit(void **state)
{
    int         i;
    crm_take_t  got;

    (void) state;

    for (i = 0; i < 20; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "slow%d", i).data,
                        "https://slow.example/x"));
    }
    push(QUEUE, job("f1", "https://fast.example/"));
    push(QUEUE, job("f2", "https://fast.example:443/y"));
    push(QUEUE, job("f3", "HTTPS://u@FAST.example?z"));
    got = take(10);

    assert_int_equal(got.n_jobs, 7);
    assert_true(crm_str_is(got.jobs[0].lease.id, "slow0"));
    assert_true(crm_str_is(got.jobs[1].lease.id, "f1"));
    assert_true(crm_str_is(got.jobs[3].lease.id, "f2"));
    assert_true(crm_str_is(got.jobs[5].lease.id, "f3"));
    assert_int_equal(redis_int("HLEN", "crm:{t1}:inflight"), 2);

    done(got.jobs[0].lease);
    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "slow4"));
}


static void
other_ports_and_schemes_are_other_endpoints(void **state)
{
    (void) state;

    push(QUEUE, job("a", "http://h.example/"));
    push(QUEUE, job("b", "http://h.example:8080/"));
    push(QUEUE, job("c", "https://h.example/"));
    push(QUEUE, job("d", "no url"));
    push(QUEUE, job("e", "http://h.example:80?q"));
    take(0);

    assert_int_equal(redis_int("LLEN", "crm:{t1}:ring:webhooks"), 4);
}


/* The caller was told 1 ms, just now: the clock has gone forward since. */
static void
a_step_of_the_clock_ends_no_lease(void **state)
{
    crm_error_t   err;
    crm_reaped_t  reaped;

    (void) state;

    taken("j1");
    redis("ZADD", "crm:{t1}:lease", "2", "j1");
    assert_int_equal(crm_take_reaped(&reaped, run(crm_cmd_reap(pool, ORG, 1,
                                                               0, LEASE_MS)),
                                     &err),
                     CRM_OK);
    assert_int_equal(reaped.stepped, 1);
    assert_int_equal(reaped.ready, 0);
    assert_int_equal(take(1).n_jobs, 0);

    assert_int_equal(crm_take_reaped(&reaped, run(crm_cmd_reap(pool, ORG,
                     reaped.now_ms, 4000, LEASE_MS)), &err), CRM_OK);
    assert_int_equal(reaped.stepped, 0);
    assert_int_equal(reaped.ready, 1);
}


static void
renew_moves_the_deadline_of_what_is_ours(void **state)
{
    int          held[2];
    crm_job_t    got;
    crm_error_t  err;
    crm_lease_t  leases[2];

    (void) state;

    got = taken("j1");
    redis("ZADD", "crm:{t1}:lease", "1", "j1");
    leases[0] = got.lease;
    leases[1] = got.lease;
    leases[1].fence = 2;
    assert_int_equal(crm_take_held(held, 2, run(crm_cmd_renew(pool, ORG,
                     leases, 2, LEASE_MS)), &err), CRM_OK);

    assert_int_equal(held[0], 1);
    assert_int_equal(held[1], 0);
    assert_int_equal(reap().ready, 0);
}


static void
done_keeps_the_id_alone(void **state)
{
    crm_job_t  got;

    (void) state;

    got = taken("j1");
    assert_int_equal(done(got.lease), CRM_SETTLE_OK);

    assert_int_equal(redis_int("SISMEMBER", done_key(0), "j1"), 1);
    assert_in_range(redis_int("TTL", done_key(0)), 691000, 691200);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j1", "crm:{t1}:lease",
                               "crm:{t1}:inflight", "crm:{t1}:ring:webhooks"),
                     0);
    assert_int_equal(done(got.lease), CRM_SETTLE_OK);
}


static void
what_is_done_together_ends_each_for_itself(void **state)
{
    int          i, held[4];
    crm_take_t   got;
    crm_error_t  err;
    crm_lease_t  leases[4];

    (void) state;

    for (i = 0; i < 4; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "j%d", i).data,
                        i < 2 ? "http://a/" : "http://b/"));
    }

    got = take(10);
    for (i = 0; i < 4; i++) {
        leases[i] = got.jobs[i].lease;
    }
    leases[1].fence = 7;
    leases[3].id = CRM_STR("never");

    assert_int_equal(crm_take_held(held, 4, run(crm_cmd_done(pool, ORG, leases,
                                                             4)), &err),
                     CRM_OK);
    assert_int_equal(held[0], 1);
    assert_int_equal(held[1], 0);
    assert_int_equal(held[2], 1);
    assert_int_equal(held[3], 0);
    assert_int_equal(redis_int("SCARD", done_key(0)), 2);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 2);

    /* they took turns: both of a have ended, none of b */
    assert_int_equal(redis_int("HLEN", "crm:{t1}:inflight"), 1);
}


static void
retry_comes_back_when_due_with_attempts_and_body(void **state)
{
    crm_job_t       got;
    crm_take_t      again;
    crm_promoted_t  later;

    (void) state;

    got = taken("j1");
    assert_int_equal(retry(got.lease, 5000, "{\"rendered\":19.99}"),
                     CRM_SETTLE_OK);
    later = promote();
    assert_int_equal(later.ready, 0);
    assert_in_range(later.next_ms, 1, 5000);
    assert_int_equal(take(1).n_jobs, 0);

    redis("ZADD", "crm:{t1}:delayed", "1", "j1");
    later = promote();
    assert_int_equal(later.ready, 1);
    assert_int_equal(later.next_ms, -1);
    again = take(1);
    assert_int_equal(again.n_jobs, 1);
    assert_int_equal(again.jobs[0].attempts, 1);
    assert_int_equal(again.jobs[0].deliveries, 1);
    assert_int_equal(again.jobs[0].lease.fence, 2);
    assert_int_equal(again.jobs[0].foreign, 1);
    assert_true(crm_str_is(again.jobs[0].body, "{\"rendered\":19.99}"));
}


static void
retry_twice_is_one_retry(void **state)
{
    crm_job_t  got;

    (void) state;

    got = taken("j1");
    retry(got.lease, 5000, "");
    assert_int_equal(retry(got.lease, 9999999, "changed"), CRM_SETTLE_OK);

    assert_in_range(promote().next_ms, 0, 5000);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:j1", "error"),
                        "HTTP 500");
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:j1", "body"),
                        job("j1", "http://a.example/"));
}


static void
a_dead_job_keeps_body_attempts_and_reason(void **state)
{
    crm_job_t  got;

    (void) state;

    got = taken("j1");
    assert_int_equal(dead(got.lease, "410 \"gone\""), CRM_SETTLE_OK);
    assert_int_equal(dead(got.lease, "again"), CRM_SETTLE_STALE);

    assert_starts(only_dead(), crm_pool_printf(pool, "{\"job\":%s,\"reason\":"
                  "\"410 \\\"gone\\\"\",\"at\":", got.body.data).data);
    assert_non_null(strstr(only_dead(), ",\"attempts\":3,\"class\":"
                           "\"webhooks\",\"foreign\":true,\"sequence\":1,"
                           "\"id\":"));
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j1", "crm:{t1}:lease",
                               "crm:{t1}:inflight"), 0);

    push(QUEUE, job("j1", "http://a.example/"));
    assert_int_equal(take(1).n_jobs, 1);
}


static void
the_dead_list_keeps_the_newest_hundred_thousand(void **state)
{
    (void) state;

    redis("EVAL", "for i = 1, 100000 do redis.call('RPUSH', KEYS[1], i) end",
          "1", DEAD);
    dead(taken("j1").lease, "x");

    assert_int_equal(redis_int("LLEN", DEAD), 100000);
    assert_string_equal(redis_text("LINDEX", DEAD, "0"), "2");
}


static void
a_stale_fence_changes_nothing(void **state)
{
    crm_job_t   first;
    crm_take_t  second;

    (void) state;

    push(QUEUE, job("j1", "http://a.example/"));
    first = take_from(webhooks, 1, 1, 0).jobs[0];
    assert_int_equal(reap().ready, 1);

    /* Between reap and the next take nobody holds it. */
    assert_int_equal(done(first.lease), CRM_SETTLE_STALE);
    second = take(1);
    assert_int_equal(second.jobs[0].lease.fence, 2);
    assert_int_equal(second.jobs[0].deliveries, 2);

    assert_int_equal(done(first.lease), CRM_SETTLE_STALE);
    assert_int_equal(retry(first.lease, 0, "x"), CRM_SETTLE_STALE);
    assert_int_equal(dead(first.lease, "x"), CRM_SETTLE_STALE);
    assert_int_equal(redis_int("EXISTS", DEAD, "crm:{t1}:delayed"), 0);
    assert_int_equal(done(second.jobs[0].lease), CRM_SETTLE_OK);
}


static void
an_expired_lease_that_nobody_reaped_may_still_end(void **state)
{
    (void) state;

    push(QUEUE, job("j1", "http://a.example/"));
    assert_int_equal(done(take_from(webhooks, 1, 1, 0).jobs[0].lease),
                     CRM_SETTLE_OK);
    assert_int_equal(reap().ready, 0);
}


static void
five_deliveries_without_a_result_are_a_crash_loop(void **state)
{
    int           i;
    crm_reaped_t  reaped;

    (void) state;

    push(QUEUE, job("j1", "http://a.example/"));
    for (i = 1; i <= 5; i++) {
        assert_int_equal(take_from(webhooks, 1, 1, 0).n_jobs, 1);
        reaped = reap();
        assert_int_equal(reaped.ready, i < 5);
        assert_int_equal(reaped.dead, i == 5);
    }

    assert_non_null(strstr(only_dead(), "\"reason\":\"crash_loop\""));
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j1", "crm:{t1}:lease",
                               "crm:{t1}:inflight"), 0);
}


static void
a_result_ends_the_count_of_deliveries(void **state)
{
    int         i;
    crm_take_t  got;

    (void) state;

    push(QUEUE, job("j1", "http://a.example/"));
    for (i = 0; i < 10; i++) {
        got = take(1);
        assert_int_equal(got.n_jobs, 1);
        assert_int_equal(got.jobs[0].deliveries, 1);
        retry(got.jobs[0].lease, 0, "");
        assert_int_equal(promote().ready, 1);
    }
}


static void
what_somebody_removed_by_hand_does_no_harm(void **state)
{
    crm_job_t  got;

    (void) state;

    got = taken("j1");
    redis("DEL", "crm:{t1}:job:j1");
    redis("ZADD", "crm:{t1}:lease", "1", "j1");
    redis("ZADD", "crm:{t1}:delayed", "1", "nobody");
    assert_int_equal(done(got.lease), CRM_SETTLE_STALE);
    assert_int_equal(reap().ready, 0);
    assert_int_equal(promote().ready, 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:lease", "crm:{t1}:delayed",
                               "crm:{t1}:inflight"), 0);

    push(QUEUE, job("j2", "http://a.example/"));
    push(QUEUE, job("j3", "http://a.example/"));
    take(0);
    redis("DEL", "crm:{t1}:job:j2");
    assert_int_equal(take(1).n_jobs, 1);
}


static void
a_full_redis_lets_the_worker_drain_it(void **state)
{
    crm_take_t   got;
    crm_error_t  err;
    crm_reply_t  *reply;

    (void) state;

    push(QUEUE, job("j1", "http://a.example/"));
    push(QUEUE, job("j2", "http://b.example/"));
    push(QUEUE, job("j3", "http://c.example/"));
    push(QUEUE, "nonsense");
    redis_fill();
    assert_int_equal(crm_store_command(store, pool, &reply, &err, 3,
                                       CRM_STR("RPUSH"), CRM_STR(QUEUE),
                                       CRM_STR("x")), CRM_EINVAL);

    got = take(3);
    assert_int_equal(got.n_jobs, 3);
    assert_int_equal(got.malformed, 1);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    assert_int_equal(retry(got.jobs[1].lease, 0, "x"), CRM_SETTLE_OK);
    assert_int_equal(promote().ready, 1);
    assert_int_equal(dead(got.jobs[2].lease, "x"), CRM_SETTLE_OK);
    assert_int_equal(reap().ready, 0);
}


/* Moving what nobody can have yet would write each job twice. */
static void
what_there_is_no_room_for_stays_in_the_entrance(void **state)
{
    int  i;

    static const crm_cmd_class_t  full[] = {
        { CRM_QUEUE_FUNCTIONS, 3 }, { CRM_QUEUE_WEBHOOKS, 0 }
    };
    static const crm_cmd_class_t  some[] = {
        { CRM_QUEUE_FUNCTIONS, 3 }, { CRM_QUEUE_WEBHOOKS, 2 }
    };

    (void) state;

    for (i = 0; i < 10; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "j%d", i).data,
                        "http://a.example/"));
    }

    assert_int_equal(take_from(full, 2, 5, LEASE_MS).n_jobs, 0);
    assert_int_equal(redis_int("LLEN", QUEUE), 10);
    assert_int_equal(take_from(some, 2, 5, LEASE_MS).n_jobs, 2);
    assert_int_equal(redis_int("LLEN", QUEUE), 8);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j2"), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(take_leases_a_job_as_it_was_pushed),
        TEST(a_job_of_our_scripts_is_not_foreign),
        TEST(a_foreign_job_may_begin_like_ours),
        TEST(how_a_job_is_written_decides_nothing),
        TEST(a_webhook_leased_as_it_was_read_is_told_as_any_other),
        TEST(a_webhook_that_was_leased_as_it_was_read_comes_back_whole),
        TEST(a_webhook_leased_as_it_was_read_is_nobody_elses),
        TEST(leases_of_many_are_no_list),
        TEST(a_job_without_id_gets_the_hash_of_its_bytes),
        TEST(a_known_id_is_dropped_whatever_became_of_it),
        TEST(an_id_is_known_for_seven_days),
        TEST(a_malformed_element_is_dead_and_the_next_one_runs),
        TEST(a_bottomless_element_is_dead),
        TEST(a_huge_element_is_dead_and_cut),
        TEST(classes_that_a_worker_cannot_run_stay_in_their_entrance),
        TEST(take_of_no_job_still_empties_the_entrance),
        TEST(classes_share_turns_eight_four_two_one),
        TEST(an_idle_class_leaves_its_turns_to_the_others),
        TEST(endpoints_take_turns_and_none_has_more_than_its_limit),
        TEST(other_ports_and_schemes_are_other_endpoints),
        TEST(a_step_of_the_clock_ends_no_lease),
        TEST(renew_moves_the_deadline_of_what_is_ours),
        TEST(done_keeps_the_id_alone),
        TEST(what_is_done_together_ends_each_for_itself),
        TEST(retry_comes_back_when_due_with_attempts_and_body),
        TEST(retry_twice_is_one_retry),
        TEST(a_dead_job_keeps_body_attempts_and_reason),
        TEST(the_dead_list_keeps_the_newest_hundred_thousand),
        TEST(a_stale_fence_changes_nothing),
        TEST(an_expired_lease_that_nobody_reaped_may_still_end),
        TEST(five_deliveries_without_a_result_are_a_crash_loop),
        TEST(a_result_ends_the_count_of_deliveries),
        TEST(what_somebody_removed_by_hand_does_no_harm),
        TEST(a_full_redis_lets_the_worker_drain_it),
        TEST(what_there_is_no_room_for_stays_in_the_entrance),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
