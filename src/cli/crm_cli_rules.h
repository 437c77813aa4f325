/*
 * Rules that are being looked at: documents, and what is wrong with them.
 */

#ifndef CRM_CLI_RULES_H
#define CRM_CLI_RULES_H

#include "crm_cli.h"
#include "crm_cli_yaml.h"
#include "rules/crm_analysis.h"
#include "rules/crm_ruleset.h"


/* So many mistakes of one document are told; a page, not a novel, and the
 * place of each is looked for. */
#define CRM_CLI_MAX_FOUND  100

typedef struct {
    crm_pool_t             *pool;
    crm_cli_docs_t          docs;
    crm_cli_findings_t      findings;
    crm_analysis_limits_t  *limits;     /* or NULL: the usual ones */
    int                     hints;      /* hints are findings, too */
} crm_cli_rules_t;


/* Reads the folder; what is wrong with its files is in rules->findings. */
crm_status_t crm_cli_rules_load(crm_cli_rules_t *rules, const char *path,
    crm_pool_t *pool);

/* Reads the file of --limits (NULL: none); what is wrong is in
 * rules->findings. */
crm_status_t crm_cli_rules_limits(crm_cli_rules_t *rules, const char *path);

/*
 * Has the core judge bundle, whose first objects are rules->docs in their
 * order; others are called by their names and those of where. Findings are
 * added, with the places of the documents. Unless compiled is NULL, *compiled
 * is the rule set, the caller's to release, or NULL if there were errors.
 */
crm_status_t crm_cli_rules_judge(crm_cli_rules_t *rules, const json_t *bundle,
    const char *where, crm_ruleset_t **compiled);

/* The folder's own bundle, judged; *compiled as above. */
crm_status_t crm_cli_rules_check(crm_cli_rules_t *rules,
    crm_ruleset_t **compiled);

/*
 * Judges a bundle that stands in no folder: objects are called by where and
 * their names. Errors are printed, and that refused ("nothing was applied").
 * CRM_CLI_OK or CRM_CLI_FAILED.
 */
crm_cli_exit_t crm_cli_rules_accept(const json_t *bundle, const char *where,
    const char *refused, crm_cli_t *cli);

/*
 * Prints findings, sorted: as JSON on stdout or as text on stderr. -1 without
 * memory.
 */
int crm_cli_rules_report(crm_cli_rules_t *rules, int json);

#endif
