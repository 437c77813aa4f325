/*
 * Whatever Redis may answer, through every reader of replies.
 *
 * The first byte chooses the reader, the second how many records or leases it
 * asked about; the rest is a tree, or the bytes of one on the wire, which
 * hiredis then reads as it does for the hosts. Besides not crashing: what the
 * readers of the request's side keep outlives the reply; what they took is
 * within its range; what they refused has its sentence.
 */

#include <hiredis/hiredis.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state/crm_recover.h"
#include "state/crm_state.h"
#include "state/crm_take.h"


#define MAX_ELEMENTS  512
#define MAX_DEPTH     8
#define MAX_DIGITS    5         /* of an array's length on the wire */
#define ON_THE_WIRE   0x80

#define READERS       13


/* What is left of the input. */
typedef struct {
    const uint8_t  *p;
    const uint8_t  *last;
} rest_t;


static crm_reply_t *tree_of(rest_t *rest, crm_pool_t *pool);
static void tree_take(crm_reply_t *to, rest_t *rest, crm_pool_t *pool,
    unsigned depth);
static crm_reply_t *wire_of(rest_t *rest, crm_pool_t *pool);
static int wire_is_huge(const rest_t *rest);
static void wire_take(crm_reply_t *to, const redisReply *from,
    crm_pool_t *pool);
static crm_str_t own(const uint8_t *p, size_t len, crm_pool_t *pool);
static uint8_t take_byte(rest_t *rest);

static crm_status_t read_state(unsigned reader, size_t n,
    const crm_reply_t *reply, crm_pool_t **tree, crm_error_t *err);
static crm_status_t read_begin(size_t n, const crm_reply_t *reply,
    crm_pool_t *pool, crm_pool_t **tree, crm_error_t *err);
static crm_status_t read_rules(const crm_reply_t *reply, crm_pool_t *pool,
    crm_pool_t **tree, crm_error_t *err);
static crm_status_t read_take(unsigned reader, size_t n,
    const crm_reply_t *reply, crm_error_t *err);
static crm_status_t read_jobs(const crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err);
static crm_status_t read_claims(const crm_reply_t *reply, crm_pool_t *pool,
    crm_error_t *err);
static crm_status_t read_plain(const crm_reply_t *reply, crm_error_t *err);

static void gone(crm_pool_t **tree);
static size_t touch(crm_str_t text);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static volatile unsigned  touched;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         n;
    rest_t         rest;
    unsigned       reader;
    crm_pool_t    *pool;
    crm_error_t    err;
    crm_reply_t   *reply;
    crm_status_t   rc;

    if (size < 2) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    rest.p = data + 2;
    rest.last = data + size;
    reader = (data[0] & ~ON_THE_WIRE) % READERS;
    n = data[1] % 8;

    reply = data[0] & ON_THE_WIRE ? wire_of(&rest, pool)
                                  : tree_of(&rest, pool);
    if (reply == NULL) {
        crm_pool_destroy(pool);
        return 0;
    }

    memset(&err, 0, sizeof(crm_error_t));

    rc = reader < 6 ? read_state(reader, n, reply, &pool, &err)
         : reader < READERS - 1 ? read_take(reader, n, reply, &err)
         : read_plain(reply, &err);

    check(rc == CRM_OK || rc == CRM_EINVAL || rc == CRM_ENOMEM
          || (rc == CRM_DECLINED && reader == READERS - 1));

    if (rc == CRM_EINVAL) {
        check(err.code == CRM_EINVAL);
        check(memchr(err.text, '\0', sizeof(err.text)) != NULL);
    }

    gone(&pool);

    return 0;
}


/* --- replies ---------------------------------------------------------------*/


static crm_reply_t *
tree_of(rest_t *rest, crm_pool_t *pool)
{
    crm_reply_t  *reply;

    reply = crm_pool_calloc(pool, 1, sizeof(crm_reply_t));
    if (reply != NULL) {
        tree_take(reply, rest, pool, 0);
    }

    return reply;
}


/*
 * A byte: three bits of type, five of length. Types 6 and 7 are the words and
 * numbers of which our scripts' answers are made.
 */
