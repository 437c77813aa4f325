/*
 * What was typed: options, arguments, environment.
 */

#include "crm_cli_options.h"
#include "crm_cli_print.h"

#include <stddef.h>
#include <stdlib.h>


/* Further apart than this, two words are no misspelling of one another. */
#define OPTIONS_NEAR  2

#define OPTIONS_MAX_TIMEOUT_MS  600000
#define OPTIONS_MAX  128


static int options_option(crm_cli_opts_t *opts, const char *arg,
    const char *next);
static const crm_cli_option_t *option_find(const char *arg, size_t len);
static int option_take(crm_cli_opts_t *opts, const crm_cli_option_t *option,
    const char *value);
static int option_each(crm_cli_each_t *each, const crm_cli_option_t *option,
    const char *value);
static int option_unknown(const char *arg, size_t len);
static int options_check(crm_cli_opts_t *opts);
static int output_check(const char *output);
static int timeout_parse(long *ms, const char *text);
static const char *env_get(const char *name);


#define STRING(name, letter, field, group)                                   \
    { name, letter, offsetof(crm_cli_opts_t, field), 0, 0, group, NULL }

#define EACH(name, letter, field, group)                                     \
    { name, letter, offsetof(crm_cli_opts_t, field), 0, 1, group, NULL }

#define ONE_OF(name, letter, field, group, words)                            \
    { name, letter, offsetof(crm_cli_opts_t, field), 0, 0, group, words }

#define SWITCH(name, letter, field, group)                                   \
    { name, letter, offsetof(crm_cli_opts_t, field), 1, 0, group, NULL }

const crm_cli_option_t  crm_cli_options[] = {
    STRING("--redis", NULL, redis, CRM_CLI_OPT_SERVER),
    STRING("--org", NULL, org, CRM_CLI_OPT_SERVER),
    STRING("--password-file", NULL, password_file, CRM_CLI_OPT_SERVER),
    STRING("--timeout", NULL, timeout, CRM_CLI_OPT_SERVER),
    STRING("--server", NULL, server, CRM_CLI_OPT_API),
    STRING("--token-file", NULL, token_file, CRM_CLI_OPT_API),
    STRING("--backend", NULL, backend, CRM_CLI_OPT_WHY),
    STRING("--comments", NULL, comments, CRM_CLI_OPT_DECIDE),
    ONE_OF("--output", "-o", output, 0, "table json"),
    SWITCH("--help", "-h", help, 0),
    SWITCH("--version", "-V", version, 0),
    STRING("--message", "-m", message, CRM_CLI_OPT_PUBLISH),
    STRING("--author", NULL, author, CRM_CLI_OPT_PUBLISH),
    STRING("--out", NULL, out, CRM_CLI_OPT_PLAN | CRM_CLI_OPT_IMPORT),
    SWITCH("--detailed-exitcode", NULL, detailed_exitcode,
           CRM_CLI_OPT_COMPARE),
    STRING("--managed-by", NULL, managed_by, CRM_CLI_OPT_APPLY),
    SWITCH("--prune", NULL, prune, CRM_CLI_OPT_APPLY),
    STRING("--module", NULL, module, CRM_CLI_OPT_EVAL | CRM_CLI_OPT_DOCTOR),
    STRING("--record", NULL, record, CRM_CLI_OPT_EVAL | CRM_CLI_OPT_JOBS),
    STRING("--before", NULL, before, CRM_CLI_OPT_EVAL),
    ONE_OF("--operation", NULL, operation, CRM_CLI_OPT_EVAL,
           "create update delete"),
    STRING("--user", NULL, user,
           CRM_CLI_OPT_EVAL | CRM_CLI_OPT_FUNCTION | CRM_CLI_OPT_WHY),
    ONE_OF("--apply", NULL, apply, CRM_CLI_OPT_EVAL,
           "criteria_validation_rule assignment_rules"),
    STRING("--lar-id", NULL, lar_id, CRM_CLI_OPT_EVAL),
    STRING("--now", NULL, now, CRM_CLI_OPT_EVAL | CRM_CLI_OPT_FUNCTION),
    STRING("--nginx", NULL, nginx, CRM_CLI_OPT_DOCTOR),
    STRING("--nginx-conf", NULL, nginx_conf, CRM_CLI_OPT_DOCTOR),
    SWITCH("--accept-epoch", NULL, accept_epoch, CRM_CLI_OPT_DOCTOR),
    STRING("--id", NULL, id, CRM_CLI_OPT_INTENTS),
    ONE_OF("--state", NULL, state, CRM_CLI_OPT_JOBS,
           "waiting ready leased delayed dead"),
    ONE_OF("--class", NULL, job_class, CRM_CLI_OPT_JOBS,
           "webhooks emails records functions"),
    STRING("--rule", NULL, rule, CRM_CLI_OPT_JOBS),
    STRING("--endpoint", NULL, endpoint, CRM_CLI_OPT_JOBS),
    STRING("--since", NULL, since, CRM_CLI_OPT_JOBS),
    STRING("--until", NULL, until, CRM_CLI_OPT_JOBS),
    STRING("--reason", NULL, reason, CRM_CLI_OPT_JOBS),
    STRING("--rate", NULL, rate, CRM_CLI_OPT_JOBS),
    SWITCH("--yes", NULL, yes, CRM_CLI_OPT_JOBS),
    SWITCH("--follow", NULL, follow, CRM_CLI_OPT_SCORES),
    SWITCH("--check", NULL, check, CRM_CLI_OPT_FMT | CRM_CLI_OPT_FUNCTION),
    SWITCH("--coverage", NULL, coverage, CRM_CLI_OPT_TEST),
    STRING("--coverage-min", NULL, coverage_min, CRM_CLI_OPT_TEST),
    STRING("--run", NULL, run, CRM_CLI_OPT_TEST),
    SWITCH("--strict", NULL, strict, CRM_CLI_OPT_VALIDATE),
    STRING("--limits", NULL, limits,
           CRM_CLI_OPT_VALIDATE | CRM_CLI_OPT_APPLY | CRM_CLI_OPT_EVAL
           | CRM_CLI_OPT_TEST),
    STRING("--request", NULL, request, CRM_CLI_OPT_DIALECT),
    EACH("--arg", NULL, arguments, CRM_CLI_OPT_FUNCTION),
    SWITCH("--dry-run", NULL, dry_run, CRM_CLI_OPT_FUNCTION),
    { NULL, NULL, 0, 0, 0, 0, NULL }
};


