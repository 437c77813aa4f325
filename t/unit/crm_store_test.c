/*
 * The blocking client: what it says when Redis is away, silent, closed to us
 * or talks nonsense, and that it never takes a late reply for another's.
 */

#include "crm_redis_own.h"

#include <sys/socket.h>
#include <sys/un.h>


static crm_error_t  err;


static const char *
write_file(const char *text)
{
    FILE       *file;
    crm_str_t   name;

    name = crm_pool_printf(pool, "%s/password", redis_dir);
    file = fopen(name.data, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return name.data;
}


static crm_status_t
open_with(const char *url, const char *password_file, crm_store_t **out)
{
    crm_store_opts_t  opts;

    memset(&opts, 0, sizeof(opts));
    opts.password_file = password_file;
    opts.timeout_ms = 10000;
    err.text[0] = '\0';
    return crm_store_open(out, crm_strz(url), &opts, &err);
}


static void
replies_of_every_type_come_through(void **state)
{
    crm_reply_t  *reply;

    (void) state;

    assert_int_equal(redis("PING")->type, CRM_REPLY_STATUS);
    assert_int_equal(redis("GET", "none")->type, CRM_REPLY_NIL);
    assert_int_equal(redis("INCR", "n")->integer, 1);
    reply = redis("EVAL", "return {'a', {1, {'b'}}, {}}", "0");
    assert_int_equal(reply->count, 3);
    assert_string_equal(reply->elements[1].elements[1].elements[0].str.data,
                        "b");
    assert_int_equal(reply->elements[2].count, 0);

    assert_int_equal(crm_store_command(store, pool, &reply, &err, 3,
                     CRM_STR("SET"), CRM_STR("k"), crm_str("a\0b", 3)), CRM_OK);
    assert_int_equal(redis("GET", "k")->str.len, 3);
}


static void
an_error_reply_names_the_address_and_the_connection_lives(void **state)
{
    crm_reply_t  *reply;

    (void) state;

    assert_int_equal(crm_store_command(store, pool, &reply, &err, 1,
                                       CRM_STR("NONSENSE")), CRM_EINVAL);
    assert_non_null(strstr(err.text, redis_url));
    assert_non_null(strstr(err.text, "unknown command"));
    assert_true(crm_reply_is_error(reply, "ERR"));
    assert_string_equal(redis_text("PING"), "PONG");
    assert_int_equal(crm_store_command(store, pool, &reply, &err, 0),
                     CRM_EINVAL);
}


static void
a_database_is_selected(void **state)
{
    crm_store_t  *other;
    crm_reply_t  *reply;

    (void) state;

    assert_int_equal(open_with(crm_pool_printf(pool, "%s:/3", redis_url).data,
                               NULL, &other), CRM_OK);
    assert_int_equal(crm_store_command(other, pool, &reply, &err, 3,
                     CRM_STR("SET"), CRM_STR("k"), CRM_STR("v")), CRM_OK);
    crm_store_close(other);
    assert_string_equal(redis_text("GET", "k"), "");

    assert_int_equal(open_with(crm_pool_printf(pool, "%s:/9", redis_url).data,
                               NULL, &other), CRM_EINVAL);
    assert_non_null(strstr(err.text, "DB index"));
}


static void
a_password_comes_from_the_first_line_of_its_file(void **state)
{
    const char   *file;
    crm_store_t  *other;

    (void) state;

    redis("CONFIG", "SET", "requirepass", "s3cret word");
    file = write_file("s3cret word\r\nsecond line\n");
    assert_int_equal(open_with(redis_url, file, &other), CRM_OK);
    crm_store_close(other);

    file = write_file("wrong");
    assert_int_equal(open_with(redis_url, file, &other), CRM_EINVAL);
    assert_non_null(strstr(err.text, "WRONGPASS"));
    assert_null(strstr(err.text, "wrong"));

    file = write_file("\n");
    assert_int_equal(open_with(redis_url, file, &other), CRM_EINVAL);
    unlink(file);
    assert_int_equal(open_with(redis_url, file, &other), CRM_EINVAL);
    assert_string_equal(err.where, file);
    redis("CONFIG", "SET", "requirepass", "");
}


static void
without_a_redis_there_is_no_store(void **state)
{
    crm_store_t  *other;

    (void) state;

    assert_int_equal(open_with("unix:/nonexistent/r.sock", NULL, &other),
                     CRM_EINVAL);
    assert_non_null(strstr(err.text, "unix:/nonexistent/r.sock"));
    assert_int_equal(open_with("redis://u@127.0.0.1:1", NULL, &other),
                     CRM_EINVAL);
    assert_int_equal(open_with("nonsense", NULL, &other), CRM_EINVAL);
    crm_store_close(NULL);
}


/* A server on a socket that reads nothing and answers with text. */
static const char *
rude_server(const char *text, int *listener)
{
    int                 fd;
    pid_t               child;
    crm_str_t           path;
    struct sockaddr_un  sun;

    path = crm_pool_printf(pool, "%s/rude.sock", redis_dir);
    unlink(path.data);
    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strcpy(sun.sun_path, path.data);
    *listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(*listener, (struct sockaddr *) &sun, sizeof(sun)), 0);
    assert_int_equal(listen(*listener, 1), 0);

    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fd = accept(*listener, NULL, NULL);
        if (write(fd, text, strlen(text)) >= 0) {
            while (read(fd, &sun, sizeof(sun)) > 0) { /* until it goes */ }
        }
        _exit(0);
    }

    close(*listener);
    *listener = (int) child;
    return crm_pool_printf(pool, "unix:%s", path.data).data;
}


static void
a_rude_server_ends_the_connection_and_says_why(void **state)
{
    static const char *const  rude[][2] = {
        { "", "no answer in time" },
        { "$5\r\nab", "no answer in time" },
        { "HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol error" },
    };

    int                child;
    size_t             i;
    const char        *url;
    crm_store_t       *other;
    crm_reply_t       *reply;
    crm_store_opts_t   opts = { NULL, 500 };

    (void) state;

    for (i = 0; i < sizeof(rude) / sizeof(rude[0]); i++) {
        url = rude_server(rude[i][0], &child);
        assert_int_equal(crm_store_open(&other, crm_strz(url), &opts, &err),
                         CRM_OK);
        assert_int_equal(crm_store_command(other, pool, &reply, &err, 1,
                                           CRM_STR("PING")), CRM_EINVAL);
        assert_null(reply);
        assert_non_null(strstr(err.text, rude[i][1]));
        assert_int_equal(crm_store_command(other, pool, &reply, &err, 1,
                                           CRM_STR("PING")), CRM_EINVAL);
        assert_non_null(strstr(err.text, "is gone"));
        crm_store_close(other);
        waitpid((pid_t) child, NULL, 0);
        unlink(url + 5);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(replies_of_every_type_come_through),
        TEST(an_error_reply_names_the_address_and_the_connection_lives),
        TEST(a_database_is_selected),
        TEST(a_password_comes_from_the_first_line_of_its_file),
        TEST(without_a_redis_there_is_no_store),
        TEST(a_rude_server_ends_the_connection_and_says_why),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
