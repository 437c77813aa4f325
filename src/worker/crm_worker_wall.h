/*
 * The wall around a function's process: what it may ask of the kernel.
 *
 * It keeps two pipes and its memory. It opens nothing, connects to nothing,
 * starts nothing, and gains nothing by what it might execute: the kernel ends
 * it at the first call that is not on the list (spec: libseccomp).
 */

#ifndef CRM_WORKER_WALL_H
#define CRM_WORKER_WALL_H

#include "base/crm_status.h"


#define CRM_WORKER_WALL_CPU_S   5
#define CRM_WORKER_WALL_MEMORY  (128 * 1024 * 1024)     /* of addresses */

/* Who it is when the worker is root: nobody. */
#define CRM_WORKER_WALL_USER    65534


/*
 * Closes all but the standard descriptors, then raises the wall around the
 * calling process, for good. CRM_EINVAL with what could not be done: nothing
 * may run then.
 */
crm_status_t crm_worker_wall(crm_error_t *err);

#endif
