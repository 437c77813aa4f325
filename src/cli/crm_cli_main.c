/*
 * crmctl: the command table, help, and exit codes.
 */

#include "crm_cli.h"
#include "crm_cli_print.h"
#include "base/crm_limits.h"
#include "state/crm_keys.h"
#include "state/crm_redis_url.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>


#define MAIN_VERSION  "0.1.0"

typedef struct {
    const char      *name;
    const char      *synopsis;
    const char      *summary;
    const char      *details;
    unsigned         options;       /* CRM_CLI_OPT_... that it understands */
    int              server;        /* needs --redis and --org */
    int              nargs;         /* at least, without its own name */
    int              nargs_max;
    const char      *arg_name;
    crm_cli_exit_t (*run)(crm_cli_t *cli);
} command_t;


static crm_cli_exit_t main_run(crm_cli_t *cli);
static crm_cli_exit_t main_check(const command_t *command, crm_cli_t *cli);
static crm_cli_exit_t main_check_options(const command_t *command,
    const crm_cli_opts_t *opts);
static crm_cli_exit_t main_check_server(const command_t *command,
    crm_cli_t *cli);
static crm_cli_exit_t main_unknown(const char *name);
static crm_cli_exit_t main_help(const char *name);
static crm_cli_exit_t main_version(void);
static crm_cli_exit_t main_finish(crm_cli_exit_t rc);
static const command_t *command_find(const char *name);


#define HELP_SERVER                                                          \
    "  --redis URL           unix:PATH[:/DB] or redis://[USER@]HOST[:PORT]"  \
    "[/DB]; or CRM_REDIS\n"                                                  \
    "  --org NAME            the organisation; or CRM_ORG\n"                 \
    "  --password-file FILE  its first line is the password of Redis\n"      \
    "  --timeout TIME        of each command to Redis, 5s by default\n"

#define HELP_OUTPUT                                                          \
    "  -o table|json         for people (default) or for programs\n"

static const command_t  commands[] = {

    { "validate", "DIR", "say what is wrong in a rule folder",
      "Judges the *.yaml, *.yml and *.json files below DIR (or one file) with\n"
      "the code that nginx runs. Needs no server. Findings go to stderr as\n"
      "FILE:LINE:COLUMN: error|warning: text, with -o json to stdout. Exits 1\n"
      "if there is an error.\n\n" HELP_OUTPUT,
      0, 0, 1, 1, "DIR", crm_cli_validate },

    { "apply", "DIR [--prune] [--managed-by NAME] [--message TEXT]",
      "make a rule folder the live rules",
      "Lays the folder over the live rules: an object of the same kind and\n"
      "name is replaced, all others stay. Stores the result as a new revision\n"
      "and waits up to 5 seconds until every nginx process has loaded it.\n"
      "Without a change no revision is made.\n\n"
      "  --managed-by NAME     who owns the objects (default: the folder's\n"
      "                        own name)\n"
      "  --prune               remove objects of that owner that the folder\n"
      "                        has no longer\n"
      "  --message TEXT        why, for the history\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_APPLY, 1, 1, 1, "DIR",
      crm_cli_apply },

    { "dump", "", "print the live rules as YAML",
      "Prints the live revision as YAML documents, in the order of the rule\n"
      "language, then by name. What it prints can be applied again. With\n"
      "-o json: the bundle as it is stored.\n\n" HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 0, 0, NULL, crm_cli_dump },

    { "eval", "DIR --module M --record FILE [--before FILE] ...",
      "judge one write with a rule folder, explained",
      "Decides what the rules of DIR would do with a write, without a server.\n"
      "\n"
      "  --module NAME         the CRM module\n"
      "  --record FILE         what the client sends: a JSON object\n"
      "  --before FILE         the stored record, for update and delete\n"
      "  --operation O         create, update or delete; by default update\n"
      "                        with --before, else create\n"
      "  --user ID             who acts\n"
      "  --now TIME            when, as 2026-03-27T16:30:00+01:00\n"
      HELP_OUTPUT,
      CRM_CLI_OPT_EVAL, 0, 1, 1, "DIR", crm_cli_eval },

    { "status", "", "revision, processes, queues",
      "What is live, which nginx processes have loaded it, and how many jobs\n"
      "wait.\n\n" HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 0, 0, NULL, crm_cli_status },

    { "doctor", "[--nginx PATH] [--accept-epoch]",
      "look for what is wrong, and say what to do",
      "Checks Redis, rules, processes, intents and jobs, one line each: ok,\n"
      "warn or FAIL with what to do. Exits 1 if there is a FAIL.\n\n"
      "  --nginx PATH          look at the nginx of this machine too: does\n"
      "                        the module fit, are sockets and keys right\n"
      "  --nginx-conf FILE     its configuration, if not the usual one\n"
      "  --module FILE         try this module instead of what it loads\n"
      "  --accept-epoch        this Redis is the right one, although nginx\n"
      "                        remembers another: it opens again\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_DOCTOR, 1, 0, 0, NULL,
      crm_cli_doctor },

    { "intents", "ls | settle EVENT committed|dropped [--id ID]",
      "writes whose outcome is not known",
      "ls lists the writes that have begun and not ended, and those that\n"
      "recovery could not settle: undetermined. When you have looked into the\n"
      "CRM, settle says what became of an undetermined one:\n\n"
      "  committed             the CRM has it: what follows from it goes into\n"
      "                        the queues, as recovery would have done it\n"
      "  dropped               the CRM does not have it: nothing follows\n"
      "  --id ID               of the record, where it was created\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_INTENTS, 1, 1, 3, "ls or settle",
      crm_cli_intents },

    { NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL }
};


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
    crm_cli_exit_t    rc;
    const char       *name;
    crm_cli_opts_t   *opts;
    const command_t  *command;

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

    command = command_find(name);
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
main_check(const command_t *command, crm_cli_t *cli)
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

    return command->server ? main_check_server(command, cli) : CRM_CLI_OK;
}


