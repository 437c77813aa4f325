/*
 * Standard Webhooks signatures: HMAC-SHA256 is version v1, ed25519 v1a.
 */

#include "crm_worker_sign.h"

#include "base/crm_buf.h"
#include "record/crm_moment.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


#define SIGN_PREFIX   "whsec_"
#define SIGN_PRIVATE  "whsk_"
#define SIGN_UNTIL    "until:"

/* The longest of them, and its base64. */
#define SIGN_MAX      64
#define SIGN_MAX_B64  (SIGN_MAX / 3 * 4 + 5)


static int           sign_space(char c);
static int           sign_begins(crm_str_t *rest, crm_str_t text,
    const char *prefix);
static crm_status_t  sign_parse_word(crm_worker_sign_keys_t *keys,
    crm_str_t text, crm_error_t *err);
static crm_status_t  sign_parse_until(crm_worker_sign_keys_t *keys,
    crm_str_t text, crm_error_t *err);
static crm_status_t  sign_parse_key(crm_worker_sign_key_t *key, crm_str_t text,
    crm_error_t *err);
static crm_status_t  sign_parse_private(crm_worker_sign_key_t *key,
    crm_str_t text, crm_error_t *err);
static int           sign_ended(const crm_worker_sign_keys_t *keys,
    unsigned i, int64_t now_s);
static crm_status_t  sign_one(crm_buf_t *out, const crm_worker_sign_key_t *key,
    crm_str_t bytes);
static int           sign_ed25519(unsigned char *signature,
    const crm_worker_sign_key_t *key, crm_str_t bytes);
static crm_status_t  sign_decode(crm_worker_sign_key_t *key, crm_str_t text);


crm_status_t
crm_worker_sign_parse(crm_worker_sign_keys_t *keys, crm_str_t text,
    crm_error_t *err)
{
    size_t        i, start;
    crm_status_t  rc;

    keys->count = 0;
    keys->rotated_s = 0;

    for (i = 0; i < text.len; /* void */ ) {
        if (sign_space(text.data[i])) {
            i++;
            continue;
        }

        for (start = i; i < text.len && !sign_space(text.data[i]); i++) {
            /* void */
        }

        rc = sign_parse_word(keys, crm_str(text.data + start, i - start),
                             err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (keys->count == 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the secret is empty");
    }

    return CRM_OK;
}


crm_status_t
crm_worker_sign_value(crm_str_t *value, const crm_worker_sign_keys_t *keys,
    crm_str_t id, int64_t timestamp_s, crm_str_t body, crm_pool_t *pool)
{
    unsigned      i;
    crm_buf_t     text, out;
    crm_status_t  rc;

    if (id.len == 0 || memchr(id.data, '.', id.len) != NULL) {
        return CRM_EINVAL;
    }

    crm_buf_init(&text, pool, 0);
    crm_buf_str(&text, id);
    crm_buf_putc(&text, '.');
    crm_buf_int(&text, (long long) timestamp_s);
    crm_buf_putc(&text, '.');
    crm_buf_str(&text, body);

    if (crm_buf_status(&text) != CRM_OK) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&out, pool, 0);

    for (i = 0; i < keys->count; i++) {
        if (sign_ended(keys, i, timestamp_s)) {
            continue;
        }

        rc = sign_one(&out, &keys->keys[i], crm_buf_view(&text));
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (crm_buf_status(&out) == CRM_OK && crm_buf_view(&out).len == 0) {
        return CRM_DECLINED;
    }

    crm_buf_putc(&out, '\0');

    if (crm_buf_status(&out) != CRM_OK) {
        return CRM_ENOMEM;
    }

    *value = crm_buf_view(&out);
    value->len--;

    return CRM_OK;
}


void
crm_worker_sign_wipe(crm_worker_sign_keys_t *keys)
{
    OPENSSL_cleanse(keys, sizeof(crm_worker_sign_keys_t));
}


static int
sign_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static int
sign_begins(crm_str_t *rest, crm_str_t text, const char *prefix)
{
    size_t  len;

    len = strlen(prefix);

    if (text.len < len || memcmp(text.data, prefix, len) != 0) {
        return 0;
    }

    *rest = crm_str(text.data + len, text.len - len);

    return 1;
}


static crm_status_t
sign_parse_word(crm_worker_sign_keys_t *keys, crm_str_t text,
    crm_error_t *err)
{
    crm_str_t     rest;
    crm_status_t  rc;

    if (sign_begins(&rest, text, SIGN_UNTIL)) {
        return sign_parse_until(keys, rest, err);
    }

    if (keys->count == CRM_WORKER_SIGN_MAX_KEYS) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "more than %d secrets in one",
                             CRM_WORKER_SIGN_MAX_KEYS);
    }

    memset(&keys->keys[keys->count], 0, sizeof(crm_worker_sign_key_t));

    rc = sign_parse_key(&keys->keys[keys->count], text, err);

    if (rc == CRM_OK) {
        keys->count++;
    }

    return rc;
}


static crm_status_t
sign_parse_until(crm_worker_sign_keys_t *keys, crm_str_t text,
    crm_error_t *err)
{
    crm_moment_t            moment;
    crm_worker_sign_key_t  *key;

    key = keys->count ? &keys->keys[keys->count - 1] : NULL;

    if (key == NULL || key->until_s != 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "one until: may stand behind the secret that it "
                             "is about");
    }

    if (crm_moment_parse(&moment, text, NULL) != CRM_OK || !moment.timed
        || moment.us <= 0)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "after until: stands a time, as in "
                             "until:2026-12-01T12:00:00Z");
    }

    key->until_s = (int64_t) (moment.us / 1000000);

    return CRM_OK;
}


