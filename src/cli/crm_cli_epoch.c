/*
 * The epoch: is this Redis the one that the processes remember? What doctor
 * says of it, and doctor --accept-epoch.
 *
 * What is accepted is a step from one epoch to another (docs/redis.md): a
 * process that remembers the first may go on with the second.
 */

#include "crm_cli_doctor.h"
#include "crm_cli_print.h"
#include "crm_cli_publish.h"
#include "state/crm_keys.h"

#include <time.h>


#define EPOCH_WAIT_MS  5000
#define EPOCH_POLL_MS  100

typedef struct {
    crm_cli_t            *cli;
    crm_store_t          *store;
    crm_str_t             org;
    const char           *epoch;        /* that Redis has now */
    int                   created;      /* it had none */
    json_t               *accepted;     /* epochs that were remembered */
    crm_cli_processes_t   processes;
    crm_error_t           err;
} accept_t;


static crm_status_t accept_run(accept_t *a);
static crm_status_t accept_current(accept_t *a);
static crm_status_t accept_create(accept_t *a, crm_str_t key);
static crm_status_t accept_remembered(accept_t *a);
static crm_status_t accept_one(accept_t *a, const char *old);
static crm_status_t accept_wait(accept_t *a);
static int accept_closed(const accept_t *a, const crm_cli_process_t *p);
static crm_cli_exit_t accept_result(accept_t *a);
static void result_text(const accept_t *a);
static json_t *result_json(const accept_t *a);


void
crm_cli_doctor_epoch(crm_cli_doctor_t *d)
{
    int                       closed;
    size_t                    i;
    crm_error_t               err;
    crm_status_t              rc;
    crm_cli_processes_t       processes;
    const crm_cli_process_t  *p;

    rc = crm_cli_live_processes(&processes, d->store, d->cli->opts.org,
                                d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "epoch", rc, &err);
        return;
    }

    closed = 0;

    for (i = 0; i < processes.count; i++) {
        p = &processes.items[i];

        if (!p->epoch_ok) {
            closed = 1;
            crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "epoch",
                    "find out what happened to Redis; if it is the right one "
                    "all the same: crmctl doctor --accept-epoch",
                    "%s:%lld remembers %s: guarded modules answer 503 there",
                    p->host, p->pid, p->epoch[0] ? p->epoch : "another");
        }
    }

    if (d->live.epoch[0]) {
        if (!closed) {
            crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "epoch", NULL, "%s",
                    d->live.epoch);
        }

    } else if (d->live.revision) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "epoch",
                "find out whether Redis was restored or emptied; if it is the "
                "right one all the same: crmctl doctor --accept-epoch",
                "missing: guarded modules answer 503");
    }
}


crm_cli_exit_t
crm_cli_epoch_accept(crm_cli_t *cli)
{
    accept_t        a;
    crm_status_t    rc;
    crm_cli_exit_t  done;

    memset(&a, 0, sizeof(accept_t));
    a.cli = cli;
    a.org = crm_strz(cli->opts.org);

    a.store = crm_cli_live_open(cli);
    if (a.store == NULL) {
        return CRM_CLI_FAILED;
    }

    a.accepted = json_array();

    rc = a.accepted ? accept_run(&a) : CRM_ENOMEM;
    done = rc == CRM_OK ? accept_result(&a) : crm_cli_live_failed(rc, &a.err);

    json_decref(a.accepted);

    return done;
}


static crm_status_t
accept_run(accept_t *a)
{
    crm_status_t  rc;

    rc = accept_current(a);

    if (rc == CRM_OK) {
        rc = accept_remembered(a);
    }

    return rc == CRM_OK ? accept_wait(a) : rc;
}


static crm_status_t
accept_current(accept_t *a)
{
    crm_str_t      key, text;
    crm_reply_t   *reply;
    crm_status_t   rc;

    key = crm_key_epoch(a->cli->pool, a->org);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = accept_create(a, key);

    if (rc == CRM_OK) {
        rc = crm_store_command(a->store, a->cli->pool, &reply, &a->err, 2,
                               CRM_STR("GET"), key);
    }

    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, a->cli->pool, &a->err);
    }

    if (rc == CRM_DECLINED) {
        return crm_error_set(&a->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s went away while it was looked at", key.data);
    }

    if (rc == CRM_OK) {
        a->epoch = crm_pool_dup(a->cli->pool, text).data;
        rc = a->epoch ? CRM_OK : CRM_ENOMEM;
    }

    return rc;
}


