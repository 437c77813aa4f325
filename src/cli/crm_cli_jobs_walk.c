/*
 * A walk over the jobs of an organisation.
 */

#include "crm_cli_jobs_walk.h"

#include <string.h>


#define WALK_STEP  100          /* elements a command */

typedef struct {
    const crm_cli_jobs_walk_t  *walk;
    crm_pool_t                 *pool;       /* of the slice */
    crm_error_t                *err;
} walking_t;


static int  walk_fresh(walking_t *w);
static crm_status_t walk_list(walking_t *w, const crm_queue_t *queue);
static crm_status_t walk_dead_newest(walking_t *w);
static crm_str_t walk_key(walking_t *w, const crm_queue_t *queue);
static crm_status_t walk_length(walking_t *w, long long *n,
    const crm_queue_t *queue);
static crm_status_t walk_range(walking_t *w, crm_reply_t **list,
    const crm_queue_t *queue, long long from, long long to);
static crm_status_t walk_element(walking_t *w, const crm_queue_t *queue,
    long long place, crm_str_t text);
static crm_status_t walk_private(walking_t *w, int pulled);
static crm_status_t walk_scan(walking_t *w, crm_pool_t *pool, int pulled,
    crm_reply_t **keys, crm_str_t *cursor, char *next);
static crm_status_t walk_found(walking_t *w, const crm_reply_t *keys,
    int pulled);
static crm_status_t walk_kept(walking_t *w, crm_str_t id);
static crm_status_t walk_job(walking_t *w, crm_cli_job_t *job);
static crm_status_t walk_slice(walking_t *w, long long *removed);


crm_status_t
crm_cli_jobs_walk(const crm_cli_jobs_walk_t *walk, crm_error_t *err)
{
    walking_t     w;
    crm_queue_t   queue;
    crm_status_t  rc;

    w.walk = walk;
    w.pool = NULL;
    w.err = err;
    rc = CRM_OK;

    for (queue = CRM_QUEUE_WEBHOOKS; queue < CRM_QUEUE_COUNT && rc == CRM_OK;
         queue++)
    {
        rc = walk_list(&w, &queue);
    }

    if (rc == CRM_OK) {
        rc = walk_private(&w, 0);
    }

    if (rc == CRM_OK) {
        rc = walk_private(&w, 1);
    }

    if (rc == CRM_OK) {
        rc = walk->all ? walk_list(&w, NULL) : walk_dead_newest(&w);
    }

    crm_pool_destroy(w.pool);

    return rc;
}


/* Bodies of jobs are large, and most are looked at once. */
static int
walk_fresh(walking_t *w)
{
    crm_pool_destroy(w->pool);
    w->pool = crm_pool_create(crm_host_malloc(), 0);

    return w->pool != NULL;
}


/* An entrance, or without a queue the dead, from the head to where the tail
 * was: what comes in meanwhile is no business of this walk. */
static crm_status_t
walk_list(walking_t *w, const crm_queue_t *queue)
{
    size_t         i;
    long long      from, left, removed;
    crm_reply_t   *list;
    crm_status_t   rc;

    rc = walk_length(w, &left, queue);
    from = 0;

    if (!w->walk->all && left > CRM_CLI_JOBS_ENTRANCE) {
        left = CRM_CLI_JOBS_ENTRANCE;
    }

    while (rc == CRM_OK && left > 0) {
        rc = walk_range(w, &list, queue, from,
                        from + (left < WALK_STEP ? left : WALK_STEP) - 1);

        if (rc == CRM_OK && list->count == 0) {
            break;
        }

        for (i = 0; rc == CRM_OK && i < list->count; i++) {
            rc = walk_element(w, queue, from + (long long) i,
                              list->elements[i].str);
        }

        if (rc == CRM_OK) {
            rc = walk_slice(w, &removed);
            from += (long long) list->count - removed;
            left -= (long long) list->count;
        }
    }

    return rc;
}


