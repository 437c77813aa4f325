/*
 * The two pipes of a function's process, which waits for them: frames come on
 * its standard input and go to its standard output (crm_worker_frame.h).
 */

#ifndef CRM_WORKER_CHILD_PIPE_H
#define CRM_WORKER_CHILD_PIPE_H

#include "crm_worker_frame.h"


/* 0: the worker has gone, or there is no memory for what it says. */
int crm_worker_child_read(char *kind, crm_str_t *text, crm_pool_t *pool);

/* 0: nobody listens. */
int crm_worker_child_write(crm_worker_frame_kind_t kind, crm_str_t text);

#endif
