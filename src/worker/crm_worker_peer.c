/*
 * Connections that are used again: a list for each peer, and what libcurl
 * remembers of its TLS sessions.
 */

#include "crm_worker_peer.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>


/* Connections that wait for the next request, of all peers. */
#define PEER_IDLE  64


/* An idle connection; the last one put is the first one taken. */
typedef struct {
    crm_worker_connection_t  *connection;
    crm_worker_peer_t        *peer;
} peer_idle_t;

struct crm_worker_peer_s {
    crm_worker_peer_t   *next;
    crm_worker_peers_t  *peers;
    CURLSH              *share;
    peer_idle_t          idle[PEER_IDLE];
    unsigned             n_idle;
    unsigned             used;
    int64_t              idle_since;
    unsigned             forgotten:1;
    size_t               len;
    char                 key[];
};

struct crm_worker_peers_s {
    crm_worker_loop_t  *loop;
    uv_timer_t          timer;          /* runs while there is a peer */
    crm_worker_peer_t  *first;
    unsigned            count;
    unsigned            n_idle;         /* of all of them */
};

typedef struct {
    size_t  len;
    char    data[2048];
} peer_key_t;


static int   peer_is_quiet(crm_worker_connection_t *connection);
static void  peer_ready(void *data, int late);
static void  peer_drop(crm_worker_peer_t *peer, unsigned at);
static int   peer_key(peer_key_t *key, crm_str_t org,
    const crm_worker_target_t *target, const char *ca_file,
    const crm_worker_resolve_list_t *list);
static int   peer_key_add(peer_key_t *key, const void *data, size_t len);
static int   peer_compare(const void *one, const void *two);
static crm_worker_peer_t *peer_create(crm_worker_peers_t *peers,
    const peer_key_t *key);
static void  peer_destroy(crm_worker_peer_t *peer);
static void  peer_sweep(crm_worker_peers_t *peers, int64_t idle_ms);
static void  peer_on_timer(uv_timer_t *timer);
static void  peer_free(uv_handle_t *handle);


crm_worker_peers_t *
crm_worker_peers_create(crm_worker_loop_t *loop)
{
    crm_worker_peers_t  *peers;

    peers = calloc(1, sizeof(crm_worker_peers_t));
    if (peers == NULL) {
        return NULL;
    }

    peers->loop = loop;
    uv_timer_init(&loop->uv, &peers->timer);
    peers->timer.data = peers;

    return peers;
}


void
crm_worker_peers_destroy(crm_worker_peers_t *peers)
{
    if (peers != NULL) {
        crm_worker_peers_forget(peers);
        uv_close((uv_handle_t *) &peers->timer, peer_free);
    }
}


void
crm_worker_peers_forget(crm_worker_peers_t *peers)
{
    crm_worker_peer_t  *peer;

    for (peer = peers->first; peer; peer = peer->next) {
        peer->forgotten = 1;
    }

    peer_sweep(peers, 0);
}


crm_worker_peer_t *
crm_worker_peer_get(crm_worker_peers_t *peers, crm_str_t org,
    const crm_worker_target_t *target, const char *ca_file,
    const crm_worker_resolve_list_t *list)
{
    peer_key_t          key;
    crm_worker_peer_t  *peer;

    if (!peer_key(&key, org, target, ca_file, list)) {
        return NULL;
    }

    for (peer = peers->first; peer; peer = peer->next) {
        if (!peer->forgotten && peer->len == key.len
            && memcmp(peer->key, key.data, key.len) == 0)
        {
            break;
        }
    }

    if (peer == NULL) {
        peer = peer_create(peers, &key);
    }

    if (peer != NULL) {
        peer->used++;
    }

    return peer;
}


crm_worker_connection_t *
crm_worker_peer_take(crm_worker_peer_t *peer)
{
    int64_t                   now;
    crm_worker_connection_t  *connection;

    now = crm_worker_loop_now(peer->peers->loop);

    while (peer->n_idle > 0) {
        connection = peer->idle[peer->n_idle - 1].connection;
        peer_drop(peer, peer->n_idle - 1);

        if (now - crm_worker_connection_since(connection)
            < CRM_WORKER_PEER_AGE_MS && peer_is_quiet(connection))
        {
            return connection;
        }

        crm_worker_connection_close(connection);
    }

    return NULL;
}


CURL *
crm_worker_peer_easy(crm_worker_peer_t *peer)
{
    CURL  *easy;

    easy = curl_easy_init();

    if (easy != NULL
        && curl_easy_setopt(easy, CURLOPT_SHARE, peer->share) != CURLE_OK)
    {
        curl_easy_cleanup(easy);
        return NULL;
    }

    return easy;
}


void
crm_worker_peer_put(crm_worker_peer_t *peer,
    crm_worker_connection_t *connection)
{
    peer_idle_t  *idle;

    if (connection != NULL && !peer->forgotten
        && peer->peers->n_idle < PEER_IDLE
        && crm_worker_connection_watch(connection, 0))
    {
        idle = &peer->idle[peer->n_idle++];
        idle->connection = connection;
        idle->peer = peer;
        peer->peers->n_idle++;
        crm_worker_connection_use(connection, peer_ready, idle);

    } else if (connection != NULL) {
        crm_worker_connection_close(connection);
    }

    peer->used--;
    peer->idle_since = crm_worker_loop_now(peer->peers->loop);

    if (peer->forgotten) {
        peer_sweep(peer->peers, 0);
    }
}


