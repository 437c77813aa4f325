/*
 * Connections that are used again.
 *
 * A peer is who is called by whom: an organisation, a scheme, a host, a port,
 * the certificates that are trusted, and all addresses that the name has just
 * been found to have, which the caller has judged. A connection is used again
 * only for its own peer: not after the name has moved, not by another
 * organisation. Those that are idle are closed after a while, and at once when
 * the peer ends them or says what nobody has asked.
 */

#ifndef CRM_WORKER_PEER_H
#define CRM_WORKER_PEER_H

#include "crm_worker_connection.h"
#include "crm_worker_resolve.h"
#include "crm_worker_target.h"

#include "base/crm_str.h"


#define CRM_WORKER_PEER_IDLE_MS  10000
#define CRM_WORKER_PEER_AGE_MS   300000     /* then a new one */

/* So many peers are remembered, each with a few connections at most. Past
 * that a request has a connection of its own. */
#define CRM_WORKER_PEER_MAX      64


typedef struct crm_worker_peers_s  crm_worker_peers_t;
typedef struct crm_worker_peer_s   crm_worker_peer_t;


/* loop is borrowed. NULL without memory. */
crm_worker_peers_t *crm_worker_peers_create(crm_worker_loop_t *loop);

/* No peer may be in use. */
void crm_worker_peers_destroy(crm_worker_peers_t *peers);

/* What is idle is closed, what is in use is not used again. */
void crm_worker_peers_forget(crm_worker_peers_t *peers);

/*
 * The peer, in use until it is put back once for each time; NULL: there is no
 * room for it, or no memory. ca_file may be NULL.
 */
crm_worker_peer_t *crm_worker_peer_get(crm_worker_peers_t *peers,
    crm_str_t org, const crm_worker_target_t *target, const char *ca_file,
    const crm_worker_resolve_list_t *list);

/* A connection to it that is open and idle, or NULL. */
crm_worker_connection_t *crm_worker_peer_take(crm_worker_peer_t *peer);

/* A handle to dial it with, as curl_easy_init() gives one. */
CURL *crm_worker_peer_easy(crm_worker_peer_t *peer);

/* Done with it, and with connection, NULL when there is none to be used
 * again. */
void crm_worker_peer_put(crm_worker_peer_t *peer,
    crm_worker_connection_t *connection);

#endif
