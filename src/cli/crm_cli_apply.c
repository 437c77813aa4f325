/*
 * The command apply: a rule folder becomes the live rules.
 *
 *     folder -> documents -> merged with the live bundle -> judged -> stored
 *     -> loaded by every nginx process
 *
 * Somebody may be faster between reading the live rules and storing ours:
 * then the merge is made again with theirs.
 */

#include "crm_cli.h"
#include "crm_cli_bundle.h"
#include "crm_cli_live.h"
#include "crm_cli_publish.h"
#include "crm_cli_rules.h"
#include "crm_cli_zone.h"

#include <stdlib.h>
#include <time.h>


#define APPLY_TRIES         10
#define APPLY_WAIT_MS       5000
#define APPLY_POLL_MS       100
#define APPLY_MAX_NAME      64
#define APPLY_MAX_MESSAGE   1000

typedef struct {
    crm_cli_t           *cli;
    crm_store_t         *store;
    crm_cli_rules_t      rules;
    const char          *managed_by;

    crm_cli_live_t       live;
    crm_cli_merge_t      merge;
    json_t              *bundle;
    crm_cli_publish_t    publish;
    int                  changed;
    int                  zone_differs;    /* from the live one */
    crm_cli_processes_t  processes;
} apply_t;


static crm_cli_exit_t apply_names(apply_t *a);
static crm_cli_exit_t apply_folder(apply_t *a);
static crm_cli_exit_t apply_tries(apply_t *a);
static crm_cli_exit_t apply_rollout(apply_t *a);
static crm_cli_exit_t apply_try(apply_t *a);
static crm_cli_exit_t apply_judge(apply_t *a);
static void apply_announce(const apply_t *a);
static crm_cli_exit_t apply_store(apply_t *a);
static crm_status_t apply_wait(apply_t *a, crm_error_t *err);
static int process_has(const crm_cli_process_t *process, long long revision);
static int process_waits(const crm_cli_process_t *process, long long revision);
static crm_cli_exit_t apply_result(apply_t *a);
static void result_text(const apply_t *a);
static json_t *result_json(const apply_t *a);
static const char *folder_name(const char *path, crm_pool_t *pool);
static int name_fits(const char *name, size_t max);


crm_cli_exit_t
crm_cli_apply(crm_cli_t *cli)
{
    apply_t         a;
    crm_cli_exit_t  rc;

    memset(&a, 0, sizeof(apply_t));
    a.cli = cli;
    a.publish.org = cli->opts.org;
    a.publish.message = cli->opts.message;

    rc = apply_names(&a);

    if (rc == CRM_CLI_OK) {
        rc = apply_folder(&a);
    }

    if (rc == CRM_CLI_OK) {
        rc = apply_tries(&a);
    }

    if (rc == CRM_CLI_OK) {
        rc = apply_rollout(&a);
    }

    return rc == CRM_CLI_OK ? apply_result(&a) : rc;
}


/* Reads the folder; one whose files are wrong needs no server to be refused. */

static crm_cli_exit_t
apply_folder(apply_t *a)
{
    const char  *path;

    path = a->cli->opts.args[1];

    if (crm_cli_rules_load(&a->rules, path, a->cli->pool) != CRM_OK) {
        return crm_cli_no_memory();
    }

    if (a->rules.findings.errors == 0) {
        return CRM_CLI_OK;
    }

    if (crm_cli_rules_check(&a->rules, NULL) != CRM_OK) {
        return crm_cli_no_memory();
    }

    return apply_judge(a);
}


static crm_cli_exit_t
apply_tries(apply_t *a)
{
    int             i;
    crm_cli_exit_t  rc;

    a->store = crm_cli_live_open(a->cli);
    if (a->store == NULL) {
        return CRM_CLI_FAILED;
    }

    for (i = 0; i < APPLY_TRIES; i++) {
        rc = apply_try(a);
        json_decref(a->bundle);
        a->bundle = NULL;

        if (rc != CRM_CLI_OK || !a->publish.moved) {
            return rc;
        }
    }

    crm_cli_complain("the live rules changed %d times while this folder was "
                     "applied: nothing was stored, try again", APPLY_TRIES);

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
apply_rollout(apply_t *a)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_cli_publish_announce(a->store, &a->publish, a->cli->pool, &err);

    if (rc == CRM_OK) {
        rc = apply_wait(a, &err);
    }

    if (rc == CRM_OK) {
        return CRM_CLI_OK;
    }

    if (a->changed) {
        crm_cli_complain("revision %lld is stored, but what became of it "
                         "could not be read", a->publish.revision);
    }

    return crm_cli_live_failed(rc, &err);
}


