/*
 * malloc()'s habits, and the loader's leavings: forty libraries have their
 * tables of symbols and relocations read once, two thirds of the pages that a
 * worker of little to do would have.
 */

#define _GNU_SOURCE             /* dl_iterate_phdr() */

#include "crm_worker_memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>


/* Jobs come and go in dozens: what the last ones had is for the next ones,
 * and need not be asked of the kernel each time. */
#define MEMORY_KEPT   (512 * 1024)

/* Above, a block is the kernel's again when it is freed. */
#define MEMORY_LARGE  (128 * 1024)


static int  memory_object(struct dl_phdr_info *object, size_t size,
    void *data);
static int  memory_relocates(const struct dl_phdr_info *object);


void
crm_worker_memory_init(void)
{
#ifdef __GLIBC__
    (void) mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    (void) mallopt(M_MMAP_THRESHOLD, MEMORY_LARGE);

    /* the threads that look names up need next to nothing, and none of their
     * own */
    (void) mallopt(M_ARENA_MAX, 1);
#endif
}


void
crm_worker_memory_loaded(void)
{
    uintptr_t  page;

    page = (uintptr_t) sysconf(_SC_PAGESIZE);
    (void) dl_iterate_phdr(memory_object, &page);
}


/* Segments that nobody can have written to. That it fails changes nothing. */
static int
memory_object(struct dl_phdr_info *object, size_t size, void *data)
{
    size_t             i;
    uintptr_t          page, from, to;
    const ElfW(Phdr)  *segment;

    (void) size;

    page = *(uintptr_t *) data;

    if (memory_relocates(object)) {
        return 0;
    }

    for (i = 0; i < object->dlpi_phnum; i++) {
        segment = &object->dlpi_phdr[i];

        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) {
            continue;
        }

        from = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        to = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;

        (void) madvise((void *) from, to - from, MADV_DONTNEED);
    }

    return 0;
}


/* Where code is no PIC the loader has written into segments that are read
 * alone: what it wrote stands in no file. */
static int
memory_relocates(const struct dl_phdr_info *object)
{
    size_t            i;
    const ElfW(Dyn)  *dyn;

    for (i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) {
            continue;
        }

        dyn = (const ElfW(Dyn) *) (object->dlpi_addr
                                   + object->dlpi_phdr[i].p_vaddr);

        for ( /* void */ ; dyn->d_tag != DT_NULL; dyn++) {
            if (dyn->d_tag == DT_TEXTREL
                || (dyn->d_tag == DT_FLAGS
                    && (dyn->d_un.d_val & DF_TEXTREL)))
            {
                return 1;
            }
        }
    }

    return 0;
}
