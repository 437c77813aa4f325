/*
 * The command doctor: what is wrong, and what to do about it.
 *
 * One function a check, in the order in which one depends on the other. A
 * check that cannot be made says so and does not stop the next.
 */

#include "crm_cli.h"
#include "crm_cli_doctor.h"
#include "crm_cli_doctor_nginx.h"
#include "crm_cli_health.h"
#include "crm_cli_intents.h"
#include "crm_cli_print.h"
#include "crm_cli_queues.h"
#include "rules/crm_ruleset.h"

#include <stdarg.h>


/* A worker looks for what is due within a second; a minute means that none
 * does, or that the backend does not answer it. */
#define DOCTOR_INTENT_WARN_MS  60000

/* Undetermined writes that are named one by one. */
#define DOCTOR_MAX_INTENTS     20

/* A worker takes jobs within a second; a minute means that none does. */
#define DOCTOR_QUEUE_WARN_MS   60000

#define DOCTOR_MAX_TEXT        512


static void check_rules(crm_cli_doctor_t *d);
static void check_compiles(crm_cli_doctor_t *d);
static void check_listed(crm_cli_doctor_t *d);
static void check_processes(crm_cli_doctor_t *d);
static void check_intents(crm_cli_doctor_t *d);
static void undetermined_say(crm_cli_doctor_t *d,
    const crm_cli_intents_t *intents);
static void late_say(crm_cli_doctor_t *d, const crm_cli_intents_t *intents);
static void check_jobs(crm_cli_doctor_t *d);
static void doctor_print(const crm_cli_doctor_t *d);
static json_t *doctor_json(const crm_cli_doctor_t *d);


static void (*const  checks[])(crm_cli_doctor_t *d) = {
    crm_cli_doctor_version, crm_cli_doctor_memory, crm_cli_doctor_durability,
    crm_cli_doctor_clock, check_rules, crm_cli_doctor_zone,
    crm_cli_doctor_epoch, check_listed, check_processes, check_intents,
    check_jobs, crm_cli_doctor_endpoints
};

static const char *const  level_names[] = { "ok", "warn", "FAIL" };


crm_cli_exit_t
crm_cli_doctor(crm_cli_t *cli)
{
    int                rc;
    size_t             i;
    json_t            *value;
    crm_cli_doctor_t   d;

    if (cli->opts.nginx == NULL
        && (cli->opts.module || cli->opts.nginx_conf))
    {
        crm_cli_complain("--module and --nginx-conf need --nginx PATH: the "
                         "program that is to be asked");
        return CRM_CLI_USAGE;
    }

    if (cli->opts.accept_epoch) {
        return crm_cli_epoch_accept(cli);
    }

    memset(&d, 0, sizeof(crm_cli_doctor_t));
    d.cli = cli;
    d.live.epoch = "";

    crm_cli_doctor_redis(&d);

    for (i = 0; d.store && i < sizeof(checks) / sizeof(checks[0]); i++) {
        checks[i](&d);
    }

    if (cli->opts.nginx) {
        crm_cli_doctor_nginx(&d);
    }

    if (cli->opts.json) {
        value = doctor_json(&d);
        rc = value ? crm_cli_print_json(value, stdout) : -1;
        json_decref(value);

        if (rc != 0) {
            return crm_cli_no_memory();
        }

    } else {
        doctor_print(&d);
    }

    return d.failed ? CRM_CLI_FAILED : CRM_CLI_OK;
}


static void
check_rules(crm_cli_doctor_t *d)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_cli_live_read(&d->live, d->store, d->cli->opts.org,
                           d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "rules", rc, &err);
        return;
    }

    if (d->live.revision == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "rules",
                "apply a folder: crmctl apply DIR",
                "no rules were ever applied for organisation %s",
                d->cli->opts.org);
        return;
    }

    check_compiles(d);
}