static crm_status_t
accept_create(accept_t *a, crm_str_t key)
{
    char           epoch[CRM_CLI_EPOCH_LEN + 1];
    crm_reply_t   *reply;
    crm_status_t   rc;

    rc = crm_cli_publish_epoch(epoch);

    if (rc == CRM_OK) {
        rc = crm_store_command(a->store, a->cli->pool, &reply, &a->err, 4,
                               CRM_STR("SET"), key, crm_strz(epoch),
                               CRM_STR("NX"));
    }

    a->created = rc == CRM_OK && reply->type != CRM_REPLY_NIL;

    return rc;
}


static crm_status_t
accept_remembered(accept_t *a)
{
    size_t        i;
    crm_status_t  rc;

    rc = crm_cli_live_processes_since(&a->processes, a->store,
                                      a->cli->opts.org,
                                      CRM_CLI_PROCESS_AWAY_MS, a->cli->pool,
                                      &a->err);

    for (i = 0; rc == CRM_OK && i < a->processes.count; i++) {
        rc = accept_one(a, a->processes.items[i].epoch);
    }

    return rc;
}


static crm_status_t
accept_one(accept_t *a, const char *old)
{
    size_t         i;
    json_t        *item;
    crm_str_t      key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    if (old[0] == '\0' || strcmp(old, a->epoch) == 0) {
        return CRM_OK;
    }

    json_array_foreach(a->accepted, i, item) {
        if (strcmp(json_string_value(item), old) == 0) {
            return CRM_OK;
        }
    }

    key = crm_key_accepted(a->cli->pool, a->org);
    if (key.data == NULL
        || json_array_append_new(a->accepted, crm_cli_json_text(old)) != 0)
    {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(a->store, a->cli->pool, &reply, &a->err, 4,
                           CRM_STR("HSET"), key, crm_strz(old),
                           crm_strz(a->epoch));

    return rc;
}


/* Processes look once a second. */

static crm_status_t
accept_wait(accept_t *a)
{
    long             waited;
    size_t           i, closed;
    crm_status_t     rc;
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = EPOCH_POLL_MS * 1000000L;

    for (waited = 0; ; waited += EPOCH_POLL_MS) {
        rc = crm_cli_live_processes(&a->processes, a->store,
                                    a->cli->opts.org, a->cli->pool, &a->err);
        if (rc != CRM_OK) {
            return rc;
        }

        closed = 0;

        for (i = 0; i < a->processes.count; i++) {
            closed += (size_t) accept_closed(a, &a->processes.items[i]);
        }

        if (closed == 0 || waited >= EPOCH_WAIT_MS) {
            return CRM_OK;
        }

        (void) nanosleep(&pause, NULL);
    }
}


static int
accept_closed(const accept_t *a, const crm_cli_process_t *p)
{
    return !p->epoch_ok
           || (p->epoch[0] && strcmp(p->epoch, a->epoch) != 0);
}


static crm_cli_exit_t
accept_result(accept_t *a)
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

    for (i = 0; i < a->processes.count; i++) {
        if (accept_closed(a, &a->processes.items[i])) {
            return CRM_CLI_FAILED;
        }
    }

    return CRM_CLI_OK;
}


static void
result_text(const accept_t *a)
{
    size_t                    i;
    json_t                   *item;
    const crm_cli_process_t  *p;

    if (a->created) {
        printf("Redis had no epoch: it is %s now\n", a->epoch);
    }

    json_array_foreach(a->accepted, i, item) {
        printf("accepted %s in place of %s\n", a->epoch,
               json_string_value(item));
    }

    if (a->created || json_array_size(a->accepted)) {
        printf("marks and intents that the old one held and this one does not "
               "are gone\n");
    } else {
        printf("nothing to accept: all processes know %s\n", a->epoch);
    }

    for (i = 0; i < a->processes.count; i++) {
        p = &a->processes.items[i];

        if (accept_closed(a, p)) {
            printf("%s:%lld has not opened again: look into its error log\n",
                   p->host, p->pid);
        }
    }
}


static json_t *
result_json(const accept_t *a)
{
    size_t                    i;
    json_t                   *closed, *item;
    const crm_cli_process_t  *p;

    closed = json_array();

    for (i = 0; closed && i < a->processes.count; i++) {
        p = &a->processes.items[i];

        if (!accept_closed(a, p)) {
            continue;
        }

        item = json_pack("{s:o, s:I, s:o}",
                         "host", crm_cli_json_text(p->host),
                         "pid", (json_int_t) p->pid,
                         "epoch", crm_cli_json_text(p->epoch));

        if (json_array_append_new(closed, item) != 0) {
            json_decref(closed);
            return NULL;
        }
    }

    return closed ? json_pack("{s:s, s:b, s:O, s:o}", "epoch", a->epoch,
                              "created", a->created, "accepted", a->accepted,
                              "closed", closed)
                  : NULL;
}
