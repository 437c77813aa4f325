/*
 * Which rules, conditions and criteria the tests of a folder have reached.
 *
 * Counted from trace documents, so that what is counted is what is shown. A
 * rule must have fired, a lock have refused; each condition must have counted;
 * each leaf of their criteria must have been true once and false once. A field
 * that a trigger watches is a leaf, too: true of an update that changes it to
 * what the rule waits for, false of another one.
 */

#ifndef CRM_CLI_COVERAGE_H
#define CRM_CLI_COVERAGE_H

#include <stdio.h>

#include "crm_cli_rules.h"
#include "decide/crm_write.h"


typedef struct crm_cli_coverage_s  crm_cli_coverage_t;

/* What was reached, of how much there is. */
typedef struct {
    size_t  reached;
    size_t  all;
} crm_cli_share_t;

typedef struct {
    crm_cli_share_t  rules;
    crm_cli_share_t  conditions;
    crm_cli_share_t  branches;
    unsigned         permille;          /* of all three together */
} crm_cli_covered_t;


/* Lists what there is to reach in docs: workflow rules that are not off and
 * that a write starts, locking and validation rules. NULL without memory. */
crm_cli_coverage_t *crm_cli_coverage_create(const crm_cli_docs_t *docs,
    crm_pool_t *pool);

/* Counts what a trace document with explain shows. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_coverage_note(crm_cli_coverage_t *coverage,
    const crm_module_t *module, crm_span_t trace);

/* Counts the fields that an update has changed, as triggers watch them. CRM_OK
 * or CRM_ENOMEM. */
crm_status_t crm_cli_coverage_watch(crm_cli_coverage_t *coverage,
    crm_write_t *write);

void crm_cli_coverage_sum(crm_cli_covered_t *covered,
    const crm_cli_coverage_t *coverage);

/* Says it in a line, then what was never reached, by file and line. Each line
 * begins with prefix. */
void crm_cli_coverage_print(const crm_cli_coverage_t *coverage,
    const char *prefix, FILE *out);

/* The same: {"percent", "rules", "conditions", "branches", "missing"}; new, or
 * NULL without memory. */
json_t *crm_cli_coverage_json(const crm_cli_coverage_t *coverage);

#endif
