/*
 * Which jobs are meant: what was typed behind crmctl jobs.
 */

#include "crm_cli_jobs.h"

#include "crm_cli_live.h"
#include "crm_cli_print.h"

#include <stdlib.h>
#include <string.h>


static int want_parse(crm_cli_jobs_want_t *want, crm_cli_t *cli);
static int want_word(const char *option, const char *value,
    const char *const *words);
static int want_age(long long *ms, const char *option, const char *text);


crm_cli_exit_t
crm_cli_jobs_begin(crm_cli_jobs_want_t *want, crm_store_t **store,
    long long *now_ms, crm_cli_t *cli)
{
    crm_error_t   err;
    crm_status_t  rc;

    if (!want_parse(want, cli)) {
        return CRM_CLI_USAGE;
    }

    *store = crm_cli_live_open(cli);
    if (*store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_live_now(now_ms, *store, cli->pool, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    want->since_ms = want->since_ms ? *now_ms - want->since_ms : 0;
    want->until_ms = want->until_ms ? *now_ms - want->until_ms : 0;

    return CRM_CLI_OK;
}


/* 0 after a sentence: wrong use. */
static int
want_parse(crm_cli_jobs_want_t *want, crm_cli_t *cli)
{
    static const char *const  classes[] = {
        "webhooks", "emails", "records", "functions", "scores", NULL
    };

    memset(want, 0, sizeof(crm_cli_jobs_want_t));

    want->id = cli->opts.nargs == 3 ? cli->opts.args[2] : NULL;
    want->state = cli->opts.state;
    want->class = cli->opts.job_class;
    want->rule = cli->opts.rule;
    want->record = cli->opts.record;
    want->endpoint = cli->opts.endpoint;
    want->reason = cli->opts.reason;

    return want_word("--state", want->state, crm_cli_job_states)
           && want_word("--class", want->class, classes)
           && want_age(&want->since_ms, "--since", cli->opts.since)
           && want_age(&want->until_ms, "--until", cli->opts.until);
}


static int
want_word(const char *option, const char *value, const char *const *words)
{
    size_t       i;
    const char  *near;

    for (i = 0; value && words[i]; i++) {
        if (strcmp(value, words[i]) == 0) {
            return 1;
        }
    }

    if (value == NULL) {
        return 1;
    }

    near = crm_cli_nearest(value, words);
    crm_cli_complain(near ? "%s takes no \"%s\": did you mean \"%s\"?"
                          : "%s takes no \"%s\"; see crmctl jobs --help",
                     option, value, near);

    return 0;
}


static int
want_age(long long *ms, const char *option, const char *text)
{
    char       *unit;
    size_t      i;
    long long   n;

    static const struct {
        const char  *unit;
        long long    ms;
    } units[] = {
        { "s", 1000 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 },
        { "d", 86400 * 1000 }
    };

    if (text == NULL) {
        return 1;
    }

    unit = NULL;
    n = text[0] >= '0' && text[0] <= '9' ? strtoll(text, &unit, 10) : 0;

    for (i = 0; n > 0 && n < 100000 && i < sizeof(units) / sizeof(units[0]);
         i++)
    {
        if (strcmp(unit, units[i].unit) == 0) {
            *ms = n * units[i].ms;
            return 1;
        }
    }

    crm_cli_complain("%s takes an age such as 30s, 10m, 2h or 7d, not \"%s\"",
                     option, text);

    return 0;
}
