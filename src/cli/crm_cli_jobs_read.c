/*
 * The jobs of an organisation, wherever they are.
 */

#include "crm_cli_jobs.h"

#include <stdlib.h>


#define READ_STEP  500          /* elements a command */

typedef struct {
    crm_cli_jobs_t             *jobs;
    const crm_cli_jobs_want_t  *want;
    crm_store_t                *store;
    crm_str_t                   org;
    crm_pool_t                 *pool;
    crm_pool_t                 *scratch;    /* of one answer of Redis */
    crm_error_t                *err;
} reading_t;


static int  read_fresh(reading_t *r);
static crm_status_t read_entrance(reading_t *r, crm_queue_t queue);
static crm_status_t read_private(reading_t *r);
static crm_status_t read_hash(reading_t *r, crm_str_t key);
static crm_status_t read_dead(reading_t *r);
static crm_status_t read_job(reading_t *r, crm_cli_job_t *job, json_t *doc);
static int  read_is_wanted(const reading_t *r, const crm_cli_job_t *job);
static crm_status_t read_list(reading_t *r, crm_reply_t **reply,
    crm_str_t key, long long from, long long to);
static const char *read_text(reading_t *r, const crm_reply_t *reply,
    size_t i);
static const char *read_member(reading_t *r, const json_t *doc,
    const char *name);
static const char *read_origin(reading_t *r, const json_t *doc);
static const char *read_class(const char *type);


const char *const  crm_cli_job_states[] = {
    "waiting", "ready", "leased", "delayed", "dead", NULL
};


crm_status_t
crm_cli_jobs_read(crm_cli_jobs_t *jobs, const crm_cli_jobs_want_t *want,
    crm_store_t *store, const char *org, crm_pool_t *pool, crm_error_t *err)
{
    int           i;
    reading_t     r;
    crm_status_t  rc;

    memset(jobs, 0, sizeof(crm_cli_jobs_t));
    jobs->items = crm_pool_calloc(pool, CRM_CLI_JOBS_MAX,
                                  sizeof(crm_cli_job_t));
    if (jobs->items == NULL) {
        return CRM_ENOMEM;
    }

    r.jobs = jobs;
    r.want = want;
    r.store = store;
    r.org = crm_strz(org);
    r.pool = pool;
    r.scratch = NULL;
    r.err = err;
    rc = CRM_OK;

    for (i = 0; i < CRM_QUEUE_COUNT && rc == CRM_OK; i++) {
        rc = read_entrance(&r, (crm_queue_t) i);
    }

    if (rc == CRM_OK) {
        rc = read_private(&r);
    }

    if (rc == CRM_OK) {
        rc = read_dead(&r);
    }

    crm_pool_destroy(r.scratch);

    return rc;
}


void
crm_cli_jobs_clean(crm_cli_jobs_t *jobs)
{
    size_t  i;

    for (i = 0; i < jobs->count; i++) {
        json_decref(jobs->items[i].job);
    }
}


/* Bodies of jobs are large, and most are looked at once. */
static int
read_fresh(reading_t *r)
{
    crm_pool_destroy(r->scratch);
    r->scratch = crm_pool_create(crm_host_malloc(), 0);

    return r->scratch != NULL;
}


static crm_status_t
read_entrance(reading_t *r, crm_queue_t queue)
{
    size_t          i;
    crm_reply_t    *list;
    crm_status_t    rc;
    crm_cli_job_t   job;

    rc = read_list(r, &list, crm_key_queue(r->pool, r->org, queue), 0,
                   CRM_CLI_JOBS_ENTRANCE - 1);

    for (i = 0; rc == CRM_OK && i < list->count; i++) {
        memset(&job, 0, sizeof(job));
        job.state = "waiting";
        job.class = crm_queue_name(queue);
        job.error = "";

        rc = read_job(r, &job, json_loadb(list->elements[i].str.data,
                                          list->elements[i].str.len, 0,
                                          NULL));
    }

    return rc;
}


/* All that take has moved: their hashes are looked for, since no list has
 * them all. */
