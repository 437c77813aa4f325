/*
 * The chain header: signed by the worker, verified by nginx.
 */

#include "state/crm_chain.h"

#include "base/crm_base64.h"
#include "base/crm_digest.h"


#define CHAIN_VERSION  "v1."
#define CHAIN_MAC      (2 * CRM_DIGEST_LEN)

/* Values in one: a handful, and the rules of the chain. */
#define CHAIN_NODES    64
#define CHAIN_DEPTH    4

/* Numbers up to so many digits fit. */
#define CHAIN_DIGITS   18


static void chain_text(crm_buf_t *buf, const crm_chain_grant_t *grant);
static void chain_hash(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t body);
static void chain_mac(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t key,
    crm_str_t text);
static int chain_signed(crm_str_t text, crm_str_t mac,
    const crm_chain_keys_t *keys);
static int chain_unhex(unsigned char digest[CRM_DIGEST_LEN], crm_str_t hex);
static crm_status_t chain_read(crm_chain_grant_t *grant, crm_str_t json,
    long long now_ms, crm_pool_t *pool, const char **why);
static int chain_is_bound(const crm_chain_grant_t *grant, crm_span_t root);
static int chain_is_job(crm_str_t job);
static crm_status_t chain_transition(crm_chain_t *chain, crm_span_t json,
    crm_pool_t *pool);
static int chain_number(crm_span_t value, long long *n);
static crm_status_t chain_refuse(const char **why, const char *text);


crm_status_t
crm_chain_keys_parse(crm_chain_keys_t *keys, crm_str_t text,
    crm_error_t *err)
{
    crm_str_t    line;
    const char  *end, *last;

    memset(keys, 0, sizeof(crm_chain_keys_t));
    last = text.data + text.len;

    while (text.len) {
        end = memchr(text.data, '\n', text.len);
        line = crm_str(text.data,
                       (size_t) ((end ? end : last) - text.data));
        text = end ? crm_str(end + 1, (size_t) (last - end - 1))
                   : CRM_STR_NULL;

        while (line.len && strchr(" \t\r", line.data[line.len - 1])) {
            line.len--;
        }

        if (line.len == 0) {
            continue;
        }

        if (line.len < CRM_CHAIN_KEY_MIN || line.len > CRM_CHAIN_KEY_MAX) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "a key has %d to %d bytes on one line, this"
                                 " one has %zu; make one with \"openssl rand"
                                 " -hex 32\"", CRM_CHAIN_KEY_MIN,
                                 CRM_CHAIN_KEY_MAX, line.len);
        }

        if (keys->count == CRM_CHAIN_KEYS) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "there are more than %d keys; while you"
                                 " rotate write the new one on the first line"
                                 " and the old one behind it",
                                 CRM_CHAIN_KEYS);
        }

        keys->keys[keys->count++] = line;
    }

    if (keys->count == 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "there is no key in it; make one with \"openssl"
                             " rand -hex 32\"");
    }

    return CRM_OK;
}


crm_status_t
crm_chain_sign(crm_buf_t *buf, const crm_chain_grant_t *grant,
    const crm_chain_keys_t *keys, crm_pool_t *pool)
{
    char       mac[CHAIN_MAC + 1];
    crm_buf_t  json, text;

    crm_buf_init(&json, pool, 0);
    chain_text(&json, grant);

    if (crm_buf_status(&json) != CRM_OK) {
        return crm_buf_status(&json);
    }

    crm_buf_init(&text, pool, 0);
    crm_buf_puts(&text, CHAIN_VERSION);
    crm_base64_encode(&text, crm_buf_view(&json), CRM_BASE64_URL);

    if (crm_buf_status(&text) != CRM_OK) {
        return crm_buf_status(&text);
    }

    if (text.len + 1 + CHAIN_MAC > CRM_CHAIN_MAX_HEADER) {
        return CRM_ELIMIT;
    }

    chain_mac(mac, keys->keys[0], crm_buf_view(&text));

    crm_buf_str(buf, crm_buf_view(&text));
    crm_buf_putc(buf, '.');
    crm_buf_add(buf, mac, CHAIN_MAC);

    return crm_buf_status(buf);
}


