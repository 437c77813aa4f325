/*
 * The command function: check scripts, run one; the others have files of their
 * own.
 *
 * What a script would do to the world is shown and not done: with --dry-run it
 * is told that it was, and that it found nothing. Its clocks are those of UTC.
 */

#include "crm_cli.h"
#include "crm_cli_script.h"
#include "crm_deluge.h"
#include "crm_deluge_moment.h"

#include <time.h>


/* Of a whole run: its values, and what its effects are printed into. */
#define FUNCTION_MEMORY  CRM_DELUGE_MEMORY

typedef struct {
    crm_cli_t            *cli;
    const char           *file;
    crm_pool_t           *pool;             /* of the run */
    crm_deluge_script_t   script;
    crm_deluge_map_t     *arguments;
    crm_deluge_host_t     host;
    crm_deluge_error_t    err;
    crm_buf_t             effects;          /* JSON objects, with commas */
} function_t;


static crm_cli_exit_t function_check(crm_cli_t *cli);
static crm_cli_exit_t function_found(crm_cli_findings_t *findings,
    crm_cli_t *cli);
static crm_cli_exit_t function_run(crm_cli_t *cli);
static crm_cli_exit_t function_load(function_t *f);
static crm_cli_exit_t function_host(function_t *f);
static crm_cli_exit_t function_arguments(function_t *f);
static crm_cli_exit_t function_argument(function_t *f, crm_str_t name,
    crm_str_t text);
static int function_is_text(const function_t *f, crm_str_t name);
static crm_cli_exit_t function_start(function_t *f);
static crm_status_t function_effect(void *data,
    const crm_deluge_effect_t *effect, crm_deluge_value_t *result,
    crm_pool_t *pool, crm_deluge_error_t *err);
static crm_cli_exit_t function_print(function_t *f,
    const crm_deluge_result_t *result, int ok);
static void function_print_json(function_t *f, crm_buf_t *buf,
    const crm_deluge_result_t *result, int ok);
static crm_cli_exit_t function_usage(const char *text);


crm_cli_exit_t
crm_cli_function(crm_cli_t *cli)
{
    if (strcmp(cli->opts.args[1], "check") == 0) {
        return function_check(cli);
    }

    if (strcmp(cli->opts.args[1], "run") == 0) {
        return function_run(cli);
    }

    if (strcmp(cli->opts.args[1], "fmt") == 0) {
        return crm_cli_function_fmt(cli);
    }

    if (strcmp(cli->opts.args[1], "log") == 0) {
        return crm_cli_function_log(cli);
    }

    return function_usage("function knows check, run, fmt and log");
}


static crm_cli_exit_t
function_check(crm_cli_t *cli)
{
    int                  i;
    crm_error_t          err;
    crm_status_t         rc;
    crm_cli_script_t     script;
    crm_cli_findings_t   findings;

    if (cli->opts.nargs < 3) {
        return function_usage("function check takes a NAME or FILE, or"
                              " several");
    }

    crm_cli_findings_init(&findings, cli->pool);

    for (i = 2; i < cli->opts.nargs; i++) {
        rc = crm_cli_script_find(&script, cli->opts.args[i], cli, &err);

        if (rc == CRM_EINVAL || rc == CRM_ELIMIT) {
            crm_cli_findings_add(&findings, CRM_ERROR, cli->opts.args[i], 0, 0,
                                 "unreadable", NULL, "%s", err.text);
            continue;
        }

        if (rc == CRM_OK) {
            rc = crm_cli_script_check(script.source, script.name,
                                      script.arguments, &findings);
        }

        if (rc != CRM_OK) {
            return crm_cli_no_memory();
        }
    }

    return function_found(&findings, cli);
}


static crm_cli_exit_t
function_found(crm_cli_findings_t *findings, crm_cli_t *cli)
{
    int      rc;
    json_t  *json;

    rc = 0;

    if (cli->opts.json) {
        json = crm_cli_findings_json(findings);
        rc = json ? crm_cli_print_json(json, stdout) : -1;
        json_decref(json);

    } else {
        crm_cli_findings_text(findings, stderr);

        if (findings->errors == 0) {
            printf("%d script%s, no errors\n", cli->opts.nargs - 2,
                   cli->opts.nargs == 3 ? "" : "s");
        }
    }

    if (rc != 0 || findings->status != CRM_OK) {
        return crm_cli_no_memory();
    }

    return findings->errors ? CRM_CLI_FAILED : CRM_CLI_OK;
}