static void
check_compiles(crm_cli_doctor_t *d)
{
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    crm_findings_init(&findings, d->cli->pool);
    rules = crm_ruleset_create(d->live.bundle, d->live.revision,
                               crm_host_malloc(), &findings);

    if (rules) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "rules", NULL,
                "revision %lld compiles: %zu objects", d->live.revision,
                json_array_size(json_object_get(d->live.bundle, "objects")));
        crm_cli_doctor_dialects(d, rules);
        crm_ruleset_release(rules);
        return;
    }

    crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "rules",
            "apply a folder that is right, or use the crmctl that stored it",
            "revision %lld does not compile: %s", d->live.revision,
            findings.count ? findings.items[0].message : "out of memory");
}


static void
check_listed(crm_cli_doctor_t *d)
{
    long long      n;
    crm_error_t    err;
    crm_reply_t   *reply;
    crm_status_t   rc;

    if (d->live.revision == 0) {
        return;
    }

    rc = crm_store_command(d->store, d->cli->pool, &reply, &err, 3,
                           CRM_STR("SISMEMBER"), CRM_KEY_ORGS,
                           crm_strz(d->cli->opts.org));
    if (rc == CRM_OK) {
        rc = crm_reply_integer(&n, reply, &err);
    }

    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "listed", rc, &err);

    } else if (n == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "listed",
                "apply the rules once more",
                "crm:orgs does not list %s: workers pass it over",
                d->cli->opts.org);
    }
}


static void
check_processes(crm_cli_doctor_t *d)
{
    size_t                    i, bad;
    crm_error_t               err;
    crm_status_t              rc;
    crm_cli_processes_t       processes;
    const crm_cli_process_t  *p;

    rc = crm_cli_live_processes(&processes, d->store, d->cli->opts.org,
                                d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "processes", rc, &err);
        return;
    }

    bad = 0;

    for (i = 0; i < processes.count; i++) {
        p = &processes.items[i];

        if (p->revision >= d->live.revision) {
            continue;
        }

        bad++;

        if (p->rejected) {
            crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "processes",
                    "apply a folder that is right; the versions of crmctl and "
                    "the module should be the same",
                    "%s:%lld refuses revision %lld and runs %lld: %s", p->host,
                    p->pid, p->rejected, p->revision, p->error);
        } else {
            crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "processes",
                    "look into its error log",
                    "%s:%lld runs revision %lld, not %lld", p->host, p->pid,
                    p->revision, d->live.revision);
        }
    }

    if (processes.count == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "processes",
                "start nginx with crm_org and crm_redis of this organisation",
                "no nginx process runs");

    } else if (bad == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "processes", NULL,
                "%zu, all at revision %lld", processes.count,
                d->live.revision);
    }
}


static void
check_intents(crm_cli_doctor_t *d)
{
    crm_error_t         err;
    crm_status_t        rc;
    crm_cli_intents_t   intents;

    rc = crm_cli_intents_read(&intents, d->store, d->cli->opts.org,
                              d->live.now_ms, DOCTOR_MAX_INTENTS,
                              d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "intents", rc, &err);
        return;
    }

    if (intents.undetermined) {
        undetermined_say(d, &intents);
    }

    if (intents.late_ms > DOCTOR_INTENT_WARN_MS) {
        late_say(d, &intents);

    } else if (intents.undetermined == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "intents", NULL,
                "%lld writes pending", intents.pending);
    }
}


static void
undetermined_say(crm_cli_doctor_t *d, const crm_cli_intents_t *intents)
{
    size_t                   i;
    const crm_cli_intent_t  *intent;

    crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "intents",
            "look into the CRM, then: crmctl intents settle EVENT "
            "committed|dropped", "%lld writes are undetermined",
            intents->undetermined);

    for (i = 0; i < intents->count && (long long) i < intents->undetermined
                && i < DOCTOR_MAX_INTENTS; i++)
    {
        intent = &intents->items[i];

        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "intents", NULL,
                "%s: %s %s, since %lld s: %s", intent->event,
                intent->operation[0] ? intent->operation : "write",
                intent->record[0] ? intent->record : "of a record",
                (d->live.now_ms - intent->at_ms) / 1000, intent->reason);
    }
}


