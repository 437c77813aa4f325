/*
 * One guarded HTTP request through the loop.
 */

#include "crm_worker_http_call.h"

#include "base/crm_limits.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>


/* A body below this is copied behind the head: one write, one packet more
 * often than not. */
#define HTTP_JOINED  (64 * 1024)

/* What a head has, at a guess. */
#define HTTP_HEAD    1024


static void    http_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);
static int     http_judge(crm_worker_http_call_t *call,
    const crm_worker_resolve_list_t *list, crm_worker_outcome_t *outcome);
static int     http_send(crm_worker_http_call_t *call);
static int     http_head(crm_worker_http_call_t *call);
static int     http_dial(crm_worker_http_call_t *call);
static int     http_setup(crm_worker_http_call_t *call, CURL *easy);
static curl_socket_t  http_socket(void *data, curlsocktype purpose,
    struct curl_sockaddr *address);
static void    http_dialed(void *data, CURLcode code);
static void    http_exchange(crm_worker_http_call_t *call);
static int     http_header(void *data, crm_str_t line);
static int     http_body(void *data, crm_str_t bytes);
static int     http_count(crm_worker_http_call_t *call, size_t n);
static void    http_ended(void *data, CURLcode code);
static void    http_finish(crm_worker_http_call_t *call,
    const crm_worker_outcome_t *outcome);
static void    http_free(crm_worker_http_call_t *call);


static const crm_worker_wire_sink_t  http_sink = { http_header, http_body };


crm_worker_http_call_t *
crm_worker_http_start(const crm_worker_http_t *http,
    const crm_worker_http_request_t *request, crm_worker_http_done_pt done,
    void *data, crm_worker_outcome_t *outcome)
{
    crm_error_t              err;
    crm_status_t             rc;
    crm_worker_http_call_t  *call;

    call = calloc(1, sizeof(crm_worker_http_call_t));
    if (call == NULL) {
        curl_slist_free_all(request->headers);
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return NULL;
    }

    call->http = *http;
    call->headers = request->headers;
    call->done = done;
    call->data = data;
    call->org = request->org;
    call->body = request->body;
    call->answer = request->answer;
    call->has_body = request->body.data != NULL;
    call->allow_http = request->allow_http;
    call->trusted = request->trusted;
    snprintf(call->method, sizeof(call->method), "%s", request->method);

    if (http->ca_file != NULL) {
        call->ca_file = strdup(http->ca_file);

        if (call->ca_file == NULL) {
            http_free(call);
            crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                                   CRM_WORKER_NO_MEMORY, NULL);
            return NULL;
        }
    }

    rc = crm_worker_target_parse(&call->target, request->url,
                                 request->trusted ? CRM_WORKER_TARGET_MAX_OWN
                                                  : CRM_MAX_URL, &err);
    if (rc == CRM_EINVAL) {
        http_free(call);
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return NULL;
    }

    if (rc == CRM_OK) {
        call->resolve = crm_worker_resolve_start(http->loop, call->target.host,
                                                 call->target.port,
                                                 http_resolved, call);
    }

    if (call->resolve == NULL) {
        http_free(call);
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return NULL;
    }

    return call;
}


void
crm_worker_http_cancel(crm_worker_http_call_t *call)
{
    if (call->resolve != NULL) {
        crm_worker_resolve_cancel(call->resolve);
    }

    if (call->connection != NULL) {
        crm_worker_connection_close(call->connection);
        call->connection = NULL;
    }

    http_free(call);
}


static void
http_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list)
{
    crm_worker_outcome_t     outcome;
    crm_worker_http_call_t  *call;

    call = data;
    call->resolve = NULL;

    if (status != CRM_WORKER_RESOLVE_OK) {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               status == CRM_WORKER_RESOLVE_NONE
                               ? CRM_WORKER_DNS_ERROR : CRM_WORKER_TIMEOUT,
                               NULL);
        outcome.health = CRM_HEALTH_DOWN;
        http_finish(call, &outcome);
        return;
    }

    if (!call->trusted && !http_judge(call, list, &outcome)) {
        http_finish(call, &outcome);
        return;
    }

    if (call->org.len > 0) {
        call->peer = crm_worker_peer_get(call->http.peers, call->org,
                                         &call->target, call->ca_file, list);
    }

    /* libcurl is to use what was judged and look nothing up itself */

    if (!crm_worker_resolve_pin(&call->pinned, call->target.host,
                                call->target.port, list)
        || !http_send(call))
    {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        http_finish(call, &outcome);
    }
}


