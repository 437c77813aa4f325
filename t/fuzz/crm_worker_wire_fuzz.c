/*
 * What a stranger answers a request with. The first byte says whether HEAD was
 * asked, and in pieces of which size it comes.
 *
 * Besides not crashing: in pieces an answer is the same as in one: its status,
 * its body, what is left behind it, and whether another request may follow.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crm_worker_wire.h"


typedef struct {
    crm_worker_wire_t  wire;
    crm_status_t       rc;
    int                ended;
    size_t             used;
    size_t             lines;
    size_t             body_len;
    uint64_t           body_hash;
} answer_t;


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_read(answer_t *answer, crm_str_t text, size_t piece,
    int no_body);
static int on_header(void *data, crm_str_t line);
static int on_body(void *data, crm_str_t bytes);


static const crm_worker_wire_sink_t  sink = { on_header, on_body };


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int        no_body;
    answer_t   one, many;
    crm_str_t  text;

    if (size == 0) {
        return 0;
    }

    no_body = data[0] & 1;
    text = crm_str((const char *) data + 1, size - 1);

    answer_read(&one, text, size, no_body);
    answer_read(&many, text, 1 + (data[0] >> 1) % 32, no_body);

    if (one.rc != many.rc || one.ended != many.ended) {
        abort();
    }

    if ((one.rc == CRM_OK || one.rc == CRM_DECLINED)
        && (one.used != many.used || one.lines != many.lines
            || one.body_len != many.body_len
            || one.body_hash != many.body_hash
            || one.wire.status != many.wire.status
            || one.wire.keep != many.wire.keep
            || one.wire.state != many.wire.state
            || one.wire.left != many.wire.left))
    {
        abort();
    }

    if (one.rc == CRM_OK && (!crm_worker_wire_answered(&one.wire)
                             || one.wire.status == 101))
    {
        abort();
    }

    return 0;
}


/* Each piece in memory of its own: nothing behind it may be read. */
static void
answer_read(answer_t *answer, crm_str_t text, size_t piece, int no_body)
{
    char    *bytes;
    size_t   n, used;

    memset(answer, 0, sizeof(answer_t));
    crm_worker_wire_init(&answer->wire, &sink, answer, no_body);
    answer->rc = CRM_DECLINED;
    answer->body_hash = 14695981039346656037u;

    while (answer->rc == CRM_DECLINED && text.len > 0) {
        n = text.len < piece ? text.len : piece;
        bytes = malloc(n);
        if (bytes == NULL) {
            abort();
        }

        memcpy(bytes, text.data, n);
        answer->rc = crm_worker_wire_read(&answer->wire, crm_str(bytes, n),
                                          &used);
        free(bytes);

        if (used > n || (answer->rc == CRM_DECLINED && used != n)) {
            abort();
        }

        answer->used += used;
        text.data += n;
        text.len -= n;
    }

    if (answer->rc == CRM_DECLINED) {
        answer->ended = crm_worker_wire_end(&answer->wire);
    }

    crm_worker_wire_clean(&answer->wire);
}


static int
on_header(void *data, crm_str_t line)
{
    answer_t  *answer;

    answer = data;

    if (line.len == 0 || line.data[line.len - 1] != '\n') {
        abort();
    }

    answer->lines++;

    return 1;
}


static int
on_body(void *data, crm_str_t bytes)
{
    size_t     i;
    answer_t  *answer;

    answer = data;

    if (bytes.len == 0 || answer->wire.status < 200) {
        abort();
    }

    for (i = 0; i < bytes.len; i++) {
        answer->body_hash = (answer->body_hash
                             ^ (unsigned char) bytes.data[i]) * 1099511628211u;
    }

    answer->body_len += bytes.len;

    return 1;
}
