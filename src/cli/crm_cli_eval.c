/*
 * The command eval: one write judged with a rule folder, without a server.
 *
 * The same calls in the same order as in nginx. Of the record in Redis nothing
 * is known: no save through us has marked it, and a blueprint that would take
 * the stored record has.
 */

#include "crm_cli.h"
#include "crm_cli_explain.h"
#include "crm_cli_feature.h"
#include "crm_cli_folder.h"
#include "crm_cli_print.h"
#include "crm_cli_rules.h"
#include "base/crm_limits.h"
#include "base/crm_ulid.h"
#include "queue/crm_plan.h"
#include "queue/crm_timer.h"
#include "transform/crm_assign.h"

#include <sys/random.h>
#include <time.h>


typedef struct {
    crm_cli_t           *cli;
    crm_cli_rules_t      rules;
    crm_ruleset_t       *set;
    crm_operation_t      operation;
    long long            now_ms;
    crm_str_t            request_text;
    crm_record_t         request;
    crm_record_t         before;
    crm_write_t          write;
    crm_event_t          event;         /* finished, unless it was refused */
    crm_plan_t           plan;          /* empty if it was refused */
    crm_str_t            forwarded;     /* the record as the backend gets it */
    crm_str_t            trace;
    char                 id[CRM_ULID_LEN + 1];
} eval_t;


static crm_cli_exit_t eval_options(eval_t *e);
static crm_cli_exit_t eval_operation(eval_t *e);
static crm_cli_exit_t eval_usage(const char *text);
static crm_cli_exit_t eval_rules(eval_t *e);
static crm_cli_exit_t eval_module(eval_t *e);
static crm_cli_exit_t eval_records(eval_t *e);
static crm_cli_exit_t record_read(eval_t *e, const char *path,
    crm_str_t *text, crm_record_t *record);
static crm_cli_exit_t eval_judge(eval_t *e);
static crm_status_t eval_write(eval_t *e);
static crm_status_t eval_event(eval_t *e);
static crm_status_t eval_id(eval_t *e);
static void set_end(void *data);
static crm_status_t eval_trace(eval_t *e);
static void eval_print(const eval_t *e);
static int time_parse(long long *ms, const char *text);
static int time_digits(int *n, const char **p, int count);
static int time_zone(int *minutes, const char **p);


crm_cli_exit_t
crm_cli_eval(crm_cli_t *cli)
{
    eval_t          e;
    crm_cli_exit_t  rc;

    memset(&e, 0, sizeof(eval_t));
    e.cli = cli;

    rc = eval_options(&e);

    if (rc == CRM_CLI_OK) {
        rc = eval_rules(&e);
    }

    if (rc == CRM_CLI_OK) {
        rc = eval_records(&e);
    }

    if (rc == CRM_CLI_OK) {
        rc = eval_module(&e);
    }

    return rc == CRM_CLI_OK ? eval_judge(&e) : rc;
}


static crm_cli_exit_t
eval_options(eval_t *e)
{
    struct timespec        ts;
    const crm_cli_opts_t  *opts;

    opts = &e->cli->opts;

    if (opts->module == NULL) {
        return eval_usage("--module NAME is missing: the CRM module that the "
                          "record belongs to");
    }

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    e->now_ms = (long long) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;

    if (opts->now && time_parse(&e->now_ms, opts->now) != 0) {
        crm_cli_complain("--now takes a time such as 2026-03-27T16:30:00+01:00"
                         " or 2026-03-27T15:30:00Z, not \"%s\"", opts->now);
        return CRM_CLI_USAGE;
    }

    if (opts->apply && crm_cli_feature(opts->apply) == 0) {
        crm_cli_complain("--apply takes criteria_validation_rule or"
                         " assignment_rules, not \"%s\"", opts->apply);
        return CRM_CLI_USAGE;
    }

    return eval_operation(e);
}


