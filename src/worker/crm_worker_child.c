/*
 * A function's process.
 */

#include "crm_worker_child.h"

#include "crm_worker_child_pipe.h"
#include "crm_worker_wall.h"

#include "crm_deluge.h"
#include "crm_deluge_moment.h"

#include <stdio.h>


/* START, the script's tree, and what goes over the pipes; the script's values
 * are counted by themselves. */
#define CHILD_MEMORY  (48 * 1024 * 1024)

typedef struct {
    crm_pool_t           *pool;         /* of what is not the script's */
    crm_pool_t           *values;       /* the script's, with its ceiling */
    crm_deluge_map_t     *start;
    crm_deluge_script_t   script;
    crm_deluge_host_t     host;
    crm_deluge_limits_t   limits;
    crm_deluge_error_t    err;
    crm_zone_t            zone;
    crm_hours_t           hours;
    const char           *status;
    crm_deluge_result_t   result;
    int                   broken;       /* the pipe: nobody listens */
} child_t;


static int   child_start(child_t *child);
static crm_status_t  child_zone(child_t *child);
static void  child_hours(child_t *child);
static crm_status_t  child_holidays(child_t *child);
static crm_status_t  child_arguments(child_t *child);
static void  child_run(child_t *child);
static crm_status_t  child_effect(void *data,
    const crm_deluge_effect_t *effect, crm_deluge_value_t *result,
    crm_pool_t *pool, crm_deluge_error_t *err);
static crm_status_t  child_answered(child_t *child, char kind,
    crm_str_t text, const crm_deluge_effect_t *effect,
    crm_deluge_value_t *result, crm_pool_t *pool, crm_deluge_error_t *err);
static int   child_tell(child_t *child);
static crm_str_t  child_value(child_t *child);
static crm_deluge_list_t *child_list(const child_t *child, const char *name);
static long long  child_number(const crm_deluge_value_t *v);
static crm_str_t  child_text(const child_t *child, const char *name);


int
crm_worker_child(void)
{
    child_t      *child;
    crm_pool_t   *pool;
    crm_error_t   err;

    if (crm_worker_wall(&err) != CRM_OK) {
        fprintf(stderr, "crm-worker: no function runs without its wall: %s\n",
                err.text);
        return 1;
    }

    crm_host_malloc_keep();

    pool = crm_pool_create(crm_host_malloc(), CHILD_MEMORY);
    child = pool ? crm_pool_calloc(pool, 1, sizeof(child_t)) : NULL;

    if (child == NULL) {
        return 1;
    }

    child->pool = pool;
    child->values = crm_pool_create(crm_host_malloc(), CRM_DELUGE_MEMORY);

    if (child->values == NULL || !child_start(child)) {
        return 1;
    }

    if (child->status == NULL) {
        child_run(child);
    }

    return child->broken || !child_tell(child);
}


/* What is to be run, and by which clocks. */
static int
child_start(child_t *child)
{
    char                 kind;
    crm_str_t            text;
    crm_status_t         rc;
    crm_deluge_value_t   v;
    crm_deluge_value_t  *member;
    crm_deluge_place_t   declared = { 1, 1 };

    if (!crm_worker_child_read(&kind, &text, child->pool)
        || kind != CRM_WORKER_FRAME_START)
    {
        return 0;
    }

    rc = crm_deluge_json(&v, text, child->pool);

    if (rc == CRM_EINVAL || rc == CRM_ELIMIT) {

        /* the worker writes no other: it is what it has of others */

        child->status = "limit";
        (void) crm_deluge_fail(&child->err, rc, declared, "its arguments do"
                               " not fit: a number has %d digits at most, and"
                               " nothing nests deeper than %d",
                               CRM_DELUGE_DIGITS, CRM_DELUGE_NESTING);
        return 1;
    }

    if (rc != CRM_OK || v.type != CRM_DELUGE_MAP) {
        return 0;
    }

    child->start = v.u.map;

    crm_deluge_limits_init(&child->limits);
    member = crm_deluge_map_get(child->start, CRM_STR("effects"));

    if (member != NULL) {
        child->limits.effects = (size_t) child_number(member);
    }

    member = crm_deluge_map_get(child->start, CRM_STR("now"));
    child->host.now_ms = child_number(member);
    child->host.user = child_text(child, "user");
    child->host.user_id = child_text(child, "user_id");
    child->host.effect = child_effect;
    child->host.data = child;
    child->host.zone = &child->zone;
    child->host.hours = &child->hours;

    child_hours(child);

    return child_zone(child) == CRM_OK && child_holidays(child) == CRM_OK;
}


