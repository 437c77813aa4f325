/*
 * Scripts of functions, as findings: see crm_cli_script.h.
 */

#include "crm_cli_script.h"
#include "crm_deluge_script.h"


/* A tree takes some twenty times its source. */
#define SCRIPT_MEMORY  (64 * CRM_DELUGE_SOURCE_MAX)


static void script_finding(crm_cli_findings_t *findings,
    crm_severity_t severity, const char *file, const char *code,
    const crm_deluge_error_t *err);


crm_status_t
crm_cli_script_check(crm_str_t source, const char *file,
    crm_cli_findings_t *findings)
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
    }

    crm_pool_destroy(pool);

    return findings->status;
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
