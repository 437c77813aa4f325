/*
 * The wall: behind it a process can read and write its pipes and have memory,
 * and is ended by whatever else it asks of the kernel. Were it broken, a script
 * that found a hole in the interpreter would have the worker's machine.
 */

#include "crm_test.h"

#include "crm_worker_wall.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>


#define WALL_REFUSED  77        /* the call came back */


static void  call_open(void);
static void  call_socket(void);
static void  call_fork(void);
static void  call_exec(void);
static void  call_kill(void);
static void  call_ptrace(void);
static void  call_code(void);
static void  call_other_pipe(void);
static void  call_memory(void);


static const struct {
    const char  *what;
    void       (*call)(void);
    int          ends;          /* by the kernel */
} cases[] = {
    { "open", call_open, 1 },
    { "socket", call_socket, 1 },
    { "fork", call_fork, 1 },
    { "execve", call_exec, 1 },
    { "kill", call_kill, 1 },
    { "ptrace", call_ptrace, 1 },
    { "memory that is code", call_code, 1 },
    { "another descriptor", call_other_pipe, 1 },
    { "memory", call_memory, 0 },
};


/* In a process of its own: the wall does not come down again. */
static int
behind(void (*call)(void))
{
    int          status;
    pid_t        pid;
    crm_error_t  err;

    pid = fork();
    assert_true(pid >= 0);

    if (pid == 0) {
        if (crm_worker_wall(&err) != CRM_OK) {
            _exit(1);
        }

        call();
        _exit(WALL_REFUSED);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);

    return status;
}


static void
test_what_is_not_on_the_list_ends_the_process(void **state)
{
    int     status;
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        status = behind(cases[i].call);

        if (cases[i].ends ? !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS
                          : !WIFEXITED(status)
                            || WEXITSTATUS(status) != WALL_REFUSED)
        {
            fail_msg("%s: status %x", cases[i].what, (unsigned) status);
        }
    }
}


static void
call_open(void)
{
    (void) syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}


static void
call_socket(void)
{
    (void) syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}


static void
call_fork(void)
{
    (void) syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}


static void
call_exec(void)
{
    (void) syscall(SYS_execve, "/bin/true", NULL, NULL);
}


static void
call_kill(void)
{
    (void) syscall(SYS_kill, 1, 0);
}


static void
call_ptrace(void)
{
    (void) syscall(SYS_ptrace, 0, 0, 0, 0);
}


static void
call_code(void)
{
    (void) syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}


static void
call_other_pipe(void)
{
    (void) syscall(SYS_read, 5, NULL, 0);
}


static void
call_memory(void)
{
    char  *p;

    p = malloc(1024 * 1024);

    if (p == NULL) {
        _exit(1);
    }

    memset(p, 1, 1024 * 1024);
    free(p);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_what_is_not_on_the_list_ends_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
