/*
 * The commands of crmctl: a row each, for dispatch, help and completion.
 */

#include "crm_cli_commands.h"


#define HELP_SERVER                                                          \
    "  --redis URL           unix:PATH[:/DB] or redis://[USER@]HOST[:PORT]"  \
    "[/DB]; or CRM_REDIS\n"                                                  \
    "  --org NAME            the organisation; or CRM_ORG\n"                 \
    "  --password-file FILE  its first line is the password of Redis\n"      \
    "  --timeout TIME        of each command to Redis, 5s by default\n"

#define HELP_API                                                             \
    "  --server URL          through nginx (its crm_api location) instead\n" \
    "                        of Redis, with the rights of a person\n"          \
    "  --token-file FILE     its first line is that person's token\n"

#define HELP_OUTPUT                                                          \
    "  -o table|json         for people (default) or for programs\n"

#define HELP_FOLDER                                                          \
    "  --managed-by NAME     who owns the objects (default: the folder's\n"  \
    "                        own name)\n"                                   \
    "  --prune               remove objects of that owner that the folder\n" \
    "                        has no longer\n"

#define HELP_PUBLISH                                                         \
    "  --message TEXT        why, for the history\n"                         \
    "  --author NAME         who, for the history (default: USER@host)\n"

#define HELP_COMPARE                                                         \
    "  --detailed-exitcode   exit 2 when there are changes\n"

#define HELP_LIMITS                                                          \
    "  --limits FILE         your own limits, as YAML: instant_webhooks: 3\n"

const char  crm_cli_help_common[] = HELP_SERVER HELP_OUTPUT;