static crm_cli_exit_t
main_check_options(const command_t *command, const crm_cli_opts_t *opts)
{
    int               i;
    const command_t  *other;

    for (i = 0; i < opts->nused; i++) {
        if (opts->used_groups[i] & command->options) {
            continue;
        }

        for (other = commands; other->name; other++) {
            if (other->options & opts->used_groups[i]) {
                break;
            }
        }

        crm_cli_complain("%s does not know %s: it belongs to %s",
                         command->name, opts->used[i],
                         other->name ? other->name : "another command");
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
main_check_server(const command_t *command, crm_cli_t *cli)
{
    crm_error_t       err;
    crm_status_t      rc;
    crm_redis_url_t   url;

    if (cli->opts.redis == NULL) {
        crm_cli_complain("%s needs to know where Redis is: give --redis URL "
                         "(unix:/run/redis/redis.sock, redis://127.0.0.1) or "
                         "set CRM_REDIS", command->name);
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
                         "CRM_ORG", command->name);
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
    const char  *near, *names[sizeof(commands) / sizeof(command_t) + 2];

    for (i = 0; commands[i].name; i++) {
        names[i] = commands[i].name;
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
    const command_t  *command;

    if (name) {
        command = command_find(name);
        if (command == NULL) {
            return main_unknown(name);
        }

        printf("crmctl %s %s\n\n%s", command->name, command->synopsis,
               command->details);
        return CRM_CLI_OK;
    }

    printf("crmctl: the rules of a CRM, from a folder to nginx\n\n");

    for (command = commands; command->name; command++) {
        printf("  crmctl %-10s %s\n", command->name, command->summary);
    }

    printf("  crmctl %-10s %s\n", "help", "this, or more about one command");
    printf("  crmctl %-10s %s\n\n", "version", "which crmctl this is");
    fputs(HELP_SERVER HELP_OUTPUT, stdout);
    printf("\nExit code: 0 good, 1 findings or failure, 64 wrong use.\n");

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


static const command_t *
command_find(const char *name)
{
    const command_t  *command;

    for (command = commands; command->name; command++) {
        if (strcmp(command->name, name) == 0) {
            return command;
        }
    }

    return NULL;
}


crm_cli_exit_t
crm_cli_no_memory(void)
{
    crm_cli_complain("out of memory");

    return CRM_CLI_FAILED;
}
