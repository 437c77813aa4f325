/*
 * How the jobs of an organisation stand.
 *
 * Read command by command while workers go on: the numbers are those of one
 * look, not of one moment.
 */

#include "crm_cli_queues.h"

#include <jansson.h>
#include <stdlib.h>


typedef struct {
    crm_cli_queues_t  *queues;
    crm_store_t       *store;
    crm_str_t          org;
    long long          now_ms;
    crm_pool_t        *pool;
    crm_error_t       *err;
} look_t;


static crm_status_t look_queue(look_t *l, crm_queue_t queue);
static crm_status_t look_entrance(look_t *l, crm_queue_t queue);
static crm_status_t look_ready(look_t *l, crm_queue_t queue,
    crm_str_t endpoint);
static crm_status_t look_leases(look_t *l);
static crm_status_t look_job(look_t *l, crm_str_t *value, crm_str_t id,
    const char *field);
static void look_age(look_t *l, crm_queue_t queue, long long since);
static crm_status_t ask(look_t *l, crm_reply_t **reply, const char *command,
    crm_str_t key, const char *from, const char *to);
static crm_status_t ask_integer(look_t *l, long long *n, const char *command,
    crm_str_t key);


crm_status_t
crm_cli_queues_read(crm_cli_queues_t *queues, crm_store_t *store,
    const char *org, long long now_ms, crm_pool_t *pool, crm_error_t *err)
{
    int           i;
    look_t        l;
    crm_status_t  rc;

    memset(queues, 0, sizeof(crm_cli_queues_t));
    l.queues = queues;
    l.store = store;
    l.org = crm_strz(org);
    l.now_ms = now_ms;
    l.pool = pool;
    l.err = err;

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        rc = look_queue(&l, (crm_queue_t) i);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = look_leases(&l);

    if (rc == CRM_OK) {
        rc = ask_integer(&l, &queues->delayed, "ZCARD",
                         crm_key_delayed(pool, l.org));
    }

    if (rc == CRM_OK) {
        rc = ask_integer(&l, &queues->dead, "LLEN",
                         crm_key_dead(pool, l.org));
    }

    return rc;
}


static crm_status_t
look_queue(look_t *l, crm_queue_t queue)
{
    size_t         i;
    crm_str_t      endpoint;
    crm_reply_t   *ring;
    crm_status_t   rc;

    rc = look_entrance(l, queue);
    if (rc == CRM_OK) {
        rc = look_ready(l, queue, CRM_STR(""));
    }

    if (rc != CRM_OK) {
        return rc;
    }

    rc = ask(l, &ring, "LRANGE", crm_key_ring(l->pool, l->org, queue), "0",
             "999");
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; ring->type == CRM_REPLY_ARRAY && i < ring->count; i++) {
        endpoint = ring->elements[i].str;
        rc = look_ready(l, queue, endpoint);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
look_entrance(look_t *l, crm_queue_t queue)
{
    json_t        *job;
    crm_str_t      key, text;
    long long      n;
    crm_reply_t   *reply;
    crm_status_t   rc;

    key = crm_key_queue(l->pool, l->org, queue);

    rc = ask_integer(l, &n, "LLEN", key);
    if (rc != CRM_OK || n == 0) {
        return rc;
    }

    l->queues->queues[queue].waiting += n;

    rc = ask(l, &reply, "LINDEX", key, "0", NULL);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, l->pool, l->err);
    }

    if (rc == CRM_DECLINED) {
        return CRM_OK;
    }

    if (rc != CRM_OK) {
        return rc;
    }

    /* Foreign jobs need not say when they were made. */

    job = json_loadb(text.data, text.len, 0, NULL);
    look_age(l, queue,
             json_integer_value(json_object_get(job, "enqueued_at")));
    json_decref(job);

    return CRM_OK;
}


static crm_status_t
look_ready(look_t *l, crm_queue_t queue, crm_str_t endpoint)
{
    crm_str_t      key, id, since;
    long long      n;
    crm_reply_t   *reply;
    crm_status_t   rc;

    key = crm_key_ready(l->pool, l->org, queue, endpoint);

    rc = ask_integer(l, &n, "LLEN", key);
    if (rc != CRM_OK || n == 0) {
        return rc;
    }

    l->queues->queues[queue].waiting += n;

    rc = ask(l, &reply, "LINDEX", key, "0", NULL);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&id, reply, l->pool, l->err);
    }

    if (rc == CRM_OK) {
        rc = look_job(l, &since, id, "since");
    }

    if (rc == CRM_OK) {
        look_age(l, queue, strtoll(since.data, NULL, 10));
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
look_leases(look_t *l)
{
    size_t         i;
    crm_str_t      class;
    crm_queue_t    queue;
    crm_reply_t   *reply;
    crm_status_t   rc;

    rc = ask(l, &reply, "ZRANGE", crm_key_lease(l->pool, l->org), "0", "999");
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; reply->type == CRM_REPLY_ARRAY && i < reply->count; i++) {
        rc = look_job(l, &class, reply->elements[i].str, "class");
        if (rc == CRM_OK && crm_queue_parse(&queue, class) == CRM_OK) {
            l->queues->queues[queue].leased++;

        } else if (rc != CRM_OK && rc != CRM_DECLINED) {
            return rc;
        }
    }

    return CRM_OK;
}


/* What is known of a job as zero-terminated text; CRM_DECLINED: nothing is. */

static crm_status_t
look_job(look_t *l, crm_str_t *value, crm_str_t id, const char *field)
{
    crm_cmd_t     *cmd;
    crm_reply_t   *reply;
    crm_status_t   rc;

    cmd = crm_cmd_look(l->pool, l->org, id, &field, 1);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(l->store, cmd, l->pool, &reply, l->err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 1) {
        return crm_reply_misshapen("look", l->err);
    }

    return crm_reply_text(value, &reply->elements[0], l->pool, l->err);
}


static void
look_age(look_t *l, crm_queue_t queue, long long since)
{
    crm_cli_queue_t  *q;

    q = &l->queues->queues[queue];

    if (since > 0 && l->now_ms - since > q->oldest_ms) {
        q->oldest_ms = l->now_ms - since;
    }
}


/* A command with a key and up to two more arguments. */

static crm_status_t
ask(look_t *l, crm_reply_t **reply, const char *command, crm_str_t key,
    const char *from, const char *to)
{
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    return crm_store_command(l->store, l->pool, reply, l->err,
                             2 + (from != NULL) + (to != NULL),
                             crm_strz(command), key, crm_strz(from),
                             crm_strz(to));
}


static crm_status_t
ask_integer(look_t *l, long long *n, const char *command, crm_str_t key)
{
    crm_reply_t   *reply;
    crm_status_t   rc;

    rc = ask(l, &reply, command, key, NULL, NULL);

    return rc == CRM_OK ? crm_reply_integer(n, reply, l->err) : rc;
}
