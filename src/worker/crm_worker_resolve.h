/*
 * Names to addresses, off the loop and with a deadline.
 *
 * All addresses of a name are known before any is called, so that an answer
 * which mixes public and private addresses can be refused whole. "localhost"
 * and the names below it are 127.0.0.1, whatever the system's files say.
 */

#ifndef CRM_WORKER_RESOLVE_H
#define CRM_WORKER_RESOLVE_H

#include "crm_worker_loop.h"

#include <sys/socket.h>


/* A name with more addresses is called at the first ones. */
#define CRM_WORKER_RESOLVE_MAX         16

#define CRM_WORKER_RESOLVE_TIMEOUT_MS  3000


typedef struct crm_worker_resolve_s  crm_worker_resolve_t;

typedef struct {
    struct sockaddr_storage  addrs[CRM_WORKER_RESOLVE_MAX];     /* with port */
    unsigned                 count;
} crm_worker_resolve_list_t;

typedef enum {
    CRM_WORKER_RESOLVE_OK = 0,
    CRM_WORKER_RESOLVE_NONE,        /* no such name, or no answer to that */
    CRM_WORKER_RESOLVE_TIMEOUT
} crm_worker_resolve_status_t;

/* Called once, from the loop; list is borrowed, empty unless status is OK. */
typedef void (*crm_worker_resolve_done_pt)(void *data,
    crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);


/* host is a name or a literal address, without brackets; NULL: no memory. */
crm_worker_resolve_t *crm_worker_resolve_start(crm_worker_loop_t *loop,
    const char *host, unsigned port, crm_worker_resolve_done_pt done,
    void *data);

/* done will not be called any more. */
void crm_worker_resolve_cancel(crm_worker_resolve_t *resolve);

/*
 * What was found, as CURLOPT_RESOLVE takes it: *pinned is a new list, or NULL
 * for a literal address, of which there is nothing to say. 0: no memory.
 */
int crm_worker_resolve_pin(struct curl_slist **pinned, const char *host,
    unsigned port, const crm_worker_resolve_list_t *list);

#endif
