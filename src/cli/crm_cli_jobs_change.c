/*
 * The commands jobs retry and jobs drop: counted first, then done in slices,
 * none of which holds Redis up.
 */

#include "crm_cli_jobs.h"

#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "state/crm_take.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define CHANGE_MAX_RATE  1000

/* How a script tells why it left one alone; crm_changed_t, with other signs. */
#define CHANGE_REASONS   3

typedef struct {
    crm_cli_t            *cli;
    crm_store_t          *store;
    crm_cli_jobs_want_t   want;
    int                   retry;        /* else drop */
    crm_cmd_pace_t        pace;

    int                   counting;
    size_t                matched;
    size_t                by_state[5];
    const char           *other;        /* the state of one that was named and
                                           cannot be changed */

    crm_str_t             list;         /* of the elements that are gathered */
    crm_cmd_element_t     elements[CRM_CHANGE_MAX];
    crm_str_t             ids[CRM_CHANGE_MAX];
    size_t                n_elements;
    size_t                n_ids;
    size_t                bytes;
    crm_pool_t           *pool;         /* of the ids */

    long long             removed;      /* in this slice of a list */
    size_t                changed;
    size_t                left[CHANGE_REASONS];
} change_t;


static int  change_parse(change_t *ch);
static int  change_rate(crm_cmd_pace_t *pace, const char *text);
static crm_status_t change_walk(change_t *ch, int counting, crm_error_t *err);
static crm_status_t change_job(void *data, const crm_cli_job_t *job,
    crm_error_t *err);
static int  change_may(const change_t *ch, const crm_cli_job_t *job);
static crm_status_t change_gather(change_t *ch, const crm_cli_job_t *job,
    crm_error_t *err);
static crm_status_t change_slice(void *data, long long *removed,
    crm_error_t *err);
static crm_status_t change_flush(change_t *ch, crm_error_t *err);
static crm_status_t change_elements(change_t *ch, crm_error_t *err);
static crm_status_t change_ids(change_t *ch, crm_error_t *err);
static crm_status_t change_run(change_t *ch, const crm_cmd_t *cmd, size_t n,
    crm_error_t *err);
static crm_cli_exit_t change_none(const change_t *ch);
static int  change_confirm(const change_t *ch);
static void  change_counts(const change_t *ch, FILE *out);
static crm_cli_exit_t change_told(const change_t *ch);
static crm_cli_exit_t change_exit(const change_t *ch);


crm_cli_exit_t
crm_cli_jobs_change(crm_cli_t *cli)
{
    change_t         ch;
    long long        now_ms;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_exit_t   status;

    memset(&ch, 0, sizeof(ch));
    ch.cli = cli;
    ch.retry = strcmp(cli->opts.args[1], "retry") == 0;

    if (!change_parse(&ch)) {
        return CRM_CLI_USAGE;
    }

    status = crm_cli_jobs_begin(&ch.want, &ch.store, &now_ms, cli);
    if (status != CRM_CLI_OK) {
        return status;
    }

    rc = change_walk(&ch, 1, &err);

    if (rc == CRM_OK && ch.matched == 0) {
        return change_none(&ch);
    }

    if (rc == CRM_OK && !change_confirm(&ch)) {
        return CRM_CLI_FAILED;
    }

    if (rc == CRM_OK) {
        rc = change_walk(&ch, 0, &err);
        crm_pool_destroy(ch.pool);
    }

    if (rc != CRM_OK) {
        if (ch.changed) {
            crm_cli_complain("%lu jobs were changed before this:",
                             (unsigned long) ch.changed);
        }

        return crm_cli_live_failed(rc, &err);
    }

    return change_told(&ch);
}


/* 0 after a sentence: wrong use. */
static int
change_parse(change_t *ch)
{
    const char            *what, *state;
    const crm_cli_opts_t  *opts;

    opts = &ch->cli->opts;
    what = opts->args[1];
    state = opts->state;

    if (opts->nargs != 3 && !state && !opts->job_class && !opts->rule
        && !opts->record && !opts->endpoint && !opts->reason && !opts->since
        && !opts->until)
    {
        crm_cli_complain("say which: crmctl jobs %s ID, or a filter such as "
                         "--rule or --state", what);
        return 0;
    }

    if (state && (strcmp(state, "leased") == 0
                  || (ch->retry && (strcmp(state, "waiting") == 0
                                    || strcmp(state, "ready") == 0))))
    {
        crm_cli_complain(ch->retry ? "only what is dead or delayed is retried;"
                                     " what is %s runs by itself"
                                   : "a worker holds what is %s: it cannot be "
                                     "dropped", state);
        return 0;
    }

    if (opts->rate && !ch->retry) {
        crm_cli_complain("--rate is for crmctl jobs retry");
        return 0;
    }

    return opts->rate == NULL || change_rate(&ch->pace, opts->rate);
}


