/*
 * A wall clock that a test can set: preloaded, it adds the seconds that stand
 * in the file CRM_CLOCK_FILE (eight bytes, the machine's order). Clocks that
 * only measure are left alone, as a step of the real one leaves them.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


static int64_t  zero;
static volatile int64_t  *offset = &zero;

static int (*real_gettime)(clockid_t, struct timespec *);


__attribute__((constructor)) static void
start(void)
{
    int          fd;
    void        *p;
    const char  *file;

    real_gettime = (int (*)(clockid_t, struct timespec *))
                   dlsym(RTLD_NEXT, "clock_gettime");

    file = getenv("CRM_CLOCK_FILE");
    fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    (void) close(fd);

    if (p != MAP_FAILED) {
        offset = p;
    }
}


int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int  rc;

    if (real_gettime == NULL) {
        start();
    }

    rc = real_gettime(clock, ts);

    if (rc == 0 && (clock == CLOCK_REALTIME
                    || clock == CLOCK_REALTIME_COARSE))
    {
        ts->tv_sec += *offset;
    }

    return rc;
}


int
gettimeofday(struct timeval *tv, void *zone)
{
    struct timespec  ts;

    (void) zone;
    (void) clock_gettime(CLOCK_REALTIME, &ts);

    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;

    return 0;
}


time_t
time(time_t *t)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME_COARSE, &ts);

    if (t) {
        *t = ts.tv_sec;
    }

    return ts.tv_sec;
}
