/*
 * What goes out, what comes in, and how long that may take.
 */

#include "crm_worker_exchange.h"

#include <string.h>
#include <strings.h>


#define EXCHANGE_READ      16384

/* Longer ones are a mistake. */
#define EXCHANGE_MAX_NAME  128


static int   exchange_target(crm_buf_t *out,
    const crm_worker_target_t *target);
static void  exchange_header(crm_buf_t *out, const char *header);
static int   exchange_is_named(const struct curl_slist *headers,
    const char *name);
static void  exchange_ready(void *data, int late);
static int   exchange_send(crm_worker_exchange_t *exchange);
static int   exchange_recv(crm_worker_exchange_t *exchange);
static CURLcode  exchange_read(crm_worker_exchange_t *exchange,
    crm_str_t bytes, int *whole);
static CURLcode  exchange_cut(crm_worker_exchange_t *exchange, CURLcode code);
static void  exchange_wait(crm_worker_exchange_t *exchange);
static int   exchange_end(crm_worker_exchange_t *exchange, CURLcode code);


int
crm_worker_exchange_is_name(crm_str_t name)
{
    size_t  i;

    static const char  token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789"
                                 "!#$%&'*+-.^_`|~";

    for (i = 0; i < name.len; i++) {
        if (memchr(token, name.data[i], sizeof(token) - 1) == NULL) {
            return 0;
        }
    }

    return name.len > 0 && name.len <= EXCHANGE_MAX_NAME;
}


int
crm_worker_exchange_is_value(crm_str_t value)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < value.len; i++) {
        c = (unsigned char) value.data[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return 0;
        }
    }

    return 1;
}


int
crm_worker_exchange_head(crm_buf_t *out, const char *method,
    const crm_worker_target_t *target, const struct curl_slist *headers,
    int has_body, size_t body_len)
{
    const struct curl_slist  *header;

    crm_buf_puts(out, method);
    crm_buf_putc(out, ' ');

    if (!exchange_target(out, target)) {
        return 0;
    }

    if (!exchange_is_named(headers, "accept")) {
        crm_buf_puts(out, "Accept: */*\r\n");
    }

    for (header = headers; header; header = header->next) {
        exchange_header(out, header->data);
    }

    if (has_body) {
        crm_buf_puts(out, "Content-Length: ");
        crm_buf_int(out, (long long) body_len);
        crm_buf_puts(out, "\r\n");
    }

    crm_buf_puts(out, "\r\n");

    return crm_buf_status(out) == CRM_OK;
}


/* What the URL asks for, and of whom: with the port, where that is not the
 * scheme's own. */
