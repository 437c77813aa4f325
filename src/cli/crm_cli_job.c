/*
 * One job as people are shown it.
 */

#include "crm_cli_job.h"

#include <stdlib.h>
#include <string.h>


static crm_status_t job_fill(crm_cli_job_t *job, crm_pool_t *pool);
static const char *job_field(const crm_reply_t *fields, size_t i,
    crm_pool_t *pool);
static const char *job_member(const json_t *doc, const char *name,
    crm_pool_t *pool);
static const char *job_origin(const json_t *doc, crm_pool_t *pool);
static const char *job_class(const char *type);
static int job_is(const char *want, const char *have);


const char *const  crm_cli_job_states[] = {
    "waiting", "ready", "leased", "delayed", "dead", NULL
};

const char *const  crm_cli_job_fields[CRM_CLI_JOB_FIELDS] = {
    "body", "class", "state", "attempts", "since", "due", "error"
};


crm_status_t
crm_cli_job_entrance(crm_cli_job_t *job, crm_str_t element, crm_queue_t queue,
    crm_pool_t *pool)
{
    memset(job, 0, sizeof(crm_cli_job_t));
    job->state = "waiting";
    job->class = crm_queue_name(queue);
    job->error = "";
    job->job = json_loadb(element.data, element.len, 0, NULL);
    job->id = job_member(job->job, "id", pool);

    return job_fill(job, pool);
}


crm_status_t
crm_cli_job_dead(crm_cli_job_t *job, crm_str_t element, crm_pool_t *pool)
{
    json_t      *doc;
    const char  *class;

    memset(job, 0, sizeof(crm_cli_job_t));
    doc = json_loadb(element.data, element.len, 0, NULL);

    job->state = "dead";
    job->error = job_member(doc, "reason", pool);
    job->attempts = json_integer_value(json_object_get(doc, "attempts"));
    job->at_ms = json_integer_value(json_object_get(doc, "at"));
    job->job = json_incref(json_object_get(doc, "job"));
    class = job_member(doc, "class", pool);
    job->class = class && class[0] ? class : NULL;

    /* what had no id of its own was given one */
    job->id = job_member(doc, "id", pool);
    if (job->id && job->id[0] == '\0') {
        job->id = job_member(job->job, "id", pool);
    }

    json_decref(doc);

    return job_fill(job, pool);
}


crm_status_t
crm_cli_job_hash(crm_cli_job_t *job, crm_str_t id, const crm_reply_t *fields,
    crm_pool_t *pool)
{
    memset(job, 0, sizeof(crm_cli_job_t));

    if (fields->elements[0].type != CRM_REPLY_STRING) {
        return CRM_DECLINED;
    }

    job->id = crm_pool_dup(pool, id).data;
    job->class = job_field(fields, 1, pool);
    job->state = job_field(fields, 2, pool);
    job->attempts = strtoll(job_field(fields, 3, pool), NULL, 10);
    job->at_ms = strtoll(job_field(fields, 4, pool), NULL, 10);
    job->due_ms = strtoll(job_field(fields, 5, pool), NULL, 10);
    job->error = job_field(fields, 6, pool);
    job->job = json_loadb(fields->elements[0].str.data,
                          fields->elements[0].str.len, 0, NULL);

    if (strcmp(job->state, "delayed") != 0) {
        job->due_ms = 0;

    } else {
        job->scheduled = job->error[0] == '\0'
                         && json_object_get(job->job, "waits") != NULL;
    }

    return job_fill(job, pool);
}


int
crm_cli_job_is_wanted(const crm_cli_job_t *job,
    const crm_cli_jobs_want_t *want)
{
    return job_is(want->id, job->id)
           && job_is(want->state, job->state)
           && job_is(want->class, job->class)
           && job_is(want->rule, job->rule)
           && job_is(want->record, job->record)
           && job_is(want->endpoint, job->endpoint)
           && (want->reason == NULL
               || strncmp(want->reason, job->error, strlen(want->reason))
                  == 0)
           && (want->since_ms == 0 || job->at_ms == 0
               || job->at_ms >= want->since_ms)
           && (want->until_ms == 0 || job->at_ms == 0
               || job->at_ms <= want->until_ms);
}


static int
job_is(const char *want, const char *have)
{
    return want == NULL || strcmp(want, have) == 0;
}


/* What the job itself says. */
static crm_status_t
job_fill(crm_cli_job_t *job, crm_pool_t *pool)
{
    crm_str_t    record;
    const char  *module, *id;

    module = job_member(job->job, "module", pool);
    id = job_member(job->job, "record_id", pool);
    record = module && id && (module[0] || id[0])
             ? crm_pool_printf(pool, "%s/%s", module, id) : CRM_STR("");

    job->type = job_member(job->job, "type", pool);
    job->rule = job_member(job->job, "rule", pool);
    job->record = record.data;
    job->endpoint = job_origin(job->job, pool);

    if (job->id == NULL || job->type == NULL || job->rule == NULL
        || job->record == NULL || job->endpoint == NULL || job->error == NULL
        || module == NULL || id == NULL)
    {
        json_decref(job->job);
        job->job = NULL;
        return CRM_ENOMEM;
    }

    job->class = job->class ? job->class : job_class(job->type);

    return CRM_OK;
}


static const char *
job_field(const crm_reply_t *fields, size_t i, crm_pool_t *pool)
{
    crm_str_t  text;

    if (fields->elements[i].type != CRM_REPLY_STRING) {
        return "";
    }

    text = crm_pool_dup(pool, fields->elements[i].str);

    return text.data ? text.data : "";
}


/* A copy, empty for what is no text; NULL without memory. */
static const char *
job_member(const json_t *doc, const char *name, crm_pool_t *pool)
{
    const char  *text;

    text = json_string_value(json_object_get(doc, name));

    return crm_pool_dup(pool, crm_strz(text ? text : "")).data;
}


/* Scheme, host and port of action.url, as `endpoints ls` shows them. */
static const char *
job_origin(const json_t *doc, crm_pool_t *pool)
{
    size_t       len;
    const char  *url, *host;

    url = json_string_value(json_object_get(json_object_get(doc, "action"),
                                            "url"));
    host = url ? strstr(url, "://") : NULL;
    len = host ? (size_t) (host - url) + 3 + strcspn(host + 3, "/?#") : 0;

    return crm_pool_dup(pool, crm_str(url ? url : "", len)).data;
}


/* Of what died before its class was noted. */
static const char *
job_class(const char *type)
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
        { "remove_tags", "records" }, { "score_events", "records" },
        { "scores", "scores" },
        { "score_updates", "scores" },
    };

    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(type, classes[i].type) == 0) {
            return classes[i].class;
        }
    }

    return "";
}
