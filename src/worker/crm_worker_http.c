/*
 * One guarded HTTP request through the loop.
 */

#include "crm_worker_http.h"

#include "crm_worker_resolve.h"
#include "crm_worker_target.h"

#include "base/crm_limits.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>


struct crm_worker_http_call_s {
    crm_worker_http_t            http;
    crm_worker_target_t          target;
    crm_worker_resolve_t        *resolve;       /* looking up */
    crm_worker_peer_t           *peer;          /* NULL: called only now */
    crm_worker_loop_transfer_t   transfer;      /* its easy: under way */
    struct curl_slist           *headers;
    struct curl_slist           *pinned;
    crm_worker_http_done_pt      done;
    void                        *data;
    crm_str_t                    org;
    crm_str_t                    body;
    crm_worker_answer_t         *answer;        /* NULL: nobody reads it */
    char                        *ca_file;       /* NULL: the system's */
    char                         method[16];
    size_t                       answer_bytes;
    unsigned                     allow_http:1;
    unsigned                     trusted:1;
    unsigned                     has_body:1;
    unsigned                     blocked:1;     /* by http_socket() */
    unsigned                     dialed:1;
    unsigned                     answered:1;    /* headers are complete */
};


static void    http_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);
static int     http_judge(crm_worker_http_call_t *call,
    const crm_worker_resolve_list_t *list, crm_worker_outcome_t *outcome);
static int     http_setup(crm_worker_http_call_t *call);
static int     http_setup_method(crm_worker_http_call_t *call, CURL *easy);
static curl_socket_t  http_socket(void *data, curlsocktype purpose,
    struct curl_sockaddr *address);
static size_t  http_header(char *data, size_t size, size_t n, void *user);
static size_t  http_body(char *data, size_t size, size_t n, void *user);
static size_t  http_count(crm_worker_http_call_t *call, size_t n);
static void    http_ended(void *data, CURLcode code);
static void    http_outcome(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome);
static void    http_outcome_read(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome);
static crm_health_t  http_health(int status);
static const char *http_class(crm_worker_http_call_t *call, CURLcode code);
static void    http_finish(crm_worker_http_call_t *call,
    const crm_worker_outcome_t *outcome);
static void    http_free(crm_worker_http_call_t *call);


crm_worker_http_call_t *
crm_worker_http_start(const crm_worker_http_t *http,
    const crm_worker_http_request_t *request, crm_worker_http_done_pt done,
    void *data, crm_worker_outcome_t *outcome)
{
    crm_error_t              err;
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

    if (crm_worker_target_parse(&call->target, request->url,
                                request->trusted ? CRM_WORKER_TARGET_MAX_OWN
                                                 : CRM_MAX_URL, &err)
        != CRM_OK)
    {
        http_free(call);
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return NULL;
    }

    call->resolve = crm_worker_resolve_start(http->loop, call->target.host,
                                             call->target.port, http_resolved,
                                             call);
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

    if (call->transfer.easy != NULL) {
        crm_worker_loop_remove(call->http.loop, &call->transfer);
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
        || !http_setup(call)
        || crm_worker_loop_add(call->http.loop, &call->transfer) != CRM_OK)
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


static int
http_setup(crm_worker_http_call_t *call)
{
    CURL  *easy;

    easy = call->peer ? crm_worker_peer_easy(call->peer) : curl_easy_init();
    if (easy == NULL) {
        return 0;
    }

    call->transfer.easy = easy;
    call->transfer.done = http_ended;
    call->transfer.data = call;

#define SET(option, value)                                                    \
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) return 0

    SET(CURLOPT_CURLU, call->target.url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FRESH_CONNECT, call->peer ? 0L : 1L);
    SET(CURLOPT_FORBID_REUSE, call->peer ? 0L : 1L);
    SET(CURLOPT_MAXLIFETIME_CONN, (long) CRM_WORKER_HTTP_CONNECTION_S);
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
    SET(CURLOPT_TIMEOUT_MS, (long) call->http.timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long) CRM_WORKER_HTTP_IDLE_S);

    SET(CURLOPT_HEADERFUNCTION, http_header);
    SET(CURLOPT_HEADERDATA, call);
    SET(CURLOPT_WRITEFUNCTION, http_body);
    SET(CURLOPT_WRITEDATA, call);
    SET(CURLOPT_HTTPHEADER, call->headers);

#undef SET

    return http_setup_method(call, easy);
}


/* POST, PUT and PATCH have a body, if an empty one; others if they want. What
 * answers HEAD has none, whatever length it tells. */
static int
http_setup_method(crm_worker_http_call_t *call, CURL *easy)
{
    if (strcmp(call->method, "HEAD") == 0) {
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }

    if (!call->has_body
        && (strcmp(call->method, "GET") == 0
            || strcmp(call->method, "DELETE") == 0))
    {
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK
               && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method)
                  == CURLE_OK;
    }

    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK
           && curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                               call->has_body ? call->body.data : "")
              == CURLE_OK
           && curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t) call->body.len) == CURLE_OK
           && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method)
              == CURLE_OK;
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


