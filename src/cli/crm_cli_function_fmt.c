/*
 * The command function fmt: scripts in their canonical form.
 *
 * A file is written anew, a function of the live rules is printed.
 */

#include "crm_cli.h"
#include "crm_cli_replace.h"
#include "crm_cli_script.h"
#include "crm_cli_script_fmt.h"


typedef struct {
    crm_cli_t  *cli;
    size_t      changed;
    size_t      left;           /* could not be formatted */
} fmt_t;


static crm_cli_exit_t fmt_one(fmt_t *fmt, const char *name);
static crm_status_t fmt_script(fmt_t *fmt, const crm_cli_script_t *script,
    crm_error_t *err);
static crm_status_t fmt_show(fmt_t *fmt, const crm_cli_script_t *script,
    crm_str_t out, crm_error_t *err);


crm_cli_exit_t
crm_cli_function_fmt(crm_cli_t *cli)
{
    int             i;
    fmt_t           fmt;
    crm_cli_exit_t  rc;

    if (cli->opts.nargs < 3) {
        crm_cli_complain("function fmt takes a NAME or FILE, or several:"
                         " \"crmctl help function\" says more");
        return CRM_CLI_USAGE;
    }

    memset(&fmt, 0, sizeof(fmt_t));
    fmt.cli = cli;

    for (i = 2; i < cli->opts.nargs; i++) {
        rc = fmt_one(&fmt, cli->opts.args[i]);
        if (rc != CRM_CLI_OK) {
            return rc;
        }
    }

    return fmt.left || (cli->opts.check && fmt.changed) ? CRM_CLI_FAILED
                                                        : CRM_CLI_OK;
}


static crm_cli_exit_t
fmt_one(fmt_t *fmt, const char *name)
{
    crm_error_t       err;
    crm_status_t      rc;
    crm_cli_script_t  script;

    rc = crm_cli_script_find(&script, name, fmt->cli, &err);

    if (rc == CRM_OK) {
        rc = fmt_script(fmt, &script, &err);

    } else if (rc != CRM_ENOMEM) {
        fmt->left++;
        crm_cli_complain("%s: %s", name, err.text);
        rc = CRM_OK;
    }

    if (rc != CRM_OK && rc != CRM_ENOMEM) {
        fmt->left++;
        crm_cli_complain("%s is left alone: %s", name, err.text);
        rc = CRM_OK;
    }

    return rc == CRM_OK ? CRM_CLI_OK : crm_cli_no_memory();
}


static crm_status_t
fmt_script(fmt_t *fmt, const crm_cli_script_t *script, crm_error_t *err)
{
    crm_str_t            out;
    crm_status_t         rc;
    crm_deluge_error_t   wrong;

    rc = crm_cli_script_fmt(&out, script->source, fmt->cli->pool, &wrong);

    if (rc == CRM_OK) {
        return fmt_show(fmt, script, out, err);
    }

    if (rc != CRM_ENOMEM) {
        fmt->left++;
        fprintf(stderr, "%s:%d:%d: error: %s\n", script->name,
                wrong.place.line, wrong.place.column, wrong.text);
        rc = CRM_OK;
    }

    return rc;
}


static crm_status_t
fmt_show(fmt_t *fmt, const crm_cli_script_t *script, crm_str_t out,
    crm_error_t *err)
{
    int  same;

    same = crm_str_eq(out, script->source);
    fmt->changed += !same;

    if (!script->is_file && !fmt->cli->opts.check) {
        return fwrite(out.data, 1, out.len, stdout) == out.len
               ? CRM_OK
               : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                               "it cannot be printed");
    }

    if (same) {
        return CRM_OK;
    }

    crm_cli_print_text(script->name, stdout);
    putchar('\n');

    return fmt->cli->opts.check
           ? CRM_OK
           : crm_cli_replace(script->name, out, fmt->cli->pool, err);
}
