/*
 * An answer's lines and body.
 */

#include "crm_worker_wire.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>


#define WIRE_BEGIN       "HTTP/1."
#define WIRE_LINE        256
#define WIRE_MAX_LENGTH  0x7fffffffffffffffLL


static crm_status_t  wire_line(crm_worker_wire_t *wire, crm_str_t *rest,
    crm_str_t *line);
static int   wire_begins(crm_str_t line);
static crm_status_t  wire_keep(crm_worker_wire_t *wire, crm_str_t bytes);
static crm_status_t  wire_take(crm_worker_wire_t *wire, crm_str_t line);
static crm_status_t  wire_status(crm_worker_wire_t *wire, crm_str_t line);
static crm_status_t  wire_header(crm_worker_wire_t *wire, crm_str_t line);
static crm_status_t  wire_named(crm_worker_wire_t *wire, crm_str_t name,
    crm_str_t value);
static crm_status_t  wire_length(crm_worker_wire_t *wire, crm_str_t value);
static void  wire_connection(crm_worker_wire_t *wire, crm_str_t value);
static void  wire_retry_after(crm_worker_wire_t *wire, crm_str_t value);
static void  wire_begin_body(crm_worker_wire_t *wire);
static crm_status_t  wire_chunk_size(crm_worker_wire_t *wire,
    crm_str_t line);
static crm_status_t  wire_body(crm_worker_wire_t *wire, crm_str_t *rest);
static crm_str_t  wire_trim(crm_str_t text);


void
crm_worker_wire_init(crm_worker_wire_t *wire,
    const crm_worker_wire_sink_t *sink, void *data, int no_body)
{
    memset(wire, 0, sizeof(crm_worker_wire_t));

    wire->sink = sink;
    wire->data = data;
    wire->no_body = no_body != 0;
}


void
crm_worker_wire_clean(crm_worker_wire_t *wire)
{
    free(wire->line);
    wire->line = NULL;
}


crm_status_t
crm_worker_wire_read(crm_worker_wire_t *wire, crm_str_t bytes, size_t *used)
{
    crm_str_t     rest, line;
    crm_status_t  rc;

    rest = bytes;
    rc = CRM_OK;

    while (rc == CRM_OK && wire->state != CRM_WORKER_WIRE_DONE) {

        switch (wire->state) {

        case CRM_WORKER_WIRE_LENGTH:
        case CRM_WORKER_WIRE_TO_END:
        case CRM_WORKER_WIRE_CHUNK:
            rc = wire_body(wire, &rest);
            break;

        default:
            rc = wire_line(wire, &rest, &line);

            if (rc == CRM_OK) {
                rc = wire_take(wire, line);
                wire->line_len = 0;
            }
        }
    }

    *used = bytes.len - rest.len;

    return rc;
}


int
crm_worker_wire_end(crm_worker_wire_t *wire)
{
    if (wire->state == CRM_WORKER_WIRE_TO_END) {
        wire->state = CRM_WORKER_WIRE_DONE;
    }

    wire->keep = 0;

    return wire->state == CRM_WORKER_WIRE_DONE;
}


/* A line with its end, where it lies or, when it came in parts, as it was
 * kept. CRM_DECLINED: its end has not come. */
static crm_status_t
wire_line(crm_worker_wire_t *wire, crm_str_t *rest, crm_str_t *line)
{
    size_t        n;
    const char   *end;
    crm_status_t  rc;

    if (rest->len == 0) {
        return CRM_DECLINED;
    }

    end = memchr(rest->data, '\n', rest->len);
    n = end ? (size_t) (end - rest->data) + 1 : rest->len;

    wire->head_bytes += n;
    if (wire->head_bytes > CRM_WORKER_WIRE_MAX_HEAD) {
        return CRM_ELIMIT;
    }

    *line = crm_str(rest->data, n);

    if (end == NULL || wire->line_len > 0) {
        rc = wire_keep(wire, *line);
        if (rc != CRM_OK) {
            return rc;
        }

        *line = crm_str(wire->line, wire->line_len);
    }

    if (wire->state == CRM_WORKER_WIRE_STATUS && !wire_begins(*line)) {
        return CRM_EINVAL;      /* its line may have no end */
    }

    rest->data += n;
    rest->len -= n;

    return end ? CRM_OK : CRM_DECLINED;
}


static int
wire_begins(crm_str_t line)
{
    size_t  n;

    n = line.len < sizeof(WIRE_BEGIN) - 1 ? line.len : sizeof(WIRE_BEGIN) - 1;

    return memcmp(line.data, WIRE_BEGIN, n) == 0;
}


