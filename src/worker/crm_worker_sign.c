/*
 * Standard Webhooks signatures: HMAC-SHA256, version v1.
 */

#include "crm_worker_sign.h"

#include "base/crm_buf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


#define SIGN_PREFIX  "whsec_"


static int           sign_space(char c);
static crm_status_t  sign_parse_key(crm_worker_sign_key_t *key, crm_str_t text,
    crm_error_t *err);
static crm_status_t  sign_decode(crm_worker_sign_key_t *key, crm_str_t text);


crm_status_t
crm_worker_sign_parse(crm_worker_sign_keys_t *keys, crm_str_t text,
    crm_error_t *err)
{
    size_t        i, start;
    crm_status_t  rc;

    keys->count = 0;

    for (i = 0; i < text.len; /* void */ ) {
        if (sign_space(text.data[i])) {
            i++;
            continue;
        }

        for (start = i; i < text.len && !sign_space(text.data[i]); i++) {
            /* void */
        }

        if (keys->count == CRM_WORKER_SIGN_MAX_KEYS) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "more than %d secrets in one",
                                 CRM_WORKER_SIGN_MAX_KEYS);
        }

        rc = sign_parse_key(&keys->keys[keys->count],
                            crm_str(text.data + start, i - start), err);
        if (rc != CRM_OK) {
            return rc;
        }

        keys->count++;
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
    unsigned       i, mac_len;
    crm_buf_t      text, out;
    crm_str_t      bytes;
    unsigned char  mac[EVP_MAX_MD_SIZE];
    unsigned char  b64[EVP_MAX_MD_SIZE * 2];

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

    bytes = crm_buf_view(&text);
    crm_buf_init(&out, pool, 0);

    for (i = 0; i < keys->count; i++) {
        if (HMAC(EVP_sha256(), keys->keys[i].bytes, (int) keys->keys[i].len,
                 (const unsigned char *) bytes.data, bytes.len, mac, &mac_len)
            == NULL)
        {
            return CRM_ENOMEM;
        }

        EVP_EncodeBlock(b64, mac, (int) mac_len);

        crm_buf_puts(&out, i ? " v1," : "v1,");
        crm_buf_puts(&out, (const char *) b64);
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


static crm_status_t
sign_parse_key(crm_worker_sign_key_t *key, crm_str_t text, crm_error_t *err)
{
    size_t  prefix;

    prefix = sizeof(SIGN_PREFIX) - 1;

    if (text.len >= prefix && memcmp(text.data, SIGN_PREFIX, prefix) == 0) {
        if (sign_decode(key, crm_str(text.data + prefix, text.len - prefix))
            != CRM_OK)
        {
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
