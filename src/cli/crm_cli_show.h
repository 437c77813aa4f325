/*
 * How crmctl shows what differs between two bundles: plan, diff, rollback.
 *
 *     + webhook tell-erp
 *     ~ workflow_rule Big deal
 *         ~ conditions[0].criteria.value: 10000 -> 25000
 *         + conditions[1]: {"criteria": null}
 *     - role Sales Rep
 *     1 added, 1 changed, 1 removed, 12 unchanged
 */

#ifndef CRM_CLI_SHOW_H
#define CRM_CLI_SHOW_H

#include <stdio.h>

#include "crm_cli_bundle.h"


typedef struct {
    crm_cli_merge_t  *merge;        /* sorted */
    const json_t     *before;       /* bundle, or NULL: for its time zone */
    const json_t     *after;
} crm_cli_show_t;


/* For people, without the last line. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_show_text(const crm_cli_show_t *show, crm_pool_t *pool,
    FILE *out);

/* That line, without its end. */
void crm_cli_show_counts(const crm_cli_merge_t *merge, FILE *out);

/*
 * Adds to value, for programs: "changed", "summary", "time_zone", "objects"
 * (docs/cli.md). CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_show_json(json_t *value, const crm_cli_show_t *show,
    crm_pool_t *pool);

/* On stderr, before it happens: what goes, and what changes hands. */
void crm_cli_show_losses(const crm_cli_merge_t *merge);

#endif
