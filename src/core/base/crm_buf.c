/*
 * A growing buffer in a pool that knows its ceiling.
 */

#include "base/crm_buf.h"

#include <stdio.h>


#define BUF_FIRST_BYTES  256

#define BUF_ONES         0x0101010101010101ULL
#define BUF_HIGHS        0x8080808080808080ULL


static int buf_clean(const char *p);
static crm_status_t buf_grow(crm_buf_t *buf, size_t more);


void
crm_buf_init(crm_buf_t *buf, crm_pool_t *pool, size_t max_bytes)
{
    memset(buf, 0, sizeof(crm_buf_t));
    buf->pool = pool;
    buf->max = max_bytes;
}


void
crm_buf_add_slow(crm_buf_t *buf, const char *data, size_t len)
{
    if (buf->status != CRM_OK || len == 0) {
        return;
    }

    if (len > buf->cap - buf->len) {
        buf->status = buf_grow(buf, len);
        if (buf->status != CRM_OK) {
            return;
        }
    }

    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}


void
crm_buf_int(crm_buf_t *buf, long long n)
{
    char                 text[24];
    size_t               i;
    unsigned long long   u;

    i = sizeof(text);
    u = n < 0 ? 0 - (unsigned long long) n : (unsigned long long) n;

    do {
        text[--i] = (char) ('0' + u % 10);
        u /= 10;
    } while (u);

    if (n < 0) {
        text[--i] = '-';
    }

    crm_buf_add(buf, text + i, sizeof(text) - i);
}


void
crm_buf_json(crm_buf_t *buf, crm_str_t s)
{
    crm_buf_putc(buf, '"');
    crm_buf_json_text(buf, s);
    crm_buf_putc(buf, '"');
}


void
crm_buf_json_text(crm_buf_t *buf, crm_str_t s)
{
    char           text[8];
    size_t         i, from;
    unsigned char  c;

    from = 0;

    for (i = 0; i < s.len; i++) {

        while (s.len - i >= 8 && buf_clean(s.data + i)) {
            i += 8;
        }

        if (i == s.len) {
            break;
        }

        c = (unsigned char) s.data[i];

        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }

        crm_buf_add(buf, s.data + from, i - from);
        from = i + 1;

        switch (c) {
        case '"':
            crm_buf_puts(buf, "\\\"");
            break;
        case '\\':
            crm_buf_puts(buf, "\\\\");
            break;
        case '\n':
            crm_buf_puts(buf, "\\n");
            break;
        case '\r':
            crm_buf_puts(buf, "\\r");
            break;
        case '\t':
            crm_buf_puts(buf, "\\t");
            break;
        default:
            (void) snprintf(text, sizeof(text), "\\u%04x", c);
            crm_buf_puts(buf, text);
        }
    }

    crm_buf_add(buf, s.data + from, s.len - from);
}


crm_status_t
crm_buf_status(const crm_buf_t *buf)
{
    return buf->status;
}


crm_str_t
crm_buf_view(const crm_buf_t *buf)
{
    return crm_str(buf->data ? buf->data : "", buf->len);
}


/* Whether none of the eight bytes at p needs an escape: each test leaves a
 * byte's highest bit for those below 0x20 and those that are the character. */
static int
buf_clean(const char *p)
{
    uint64_t  w, quote, slash;

    memcpy(&w, p, sizeof(w));

    quote = w ^ (BUF_ONES * '"');
    slash = w ^ (BUF_ONES * '\\');

    return (((w - BUF_ONES * 0x20) & ~w)
            | ((quote - BUF_ONES) & ~quote)
            | ((slash - BUF_ONES) & ~slash)) & BUF_HIGHS ? 0 : 1;
}


static crm_status_t
buf_grow(crm_buf_t *buf, size_t more)
{
    char    *p;
    size_t   cap, need;

    if (more > (size_t) -1 - buf->len) {
        return CRM_ELIMIT;
    }

    need = buf->len + more;
    if (buf->max && need > buf->max) {
        return CRM_ELIMIT;
    }

    cap = buf->cap ? buf->cap : BUF_FIRST_BYTES;
    while (cap < need) {
        cap = cap > (size_t) -1 / 2 ? need : cap * 2;
    }
    if (buf->max && cap > buf->max) {
        cap = buf->max;
    }

    if (buf->data && crm_pool_extend(buf->pool, buf->data, buf->cap, cap)) {
        buf->cap = cap;
        return CRM_OK;
    }

    p = crm_pool_alloc(buf->pool, cap);
    if (p == NULL) {
        return CRM_ENOMEM;
    }

    if (buf->len) {
        memcpy(p, buf->data, buf->len);
    }

    buf->data = p;
    buf->cap = cap;

    return CRM_OK;
}
