/*
 * What the process holds of memory beside what it asks for.
 */

#ifndef CRM_WORKER_MEMORY_H
#define CRM_WORKER_MEMORY_H

/* First of all: how much of what was freed malloc() keeps, and for whom. */
void crm_worker_memory_init(void);

/*
 * Once all is set up: lets go of the pages of program and libraries that only
 * loading them has needed. Those that are used are there again at first use,
 * out of the page cache.
 */
void crm_worker_memory_loaded(void);

#endif
