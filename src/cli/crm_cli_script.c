/*
 * Scripts of functions, as findings: see crm_cli_script.h.
 */

#include "crm_cli_script.h"
#include "crm_cli_folder.h"
#include "crm_deluge_script.h"

#include <unistd.h>


/* A tree takes some twenty times its source. */
#define SCRIPT_MEMORY  (64 * CRM_DELUGE_SOURCE_MAX)


static int script_is_file(const char *name);
static crm_status_t script_live(crm_cli_script_t *script, crm_cli_t *cli,
    crm_error_t *err);
static void script_arguments(const crm_deluge_script_t *script,
    const char *file, const json_t *arguments, crm_cli_findings_t *findings);
static int script_declares(const json_t *arguments, crm_str_t name);
static void script_finding(crm_cli_findings_t *findings,
    crm_severity_t severity, const char *file, const char *code,
    const crm_deluge_error_t *err);


crm_status_t
crm_cli_script_find(crm_cli_script_t *script, const char *name,
    crm_cli_t *cli, crm_error_t *err)
{
    memset(script, 0, sizeof(crm_cli_script_t));
    script->name = name;
    script->is_file = script_is_file(name);

    return script->is_file
           ? crm_cli_file_read(&script->source, name, CRM_DELUGE_SOURCE_MAX,
                               cli->pool, err)
           : script_live(script, cli, err);
}


static int
script_is_file(const char *name)
{
    size_t  len;

    len = strlen(name);

    return strchr(name, '/') != NULL
           || (len > 3 && strcmp(name + len - 3, ".dg") == 0)
           || access(name, F_OK) == 0;
}


static crm_status_t
script_live(crm_cli_script_t *script, crm_cli_t *cli, crm_error_t *err)
{
    size_t           i;
    json_t          *entry, *object;
    const char      *kind, *name, *source;
    crm_store_t     *store;
    crm_status_t     rc;
    crm_cli_live_t   live;

    rc = crm_cli_live_connect(&store, cli, err);

    if (rc == CRM_OK) {
        rc = crm_cli_live_read(&live, store, cli->opts.org, cli->pool, err);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    json_array_foreach(json_object_get(live.bundle, "objects"), i, entry) {
        object = json_object_get(entry, "object");
        kind = json_string_value(json_object_get(object, "kind"));
        name = json_string_value(json_object_get(object, "name"));
        source = json_string_value(json_object_get(object, "source"));

        if (kind && name && source && strcmp(kind, "function") == 0
            && strcmp(name, script->name) == 0)
        {
            script->source = crm_strz(source);
            script->arguments = json_object_get(object, "arguments");

            return CRM_OK;
        }
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "there is no such"
                         " file, and the live rules of %s have no function of"
                         " that name", cli->opts.org);
}


crm_status_t
crm_cli_script_check(crm_str_t source, const char *file,
    const json_t *arguments, crm_cli_findings_t *findings)
{
    size_t               i;
    crm_pool_t          *pool;
    crm_status_t         rc;
    crm_deluge_error_t   err;
    crm_deluge_script_t  script;

    memset(&err, 0, sizeof(crm_deluge_error_t));

    pool = crm_pool_create(crm_host_malloc(), SCRIPT_MEMORY);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_deluge_parse(&script, source, pool, &err);

    if (rc != CRM_OK) {
        script_finding(findings, CRM_ERROR, file, "syntax", &err);

    } else {
        for (i = 0; i < script.n_warnings; i++) {
            script_finding(findings, CRM_WARNING, file, "mixed_logic",
                           &script.warnings[i]);
        }

        if (arguments != NULL) {
            script_arguments(&script, file, arguments, findings);
        }
    }

    crm_pool_destroy(pool);

    return findings->status;
}


/* A run would fail for want of it. */
static void
script_arguments(const crm_deluge_script_t *script, const char *file,
    const json_t *arguments, crm_cli_findings_t *findings)
{
    size_t                     i;
    const crm_deluge_param_t  *param;

    if (script->body->count || script->count == 0) {
        return;
    }

    for (i = 0; i < script->functions[0].count; i++) {
        param = &script->functions[0].params[i];

        if (!script_declares(arguments, param->name)) {
            crm_cli_findings_add(findings, CRM_ERROR, file, 0, 0, "argument",
                                 NULL, "its function takes %.*s, which is none"
                                 " of the function's arguments in the rules",
                                 (int) param->name.len, param->name.data);
        }
    }
}


static int
script_declares(const json_t *arguments, crm_str_t name)
{
    size_t       i;
    json_t      *argument;
    const char  *text;

    json_array_foreach(arguments, i, argument) {
        text = json_string_value(json_object_get(argument, "name"));

        if (text && crm_str_is(name, text)) {
            return 1;
        }
    }

    return 0;
}


static void
script_finding(crm_cli_findings_t *findings, crm_severity_t severity,
    const char *file, const char *code, const crm_deluge_error_t *err)
{
    crm_cli_findings_add(findings, severity, file,
                         (unsigned) err->place.line,
                         (unsigned) err->place.column, code, NULL, "%s",
                         err->text);
}
