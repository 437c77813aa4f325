/*
 * Signals at the last moment: preloaded into crm-worker, it sends the process
 * what CRM_LATE_SIGNAL names, by number, each time libuv has closed a loop, and
 * so has taken its handlers off.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>


int uv_loop_close(void *loop);


int
uv_loop_close(void *loop)
{
    int          rc;
    int        (*real)(void *);
    const char  *number;

    real = (int (*)(void *)) dlsym(RTLD_NEXT, "uv_loop_close");
    rc = real ? real(loop) : -1;
    number = getenv("CRM_LATE_SIGNAL");

    if (number != NULL) {
        (void) raise(atoi(number));
    }

    return rc;
}