static crm_status_t
sign_parse_key(crm_worker_sign_key_t *key, crm_str_t text, crm_error_t *err)
{
    crm_str_t  rest;

    if (sign_begins(&rest, text, SIGN_PRIVATE)) {
        return sign_parse_private(key, rest, err);
    }

    if (sign_begins(&rest, text, SIGN_PREFIX)) {
        if (sign_decode(key, rest) != CRM_OK) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "what follows whsec_ is not base64 of 1 to "
                                 "%d bytes", CRM_WORKER_SIGN_MAX_KEY_BYTES);
        }

        return CRM_OK;
    }

    if (text.len > sizeof(key->bytes)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a secret is longer than %d bytes",
                             CRM_WORKER_SIGN_MAX_KEY_BYTES);
    }

    memcpy(key->bytes, text.data, text.len);
    key->len = text.len;

    return CRM_OK;
}


/* A public key that stands behind the seed must be the seed's: with another
 * one each signature would be wrong, and nobody would know why. */
static crm_status_t
sign_parse_private(crm_worker_sign_key_t *key, crm_str_t text,
    crm_error_t *err)
{
    int             ok;
    size_t          len;
    EVP_PKEY       *pkey;
    unsigned char   public[CRM_WORKER_SIGN_ED25519];

    key->ed25519 = 1;

    if (sign_decode(key, text) != CRM_OK
        || (key->len != CRM_WORKER_SIGN_ED25519
            && key->len != 2 * CRM_WORKER_SIGN_ED25519))
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "what follows whsk_ is not base64 of an ed25519 "
                             "key: 32 bytes, or these and the public key's");
    }

    pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->bytes,
                                        CRM_WORKER_SIGN_ED25519);
    len = sizeof(public);

    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, public, &len) != 1) {
        EVP_PKEY_free(pkey);
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    EVP_PKEY_free(pkey);

    ok = key->len == CRM_WORKER_SIGN_ED25519
         || memcmp(key->bytes + CRM_WORKER_SIGN_ED25519, public, len) == 0;
    key->len = CRM_WORKER_SIGN_ED25519;

    return ok ? CRM_OK
              : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                              "the public key behind that of whsk_ is "
                              "another's");
}


static int
sign_ended(const crm_worker_sign_keys_t *keys, unsigned i, int64_t now_s)
{
    int64_t  until_s;

    until_s = keys->keys[i].until_s;

    if (until_s == 0 && i > 0 && keys->rotated_s != 0) {
        until_s = keys->rotated_s + CRM_WORKER_SIGN_OLD_S;
    }

    return until_s != 0 && now_s >= until_s;
}


static crm_status_t
sign_one(crm_buf_t *out, const crm_worker_sign_key_t *key, crm_str_t bytes)
{
    unsigned       len;
    unsigned char  b64[SIGN_MAX_B64], signature[SIGN_MAX];

    if (key->ed25519) {
        len = SIGN_MAX;

        if (!sign_ed25519(signature, key, bytes)) {
            return CRM_ENOMEM;
        }

    } else if (HMAC(EVP_sha256(), key->bytes, (int) key->len,
                    (const unsigned char *) bytes.data, bytes.len, signature,
                    &len)
               == NULL)
    {
        return CRM_ENOMEM;
    }

    EVP_EncodeBlock(b64, signature, (int) len);

    crm_buf_puts(out, crm_buf_view(out).len ? " " : "");
    crm_buf_puts(out, key->ed25519 ? "v1a," : "v1,");
    crm_buf_puts(out, (const char *) b64);

    return crm_buf_status(out);
}


static int
sign_ed25519(unsigned char *signature, const crm_worker_sign_key_t *key,
    crm_str_t bytes)
{
    int          ok;
    size_t       len;
    EVP_PKEY    *pkey;
    EVP_MD_CTX  *ctx;

    len = SIGN_MAX;
    ctx = EVP_MD_CTX_new();
    pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->bytes,
                                        key->len);

    ok = ctx != NULL && pkey != NULL
         && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1
         && EVP_DigestSign(ctx, signature, &len,
                           (const unsigned char *) bytes.data, bytes.len) == 1
         && len == SIGN_MAX;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);

    return ok;
}


/* Base64 with or without its padding, since tools print both. */
static crm_status_t
sign_decode(crm_worker_sign_key_t *key, crm_str_t text)
{
    int            n;
    size_t         len, pad;
    unsigned char  in[(CRM_WORKER_SIGN_MAX_KEY_BYTES / 3 + 1) * 4];
    unsigned char  out[(CRM_WORKER_SIGN_MAX_KEY_BYTES / 3 + 1) * 3];

    for (len = text.len; len > 0 && text.data[len - 1] == '='; len--) {
        /* void */
    }

    pad = (4 - len % 4) % 4;

    if (len == 0 || pad == 3 || len + pad > sizeof(in)
        || (len != text.len && text.len != len + pad)
        || memchr(text.data, '=', len) != NULL)
    {
        return CRM_EINVAL;
    }

    memcpy(in, text.data, len);
    memset(in + len, '=', pad);

    n = EVP_DecodeBlock(out, in, (int) (len + pad));
    if (n < 0 || (size_t) n - pad > sizeof(key->bytes)) {
        return CRM_EINVAL;
    }

    key->len = (size_t) n - pad;
    memcpy(key->bytes, out, key->len);
    OPENSSL_cleanse(in, sizeof(in));
    OPENSSL_cleanse(out, sizeof(out));

    return CRM_OK;
}
