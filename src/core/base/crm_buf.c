/*
 * A growing buffer in a pool that knows its ceiling.
 */

#include "base/crm_buf.h"

#include <stdio.h>


#define BUF_FIRST_BYTES  256

#define BUF_ONES         0x0101010101010101ULL
#define BUF_HIGHS        0x8080808080808080ULL


static size_t buf_clean(crm_str_t s, size_t i);
static crm_status_t buf_grow(crm_buf_t *buf, size_t more);


void
crm_buf_init(crm_buf_t *buf, crm_pool_t *pool, size_t max_bytes)
{
    memset(buf, 0, sizeof(crm_buf_t));
    buf->pool = pool;
    buf->max = max_bytes;
}


void
crm_buf_reserve(crm_buf_t *buf, size_t bytes)
{
    if (buf->status == CRM_OK && bytes > buf->cap - buf->len) {
        buf->status = buf_grow(buf, bytes);
    }
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
    char  *p;

    /* names and most values: room is there, nothing needs an escape */

    if (s.len < buf->cap - buf->len && s.len + 2 <= buf->cap - buf->len
        && buf->status == CRM_OK && buf_clean(s, 0) == s.len)
    {
        p = buf->data + buf->len;
        *p++ = '"';

        if (s.len) {
            memcpy(p, s.data, s.len);
            p += s.len;
        }

        *p = '"';
        buf->len += s.len + 2;

        return;
    }

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

    for (i = buf_clean(s, 0); i < s.len; i = buf_clean(s, i + 1)) {
        c = (unsigned char) s.data[i];

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


/*
 * The first byte from i on that needs an escape, or the length of s. Eight at
 * a time: each test leaves the highest bit of bytes that are below 0x20, or
 * the character; bits of bytes behind the first such one may be wrong.
 */
static size_t
buf_clean(crm_str_t s, size_t i)
{
    uint64_t       w, quote, slash, found;
    unsigned char  c;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (s.len - i >= sizeof(w)) {
        memcpy(&w, s.data + i, sizeof(w));

        quote = w ^ (BUF_ONES * '"');
        slash = w ^ (BUF_ONES * '\\');

        found = (((w - BUF_ONES * 0x20) & ~w)
                 | ((quote - BUF_ONES) & ~quote)
                 | ((slash - BUF_ONES) & ~slash)) & BUF_HIGHS;

        if (found) {
            return i + (size_t) __builtin_ctzll(found) / 8;
        }

        i += sizeof(w);
    }
#endif

    for ( /* void */ ; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if (c < 0x20 || c == '"' || c == '\\') {
            break;
        }
    }

    return i;
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

    cap = buf->cap > (size_t) -1 / 2 ? need : buf->cap * 2;
    if (cap < BUF_FIRST_BYTES) {
        cap = BUF_FIRST_BYTES;
    }
    if (cap < need) {
        cap = need;
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