/* Neither over nor full of what nobody asked for: that would be the answer to
 * the next request. The loop may not have seen it yet. */
static int
peer_is_quiet(crm_worker_connection_t *connection)
{
    char    byte;
    size_t  n;

    return crm_worker_connection_recv(connection, &byte, 1, &n)
           == CURLE_AGAIN;
}


/* What is idle is over, or is spoken to by TLS itself, which says nothing that
 * is to be read here. */
static void
peer_ready(void *data, int late)
{
    peer_idle_t              *idle;
    crm_worker_connection_t  *connection;

    (void) late;

    idle = data;
    connection = idle->connection;

    if (peer_is_quiet(connection)) {
        return;
    }

    peer_drop(idle->peer, (unsigned) (idle - idle->peer->idle));
    crm_worker_connection_close(connection);
}


/* Those behind it move up, and are told where they are. */
static void
peer_drop(crm_worker_peer_t *peer, unsigned at)
{
    peer->n_idle--;
    peer->peers->n_idle--;

    for ( /* void */ ; at < peer->n_idle; at++) {
        peer->idle[at] = peer->idle[at + 1];
        crm_worker_connection_use(peer->idle[at].connection, peer_ready,
                                  &peer->idle[at]);
    }
}


/* 0: it does not fit, which nobody's name does. */
static int
peer_key(peer_key_t *key, crm_str_t org, const crm_worker_target_t *target,
    const char *ca_file, const crm_worker_resolve_list_t *list)
{
    unsigned                   i;
    crm_worker_resolve_list_t  sorted;

    memset(key, 0, sizeof(peer_key_t));

    if (!peer_key_add(key, org.data, org.len)
        || !peer_key_add(key, &target->https, sizeof(target->https))
        || !peer_key_add(key, &target->port, sizeof(target->port))
        || !peer_key_add(key, target->host, strlen(target->host))
        || !peer_key_add(key, ca_file ? ca_file : "",
                         ca_file ? strlen(ca_file) : 0))
    {
        return 0;
    }

    /* name servers turn the order of what they say */
    sorted = *list;
    qsort(sorted.addrs, sorted.count, sizeof(sorted.addrs[0]), peer_compare);

    for (i = 0; i < sorted.count; i++) {
        if (!peer_key_add(key, &sorted.addrs[i],
                          sorted.addrs[i].ss_family == AF_INET
                          ? sizeof(struct sockaddr_in)
                          : sizeof(struct sockaddr_in6)))
        {
            return 0;
        }
    }

    return 1;
}


static int
peer_key_add(peer_key_t *key, const void *data, size_t len)
{
    if (len > sizeof(key->data) - key->len - sizeof(len)) {
        return 0;
    }

    memcpy(key->data + key->len, &len, sizeof(len));
    key->len += sizeof(len);
    memcpy(key->data + key->len, data, len);
    key->len += len;

    return 1;
}


/* The list was zeroed before it was filled. */
static int
peer_compare(const void *one, const void *two)
{
    return memcmp(one, two, sizeof(struct sockaddr_storage));
}


static crm_worker_peer_t *
peer_create(crm_worker_peers_t *peers, const peer_key_t *key)
{
    crm_worker_peer_t  *peer;

    if (peers->count >= CRM_WORKER_PEER_MAX) {
        return NULL;
    }

    peer = calloc(1, sizeof(crm_worker_peer_t) + key->len);
    if (peer == NULL) {
        return NULL;
    }

    peer->share = curl_share_init();

    if (peer->share == NULL
        || curl_share_setopt(peer->share, CURLSHOPT_SHARE,
                             CURL_LOCK_DATA_CONNECT) != CURLSHE_OK
        || curl_share_setopt(peer->share, CURLSHOPT_SHARE,
                             CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK)
    {
        curl_share_cleanup(peer->share);
        free(peer);
        return NULL;
    }

    peer->peers = peers;
    peer->len = key->len;
    memcpy(peer->key, key->data, key->len);
    peer->next = peers->first;
    peers->first = peer;
    peers->count++;

    if (!uv_is_active((uv_handle_t *) &peers->timer)) {
        uv_timer_start(&peers->timer, peer_on_timer,
                       CRM_WORKER_PEER_IDLE_MS, CRM_WORKER_PEER_IDLE_MS / 4);
        uv_unref((uv_handle_t *) &peers->timer);
    }

    return peer;
}


static void
peer_destroy(crm_worker_peer_t *peer)
{
    while (peer->n_idle > 0) {
        crm_worker_connection_close(peer->idle[--peer->n_idle].connection);
        peer->peers->n_idle--;
    }

    curl_share_cleanup(peer->share);
    peer->peers->count--;
    free(peer);
}


static void
peer_sweep(crm_worker_peers_t *peers, int64_t idle_ms)
{
    int64_t             now;
    crm_worker_peer_t  *peer, **at;

    now = crm_worker_loop_now(peers->loop);

    for (at = &peers->first; *at; ) {
        peer = *at;

        if (peer->used > 0
            || (!peer->forgotten && now - peer->idle_since < idle_ms))
        {
            at = &peer->next;
            continue;
        }

        *at = peer->next;
        peer_destroy(peer);
    }

    if (peers->first == NULL) {
        uv_timer_stop(&peers->timer);
    }
}


static void
peer_on_timer(uv_timer_t *timer)
{
    peer_sweep(timer->data, CRM_WORKER_PEER_IDLE_MS);
}


static void
peer_free(uv_handle_t *handle)
{
    free(handle->data);
}