static crm_cli_exit_t
apply_names(apply_t *a)
{
    const crm_cli_opts_t  *opts;

    opts = &a->cli->opts;
    a->managed_by = opts->managed_by;

    if (a->managed_by == NULL) {
        a->managed_by = folder_name(opts->args[1], a->cli->pool);
        if (a->managed_by == NULL) {
            return crm_cli_no_memory();
        }
    }

    if (!name_fits(a->managed_by, APPLY_MAX_NAME)) {
        crm_cli_complain("\"%s\" cannot be the owner of objects: give "
                         "--managed-by a name of printable characters, at "
                         "most %d bytes", a->managed_by, APPLY_MAX_NAME);
        return CRM_CLI_USAGE;
    }

    if (opts->message && !name_fits(opts->message, APPLY_MAX_MESSAGE)) {
        crm_cli_complain("--message takes one line of UTF-8, at most %d bytes",
                         APPLY_MAX_MESSAGE);
        return CRM_CLI_USAGE;
    }

    a->publish.managed_by = a->managed_by;

    return CRM_CLI_OK;
}


static crm_cli_exit_t
apply_try(apply_t *a)
{
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_exit_t   done;

    a->publish.moved = 0;

    rc = crm_cli_live_read(&a->live, a->store, a->cli->opts.org, a->cli->pool,
                           &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    rc = crm_cli_bundle_merge(&a->merge, &a->rules.docs, a->live.bundle,
                              a->managed_by, a->cli->opts.prune, a->cli->pool);
    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    crm_cli_findings_init(&a->rules.findings, a->cli->pool);

    done = apply_judge(a);
    if (done != CRM_CLI_OK) {
        return done;
    }

    a->publish.revision = a->live.revision;
    a->changed = a->merge.changes[CRM_CLI_ADDED]
                 + a->merge.changes[CRM_CLI_REPLACED]
                 + a->merge.changes[CRM_CLI_REMOVED] > 0
                 || a->zone_differs;

    if (!a->changed) {
        return CRM_CLI_OK;
    }

    apply_announce(a);

    return apply_store(a);
}


/*
 * Judges what would be live: a folder may refer to what another one stored.
 * Findings of its files alone are reported when there is no merge.
 */

static crm_cli_exit_t
apply_judge(apply_t *a)
{
    crm_str_t     where;
    crm_status_t  rc;

    if (a->merge.entries) {
        where = crm_pool_printf(a->cli->pool, "live revision %lld",
                                a->live.revision);
        a->bundle = crm_cli_bundle_json(&a->merge, a->cli->opts.org);

        if (where.data == NULL || a->bundle == NULL) {
            return crm_cli_no_memory();
        }

        a->zone_differs = crm_cli_zone_differs(a->bundle, a->live.bundle);

        rc = crm_cli_rules_judge(&a->rules, a->bundle, where.data, NULL);
        json_decref(a->bundle);
        a->bundle = NULL;

        if (rc != CRM_OK) {
            return crm_cli_no_memory();
        }
    }

    if (crm_cli_rules_report(&a->rules, a->rules.findings.errors
                                        ? a->cli->opts.json : 0) != 0)
    {
        return crm_cli_no_memory();
    }

    if (a->rules.findings.errors == 0) {
        return CRM_CLI_OK;
    }

    crm_cli_complain("%zu error%s: nothing was applied",
                     a->rules.findings.errors,
                     a->rules.findings.errors == 1 ? "" : "s");

    return CRM_CLI_FAILED;
}


/* What will go, and what changes hands, is said before it happens. */

static void
apply_announce(const apply_t *a)
{
    size_t                  i;
    const crm_cli_entry_t  *entry;

    for (i = 0; i < a->merge.count; i++) {
        entry = &a->merge.entries[i];

        if (entry->change == CRM_CLI_REMOVED) {
            crm_cli_complain("removes %s%s%s", entry->kind,
                             entry->name[0] ? " " : "", entry->name);

        } else if (entry->change == CRM_CLI_REPLACED
                   && strcmp(entry->managed_by, entry->was_managed_by) != 0)
        {
            crm_cli_complain("takes over %s%s%s from \"%s\"", entry->kind,
                             entry->name[0] ? " " : "", entry->name,
                             entry->was_managed_by);
        }
    }
}


static crm_cli_exit_t
apply_store(apply_t *a)
{
    crm_error_t   err;
    crm_status_t  rc;

    crm_cli_bundle_sort(&a->merge);

    a->bundle = crm_cli_bundle_json(&a->merge, a->cli->opts.org);
    if (a->bundle == NULL) {
        return crm_cli_no_memory();
    }

    a->publish.bundle = a->bundle;
    a->publish.expected = a->live.revision;
    a->publish.now_ms = a->live.now_ms;

    rc = crm_cli_publish(&a->publish, a->store, a->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_complain("the rules could not be stored");
        return crm_cli_live_failed(rc, &err);
    }

    return CRM_CLI_OK;
}


static crm_status_t
apply_wait(apply_t *a, crm_error_t *err)
{
    size_t           i, waits;
    long             waited;
    crm_pool_t      *pool;
    crm_status_t     rc;
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = APPLY_POLL_MS * 1000000L;
    pool = a->cli->pool;

    for (waited = 0; ; waited += APPLY_POLL_MS) {
        rc = crm_cli_live_processes(&a->processes, a->store, a->cli->opts.org,
                                    pool, err);
        if (rc != CRM_OK) {
            return rc;
        }

        waits = 0;

        for (i = 0; i < a->processes.count; i++) {
            waits += (size_t) process_waits(&a->processes.items[i],
                                            a->publish.revision);
        }

        if (waits == 0 || !a->changed || waited >= APPLY_WAIT_MS) {
            return CRM_OK;
        }

        (void) nanosleep(&pause, NULL);
    }
}


/* A newer revision is as good: somebody has applied since. */

static int
process_has(const crm_cli_process_t *process, long long revision)
{
    return process->revision >= revision;
}


static int
process_waits(const crm_cli_process_t *process, long long revision)
{
    return !process_has(process, revision) && process->rejected != revision;
}


static crm_cli_exit_t
apply_result(apply_t *a)
{
    int      rc;
    size_t   i;
    json_t  *value;

    if (a->cli->opts.json) {
        value = result_json(a);
        rc = value ? crm_cli_print_json(value, stdout) : -1;
        json_decref(value);

        if (rc != 0) {
            return crm_cli_no_memory();
        }

    } else {
        result_text(a);
    }

    for (i = 0; a->changed && i < a->processes.count; i++) {
        if (!process_has(&a->processes.items[i], a->publish.revision)) {
            return CRM_CLI_FAILED;
        }
    }

    return CRM_CLI_OK;
}


static void
result_text(const apply_t *a)
{
    size_t                    i, loaded;
    const size_t             *n;
    const crm_cli_process_t  *process;

    n = a->merge.changes;

    if (!a->changed) {
        printf("no change: revision %lld is live\n", a->publish.revision);

    } else {
        printf("revision %lld is live: %zu added, %zu replaced, %zu removed, "
               "%zu unchanged\n", a->publish.revision, n[CRM_CLI_ADDED],
               n[CRM_CLI_REPLACED], n[CRM_CLI_REMOVED],
               n[CRM_CLI_UNCHANGED] + n[CRM_CLI_KEPT]);
    }

    loaded = 0;

    for (i = 0; i < a->processes.count; i++) {
        process = &a->processes.items[i];

        if (process_has(process, a->publish.revision)) {
            loaded++;

        } else if (process->rejected == a->publish.revision) {
            crm_cli_complain("%s:%lld refuses revision %lld and stays with "
                             "%lld: %s", process->host, process->pid,
                             a->publish.revision, process->revision,
                             process->error);

        } else {
            crm_cli_complain("%s:%lld has not loaded revision %lld; it is at "
                             "%lld: look into its error log", process->host,
                             process->pid, a->publish.revision,
                             process->revision);
        }
    }

    if (a->processes.count == 0) {
        printf("no nginx process runs; the next one will load it\n");

    } else {
        printf("loaded by %zu of %zu processes\n", loaded,
               a->processes.count);
    }
}


static json_t *
result_json(const apply_t *a)
{
    int                       rc;
    size_t                    i;
    json_t                   *loaded, *missing, *item;
    const crm_cli_process_t  *p;

    loaded = json_array();
    missing = json_array();
    rc = 0;

    for (i = 0; i < a->processes.count; i++) {
        p = &a->processes.items[i];

        item = json_pack("{s:o, s:I, s:I}",
                         "host", crm_cli_json_text(p->host),
                         "pid", (json_int_t) p->pid,
                         "revision", (json_int_t) p->revision);

        if (process_has(p, a->publish.revision)) {
            rc |= json_array_append_new(loaded, item);
            continue;
        }

        if (p->rejected == a->publish.revision) {
            rc |= json_object_set_new(item, "error",
                                      crm_cli_json_text(p->error));
        }

        rc |= json_array_append_new(missing, item);
    }

    if (rc != 0 || loaded == NULL || missing == NULL) {
        json_decref(loaded);
        json_decref(missing);
        return NULL;
    }

    return json_pack("{s:I, s:b, s:o, s:o}",
                     "revision", (json_int_t) a->publish.revision,
                     "changed", a->changed,
                     "processes", loaded, "missing", missing);
}


/* The last part of the folder's real path, without the ending of a file. */

static const char *
folder_name(const char *path, crm_pool_t *pool)
{
    char        *real, *base, *dot;
    const char  *name;

    real = realpath(path, NULL);
    base = real ? strrchr(real, '/') : NULL;

    if (base == NULL || base[1] == '\0') {
        free(real);
        return "rules";
    }

    dot = strrchr(++base, '.');

    if (dot && dot > base && (strcmp(dot, ".yaml") == 0
                              || strcmp(dot, ".yml") == 0
                              || strcmp(dot, ".json") == 0))
    {
        *dot = '\0';
    }

    name = crm_pool_dup(pool, crm_strz(base)).data;
    free(real);

    return name;
}


/* One line of UTF-8, not empty, at most max bytes. */

static int
name_fits(const char *name, size_t max)
{
    json_t               *text;
    const unsigned char  *p;

    if (name[0] == '\0' || strlen(name) > max) {
        return 0;
    }

    for (p = (const unsigned char *) name; *p; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            return 0;
        }
    }

    text = json_string(name);
    json_decref(text);

    return text != NULL;
}