static void
tree_take(crm_reply_t *to, rest_t *rest, crm_pool_t *pool, unsigned depth)
{
    size_t   i, len;
    uint8_t  byte;

    static const char *const  words[] = {
        "ok", "busy", "epoch", "settled", "committed", "aborted", "lost",
        "done", "late", "stale", "conflict", "webhooks", "Leads/42", "lock",
        "once:r", "[\"r\"]"
    };

    byte = take_byte(rest);
    len = byte & 31;

    switch (byte >> 5) {

    case CRM_REPLY_NIL:
        return;

    case CRM_REPLY_INTEGER:
        to->type = CRM_REPLY_INTEGER;
        for (i = 0; i < 8; i++) {
            to->integer = (long long) ((unsigned long long) to->integer << 8
                                       | take_byte(rest));
        }
        return;

    case CRM_REPLY_ARRAY:
        to->type = CRM_REPLY_ARRAY;
        if (depth == MAX_DEPTH) {
            return;
        }

        to->elements = crm_pool_calloc(pool, len + 1, sizeof(crm_reply_t));
        if (to->elements == NULL) {
            return;
        }

        to->count = len;
        for (i = 0; i < len; i++) {
            tree_take(&to->elements[i], rest, pool, depth + 1);
        }
        return;

    case 6:
        to->type = CRM_REPLY_STRING;
        to->str = own((const uint8_t *) words[len % 16],
                      strlen(words[len % 16]), pool);
        return;

    case 7:
        to->type = CRM_REPLY_INTEGER;
        to->integer = (long long) len - 8;
        return;

    default:
        to->type = (crm_reply_type_t) (byte >> 5);
        if (len > (size_t) (rest->last - rest->p)) {
            len = (size_t) (rest->last - rest->p);
        }
        to->str = own(rest->p, len, pool);
        rest->p += len;
    }
}


/* The first reply of the bytes, as hiredis reads them; NULL: none came. */
static crm_reply_t *
wire_of(rest_t *rest, crm_pool_t *pool)
{
    size_t        half;
    void         *object;
    redisReader  *reader;
    crm_reply_t  *reply;

    if (wire_is_huge(rest)) {
        return NULL;
    }

    reader = redisReaderCreate();
    if (reader == NULL) {
        return NULL;
    }

    object = NULL;
    reply = NULL;
    half = (size_t) (rest->last - rest->p) / 2;

    /* in two pieces, as the network may bring them */
    if (redisReaderFeed(reader, (const char *) rest->p, half) == REDIS_OK
        && redisReaderGetReply(reader, &object) == REDIS_OK
        && object == NULL
        && redisReaderFeed(reader, (const char *) rest->p + half,
                           (size_t) (rest->last - rest->p) - half)
           == REDIS_OK)
    {
        (void) redisReaderGetReply(reader, &object);
    }

    if (object != NULL) {
        reply = crm_pool_calloc(pool, 1, sizeof(crm_reply_t));
        if (reply != NULL) {
            wire_take(reply, object, pool);
        }

        freeReplyObject(object);
    }

    redisReaderFree(reader);

    return reply;
}


/* hiredis allots the elements of an array before it has seen them. */
static int
wire_is_huge(const rest_t *rest)
{
    size_t          digits;
    const uint8_t  *p;

    for (p = rest->p, digits = 0; p < rest->last; p++) {
        digits = *p >= '0' && *p <= '9' ? digits + 1 : 0;

        if (digits > MAX_DIGITS) {
            return 1;
        }
    }

    return 0;
}


static void
wire_take(crm_reply_t *to, const redisReply *from, crm_pool_t *pool)
{
    size_t  i;

    switch (from->type) {

    case REDIS_REPLY_INTEGER:
        to->type = CRM_REPLY_INTEGER;
        to->integer = from->integer;
        return;

    case REDIS_REPLY_ARRAY:
        to->type = CRM_REPLY_ARRAY;
        to->elements = crm_pool_calloc(pool, from->elements + 1,
                                       sizeof(crm_reply_t));
        if (to->elements == NULL) {
            return;
        }

        to->count = from->elements;
        for (i = 0; i < from->elements; i++) {
            wire_take(&to->elements[i], from->element[i], pool);
        }
        return;

    case REDIS_REPLY_STRING:
        to->type = CRM_REPLY_STRING;
        break;

    case REDIS_REPLY_STATUS:
        to->type = CRM_REPLY_STATUS;
        break;

    case REDIS_REPLY_ERROR:
        to->type = CRM_REPLY_ERROR;
        break;

    default:
        return;
    }

    to->str = own((const uint8_t *) from->str, (size_t) from->len, pool);
}