const crm_cli_command_t  crm_cli_commands[] = {

    { "init", "DIR", "write a first rule folder, to begin with",
      "Writes a few rules of a small company and their tests, with comments,\n"
      "into DIR, which must be empty or not be there. They are valid and can\n"
      "be tested at once: crmctl validate DIR, crmctl test DIR.\n",
      0, 0, 1, 1, "DIR", crm_cli_init, NULL },

    { "validate", "DIR [--strict] [--limits FILE]",
      "say what is wrong in a rule folder",
      "Judges the *.yaml, *.yml and *.json files below DIR (or one file) with\n"
      "the code that nginx runs, and looks for rules that contradict, repeat\n"
      "or start one another. Needs no server. Findings go to stderr as\n"
      "FILE:LINE:COLUMN: error|warning|hint: text, with -o json to stdout.\n"
      "Exits 1 if there is an error.\n\n"
      "  --strict              exit 1 if there is a warning, too\n"
      HELP_LIMITS HELP_OUTPUT,
      CRM_CLI_OPT_VALIDATE, 0, 1, 1, "DIR", crm_cli_validate, NULL },

    { "fmt", "DIR|FILE... [--check]",
      "put rule files into canonical order",
      "Puts documents into the order of the rule language and then of names,\n"
      "and their keys into the order of their kind; prints which files have\n"
      "changed. Lines are moved as they are, comments with them. A file that\n"
      "cannot be taken apart is named and left alone: exit 1.\n\n"
      "  --check               change nothing; exit 1 if a file would change\n",
      CRM_CLI_OPT_FMT, 0, 1, CRM_CLI_MAX_ARGS, "DIR or FILE", crm_cli_fmt,
      NULL },

    { "plan", "DIR [--out FILE] [--prune] [--managed-by NAME]",
      "show what apply would change",
      "Lays the folder over the live rules as apply does, judges the result,\n"
      "and shows what it would add (+), change (~) and remove (-). Changes\n"
      "nothing.\n\n"
      "  --out FILE            save the plan: crmctl apply FILE stores it as\n"
      "                        shown, unless something else was applied since\n"
      HELP_FOLDER HELP_LIMITS HELP_COMPARE HELP_API HELP_SERVER
      HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_APPLY | CRM_CLI_OPT_PLAN
      | CRM_CLI_OPT_COMPARE | CRM_CLI_OPT_API, 1, 1, 1, "DIR", crm_cli_plan,
      NULL },

    { "apply", "DIR|FILE [--prune] [--managed-by NAME] [--message TEXT]",
      "make a rule folder, or a saved plan, the live rules",
      "Lays the folder over the live rules: an object of the same kind and\n"
      "name is replaced, all others stay. Stores the result as a new revision\n"
      "and waits up to 5 seconds until every nginx process has loaded it.\n"
      "Without a change no revision is made. FILE is what plan --out has\n"
      "saved.\n\n"
      HELP_FOLDER HELP_PUBLISH HELP_LIMITS HELP_API HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_APPLY | CRM_CLI_OPT_PUBLISH
      | CRM_CLI_OPT_API, 1, 1, 1,
      "DIR", crm_cli_apply, NULL },

    { "dump", "", "print the live rules as YAML",
      "Prints the live revision as YAML documents, in the order of the rule\n"
      "language, then by name. What it prints can be applied again. With\n"
      "-o json: the bundle as it is stored.\n\n"
      HELP_API HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_API, 1, 0, 0, NULL, crm_cli_dump,
      NULL },

    { "history", "", "the revisions: when, who, why",
      "Lists the revisions, the newest first, with what each added (+),\n"
      "changed (~) and removed (-).\n\n" HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 0, 0, NULL, crm_cli_history, NULL },

    { "diff", "A..B | A", "show what changed between two revisions",
      "Shows what leads from revision A to revision B, or to the live one, as\n"
      "plan shows it.\n\n"
      HELP_COMPARE HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_COMPARE, 1, 1, 1, "revision",
      crm_cli_diff, NULL },

    { "rollback", "N [--message TEXT]",
      "make the rules of an earlier revision live",
      "Stores the rules of revision N as a new revision and waits as apply\n"
      "does. Refused when this version does not take them any more.\n\n"
      HELP_PUBLISH HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_PUBLISH, 1, 1, 1, "revision",
      crm_cli_rollback, NULL },

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
      "  --apply criteria_validation_rule|assignment_rules\n"
      "                        it asks for the rules of that kind that run on\n"
      "                        request\n"
      "  --lar-id ID           it asks for that assignment rule\n"
      "  --now TIME            when, as 2026-03-27T16:30:00+01:00\n"
      HELP_LIMITS HELP_OUTPUT,
      CRM_CLI_OPT_EVAL, 0, 1, 1, "DIR", crm_cli_eval, NULL },

    { "test", "DIR [FILE ...] [--run NAME] [--coverage]",
      "run the tests beside the rules",
      "Runs the *.test.yaml files below DIR, or those named, with the rules\n"
      "of DIR and the code that nginx runs: no server, and a clock that only\n"
      "the tests move. Exits 1 if a test fails.\n\n"
      "  --run NAME            only tests with this text in their name\n"
      "  --coverage            say what no test has reached\n"
      "  --coverage-min PCT    exit 1 if less than this share was reached\n"
      HELP_LIMITS
      "  -o table|json|tap|junit\n"
      "                        for people (default), programs, TAP 13, JUnit\n",
      CRM_CLI_OPT_TEST, 0, 1, CRM_CLI_MAX_ARGS, "DIR", crm_cli_test, NULL },

    { "status", "", "revision, processes, queues",
      "What is live, which nginx processes have loaded it, and how many jobs\n"
      "wait.\n\n" HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 0, 0, NULL, crm_cli_status, NULL },

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
      crm_cli_doctor, NULL },

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
      crm_cli_intents, "ls settle" },

    { "explain", "EVENT", "what is told of a write",
      "Prints what the stream of traces holds of an event (the CRM-Event of\n"
      "an answer): the write, which rules fired, what they changed, when what\n"
      "they scheduled is due, and what of that was cancelled since, and why.\n"
      "With -o json the documents, the oldest first.\n\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 1, 1, "EVENT", crm_cli_told, NULL },

    { "why", "MODULE/ID [--backend URL] [--user ID]",
      "what holds a record, and what would let it go",
      "Says of a record which rule or whose hand locks it, since when and\n"
      "through which event, and what would unlock it; who is asked to approve\n"
      "it; where it stands in its blueprint and what comes next; which write\n"
      "is under way or in doubt; which timers wait.\n\n"
      "  --backend URL         where the CRM answers (http://host/crm/v8): an\n"
      "                        automatic lock is known from the stored record\n"
      "                        alone; headers are those of kind: backend\n"
      "  --user ID             say it for this user, too\n"
      HELP_API HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_WHY | CRM_CLI_OPT_API, 1, 1, 1,
      "MODULE/ID", crm_cli_why, NULL },

    { "locks", "ls [MODULE/ID] | release MODULE/ID",
      "records that are locked, and an end to that",
      "ls lists records that somebody has locked by hand, and those that a\n"
      "rule has marked as locked. release takes a lock by hand away: with\n"
      "Redis as the operator, with --server as the person whose token that\n"
      "is. What a rule locks nobody can release; why says what unlocks it.\n\n"
      HELP_API HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_API, 1, 1, 2, "ls or release",
      crm_cli_locks, "ls release" },

    { "approvals", "ls | approve|reject MODULE/ID [--comments TEXT]",
      "what waits for an approval, and a decision",
      "ls lists the records that wait for an approval, and who is asked: all\n"
      "of them, or with --server those that the token's person may see.\n"
      "approve and reject decide as that person, with --server alone.\n\n"
      "  --comments TEXT       why, for those who ask later\n"
      HELP_API HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_API | CRM_CLI_OPT_DECIDE, 1, 1, 2,
      "ls, approve or reject", crm_cli_approvals, "ls approve reject" },

    { "jobs", "ls [FILTER]... | show ID | retry|drop ID|FILTER...",
      "what is to be delivered, and what never was",
      "ls lists jobs at the entrances, ready, with a worker, delayed and\n"
      "dead, and counts those that match. show prints one, whole, with what\n"
      "became of it. retry gives dead ones to the workers again, under the\n"
      "ids that they had, and those that wait after a failure at once. drop\n"
      "ends all that no worker holds.\n\n"
      "  --state STATE         waiting, ready, leased, delayed or dead\n"
      "  --class CLASS         webhooks, emails, records or functions\n"
      "  --rule ID             the rule that made it\n"
      "  --record MODULE/ID    the record that it is about\n"
      "  --endpoint URL        scheme, host and port of a webhook\n"
      "  --reason TEXT         what its error begins with: status_503\n"
      "  --since AGE           not there for longer: 30s, 10m, 2h, 7d\n"
      "  --until AGE           there for so long at least\n"
      "  --rate N              retry so many a second, 1 to 1000\n"
      "  --yes                 change all that match, unasked\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_JOBS, 1, 1, 2,
      "ls, show, retry or drop", crm_cli_jobs, "ls show retry drop" },

    { "endpoints", "ls | enable ID",
      "receivers of webhooks that are not well",
      "ls lists webhooks whose last delivery failed, those that are disabled\n"
      "(they answered 410, or failed for five days), and endpoints that are\n"
      "left alone for a while. enable forgets what is known of one: it is\n"
      "called again at once.\n\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 1, 2, "ls or enable", crm_cli_endpoints,
      "ls enable" },

    { "schedules", "ls | failed | run NAME",
      "functions that a clock calls",
      "ls lists schedules, when each runs next, and how the last run ended.\n"
      "failed lists runs that have failed, were missed, or left out since one\n"
      "went on, the newest first. run starts one at once, as often a day as\n"
      "its runs_now says.\n\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER, 1, 1, 2, "ls, failed or run", crm_cli_schedules,
      "ls failed run" },

    { "scores", "run MODULE [--follow] | status",
      "count anew what stored records are worth",
      "run has crm-worker go through all records of a CRM module, page by\n"
      "page, and set what the live scoring rules make of each; it starts no\n"
      "rules. It is to be run when a scoring rule is new or has changed.\n"
      "status tells how far that is: waiting, running, done, or stopped\n"
      "before its end.\n\n"
      "  --follow              wait for its end, and tell how far it is\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_SERVER | CRM_CLI_OPT_SCORES, 1, 1, 2, "run or status",
      crm_cli_scores, "run status" },

    { "function", "check|fmt NAME|FILE... | run NAME|FILE [--arg NAME=VALUE]..."
      " | log [NAME]",
      "check a Deluge script, run it here, see what it told",
      "NAME is a function of the live rules, for which it must be said where\n"
      "they are; what is a file, or looks like one, is that. check says what\n"
      "is wrong in scripts, as FILE:LINE:COLUMN: error: text. fmt writes\n"
      "files in their canonical form, and prints which have changed; of a\n"
      "NAME it prints the script. run executes one: lines of info go to\n"
      "stderr, what it returns to stdout. Nothing is changed anywhere: tasks\n"
      "(zoho.crm, invokeurl, sendmail) are errors, or with --dry-run printed\n"
      "and answered with an empty KEY-VALUE. Its clocks are those of UTC. log\n"
      "prints the last runs of crm-worker, of one function or a job or of\n"
      "all, the newest first: how each ended, and its lines of info.\n\n"
      "  --arg NAME=VALUE      an argument; as often as there are. What reads\n"
      "                        as JSON is that, unless a string is declared\n"
      "  --dry-run             show what the script would do\n"
      "  --user ID             who zoho.loginuser is\n"
      "  --now TIME            when, as 2026-03-27T16:30:00+01:00\n"
      "  --check               of fmt: change nothing; exit 1 if it would\n"
      HELP_SERVER HELP_OUTPUT,
      CRM_CLI_OPT_FUNCTION | CRM_CLI_OPT_SERVER, 0, 1, CRM_CLI_MAX_ARGS,
      "check, fmt, run or log", crm_cli_function, "check fmt run log" },

    { "dialect", "check FILE | try FILE|NAME --request FILE",
      "check a dialect file, or try a request with it",
      "check says what is wrong in a dialect file, as nginx -t does:\n"
      "FILE:LINE:COLUMN: error: text. try reads a request with a dialect, a\n"
      "file or one that is built in (zoho, rest, espocrm, directus,\n"
      "json-server), and prints what nginx would see in it: the operation,\n"
      "the records, where each is read; or the refusal. Exits 1 if there is\n"
      "an error, or the request is refused.\n\n"
      "  --request FILE        a line such as PUT /Leads/1 (the path is what\n"
      "                        follows crm_prefix), headers, empty line, body\n"
      HELP_OUTPUT,
      CRM_CLI_OPT_DIALECT, 0, 2, 2, "check or try, and FILE",
      crm_cli_dialect, "check try" },

    { "schema", "[KIND]", "print the rule language as JSON Schema",
      "Prints a JSON Schema (draft-07) of rule documents, or of those of one\n"
      "kind, for editors: they complete keys, explain them and underline what\n"
      "cannot be. What names refer to, only validate knows.\n",
      0, 0, 0, 1, "KIND", crm_cli_schema, NULL },

    { "import", "zoho FILE... [--out DIR]",
      "turn rules exported from Zoho CRM into rule files",
      "Reads what the settings API of Zoho CRM answers, as it is: the lists\n"
      "workflow_rules, field_updates, webhooks, tasks, email_notifications.\n"
      "Prints them as rule documents, and a report on stderr: what is\n"
      "imported, what with which change, what not and why, which keys nobody\n"
      "knew. Exits 1 if something was left out.\n\n"
      "  --out DIR             write a file for each module, and the report,\n"
      "                        into this folder\n" HELP_OUTPUT,
      CRM_CLI_OPT_IMPORT, 0, 2, CRM_CLI_MAX_ARGS, "system and a FILE",
      crm_cli_import, "zoho" },

    { "completion", "bash|zsh|fish", "print what makes a shell complete crmctl",
      "Prints a script for the shell, which then completes commands, options\n"
      "and what they take:\n"
      "\n"
      "  bash    source <(crmctl completion bash)\n"
      "  zsh     source <(crmctl completion zsh)\n"
      "  fish    crmctl completion fish | source\n",
      0, 0, 1, 1, "shell: bash, zsh or fish", crm_cli_completion,
      "bash zsh fish" },

    { NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL, NULL }
};


const crm_cli_command_t *
crm_cli_command_find(const char *name)
{
    const crm_cli_command_t  *command;

    for (command = crm_cli_commands; command->name; command++) {
        if (strcmp(command->name, name) == 0) {
            return command;
        }
    }

    return NULL;
}
