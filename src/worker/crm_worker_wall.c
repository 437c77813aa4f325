/*
 * The wall around a function's process.
 */

#define _GNU_SOURCE

#include "crm_worker_wall.h"

#include <errno.h>
#include <grp.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>


/*
 * Sanitizers reserve terabytes of addresses, and report by means that the list
 * does not have: under them it is longer, and addresses are not counted.
 */
#if defined(__SANITIZE_ADDRESS__)
#define WALL_SANITIZED  1
#else
#define WALL_SANITIZED  0
#endif

#define WALL_CALLS(calls)  (sizeof(calls) / sizeof((calls)[0]))


static int wall_user(void);
static int wall_limits(void);
static int wall_limit(int resource, rlim_t value);
static int wall_calls(void);
static crm_status_t wall_failed(crm_error_t *err, const char *what);


/* Of these any use is harmless: memory, time, the end. */
static const int  wall_any[] = {
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)
};

static const int  wall_sanitized[] = {
    SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(readlink), SCMP_SYS(rt_sigaction)
};


crm_status_t
crm_worker_wall(crm_error_t *err)
{
    if (close_range(3, ~0U, 0) == -1) {
        return wall_failed(err, "closing what the worker had open");
    }

    if (wall_user() == -1) {
        return wall_failed(err, "becoming nobody");
    }

    if (wall_limits() == -1) {
        return wall_failed(err, "setting limits");
    }

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1
        || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1
        || prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0) == -1)
    {
        return wall_failed(err, "giving up privileges");
    }

    if (wall_calls() == -1) {
        return wall_failed(err, "filtering system calls");
    }

    return CRM_OK;
}


static int
wall_user(void)
{
    if (geteuid() != 0) {
        return 0;
    }

    return setgroups(0, NULL) == -1
           || setresgid(CRM_WORKER_WALL_USER, CRM_WORKER_WALL_USER,
                        CRM_WORKER_WALL_USER) == -1
           || setresuid(CRM_WORKER_WALL_USER, CRM_WORKER_WALL_USER,
                        CRM_WORKER_WALL_USER) == -1 ? -1 : 0;
}


static int
wall_limits(void)
{
    struct rlimit  cpu;

    if (!WALL_SANITIZED
        && wall_limit(RLIMIT_AS, CRM_WORKER_WALL_MEMORY) == -1)
    {
        return -1;
    }

    /* at the second limit it would be SIGKILL, which says less */
    cpu.rlim_cur = CRM_WORKER_WALL_CPU_S;
    cpu.rlim_max = CRM_WORKER_WALL_CPU_S + 1;

    return setrlimit(RLIMIT_CPU, &cpu) == -1
           || wall_limit(RLIMIT_CORE, 0) == -1
           || wall_limit(RLIMIT_FSIZE, 0) == -1
           || wall_limit(RLIMIT_NPROC, 0) == -1
           || wall_limit(RLIMIT_MEMLOCK, 0) == -1
           || wall_limit(RLIMIT_NOFILE, 3) == -1 ? -1 : 0;
}


static int
wall_limit(int resource, rlim_t value)
{
    struct rlimit  limit;

    limit.rlim_cur = value;
    limit.rlim_max = value;

    return setrlimit(resource, &limit);
}


/* Reading from the one pipe, writing to the other, memory that is not code. */
static int
wall_calls(void)
{
    int              rc;
    size_t           i;
    scmp_filter_ctx  filter;

    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return -1;
    }

    rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1,
                          SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO));

    for (i = STDOUT_FILENO; rc == 0 && i <= STDERR_FILENO; i++) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                              SCMP_A0(SCMP_CMP_EQ, i));
    }

    if (rc == 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }

    if (rc == 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }

    for (i = 0; rc == 0 && i < WALL_CALLS(wall_any); i++) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, wall_any[i], 0);
    }

    for (i = 0; WALL_SANITIZED && rc == 0 && i < WALL_CALLS(wall_sanitized);
         i++)
    {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, wall_sanitized[i], 0);
    }

    if (rc == 0) {
        rc = seccomp_load(filter);
    }

    seccomp_release(filter);

    if (rc != 0) {
        errno = -rc;
    }

    return rc == 0 ? 0 : -1;
}


static crm_status_t
wall_failed(crm_error_t *err, const char *what)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s: %s", what,
                         strerror(errno));
}