/* All addresses, before any is called. 0: refused, and *outcome says why. */
static int
http_judge(crm_worker_http_call_t *call,
    const crm_worker_resolve_list_t *list, crm_worker_outcome_t *outcome)
{
    const char  *class;

    switch (crm_worker_guard_check_all(call->http.guard, list->addrs,
                                       list->count))
    {

    case CRM_WORKER_GUARD_ALLOWED:
        return 1;

    case CRM_WORKER_GUARD_PUBLIC:
        if (call->target.https || call->allow_http) {
            return 1;
        }

        class = CRM_WORKER_PLAIN_HTTP;
        break;

    case CRM_WORKER_GUARD_BLOCKED_PORT:
        class = CRM_WORKER_BLOCKED_PORT;
        break;

    default:
        class = CRM_WORKER_BLOCKED_ADDRESS;
        break;
    }

    crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED, class, NULL);

    return 0;
}


/* By a connection that there is, or a new one. 0: out of memory. */
static int
http_send(crm_worker_http_call_t *call)
{
    call->deadline_ms = crm_worker_loop_now(call->http.loop)
                        + call->http.timeout_ms;

    if (!http_head(call)) {
        return 0;
    }

    if (call->peer != NULL) {
        call->connection = crm_worker_peer_take(call->peer);
    }

    if (call->connection == NULL) {
        return http_dial(call);
    }

    call->again = 1;
    http_exchange(call);

    return 1;
}


/* POST, PUT and PATCH have a body, if an empty one; others if they want. It
 * goes out with the head unless it is large. */
static int
http_head(crm_worker_http_call_t *call)
{
    int        has_body;
    crm_buf_t  out;

    call->pool = crm_pool_create(crm_host_malloc(), 0);
    if (call->pool == NULL) {
        return 0;
    }

    has_body = call->has_body
               || (strcmp(call->method, "GET") != 0
                   && strcmp(call->method, "DELETE") != 0
                   && strcmp(call->method, "HEAD") != 0);

    crm_buf_init(&out, call->pool, 0);
    crm_buf_reserve(&out, HTTP_HEAD + (call->body.len < HTTP_JOINED
                                       ? call->body.len : 0));

    if (!crm_worker_exchange_head(&out, call->method, &call->target,
                                  call->headers, has_body, call->body.len))
    {
        return 0;
    }

    call->exchange.body = call->has_body ? call->body : CRM_STR("");

    if (call->exchange.body.len < HTTP_JOINED) {
        crm_buf_str(&out, call->exchange.body);
        call->exchange.body = CRM_STR("");
    }

    call->exchange.first = crm_buf_view(&out);

    return crm_buf_status(&out) == CRM_OK;
}


static int
http_dial(crm_worker_http_call_t *call)
{
    CURL  *easy;

    easy = call->peer ? crm_worker_peer_easy(call->peer) : curl_easy_init();
    if (easy == NULL) {
        return 0;
    }

    if (!http_setup(call, easy)) {
        curl_easy_cleanup(easy);
        return 0;
    }

    call->again = 0;
    call->connection = crm_worker_connection_dial(call->http.loop, easy,
                                                  http_dialed, call);

    return call->connection != NULL;
}


static int
http_setup(crm_worker_http_call_t *call, CURL *easy)
{
    int64_t  left_ms;

    left_ms = call->deadline_ms - crm_worker_loop_now(call->http.loop);

#define SET(option, value)                                                    \
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) return 0

    SET(CURLOPT_CURLU, call->target.url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_RESOLVE, call->pinned);
    SET(CURLOPT_OPENSOCKETFUNCTION, http_socket);
    SET(CURLOPT_OPENSOCKETDATA, call);

    SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);

    if (call->ca_file != NULL) {
        SET(CURLOPT_CAINFO, call->ca_file);
    }

    SET(CURLOPT_CONNECTTIMEOUT_MS, (long) CRM_WORKER_HTTP_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, left_ms > 0 ? (long) left_ms : 1L);

#undef SET

    return 1;
}


