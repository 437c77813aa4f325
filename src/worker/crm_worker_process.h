/*
 * The process of a function, as the worker sees it: frames in, frames out, and
 * its end.
 *
 *   open -> told (frames, any number) -> ended, once, however it came about
 *
 * It is killed when its time is up, and when nobody wants it any more.
 */

#ifndef CRM_WORKER_PROCESS_H
#define CRM_WORKER_PROCESS_H

#include "crm_worker_frame.h"
#include "crm_worker_loop.h"

#include "base/crm_str.h"


typedef struct crm_worker_process_s  crm_worker_process_t;

typedef enum {
    CRM_WORKER_PROCESS_EXITED = 0,      /* by itself, with status */
    CRM_WORKER_PROCESS_KILLED,          /* by the signal status */
    CRM_WORKER_PROCESS_LATE,            /* by us: its time was up */
    CRM_WORKER_PROCESS_RUDE             /* by us: it said what is no frame */
} crm_worker_process_how_t;

/* Called from the loop. text is valid for the call only. */
typedef void (*crm_worker_process_said_pt)(void *data, char kind,
    crm_str_t text);

/* Called once; the process is gone when it returns. */
typedef void (*crm_worker_process_ended_pt)(void *data,
    crm_worker_process_how_t how, int status);


/* Starts one; NULL when that cannot be done, and *error is libuv's. */
crm_worker_process_t *crm_worker_process_open(crm_worker_loop_t *loop,
    int64_t wall_ms, crm_worker_process_said_pt said,
    crm_worker_process_ended_pt ended, void *data, int *error);

/* Sends a frame, of which a copy is made. CRM_ENOMEM: it is not sent. */
crm_status_t crm_worker_process_tell(crm_worker_process_t *process,
    crm_worker_frame_kind_t kind, crm_str_t text);

/* Kills it; nothing is called any more. */
void crm_worker_process_kill(crm_worker_process_t *process);

#endif
