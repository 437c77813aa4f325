/*
 * crmctl: the command table, help, and exit codes.
 */

#include "crm_cli.h"
#include "crm_cli_commands.h"
#include "crm_cli_print.h"
#include "base/crm_limits.h"
#include "state/crm_keys.h"
#include "state/crm_redis_url.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>


#define MAIN_VERSION   "0.1.0"
#define MAIN_COMMANDS  64

static crm_cli_exit_t main_run(crm_cli_t *cli);
static crm_cli_exit_t main_check(const crm_cli_command_t *command,
    crm_cli_t *cli);
static crm_cli_exit_t main_check_options(const crm_cli_command_t *command,
    const crm_cli_opts_t *opts);
static crm_cli_exit_t main_unknown(const char *name);
static crm_cli_exit_t main_help(const char *name);
static crm_cli_exit_t main_version(void);
static crm_cli_exit_t main_finish(crm_cli_exit_t rc);


int
main(int argc, char **argv)
{
    crm_cli_t       cli;
    crm_cli_exit_t  rc;

    (void) setlocale(LC_CTYPE, "C");
    (void) signal(SIGPIPE, SIG_IGN);

    memset(&cli, 0, sizeof(crm_cli_t));

    if (crm_cli_options_parse(&cli.opts, argc, argv) != 0) {
        return CRM_CLI_USAGE;
    }

    cli.pool = crm_pool_create(crm_host_malloc(), 0);
    if (cli.pool == NULL) {
        return crm_cli_no_memory();
    }

    rc = main_run(&cli);
    crm_pool_destroy(cli.pool);

    return main_finish(rc);
}


static crm_cli_exit_t
main_run(crm_cli_t *cli)
{
    crm_cli_exit_t            rc;
    const char               *name;
    crm_cli_opts_t           *opts;
    const crm_cli_command_t  *command;

    opts = &cli->opts;
    name = opts->nargs ? opts->args[0] : NULL;

    if (opts->version || (name && strcmp(name, "version") == 0)) {
        return main_version();
    }

    if (name && strcmp(name, "help") == 0) {
        return main_help(opts->nargs > 1 ? opts->args[1] : NULL);
    }

    if (opts->help) {
        return main_help(name);
    }

    if (name == NULL) {
        crm_cli_complain("a command is missing: \"crmctl help\" lists them");
        return CRM_CLI_USAGE;
    }

    command = crm_cli_command_find(name);
    if (command == NULL) {
        return main_unknown(name);
    }

    rc = main_check(command, cli);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    return command->run(cli);
}


static crm_cli_exit_t
main_check(const crm_cli_command_t *command, crm_cli_t *cli)
{
    crm_cli_exit_t   rc;
    crm_cli_opts_t  *opts;

    opts = &cli->opts;

    rc = main_check_options(command, opts);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (opts->nargs - 1 < command->nargs) {
        crm_cli_complain("%s needs a %s: crmctl %s %s", command->name,
                         command->arg_name, command->name, command->synopsis);
        return CRM_CLI_USAGE;
    }

    if (opts->nargs - 1 > command->nargs_max) {
        crm_cli_complain("%s does not know what to do with \"%s\": crmctl %s"
                         "%s%s", command->name,
                         opts->args[command->nargs_max + 1], command->name,
                         command->synopsis[0] ? " " : "", command->synopsis);
        return CRM_CLI_USAGE;
    }

    if (opts->token_file && opts->server == NULL) {
        crm_cli_complain("--token-file goes with --server URL: Redis itself"
                         " knows no persons");
        return CRM_CLI_USAGE;
    }

    return command->server && opts->server == NULL
           ? crm_cli_check_server(command->name, cli) : CRM_CLI_OK;
}