/* The last word: the address that libcurl is about to connect to. */
static curl_socket_t
http_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    crm_worker_http_call_t      *call;
    crm_worker_guard_verdict_t   verdict;

    call = data;
    verdict = call->trusted ? CRM_WORKER_GUARD_ALLOWED
              : crm_worker_guard_check(call->http.guard, &address->addr);

    if (call->blocked || purpose != CURLSOCKTYPE_IPCXN
        || verdict == CRM_WORKER_GUARD_BLOCKED
        || verdict == CRM_WORKER_GUARD_BLOCKED_PORT
        || (verdict == CRM_WORKER_GUARD_PUBLIC && !call->target.https
            && !call->allow_http))
    {
        call->blocked = 1;
        return CURL_SOCKET_BAD;
    }

    call->dialed = 1;

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


static void
http_dialed(void *data, CURLcode code)
{
    crm_worker_http_call_t  *call;

    call = data;

    if (code != CURLE_OK || call->blocked) {
        http_ended(call, code);
        return;
    }

    http_exchange(call);
}


static void
http_exchange(crm_worker_http_call_t *call)
{
    crm_worker_exchange_t  *exchange;

    exchange = &call->exchange;

    exchange->loop = call->http.loop;
    exchange->connection = call->connection;
    exchange->deadline_ms = call->deadline_ms;
    exchange->idle_ms = CRM_WORKER_HTTP_IDLE_MS;
    exchange->done = http_ended;
    exchange->data = call;
    exchange->sent = 0;
    exchange->received = 0;
    exchange->failed = 0;

    crm_worker_wire_clean(&exchange->wire);
    crm_worker_wire_init(&exchange->wire, &http_sink, call,
                         strcmp(call->method, "HEAD") == 0);
    crm_worker_exchange_start(exchange);
}


static int
http_header(void *data, crm_str_t line)
{
    crm_worker_http_call_t  *call;

    call = data;

    return (call->answer == NULL
            || crm_worker_answer_header(call->answer, line))
           && http_count(call, line.len);
}


static int
http_body(void *data, crm_str_t bytes)
{
    crm_worker_http_call_t  *call;

    call = data;

    return call->answer != NULL ? crm_worker_answer_body(call->answer, bytes)
                                : http_count(call, bytes.len);
}


/* Headers and a body that nobody reads count together; too many of them end
 * the transfer. */
static int
http_count(crm_worker_http_call_t *call, size_t n)
{
    call->answer_bytes += n;

    return call->answer_bytes <= CRM_WORKER_HTTP_MAX_ANSWER;
}


static void
http_ended(void *data, CURLcode code)
{
    crm_worker_outcome_t     outcome;
    crm_worker_http_call_t  *call;

    call = data;

    /* it had been ended, and nobody knew: whoever is there is called anew */

    if (code != CURLE_OK && call->again && call->exchange.received == 0
        && code != CURLE_OPERATION_TIMEDOUT)
    {
        crm_worker_connection_close(call->connection);
        call->connection = NULL;

        if (http_dial(call)) {
            return;
        }

        code = CURLE_OUT_OF_MEMORY;
    }

    crm_worker_http_outcome(call, code, &outcome);

    if (code == CURLE_OK && crm_worker_exchange_keeps(&call->exchange)) {
        call->kept = call->connection;
        call->connection = NULL;
    }

    http_finish(call, &outcome);
}


static void
http_finish(crm_worker_http_call_t *call, const crm_worker_outcome_t *outcome)
{
    crm_worker_http_done_pt  done;
    void                    *data;

    done = call->done;
    data = call->data;
    http_free(call);
    done(data, outcome);
}


static void
http_free(crm_worker_http_call_t *call)
{
    if (call->connection != NULL) {
        crm_worker_connection_close(call->connection);
    }

    if (call->peer != NULL) {
        crm_worker_peer_put(call->peer, call->kept);

    } else if (call->kept != NULL) {
        crm_worker_connection_close(call->kept);
    }

    crm_worker_wire_clean(&call->exchange.wire);
    crm_pool_destroy(call->pool);
    curl_slist_free_all(call->headers);
    curl_slist_free_all(call->pinned);
    free(call->ca_file);
    crm_worker_target_clean(&call->target);
    free(call);
}