/* N or N/s. */
static int
change_rate(crm_cmd_pace_t *pace, const char *text)
{
    char  *end;
    long   n;

    end = NULL;
    n = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : 0;

    if (n < 1 || n > CHANGE_MAX_RATE || (*end && strcmp(end, "/s") != 0)) {
        crm_cli_complain("--rate takes how many a second, 1 to %d, not "
                         "\"%s\"", CHANGE_MAX_RATE, text);
        return 0;
    }

    pace->step_ms = 1000 / n;

    return 1;
}


static crm_status_t
change_walk(change_t *ch, int counting, crm_error_t *err)
{
    crm_cli_jobs_walk_t  walk;

    memset(&walk, 0, sizeof(walk));
    walk.store = ch->store;
    walk.org = crm_strz(ch->cli->opts.org);
    walk.want = &ch->want;
    walk.all = 1;
    walk.job = change_job;
    walk.slice = change_slice;
    walk.data = ch;
    ch->counting = counting;

    return crm_cli_jobs_walk(&walk, err);
}


static crm_status_t
change_job(void *data, const crm_cli_job_t *job, crm_error_t *err)
{
    size_t     i;
    change_t  *ch;

    ch = data;

    if (!change_may(ch, job)) {
        for (i = 0; crm_cli_job_states[i]; i++) {
            if (ch->want.id && strcmp(job->state, crm_cli_job_states[i]) == 0)
            {
                ch->other = crm_cli_job_states[i];
            }
        }

        return CRM_OK;
    }

    if (!ch->counting) {
        return change_gather(ch, job, err);
    }

    ch->matched++;

    for (i = 0; crm_cli_job_states[i]; i++) {
        ch->by_state[i] += strcmp(job->state, crm_cli_job_states[i]) == 0;
    }

    return CRM_OK;
}


/* What a rule has put off is not early because some of its others failed. */
static int
change_may(const change_t *ch, const crm_cli_job_t *job)
{
    if (!ch->retry) {
        return strcmp(job->state, "leased") != 0;
    }

    return strcmp(job->state, "dead") == 0
           || (strcmp(job->state, "delayed") == 0
               && (ch->want.id || !job->scheduled));
}


static crm_status_t
change_gather(change_t *ch, const crm_cli_job_t *job, crm_error_t *err)
{
    crm_status_t  rc;

    rc = CRM_OK;

    if (ch->n_elements == CRM_CHANGE_MAX || ch->n_ids == CRM_CHANGE_MAX
        || ch->bytes + job->element.text.len > CRM_CHANGE_BYTES)
    {
        rc = change_flush(ch, err);
    }

    if (ch->pool == NULL) {
        ch->pool = crm_pool_create(crm_host_malloc(), 0);
    }

    if (rc != CRM_OK || ch->pool == NULL) {
        return rc != CRM_OK ? rc : CRM_ENOMEM;
    }

    if (job->list.len == 0) {
        ch->ids[ch->n_ids] = crm_pool_dup(ch->pool, crm_strz(job->id));

        return ch->ids[ch->n_ids++].data ? CRM_OK : CRM_ENOMEM;
    }

    ch->list = job->list;
    ch->elements[ch->n_elements] = job->element;
    ch->elements[ch->n_elements++].place -= ch->removed;
    ch->bytes += job->element.text.len;

    return CRM_OK;
}


static crm_status_t
change_slice(void *data, long long *removed, crm_error_t *err)
{
    change_t      *ch;
    crm_status_t   rc;

    ch = data;
    rc = change_flush(ch, err);
    *removed = ch->removed;
    ch->removed = 0;

    return rc;
}


static crm_status_t
change_flush(change_t *ch, crm_error_t *err)
{
    crm_status_t  rc;

    rc = ch->n_elements ? change_elements(ch, err) : CRM_OK;

    if (rc == CRM_OK && ch->n_ids) {
        rc = change_ids(ch, err);
    }

    crm_pool_destroy(ch->pool);
    ch->pool = NULL;
    ch->n_elements = 0;
    ch->n_ids = 0;
    ch->bytes = 0;

    return rc;
}


static crm_status_t
change_elements(change_t *ch, crm_error_t *err)
{
    size_t         before;
    crm_str_t      org;
    crm_cmd_t     *cmd;
    crm_status_t   rc;

    org = crm_strz(ch->cli->opts.org);

    cmd = ch->retry ? crm_cmd_revive(ch->pool, org, ch->pace, ch->elements,
                                     ch->n_elements)
                    : crm_cmd_discard(ch->pool, org, ch->list, ch->elements,
                                      ch->n_elements);

    before = ch->changed;
    rc = change_run(ch, cmd, ch->n_elements, err);
    ch->removed += (long long) (ch->changed - before);

    return rc;
}