static crm_status_t
wire_keep(crm_worker_wire_t *wire, crm_str_t bytes)
{
    char    *line;
    size_t   size;

    size = wire->line_size ? wire->line_size : WIRE_LINE;

    while (size < wire->line_len + bytes.len) {
        size *= 2;
    }

    if (size != wire->line_size) {
        line = realloc(wire->line, size);
        if (line == NULL) {
            return CRM_ENOMEM;
        }

        wire->line = line;
        wire->line_size = size;
    }

    memcpy(wire->line + wire->line_len, bytes.data, bytes.len);
    wire->line_len += bytes.len;

    return CRM_OK;
}


static crm_status_t
wire_take(crm_worker_wire_t *wire, crm_str_t line)
{
    crm_str_t  text;

    if (memchr(line.data, '\0', line.len) != NULL) {
        return CRM_EINVAL;
    }

    text = line;
    text.len--;

    if (text.len > 0 && text.data[text.len - 1] == '\r') {
        text.len--;
    }

    switch (wire->state) {

    case CRM_WORKER_WIRE_STATUS:
    case CRM_WORKER_WIRE_HEADERS:
        if (!wire->sink->header(wire->data, line)) {
            return CRM_ELIMIT;
        }

        return wire->state == CRM_WORKER_WIRE_STATUS
               ? wire_status(wire, text) : wire_header(wire, text);

    case CRM_WORKER_WIRE_CHUNK_SIZE:
        return wire_chunk_size(wire, text);

    case CRM_WORKER_WIRE_CHUNK_END:
        wire->state = CRM_WORKER_WIRE_CHUNK_SIZE;
        return text.len == 0 ? CRM_OK : CRM_EINVAL;

    default:
        if (text.len == 0) {
            wire->state = CRM_WORKER_WIRE_DONE;
        }

        return CRM_OK;
    }
}


/* "HTTP/1.1 200 OK"; the sentence may be left out. */
static crm_status_t
wire_status(crm_worker_wire_t *wire, crm_str_t line)
{
    int     status;
    size_t  i;

    if (line.len < 12
        || (line.data[7] != '0' && line.data[7] != '1')
        || line.data[8] != ' '
        || (line.len > 12 && line.data[12] != ' '))
    {
        return CRM_EINVAL;
    }

    status = 0;

    for (i = 9; i < 12; i++) {
        if (line.data[i] < '0' || line.data[i] > '9') {
            return CRM_EINVAL;
        }

        status = status * 10 + (line.data[i] - '0');
    }

    /* nobody asked for another protocol */
    if (status < 100 || status == 101) {
        return CRM_EINVAL;
    }

    wire->status = status;
    wire->keep = line.data[7] == '1';
    wire->closes = 0;
    wire->chunked = 0;
    wire->length = -1;
    wire->retry_after_s = 0;
    wire->state = CRM_WORKER_WIRE_HEADERS;

    return CRM_OK;
}


static crm_status_t
wire_header(crm_worker_wire_t *wire, crm_str_t line)
{
    size_t       len;
    crm_str_t    name;
    const char  *colon;

    if (line.len == 0) {
        wire_begin_body(wire);
        return CRM_OK;
    }

    if (line.data[0] == ' ' || line.data[0] == '\t') {
        wire->closes = 1;       /* more of the one before, as of old */
        return CRM_OK;
    }

    colon = memchr(line.data, ':', line.len);
    if (colon == NULL || colon == line.data) {
        return CRM_EINVAL;
    }

    len = (size_t) (colon - line.data);
    name = wire_trim(crm_str(line.data, len));

    if (name.len < len) {
        wire->closes = 1;       /* others may see another header */
    }

    return wire_named(wire, name,
                      wire_trim(crm_str(colon + 1, line.len - len - 1)));
}


/* Those that say where the answer ends, what becomes of the connection, and
 * when to come again. */
static crm_status_t
wire_named(crm_worker_wire_t *wire, crm_str_t name, crm_str_t value)
{
    if (crm_str_caseeq(name, CRM_STR("content-length"))) {
        return wire_length(wire, value);
    }

    if (crm_str_caseeq(name, CRM_STR("transfer-encoding"))) {
        if (wire->chunked || !crm_str_caseeq(value, CRM_STR("chunked"))) {
            return CRM_EINVAL;  /* nobody asked for another */
        }

        wire->chunked = 1;

    } else if (crm_str_caseeq(name, CRM_STR("connection"))) {
        wire_connection(wire, value);

    } else if (crm_str_caseeq(name, CRM_STR("retry-after"))) {
        wire_retry_after(wire, value);
    }

    return CRM_OK;
}


static crm_status_t
wire_length(crm_worker_wire_t *wire, crm_str_t value)
{
    size_t     i;
    long long  n;

    n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9'
            || n > (WIRE_MAX_LENGTH - 9) / 10)
        {
            return CRM_EINVAL;
        }

        n = n * 10 + (value.data[i] - '0');
    }

    if (value.len == 0 || (wire->length >= 0 && wire->length != n)) {
        return CRM_EINVAL;
    }

    wire->length = n;

    return CRM_OK;
}