static void
late_say(crm_cli_doctor_t *d, const crm_cli_intents_t *intents)
{
    const crm_cli_intent_t  *late;

    late = intents->late;

    crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "intents",
            "look whether crm-worker runs, with --backend, and reaches the "
            "CRM", "%lld writes pending; %s should have ended %lld s ago%s%s",
            intents->pending, late->event, intents->late_ms / 1000,
            late->reason[0] ? ": " : "", late->reason);
}


static void
check_jobs(crm_cli_doctor_t *d)
{
    int                     i;
    crm_cli_level_t         level;
    crm_error_t             err;
    crm_status_t            rc;
    crm_cli_queues_t        queues;
    const crm_cli_queue_t  *q;

    rc = crm_cli_queues_read(&queues, d->store, d->cli->opts.org,
                             d->live.now_ms, d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "jobs", rc, &err);
        return;
    }

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        q = &queues.queues[i];

        if (q->oldest_ms > DOCTOR_QUEUE_WARN_MS) {
            crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "jobs",
                    "look whether crm-worker runs and keeps up",
                    "%lld %s wait, the oldest for %lld s", q->waiting,
                    crm_queue_name((crm_queue_t) i), q->oldest_ms / 1000);
        }
    }

    level = queues.dead ? CRM_CLI_CHECK_WARN : CRM_CLI_CHECK_OK;

    crm_cli_doctor_say(d, level, "jobs",
            level == CRM_CLI_CHECK_OK ? NULL :
            "the reasons stand in the dead list (docs/redis.md)",
            "%lld dead, %lld delayed", queues.dead, queues.delayed);
}


void
crm_cli_doctor_say(crm_cli_doctor_t *d, crm_cli_level_t level,
    const char *check, const char *advice, const char *fmt, ...)
{
    char        text[DOCTOR_MAX_TEXT];
    va_list     args;
    crm_cli_check_t    *c;
    crm_str_t   copy;

    if (level == CRM_CLI_CHECK_FAIL) {
        d->failed = 1;
    }

    if (d->count == CRM_CLI_MAX_CHECKS) {
        return;
    }

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    copy = crm_pool_dup(d->cli->pool, crm_strz(text));

    c = &d->checks[d->count++];
    c->level = level;
    c->check = check;
    c->message = copy.data ? copy.data : "out of memory";
    c->advice = advice;
}


void
crm_cli_doctor_unreadable(crm_cli_doctor_t *d, const char *check,
    crm_status_t rc, const crm_error_t *err)
{
    crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, check, NULL, "%s",
            rc == CRM_ENOMEM ? "out of memory"
            : rc == CRM_DECLINED ? "Redis says nothing" : err->text);
}


static void
doctor_print(const crm_cli_doctor_t *d)
{
    size_t          i;
    const crm_cli_check_t  *c;

    for (i = 0; i < d->count; i++) {
        c = &d->checks[i];

        printf("%-4s  %-10s  ", level_names[c->level], c->check);
        crm_cli_print_text(c->message, stdout);

        if (c->advice) {
            printf("; %s", c->advice);
        }

        putchar('\n');
    }
}


static json_t *
doctor_json(const crm_cli_doctor_t *d)
{
    size_t          i;
    json_t         *list, *item;
    const crm_cli_check_t  *c;

    list = json_array();

    for (i = 0; list && i < d->count; i++) {
        c = &d->checks[i];

        item = json_pack("{s:s, s:s, s:o, s:s?}",
                         "check", c->check, "level", level_names[c->level],
                         "message", crm_cli_json_text(c->message),
                         "advice", c->advice);

        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list ? json_pack("{s:b, s:o}", "ok", !d->failed, "checks", list)
                : NULL;
}
