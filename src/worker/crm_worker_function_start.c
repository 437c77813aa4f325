/*
 * A job that runs a function, read, and what its process is told of it.
 */

#include "crm_worker_function_start.h"

#include <stdlib.h>


static crm_status_t start_wrong(crm_error_t *err, const char *text);
static void start_user(crm_buf_t *buf,
    const crm_worker_function_start_t *start);
static void start_types(crm_buf_t *buf, const crm_function_t *function);
static void start_zone(crm_buf_t *buf, const crm_zone_t *zone);
static void start_hours(crm_buf_t *buf, const crm_hours_t *hours);
static void start_pair(crm_buf_t *buf, long long a, long long b);


/* As crm_argument_type_t, and as the rule language has them. */
static const char *const  start_names[] = {
    "text", "integer", "float", "boolean", "date", "datetime", "list", "map"
};


crm_status_t
crm_worker_function_read(crm_worker_function_start_t *start,
    crm_worker_job_t *job, int accept_foreign, crm_error_t *err)
{
    crm_span_t  revision, actor;

    if (job->foreign && !accept_foreign) {
        return start_wrong(err, "a job that no commit wrote may run no"
                           " function without --accept-foreign records");
    }

    if (crm_worker_job_text(&start->name, job, "name", err) != CRM_OK
        || start->name.len == 0)
    {
        return start_wrong(err, "action.name must name a function");
    }

    start->arguments = crm_span_member(job->action, CRM_STR("arguments"));

    if (start->arguments.type == CRM_JSON_NONE) {
        start->arguments.type = CRM_JSON_OBJECT;
        start->arguments.data = "{}";
        start->arguments.len = 2;

    } else if (start->arguments.type != CRM_JSON_OBJECT) {
        return start_wrong(err, "action.arguments must be an object");
    }

    revision = crm_span_member(job->root, CRM_STR("revision"));

    if (revision.type != CRM_JSON_NUMBER || revision.len > 18) {
        return start_wrong(err, "revision must say by which rules it runs");
    }

    start->revision = strtoll(revision.data, NULL, 10);

    actor = crm_span_member(job->root, CRM_STR("actor"));
    start->user = CRM_STR("");

    if (actor.type == CRM_JSON_OBJECT) {
        actor = crm_span_member(actor, CRM_STR("id"));

        if (actor.type == CRM_JSON_STRING) {
            start->user = crm_span_text(actor, job->pool);
        }
    }

    return start->user.data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_worker_function_chain(crm_chain_t *chain, crm_worker_job_t *job,
    crm_error_t *err)
{
    crm_status_t  rc;

    memset(chain, 0, sizeof(crm_chain_t));

    if (job->foreign) {
        chain->id = job->lease.id;
        chain->depth = 1;
        return CRM_OK;
    }

    rc = crm_chain_decode(chain, crm_span_member(job->root, CRM_STR("chain")),
                          job->pool);

    if (rc == CRM_EINVAL) {
        return start_wrong(err, "chain is no chain of rules");
    }

    chain->depth++;

    return rc;
}


void
crm_worker_function_encode(crm_buf_t *buf,
    const crm_worker_function_start_t *start)
{
    crm_buf_puts(buf, "{\"source\":");
    crm_buf_json(buf, start->function->source);
    crm_buf_puts(buf, ",\"arguments\":");
    crm_buf_str(buf, crm_span_raw(start->arguments));
    crm_buf_puts(buf, ",\"types\":{");
    start_types(buf, start->function);
    crm_buf_puts(buf, "},\"now\":");
    crm_buf_int(buf, start->now_ms);
    start_user(buf, start);
    crm_buf_puts(buf, ",\"zone\":[");
    start_zone(buf, crm_ruleset_zone(start->rules));
    crm_buf_putc(buf, ']');
    start_hours(buf, crm_ruleset_hours(start->rules));
    crm_buf_putc(buf, '}');
}


static crm_status_t
start_wrong(crm_error_t *err, const char *text)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s", text);
}


/* Name and mailbox, as far as the rules know them, else the id. */
static void
start_user(crm_buf_t *buf, const crm_worker_function_start_t *start)
{
    crm_str_t               name, email;
    const crm_user_t       *user;
    const crm_map_entry_t  *entry;

    entry = start->user.len
            ? crm_map_find(&crm_ruleset_names(start->rules)->users,
                           start->user) : NULL;
    user = entry ? entry->value : NULL;
    name = user && user->name.len ? user->name : start->user;
    email = user && user->email.len ? user->email : start->user;

    crm_buf_puts(buf, ",\"user\":");
    crm_buf_json(buf, name);
    crm_buf_puts(buf, ",\"user_id\":");
    crm_buf_json(buf, email);
}


static void
start_types(crm_buf_t *buf, const crm_function_t *function)
{
    size_t  i;

    for (i = 0; i < function->parameters_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, function->parameters[i].name);
        crm_buf_puts(buf, ":");
        crm_buf_json(buf, crm_strz(start_names[function->parameters[i].type]));
    }
}


static void
start_zone(crm_buf_t *buf, const crm_zone_t *zone)
{
    size_t  i;

    for (i = 0; zone && i < zone->count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        start_pair(buf, zone->changes[i].at_s, zone->changes[i].offset_s);
    }
}


static void
start_hours(crm_buf_t *buf, const crm_hours_t *hours)
{
    size_t  i;

    crm_buf_puts(buf, ",\"week_start\":");
    crm_buf_int(buf, hours->week_start);
    crm_buf_puts(buf, ",\"week\":[");

    for (i = 0; i < 7; i++) {
        crm_buf_puts(buf, i ? "," : "");
        start_pair(buf, hours->week[i].from_s, hours->week[i].to_s);
    }

    crm_buf_puts(buf, "],\"holidays\":[");

    for (i = 0; i < hours->holidays_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_int(buf, hours->holidays[i]);
    }

    crm_buf_putc(buf, ']');
}


static void
start_pair(crm_buf_t *buf, long long a, long long b)
{
    crm_buf_putc(buf, '[');
    crm_buf_int(buf, a);
    crm_buf_putc(buf, ',');
    crm_buf_int(buf, b);
    crm_buf_putc(buf, ']');
}
