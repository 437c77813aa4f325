/*
 * The chain: which rules led to a write of automation's own, and the header
 * by which nginx believes it.
 *
 * The worker writes records through the guarded location, with the header
 *
 *     CRM-Chain: v1.TEXT.MAC
 *
 * TEXT is the base64url (RFC 4648, no padding) of one JSON object
 *
 *     {"org", "method", "target", "body": SHA-256 of the body in hex,
 *      "job", "attempt", "expires": ms since 1970,
 *      "chain": {"id", "depth", "fired": [...], "cascade", "ignore_lock"}}
 *
 * and MAC is HMAC-SHA256 over "v1.TEXT" in hex, keyed by a line of the chain
 * key file. What is bound cannot be moved to another organisation, method,
 * target or body; who accepts it sees to it that it is used once
 * (scripts/chain.lua).
 */

#ifndef CRM_CHAIN_H
#define CRM_CHAIN_H

#include "base/crm_buf.h"
#include "record/crm_scan.h"


/* A chain of rules ends here. */
#define CRM_CHAIN_MAX_DEPTH  5

/* Rules in one chain: each write adds one, so that more is nobody's. */
#define CRM_CHAIN_MAX_FIRED  16

/* How long a header holds, and how far clocks may be apart besides. */
#define CRM_CHAIN_LIFE_MS    60000
#define CRM_CHAIN_SKEW_MS    60000

/* What servers take in a line. */
#define CRM_CHAIN_MAX_HEADER  8000

/* Of a key file: the first line signs, all verify. */
#define CRM_CHAIN_KEYS       2
#define CRM_CHAIN_KEY_MIN    32
#define CRM_CHAIN_KEY_MAX    1024
#define CRM_CHAIN_FILE_MAX   4096

/* Of a job's id, which becomes part of a Redis key. */
#define CRM_CHAIN_MAX_JOB    128


/* Of the rules that led to a write of automation's own: who may not fire in it
 * again. */
typedef struct {
    crm_str_t         id;           /* the event that began it */
    unsigned          depth;        /* writes of automation's in it so far,
                                       this one included: 1.. */
    const crm_str_t  *fired;        /* ids of the rules so far */
    size_t            fired_count;
    int               cascade;      /* the last of them has cascade: true */
    int               ignore_lock;  /* or ignore_lock: true */
    crm_str_t         transition;   /* of a blueprint, that runs by itself: its
                                       id; or empty */
    crm_str_t         stay;         /* then: the event by which the record came
                                       into the state that it leaves */
} crm_chain_t;

typedef struct {
    crm_str_t  keys[CRM_CHAIN_KEYS];
    size_t     count;               /* 0: no file is configured */
} crm_chain_keys_t;

/* A write and who asks for it. */
typedef struct {
    crm_str_t    org;
    crm_str_t    method;
    crm_str_t    target;            /* raw path and query, as sent */
    crm_str_t    body;              /* the bytes themselves */

    crm_str_t    job;
    long long    attempt;
    long long    expires_ms;
    crm_chain_t  chain;
} crm_chain_grant_t;


/*
 * The keys of a file's text, which is borrowed: one or two lines of
 * CRM_CHAIN_KEY_MIN bytes at least, each its key as it stands (blanks at its
 * end aside). CRM_EINVAL with a sentence that holds no part of a key.
 */
crm_status_t crm_chain_keys_parse(crm_chain_keys_t *keys, crm_str_t text,
    crm_error_t *err);

/* Writes the value of the header. There must be a key. CRM_OK or CRM_ENOMEM;
 * CRM_ELIMIT when it would be longer than a header may be. */
crm_status_t crm_chain_sign(crm_buf_t *buf, const crm_chain_grant_t *grant,
    const crm_chain_keys_t *keys, crm_pool_t *pool);

/*
 * Is header what grant's org, method, target and body, which the caller has
 * filled, were signed with, and does it still hold? Then the rest of grant is
 * filled. CRM_EINVAL with *why (a constant, for people); CRM_ENOMEM.
 */
crm_status_t crm_chain_verify(crm_chain_grant_t *grant, crm_str_t header,
    const crm_chain_keys_t *keys, long long now_ms, crm_pool_t *pool,
    const char **why);

/* The chain as one JSON object, in headers, jobs and intents alike. */
void crm_chain_encode(crm_buf_t *buf, const crm_chain_t *chain);

/* Reads it back. CRM_EINVAL: it is none; CRM_ENOMEM. */
crm_status_t crm_chain_decode(crm_chain_t *chain, crm_span_t json,
    crm_pool_t *pool);

#endif
