/*
 * A growing buffer in a pool that knows its ceiling.
 */

#include "base/crm_buf.h"

#include "base/crm_plain.h"


#define BUF_FIRST_BYTES  256
#define BUF_ESCAPE_LEN   (sizeof("\\u001f") - 1)


static void buf_json_slow(crm_buf_t *buf, crm_str_t s)
    __attribute__((noinline));
static inline char *buf_escape(char *to, char c);
static crm_status_t buf_grow(crm_buf_t *buf, size_t more);


void
crm_buf_init(crm_buf_t *buf, crm_pool_t *pool, size_t max_bytes)
{
    memset(buf, 0, sizeof(crm_buf_t));
    buf->pool = pool;
    buf->max = max_bytes;
}


void
crm_buf_hold(crm_buf_t *buf, crm_pool_t *pool, crm_str_t text)
{
    crm_buf_init(buf, pool, 0);

    buf->data = (char *) text.data;     /* full: nothing is written there */
    buf->len = text.len;
    buf->cap = text.len;
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

    if (n >= 0 && n <= 9) {
        crm_buf_putc(buf, (char) ('0' + n));
        return;
    }

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

        if (crm_plain_copy(p + 1, s)) {
            p[0] = '"';
            p[s.len + 1] = '"';
            buf->len += s.len + 2;
            return;
        }
    }

    buf_json_slow(buf, s);
}


/* Not inline: what it needs to be saved would be saved for each name. */
static void
buf_json_slow(crm_buf_t *buf, crm_str_t s)
{
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


/* Step by step: of one that is not plain what stands before its first escape,
 * and that; where it ends, byte by byte. */
void
crm_buf_json_text(crm_buf_t *buf, crm_str_t s)
{
    int          fits;
    char        *to, step[CRM_PLAIN_STEP * BUF_ESCAPE_LEN];
    size_t       n;
    const char  *p, *last;

    if (s.len == 0) {
        return;         /* it may be the null string */
    }

    p = s.data;
    last = p + s.len;

    while (p < last) {
        fits = buf->status == CRM_OK && buf->cap - buf->len >= sizeof(step);
        to = fits ? buf->data + buf->len : step;

        if (last - p >= CRM_PLAIN_STEP) {
            memcpy(to, p, CRM_PLAIN_STEP);
            n = crm_plain_begin(p, 0);
            to += n;
            p += n;
            n = n < CRM_PLAIN_STEP;

        } else {
            n = (size_t) (last - p);
        }

        for ( /* void */ ; n; n--) {
            to = buf_escape(to, *p++);
        }

        if (fits) {
            buf->len = (size_t) (to - buf->data);
        } else {
            crm_buf_add(buf, step, (size_t) (to - step));
        }
    }
}


static inline char *
buf_escape(char *to, char c)
{
    static const char  hex[] = "0123456789abcdef";

    if (crm_plain_is((unsigned char) c, 0)) {
        *to++ = c;
        return to;
    }

    *to++ = '\\';

    switch (c) {
    case '"':
    case '\\':
        *to++ = c;
        break;
    case '\n':
        *to++ = 'n';
        break;
    case '\r':
        *to++ = 'r';
        break;
    case '\t':
        *to++ = 't';
        break;
    default:
        memcpy(to, "u00", 3);
        to[3] = hex[(unsigned char) c >> 4];
        to[4] = hex[c & 15];
        to += 5;
    }

    return to;
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