static int
exchange_target(crm_buf_t *out, const crm_worker_target_t *target)
{
    int    is_v6;
    char  *path, *query;

    query = NULL;

    if (curl_url_get(target->url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
        return 0;
    }

    if (curl_url_get(target->url, CURLUPART_QUERY, &query, 0)
        == CURLUE_OUT_OF_MEMORY)
    {
        curl_free(path);
        return 0;
    }

    crm_buf_puts(out, path);

    if (query != NULL) {
        crm_buf_putc(out, '?');
        crm_buf_puts(out, query);
    }

    curl_free(path);
    curl_free(query);

    is_v6 = strchr(target->host, ':') != NULL;
    crm_buf_puts(out, is_v6 ? " HTTP/1.1\r\nHost: ["
                            : " HTTP/1.1\r\nHost: ");
    crm_buf_puts(out, target->host);
    crm_buf_puts(out, is_v6 ? "]" : "");

    if (target->port != (target->https ? 443 : 80)) {
        crm_buf_putc(out, ':');
        crm_buf_int(out, target->port);
    }

    crm_buf_puts(out, "\r\n");

    return 1;
}


static void
exchange_header(crm_buf_t *out, const char *header)
{
    size_t       len;
    const char  *value;

    len = strcspn(header, ":;");

    if (header[len] == '\0') {
        return;
    }

    value = header + len + 1;
    value += strspn(value, " \t");

    if (*value != '\0' && header[len] == ':') {
        crm_buf_puts(out, header);
        crm_buf_puts(out, "\r\n");

    } else if (*value == '\0' && header[len] == ';') {
        crm_buf_add(out, header, len);
        crm_buf_puts(out, ":\r\n");
    }
}


static int
exchange_is_named(const struct curl_slist *headers, const char *name)
{
    size_t                    len;
    const struct curl_slist  *header;

    len = strlen(name);

    for (header = headers; header; header = header->next) {
        if (strncasecmp(header->data, name, len) == 0
            && (header->data[len] == ':' || header->data[len] == ';'))
        {
            return 1;
        }
    }

    return 0;
}


void
crm_worker_exchange_start(crm_worker_exchange_t *exchange)
{
    exchange->moved_ms = crm_worker_loop_now(exchange->loop);
    crm_worker_connection_use(exchange->connection, exchange_ready, exchange);

    if (exchange_send(exchange)) {
        exchange_wait(exchange);
    }
}


int
crm_worker_exchange_keeps(const crm_worker_exchange_t *exchange)
{
    return exchange->wire.keep && !exchange->failed
           && exchange->sent == exchange->first.len + exchange->body.len;
}


/* Each step says 0 when the exchange is over, and may be gone. */
static void
exchange_ready(void *data, int late)
{
    crm_worker_exchange_t  *exchange;

    exchange = data;

    if (late) {
        exchange_wait(exchange);

    } else if (exchange_recv(exchange)) {
        (void) exchange_send(exchange);
    }
}


/* Who does not want all of it may have answered nevertheless. */
static int
exchange_send(crm_worker_exchange_t *exchange)
{
    size_t     n, total;
    CURLcode   code;
    crm_str_t  bytes;

    total = exchange->first.len + exchange->body.len;

    while (exchange->sent < total && !exchange->failed) {
        if (exchange->sent < exchange->first.len) {
            bytes = crm_str(exchange->first.data + exchange->sent,
                            exchange->first.len - exchange->sent);
        } else {
            n = exchange->sent - exchange->first.len;
            bytes = crm_str(exchange->body.data + n, exchange->body.len - n);
        }

        code = crm_worker_connection_send(exchange->connection, bytes, &n);

        if (code == CURLE_AGAIN || (code == CURLE_OK && n == 0)) {
            break;
        }

        if (code != CURLE_OK) {
            exchange->failed = 1;
            break;
        }

        exchange->sent += n;
        exchange->moved_ms = crm_worker_loop_now(exchange->loop);
    }

    if (!crm_worker_connection_watch(exchange->connection,
                                     exchange->sent < total
                                     && !exchange->failed))
    {
        return exchange_end(exchange, CURLE_SEND_ERROR);
    }

    return exchange->failed ? exchange_recv(exchange) : 1;
}


/* All that is there. */
static int
exchange_recv(crm_worker_exchange_t *exchange)
{
    int       whole;
    char      bytes[EXCHANGE_READ];
    size_t    n;
    CURLcode  code;

    for ( ;; ) {
        code = crm_worker_connection_recv(exchange->connection, bytes,
                                          sizeof(bytes), &n);
        if (code == CURLE_AGAIN) {
            return exchange->failed ? exchange_end(exchange, CURLE_SEND_ERROR)
                                    : 1;
        }

        if (code != CURLE_OK || n == 0) {
            return exchange_end(exchange, exchange_cut(exchange, code));
        }

        exchange->received += n;
        exchange->moved_ms = crm_worker_loop_now(exchange->loop);

        code = exchange_read(exchange, crm_str(bytes, n), &whole);
        if (code != CURLE_OK || whole) {
            return exchange_end(exchange, code);
        }
    }
}


static CURLcode
exchange_read(crm_worker_exchange_t *exchange, crm_str_t bytes, int *whole)
{
    size_t  used;

    *whole = 0;

    switch (crm_worker_wire_read(&exchange->wire, bytes, &used)) {

    case CRM_OK:
        *whole = 1;

        if (used < bytes.len) {
            exchange->wire.keep = 0;    /* it says more than it was asked */
        }

        return CURLE_OK;

    case CRM_DECLINED:
        return CURLE_OK;

    case CRM_ENOMEM:
        return CURLE_OUT_OF_MEMORY;

    case CRM_ELIMIT:
        return CURLE_WRITE_ERROR;

    default:
        return CURLE_WEIRD_SERVER_REPLY;
    }
}


/* The connection has ended, well or with an error. */
static CURLcode
exchange_cut(crm_worker_exchange_t *exchange, CURLcode code)
{
    if (code == CURLE_OK && crm_worker_wire_end(&exchange->wire)) {
        return CURLE_OK;
    }

    return code != CURLE_OK ? code
           : exchange->received > 0 ? CURLE_PARTIAL_FILE : CURLE_GOT_NOTHING;
}


/* The earlier of two ends; looked at again when bytes have moved since. */
static void
exchange_wait(crm_worker_exchange_t *exchange)
{
    int64_t  now, until;

    now = crm_worker_loop_now(exchange->loop);
    until = exchange->moved_ms + exchange->idle_ms;

    if (until > exchange->deadline_ms) {
        until = exchange->deadline_ms;
    }

    if (until <= now) {
        (void) exchange_end(exchange, CURLE_OPERATION_TIMEDOUT);
        return;
    }

    crm_worker_connection_wake(exchange->connection, until - now);
}


static int
exchange_end(crm_worker_exchange_t *exchange, CURLcode code)
{
    crm_worker_connection_wake(exchange->connection, -1);
    exchange->done(exchange->data, code);

    return 0;
}
