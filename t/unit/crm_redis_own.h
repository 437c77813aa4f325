/*
 * A Redis of the test's own, on a socket in a directory of its own; both are
 * gone when the test is, even one that was killed: a guard between the two
 * waits for the end of a pipe.
 *
 * For one test program: the state is static.
 */

#ifndef CRM_REDIS_OWN_H
#define CRM_REDIS_OWN_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crm_store.h"


#define REDIS_START_MS  20000       /* a busy machine is no failure */

static char          redis_dir[32];
static char          redis_url[128];
static pid_t         redis_guard_pid;
static int           redis_guard_fd = -1;
static crm_store_t  *store;
static crm_pool_t   *pool;


/* All that the current test does runs in org t1. */
#define ORG  CRM_STR("t1")


static inline void
redis_pause(void)
{
    struct timespec  ts = { 0, 5 * 1000 * 1000 };

    nanosleep(&ts, NULL);
}


static inline void
redis_exec(const char *socket_path)
{
    int  null;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);

    null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
    }

    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
           socket_path, "--save", "", "--appendonly", "no", "--dir", redis_dir,
           "--databases", "4", (char *) NULL);
    _exit(127);
}


static inline void
redis_remove(void)
{
    DIR            *dir;
    struct dirent  *entry;

    dir = opendir(redis_dir);
    if (dir != NULL) {
        while ((entry = readdir(dir)) != NULL) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
        closedir(dir);
    }
    rmdir(redis_dir);
}


/* Runs Redis until the other end of fd is closed, then clears up. */
static inline void
redis_guard(const char *path, int fd)
{
    int            ended;
    pid_t          redis;
    struct pollfd  pfd;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);

    redis = fork();
    if (redis == 0) {
        redis_exec(path);
    }

    pfd.fd = fd;
    pfd.events = POLLIN;
    do {
        ended = redis < 0 || waitpid(redis, NULL, WNOHANG) == redis;
    } while (!ended && poll(&pfd, 1, 100) == 0);

    if (!ended) {
        kill(redis, SIGKILL);
        waitpid(redis, NULL, 0);
    }
    redis_remove();
    _exit(ended);
}


static inline int
redis_stop(void **state)
{
    (void) state;

    crm_store_close(store);
    store = NULL;
    close(redis_guard_fd);
    waitpid(redis_guard_pid, NULL, 0);
    return 0;
}


static inline int
redis_start(void **state)
{
    int          waited, ends[2];
    char         path[96];
    crm_error_t  err;

    (void) state;

    signal(SIGPIPE, SIG_IGN);
    strcpy(redis_dir, "/tmp/crm-redis-XXXXXX");
    if (mkdtemp(redis_dir) == NULL || pipe(ends) != 0) {
        return -1;
    }

    snprintf(path, sizeof(path), "%s/r.sock", redis_dir);
    snprintf(redis_url, sizeof(redis_url), "unix:%s", path);

    redis_guard_pid = fork();
    if (redis_guard_pid == 0) {
        close(ends[1]);
        redis_guard(path, ends[0]);
    }
    close(ends[0]);
    redis_guard_fd = ends[1];

    for (waited = 0; waited < REDIS_START_MS; waited += 5) {
        if (crm_store_open(&store, crm_strz(redis_url), NULL, &err) == CRM_OK) {
            return 0;
        }
        if (waitpid(redis_guard_pid, NULL, WNOHANG) == redis_guard_pid) {
            print_error("redis-server did not start; is it in PATH?\n");
            return -1;
        }
        redis_pause();
    }

    print_error("%s\n", err.text);
    redis_stop(state);
    return -1;
}


/* ---- one command; the reply of a failed one is told ---- */

static inline crm_reply_t *
run(const crm_cmd_t *cmd)
{
    crm_error_t   err;
    crm_reply_t  *reply;

    assert_non_null(cmd);
    err.text[0] = '\0';
    if (crm_store_run(store, cmd, pool, &reply, &err) != CRM_OK) {
        fail_msg("%s", err.text);
    }
    return reply;
}


static inline crm_reply_t *
run_args(const char *const *words, size_t n)
{
    size_t     i;
    crm_str_t  args[16];

    for (i = 0; i < n; i++) {
        args[i] = crm_strz(words[i]);
    }
    return run(crm_cmd_plain(pool, args, n));
}

/* redis("GET", "key") */
#define redis(...) \
    run_args((const char *[]) { __VA_ARGS__ }, \
             sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(char *))


/* What a command answered as text, "" for nothing. */
static inline const char *
reply_text(const crm_reply_t *reply)
{
    crm_str_t    text;
    crm_error_t  err;

    if (reply->type == CRM_REPLY_NIL) {
        return "";
    }
    assert_int_equal(crm_reply_text(&text, reply, pool, &err), CRM_OK);
    return text.data;
}

#define redis_text(...)  reply_text(redis(__VA_ARGS__))


static inline long long
reply_int(const crm_reply_t *reply)
{
    assert_int_equal(reply->type, CRM_REPLY_INTEGER);
    return reply->integer;
}

#define redis_int(...)  reply_int(redis(__VA_ARGS__))


/* A list, a set or a sorted set of texts, joined by blanks. */
static inline const char *
reply_list(const crm_reply_t *reply)
{
    char    *text;
    size_t   i, len;

    assert_int_equal(reply->type, CRM_REPLY_ARRAY);
    for (i = 0, len = 1; i < reply->count; i++) {
        len += reply->elements[i].str.len + 1;
    }
    text = crm_pool_calloc(pool, len, 1);
    assert_non_null(text);
    for (i = 0; i < reply->count; i++) {
        strcat(text, i ? " " : "");
        strcat(text, reply_text(&reply->elements[i]));
    }
    return text;
}

#define redis_list(...)  reply_list(redis(__VA_ARGS__))


static inline int
test_start(void **state)
{
    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return -1;
    }
    redis("CONFIG", "SET", "maxmemory", "0");
    redis("FLUSHALL");
    return 0;
}


static inline int
test_end(void **state)
{
    (void) state;

    crm_pool_destroy(pool);
    pool = NULL;
    return 0;
}


/*
 * Fills Redis to its ceiling, so that whatever feels it is refused; the script
 * cache is warm, since loading takes memory too.
 */
static inline void
redis_fill(void)
{
    redis("CONFIG", "SET", "maxmemory-policy", "noeviction");
    redis("CONFIG", "SET", "maxmemory", "1");
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, test_start, test_end)

#endif
