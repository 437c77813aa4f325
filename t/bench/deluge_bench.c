/*
 * What the Deluge language costs: deluge.pl asks.
 *
 *     deluge_bench run SCRIPT ROUNDS     the median of its CPU time in
 *                                        microseconds, statements, result
 *     deluge_bench start WORKER ROUNDS ARGUMENT
 *                                        medians, in microseconds: from
 *                                        spawning a function's process to its
 *                                        first statement, its CPU time until
 *                                        it has ended; of /bin/true until it
 *                                        has ended, and its CPU time
 */

#include "crm_deluge.h"
#include "crm_worker_frame.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>


#define BENCH_SOURCE  (64 * 1024)
#define BENCH_ROUNDS  10000

/* The first statement asks the worker for something. */
static const char  bench_start[] =
    "{\"source\":\"x = zoho.crm.getOrgVariable(\\\"a\\\");\","
    "\"now\":1774629000000,\"types\":{},\"arguments\":{}}";


static int
failed(const char *what)
{
    fprintf(stderr, "deluge_bench: %s\n", what);
    return 1;
}


static double
microseconds(clockid_t clock)
{
    struct timespec  ts;

    (void) clock_gettime(clock, &ts);

    return (double) ts.tv_sec * 1e6 + (double) ts.tv_nsec / 1e3;
}


static int
compare(const void *a, const void *b)
{
    double  x = *(const double *) a;
    double  y = *(const double *) b;

    return x < y ? -1 : x > y;
}


static double
median(double *times, size_t n)
{
    qsort(times, n, sizeof(double), compare);

    return times[n / 2];
}


static int
round_of(const crm_deluge_script_t *script, double *took, size_t *statements,
    int print)
{
    double                start;
    crm_buf_t             buf;
    crm_pool_t           *pool;
    crm_status_t          rc;
    crm_deluge_map_t     *arguments;
    crm_deluge_host_t     host;
    crm_deluge_error_t    err;
    crm_deluge_limits_t   limits;
    crm_deluge_result_t   result;

    memset(&host, 0, sizeof(host));
    memset(&err, 0, sizeof(err));
    crm_deluge_limits_init(&limits);

    pool = crm_pool_create(crm_host_malloc(), CRM_DELUGE_MEMORY);
    arguments = pool ? crm_deluge_map(pool) : NULL;
    if (arguments == NULL) {
        return failed("there is no memory");
    }

    start = microseconds(CLOCK_PROCESS_CPUTIME_ID);
    rc = crm_deluge_run(&result, script, arguments, &host, &limits, pool,
                        &err);
    *took = microseconds(CLOCK_PROCESS_CPUTIME_ID) - start;
    *statements = result.statements;

    if (rc != CRM_OK) {
        return failed(err.text);
    }

    if (print) {
        crm_buf_init(&buf, pool, 0);
        crm_deluge_write(&buf, &result.value, NULL);
        printf("%.*s\n", (int) buf.len, buf.data);
    }

    crm_pool_destroy(pool);

    return 0;
}


static int
run(const char *file, size_t rounds)
{
    FILE                 *f;
    char                  text[BENCH_SOURCE];
    double                times[BENCH_ROUNDS];
    size_t                i, len, statements;
    crm_pool_t           *pool;
    crm_deluge_error_t    err;
    crm_deluge_script_t   script;

    f = fopen(file, "r");
    if (f == NULL) {
        return failed(file);
    }

    len = fread(text, 1, sizeof(text), f);
    fclose(f);

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_deluge_parse(&script, crm_str(text, len), pool, &err) != CRM_OK)
    {
        return failed("the script cannot be read");
    }

    for (i = 0; i < rounds; i++) {
        if (round_of(&script, &times[i], &statements, 0)) {
            return 1;
        }
    }

    printf("%.1f %zu ", median(times, rounds), statements);

    return round_of(&script, &times[0], &statements, 1);
}


/* Until it says something, or has ended. */
static int
spawned(const char *file, char *const args[], const char *frame, double *took,
    double *cpu)
{
    int                         in[2], out[2], status;
    char                       *env[] = { NULL };
    pid_t                       pid;
    double                      start;
    struct rusage               usage;
    unsigned char               head[CRM_WORKER_FRAME_HEAD];
    posix_spawn_file_actions_t  actions;

    if (pipe(in) == -1 || pipe(out) == -1
        || posix_spawn_file_actions_init(&actions) != 0
        || posix_spawn_file_actions_adddup2(&actions, in[0], 0) != 0
        || posix_spawn_file_actions_adddup2(&actions, out[1], 1) != 0)
    {
        return failed("there is no pipe");
    }

    start = microseconds(CLOCK_MONOTONIC);

    if (posix_spawn(&pid, file, &actions, NULL, args, env) != 0) {
        return failed("it does not start");
    }

    close(in[0]);
    close(out[1]);

    if (frame) {
        crm_worker_frame_head(head, CRM_WORKER_FRAME_START, strlen(frame));

        if (write(in[1], head, sizeof(head)) != sizeof(head)
            || write(in[1], frame, strlen(frame)) != (ssize_t) strlen(frame)
            || read(out[0], head, 1) != 1
            || head[0] != CRM_WORKER_FRAME_EFFECT)
        {
            return failed("it has not come to its first statement");
        }

        *took = microseconds(CLOCK_MONOTONIC) - start;
    }

    close(in[1]);
    close(out[0]);

    if (wait4(pid, &status, 0, &usage) != pid) {
        return failed("it has not ended");
    }

    *cpu = (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
           + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);

    if (frame == NULL) {
        *took = microseconds(CLOCK_MONOTONIC) - start;
    }

    (void) posix_spawn_file_actions_destroy(&actions);

    return 0;
}


/* In turn, so that a busy machine disturbs both. */
static int
start(const char *worker, const char *argument, size_t rounds)
{
    char   *child[] = { (char *) "crm-worker", (char *) argument, NULL };
    char   *none[] = { (char *) "true", NULL };
    double  first[BENCH_ROUNDS], first_cpu[BENCH_ROUNDS];
    double  ended[BENCH_ROUNDS], ended_cpu[BENCH_ROUNDS];
    size_t  i;

    for (i = 0; i < rounds; i++) {
        if (spawned(worker, child, bench_start, &first[i], &first_cpu[i])
            || spawned("/bin/true", none, NULL, &ended[i], &ended_cpu[i]))
        {
            return 1;
        }
    }

    printf("%.0f %.0f %.0f %.0f\n", median(first, rounds),
           median(first_cpu, rounds), median(ended, rounds),
           median(ended_cpu, rounds));

    return 0;
}


int
main(int argc, char **argv)
{
    long  rounds;

    rounds = argc >= 4 ? strtol(argv[3], NULL, 10) : 0;

    if (rounds < 1 || rounds > BENCH_ROUNDS) {
        return failed("wrong use, see deluge.pl");
    }

    return strcmp(argv[1], "run") == 0 && argc == 4
           ? run(argv[2], (size_t) rounds)
           : strcmp(argv[1], "start") == 0 && argc == 5
           ? start(argv[2], argv[4], (size_t) rounds)
           : failed("wrong use, see deluge.pl");
}