static crm_status_t
read_private(reading_t *r)
{
    size_t         i;
    crm_str_t      cursor, pattern;
    crm_pool_t    *keys;
    crm_reply_t   *reply;
    crm_status_t   rc;

    cursor = CRM_STR("0");
    pattern = crm_key_job(r->pool, r->org, CRM_STR("*"));
    if (pattern.data == NULL) {
        return CRM_ENOMEM;
    }

    do {
        keys = crm_pool_create(crm_host_malloc(), 0);
        if (keys == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_store_command(r->store, keys, &reply, r->err, 6,
                               CRM_STR("SCAN"), cursor, CRM_STR("MATCH"),
                               pattern, CRM_STR("COUNT"), CRM_STR("1000"));

        if (rc == CRM_OK
            && (reply->type != CRM_REPLY_ARRAY || reply->count != 2
                || reply->elements[0].type != CRM_REPLY_STRING
                || reply->elements[1].type != CRM_REPLY_ARRAY))
        {
            rc = crm_reply_misshapen("SCAN", r->err);
        }

        if (rc == CRM_OK) {
            cursor = crm_pool_dup(r->pool, reply->elements[0].str);
            rc = cursor.data ? CRM_OK : CRM_ENOMEM;
        }

        for (i = 0; rc == CRM_OK && i < reply->elements[1].count; i++) {
            rc = read_hash(r, reply->elements[1].elements[i].str);
        }

        crm_pool_destroy(keys);
    } while (rc == CRM_OK && !crm_str_is(cursor, "0"));

    return rc;
}


static crm_status_t
read_hash(reading_t *r, crm_str_t key)
{
    crm_str_t       head;
    crm_reply_t    *f;
    crm_status_t    rc;
    crm_cli_job_t   job;

    if (!read_fresh(r)) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(r->store, r->scratch, &f, r->err, 9,
                           CRM_STR("HMGET"), key, CRM_STR("body"),
                           CRM_STR("class"), CRM_STR("state"),
                           CRM_STR("attempts"), CRM_STR("since"),
                           CRM_STR("due"), CRM_STR("error"));
    if (rc != CRM_OK) {
        return rc;
    }

    if (f->type != CRM_REPLY_ARRAY || f->count != 7) {
        return crm_reply_misshapen("HMGET", r->err);
    }

    if (f->elements[0].type != CRM_REPLY_STRING) {
        return CRM_OK;              /* it has ended since */
    }

    head = crm_key_job(r->pool, r->org, CRM_STR(""));
    memset(&job, 0, sizeof(job));
    job.id = head.data && key.len > head.len
             ? crm_pool_dup(r->pool, crm_str(key.data + head.len,
                                             key.len - head.len)).data
             : NULL;
    job.class = read_text(r, f, 1);
    job.state = read_text(r, f, 2);
    job.attempts = strtoll(read_text(r, f, 3), NULL, 10);
    job.at_ms = strtoll(read_text(r, f, 4), NULL, 10);
    job.due_ms = strtoll(read_text(r, f, 5), NULL, 10);
    job.error = read_text(r, f, 6);

    if (job.id == NULL) {
        return CRM_ENOMEM;
    }

    if (strcmp(job.state, "delayed") != 0) {
        job.due_ms = 0;
    }

    return read_job(r, &job, json_loadb(f->elements[0].str.data,
                                        f->elements[0].str.len, 0, NULL));
}


static crm_status_t
read_dead(reading_t *r)
{
    size_t          i;
    json_t         *doc, *inner;
    long long       from;
    crm_str_t       key;
    crm_reply_t    *list;
    crm_status_t    rc;
    crm_cli_job_t   job;

    key = crm_key_dead(r->pool, r->org);

    for (from = -READ_STEP; from >= -CRM_CLI_JOBS_DEAD; from -= READ_STEP) {
        rc = read_list(r, &list, key, from, from + READ_STEP - 1);
        if (rc != CRM_OK) {
            return rc;
        }

        for (i = list->count; i > 0; i--) {
            doc = json_loadb(list->elements[i - 1].str.data,
                             list->elements[i - 1].str.len, 0, NULL);
            inner = json_incref(json_object_get(doc, "job"));

            memset(&job, 0, sizeof(job));
            job.state = "dead";
            job.error = read_member(r, doc, "reason");
            job.attempts = json_integer_value(json_object_get(doc,
                                                              "attempts"));
            job.at_ms = json_integer_value(json_object_get(doc, "at"));
            json_decref(doc);

            rc = job.error ? read_job(r, &job, inner) : CRM_ENOMEM;
            if (rc != CRM_OK) {
                return rc;
            }
        }

        /* an answer that is short began before the list did */

        if (list->count < READ_STEP) {
            break;
        }
    }

    return CRM_OK;
}


/* Takes doc, which is NULL or no object where there is no job in it. */
static crm_status_t
read_job(reading_t *r, crm_cli_job_t *job, json_t *doc)
{
    size_t       i;
    crm_str_t    record;
    const char  *module, *id;

    module = read_member(r, doc, "module");
    id = read_member(r, doc, "record_id");
    record = module && id && (module[0] || id[0])
             ? crm_pool_printf(r->pool, "%s/%s", module, id) : CRM_STR("");

    job->type = read_member(r, doc, "type");
    job->rule = read_member(r, doc, "rule");
    job->record = record.data;
    job->endpoint = read_origin(r, doc);
    job->id = job->id ? job->id : read_member(r, doc, "id");

    if (job->type == NULL || job->rule == NULL || job->record == NULL
        || job->endpoint == NULL || job->id == NULL || module == NULL
        || id == NULL)
    {
        json_decref(doc);
        return CRM_ENOMEM;
    }

    job->class = job->class ? job->class : read_class(job->type);

    if (!read_is_wanted(r, job)) {
        json_decref(doc);
        return CRM_OK;
    }

    for (i = 0; crm_cli_job_states[i]; i++) {
        r->jobs->by_state[i] += strcmp(job->state, crm_cli_job_states[i])
                                == 0;
    }

    r->jobs->matched++;

    if (!r->want->whole) {
        json_decref(doc);
        doc = NULL;
    }

    job->job = doc;

    if (r->jobs->count == CRM_CLI_JOBS_MAX) {
        json_decref(doc);
        return CRM_OK;
    }

    r->jobs->items[r->jobs->count++] = *job;

    return CRM_OK;
}


static int
read_is_wanted(const reading_t *r, const crm_cli_job_t *job)
{
    const crm_cli_jobs_want_t  *want;

    want = r->want;

    return (want->id == NULL || strcmp(want->id, job->id) == 0)
           && (want->state == NULL || strcmp(want->state, job->state) == 0)
           && (want->class == NULL || strcmp(want->class, job->class) == 0)
           && (want->rule == NULL || strcmp(want->rule, job->rule) == 0)
           && (want->record == NULL || strcmp(want->record, job->record) == 0)
           && (want->endpoint == NULL
               || strcmp(want->endpoint, job->endpoint) == 0)
           && (want->since_ms == 0 || job->at_ms == 0
               || job->at_ms >= want->since_ms);
}


static crm_status_t
read_list(reading_t *r, crm_reply_t **reply, crm_str_t key, long long from,
    long long to)
{
    size_t        i;
    crm_str_t     first, last;
    crm_status_t  rc;

    first = crm_pool_printf(r->pool, "%lld", from);
    last = crm_pool_printf(r->pool, "%lld", to);

    if (key.data == NULL || first.data == NULL || last.data == NULL) {
        return CRM_ENOMEM;
    }

    if (!read_fresh(r)) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(r->store, r->scratch, reply, r->err, 4,
                           CRM_STR("LRANGE"), key, first, last);
    if (rc != CRM_OK) {
        return rc;
    }

    if ((*reply)->type != CRM_REPLY_ARRAY) {
        return crm_reply_misshapen("LRANGE", r->err);
    }

    for (i = 0; i < (*reply)->count; i++) {
        if ((*reply)->elements[i].type != CRM_REPLY_STRING) {
            return crm_reply_misshapen("LRANGE", r->err);
        }
    }

    return CRM_OK;
}


static const char *
read_text(reading_t *r, const crm_reply_t *reply, size_t i)
{
    crm_str_t  text;

    if (reply->elements[i].type != CRM_REPLY_STRING) {
        return "";
    }

    text = crm_pool_dup(r->pool, reply->elements[i].str);

    return text.data ? text.data : "";
}


/* A copy, empty for what is no text; NULL without memory. */
static const char *
read_member(reading_t *r, const json_t *doc, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(doc, name));

    return crm_pool_dup(r->pool, crm_strz(text ? text : "")).data;
}


/* Scheme, host and port of action.url, as `endpoints ls` shows them. */
static const char *
read_origin(reading_t *r, const json_t *doc)
{
    size_t       len;
    const char  *url, *host;

    url = json_string_value(json_object_get(json_object_get(doc, "action"),
                                            "url"));
    host = url ? strstr(url, "://") : NULL;
    len = host ? (size_t) (host - url) + 3 + strcspn(host + 3, "/?#") : 0;

    return crm_pool_dup(r->pool, crm_str(url ? url : "", len)).data;
}


/* Of a dead one, which nothing else tells. */
static const char *
read_class(const char *type)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *class;
    } classes[] = {
        { "webhooks", "webhooks" }, { "email_notifications", "emails" },
        { "functions", "functions" }, { "field_updates", "records" },
        { "tasks", "records" }, { "create_record", "records" },
        { "assign_owner", "records" }, { "add_tags", "records" },
        { "remove_tags", "records" },
    };

    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(type, classes[i].type) == 0) {
            return classes[i].class;
        }
    }

    return "";
}