static crm_cli_exit_t
function_run(crm_cli_t *cli)
{
    function_t      f;
    crm_cli_exit_t  rc;

    if (cli->opts.nargs != 3) {
        return function_usage("function run takes one NAME or FILE; arguments"
                              " are given as --arg NAME=VALUE");
    }

    memset(&f, 0, sizeof(function_t));

    f.cli = cli;
    f.file = cli->opts.args[2];
    f.pool = crm_pool_create(crm_host_malloc(), FUNCTION_MEMORY);

    if (f.pool == NULL) {
        return crm_cli_no_memory();
    }

    rc = function_load(&f);

    if (rc == CRM_CLI_OK) {
        rc = function_host(&f);
    }

    if (rc == CRM_CLI_OK) {
        rc = function_arguments(&f);
    }

    if (rc == CRM_CLI_OK) {
        rc = function_start(&f);
    }

    crm_pool_destroy(f.pool);

    return rc;
}


static crm_cli_exit_t
function_load(function_t *f)
{
    crm_error_t       err;
    crm_status_t      rc;
    crm_cli_script_t  script;

    rc = crm_cli_script_find(&script, f->file, f->cli, &err);
    if (rc != CRM_OK) {
        crm_cli_complain("%s: %s", f->file, err.text);
        return CRM_CLI_FAILED;
    }

    rc = crm_deluge_parse(&f->script, script.source, f->cli->pool,
                          &f->err);
    if (rc != CRM_OK) {
        fprintf(stderr, "%s:%d:%d: error: %s\n", f->file, f->err.place.line,
                f->err.place.column, f->err.text);
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
function_host(function_t *f)
{
    crm_deluge_value_t     now;
    const crm_cli_opts_t  *opts;

    opts = &f->cli->opts;

    f->host.now_ms = (long long) time(NULL) * 1000;
    f->host.user = crm_strz(opts->user ? opts->user : "");
    f->host.user_id = f->host.user;
    f->host.effect = function_effect;
    f->host.data = f;

    if (opts->now == NULL) {
        return CRM_CLI_OK;
    }

    if (crm_deluge_moment_read(&now, crm_strz(opts->now), NULL) != CRM_OK
        || now.type != CRM_DELUGE_DATETIME)
    {
        return function_usage("--now is a time such as"
                              " 2026-03-27T16:30:00+01:00");
    }

    f->host.now_ms = now.u.number * 1000;

    return CRM_CLI_OK;
}


static crm_cli_exit_t
function_arguments(function_t *f)
{
    int             i;
    const char     *text, *equals;
    crm_cli_exit_t  rc;

    f->arguments = crm_deluge_map(f->pool);
    if (f->arguments == NULL) {
        return crm_cli_no_memory();
    }

    for (i = 0; i < f->cli->opts.arguments.count; i++) {
        text = f->cli->opts.arguments.items[i];
        equals = strchr(text, '=');

        if (equals == NULL || equals == text) {
            crm_cli_complain("--arg %s: NAME=VALUE is expected", text);
            return CRM_CLI_USAGE;
        }

        rc = function_argument(f, crm_str(text, (size_t) (equals - text)),
                               crm_strz(equals + 1));
        if (rc != CRM_CLI_OK) {
            return rc;
        }
    }

    return CRM_CLI_OK;
}


/* What reads as JSON is what it says, where no text is asked for. */
static crm_cli_exit_t
function_argument(function_t *f, crm_str_t name, crm_str_t text)
{
    crm_deluge_value_t  v;

    if (crm_deluge_map_get(f->arguments, name)) {
        crm_cli_complain("--arg %.*s is given twice: leave one",
                         (int) name.len, name.data);
        return CRM_CLI_USAGE;
    }

    if (function_is_text(f, name)
        || crm_deluge_json(&v, text, f->pool) != CRM_OK)
    {
        v = crm_deluge_text(text);
    }

    return crm_deluge_map_put(f->arguments, name, v, f->pool) == CRM_OK
           ? CRM_CLI_OK : crm_cli_no_memory();
}


static int
function_is_text(const function_t *f, crm_str_t name)
{
    size_t                     i;
    const crm_deluge_param_t  *param;

    if (f->script.body->count || f->script.count == 0) {
        return 0;
    }

    for (i = 0; i < f->script.functions[0].count; i++) {
        param = &f->script.functions[0].params[i];

        if (crm_str_eq(param->name, name)) {
            return crm_str_caseeq(param->type, CRM_STR("string"))
                   || crm_str_caseeq(param->type, CRM_STR("text"));
        }
    }

    return 0;
}


static crm_cli_exit_t
function_start(function_t *f)
{
    crm_status_t          rc;
    crm_deluge_limits_t   limits;
    crm_deluge_result_t   result;

    crm_buf_init(&f->effects, f->cli->pool, 0);
    crm_deluge_limits_init(&limits);
    memset(&result, 0, sizeof(crm_deluge_result_t));
    crm_host_malloc_keep();

    rc = crm_deluge_run(&result, &f->script, f->arguments, &f->host, &limits,
                        f->pool, &f->err);

    return function_print(f, &result, rc == CRM_OK);
}


/* What is asked for is empty, what is done has gone well. */
static crm_status_t
function_effect(void *data, const crm_deluge_effect_t *effect,
    crm_deluge_value_t *result, crm_pool_t *pool, crm_deluge_error_t *err)
{
    size_t       i;
    function_t  *f = data;

    if (effect->name.len > 5 && memcmp(effect->name.data, "zoho.", 5) == 0
        && !(effect->name.len > 9
             && memcmp(effect->name.data, "zoho.crm.", 9) == 0))
    {
        return CRM_DECLINED;
    }

    if (!f->cli->opts.dry_run) {
        return crm_deluge_fail(err, CRM_EINVAL, effect->place,
                   "%.*s would change something: say --dry-run to see what",
                   (int) effect->name.len, effect->name.data);
    }

    if (f->effects.len) {
        crm_buf_putc(&f->effects, ',');
    }

    crm_buf_puts(&f->effects, "{\"task\":");
    crm_buf_json(&f->effects, effect->name);
    crm_buf_puts(&f->effects, ",\"line\":");
    crm_buf_int(&f->effects, effect->place.line);
    crm_buf_puts(&f->effects, ",\"arguments\":[");

    for (i = 0; i < effect->count; i++) {

        if (i) {
            crm_buf_putc(&f->effects, ',');
        }

        crm_deluge_write_json(&f->effects, &effect->args[i], NULL);
    }

    crm_buf_puts(&f->effects, "]}");

    result->type = CRM_DELUGE_MAP;
    result->u.map = crm_deluge_map(pool);

    return result->u.map && crm_buf_status(&f->effects) == CRM_OK
           ? CRM_OK : CRM_ENOMEM;
}


static crm_cli_exit_t
function_print(function_t *f, const crm_deluge_result_t *result, int ok)
{
    json_t     *json;
    crm_buf_t   buf;

    crm_buf_init(&buf, f->cli->pool, 0);
    function_print_json(f, &buf, result, ok);

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_cli_no_memory();
    }

    if (f->cli->opts.json) {
        printf("%.*s\n", (int) buf.len, buf.data);

    } else {
        fwrite(result->log.data, 1, result->log.len, stderr);

        if (result->log_cut) {
            fputs("(more was told by info than is kept)\n", stderr);
        }

        json = json_loadb(buf.data, buf.len, 0, NULL);

        if (json && json_array_size(json_object_get(json, "effects"))) {
            fputs("would do:\n", stderr);
            (void) crm_cli_print_json(json_object_get(json, "effects"),
                                      stderr);
        }

        json_decref(json);

        buf.len = 0;
        crm_deluge_write(&buf, &result->value, NULL);

        if (ok && buf.len && crm_buf_status(&buf) == CRM_OK) {
            printf("%.*s\n", (int) buf.len, buf.data);
        }
    }

    if (!ok) {
        fprintf(stderr, "%s:%d:%d: error: %s\n", f->file, f->err.place.line,
                f->err.place.column, f->err.text);
    }

    return ok ? CRM_CLI_OK : CRM_CLI_FAILED;
}


static void
function_print_json(function_t *f, crm_buf_t *buf,
    const crm_deluge_result_t *result, int ok)
{
    crm_buf_puts(buf, "{\"result\":");

    if (ok) {
        crm_deluge_write_json(buf, &result->value, NULL);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"error\":");

    if (ok) {
        crm_buf_puts(buf, "null");

    } else {
        crm_buf_puts(buf, "{\"line\":");
        crm_buf_int(buf, f->err.place.line);
        crm_buf_puts(buf, ",\"column\":");
        crm_buf_int(buf, f->err.place.column);
        crm_buf_puts(buf, ",\"message\":");
        crm_buf_json(buf, crm_strz(f->err.text));
        crm_buf_putc(buf, '}');
    }

    crm_buf_puts(buf, ",\"log\":");
    crm_buf_json(buf, result->log);
    crm_buf_puts(buf, ",\"statements\":");
    crm_buf_int(buf, (long long) result->statements);
    crm_buf_puts(buf, ",\"effects\":[");
    crm_buf_str(buf, crm_buf_view(&f->effects));
    crm_buf_puts(buf, "]}");
}


static crm_cli_exit_t
function_usage(const char *text)
{
    crm_cli_complain("%s: \"crmctl help function\" says more", text);

    return CRM_CLI_USAGE;
}