/* An empty line ends the headers; those of 1xx are not the answer's. */
static size_t
http_header(char *data, size_t size, size_t n, void *user)
{
    long                     status;
    crm_worker_http_call_t  *call;

    call = user;

    if (size * n <= 2 && (data[0] == '\r' || data[0] == '\n')) {
        status = 0;
        curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE,
                          &status);
        call->answered = status >= 200;
    }

    if (call->answer != NULL
        && !crm_worker_answer_header(call->answer, crm_str(data, size * n)))
    {
        return 0;
    }

    return http_count(call, size * n);
}


static size_t
http_body(char *data, size_t size, size_t n, void *user)
{
    crm_worker_http_call_t  *call;

    call = user;

    if (call->answer == NULL) {
        return http_count(call, size * n);
    }

    return crm_worker_answer_body(call->answer, crm_str(data, size * n))
           ? size * n : 0;
}


/* Headers and a body that nobody reads count together; too many of them end
 * the transfer. */
static size_t
http_count(crm_worker_http_call_t *call, size_t n)
{
    call->answer_bytes += n;

    return call->answer_bytes > CRM_WORKER_HTTP_MAX_ANSWER || call->blocked
           ? 0 : n;
}


static void
http_ended(void *data, CURLcode code)
{
    crm_worker_outcome_t     outcome;
    crm_worker_http_call_t  *call;

    call = data;
    http_outcome(call, code, &outcome);
    http_finish(call, &outcome);
}


/*
 * Once the endpoint has answered, its status counts: a body that is too long,
 * too slow or cut short changes nothing about what it said.
 */
static void
http_outcome(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome)
{
    char        reason[32];
    long        status, sent;
    CURL       *easy;
    curl_off_t  after_s;

    easy = call->transfer.easy;
    status = 0;
    after_s = 0;
    sent = 0;

    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    call->dialed |= sent > 0;       /* on a connection that there was */

    if (call->blocked) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_BLOCKED_ADDRESS, NULL);
        return;
    }

    if (call->answer != NULL) {
        http_outcome_read(call, code, outcome);
        return;
    }

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after_s);

    if (status < 200 || !call->answered) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               http_class(call, code), NULL);

        if (code != CURLE_OUT_OF_MEMORY || call->dialed) {
            outcome->health = CRM_HEALTH_DOWN;
        }

        return;
    }

    snprintf(reason, sizeof(reason), "status_%ld", status);
    crm_worker_outcome_set(outcome,
                           status < 300 ? CRM_WORKER_DELIVERED
                           : status == 410 ? CRM_WORKER_REFUSED
                           : CRM_WORKER_FAILED, reason, NULL);
    outcome->status = (int) status;
    outcome->health = http_health(outcome->status);

    if (after_s > 0) {
        outcome->retry_after_s = (int64_t) after_s;
    }
}


/* Of an answer. An endpoint that is busy is as good as one that is down; one
 * that refuses this request may be well. */
static crm_health_t
http_health(int status)
{
    if (status == 410) {
        return CRM_HEALTH_GONE;
    }

    return status >= 500 || status == 408 || status == 429
           ? CRM_HEALTH_DOWN : CRM_HEALTH_ANSWERED;
}


/* To a reader half an answer is none. */
static void
http_outcome_read(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome)
{
    char        reason[32];
    long        status;
    curl_off_t  after_s;

    if (code != CURLE_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               http_class(call, code),
                               call->answer->too_large
                               ? "it is larger than what is read" : NULL);
        return;
    }

    status = 0;
    after_s = 0;
    curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->transfer.easy, CURLINFO_RETRY_AFTER, &after_s);

    call->answer->status = (unsigned) status;
    call->answer->complete = 1;

    snprintf(reason, sizeof(reason), "status_%ld", status);
    crm_worker_outcome_set(outcome, CRM_WORKER_DELIVERED, reason, NULL);
    outcome->status = (int) status;

    if (after_s > 0) {
        outcome->retry_after_s = (int64_t) after_s;
    }
}


static const char *
http_class(crm_worker_http_call_t *call, CURLcode code)
{
    long  os_errno;

    switch (code) {

    case CURLE_COULDNT_RESOLVE_HOST:
        return CRM_WORKER_DNS_ERROR;

    case CURLE_COULDNT_CONNECT:
        os_errno = 0;
        curl_easy_getinfo(call->transfer.easy, CURLINFO_OS_ERRNO, &os_errno);

        return os_errno == ECONNREFUSED ? CRM_WORKER_CONNECTION_REFUSED
               : os_errno == ETIMEDOUT ? CRM_WORKER_TIMEOUT
               : CRM_WORKER_CONNECT_ERROR;

    case CURLE_OPERATION_TIMEDOUT:
        return CRM_WORKER_TIMEOUT;

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return CRM_WORKER_TLS_ERROR;

    case CURLE_OUT_OF_MEMORY:
        /* libcurl says so of a header line that is too long as well */
        return call->dialed ? CRM_WORKER_BAD_ANSWER : CRM_WORKER_NO_MEMORY;

    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return CRM_WORKER_CONNECTION_LOST;

    default:
        return CRM_WORKER_BAD_ANSWER;
    }
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
    if (call->peer != NULL) {
        crm_worker_peer_put(call->peer, call->transfer.easy);

    } else if (call->transfer.easy != NULL) {
        curl_easy_cleanup(call->transfer.easy);
    }

    curl_slist_free_all(call->headers);
    curl_slist_free_all(call->pinned);
    free(call->ca_file);
    crm_worker_target_clean(&call->target);
    free(call);
}
