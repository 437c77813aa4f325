/*
 * A growing buffer in a pool that knows its ceiling.
 */

#include "base/crm_buf.h"

#include <stdio.h>


#define BUF_FIRST_BYTES  256

#define BUF_ONES         0x0101010101010101ULL
#define BUF_HIGHS        0x8080808080808080ULL


static inline int buf_copy_clean(char *to, crm_str_t s);
static int buf_copy_few(char *to, crm_str_t s);
static size_t buf_clean(crm_str_t s, size_t i);
static inline int buf_needs_escape(unsigned char c);
static inline uint64_t buf_special(uint64_t w);
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
    char  text[CRM_STR_INT_LEN];

    crm_buf_str(buf, crm_str_int(text, n));
}


void
crm_buf_json(crm_buf_t *buf, crm_str_t s)
{
    char  *p;

    /* names and most values: room is there, nothing needs an escape */

    if (s.len < buf->cap - buf->len && s.len + 2 <= buf->cap - buf->len
        && buf->status == CRM_OK)
    {
        p = buf->data + buf->len;

        if (buf_copy_clean(p + 1, s)) {
            p[0] = '"';
            p[s.len + 1] = '"';
            buf->len += s.len + 2;
            return;
        }
    }

    crm_buf_putc(buf, '"');
    crm_buf_json_text(buf, s);
    crm_buf_putc(buf, '"');
}


void
crm_buf_json_list(crm_buf_t *buf, const crm_str_t *texts, size_t count)
{
    size_t  i;

    crm_buf_putc(buf, '[');

    for (i = 0; i < count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, texts[i]);
    }

    crm_buf_putc(buf, ']');
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

    if (from < s.len) {
        crm_buf_add(buf, s.data + from, s.len - from);
    }
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
 * Copies s as long as nothing in it needs an escape; 0 when something does.
 * Eight bytes a step, four where there are fewer; the last step overlaps the
 * one before it.
 */
static inline int
buf_copy_clean(char *to, crm_str_t s)
{
    size_t    i;
    uint32_t  low, high;
    uint64_t  w;

    if (s.len < sizeof(low)) {
        return buf_copy_few(to, s);
    }

    if (s.len < sizeof(w)) {
        memcpy(&low, s.data, sizeof(low));
        memcpy(&high, s.data + s.len - sizeof(high), sizeof(high));

        memcpy(to, &low, sizeof(low));
        memcpy(to + s.len - sizeof(high), &high, sizeof(high));

        return buf_special(low | (uint64_t) high << 32) == 0;
    }

    for (i = 0; i < s.len - sizeof(w); i += sizeof(w)) {
        memcpy(&w, s.data + i, sizeof(w));

        if (buf_special(w)) {
            return 0;
        }

        memcpy(to + i, &w, sizeof(w));
    }

    memcpy(&w, s.data + s.len - sizeof(w), sizeof(w));
    memcpy(to + s.len - sizeof(w), &w, sizeof(w));

    return buf_special(w) == 0;
}


static int
buf_copy_few(char *to, crm_str_t s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if (buf_needs_escape(c)) {
            return 0;
        }

        to[i] = (char) c;
    }

    return 1;
}


/* The first byte from i on that needs an escape, or the length of s. */
static size_t
buf_clean(crm_str_t s, size_t i)
{
    uint64_t  w;

    while (s.len - i >= sizeof(w)) {
        memcpy(&w, s.data + i, sizeof(w));

        if (buf_special(w)) {
            break;
        }

        i += sizeof(w);
    }

    while (i < s.len && !buf_needs_escape((unsigned char) s.data[i])) {
        i++;
    }

    return i;
}


static inline int
buf_needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}


/*
 * Whether one of eight bytes needs an escape: below 0x80, a byte with which a
 * subtraction borrows. It may borrow from the byte above too, but only when
 * the one below is such a byte itself.
 */
static inline uint64_t
buf_special(uint64_t w)
{
    return ((w - BUF_ONES * 0x20)
            | ((w ^ (BUF_ONES * '"')) - BUF_ONES)
            | ((w ^ (BUF_ONES * '\\')) - BUF_ONES)) & ~w & BUF_HIGHS;
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
