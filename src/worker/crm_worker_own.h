/*
 * Addresses of our own side, backend and relay: they are looked up, and what
 * somebody else has named may not call them.
 */

#ifndef CRM_WORKER_OWN_H
#define CRM_WORKER_OWN_H

#include "crm_worker_guard.h"
#include "crm_worker_loop.h"
#include "crm_worker_resolve.h"


#define CRM_WORKER_OWN_MAX  2

typedef struct crm_worker_own_s  crm_worker_own_t;

/* All have been looked up, or do not resolve. */
typedef void (*crm_worker_own_done_pt)(void *data);

typedef struct {
    crm_worker_own_t      *own;
    crm_worker_resolve_t  *resolve;     /* under way */
} crm_worker_own_one_t;

struct crm_worker_own_s {
    crm_worker_loop_t       *loop;
    crm_worker_guard_t      *guard;
    crm_worker_own_done_pt   done;
    void                    *data;
    crm_worker_own_one_t     all[CRM_WORKER_OWN_MAX];
};


void crm_worker_own_init(crm_worker_own_t *own, crm_worker_loop_t *loop,
    crm_worker_guard_t *guard, crm_worker_own_done_pt done, void *data);

/* Looks these URLs up, either of which may have no data, and has the guard deny
 * their addresses besides those that it denies already. What was under way is
 * looked up no more. done is called if anything is. */
void crm_worker_own_deny(crm_worker_own_t *own, crm_str_t backend,
    crm_str_t smtp);

/* Whether a look-up is under way. */
int crm_worker_own_busy(const crm_worker_own_t *own);

void crm_worker_own_cancel(crm_worker_own_t *own);

#endif
