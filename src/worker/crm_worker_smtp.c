/*
 * One mail to the relay.
 */

#include "crm_worker_smtp.h"

#include "crm_worker_resolve.h"
#include "crm_worker_smtp_talk.h"
#include "crm_worker_target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>


/* libcurl tries two addresses at once. */
#define SMTP_SOCKETS  4

struct crm_worker_smtp_call_s {
    crm_worker_loop_t           *loop;
    crm_worker_target_t          target;
    crm_worker_resolve_t        *resolve;
    crm_worker_loop_transfer_t   transfer;
    struct curl_slist           *pinned;
    struct curl_slist           *to;
    char                        *from;
    char                        *ca_file;
    char                        *user;
    char                        *password;
    int                          plain;
    int64_t                      timeout_ms;
    crm_str_t                    message;
    size_t                       sent;
    crm_worker_http_done_pt      done;
    void                        *data;

    crm_worker_smtp_talk_t       talk;
    curl_socket_t                fds[SMTP_SOCKETS];     /* open; or BAD */
};


static int     smtp_copy(crm_worker_smtp_call_t *call,
    const crm_worker_smtp_t *smtp, crm_str_t from, crm_str_t to);
static void    smtp_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);
static int     smtp_setup(crm_worker_smtp_call_t *call);
static curl_socket_t smtp_open(void *user, curlsocktype purpose,
    struct curl_sockaddr *address);
static int     smtp_close(void *user, curl_socket_t fd);
static size_t  smtp_read(char *data, size_t size, size_t n, void *user);
static int     smtp_watch(CURL *easy, curl_infotype type, char *data,
    size_t len, void *user);
static size_t  smtp_answer(char *data, size_t size, size_t n, void *user);
static void    smtp_hang_up(crm_worker_smtp_call_t *call);
static void    smtp_ended(void *data, CURLcode code);
static void    smtp_finish(crm_worker_smtp_call_t *call,
    const crm_worker_outcome_t *outcome);
static void    smtp_free(crm_worker_smtp_call_t *call);


crm_worker_smtp_call_t *
crm_worker_smtp_start(const crm_worker_smtp_t *smtp, crm_str_t from,
    crm_str_t to, crm_str_t message, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    unsigned                 i;
    crm_error_t              err;
    crm_worker_smtp_call_t  *call;

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                           NULL);

    call = calloc(1, sizeof(crm_worker_smtp_call_t));
    if (call == NULL) {
        return NULL;
    }

    call->loop = smtp->loop;
    call->plain = smtp->plain;
    call->timeout_ms = smtp->timeout_ms;
    call->message = message;
    call->done = done;
    call->data = data;

    for (i = 0; i < SMTP_SOCKETS; i++) {
        call->fds[i] = CURL_SOCKET_BAD;
    }

    if (!smtp_copy(call, smtp, from, to)) {
        smtp_free(call);
        return NULL;
    }

    if (crm_worker_target_parse_any(&call->target, smtp->url, &err)
        != CRM_OK)
    {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_CONNECT_ERROR, err.text);
        smtp_free(call);
        return NULL;
    }

    call->resolve = crm_worker_resolve_start(call->loop, call->target.host,
                                             call->target.port, smtp_resolved,
                                             call);
    if (call->resolve == NULL) {
        smtp_free(call);
        return NULL;
    }

    return call;
}


void
crm_worker_smtp_cancel(crm_worker_smtp_call_t *call)
{
    if (call->resolve != NULL) {
        crm_worker_resolve_cancel(call->resolve);
    }

    if (call->transfer.easy != NULL) {
        crm_worker_loop_remove(call->loop, &call->transfer);
    }

    smtp_free(call);
}


static int
smtp_copy(crm_worker_smtp_call_t *call, const crm_worker_smtp_t *smtp,
    crm_str_t from, crm_str_t to)
{
    char  *address;

    address = strndup(to.data, to.len);
    call->to = address ? curl_slist_append(NULL, address) : NULL;
    free(address);

    call->from = strndup(from.data, from.len);

    if (smtp->ca_file != NULL) {
        call->ca_file = strdup(smtp->ca_file);
    }

    if (smtp->user.data != NULL) {
        call->user = strndup(smtp->user.data, smtp->user.len);
        call->password = strndup(smtp->password.data, smtp->password.len);
    }

    return call->to != NULL && call->from != NULL
           && (smtp->ca_file == NULL || call->ca_file != NULL)
           && (smtp->user.data == NULL
               || (call->user != NULL && call->password != NULL));
}


static void
smtp_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list)
{
    crm_worker_outcome_t     outcome;
    crm_worker_smtp_call_t  *call;

    call = data;
    call->resolve = NULL;

    if (status != CRM_WORKER_RESOLVE_OK) {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               status == CRM_WORKER_RESOLVE_NONE
                               ? CRM_WORKER_DNS_ERROR : CRM_WORKER_TIMEOUT,
                               "of the relay");
        smtp_finish(call, &outcome);
        return;
    }

    /* libcurl looks nothing up itself: ended early, it may hold up the loop */

    if (!crm_worker_resolve_pin(&call->pinned, call->target.host,
                                call->target.port, list)
        || !smtp_setup(call)
        || crm_worker_loop_add(call->loop, &call->transfer) != CRM_OK)
    {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        smtp_finish(call, &outcome);
    }
}