static crm_cli_exit_t
main_check_options(const crm_cli_command_t *command,
    const crm_cli_opts_t *opts)
{
    int                       i;
    const crm_cli_command_t  *other;

    for (i = 0; i < opts->nused; i++) {
        if (opts->used_groups[i] & command->options) {
            continue;
        }

        for (other = crm_cli_commands; other->name; other++) {
            if (other->options & opts->used_groups[i]) {
                break;
            }
        }

        crm_cli_complain("%s does not know %s: it belongs to %s",
                         command->name, opts->used[i],
                         other->name ? other->name : "another command");
        return CRM_CLI_USAGE;
    }

    if (opts->output && !opts->json && strcmp(opts->output, "table") != 0
        && !(command->options & CRM_CLI_OPT_TEST))
    {
        crm_cli_complain("-o %s is what test can print: %s takes table or"
                         " json", opts->output, command->name);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


crm_cli_exit_t
crm_cli_check_server(const char *name, crm_cli_t *cli)
{
    crm_error_t       err;
    crm_status_t      rc;
    crm_redis_url_t   url;

    if (cli->opts.redis == NULL) {
        crm_cli_complain("%s needs to know where Redis is: give --redis URL "
                         "(unix:/run/redis/redis.sock, redis://127.0.0.1) or "
                         "set CRM_REDIS", name);
        return CRM_CLI_USAGE;
    }

    rc = crm_redis_url_parse(&url, crm_strz(cli->opts.redis), cli->pool, &err);
    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    if (rc != CRM_OK) {
        crm_cli_complain("--redis: %s", err.text);
        return CRM_CLI_USAGE;
    }

    if (cli->opts.org == NULL) {
        crm_cli_complain("%s needs an organisation: give --org NAME or set "
                         "CRM_ORG", name);
        return CRM_CLI_USAGE;
    }

    if (!crm_org_valid(crm_strz(cli->opts.org))) {
        crm_cli_complain("--org: \"%s\" is no organisation's name: 1 to %d of "
                         "A-Z a-z 0-9 _ . -", cli->opts.org,
                         CRM_MAX_ORG_NAME);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
main_unknown(const char *name)
{
    size_t       i;
    const char  *near, *names[MAIN_COMMANDS + 3];

    for (i = 0; crm_cli_commands[i].name && i < MAIN_COMMANDS; i++) {
        names[i] = crm_cli_commands[i].name;
    }

    names[i++] = "help";
    names[i++] = "version";
    names[i] = NULL;

    near = crm_cli_nearest(name, names);

    if (near) {
        crm_cli_complain("unknown command \"%s\": did you mean \"%s\"?", name,
                         near);
    } else {
        crm_cli_complain("unknown command \"%s\": \"crmctl help\" lists them",
                         name);
    }

    return CRM_CLI_USAGE;
}


static crm_cli_exit_t
main_help(const char *name)
{
    const crm_cli_command_t  *command;

    if (name) {
        command = crm_cli_command_find(name);
        if (command == NULL) {
            return main_unknown(name);
        }

        printf("crmctl %s %s\n\n%s", command->name, command->synopsis,
               command->details);
        return CRM_CLI_OK;
    }

    printf("crmctl: the rules of a CRM, from a folder to nginx\n\n");

    for (command = crm_cli_commands; command->name; command++) {
        printf("  crmctl %-10s %s\n", command->name, command->summary);
    }

    printf("  crmctl %-10s %s\n", "help", "this, or more about one command");
    printf("  crmctl %-10s %s\n\n", "version", "which crmctl this is");
    fputs(crm_cli_help_common, stdout);
    printf("\nExit code: 0 good, 1 findings or failure, 2 changes (with\n"
           "--detailed-exitcode), 64 wrong use.\n");

    return CRM_CLI_OK;
}


static crm_cli_exit_t
main_version(void)
{
    printf("crmctl %s\n", MAIN_VERSION);

    return CRM_CLI_OK;
}


/* Output that did not arrive, on a full disk say, is a failure. */

static crm_cli_exit_t
main_finish(crm_cli_exit_t rc)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return rc;
    }

    if (errno != EPIPE) {
        crm_cli_complain("the output could not be written: %s",
                         strerror(errno));
    }

    return rc == CRM_CLI_OK ? CRM_CLI_FAILED : rc;
}


crm_cli_exit_t
crm_cli_no_memory(void)
{
    crm_cli_complain("out of memory");

    return CRM_CLI_FAILED;
}
