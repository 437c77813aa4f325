/*
 * Dialect files: which path a target is, and what its query holds.
 *
 * Of the ways to write one path, those that the file takes for equal are
 * judged as what they mean; every other is refused.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static crm_status_t target_decode(const crm_file_normalise_t *n,
    crm_str_t *text, crm_str_t raw, crm_pool_t *pool,
    crm_refusal_t *refusal);
static int target_is_char(unsigned char c);
static const char *target_split(const crm_file_normalise_t *n,
    crm_file_target_t *target, crm_str_t text);
static crm_str_t target_suffix(const crm_file_normalise_t *n, crm_str_t s);
static crm_status_t target_join(crm_file_target_t *target, crm_pool_t *pool);
static crm_status_t target_prefix(const crm_dialect_file_t *file,
    crm_file_target_t *target);
static int target_begins(const crm_dialect_file_t *file, crm_str_t text,
    crm_str_t prefix);
static int target_hex(char c);


crm_status_t
crm_file_target(const crm_dialect_file_t *file, crm_file_target_t *target,
    crm_str_t raw, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_str_t     text;
    const char   *fault;
    crm_status_t  rc;

    memset(target, 0, sizeof(crm_file_target_t));
    text = CRM_STR_NULL;

    rc = target_decode(&file->normalise, &text, raw, pool, refusal);
    if (rc != CRM_OK) {
        return rc;
    }

    fault = target_split(&file->normalise, target, text);
    if (fault) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, fault);
    }

    rc = target_join(target, pool);

    return rc == CRM_OK ? target_prefix(file, target) : rc;
}


crm_status_t
crm_file_parameter(crm_str_t *query, crm_str_t *name, crm_str_t *value,
    crm_pool_t *pool)
{
    size_t        n;
    crm_str_t     part;
    const char   *end;
    crm_status_t  rc;

    while (query->len && query->data[0] == '&') {
        *query = crm_str(query->data + 1, query->len - 1);
    }

    if (query->len == 0) {
        return CRM_DECLINED;
    }

    end = memchr(query->data, '&', query->len);
    n = end ? (size_t) (end - query->data) : query->len;
    part = crm_str(query->data, n);
    *query = crm_str(query->data + n, query->len - n);

    end = memchr(part.data, '=', part.len);
    n = end ? (size_t) (end - part.data) : part.len;

    rc = crm_file_unescape(name, crm_str(part.data, n), 1, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_file_unescape(value, end ? crm_str(end + 1, part.len - n - 1)
                                        : CRM_STR(""), 1, pool);
}


crm_status_t
crm_file_query(crm_str_t query, crm_str_t wanted, crm_str_t *value,
    crm_pool_t *pool)
{
    int           found;
    crm_str_t     name, text;
    crm_status_t  rc;

    found = 0;

    while ((rc = crm_file_parameter(&query, &name, &text, pool)) == CRM_OK) {

        if (!crm_str_eq(name, wanted)) {
            continue;
        }

        if (found++) {
            return CRM_EINVAL;
        }

        *value = text;
    }

    return rc != CRM_DECLINED ? rc : found ? CRM_OK : CRM_DECLINED;
}


crm_status_t
crm_file_unescape(crm_str_t *out, crm_str_t text, int plus, crm_pool_t *pool)
{
    char    *p;
    size_t   i, n;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '%' || (plus && text.data[i] == '+')) {
            break;
        }
    }

    *out = text;

    if (i == text.len) {
        return CRM_OK;
    }

    p = crm_pool_alloc(pool, text.len);
    if (p == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, n = 0; i < text.len; i++, n++) {
        p[n] = plus && text.data[i] == '+' ? ' ' : text.data[i];

        if (text.data[i] != '%') {
            continue;
        }

        if (text.len - i < 3 || target_hex(text.data[i + 1]) < 0
            || target_hex(text.data[i + 2]) < 0)
        {
            return CRM_EINVAL;
        }

        p[n] = (char) (target_hex(text.data[i + 1]) << 4
                       | target_hex(text.data[i + 2]));
        i += 2;
    }

    *out = crm_str(p, n);

    return CRM_OK;
}


int
crm_file_has(const crm_texts_t *texts, crm_str_t text, int fold)
{
    unsigned  i;

    for (i = 0; i < texts->count; i++) {
        if (fold ? crm_str_caseeq(texts->items[i], text)
                 : crm_str_eq(texts->items[i], text))
        {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
target_decode(const crm_file_normalise_t *n, crm_str_t *text, crm_str_t raw,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    char    *out;
    size_t   i, len;
    int      high, low;

    out = crm_pool_alloc(pool, raw.len + 1);
    if (out == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, len = 0; i < raw.len; i++, len++) {
        out[len] = raw.data[i];

        if (raw.data[i] == '/' || target_is_char((unsigned char) out[len])) {
            continue;
        }

        if (raw.data[i] != '%' || n->percent_decode != CRM_FILE_APPLY) {
            return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                       "the path of a write may hold letters, digits,"
                       " - . _ ~ and / only, none of them escaped");
        }

        high = raw.len - i > 2 ? target_hex(raw.data[i + 1]) : -1;
        low = high >= 0 ? target_hex(raw.data[i + 2]) : -1;
        out[len] = low < 0 ? '\0' : (char) (high << 4 | low);

        if (low < 0 || (out[len] != ' '
                        && !target_is_char((unsigned char) out[len])))
        {
            return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                       "an escape in the path of a write may stand for a"
                       " letter, a digit, a blank, - . _ or ~ only");
        }

        i += 2;
    }

    *text = crm_str(out, len);

    return CRM_OK;
}


static int
target_is_char(unsigned char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
           || c == '~';
}


/* NULL, or what is wrong. */
static const char *
target_split(const crm_file_normalise_t *n, crm_file_target_t *target,
    crm_str_t text)
{
    size_t     i, from;
    crm_str_t  s;

    for (i = 0, from = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '/') {
            continue;
        }

        s = crm_str(text.data + from, i - from);
        from = i + 1;

        if (s.len == 0) {
            if (i == text.len && text.len) {
                if (n->trailing_slash == CRM_FILE_APPLY) {
                    continue;
                }

                return "the path of a write must not end with a slash";
            }

            if (text.len == 0 || n->merge_slashes == CRM_FILE_APPLY) {
                continue;
            }

            return "the path of a write must not have an empty segment";
        }

        if (crm_str_is(s, ".") || crm_str_is(s, "..")) {
            return "the path of a write must not have a dot segment";
        }

        if (crm_file_has(&n->strip_segment, s, 1)) {
            continue;
        }

        if (target->count
            == sizeof(target->segments) / sizeof(target->segments[0]))
        {
            return "the path of a write has too many segments";
        }

        target->segments[target->count++] = s;
    }

    if (target->count) {
        i = target->count - 1;
        target->segments[i] = target_suffix(n, target->segments[i]);
    }

    return NULL;
}