static crm_status_t
child_zone(child_t *child)
{
    size_t              i;
    crm_zone_change_t  *change;
    crm_deluge_list_t  *changes, *pair;

    changes = child_list(child, "zone");

    if (changes == NULL || changes->count == 0) {
        return CRM_OK;
    }

    child->zone.changes = crm_pool_calloc(child->pool, changes->count,
                                          sizeof(crm_zone_change_t));
    if (child->zone.changes == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < changes->count; i++) {

        if (changes->items[i].type != CRM_DELUGE_LIST
            || changes->items[i].u.list->count != 2)
        {
            return CRM_EINVAL;
        }

        pair = changes->items[i].u.list;
        change = &child->zone.changes[i];
        change->at_s = child_number(&pair->items[0]);
        change->offset_s = (int) child_number(&pair->items[1]);
    }

    child->zone.count = changes->count;

    return crm_zone_valid(&child->zone) ? CRM_OK : CRM_EINVAL;
}


static void
child_hours(child_t *child)
{
    size_t              i;
    crm_deluge_list_t  *week, *span;

    crm_hours_init(&child->hours);

    week = child_list(child, "week");

    if (week == NULL || week->count != 7) {
        return;
    }

    child->hours.week_start = (int) child_number(
                                  crm_deluge_map_get(child->start,
                                                     CRM_STR("week_start")));

    for (i = 0; i < 7; i++) {
        span = week->items[i].type == CRM_DELUGE_LIST
               ? week->items[i].u.list : NULL;

        if (span != NULL && span->count == 2) {
            child->hours.week[i].from_s = (int) child_number(&span->items[0]);
            child->hours.week[i].to_s = (int) child_number(&span->items[1]);
        }
    }
}


static crm_status_t
child_holidays(child_t *child)
{
    size_t              i;
    crm_deluge_list_t  *holidays;

    holidays = child_list(child, "holidays");

    if (holidays == NULL || holidays->count == 0) {
        return CRM_OK;
    }

    child->hours.holidays = crm_pool_calloc(child->pool, holidays->count,
                                            sizeof(long long));
    if (child->hours.holidays == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < holidays->count; i++) {
        child->hours.holidays[i] = child_number(&holidays->items[i]);
    }

    child->hours.holidays_count = holidays->count;

    return CRM_OK;
}


/* Dates come as texts; the function's own declaration says which are some. */
static crm_status_t
child_arguments(child_t *child)
{
    size_t                     at;
    crm_deluge_value_t         v, *types, *type, *arguments;
    const crm_deluge_entry_t  *entry;

    types = crm_deluge_map_get(child->start, CRM_STR("types"));
    arguments = crm_deluge_map_get(child->start, CRM_STR("arguments"));

    if (types == NULL || types->type != CRM_DELUGE_MAP || arguments == NULL
        || arguments->type != CRM_DELUGE_MAP)
    {
        return CRM_EINVAL;
    }

    at = 0;

    while ((entry = crm_deluge_map_next(arguments->u.map, &at)) != NULL) {
        type = crm_deluge_map_get(types->u.map, entry->key);

        if (type == NULL || type->type != CRM_DELUGE_TEXT
            || entry->value.type != CRM_DELUGE_TEXT
            || !(crm_str_is(type->u.text, "date")
                 || crm_str_is(type->u.text, "datetime"))
            || crm_deluge_moment_read(&v, entry->value.u.text, &child->zone)
               != CRM_OK)
        {
            continue;
        }

        *crm_deluge_map_get(arguments->u.map, entry->key) = v;
    }

    return CRM_OK;
}


static void
child_run(child_t *child)
{
    crm_status_t  rc;

    rc = child_arguments(child);

    if (rc == CRM_OK) {
        rc = crm_deluge_parse(&child->script, child_text(child, "source"),
                              child->pool, &child->err);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_run(&child->result, &child->script,
                            crm_deluge_map_get(child->start,
                                               CRM_STR("arguments"))->u.map,
                            &child->host, &child->limits, child->values,
                            &child->err);
    }

    child->status = rc == CRM_OK ? "ok"
                    : rc == CRM_EINVAL ? "threw" : "limit";

    if (rc == CRM_ENOMEM && child->err.text[0] == '\0') {
        (void) crm_deluge_fail(&child->err, rc, child->err.place,
                               "there is no more memory");
    }
}


/* Asks the worker, and waits. */
static crm_status_t
child_effect(void *data, const crm_deluge_effect_t *effect,
    crm_deluge_value_t *result, crm_pool_t *pool, crm_deluge_error_t *err)
{
    char        kind;
    size_t      i;
    child_t    *child = data;
    crm_buf_t   buf;
    crm_str_t   text;

    crm_buf_init(&buf, pool, CRM_WORKER_FRAME_MAX);
    crm_buf_puts(&buf, "{\"name\":");
    crm_buf_json(&buf, effect->name);
    crm_buf_puts(&buf, ",\"line\":");
    crm_buf_int(&buf, effect->place.line);
    crm_buf_puts(&buf, ",\"args\":[");

    for (i = 0; i < effect->count; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_deluge_write_json(&buf, &effect->args[i], &child->zone);
    }

    crm_buf_puts(&buf, "]}");

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_deluge_fail(err, CRM_ELIMIT, effect->place,
                               "what %.*s is given is too large",
                               (int) effect->name.len, effect->name.data);
    }

    if (!crm_worker_child_write(CRM_WORKER_FRAME_EFFECT, crm_buf_view(&buf))
        || !crm_worker_child_read(&kind, &text, pool))
    {
        child->broken = 1;
        return crm_deluge_fail(err, CRM_ELIMIT, effect->place,
                               "nobody answers, or the answer is too large");
    }

    return child_answered(child, kind, text, effect, result, pool, err);
}


