/*
 * Replies of Redis, checked. Numbers come as integers or as text, depending
 * on who wrote them; text is read strictly.
 */

#include "state/crm_reply.h"

#include <limits.h>


static int           reply_number(long long *n, crm_str_t s);
static crm_status_t  reply_wrong(const crm_reply_t *reply, const char *want,
    crm_error_t *err);


int
crm_reply_noscript(const crm_reply_t *reply)
{
    return crm_reply_is_error(reply, "NOSCRIPT");
}


int
crm_reply_is_error(const crm_reply_t *reply, const char *word)
{
    size_t  len;

    len = strlen(word);

    return reply->type == CRM_REPLY_ERROR
           && reply->str.len >= len
           && memcmp(reply->str.data, word, len) == 0
           && (reply->str.len == len || reply->str.data[len] == ' ');
}


crm_status_t
crm_reply_text(crm_str_t *text, const crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err)
{
    switch (reply->type) {

    case CRM_REPLY_NIL:
        return CRM_DECLINED;

    case CRM_REPLY_STRING:
    case CRM_REPLY_STATUS:
        *text = crm_pool_dup(pool, reply->str);
        break;

    case CRM_REPLY_INTEGER:
        *text = crm_pool_printf(pool, "%lld", reply->integer);
        break;

    default:
        return reply_wrong(reply, "a text", err);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_reply_integer(long long *n, const crm_reply_t *reply, crm_error_t *err)
{
    switch (reply->type) {

    case CRM_REPLY_NIL:
        return CRM_DECLINED;

    case CRM_REPLY_INTEGER:
        *n = reply->integer;
        return CRM_OK;

    case CRM_REPLY_STRING:
        if (reply_number(n, reply->str)) {
            return CRM_OK;
        }
        break;

    default:
        break;
    }

    return reply_wrong(reply, "an integer", err);
}


crm_status_t
crm_reply_word(crm_str_t *word, const crm_reply_t *reply, size_t min,
    crm_error_t *err)
{
    if (reply->type != CRM_REPLY_ARRAY
        || reply->count < (min ? min : 1)
        || (reply->elements[0].type != CRM_REPLY_STRING
            && reply->elements[0].type != CRM_REPLY_STATUS))
    {
        return reply_wrong(reply, "the answer of our script", err);
    }

    *word = reply->elements[0].str;

    return CRM_OK;
}


crm_status_t
crm_reply_choice(unsigned *choice, const crm_reply_t *reply,
    const char *const *words, const char *script, crm_error_t *err)
{
    unsigned      i;
    crm_str_t     word;
    crm_status_t  rc;

    word = CRM_STR_NULL;
    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; words[i]; i++) {
        if (reply->count == 1 && crm_str_is(word, words[i])) {
            *choice = i;
            return CRM_OK;
        }
    }

    return crm_reply_misshapen(script, err);
}


crm_status_t
crm_reply_number(long long *n, const crm_reply_t *reply, const char *script,
    crm_error_t *err)
{
    crm_status_t  rc;

    rc = crm_reply_integer(n, reply, err);

    return rc == CRM_DECLINED ? crm_reply_misshapen(script, err) : rc;
}


crm_status_t
crm_reply_string(crm_str_t *text, const crm_reply_t *reply, crm_pool_t *pool,
    const char *script, crm_error_t *err)
{
    crm_status_t  rc;

    rc = crm_reply_text(text, reply, pool, err);

    return rc == CRM_DECLINED ? crm_reply_misshapen(script, err) : rc;
}


crm_status_t
crm_reply_misshapen(const char *script, crm_error_t *err)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "the answer of %s has an unexpected shape; does "
                         "another program write the keys crm:*?", script);
}


static int
reply_number(long long *n, crm_str_t s)
{
    int                 negative;
    size_t              i;
    unsigned            digit;
    unsigned long long  value, max;

    negative = s.len && s.data[0] == '-';
    max = negative ? (unsigned long long) LLONG_MAX + 1 : LLONG_MAX;
    value = 0;
    i = negative;

    if (i == s.len) {
        return 0;
    }

    for ( /* void */ ; i < s.len; i++) {
        digit = (unsigned) (unsigned char) s.data[i] - '0';

        if (digit > 9 || value > (max - digit) / 10) {
            return 0;
        }

        value = value * 10 + digit;
    }

    *n = negative ? (long long) (0 - value) : (long long) value;

    return 1;
}


static crm_status_t
reply_wrong(const crm_reply_t *reply, const char *want, crm_error_t *err)
{
    static const char  *types[] = {
        "nothing", "a string", "a status", "an error", "an integer", "an array"
    };

    if (reply->type == CRM_REPLY_ERROR) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%.*s",
                             (int) (reply->str.len < 200
                                    ? reply->str.len : 200),
                             reply->str.data);
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "Redis should have answered %s, not %s",
                         want, types[reply->type]);
}
