/*
 * A chain header from anybody, and the text of one that a key has signed: the
 * first byte says which. What is believed can be signed again and is believed
 * again; what is not has its sentence.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crm_digest.h"
#include "state/crm_chain.h"


#define KEY  "0123456789abcdef0123456789abcdef"

/* Where the seeds' headers hold. */
#define NOW  1790000000000LL


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static crm_str_t signed_text(crm_str_t json, crm_pool_t *pool);
static void request(crm_chain_grant_t *grant);
static void again(crm_chain_grant_t *grant, const crm_chain_keys_t *keys,
    crm_pool_t *pool);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_str_t          text;
    const char        *why;
    crm_pool_t        *pool;
    crm_chain_keys_t   keys;
    crm_chain_grant_t  grant;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL || size == 0
        || crm_chain_keys_parse(&keys, CRM_STR(KEY), NULL) != CRM_OK)
    {
        crm_pool_destroy(pool);
        return 0;
    }

    text = crm_str((const char *) data + 1, size - 1);

    if (data[0] & 1) {
        text = signed_text(text, pool);
    }

    request(&grant);
    why = NULL;

    switch (crm_chain_verify(&grant, text, &keys, NOW, pool, &why)) {

    case CRM_OK:
        again(&grant, &keys, pool);
        break;

    case CRM_EINVAL:
        if (why == NULL) {
            abort();
        }
        break;

    default:
        abort();
    }

    crm_pool_destroy(pool);

    return 0;
}


static crm_str_t
signed_text(crm_str_t json, crm_pool_t *pool)
{
    char           hex[2 * CRM_DIGEST_LEN + 1];
    size_t         i;
    crm_buf_t      buf;
    unsigned       bits, have;
    unsigned char  mac[CRM_DIGEST_LEN];

    static const char  alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "abcdefghijklmnopqrstuvwxyz0123456789-_";

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "v1.");
    bits = 0;
    have = 0;

    for (i = 0; i < json.len; i++) {
        bits = (bits << 8 | (unsigned char) json.data[i]) & 0xffff;

        for (have += 8; have >= 6; have -= 6) {
            crm_buf_putc(&buf, alphabet[(bits >> (have - 6)) & 63]);
        }
    }

    if (have) {
        crm_buf_putc(&buf, alphabet[(bits << (6 - have)) & 63]);
    }

    crm_digest_hmac(mac, CRM_STR(KEY), crm_buf_view(&buf));
    crm_digest_hex(hex, mac);
    crm_buf_putc(&buf, '.');
    crm_buf_puts(&buf, hex);

    return crm_buf_view(&buf);
}


static void
request(crm_chain_grant_t *grant)
{
    memset(grant, 0, sizeof(crm_chain_grant_t));

    grant->org = CRM_STR("acme");
    grant->method = CRM_STR("PUT");
    grant->target = CRM_STR("/crm/v8/Deals/1");
    grant->body = CRM_STR("{}");
}


static void
again(crm_chain_grant_t *grant, const crm_chain_keys_t *keys,
    crm_pool_t *pool)
{
    crm_buf_t          buf;
    const char        *why;
    crm_status_t       rc;
    crm_chain_grant_t  second;

    crm_buf_init(&buf, pool, 0);

    rc = crm_chain_sign(&buf, grant, keys, pool);
    if (rc == CRM_ELIMIT) {
        return;
    }

    request(&second);

    if (rc != CRM_OK
        || crm_chain_verify(&second, crm_buf_view(&buf), keys, NOW, pool,
                            &why) != CRM_OK
        || !crm_str_eq(second.job, grant->job)
        || second.expires_ms != grant->expires_ms
        || second.chain.depth != grant->chain.depth
        || second.chain.fired_count != grant->chain.fired_count)
    {
        abort();
    }
}
