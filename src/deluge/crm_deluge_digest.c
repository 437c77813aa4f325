/*
 * Functions that digest a TEXT: MD5, SHA and HMAC.
 *
 * OpenSSL's older names are asked for on purpose: the newer ones read a
 * configuration file when they are first used, and the process that runs a
 * script can open none.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/crm_base64.h"
#include "crm_deluge_run.h"


/* Of all that are here. */
#define DIGEST_MAX    SHA512_DIGEST_LENGTH
#define DIGEST_BLOCK  SHA512_CBLOCK

typedef struct {
    size_t    len;
    size_t    block;            /* bytes that it takes at a time */
    void    (*make)(unsigned char *digest, const crm_str_t *parts);
} digest_t;


static crm_status_t digest_of(crm_deluge_call_t *call, const digest_t *of);
static crm_status_t digest_hmac(crm_deluge_call_t *call, const digest_t *of);
static crm_status_t digest_end(crm_deluge_call_t *call,
    const unsigned char *digest, size_t len, int base64);


/* Of two parts one behind the other. */
#define DIGEST_MAKE(name, ctx_t, function)                                    \
    static void                                                               \
    digest_make_##name(unsigned char *digest, const crm_str_t *parts)         \
    {                                                                         \
        ctx_t  ctx;                                                           \
                                                                              \
        (void) function##_Init(&ctx);                                         \
        (void) function##_Update(&ctx, parts[0].data, parts[0].len);          \
        (void) function##_Update(&ctx, parts[1].data, parts[1].len);          \
        (void) function##_Final(digest, &ctx);                                \
    }

DIGEST_MAKE(md5, MD5_CTX, MD5)
DIGEST_MAKE(sha1, SHA_CTX, SHA1)
DIGEST_MAKE(sha256, SHA256_CTX, SHA256)
DIGEST_MAKE(sha512, SHA512_CTX, SHA512)


static const digest_t  digest_md5 = {
    MD5_DIGEST_LENGTH, MD5_CBLOCK, digest_make_md5
};

static const digest_t  digest_sha1 = {
    SHA_DIGEST_LENGTH, SHA_CBLOCK, digest_make_sha1
};

static const digest_t  digest_sha256 = {
    SHA256_DIGEST_LENGTH, SHA256_CBLOCK, digest_make_sha256
};

static const digest_t  digest_sha512 = {
    SHA512_DIGEST_LENGTH, SHA512_CBLOCK, digest_make_sha512
};


#define DIGEST_CALL(name, function, of)                                       \
    static crm_status_t                                                       \
    digest_call_##name(crm_deluge_call_t *call)                               \
    {                                                                         \
        return function(call, &of);                                           \
    }

DIGEST_CALL(md5, digest_of, digest_md5)
DIGEST_CALL(sha1, digest_of, digest_sha1)
DIGEST_CALL(sha256, digest_of, digest_sha256)
DIGEST_CALL(sha512, digest_of, digest_sha512)
DIGEST_CALL(hmac_sha1, digest_hmac, digest_sha1)
DIGEST_CALL(hmac_sha256, digest_hmac, digest_sha256)
DIGEST_CALL(hmac_sha512, digest_hmac, digest_sha512)


const crm_deluge_builtin_t  crm_deluge_digest_builtins[] = {
    { "zoho.encryption.md5", CRM_DELUGE_ON_TEXT, 0, "", digest_call_md5 },
    { "zoho.encryption.sha1", CRM_DELUGE_ON_TEXT, 0, "", digest_call_sha1 },
    { "zoho.encryption.sha256", CRM_DELUGE_ON_TEXT, 0, "t",
      digest_call_sha256 },
    { "zoho.encryption.sha512", CRM_DELUGE_ON_TEXT, 0, "",
      digest_call_sha512 },
    { "zoho.encryption.hmacsha1", CRM_DELUGE_ON_TEXT, 1, "tt",
      digest_call_hmac_sha1 },
    { "zoho.encryption.hmacsha256", CRM_DELUGE_ON_TEXT, 1, "tt",
      digest_call_hmac_sha256 },
    { "zoho.encryption.hmacsha512", CRM_DELUGE_ON_TEXT, 1, "tt",
      digest_call_hmac_sha512 },
    { NULL, 0, 0, NULL, NULL }
};


/* An argument that says how it is written: hex or base64. Raw bytes are no
 * text. */
static crm_status_t
digest_written(crm_deluge_call_t *call, size_t i, int *base64)
{
    crm_str_t  how;

    if (call->count <= i) {
        return CRM_OK;
    }

    how = call->args[i].u.text;
    *base64 = crm_str_caseeq(how, CRM_STR("base64"));

    if (*base64 || crm_str_caseeq(how, CRM_STR("hex"))) {
        return CRM_OK;
    }

    return crm_deluge_throw(call->run, call->place,
               "a digest is written \"hex\" or \"base64\", not \"%.*s\"",
               how.len > 40 ? 40 : (int) how.len, how.data);
}


/* digest(text[, how]) */
static crm_status_t
digest_of(crm_deluge_call_t *call, const digest_t *of)
{
    int           base64;
    crm_str_t     parts[2];
    crm_status_t  rc;

    unsigned char  digest[DIGEST_MAX];

    base64 = 0;
    rc = digest_written(call, 1, &base64);
    if (rc != CRM_OK) {
        return rc;
    }

    parts[0] = call->args[0].u.text;
    parts[1] = CRM_STR("");

    of->make(digest, parts);

    return digest_end(call, digest, of->len, base64);
}


/* hmac(key, text[, how]), RFC 2104 */
static crm_status_t
digest_hmac(crm_deluge_call_t *call, const digest_t *of)
{
    int           base64;
    size_t        i;
    crm_str_t     parts[2];
    crm_status_t  rc;

    unsigned char  digest[DIGEST_MAX], pad[DIGEST_BLOCK];

    base64 = 1;
    rc = digest_written(call, 2, &base64);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(pad, 0, sizeof(pad));
    parts[0] = call->args[0].u.text;
    parts[1] = CRM_STR("");

    if (parts[0].len > of->block) {
        of->make(pad, parts);

    } else if (parts[0].len) {
        memcpy(pad, parts[0].data, parts[0].len);
    }

    for (i = 0; i < of->block; i++) {
        pad[i] ^= 0x36;
    }

    parts[0] = crm_str((const char *) pad, of->block);
    parts[1] = call->args[1].u.text;
    of->make(digest, parts);

    for (i = 0; i < of->block; i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }

    parts[1] = crm_str((const char *) digest, of->len);
    of->make(digest, parts);

    return digest_end(call, digest, of->len, base64);
}


static crm_status_t
digest_end(crm_deluge_call_t *call, const unsigned char *digest, size_t len,
    int base64)
{
    static const char  hex[] = "0123456789abcdef";

    size_t     i;
    crm_buf_t  buf;

    crm_deluge_buf(call->run, &buf);

    if (base64) {
        crm_base64_encode(&buf, crm_str((const char *) digest, len),
                          CRM_BASE64);
    }

    for (i = 0; i < len && !base64; i++) {
        crm_buf_putc(&buf, hex[digest[i] >> 4]);
        crm_buf_putc(&buf, hex[digest[i] & 0x0f]);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}