static crm_status_t
walk_dead_newest(walking_t *w)
{
    size_t         i;
    long long      from;
    crm_reply_t   *list;
    crm_status_t   rc;

    for (from = -WALK_STEP; from >= -CRM_CLI_JOBS_DEAD; from -= WALK_STEP) {
        rc = walk_range(w, &list, NULL, from, from + WALK_STEP - 1);

        for (i = rc == CRM_OK ? list->count : 0; rc == CRM_OK && i > 0; i--) {
            rc = walk_element(w, NULL, from, list->elements[i - 1].str);
        }

        /* an answer that is short began before the list did */

        if (rc != CRM_OK || list->count < WALK_STEP) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_str_t
walk_key(walking_t *w, const crm_queue_t *queue)
{
    return queue ? crm_key_queue(w->pool, w->walk->org, *queue)
                 : crm_key_dead(w->pool, w->walk->org);
}


static crm_status_t
walk_length(walking_t *w, long long *n, const crm_queue_t *queue)
{
    crm_str_t     key;
    crm_reply_t  *reply;
    crm_status_t  rc;

    *n = 0;
    key = walk_fresh(w) ? walk_key(w, queue) : CRM_STR("");
    if (w->pool == NULL || key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(w->walk->store, w->pool, &reply, w->err, 2,
                           CRM_STR("LLEN"), key);

    return rc == CRM_OK ? crm_reply_number(n, reply, "LLEN", w->err) : rc;
}


/* A new slice. */
static crm_status_t
walk_range(walking_t *w, crm_reply_t **list, const crm_queue_t *queue,
    long long from, long long to)
{
    size_t        i;
    crm_str_t     key, first, last;
    crm_status_t  rc;

    if (!walk_fresh(w)) {
        return CRM_ENOMEM;
    }

    key = walk_key(w, queue);
    first = crm_pool_printf(w->pool, "%lld", from);
    last = crm_pool_printf(w->pool, "%lld", to);

    if (key.data == NULL || first.data == NULL || last.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(w->walk->store, w->pool, list, w->err, 4,
                           CRM_STR("LRANGE"), key, first, last);
    if (rc != CRM_OK) {
        return rc;
    }

    if ((*list)->type != CRM_REPLY_ARRAY) {
        return crm_reply_misshapen("LRANGE", w->err);
    }

    for (i = 0; i < (*list)->count; i++) {
        if ((*list)->elements[i].type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("LRANGE", w->err);
        }
    }

    return CRM_OK;
}


static crm_status_t
walk_element(walking_t *w, const crm_queue_t *queue, long long place,
    crm_str_t text)
{
    crm_status_t   rc;
    crm_cli_job_t  job;

    rc = queue ? crm_cli_job_entrance(&job, text, *queue, w->pool)
               : crm_cli_job_dead(&job, text, w->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    job.list = walk_key(w, queue);
    job.element.place = place;
    job.element.text = text;

    return walk_job(w, &job);
}


/* All that take has moved: their keys are looked for, since no list has them
 * all. What was pulled has none, but stands in `fresh`. */
static crm_status_t
walk_private(walking_t *w, int pulled)
{
    char           next[32];
    crm_str_t      cursor;
    long long      removed;
    crm_pool_t    *pool;
    crm_reply_t   *keys;
    crm_status_t   rc;

    cursor = CRM_STR("0");

    do {
        pool = crm_pool_create(crm_host_malloc(), 0);
        if (pool == NULL) {
            return CRM_ENOMEM;
        }

        keys = NULL;
        rc = walk_scan(w, pool, pulled, &keys, &cursor, next);

        if (rc == CRM_OK) {
            rc = walk_found(w, keys, pulled);
        }

        crm_pool_destroy(pool);

        if (rc == CRM_OK) {
            rc = walk_slice(w, &removed);
        }
    } while (rc == CRM_OK && !crm_str_is(cursor, "0"));

    return rc;
}


static crm_status_t
walk_scan(walking_t *w, crm_pool_t *pool, int pulled, crm_reply_t **keys,
    crm_str_t *cursor, char *next)
{
    size_t         i;
    crm_str_t      of;
    crm_reply_t   *reply, *e;
    crm_status_t   rc;

    of = pulled ? crm_key_fresh(pool, w->walk->org)
                : crm_key_job(pool, w->walk->org, CRM_STR("*"));
    if (of.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = pulled
         ? crm_store_command(w->walk->store, pool, &reply, w->err, 5,
                             CRM_STR("HSCAN"), of, *cursor, CRM_STR("COUNT"),
                             CRM_STR("1000"))
         : crm_store_command(w->walk->store, pool, &reply, w->err, 6,
                             CRM_STR("SCAN"), *cursor, CRM_STR("MATCH"), of,
                             CRM_STR("COUNT"), CRM_STR("1000"));
    if (rc != CRM_OK) {
        return rc;
    }

    e = reply->elements;

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 2
        || e[0].type != CRM_REPLY_STRING || e[0].str.len >= 32
        || e[1].type != CRM_REPLY_ARRAY)
    {
        return crm_reply_misshapen("SCAN", w->err);
    }

    for (i = 0; i < e[1].count; i++) {
        if (e[1].elements[i].type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("SCAN", w->err);
        }
    }

    memcpy(next, e[0].str.data, e[0].str.len);
    *cursor = crm_str(next, e[0].str.len);
    *keys = &e[1];

    return CRM_OK;
}


/* Of keys what follows their head; of `fresh` the fields whose body lies in a
 * batch: the others have a key. */
static crm_status_t
walk_found(walking_t *w, const crm_reply_t *keys, int pulled)
{
    size_t         i, step;
    crm_str_t      head, name;
    crm_status_t   rc;

    step = pulled ? 2 : 1;
    rc = CRM_OK;

    if (keys->count % step != 0) {
        return crm_reply_misshapen("HSCAN", w->err);
    }

    for (i = 0; rc == CRM_OK && i < keys->count; i += step) {
        if (!walk_fresh(w)) {
            return CRM_ENOMEM;
        }

        name = keys->elements[i].str;

        if (pulled) {
            if (crm_cmd_is_pulled(keys->elements[i + 1].str)) {
                rc = walk_kept(w, name);
            }

            continue;
        }

        head = crm_key_job(w->pool, w->walk->org, CRM_STR(""));
        if (head.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = name.len > head.len
             ? walk_kept(w, crm_str(name.data + head.len,
                                    name.len - head.len))
             : crm_reply_misshapen("SCAN", w->err);
    }

    return rc;
}


static crm_status_t
walk_kept(walking_t *w, crm_str_t id)
{
    crm_cmd_t      *cmd;
    crm_reply_t    *fields;
    crm_status_t    rc;
    crm_cli_job_t   job;

    cmd = crm_cmd_look(w->pool, w->walk->org, id, crm_cli_job_fields,
                       CRM_CLI_JOB_FIELDS);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(w->walk->store, cmd, w->pool, &fields, w->err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (fields->type != CRM_REPLY_ARRAY
        || fields->count != CRM_CLI_JOB_FIELDS)
    {
        return crm_reply_misshapen("look", w->err);
    }

    rc = crm_cli_job_hash(&job, id, fields, w->pool);

    /* declined: it has ended since */

    return rc == CRM_DECLINED ? CRM_OK : rc == CRM_OK ? walk_job(w, &job) : rc;
}


static crm_status_t
walk_job(walking_t *w, crm_cli_job_t *job)
{
    crm_status_t  rc;

    rc = CRM_OK;

    if (crm_cli_job_is_wanted(job, w->walk->want)) {
        rc = w->walk->job(w->walk->data, job, w->err);
    }

    json_decref(job->job);

    return rc;
}


static crm_status_t
walk_slice(walking_t *w, long long *removed)
{
    *removed = 0;

    return w->walk->slice ? w->walk->slice(w->walk->data, removed, w->err)
                          : CRM_OK;
}
