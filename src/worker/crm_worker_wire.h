/*
 * An answer of HTTP/1.1, taken apart while it comes in.
 *
 *   status -> headers -> 1xx: status again
 *                     -> body: none, of a length, in chunks, to the end
 *                     -> chunks: trailers -> done
 *
 * What cannot be an answer is refused rather than guessed at: whoever answers
 * is a stranger.
 */

#ifndef CRM_WORKER_WIRE_H
#define CRM_WORKER_WIRE_H

#include "base/crm_status.h"
#include "base/crm_str.h"


/* Of an answer's headers together, of each chunk's size, and of the trailers:
 * a connection ends there, whoever reads it. */
#define CRM_WORKER_WIRE_MAX_HEAD  (64 * 1024)


/* Called while the answer comes in: a line of its head as it came, its end
 * included, and a part of its body, decoded. 0: no more of it. */
typedef struct {
    int  (*header)(void *data, crm_str_t line);
    int  (*body)(void *data, crm_str_t bytes);
} crm_worker_wire_sink_t;

typedef enum {
    CRM_WORKER_WIRE_STATUS = 0,
    CRM_WORKER_WIRE_HEADERS,
    CRM_WORKER_WIRE_LENGTH,         /* left bytes of body */
    CRM_WORKER_WIRE_TO_END,         /* of the connection */
    CRM_WORKER_WIRE_CHUNK_SIZE,
    CRM_WORKER_WIRE_CHUNK,
    CRM_WORKER_WIRE_CHUNK_END,
    CRM_WORKER_WIRE_TRAILERS,
    CRM_WORKER_WIRE_DONE
} crm_worker_wire_state_t;

typedef struct {
    const crm_worker_wire_sink_t  *sink;
    void                          *data;
    char                          *line;        /* that has come in part */
    size_t                         line_len;
    size_t                         line_size;
    size_t                         head_bytes;
    long long                      left;        /* of the body, or a chunk */
    long long                      length;      /* -1: not said */
    int64_t                        retry_after_s;   /* 0: not said */
    int                            status;      /* 0: not yet */
    crm_worker_wire_state_t        state;
    unsigned                       no_body:1;   /* HEAD was asked */
    unsigned                       chunked:1;
    unsigned                       keep:1;      /* the connection is good for
                                                   another request */
    unsigned                       closes:1;    /* whatever else it says */
} crm_worker_wire_t;


/* no_body: the answer to HEAD. sink and data are borrowed until clean. */
void crm_worker_wire_init(crm_worker_wire_t *wire,
    const crm_worker_wire_sink_t *sink, void *data, int no_body);
void crm_worker_wire_clean(crm_worker_wire_t *wire);

/*
 * More of the answer. CRM_OK: it is whole, and *used of bytes were its own.
 * CRM_DECLINED: there is more to come. CRM_EINVAL: it is no answer. CRM_ELIMIT:
 * its head is too long, or the sink wants no more. CRM_ENOMEM.
 */
crm_status_t crm_worker_wire_read(crm_worker_wire_t *wire, crm_str_t bytes,
    size_t *used);

/* The connection has ended. Whether that is an answer's end. */
int crm_worker_wire_end(crm_worker_wire_t *wire);

/* Whether the headers are complete: the status is what was answered. */
static inline int
crm_worker_wire_answered(const crm_worker_wire_t *wire)
{
    return wire->status >= 200 && wire->state != CRM_WORKER_WIRE_HEADERS;
}

#endif
