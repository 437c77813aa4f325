/*
 * A reply of Redis as the core sees it: no connection, no client library.
 *
 * The host fills it from what its client gave it, in one small function, and
 * the readers of crm_state.h and crm_take.h take it from there. Whatever a
 * server may send is a legal crm_reply_t; what makes no sense is CRM_EINVAL.
 */

#ifndef CRM_REPLY_H
#define CRM_REPLY_H

#include "base/crm_pool.h"


typedef enum {
    CRM_REPLY_NIL = 0,
    CRM_REPLY_STRING,
    CRM_REPLY_STATUS,           /* +OK */
    CRM_REPLY_ERROR,            /* -OOM …: str without the dash */
    CRM_REPLY_INTEGER,
    CRM_REPLY_ARRAY
} crm_reply_type_t;

typedef struct crm_reply_s  crm_reply_t;

struct crm_reply_s {
    crm_reply_type_t   type;
    crm_str_t          str;         /* of STRING, STATUS and ERROR */
    long long          integer;     /* of INTEGER */
    size_t             count;       /* of ARRAY */
    crm_reply_t       *elements;
};


/* Replies above this are refused by the hosts: the largest honest one is a
 * take of 100 jobs, the bundle of a large rule set comes next. */
#define CRM_REPLY_MAX_BYTES  (128 * 1024 * 1024)


/* Does reply say that Redis does not know the script? Then send it as EVAL. */
int crm_reply_noscript(const crm_reply_t *reply);

/* Is it the error that begins with this word, such as "OOM"? */
int crm_reply_is_error(const crm_reply_t *reply, const char *word);

/* A string or status, or an integer as text in pool. CRM_DECLINED: nil. */
crm_status_t crm_reply_text(crm_str_t *text, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);

/* An integer, or a string that is one. CRM_DECLINED: nil. */
crm_status_t crm_reply_integer(long long *n, const crm_reply_t *reply,
    crm_error_t *err);

/*
 * The status word with which each of our scripts begins its reply: an array
 * of at least min elements. An error of Redis comes back as CRM_EINVAL with
 * its text.
 */
crm_status_t crm_reply_word(crm_str_t *word, const crm_reply_t *reply,
    size_t min, crm_error_t *err);

/*
 * A reply that is nothing but its status word: *choice is the word's index in
 * words, which ends with NULL. Any other word, or anything behind it, is
 * another script's answer: CRM_EINVAL, naming script.
 */
crm_status_t crm_reply_choice(unsigned *choice, const crm_reply_t *reply,
    const char *const *words, const char *script, crm_error_t *err);

/* As crm_reply_integer(), but a nil is none either: CRM_EINVAL. */
crm_status_t crm_reply_number(long long *n, const crm_reply_t *reply,
    const char *script, crm_error_t *err);

/* As crm_reply_text(), but nothing is no text either: CRM_EINVAL. */
crm_status_t crm_reply_string(crm_str_t *text, const crm_reply_t *reply,
    crm_pool_t *pool, const char *script, crm_error_t *err);

/* CRM_EINVAL: the answer of script is not of the shape that it gives. */
crm_status_t crm_reply_misshapen(const char *script, crm_error_t *err);

#endif