crm_status_t
crm_chain_verify(crm_chain_grant_t *grant, crm_str_t header,
    const crm_chain_keys_t *keys, long long now_ms, crm_pool_t *pool,
    const char **why)
{
    size_t     head;
    crm_buf_t  json;
    crm_str_t  text;

    if (keys->count == 0) {
        return chain_refuse(why, "this location has no crm_chain_key_file,"
                                 " so that no chain can be verified");
    }

    head = sizeof(CHAIN_VERSION) - 1;

    if (header.len > CRM_CHAIN_MAX_HEADER
        || header.len <= head + 1 + CHAIN_MAC
        || memcmp(header.data, CHAIN_VERSION, head) != 0
        || header.data[header.len - CHAIN_MAC - 1] != '.')
    {
        return chain_refuse(why, "CRM-Chain is not one of ours");
    }

    text = crm_str(header.data, header.len - CHAIN_MAC - 1);

    if (!chain_signed(text, crm_str(text.data + text.len + 1, CHAIN_MAC),
                      keys))
    {
        return chain_refuse(why, "CRM-Chain is not signed by a key of"
                                 " crm_chain_key_file");
    }

    crm_buf_init(&json, pool, 0);

    if (crm_base64_decode(&json, crm_str(text.data + head, text.len - head),
                          CRM_BASE64_URL) != CRM_OK)
    {
        return chain_refuse(why, "CRM-Chain is not one of ours");
    }

    if (crm_buf_status(&json) != CRM_OK) {
        return crm_buf_status(&json);
    }

    return chain_read(grant, crm_buf_view(&json), now_ms, pool, why);
}


void
crm_chain_encode(crm_buf_t *buf, const crm_chain_t *chain)
{
    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, chain->id);
    crm_buf_puts(buf, ",\"depth\":");
    crm_buf_int(buf, chain->depth);
    crm_buf_puts(buf, ",\"fired\":");
    crm_buf_json_list(buf, chain->fired, chain->fired_count);
    crm_buf_puts(buf, chain->cascade ? ",\"cascade\":true"
                                     : ",\"cascade\":false");
    crm_buf_puts(buf, chain->ignore_lock ? ",\"ignore_lock\":true"
                                         : ",\"ignore_lock\":false");

    if (chain->transition.len) {
        crm_buf_puts(buf, ",\"transition\":");
        crm_buf_json(buf, chain->transition);
        crm_buf_puts(buf, ",\"stay\":");
        crm_buf_json(buf, chain->stay);
    }

    crm_buf_putc(buf, '}');
}


crm_status_t
crm_chain_decode(crm_chain_t *chain, crm_span_t json, crm_pool_t *pool)
{
    size_t       cursor;
    long long    depth;
    crm_str_t   *fired;
    crm_span_t   id, list, value, cascade, ignore;

    memset(chain, 0, sizeof(crm_chain_t));

    if (json.type != CRM_JSON_OBJECT) {
        return CRM_EINVAL;
    }

    id = crm_span_member(json, CRM_STR("id"));
    list = crm_span_member(json, CRM_STR("fired"));
    cascade = crm_span_member(json, CRM_STR("cascade"));
    ignore = crm_span_member(json, CRM_STR("ignore_lock"));

    if (id.type != CRM_JSON_STRING || list.type != CRM_JSON_ARRAY
        || (cascade.type != CRM_JSON_TRUE && cascade.type != CRM_JSON_FALSE)
        || (ignore.type != CRM_JSON_TRUE && ignore.type != CRM_JSON_FALSE)
        || !chain_number(crm_span_member(json, CRM_STR("depth")), &depth)
        || depth > CRM_CHAIN_MAX_FIRED)
    {
        return CRM_EINVAL;
    }

    fired = crm_pool_calloc(pool, CRM_CHAIN_MAX_FIRED, sizeof(crm_str_t));
    chain->id = crm_span_text(id, pool);

    if (fired == NULL || chain->id.data == NULL) {
        return CRM_ENOMEM;
    }

    for (cursor = 0; crm_span_next(list, &cursor, NULL, &value); ) {
        if (value.type != CRM_JSON_STRING
            || chain->fired_count == CRM_CHAIN_MAX_FIRED)
        {
            return CRM_EINVAL;
        }

        fired[chain->fired_count] = crm_span_text(value, pool);
        if (fired[chain->fired_count++].data == NULL) {
            return CRM_ENOMEM;
        }
    }

    chain->depth = (unsigned) depth;
    chain->fired = fired;
    chain->cascade = cascade.type == CRM_JSON_TRUE;
    chain->ignore_lock = ignore.type == CRM_JSON_TRUE;

    return chain_transition(chain, json, pool);
}


