/*
 * The command validate, and the limits that it judges by.
 */

#include "crm_cli.h"
#include "crm_cli_folder.h"
#include "crm_cli_rules.h"


/* A file of limits is a page at most. */
#define VALIDATE_MAX_LIMITS  (64 * 1024)


static crm_status_t limits_take(crm_cli_rules_t *rules,
    const crm_cli_docs_t *docs);
static void validate_hints(crm_cli_rules_t *rules);
static crm_cli_exit_t validate_summary(const crm_cli_rules_t *rules,
    size_t warnings);
static size_t validate_count(const crm_cli_rules_t *rules,
    crm_severity_t severity);


crm_cli_exit_t
crm_cli_validate(crm_cli_t *cli)
{
    size_t           warnings;
    crm_cli_exit_t   rc;
    crm_cli_rules_t  rules;

    if (crm_cli_rules_load(&rules, cli->opts.args[1], cli->pool) != CRM_OK
        || crm_cli_rules_limits(&rules, cli->opts.limits) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    rules.hints = 1;

    if (crm_cli_rules_check(&rules, NULL) != CRM_OK) {
        return crm_cli_no_memory();
    }

    validate_hints(&rules);

    if (crm_cli_rules_report(&rules, cli->opts.json) != 0) {
        return crm_cli_no_memory();
    }

    warnings = validate_count(&rules, CRM_WARNING);

    rc = cli->opts.json
         ? (rules.findings.errors ? CRM_CLI_FAILED : CRM_CLI_OK)
         : validate_summary(&rules, warnings);

    return cli->opts.strict && warnings ? CRM_CLI_FAILED : rc;
}


crm_status_t
crm_cli_rules_limits(crm_cli_rules_t *rules, const char *path)
{
    size_t           errors;
    crm_str_t        text;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_docs_t   docs;

    if (path == NULL) {
        return CRM_OK;
    }

    errors = rules->findings.errors;
    memset(&docs, 0, sizeof(crm_cli_docs_t));
    docs.pool = rules->pool;

    rc = crm_cli_file_read(&text, path, VALIDATE_MAX_LIMITS, rules->pool,
                           &err);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        crm_cli_findings_add(&rules->findings, CRM_ERROR, path, 0, 0,
                             "unreadable", NULL, "%s", err.text);
        return CRM_OK;
    }

    rc = crm_cli_yaml_read(&docs, path, text, &rules->findings);
    if (rc != CRM_OK || rules->findings.errors != errors) {
        return rc;
    }

    if (docs.count != 1) {
        crm_cli_findings_add(&rules->findings, CRM_ERROR, path, 0, 0,
                             "wrong_type", NULL, "a file of limits is one map"
                             " of names and numbers, such as"
                             " \"instant_webhooks: 3\"");
        return CRM_OK;
    }

    return limits_take(rules, &docs);
}


static crm_status_t
limits_take(crm_cli_rules_t *rules, const crm_cli_docs_t *docs)
{
    size_t                i;
    unsigned              line, column;
    crm_findings_t        found;
    const crm_finding_t  *f;

    rules->limits = crm_pool_alloc(rules->pool,
                                   sizeof(crm_analysis_limits_t));
    if (rules->limits == NULL) {
        return CRM_ENOMEM;
    }

    crm_findings_init(&found, rules->pool);
    crm_analysis_limits_init(rules->limits);
    crm_analysis_limits_read(rules->limits, docs->items[0].value, &found);

    for (i = 0; i < found.count; i++) {
        f = &found.items[i];
        crm_cli_yaml_find(docs->items[0].root, f->path, f->at_key, &line,
                          &column);
        crm_cli_findings_add(&rules->findings, f->severity,
                             docs->items[0].file, line, column, f->code,
                             f->suggestion, "%s", f->message);
    }

    return found.status;
}


/* What stands in a document that is left out cannot be seen: as long as there
 * are errors, a hint may be none. */
static void
validate_hints(crm_cli_rules_t *rules)
{
    size_t               i, n;
    crm_cli_findings_t  *f;

    f = &rules->findings;

    if (f->errors == 0) {
        return;
    }

    for (i = 0, n = 0; i < f->count; i++) {
        if (f->items[i].severity != CRM_HINT) {
            f->items[n++] = f->items[i];
        }
    }

    f->count = n;
}


static crm_cli_exit_t
validate_summary(const crm_cli_rules_t *rules, size_t warnings)
{
    size_t  errors;

    errors = rules->findings.errors;

    if (errors) {
        crm_cli_complain("%zu error%s, %zu warning%s", errors,
                         errors == 1 ? "" : "s", warnings,
                         warnings == 1 ? "" : "s");
        return CRM_CLI_FAILED;
    }

    printf("%zu object%s, no errors", rules->docs.count,
           rules->docs.count == 1 ? "" : "s");

    if (warnings) {
        printf(", %zu warning%s", warnings, warnings == 1 ? "" : "s");
    }

    putchar('\n');

    return CRM_CLI_OK;
}


static size_t
validate_count(const crm_cli_rules_t *rules, crm_severity_t severity)
{
    size_t  i, n;

    for (i = 0, n = 0; i < rules->findings.count; i++) {
        n += rules->findings.items[i].severity == severity;
    }

    return n;
}
