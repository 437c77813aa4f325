/*
 * A stored revision on its way into the nginx processes.
 */

#include "crm_cli_rollout.h"
#include "crm_cli_print.h"
#include "crm_cli_remote.h"

#include <errno.h>
#include <signal.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>


#define ROLLOUT_WAIT_MS    5000
#define ROLLOUT_POLL_MS    100

/* Processes report once a second: this is silence. */
#define ROLLOUT_SILENT_MS  2500


static crm_status_t rollout_wait(crm_cli_rollout_t *r, crm_error_t *err);
static crm_status_t rollout_look(crm_cli_rollout_t *r, long waited_ms,
    crm_error_t *err);
static int process_has_ended(const crm_cli_process_t *p, const char *host,
    long long now_ms);
static int process_has(const crm_cli_process_t *p, long long revision);
static int process_waits(const crm_cli_process_t *p, long long revision);
static void result_text(const crm_cli_rollout_t *r);
static void process_missing(const crm_cli_process_t *p,
    const crm_cli_rollout_t *r);
static json_t *result_json(const crm_cli_rollout_t *r);
static json_t *process_json(const crm_cli_process_t *p, long long revision);


crm_cli_exit_t
crm_cli_rollout_store(crm_cli_rollout_t *rollout, crm_cli_publish_t *publish)
{
    crm_cli_t       *cli;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_exit_t   done;

    cli = rollout->cli;
    publish->org = cli->opts.org;
    publish->author = cli->opts.author;

    if (cli->opts.message) {
        publish->message = cli->opts.message;
    }

    if (cli->opts.server) {
        done = crm_cli_remote_publish(publish, cli);
        rollout->revision = publish->revision;
        return done;
    }

    rc = crm_cli_publish(publish, rollout->store, cli->pool, &err);

    if (rc == CRM_OK) {
        rollout->revision = publish->revision;
        return CRM_CLI_OK;
    }

    if (rc == CRM_EINVAL && publish->in_doubt) {
        crm_cli_complain("whether revision %lld is stored is not known, Redis "
                         "has not answered: crmctl history will tell",
                         publish->expected + 1);
    } else {
        crm_cli_complain("the rules could not be stored");
    }

    return crm_cli_live_failed(rc, &err);
}


crm_cli_exit_t
crm_cli_rollout_run(crm_cli_rollout_t *rollout)
{
    crm_cli_t     *cli;
    crm_error_t    err;
    crm_status_t   rc;

    cli = rollout->cli;

    rc = cli->opts.server ? CRM_OK
         : crm_cli_publish_announce(rollout->store, cli->opts.org,
                                    rollout->revision, cli->pool, &err);
    if (rc == CRM_OK) {
        rc = rollout_wait(rollout, &err);
    }

    if (rc == CRM_OK) {
        return CRM_CLI_OK;
    }

    if (rollout->changed) {
        crm_cli_complain("revision %lld is stored, but what became of it "
                         "could not be read", rollout->revision);
    }

    return crm_cli_live_failed(rc, &err);
}


static crm_status_t
rollout_wait(crm_cli_rollout_t *r, crm_error_t *err)
{
    size_t           i, waits;
    long             waited_ms;
    crm_status_t     rc;
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = ROLLOUT_POLL_MS * 1000000L;

    for (waited_ms = 0; ; waited_ms += ROLLOUT_POLL_MS) {
        rc = rollout_look(r, waited_ms, err);
        if (rc != CRM_OK) {
            return rc;
        }

        waits = 0;

        for (i = 0; i < r->processes.count; i++) {
            waits += (size_t) process_waits(&r->processes.items[i],
                                            r->revision);
        }

        if (waits == 0 || !r->changed || waited_ms >= ROLLOUT_WAIT_MS) {
            return CRM_OK;
        }

        (void) nanosleep(&pause, NULL);
    }
}


/*
 * The processes that lived when the wait began: one that has fallen silent
 * since may stand still, and go on with the old rules when it wakes up. Unless
 * it was one of this machine, and is none any more.
 */

static crm_status_t
rollout_look(crm_cli_rollout_t *r, long waited_ms, crm_error_t *err)
{
    char                  host[256];
    size_t                i, n;
    crm_status_t          rc;
    crm_cli_processes_t  *list;

    list = &r->processes;

    if (r->cli->opts.server) {
        return crm_cli_remote_processes(list, CRM_CLI_PROCESS_GONE_MS
                                              + waited_ms, r->cli)
               == CRM_CLI_OK ? CRM_OK
               : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s does"
                               " not tell which processes run",
                               r->cli->opts.server);
    }

    rc = crm_cli_live_processes_since(list, r->store, r->cli->opts.org,
                                      CRM_CLI_PROCESS_GONE_MS + waited_ms,
                                      r->cli->pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (gethostname(host, sizeof(host)) != 0) {
        host[0] = '\0';
    }

    host[sizeof(host) - 1] = '\0';
    n = 0;

    for (i = 0; i < list->count; i++) {
        if (!process_has_ended(&list->items[i], host, list->now_ms)) {
            list->items[n++] = list->items[i];
        }
    }

    list->count = n;

    return CRM_OK;
}