/* A copy in a piece of its own, as long as it is: no zero byte stands behind
 * it that somebody might count on. */
static crm_str_t
own(const uint8_t *p, size_t len, crm_pool_t *pool)
{
    char  *copy;

    copy = malloc(len ? len : 1);

    if (copy == NULL || crm_pool_on_destroy(pool, free, copy) != CRM_OK) {
        return CRM_STR_NULL;
    }

    if (len) {
        memcpy(copy, p, len);
    }

    return crm_str(copy, len);
}


static uint8_t
take_byte(rest_t *rest)
{
    return rest->p < rest->last ? *rest->p++ : 0;
}


/* --- readers ---------------------------------------------------------------*/


static crm_status_t
read_state(unsigned reader, size_t n, const crm_reply_t *reply,
    crm_pool_t **tree, crm_error_t *err)
{
    crm_pool_t            *pool;
    crm_commit_t           commit;
    crm_status_t           rc;
    crm_publish_t          publish;
    crm_abort_status_t     abort_status;
    crm_prepare_status_t   prepare_status;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    switch (reader) {

    case 0:
        rc = read_begin(n, reply, pool, tree, err);
        break;

    case 1:
        rc = crm_state_prepare(&prepare_status, reply, err);
        check(rc != CRM_OK || prepare_status <= CRM_PREPARE_LOST);
        break;

    case 2:
        rc = crm_state_commit(&commit, reply, err);
        check(rc != CRM_OK || commit.status <= CRM_COMMIT_LAPSED);
        break;

    case 3:
        rc = crm_state_abort(&abort_status, reply, err);
        check(rc != CRM_OK || abort_status <= CRM_ABORT_STALE);
        break;

    case 4:
        rc = read_rules(reply, pool, tree, err);
        break;

    default:
        rc = crm_state_publish(&publish, reply, pool, err);
        gone(tree);

        if (rc == CRM_OK) {
            touched += touch(publish.epoch);
        }
    }

    crm_pool_destroy(pool);

    return rc;
}


static crm_status_t
read_begin(size_t n, const crm_reply_t *reply, crm_pool_t *pool,
    crm_pool_t **tree, crm_error_t *err)
{
    size_t        i, j;
    crm_begin_t   begin;
    crm_state_t  *state;
    crm_status_t  rc;

    rc = crm_state_begin(&begin, reply, n, pool, err);
    gone(tree);

    if (rc != CRM_OK) {
        return rc;
    }

    check(begin.status <= CRM_BEGIN_SETTLED);

    if (begin.status == CRM_BEGIN_EPOCH) {
        touched += touch(begin.epoch);
    }

    if (begin.status != CRM_BEGIN_OK) {
        return CRM_OK;
    }

    check(begin.n_states == n);

    for (i = 0; i < n; i++) {
        state = &begin.states[i];

        for (j = 0; j < state->n_locks; j++) {
            touched += touch(state->locks[j]);
            check(crm_state_has_lock(state, state->locks[j]));
        }

        for (j = 0; j < state->n_once; j++) {
            touched += touch(state->once[j]);
            check(crm_state_has_once(state, state->once[j]));
        }
    }

    return CRM_OK;
}


static crm_status_t
read_rules(const crm_reply_t *reply, crm_pool_t *pool, crm_pool_t **tree,
    crm_error_t *err)
{
    crm_rules_t   rules;
    crm_status_t  rc;

    rc = crm_state_rules(&rules, reply, pool, err);
    gone(tree);

    if (rc == CRM_OK) {
        touched += touch(rules.epoch);
    }

    return rc;
}