static crm_status_t
chain_transition(crm_chain_t *chain, crm_span_t json, crm_pool_t *pool)
{
    crm_span_t  transition, stay;

    transition = crm_span_member(json, CRM_STR("transition"));
    stay = crm_span_member(json, CRM_STR("stay"));

    if (transition.type == CRM_JSON_NONE && stay.type == CRM_JSON_NONE) {
        return CRM_OK;
    }

    if (transition.type != CRM_JSON_STRING || stay.type != CRM_JSON_STRING) {
        return CRM_EINVAL;
    }

    chain->transition = crm_span_text(transition, pool);
    chain->stay = crm_span_text(stay, pool);

    return chain->transition.data && chain->stay.data ? CRM_OK : CRM_ENOMEM;
}


static void
chain_text(crm_buf_t *buf, const crm_chain_grant_t *grant)
{
    char  hex[2 * CRM_DIGEST_LEN + 1];

    chain_hash(hex, grant->body);

    crm_buf_puts(buf, "{\"org\":");
    crm_buf_json(buf, grant->org);
    crm_buf_puts(buf, ",\"method\":");
    crm_buf_json(buf, grant->method);
    crm_buf_puts(buf, ",\"target\":");
    crm_buf_json(buf, grant->target);
    crm_buf_puts(buf, ",\"body\":\"");
    crm_buf_puts(buf, hex);
    crm_buf_puts(buf, "\",\"job\":");
    crm_buf_json(buf, grant->job);
    crm_buf_puts(buf, ",\"attempt\":");
    crm_buf_int(buf, grant->attempt);
    crm_buf_puts(buf, ",\"expires\":");
    crm_buf_int(buf, grant->expires_ms);
    crm_buf_puts(buf, ",\"chain\":");
    crm_chain_encode(buf, &grant->chain);
    crm_buf_putc(buf, '}');
}


static void
chain_hash(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t body)
{
    unsigned char  digest[CRM_DIGEST_LEN];

    crm_digest_sha256(digest, &body, 1);
    crm_digest_hex(hex, digest);
}


static void
chain_mac(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t key, crm_str_t text)
{
    unsigned char  digest[CRM_DIGEST_LEN];

    crm_digest_hmac(digest, key, text);
    crm_digest_hex(hex, digest);
}


/* By any key; each is tried, whatever the ones before it said. */
static int
chain_signed(crm_str_t text, crm_str_t mac, const crm_chain_keys_t *keys)
{
    int            found;
    size_t         i;
    unsigned char  said[CRM_DIGEST_LEN], own[CRM_DIGEST_LEN];

    if (!chain_unhex(said, mac)) {
        return 0;
    }

    found = 0;

    for (i = 0; i < keys->count; i++) {
        crm_digest_hmac(own, keys->keys[i], text);
        found |= crm_digest_same(own, said);
    }

    return found;
}