static void
wire_connection(crm_worker_wire_t *wire, crm_str_t value)
{
    crm_str_t    word;
    const char  *comma;

    while (value.len > 0) {
        comma = memchr(value.data, ',', value.len);
        word = crm_str(value.data, comma ? (size_t) (comma - value.data)
                                         : value.len);
        value.data += word.len + (comma != NULL);
        value.len -= word.len + (comma != NULL);
        word = wire_trim(word);

        if (crm_str_caseeq(word, CRM_STR("close"))) {
            wire->closes = 1;
        }

        if (crm_str_caseeq(word, CRM_STR("keep-alive"))) {
            wire->keep = 1;     /* HTTP/1.0 */
        }
    }
}


/* Seconds, or a date. */
static void
wire_retry_after(crm_worker_wire_t *wire, crm_str_t value)
{
    char       text[64];
    time_t     at;
    size_t     i;
    long long  n;

    n = 0;

    for (i = 0; i < value.len && value.data[i] >= '0' && value.data[i] <= '9'
                && n < WIRE_MAX_LENGTH / 100; i++)
    {
        n = n * 10 + (value.data[i] - '0');
    }

    if (i < value.len) {
        if (value.len >= sizeof(text)) {
            return;
        }

        memcpy(text, value.data, value.len);
        text[value.len] = '\0';

        at = curl_getdate(text, NULL);
        n = at == (time_t) -1 ? 0 : (long long) at - (long long) time(NULL);
    }

    wire->retry_after_s = n > 0 ? n : 0;
}


/* The headers are complete. */
static void
wire_begin_body(crm_worker_wire_t *wire)
{
    /* who believes the one sees another answer than who believes the other */

    if (wire->closes
        || (wire->chunked && wire->length >= 0)
        || (wire->status == 204 && (wire->chunked || wire->length > 0)))
    {
        wire->keep = 0;
    }

    if (wire->status < 200) {
        wire->state = CRM_WORKER_WIRE_STATUS;

    } else if (wire->no_body || wire->status == 204 || wire->status == 304) {
        wire->state = CRM_WORKER_WIRE_DONE;

    } else if (wire->chunked) {
        wire->state = CRM_WORKER_WIRE_CHUNK_SIZE;

    } else if (wire->length >= 0) {
        wire->left = wire->length;
        wire->state = wire->left ? CRM_WORKER_WIRE_LENGTH
                                 : CRM_WORKER_WIRE_DONE;
    } else {
        wire->keep = 0;
        wire->state = CRM_WORKER_WIRE_TO_END;
    }
}


/* Hexadecimal; what stands behind a semicolon is for nobody. */
static crm_status_t
wire_chunk_size(crm_worker_wire_t *wire, crm_str_t line)
{
    int        digit;
    size_t     i;
    long long  n;

    n = 0;

    for (i = 0; i < line.len; i++) {
        digit = line.data[i] >= '0' && line.data[i] <= '9'
                ? line.data[i] - '0'
                : (line.data[i] | 0x20) >= 'a' && (line.data[i] | 0x20) <= 'f'
                ? (line.data[i] | 0x20) - 'a' + 10 : -1;

        if (digit < 0) {
            break;
        }

        if (n > (WIRE_MAX_LENGTH - 15) / 16) {
            return CRM_EINVAL;
        }

        n = n * 16 + digit;
    }

    if (i == 0 || (i < line.len && strchr("; \t", line.data[i]) == NULL)) {
        return CRM_EINVAL;
    }

    /* there may be many: with each comes a part of the body, which the sink
     * has a limit for */

    wire->head_bytes = 0;
    wire->left = n;
    wire->state = n ? CRM_WORKER_WIRE_CHUNK : CRM_WORKER_WIRE_TRAILERS;

    return CRM_OK;
}


static crm_status_t
wire_body(crm_worker_wire_t *wire, crm_str_t *rest)
{
    size_t  n;

    n = rest->len;

    if (wire->state != CRM_WORKER_WIRE_TO_END && (long long) n > wire->left) {
        n = (size_t) wire->left;
    }

    if (n == 0) {
        return CRM_DECLINED;
    }

    if (!wire->sink->body(wire->data, crm_str(rest->data, n))) {
        return CRM_ELIMIT;
    }

    rest->data += n;
    rest->len -= n;

    if (wire->state != CRM_WORKER_WIRE_TO_END) {
        wire->left -= (long long) n;

        if (wire->left == 0) {
            wire->state = wire->state == CRM_WORKER_WIRE_LENGTH
                          ? CRM_WORKER_WIRE_DONE : CRM_WORKER_WIRE_CHUNK_END;
        }
    }

    return CRM_OK;
}


static crm_str_t
wire_trim(crm_str_t text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.len--;
    }

    while (text.len > 0 && (text.data[text.len - 1] == ' '
                            || text.data[text.len - 1] == '\t'))
    {
        text.len--;
    }

    return text;
}
