/*
 * The command import: rules of another system as files of ours, and a report
 * of what became of each.
 */

#include "crm_cli_import.h"
#include "crm_cli.h"
#include "crm_cli_emit.h"
#include "crm_cli_folder.h"
#include "crm_cli_print.h"

#include <errno.h>
#include <sys/stat.h>


#define IMPORT_MAX_BYTES  (64 * 1024 * 1024)
#define IMPORT_MAX_NAME   100
#define IMPORT_REPORT     "import-report.txt"
#define IMPORT_NO_MODULE  "common"


static crm_cli_exit_t import_run(crm_cli_import_t *im, crm_cli_t *cli);
static json_t *import_read(const char *path, crm_pool_t *pool);
static crm_cli_exit_t import_show(crm_cli_import_t *im, crm_cli_t *cli);
static int import_stream(crm_cli_import_t *im, const char *module, FILE *out);
static crm_cli_exit_t import_write(crm_cli_import_t *im, const char *dir);
static crm_cli_exit_t write_module(crm_cli_import_t *im, const char *dir,
    const char *module);
static FILE *write_open(crm_cli_import_t *im, const char *dir,
    const char *name, const char *end);
static int write_close(FILE *out, const char *name);
static const char *object_module(const json_t *object);


crm_cli_exit_t
crm_cli_import(crm_cli_t *cli)
{
    crm_cli_exit_t    rc;
    crm_cli_import_t  im;

    if (strcmp(cli->opts.args[1], "zoho") != 0) {
        crm_cli_complain("import knows zoho, not \"%s\": crmctl import zoho"
                         " FILE", cli->opts.args[1]);
        return CRM_CLI_USAGE;
    }

    rc = crm_cli_import_begin(&im, cli->pool) == 0 ? import_run(&im, cli)
                                                   : crm_cli_no_memory();
    crm_cli_import_end(&im);

    return rc;
}


static crm_cli_exit_t
import_run(crm_cli_import_t *im, crm_cli_t *cli)
{
    int      i;
    size_t   k;
    json_t  *sources, *source;

    sources = json_array();
    crm_cli_import_append(im, im->kept, sources);

    for (i = 2; i < cli->opts.nargs; i++) {
        source = import_read(cli->opts.args[i], cli->pool);
        if (source == NULL) {
            return CRM_CLI_FAILED;
        }

        crm_cli_import_append(im, sources, source);

        if (crm_cli_import_zoho_actions(im, source) != 0) {
            crm_cli_complain("%s holds no workflow_rules, field_updates,"
                             " webhooks, tasks or email_notifications: it is"
                             " no export of settings/automation",
                             cli->opts.args[i]);
            return CRM_CLI_FAILED;
        }
    }

    json_array_foreach(sources, k, source) {
        crm_cli_import_zoho_rules(im, source, cli->opts.args[k + 2]);
    }

    return im->failed ? crm_cli_no_memory() : import_show(im, cli);
}


static json_t *
import_read(const char *path, crm_pool_t *pool)
{
    json_t        *source;
    crm_str_t      text;
    crm_error_t    err;
    json_error_t   error;

    if (crm_cli_file_read(&text, path, IMPORT_MAX_BYTES, pool, &err)
        != CRM_OK)
    {
        crm_cli_complain("%s %s", path, err.text);
        return NULL;
    }

    source = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);

    if (source == NULL) {
        crm_cli_complain("%s:%d:%d: %s", path, error.line, error.column,
                         error.text);

    } else if (!json_is_object(source)) {
        crm_cli_complain("%s is no map: an export begins with {"
                         "\"workflow_rules\": [", path);
        json_decref(source);
        source = NULL;
    }

    return source;
}


