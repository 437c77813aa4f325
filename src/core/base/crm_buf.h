/*
 * A growing buffer in a pool that knows its ceiling.
 *
 * A failed append sticks: later ones do nothing, and crm_buf_status() tells
 * once, at the end, so that writers need not check every call.
 */

#ifndef CRM_BUF_H
#define CRM_BUF_H

#include "base/crm_pool.h"


typedef struct {
    char          *data;
    size_t         len;
    size_t         cap;
    size_t         max;         /* 0: no ceiling but the pool's */
    crm_pool_t    *pool;
    crm_status_t   status;
} crm_buf_t;


void crm_buf_init(crm_buf_t *buf, crm_pool_t *pool, size_t max_bytes);

/* A buffer that is full of text, of which nothing is copied until something is
 * appended. */
void crm_buf_hold(crm_buf_t *buf, crm_pool_t *pool, crm_str_t text);

/* Room for bytes more at once, where their number is known or guessed. */
void crm_buf_reserve(crm_buf_t *buf, size_t bytes);

/* Appends what does not fit any more; only crm_buf_add() calls it. */
void crm_buf_add_slow(crm_buf_t *buf, const char *data, size_t len);


/* Inline, so that the lengths of literals are known when compiling: most of
 * what is written are short pieces of JSON. */
static inline void
crm_buf_add(crm_buf_t *buf, const char *data, size_t len)
{
    if (len <= buf->cap - buf->len && buf->status == CRM_OK) {
        if (len) {
            memcpy(buf->data + buf->len, data, len);
            buf->len += len;
        }

    } else {
        crm_buf_add_slow(buf, data, len);
    }
}


static inline void
crm_buf_str(crm_buf_t *buf, crm_str_t s)
{
    crm_buf_add(buf, s.data, s.len);
}


static inline void
crm_buf_puts(crm_buf_t *buf, const char *s)
{
    crm_buf_add(buf, s, strlen(s));
}


static inline void
crm_buf_putc(crm_buf_t *buf, char c)
{
    crm_buf_add(buf, &c, 1);
}


void crm_buf_int(crm_buf_t *buf, long long n);

/* s as a JSON string, quotes included; s must be UTF-8. */
void crm_buf_json(crm_buf_t *buf, crm_str_t s);

/* A JSON list of such strings. */
void crm_buf_json_list(crm_buf_t *buf, const crm_str_t *texts, size_t count);

/* What crm_buf_json() writes, without the quotes: for text that stands inside
 * a JSON string. */
void crm_buf_json_text(crm_buf_t *buf, crm_str_t s);

/* CRM_OK, CRM_ENOMEM, or CRM_ELIMIT when max was reached. */
crm_status_t crm_buf_status(const crm_buf_t *buf);

/* What was written; borrows from the pool, valid until the next append. */
crm_str_t crm_buf_view(const crm_buf_t *buf);

#endif