static crm_str_t
target_suffix(const crm_file_normalise_t *n, crm_str_t s)
{
    unsigned   i;
    crm_str_t  suffix;

    for (i = 0; i < n->strip_suffix.count; i++) {
        suffix = n->strip_suffix.items[i];

        if (s.len > suffix.len
            && crm_str_caseeq(crm_str(s.data + s.len - suffix.len,
                                      suffix.len), suffix))
        {
            return crm_str(s.data, s.len - suffix.len);
        }
    }

    return s;
}


static crm_status_t
target_join(crm_file_target_t *target, crm_pool_t *pool)
{
    unsigned   i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < target->count; i++) {
        if (i) {
            crm_buf_putc(&buf, '/');
        }

        crm_buf_str(&buf, target->segments[i]);
    }

    target->text = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* Segments of the prefix are cut off. */
static crm_status_t
target_prefix(const crm_dialect_file_t *file, crm_file_target_t *target)
{
    unsigned   i, k, n;
    crm_str_t  prefix;

    if (file->prefix.count == 0) {
        return CRM_OK;
    }

    for (i = 0; i < file->prefix.count; i++) {
        prefix = file->prefix.items[i];

        if (!target_begins(file, target->text, prefix)) {
            continue;
        }

        for (k = 0, n = 0; k < prefix.len; k++) {
            n += prefix.data[k] == '/';
        }

        target->prefix = prefix;
        target->count -= n;
        memmove(target->segments, target->segments + n,
                target->count * sizeof(crm_str_t));

        return CRM_OK;
    }

    return CRM_DECLINED;
}


/* "api/v1/" begins "api/v1/Lead"; it is "api/v1", too. */
static int
target_begins(const crm_dialect_file_t *file, crm_str_t text,
    crm_str_t prefix)
{
    crm_str_t  head;

    if (prefix.len == 0) {
        return 1;
    }

    if (text.len + 1 == prefix.len) {
        prefix.len--;
    }

    if (text.len < prefix.len) {
        return 0;
    }

    head = crm_str(text.data, prefix.len);

    return file->normalise.path_fold ? crm_str_caseeq(head, prefix)
                                     : crm_str_eq(head, prefix);
}


static int
target_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