static crm_status_t
read_take(unsigned reader, size_t n, const crm_reply_t *reply,
    crm_error_t *err)
{
    crm_str_t              note;
    int                    held[8];
    size_t                 i;
    crm_pool_t            *pool;
    crm_reaped_t           reaped;
    crm_settle_t           settle;
    crm_status_t           rc;
    crm_promoted_t         promoted;
    crm_recover_status_t   status;

    switch (reader) {

    case 6:
    case 11:
        pool = crm_pool_create(crm_host_malloc(), 0);
        if (pool == NULL) {
            return CRM_ENOMEM;
        }

        rc = reader == 6 ? read_jobs(reply, pool, err)
                         : read_claims(reply, pool, err);
        crm_pool_destroy(pool);
        return rc;

    case 7:
        rc = crm_take_held(held, n, reply, err);
        for (i = 0; rc == CRM_OK && i < n; i++) {
            check(held[i] == 0 || held[i] == 1);
        }
        return rc;

    case 8:
        rc = crm_take_settled(&settle, &note, reply, err);
        check(rc != CRM_OK || settle <= CRM_SETTLE_STALE);
        check(rc != CRM_OK || note.len == 0 || note.data != NULL);
        return rc;

    case 10:
        rc = crm_recover_status(&status, reply, err);
        check(rc != CRM_OK || status <= CRM_RECOVER_STALE);
        return rc;

    default:
        rc = crm_take_promoted(&promoted, reply, err);
        check(crm_take_reaped(&reaped, reply, err) != CRM_OK || rc == CRM_OK);
        return rc;
    }
}


static crm_status_t
read_jobs(const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err)
{
    size_t        i;
    crm_take_t    take;
    crm_status_t  rc;

    rc = crm_take_parse(&take, reply, pool, err);

    for (i = 0; rc == CRM_OK && i < take.n_jobs; i++) {
        check(take.jobs[i].queue < CRM_QUEUE_COUNT);
        touched += touch(take.jobs[i].lease.id) + touch(take.jobs[i].body);
    }

    return rc;
}


static crm_status_t
read_claims(const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err)
{
    size_t              i, j;
    crm_claim_t        *claim;
    crm_status_t        rc;
    crm_recover_t       recover;
    crm_record_name_t  *name;

    rc = crm_recover_parse(&recover, reply, pool, err);

    for (i = 0; rc == CRM_OK && i < recover.n_claims; i++) {
        claim = &recover.claims[i];
        touched += touch(claim->event) + touch(claim->doc);

        for (j = 0; j < claim->n_records; j++) {
            name = &claim->records[j];
            touched += touch(name->module) + touch(name->id);
        }
    }

    return rc;
}


/* The two that others are made of; an integer's text is that integer. */
static crm_status_t
read_plain(const crm_reply_t *reply, crm_error_t *err)
{
    long long      n, again;
    crm_str_t      text;
    crm_pool_t    *pool;
    crm_reply_t    other;
    crm_status_t   rc;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_reply_text(&text, reply, pool, err);
    if (rc == CRM_OK) {
        touched += touch(text);
    }

    rc = crm_reply_integer(&n, reply, err);
    if (rc == CRM_OK && reply->type == CRM_REPLY_INTEGER
        && crm_reply_text(&text, reply, pool, err) == CRM_OK)
    {
        memset(&other, 0, sizeof(crm_reply_t));
        other.type = CRM_REPLY_STRING;
        other.str = text;

        check(crm_reply_integer(&again, &other, err) == CRM_OK);
        check(again == n);
    }

    (void) crm_reply_noscript(reply);
    crm_pool_destroy(pool);

    return rc;
}


/* The reply dies, as hosts let it die behind the callback. */
static void
gone(crm_pool_t **tree)
{
    if (*tree != NULL) {
        crm_pool_destroy(*tree);
        *tree = NULL;
    }
}


/* Reads every byte, so that the sanitizer sees whose they are. */
static size_t
touch(crm_str_t text)
{
    size_t  i, sum;

    for (i = 0, sum = 0; i < text.len; i++) {
        sum += (unsigned char) text.data[i];
    }

    return sum;
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