static crm_status_t
child_answered(child_t *child, char kind, crm_str_t text,
    const crm_deluge_effect_t *effect, crm_deluge_value_t *result,
    crm_pool_t *pool, crm_deluge_error_t *err)
{
    crm_status_t  rc;

    if (kind == CRM_WORKER_FRAME_THROW || kind == CRM_WORKER_FRAME_LIMIT) {
        return crm_deluge_fail(err, kind == CRM_WORKER_FRAME_THROW
                                    ? CRM_EINVAL : CRM_ELIMIT, effect->place,
                               "%.*s", (int) text.len, text.data);
    }

    if (kind != CRM_WORKER_FRAME_ANSWER && kind != CRM_WORKER_FRAME_FILE) {
        child->broken = 1;
        return CRM_ELIMIT;
    }

    rc = crm_deluge_json(result, text, pool);

    if (rc == CRM_OK && kind == CRM_WORKER_FRAME_FILE) {
        rc = crm_deluge_file_read(result, pool);
    }

    return rc != CRM_EINVAL ? rc
           : crm_deluge_fail(err, CRM_EINVAL, effect->place,
                             "the answer to %.*s is no JSON",
                             (int) effect->name.len, effect->name.data);
}


/* The log is text that the script made, and UTF-8; what it returns becomes
 * JSON. */
static int
child_tell(child_t *child)
{
    crm_buf_t  buf;
    crm_str_t  value;

    value = child_value(child);

    crm_buf_init(&buf, child->pool, CRM_WORKER_FRAME_MAX);
    crm_buf_puts(&buf, "{\"status\":");
    crm_buf_json(&buf, crm_strz(child->status));
    crm_buf_puts(&buf, ",\"result\":");
    crm_buf_str(&buf, value);
    crm_buf_puts(&buf, ",\"log\":");
    crm_buf_json(&buf, child->result.log);
    crm_buf_puts(&buf, ",\"log_cut\":");
    crm_buf_puts(&buf, child->result.log_cut ? "true" : "false");
    crm_buf_puts(&buf, ",\"statements\":");
    crm_buf_int(&buf, (long long) child->result.statements);
    crm_buf_puts(&buf, ",\"effects\":");
    crm_buf_int(&buf, (long long) child->result.effects);

    if (strcmp(child->status, "ok") != 0) {
        crm_buf_puts(&buf, ",\"error\":{\"text\":");
        crm_buf_json(&buf, crm_strz(child->err.text));
        crm_buf_puts(&buf, ",\"line\":");
        crm_buf_int(&buf, child->err.place.line);
        crm_buf_puts(&buf, ",\"column\":");
        crm_buf_int(&buf, child->err.place.column);
        crm_buf_putc(&buf, '}');
    }

    crm_buf_putc(&buf, '}');

    return crm_buf_status(&buf) == CRM_OK
           && crm_worker_child_write(CRM_WORKER_FRAME_RESULT,
                                     crm_buf_view(&buf));
}


/* Too much of it is a limit, too. */
static crm_str_t
child_value(child_t *child)
{
    crm_buf_t  buf;

    if (strcmp(child->status, "ok") != 0) {
        return CRM_STR("null");
    }

    crm_buf_init(&buf, child->pool, CRM_WORKER_CHILD_RESULT);
    crm_deluge_write_json(&buf, &child->result.value, &child->zone);

    if (crm_buf_status(&buf) == CRM_OK) {
        return crm_buf_view(&buf);
    }

    child->status = "limit";
    (void) crm_deluge_fail(&child->err, CRM_ELIMIT, child->err.place,
                           "the result is larger than 10 MB");

    return CRM_STR("null");
}


static crm_deluge_list_t *
child_list(const child_t *child, const char *name)
{
    crm_deluge_value_t  *v;

    v = crm_deluge_map_get(child->start, crm_strz(name));

    return v && v->type == CRM_DELUGE_LIST ? v->u.list : NULL;
}


static long long
child_number(const crm_deluge_value_t *v)
{
    return v && v->type == CRM_DELUGE_NUMBER ? v->u.number : 0;
}


static crm_str_t
child_text(const child_t *child, const char *name)
{
    crm_deluge_value_t  *v;

    v = crm_deluge_map_get(child->start, crm_strz(name));

    return v && v->type == CRM_DELUGE_TEXT ? v->u.text : CRM_STR("");
}