int
crm_cli_options_parse(crm_cli_opts_t *opts, int argc, char **argv)
{
    int  i, taken, only_args;

    memset(opts, 0, sizeof(crm_cli_opts_t));
    only_args = 0;

    for (i = 1; i < argc; i += taken) {
        taken = 1;

        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = 1;

        } else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
            taken = options_option(opts, argv[i], argv[i + 1]);
            if (taken < 0) {
                return -1;
            }

        } else if (opts->nargs < CRM_CLI_MAX_ARGS) {
            opts->args[opts->nargs++] = argv[i];

        } else {
            crm_cli_complain("too many arguments: \"%s\" and what follows it",
                             argv[i]);
            return -1;
        }
    }

    return options_check(opts);
}


/* One option; next is the argument behind it, or NULL. How many were taken. */

static int
options_option(crm_cli_opts_t *opts, const char *arg, const char *next)
{
    int                      taken;
    size_t                   len;
    const char              *value;
    const crm_cli_option_t  *option;

    len = strcspn(arg, "=");
    value = arg[len] ? arg + len + 1 : NULL;
    taken = 1;

    option = option_find(arg, len);

    if (option == NULL && arg[1] == 'o') {
        option = option_find("-o", 2);
        value = arg + 2;
    }

    if (option == NULL) {
        return option_unknown(arg, len);
    }

    if (option->is_switch && value) {
        crm_cli_complain("%s takes no value: write it alone", option->name);
        return -1;
    }

    if (!option->is_switch && value == NULL) {
        if (next == NULL) {
            crm_cli_complain("%.*s needs a value", (int) len, arg);
            return -1;
        }

        value = next;
        taken = 2;
    }

    return option_take(opts, option, value) == 0 ? taken : -1;
}


static const crm_cli_option_t *
option_find(const char *arg, size_t len)
{
    crm_str_t                name;
    const crm_cli_option_t  *option;

    name = crm_str(arg, len);

    for (option = crm_cli_options; option->name; option++) {
        if (crm_str_is(name, option->name)
            || (option->letter && crm_str_is(name, option->letter)))
        {
            return option;
        }
    }

    return NULL;
}