/* 64 lower-case digits: there is one way to write a MAC. */
static int
chain_unhex(unsigned char digest[CRM_DIGEST_LEN], crm_str_t hex)
{
    char    c;
    size_t  i;
    int     half;

    for (i = 0; i < hex.len; i++) {
        c = hex.data[i];

        if (c >= '0' && c <= '9') {
            half = c - '0';

        } else if (c >= 'a' && c <= 'f') {
            half = c - 'a' + 10;

        } else {
            return 0;
        }

        digest[i / 2] = (unsigned char) (i & 1 ? digest[i / 2] | half
                                               : half << 4);
    }

    return 1;
}


static crm_status_t
chain_read(crm_chain_grant_t *grant, crm_str_t json, long long now_ms,
    crm_pool_t *pool, const char **why)
{
    crm_scan_t         scan;
    crm_span_t         root, job;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    limits.max_nodes = CHAIN_NODES;
    limits.max_depth = CHAIN_DEPTH;
    crm_scan_init(&scan, json, &limits, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK || root.type != CRM_JSON_OBJECT) {
        return chain_refuse(why, "CRM-Chain is not one of ours");
    }

    if (!chain_is_bound(grant, root)) {
        return chain_refuse(why, "CRM-Chain was signed for another request");
    }

    job = crm_span_member(root, CRM_STR("job"));
    rc = crm_chain_decode(&grant->chain,
                          crm_span_member(root, CRM_STR("chain")), pool);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    grant->job = job.type == CRM_JSON_STRING ? crm_span_text(job, pool)
                                             : CRM_STR("");
    if (grant->job.data == NULL) {
        return CRM_ENOMEM;
    }

    if (rc != CRM_OK || grant->chain.depth == 0 || !chain_is_job(grant->job)
        || !chain_number(crm_span_member(root, CRM_STR("attempt")),
                         &grant->attempt)
        || !chain_number(crm_span_member(root, CRM_STR("expires")),
                         &grant->expires_ms))
    {
        return chain_refuse(why, "CRM-Chain is not one of ours");
    }

    if (grant->expires_ms <= now_ms) {
        return chain_refuse(why, "CRM-Chain has expired");
    }

    if (grant->expires_ms > now_ms + CRM_CHAIN_LIFE_MS + CRM_CHAIN_SKEW_MS) {
        return chain_refuse(why, "CRM-Chain holds for longer than it may; do"
                                 " the clocks agree?");
    }

    return CRM_OK;
}


/* To this organisation, method, target and body. */
static int
chain_is_bound(const crm_chain_grant_t *grant, crm_span_t root)
{
    char        hex[2 * CRM_DIGEST_LEN + 1];
    size_t      i;
    crm_str_t   want[4];
    crm_span_t  value;

    static const char *const  names[] = {
        "org", "method", "target", "body"
    };

    chain_hash(hex, grant->body);

    want[0] = grant->org;
    want[1] = grant->method;
    want[2] = grant->target;
    want[3] = crm_str(hex, 2 * CRM_DIGEST_LEN);

    for (i = 0; i < 4; i++) {
        value = crm_span_member(root, crm_strz(names[i]));

        if (value.type != CRM_JSON_STRING || !crm_span_is(value, want[i])) {
            return 0;
        }
    }

    return 1;
}


static int
chain_is_job(crm_str_t job)
{
    char    c;
    size_t  i;

    for (i = 0; i < job.len; i++) {
        c = job.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':'))
        {
            return 0;
        }
    }

    return job.len > 0 && job.len <= CRM_CHAIN_MAX_JOB;
}


/* A whole number from 0 on. */
static int
chain_number(crm_span_t value, long long *n)
{
    size_t  i;

    if (value.type != CRM_JSON_NUMBER || value.len > CHAIN_DIGITS) {
        return 0;
    }

    *n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return 0;
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return 1;
}


static crm_status_t
chain_refuse(const char **why, const char *text)
{
    *why = text;

    return CRM_EINVAL;
}
