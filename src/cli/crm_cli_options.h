/*
 * What was typed: options, arguments, environment.
 *
 * Options may stand before or after the command and its arguments, as
 * "--name value" or "--name=value". CRM_REDIS and CRM_ORG stand in for the
 * options of the same names.
 */

#ifndef CRM_CLI_OPTIONS_H
#define CRM_CLI_OPTIONS_H

#include "base/crm_pool.h"


#define CRM_CLI_MAX_ARGS  1000

/* Which options a command understands, besides -o and --help. */
#define CRM_CLI_OPT_SERVER    0x01u     /* --redis --org --timeout ... */
#define CRM_CLI_OPT_APPLY     0x02u     /* --managed-by --prune --limits */
#define CRM_CLI_OPT_EVAL      0x04u     /* --module --record ... */
#define CRM_CLI_OPT_DOCTOR    0x08u     /* --nginx --accept-epoch ... */
#define CRM_CLI_OPT_INTENTS   0x10u     /* --id */
#define CRM_CLI_OPT_PUBLISH   0x100u    /* --message --author */
#define CRM_CLI_OPT_PLAN      0x200u    /* --out */
#define CRM_CLI_OPT_COMPARE   0x400u    /* --detailed-exitcode */
#define CRM_CLI_OPT_FMT       0x1000u   /* --check */
#define CRM_CLI_OPT_IMPORT    0x2000u   /* --out */
#define CRM_CLI_OPT_TEST      0x20u     /* --coverage --run ..., more -o */
#define CRM_CLI_OPT_VALIDATE  0x4000u   /* --strict */

#define CRM_CLI_OPT_JOBS      0x8000u   /* --state --rule ... */
#define CRM_CLI_OPT_FUNCTION  0x100000u /* --arg --dry-run */
#define CRM_CLI_OPT_DIALECT   0x200000u /* --request */
#define CRM_CLI_OPT_API       0x400000u /* --server --token-file */
#define CRM_CLI_OPT_WHY       0x800000u /* --backend --user */
#define CRM_CLI_OPT_DECIDE    0x1000000u    /* --comments */
#define CRM_CLI_OPT_SCORES    0x2000000u    /* --follow */

#define CRM_CLI_MAX_USED      16

/* What may be given several times. */
#define CRM_CLI_MAX_EACH      64

typedef struct {
    const char  *items[CRM_CLI_MAX_EACH];
    int          count;
} crm_cli_each_t;

typedef struct {
    const char  *redis;
    const char  *org;
    const char  *password_file;
    const char  *timeout;
    long         timeout_ms;        /* 0: the default */
    const char  *output;
    int          json;
    int          help;
    int          version;

    const char  *server;
    const char  *token_file;
    const char  *backend;
    const char  *comments;

    const char  *managed_by;
    int          prune;
    const char  *message;
    const char  *author;
    const char  *out;
    int          detailed_exitcode;

    const char  *module;
    const char  *record;
    const char  *before;
    const char  *operation;
    const char  *user;
    const char  *apply;
    const char  *lar_id;
    const char  *now;

    const char  *nginx;
    const char  *nginx_conf;
    int          accept_epoch;

    const char  *id;

    const char  *state;
    const char  *job_class;
    const char  *rule;
    const char  *endpoint;
    const char  *since;
    const char  *until;
    const char  *reason;
    const char  *rate;
    int          yes;

    int          follow;

    int          check;
    int          coverage;
    const char  *coverage_min;
    const char  *run;
    int          strict;
    const char  *limits;

    crm_cli_each_t  arguments;      /* --arg, as typed */
    const char     *request;
    int             dry_run;

    const char  *args[CRM_CLI_MAX_ARGS];    /* the command is the first */
    int          nargs;

    /* The options given, each with the CRM_CLI_OPT_... that it may belong to;
       0: to every command. */
    const char  *used[CRM_CLI_MAX_USED];
    unsigned     used_groups[CRM_CLI_MAX_USED];
    int          nused;
} crm_cli_opts_t;


typedef struct {
    const char  *name;
    const char  *letter;        /* "-o", or NULL */
    size_t       offset;        /* of a string, or of an int for a switch */
    int          is_switch;
    int          is_each;       /* of a crm_cli_each_t */
    unsigned     groups;        /* CRM_CLI_OPT_..., 0: every command */
    const char  *words;         /* what it takes, for shells: "table json" */
} crm_cli_option_t;

/* All of them, ended by a NULL name. */
extern const crm_cli_option_t  crm_cli_options[];


/*
 * Reads argv and the environment into opts; strings are borrowed. Returns 0,
 * or -1 after a sentence on stderr: wrong use.
 */
int crm_cli_options_parse(crm_cli_opts_t *opts, int argc, char **argv);

/* The nearest of names to text, or NULL if none is near; ended by NULL. */
const char *crm_cli_nearest(const char *text, const char *const *names);

#endif