static crm_cli_exit_t
eval_operation(eval_t *e)
{
    const char            *near;
    const crm_cli_opts_t  *opts;

    static const char *const  names[] = { "create", "update", "delete", NULL };

    opts = &e->cli->opts;

    if (opts->operation == NULL) {
        e->operation = opts->before ? CRM_OP_UPDATE : CRM_OP_CREATE;

    } else if (strcmp(opts->operation, "create") == 0) {
        e->operation = CRM_OP_CREATE;

    } else if (strcmp(opts->operation, "update") == 0) {
        e->operation = CRM_OP_UPDATE;

    } else if (strcmp(opts->operation, "delete") == 0) {
        e->operation = CRM_OP_DELETE;

    } else {
        near = crm_cli_nearest(opts->operation, names);
        crm_cli_complain("--operation takes create, update or delete, not "
                         "\"%s\"%s%s%s", opts->operation,
                         near ? ": did you mean " : "", near ? near : "",
                         near ? "?" : "");
        return CRM_CLI_USAGE;
    }

    if (e->operation == CRM_OP_CREATE && opts->before) {
        return eval_usage("a create has no stored record: leave --before out");
    }

    if (e->operation != CRM_OP_CREATE && opts->before == NULL) {
        return eval_usage("--before FILE is missing: the stored record");
    }

    if (e->operation == CRM_OP_DELETE && opts->record) {
        return eval_usage("a delete sends no record: leave --record out, and "
                          "give the stored one with --before");
    }

    if (e->operation != CRM_OP_DELETE && opts->record == NULL) {
        return eval_usage("--record FILE is missing: what the client sends");
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
eval_usage(const char *text)
{
    crm_cli_complain("eval: %s", text);

    return CRM_CLI_USAGE;
}


static crm_cli_exit_t
eval_rules(eval_t *e)
{
    int           errors;
    crm_pool_t   *pool;
    const char   *dir;

    pool = e->cli->pool;
    dir = e->cli->opts.args[1];

    if (crm_cli_rules_load(&e->rules, dir, pool) != CRM_OK
        || crm_cli_rules_limits(&e->rules, e->cli->opts.limits) != CRM_OK
        || crm_cli_rules_check(&e->rules, &e->set) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    if (e->set && crm_pool_on_destroy(pool, set_end, e->set) != CRM_OK) {
        return crm_cli_no_memory();
    }

    errors = e->rules.findings.errors > 0;

    if (crm_cli_rules_report(&e->rules, errors && e->cli->opts.json) != 0) {
        return crm_cli_no_memory();
    }

    if (errors) {
        crm_cli_complain("the rules have errors: nothing was judged");
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


static void
set_end(void *data)
{
    crm_ruleset_release(data);
}


static crm_cli_exit_t
eval_module(eval_t *e)
{
    size_t        i, n;
    const char   *near, **names;

    e->write.module = crm_ruleset_module(e->set,
                                         crm_strz(e->cli->opts.module));
    if (e->write.module) {
        return CRM_CLI_OK;
    }

    n = crm_ruleset_modules(e->set);
    names = crm_pool_calloc(e->cli->pool, n + 1, sizeof(char *));
    if (names == NULL) {
        return crm_cli_no_memory();
    }

    for (i = 0; i < n; i++) {
        names[i] = crm_pool_dup(e->cli->pool,
                                crm_ruleset_module_at(e->set, i)->name).data;
        if (names[i] == NULL) {
            return crm_cli_no_memory();
        }
    }

    near = crm_cli_nearest(e->cli->opts.module, names);

    crm_cli_complain("no rule of this folder concerns module \"%s\"%s%s%s",
                     e->cli->opts.module, near ? ": did you mean \"" : "",
                     near ? near : "", near ? "\"?" : "");

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
eval_records(eval_t *e)
{
    crm_str_t              text;
    crm_cli_exit_t         rc;
    const crm_cli_opts_t  *opts;

    opts = &e->cli->opts;
    rc = CRM_CLI_OK;

    if (opts->record) {
        rc = record_read(e, opts->record, &e->request_text, &e->request);
        e->write.request = &e->request;
    }

    if (rc == CRM_CLI_OK && opts->before) {
        rc = record_read(e, opts->before, &text, &e->before);
        e->write.before = &e->before;
    }

    return rc;
}


static crm_cli_exit_t
record_read(eval_t *e, const char *path, crm_str_t *text,
    crm_record_t *record)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_cli_file_read(text, path, CRM_MAX_BODY_BYTES, e->cli->pool, &err);

    if (rc == CRM_OK) {
        rc = crm_record_parse(record, *text, NULL, e->cli->pool, &err);
    }

    if (rc == CRM_OK) {
        return CRM_CLI_OK;
    }

    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    if (err.offset == CRM_NO_OFFSET) {
        crm_cli_complain("%s: %s", path, err.text);

    } else {
        crm_cli_complain("%s: byte %zu: %s", path, err.offset, err.text);
    }

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
eval_judge(eval_t *e)
{
    crm_status_t  rc;

    rc = eval_write(e);

    if (rc == CRM_OK) {
        rc = eval_event(e);
    }

    if (rc == CRM_OK) {
        rc = eval_trace(e);
    }

    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    eval_print(e);

    return CRM_CLI_OK;
}


static crm_status_t
eval_write(eval_t *e)
{
    const char     *user;
    crm_status_t    rc;
    unsigned char   random[CRM_ULID_RANDOM];

    if (getrandom(random, sizeof(random), 0) != (ssize_t) sizeof(random)) {
        memset(random, 0, sizeof(random));
    }

    user = e->cli->opts.user;

    e->write.rules = e->set;
    e->write.operation = e->operation;
    e->write.org = crm_strz(e->cli->opts.org ? e->cli->opts.org : "offline");
    e->write.event = crm_ulid(e->id, e->now_ms, random);
    e->write.actor = crm_ruleset_actor(e->set, crm_strz(user ? user : ""));
    e->write.now_ms = e->now_ms;
    e->write.workflow = 1;
    e->write.run = CRM_RUN_ALL;
    e->write.dialect = crm_dialect_default();
    e->write.unasked = 1;
    e->write.apply = e->cli->opts.apply
                     ? crm_cli_feature(e->cli->opts.apply) : 0;
    e->write.lar_id = crm_strz(e->cli->opts.lar_id ? e->cli->opts.lar_id : "");

    rc = eval_id(e);

    if (rc == CRM_OK) {
        rc = crm_write_init(&e->write, e->cli->pool);
    }

    if (rc == CRM_OK) {
        rc = crm_assign_suppose(&e->write);
    }

    return rc == CRM_OK ? crm_course_suppose(&e->write) : rc;
}


/* The stored record knows its id. */

static crm_status_t
eval_id(eval_t *e)
{
    crm_value_t         value;
    crm_status_t        rc;
    const crm_field_t  *field;

    e->write.record_id = CRM_STR("");

    if (e->write.before == NULL) {
        return CRM_OK;
    }

    field = crm_record_field(e->write.before, CRM_STR("id"));
    if (field == NULL) {
        return CRM_OK;
    }

    rc = crm_value_from_span(&value, field->value, e->cli->pool);

    if (rc == CRM_OK && (value.type == CRM_VALUE_TEXT
                         || value.type == CRM_VALUE_NUMBER))
    {
        e->write.record_id = value.text;
    }

    return rc;
}


static crm_status_t
eval_event(eval_t *e)
{
    crm_event_t   *event;
    crm_status_t   rc;

    event = &e->event;

    rc = crm_event_judge(event, &e->write);

    if (rc != CRM_OK || event->verdict.kind != CRM_REFUSE_NONE) {
        return rc;
    }

    rc = crm_event_forward(event, e->request_text, &e->forwarded);

    if (rc == CRM_OK) {
        rc = crm_event_finish(event, e->write.record_id);
    }

    if (rc == CRM_OK) {
        rc = crm_plan(&e->plan, event);
    }

    return rc == CRM_OK ? crm_timer_tell(&e->plan, event) : rc;
}


static crm_status_t
eval_trace(eval_t *e)
{
    crm_buf_t     buf;
    crm_trace_t   how;
    crm_status_t  rc;

    memset(&how, 0, sizeof(crm_trace_t));
    how.explain = 1;
    how.whole = 1;
    how.jobs = e->plan.jobs;
    how.jobs_count = e->plan.jobs_count;
    how.timers = e->plan.timers;

    crm_buf_init(&buf, e->cli->pool, 0);

    rc = crm_event_trace(&e->event, &buf, &how);
    e->trace = crm_buf_view(&buf);

    return rc;
}


static void
eval_print(const eval_t *e)
{
    crm_span_t         trace;
    crm_cli_explain_t  how;

    if (e->cli->opts.json) {
        (void) fwrite(e->trace.data, 1, e->trace.len, stdout);
        putchar('\n');
        return;
    }

    memset(&trace, 0, sizeof(crm_span_t));
    trace.data = e->trace.data;
    trace.len = e->trace.len;
    trace.type = CRM_JSON_OBJECT;

    memset(&how, 0, sizeof(crm_cli_explain_t));
    how.pool = e->cli->pool;
    how.out = stdout;
    how.indent = "";

    crm_cli_explain(&how, trace);

    if (e->event.verdict.kind == CRM_REFUSE_NONE && e->write.request) {
        fputs("the backend gets\n  ", stdout);
        crm_cli_print_str(e->forwarded, stdout);
        putchar('\n');
    }
}


/* RFC 3339; seconds and their fraction may be left out. */

static int
time_parse(long long *ms, const char *text)
{
    int          year, month, day, hour, minute, second, zone;
    time_t       t;
    long long    fraction, unit;
    struct tm    tm, check;
    const char  *p;

    p = text;
    second = 0;
    fraction = 0;

    if (time_digits(&year, &p, 4) != 0 || *p++ != '-'
        || time_digits(&month, &p, 2) != 0 || *p++ != '-'
        || time_digits(&day, &p, 2) != 0 || *p++ != 'T'
        || time_digits(&hour, &p, 2) != 0 || *p++ != ':'
        || time_digits(&minute, &p, 2) != 0 || hour > 23 || minute > 59)
    {
        return -1;
    }

    if (*p == ':') {
        p++;
        if (time_digits(&second, &p, 2) != 0 || second > 59) {
            return -1;
        }
    }

    if (*p == '.') {
        for (unit = 100, p++; *p >= '0' && *p <= '9'; unit /= 10) {
            fraction += (*p++ - '0') * unit;
        }
    }

    if (time_zone(&zone, &p) != 0 || *p) {
        return -1;
    }

    memset(&tm, 0, sizeof(struct tm));
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    tm.tm_hour = hour;
    tm.tm_min = minute;
    tm.tm_sec = second;
    check = tm;

    t = timegm(&tm);

    if (tm.tm_mday != check.tm_mday || tm.tm_mon != check.tm_mon) {
        return -1;
    }

    *ms = ((long long) t - zone * 60LL) * 1000 + fraction;

    return 0;
}


static int
time_digits(int *n, const char **p, int count)
{
    *n = 0;

    while (count--) {
        if (**p < '0' || **p > '9') {
            return -1;
        }

        *n = *n * 10 + (*(*p)++ - '0');
    }

    return 0;
}


/* Z or +HH:MM, as minutes east. */

static int
time_zone(int *minutes, const char **p)
{
    int  sign, hour, minute;

    if (**p == 'Z') {
        (*p)++;
        *minutes = 0;
        return 0;
    }

    if (**p != '+' && **p != '-') {
        return -1;
    }

    sign = *(*p)++ == '-' ? -1 : 1;

    if (time_digits(&hour, p, 2) != 0 || *(*p)++ != ':'
        || time_digits(&minute, p, 2) != 0 || hour > 23 || minute > 59)
    {
        return -1;
    }

    *minutes = sign * (hour * 60 + minute);

    return 0;
}
