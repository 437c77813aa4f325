/*
 * Tells the service manager how the worker does: readiness, a line of status,
 * and that it still lives. A datagram to the socket that NOTIFY_SOCKET names
 * is all there is to it; without one nothing is sent.
 *
 *   READY=1       connected to Redis for the first time
 *   STATUS=...    each change, at most once a second
 *   WATCHDOG=1    twice in WATCHDOG_USEC, from the loop: who hangs is silent
 *   STOPPING=1    draining
 */

#ifndef CRM_WORKER_NOTIFY_H
#define CRM_WORKER_NOTIFY_H

#include "crm_worker_loop.h"


typedef struct crm_worker_notify_s  crm_worker_notify_t;

/* Called from the loop once a second: writes what the status line says. */
typedef void (*crm_worker_notify_status_pt)(void *data, char *text,
    size_t size);


/* NULL without a service manager, or without memory: all below take it. */
crm_worker_notify_t *crm_worker_notify_create(crm_worker_loop_t *loop,
    crm_worker_notify_status_pt status, void *data);

/* Before the loop is closed. */
void crm_worker_notify_destroy(crm_worker_notify_t *notify);

/* The second time and later it says nothing. */
void crm_worker_notify_ready(crm_worker_notify_t *notify);

void crm_worker_notify_stopping(crm_worker_notify_t *notify);

#endif