static crm_status_t
change_ids(change_t *ch, crm_error_t *err)
{
    crm_str_t   org;
    crm_cmd_t  *cmd;

    org = crm_strz(ch->cli->opts.org);

    cmd = ch->retry ? crm_cmd_hasten(ch->pool, org, ch->pace, ch->ids,
                                     ch->n_ids)
                    : crm_cmd_drop(ch->pool, org, ch->ids, ch->n_ids);

    return change_run(ch, cmd, ch->n_ids, err);
}


static crm_status_t
change_run(change_t *ch, const crm_cmd_t *cmd, size_t n, crm_error_t *err)
{
    size_t          i;
    crm_reply_t    *reply;
    crm_status_t    rc;
    crm_changed_t   what[CRM_CHANGE_MAX];

    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(ch->store, cmd, ch->pool, &reply, err);

    if (rc == CRM_OK) {
        rc = crm_take_changed(what, n, reply, err);
    }

    for (i = 0; rc == CRM_OK && i < n; i++) {
        if (what[i] == CRM_CHANGED) {
            ch->changed++;
            ch->pace.first_ms += ch->pace.step_ms;
        } else {
            ch->left[-what[i]]++;
        }
    }

    return rc;
}


static crm_cli_exit_t
change_none(const change_t *ch)
{
    if (ch->want.id == NULL) {
        return change_told(ch);
    }

    if (ch->other) {
        crm_cli_complain("job \"%s\" is %s: %s", ch->want.id, ch->other,
                         ch->retry ? "only dead and delayed ones are retried"
                                   : "a worker holds it");
    } else {
        crm_cli_complain("no job \"%s\" is dead or waits; of one that is done "
                         "nothing but its id is known", ch->want.id);
    }

    return CRM_CLI_FAILED;
}


/* A job that was named was meant. */
static int
change_confirm(const change_t *ch)
{
    char         line[16];
    const char  *what;

    what = ch->retry ? "retry" : "drop";

    if (ch->want.id || ch->cli->opts.yes) {
        return 1;
    }

    fprintf(stderr, "%s %lu jobs (", what, (unsigned long) ch->matched);
    change_counts(ch, stderr);

    if (!isatty(STDIN_FILENO)) {
        fputs("): nothing was changed, since --yes was not given\n", stderr);
        return 0;
    }

    fputs(")? yes or no: ", stderr);
    fflush(stderr);

    return fgets(line, sizeof(line), stdin) != NULL
           && strcmp(line, "yes\n") == 0;
}


static void
change_counts(const change_t *ch, FILE *out)
{
    size_t       i;
    const char  *comma;

    comma = "";

    for (i = 0; crm_cli_job_states[i]; i++) {
        if (ch->by_state[i]) {
            fprintf(out, "%s%lu %s", comma, (unsigned long) ch->by_state[i],
                    crm_cli_job_states[i]);
            comma = ", ";
        }
    }
}


static crm_cli_exit_t
change_told(const change_t *ch)
{
    int      rc;
    json_t  *value;

    if (ch->cli->opts.json) {
        value = json_pack("{s:I, s:I, s:{s:I, s:I, s:I}}",
                          "matched", (json_int_t) ch->matched,
                          "changed", (json_int_t) ch->changed, "left",
                          "gone", (json_int_t) ch->left[-CRM_CHANGED_GONE],
                          "alive", (json_int_t) ch->left[-CRM_CHANGED_ALIVE],
                          "no_job", (json_int_t) ch->left[-CRM_CHANGED_NO_JOB]);
        rc = value ? crm_cli_print_json(value, stdout) : -1;
        json_decref(value);

        return rc == 0 ? change_exit(ch) : crm_cli_no_memory();
    }

    printf("%lu of %lu jobs %s\n", (unsigned long) ch->changed,
           (unsigned long) ch->matched, ch->retry ? "go again" : "are gone");

    if (ch->left[-CRM_CHANGED_GONE]) {
        printf("%lu had changed by themselves\n",
               (unsigned long) ch->left[-CRM_CHANGED_GONE]);
    }

    if (ch->left[-CRM_CHANGED_ALIVE]) {
        printf(ch->retry ? "%lu are under way under the same id\n"
                         : "%lu are with a worker\n",
               (unsigned long) ch->left[-CRM_CHANGED_ALIVE]);
    }

    if (ch->left[-CRM_CHANGED_NO_JOB]) {
        printf("%lu never were jobs: push what they should have been\n",
               (unsigned long) ch->left[-CRM_CHANGED_NO_JOB]);
    }

    return change_exit(ch);
}


/* Of one that was named: was it done? */
static crm_cli_exit_t
change_exit(const change_t *ch)
{
    return ch->want.id && ch->changed == 0 ? CRM_CLI_FAILED : CRM_CLI_OK;
}
