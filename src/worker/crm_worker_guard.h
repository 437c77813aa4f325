/*
 * Which addresses may be called at all.
 *
 * A webhook's URL is written by whoever writes rules, and may name a host of
 * the network that the worker stands in: its cloud's metadata, a database, the
 * CRM itself. Judged is the literal address that would be connected to, after
 * resolution, since only there no spelling and no change of a name helps.
 *
 * In this order: an address of our own (Redis, backend, mail relay) is always
 * refused; one inside --allow-private is allowed; one inside a private or
 * special range is refused; of the rest, ports of the web and unprivileged
 * ones are allowed, save those of well-known databases.
 */

#ifndef CRM_WORKER_GUARD_H
#define CRM_WORKER_GUARD_H

#include "base/crm_status.h"
#include "base/crm_str.h"

#include <sys/socket.h>


/* What an operator writes by hand; a longer list is a mistake. */
#define CRM_WORKER_GUARD_MAX_ALLOWED  64
#define CRM_WORKER_GUARD_MAX_DENIED   32


typedef enum {
    CRM_WORKER_GUARD_PUBLIC = 0,    /* allowed, and so is the port */
    CRM_WORKER_GUARD_ALLOWED,       /* in --allow-private: plain http too */
    CRM_WORKER_GUARD_BLOCKED,       /* a private, special or own address */
    CRM_WORKER_GUARD_BLOCKED_PORT   /* public, but a port not of the web */
} crm_worker_guard_verdict_t;

typedef struct {
    unsigned char  addr[16];    /* IPv4 as ::ffff:a.b.c.d */
    unsigned       bits;        /* of 128 */
    unsigned       port;        /* 0: any */
} crm_worker_guard_range_t;

typedef struct {
    crm_worker_guard_range_t  allowed[CRM_WORKER_GUARD_MAX_ALLOWED];
    unsigned           n_allowed;
    crm_worker_guard_range_t  denied[CRM_WORKER_GUARD_MAX_DENIED];
    unsigned           n_denied;
} crm_worker_guard_t;


/* CIDR[:port] of --allow-private: 10.0.0.0/8, 127.0.0.1:8080, [fd00::]/8. */
crm_status_t crm_worker_guard_allow(crm_worker_guard_t *guard, const char *text,
    crm_error_t *err);

/*
 * Adds an address and port of our own; families other than IP are ignored,
 * and so is what no longer fits, which is logged nowhere: the private ranges
 * already hold every usual address of our own.
 */
void crm_worker_guard_deny(crm_worker_guard_t *guard,
    const struct sockaddr *sa);

crm_worker_guard_verdict_t crm_worker_guard_check(
    const crm_worker_guard_t *guard, const struct sockaddr *sa);

/*
 * The verdict over all addresses of a name: one that is blocked spoils the
 * whole answer, one that is merely public makes all so; none is blocked.
 */
crm_worker_guard_verdict_t crm_worker_guard_check_all(
    const crm_worker_guard_t *guard, const struct sockaddr_storage *addrs,
    unsigned n);

#endif