static int
smtp_setup(crm_worker_smtp_call_t *call)
{
    CURL  *easy;

    easy = curl_easy_init();
    if (easy == NULL) {
        return 0;
    }

#define SET(option, value)                                                    \
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) goto failed

    SET(CURLOPT_CURLU, call->target.url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
    SET(CURLOPT_PROTOCOLS, CURLPROTO_SMTP | CURLPROTO_SMTPS);
#endif
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_RESOLVE, call->pinned);
    SET(CURLOPT_OPENSOCKETFUNCTION, smtp_open);
    SET(CURLOPT_OPENSOCKETDATA, call);
    SET(CURLOPT_CLOSESOCKETFUNCTION, smtp_close);
    SET(CURLOPT_CLOSESOCKETDATA, call);

    SET(CURLOPT_USE_SSL, (long) (call->plain ? CURLUSESSL_NONE
                                             : CURLUSESSL_ALL));
    SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);

    if (call->ca_file != NULL) {
        SET(CURLOPT_CAINFO, call->ca_file);
    }

    if (call->user != NULL) {
        SET(CURLOPT_USERNAME, call->user);
        SET(CURLOPT_PASSWORD, call->password);
    }

    SET(CURLOPT_CONNECTTIMEOUT_MS, (long) CRM_WORKER_SMTP_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long) call->timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long) CRM_WORKER_SMTP_IDLE_S);

    SET(CURLOPT_MAIL_FROM, call->from);
    SET(CURLOPT_MAIL_RCPT, call->to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t) call->message.len);
    SET(CURLOPT_READFUNCTION, smtp_read);
    SET(CURLOPT_READDATA, call);
    SET(CURLOPT_HEADERFUNCTION, smtp_answer);
    SET(CURLOPT_HEADERDATA, call);

    /* not to be shown: it tells which command an answer is about */
    SET(CURLOPT_DEBUGFUNCTION, smtp_watch);
    SET(CURLOPT_DEBUGDATA, call);
    SET(CURLOPT_VERBOSE, 1L);

#undef SET

    call->transfer.easy = easy;
    call->transfer.done = smtp_ended;
    call->transfer.data = call;

    return 1;

failed:

    curl_easy_cleanup(easy);

    return 0;
}


/* Which sockets are ours: to hang up. */
static curl_socket_t
smtp_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    unsigned                 i;
    crm_worker_smtp_call_t  *call;

    (void) purpose;

    call = user;

    for (i = 0; i < SMTP_SOCKETS && call->fds[i] != CURL_SOCKET_BAD; i++) {
        /* void */
    }

    if (i == SMTP_SOCKETS) {
        return CURL_SOCKET_BAD;
    }

    call->fds[i] = socket(address->family, address->socktype | SOCK_CLOEXEC,
                          address->protocol);

    return call->fds[i];
}


static int
smtp_close(void *user, curl_socket_t fd)
{
    unsigned                 i;
    crm_worker_smtp_call_t  *call;

    call = user;

    for (i = 0; i < SMTP_SOCKETS; i++) {
        if (call->fds[i] == fd) {
            call->fds[i] = CURL_SOCKET_BAD;
        }
    }

    return close(fd);
}


static size_t
smtp_read(char *data, size_t size, size_t n, void *user)
{
    size_t                   left;
    crm_worker_smtp_call_t  *call;

    call = user;
    crm_worker_smtp_talk_message(&call->talk);

    left = call->message.len - call->sent;
    n = size * n < left ? size * n : left;

    memcpy(data, call->message.data + call->sent, n);
    call->sent += n;

    return n;
}


static int
smtp_watch(CURL *easy, curl_infotype type, char *data, size_t len, void *user)
{
    crm_worker_smtp_call_t  *call;

    (void) easy;

    call = user;

    if (type == CURLINFO_HEADER_OUT) {
        crm_worker_smtp_talk_command(&call->talk, crm_str(data, len));
    }

    return 0;
}


static size_t
smtp_answer(char *data, size_t size, size_t n, void *user)
{
    crm_worker_smtp_call_t  *call;

    call = user;

    switch (crm_worker_smtp_talk_answer(&call->talk, crm_str(data, size * n)))
    {

    case CRM_WORKER_SMTP_TOO_MUCH:
        return 0;

    case CRM_WORKER_SMTP_OVER:
        smtp_hang_up(call);
        return size * n;

    default:
        return size * n;
    }
}


/*
 * All is said. libcurl would say QUIT and wait for the answer without giving
 * back the loop, as long as the relay likes: it finds the line cut instead.
 */
static void
smtp_hang_up(crm_worker_smtp_call_t *call)
{
    unsigned  i;

    for (i = 0; i < SMTP_SOCKETS; i++) {
        if (call->fds[i] == CURL_SOCKET_BAD) {
            continue;
        }

        if (call->plain) {
            (void) send(call->fds[i], "QUIT\r\n", 6,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
        }

        (void) shutdown(call->fds[i], SHUT_RDWR);
    }
}


static void
smtp_ended(void *data, CURLcode code)
{
    crm_worker_outcome_t     outcome;
    crm_worker_smtp_call_t  *call;

    call = data;
    crm_worker_smtp_talk_outcome(&call->talk, code, call->transfer.easy,
                                 &outcome);
    smtp_finish(call, &outcome);
}


static void
smtp_finish(crm_worker_smtp_call_t *call, const crm_worker_outcome_t *outcome)
{
    void                     *data;
    crm_worker_http_done_pt   done;

    done = call->done;
    data = call->data;
    smtp_free(call);
    done(data, outcome);
}


static void
smtp_free(crm_worker_smtp_call_t *call)
{
    if (call->transfer.easy != NULL) {
        curl_easy_cleanup(call->transfer.easy);
    }

    if (call->password != NULL) {
        explicit_bzero(call->password, strlen(call->password));
    }

    curl_slist_free_all(call->pinned);
    curl_slist_free_all(call->to);
    free(call->from);
    free(call->ca_file);
    free(call->user);
    free(call->password);
    crm_worker_target_clean(&call->target);
    free(call);
}
