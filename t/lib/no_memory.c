/*
 * Preloaded by t/e2e/no_memory.t: in one process, the n-th allocation fails.
 *
 * Steered by a file of numbers, mapped and shared with the test. What hiredis
 * allocates is left alone unless "hiredis" says otherwise: 0.14.1 ends the
 * process where it finds no memory to connect.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


typedef struct {
    int64_t  pid;               /* the process that it is about */
    int64_t  n;                 /* which allocation fails; 0: none */
    int64_t  all;               /* and those that follow */
    int64_t  hiredis;           /* count those of hiredis instead */
    int64_t  seen;              /* allocations since "fresh" was set */
    int64_t  failed;            /* of them, how many */
    int64_t  fresh;             /* set by the test: begin to count */
} control_t;

static volatile control_t  *control;
static uintptr_t            hiredis_from, hiredis_to;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);


static int find_hiredis(struct dl_phdr_info *info, size_t size, void *data);
static void begin(void);
static int fails(void *caller);


__attribute__((constructor)) static void
map_control(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("CRM_NO_MEMORY");
    fd = name ? open(name, O_RDWR) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(control_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd,
             0);
    close(fd);

    if (p != MAP_FAILED) {
        control = p;
    }
}


void *
malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_realloc(p, size);
}


void *
memalign(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
           : __libc_memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    void  *got;

    got = fails(__builtin_return_address(0)) ? NULL
          : __libc_memalign(alignment, size);

    if (got == NULL) {
        return ENOMEM;
    }

    *p = got;

    return 0;
}


static int
find_hiredis(struct dl_phdr_info *info, size_t size, void *data)
{
    int        i;
    uintptr_t  from, to;

    (void) size;
    (void) data;

    if (strstr(info->dlpi_name, "libhiredis") == NULL) {
        return 0;
    }

    for (i = 0; i < info->dlpi_phnum; i++) {
        from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        to = from + info->dlpi_phdr[i].p_memsz;

        if (info->dlpi_phdr[i].p_type == PT_LOAD
            && (info->dlpi_phdr[i].p_flags & PF_X))
        {
            hiredis_from = from;
            hiredis_to = to;
        }
    }

    return 1;
}


/* The module keeps blocks of ended requests: without them each request is as
 * the first. */
static void
begin(void)
{
    void  (*trim)(void);

    if (hiredis_to == 0) {
        (void) dl_iterate_phdr(find_hiredis, NULL);
    }

    *(void **) &trim = dlsym(RTLD_DEFAULT, "ngx_http_crm_pool_trim");

    if (trim) {
        trim();
    }

    control->seen = 0;
    control->failed = 0;
}


static int
fails(void *caller)
{
    int  of_hiredis;

    static int  inside;

    if (control == NULL || inside || control->pid != getpid()) {
        return 0;
    }

    if (control->fresh) {
        inside = 1;
        control->fresh = 0;
        begin();
        inside = 0;
    }

    of_hiredis = (uintptr_t) caller >= hiredis_from
                 && (uintptr_t) caller < hiredis_to;

    if (of_hiredis != (control->hiredis != 0)) {
        return 0;
    }

    control->seen++;

    if (control->n == 0 || control->seen < control->n
        || (control->seen > control->n && !control->all))
    {
        return 0;
    }

    control->failed++;
    errno = ENOMEM;

    return 1;
}