/* nginx writes its host's name in small letters. */

static int
process_has_ended(const crm_cli_process_t *p, const char *host,
    long long now_ms)
{
    return now_ms - p->seen_ms >= ROLLOUT_SILENT_MS
           && strcasecmp(p->host, host) == 0
           && p->pid > 0 && kill((pid_t) p->pid, 0) != 0 && errno == ESRCH;
}


/* A newer revision is as good: somebody has applied since. One of another
 * epoch is a number from elsewhere. */

static int
process_has(const crm_cli_process_t *p, long long revision)
{
    return p->revision >= revision && p->epoch_ok;
}


static int
process_waits(const crm_cli_process_t *p, long long revision)
{
    return !process_has(p, revision) && p->rejected != revision
           && p->epoch_ok;
}


crm_cli_exit_t
crm_cli_rollout_result(const crm_cli_rollout_t *rollout)
{
    int      rc;
    size_t   i;
    json_t  *value;

    if (rollout->cli->opts.json) {
        value = result_json(rollout);
        rc = value ? crm_cli_print_json(value, stdout) : -1;
        json_decref(value);

        if (rc != 0) {
            return crm_cli_no_memory();
        }

    } else {
        result_text(rollout);
    }

    for (i = 0; rollout->changed && i < rollout->processes.count; i++) {
        if (!process_has(&rollout->processes.items[i], rollout->revision)) {
            return CRM_CLI_FAILED;
        }
    }

    return CRM_CLI_OK;
}


static void
result_text(const crm_cli_rollout_t *r)
{
    size_t                    i, loaded;
    const crm_cli_process_t  *p;

    loaded = 0;

    for (i = 0; i < r->processes.count; i++) {
        p = &r->processes.items[i];

        if (process_has(p, r->revision)) {
            loaded++;

        } else {
            process_missing(p, r);
        }
    }

    if (r->processes.count == 0) {
        printf("no nginx process runs; the next one will load it\n");

    } else {
        printf("loaded by %zu of %zu processes\n", loaded,
               r->processes.count);
    }
}


static void
process_missing(const crm_cli_process_t *p, const crm_cli_rollout_t *r)
{
    long long  revision;

    revision = r->revision;

    if (!p->epoch_ok) {
        crm_cli_complain("%s:%lld remembers another Redis and is closed: see "
                         "crmctl doctor", p->host, p->pid);

    } else if (p->rejected == revision) {
        crm_cli_complain("%s:%lld refuses revision %lld and stays with %lld: "
                         "%s", p->host, p->pid, revision, p->revision,
                         p->error);

    } else if (r->processes.now_ms - p->seen_ms >= ROLLOUT_SILENT_MS) {
        crm_cli_complain("%s:%lld has been silent for %lld seconds and was at "
                         "revision %lld: it stands still or has ended",
                         p->host, p->pid,
                         (r->processes.now_ms - p->seen_ms) / 1000,
                         p->revision);

    } else {
        crm_cli_complain("%s:%lld has not loaded revision %lld; it is at %lld:"
                         " look into its error log", p->host, p->pid, revision,
                         p->revision);
    }
}


static json_t *
result_json(const crm_cli_rollout_t *r)
{
    int                       rc;
    size_t                    i;
    json_t                   *loaded, *missing;
    const crm_cli_process_t  *p;

    loaded = json_array();
    missing = json_array();
    rc = loaded && missing ? 0 : -1;

    for (i = 0; rc == 0 && i < r->processes.count; i++) {
        p = &r->processes.items[i];

        rc = json_array_append_new(process_has(p, r->revision) ? loaded
                                                               : missing,
                                   process_json(p, r->revision));
    }

    if (rc != 0) {
        json_decref(loaded);
        json_decref(missing);
        return NULL;
    }

    return json_pack("{s:I, s:b, s:o, s:o}",
                     "revision", (json_int_t) r->revision,
                     "changed", r->changed,
                     "processes", loaded, "missing", missing);
}


static json_t *
process_json(const crm_cli_process_t *p, long long revision)
{
    json_t      *item;
    const char  *error;

    item = json_pack("{s:o, s:I, s:I}",
                     "host", crm_cli_json_text(p->host),
                     "pid", (json_int_t) p->pid,
                     "revision", (json_int_t) p->revision);

    error = p->epoch_ok ? p->rejected == revision ? p->error : NULL
                        : "it remembers another Redis";

    if (item && error && !process_has(p, revision)
        && json_object_set_new(item, "error", crm_cli_json_text(error)) != 0)
    {
        json_decref(item);
        return NULL;
    }

    return item;
}