static int
option_take(crm_cli_opts_t *opts, const crm_cli_option_t *option,
    const char *value)
{
    char         *base;
    const char  **field;

    base = (char *) opts;

    if (option->groups && opts->nused < CRM_CLI_MAX_USED) {
        opts->used[opts->nused] = option->name;
        opts->used_groups[opts->nused++] = option->groups;
    }

    if (option->is_switch) {
        *(int *) (void *) (base + option->offset) = 1;
        return 0;
    }

    if (option->is_each) {
        return option_each((crm_cli_each_t *) (void *) (base + option->offset),
                           option, value);
    }

    field = (const char **) (void *) (base + option->offset);

    if (*field) {
        crm_cli_complain("%s is given twice: leave one", option->name);
        return -1;
    }

    if (value[0] == '\0') {
        crm_cli_complain("%s has an empty value", option->name);
        return -1;
    }

    *field = value;

    return 0;
}


static int
option_each(crm_cli_each_t *each, const crm_cli_option_t *option,
    const char *value)
{
    if (each->count == CRM_CLI_MAX_EACH) {
        crm_cli_complain("%s is given more than %d times", option->name,
                         CRM_CLI_MAX_EACH);
        return -1;
    }

    each->items[each->count++] = value;

    return 0;
}


static int
option_unknown(const char *arg, size_t len)
{
    size_t       i, n;
    crm_str_t    copy;
    crm_pool_t  *pool;
    const char  *near, *names[OPTIONS_MAX + 1];

    for (i = 0, n = 0; crm_cli_options[i].name && n < OPTIONS_MAX; i++) {
        names[n++] = crm_cli_options[i].name;
    }

    names[n] = NULL;
    near = NULL;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool) {
        copy = crm_pool_dup(pool, crm_str(arg, len));
        near = copy.data ? crm_cli_nearest(copy.data, names) : NULL;
    }

    if (near) {
        crm_cli_complain("unknown option %.*s: did you mean %s?", (int) len,
                         arg, near);
    } else {
        crm_cli_complain("unknown option %.*s: \"crmctl help COMMAND\" lists "
                         "those of a command", (int) len, arg);
    }

    if (pool) {
        crm_pool_destroy(pool);
    }

    return -1;
}


static int
options_check(crm_cli_opts_t *opts)
{
    if (opts->redis == NULL) {
        opts->redis = env_get("CRM_REDIS");
    }

    if (opts->org == NULL) {
        opts->org = env_get("CRM_ORG");
    }

    if (opts->output) {
        opts->json = strcmp(opts->output, "json") == 0;

        if (output_check(opts->output) != 0) {
            return -1;
        }
    }

    if (opts->timeout && timeout_parse(&opts->timeout_ms, opts->timeout) != 0)
    {
        crm_cli_complain("--timeout takes a time such as 500ms or 5s (at most "
                         "10 minutes), not \"%s\"", opts->timeout);
        return -1;
    }

    return 0;
}


/* Which command takes which is looked at when it is known. */

static int
output_check(const char *output)
{
    size_t       i;
    const char  *near;

    static const char *const  outputs[] = { "table", "json", "tap", "junit",
                                            NULL };

    for (i = 0; outputs[i]; i++) {
        if (strcmp(output, outputs[i]) == 0) {
            return 0;
        }
    }

    near = crm_cli_nearest(output, outputs);

    crm_cli_complain("-o takes table or json (test: also tap or junit), not"
                     " \"%s\"%s%s%s", output, near ? ": did you mean " : "",
                     near ? near : "", near ? "?" : "");

    return -1;
}


static int
timeout_parse(long *ms, const char *text)
{
    long   n;
    char  *end;

    if (text[0] < '0' || text[0] > '9') {
        return -1;
    }

    n = strtol(text, &end, 10);

    if (n < 1 || n > OPTIONS_MAX_TIMEOUT_MS) {
        return -1;
    }

    if (strcmp(end, "ms") == 0) {
        *ms = n;
        return 0;
    }

    if ((*end == '\0' || strcmp(end, "s") == 0)
        && n <= OPTIONS_MAX_TIMEOUT_MS / 1000)
    {
        *ms = n * 1000;
        return 0;
    }

    return -1;
}


static const char *
env_get(const char *name)
{
    const char  *value;

    value = getenv(name);

    return value && value[0] ? value : NULL;
}


const char *
crm_cli_nearest(const char *text, const char *const *names)
{
    size_t       i;
    unsigned     distance, best;
    const char  *near;

    near = NULL;
    best = OPTIONS_NEAR + 1;

    for (i = 0; names[i]; i++) {
        distance = crm_str_distance(crm_strz(text), crm_strz(names[i]),
                                    OPTIONS_NEAR);
        if (distance < best) {
            best = distance;
            near = names[i];
        }
    }

    return near;
}