/* What was left out makes the exit code 1, so that no script passes it by. */
static crm_cli_exit_t
import_show(crm_cli_import_t *im, crm_cli_t *cli)
{
    int              rc;
    json_t          *report;
    crm_cli_exit_t   code;

    if (cli->opts.out) {
        code = import_write(im, cli->opts.out);
        if (code != CRM_CLI_OK) {
            return code;
        }
    }

    if (cli->opts.json) {
        report = crm_cli_import_json(im);
        rc = report ? crm_cli_print_json(report, stdout) : -1;
        json_decref(report);

    } else {
        rc = cli->opts.out ? 0 : import_stream(im, NULL, stdout);
        crm_cli_import_print(im, cli->opts.out ? stdout : stderr);
    }

    if (rc != 0 || im->failed) {
        return crm_cli_no_memory();
    }

    return im->counts[CRM_CLI_NOT_IMPORTED] || json_array_size(im->unknown)
           ? CRM_CLI_FAILED : CRM_CLI_OK;
}


/* The documents of a module, or all of them. */
static int
import_stream(crm_cli_import_t *im, const char *module, FILE *out)
{
    size_t       i;
    json_t      *object;
    const char  *mark;

    mark = "";

    json_array_foreach(im->objects, i, object) {
        if (module && strcmp(module, object_module(object)) != 0) {
            continue;
        }

        fputs(mark, out);
        mark = "---\n";

        if (crm_cli_emit(object, out) != 0) {
            return -1;
        }
    }

    return 0;
}


/* A file a module, and the report; no file is written over. */
static crm_cli_exit_t
import_write(crm_cli_import_t *im, const char *dir)
{
    FILE            *out;
    size_t           i;
    json_t          *object, *done;
    const char      *module;
    crm_cli_exit_t   rc;

    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        crm_cli_complain("%s cannot be made: %s", dir, strerror(errno));
        return CRM_CLI_FAILED;
    }

    done = json_object();
    crm_cli_import_append(im, im->kept, done);

    json_array_foreach(im->objects, i, object) {
        module = object_module(object);

        if (json_object_get(done, module)) {
            continue;
        }

        rc = write_module(im, dir, module);
        if (rc != CRM_CLI_OK) {
            return rc;
        }

        crm_cli_import_put(im, done, module, json_true());
    }

    out = write_open(im, dir, IMPORT_REPORT, "");
    if (out == NULL) {
        return CRM_CLI_FAILED;
    }

    crm_cli_import_print(im, out);

    return write_close(out, IMPORT_REPORT) == 0 ? CRM_CLI_OK : CRM_CLI_FAILED;
}


static crm_cli_exit_t
write_module(crm_cli_import_t *im, const char *dir, const char *module)
{
    int    rc;
    FILE  *out;

    out = write_open(im, dir, module, ".yaml");
    if (out == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = import_stream(im, module, out);

    if (write_close(out, module) != 0) {
        return CRM_CLI_FAILED;
    }

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


/* A module's name may hold anything; a file's holds what is harmless. */
static FILE *
write_open(crm_cli_import_t *im, const char *dir, const char *name,
    const char *end)
{
    char        file[IMPORT_MAX_NAME + 1];
    FILE       *out;
    size_t      i;
    crm_str_t   path;

    for (i = 0; name[i] && i < IMPORT_MAX_NAME; i++) {
        file[i] = (name[i] >= '0' && name[i] <= '9')
                  || (name[i] >= 'a' && name[i] <= 'z')
                  || (name[i] >= 'A' && name[i] <= 'Z')
                  || strchr("_-", name[i]) || (name[i] == '.' && i)
                  ? name[i] : '_';
    }

    file[i] = '\0';
    path = crm_pool_printf(im->pool, "%s/%s%s", dir, file, end);

    if (path.data == NULL) {
        (void) crm_cli_no_memory();
        return NULL;
    }

    out = fopen(path.data, "wxe");

    if (out == NULL) {
        crm_cli_complain(errno == EEXIST ? "%s is there already: give --out a"
                         " folder of its own, or remove it"
                         : "%s cannot be written: %s", path.data,
                         strerror(errno));
    }

    return out;
}


static int
write_close(FILE *out, const char *name)
{
    int  bad;

    bad = ferror(out);

    if (fclose(out) != 0 || bad) {
        crm_cli_complain("%s could not be written: %s", name,
                         strerror(errno));
        return -1;
    }

    return 0;
}


static const char *
object_module(const json_t *object)
{
    const char  *module;

    module = json_string_value(json_object_get(object, "module"));

    return module && module[0] ? module : IMPORT_NO_MODULE;
}
