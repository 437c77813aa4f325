/*
 * Signatures of webhooks as Standard Webhooks 1.0.0 has them.
 *
 * Signed are the bytes "id.timestamp.body". A secret is "whsec_" followed by
 * base64, or, without that prefix, the bytes as they stand: v1, HMAC-SHA256.
 * "whsk_" and base64 of an ed25519 key (32 bytes, or these and the 32 of the
 * public one) signs v1a.
 *
 * While a secret is rotated there are several, newest first, and as many
 * signatures in that order, so that receivers with either secret agree. Behind
 * a secret may stand "until:" and a time (2026-12-01T12:00:00Z), after which it
 * signs no more.
 */

#ifndef CRM_WORKER_SIGN_H
#define CRM_WORKER_SIGN_H

#include "base/crm_pool.h"

#include <stdint.h>


/* Keys in use at once: the current one and ten old ones. */
#define CRM_WORKER_SIGN_MAX_KEYS       11

/* A key of 64 bytes is the recommended most; longer ones still work. */
#define CRM_WORKER_SIGN_MAX_KEY_BYTES  512


/* An ed25519 key: its seed, and the public key that may stand behind it. */
#define CRM_WORKER_SIGN_ED25519        32

/* How long old keys sign where it is known since when they are old. */
#define CRM_WORKER_SIGN_OLD_S          (24 * 3600)


typedef struct {
    unsigned char  bytes[CRM_WORKER_SIGN_MAX_KEY_BYTES];
    size_t         len;
    int64_t        until_s;         /* of Unix; 0: not said */
    unsigned       ed25519:1;
} crm_worker_sign_key_t;

typedef struct {
    crm_worker_sign_key_t  keys[CRM_WORKER_SIGN_MAX_KEYS];
    unsigned               count;
    int64_t                rotated_s;   /* since when all but the first are
                                           old; 0: not known */
} crm_worker_sign_keys_t;


/*
 * Reads secrets separated by white space, newest first; rotated_s is 0 then.
 * CRM_EINVAL with a sentence when there is none, too many, one that is not
 * base64 after "whsec_" or no key after "whsk_", or an "until:" of no time;
 * the sentence never holds a part of a secret.
 */
crm_status_t crm_worker_sign_parse(crm_worker_sign_keys_t *keys, crm_str_t text,
    crm_error_t *err);

/*
 * Sets *value to the value of webhook-signature, zero-terminated, in the
 * pool. id must hold no "." (CRM_EINVAL). CRM_DECLINED: by the time of the
 * signature each key has come to its end. CRM_ENOMEM also when OpenSSL fails,
 * which it does for want of memory alone.
 */
crm_status_t crm_worker_sign_value(crm_str_t *value,
    const crm_worker_sign_keys_t *keys, crm_str_t id, int64_t timestamp_s,
    crm_str_t body, crm_pool_t *pool);

/* Overwrites the keys before their memory is given back. */
void crm_worker_sign_wipe(crm_worker_sign_keys_t *keys);

#endif
