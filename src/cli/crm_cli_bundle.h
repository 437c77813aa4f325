/*
 * Laying a rule folder over the live rules, and comparing two bundles: what
 * becomes of each object.
 *
 * An object is its kind and its identity (crm_ruleset_identity). The folder's
 * objects replace those of the same kind and identity, all others stay; with
 * prune, those that the same owner stored earlier and the folder has no longer
 * go. An object that is not changed keeps its owner, so that applying what
 * dump printed changes nothing.
 */

#ifndef CRM_CLI_BUNDLE_H
#define CRM_CLI_BUNDLE_H

#include "crm_cli_yaml.h"


typedef enum {
    CRM_CLI_ADDED = 0,
    CRM_CLI_REPLACED,
    CRM_CLI_UNCHANGED,
    CRM_CLI_KEPT,               /* live, and not the folder's business */
    CRM_CLI_REMOVED
} crm_cli_change_t;

#define CRM_CLI_CHANGES  5

typedef struct {
    json_t            *object;          /* borrowed */
    json_t            *was_object;      /* borrowed; NULL: of ADDED */
    const char        *managed_by;
    const char        *was_managed_by;  /* NULL: of ADDED */
    crm_cli_change_t   change;
    const char        *kind;            /* for messages and order */
    const char        *name;
    int                order;
} crm_cli_entry_t;

/*
 * The result: first the folder's objects in the order of docs, so that entry i
 * is docs->items[i], then the live ones.
 */
typedef struct {
    crm_cli_entry_t  *entries;
    size_t            count;
    size_t            docs;
    size_t            changes[CRM_CLI_CHANGES];
} crm_cli_merge_t;


/*
 * Merges docs into live (a bundle, or NULL). Borrows both for as long as merge
 * is used, which lives in pool. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_bundle_merge(crm_cli_merge_t *merge,
    const crm_cli_docs_t *docs, json_t *live, const char *managed_by,
    int prune, crm_pool_t *pool);

/*
 * What leads from bundle before to bundle after, either of which may be NULL:
 * nothing is KEPT, and an object that has another owner is REPLACED. Borrows
 * both. Entries come in the order of after, then those removed. CRM_OK or
 * CRM_ENOMEM.
 */
crm_status_t crm_cli_bundle_compare(crm_cli_merge_t *merge, json_t *before,
    json_t *after, crm_pool_t *pool);

/* Does the merge add, replace or remove anything? */
int crm_cli_bundle_changes(const crm_cli_merge_t *merge);

/* The merge's bundle, entries in their order, those removed left out, with the
 * table of the organisation's time zone: new, or NULL without memory. */
json_t *crm_cli_bundle_json(const crm_cli_merge_t *merge, const char *org);

/* Entries in the order of the rule language, then by name; ends the
 * correspondence with docs. */
void crm_cli_bundle_sort(crm_cli_merge_t *merge);

/* "webhook tell-erp", "organization", "record_locking Deals"; in pool. */
const char *crm_cli_bundle_name(const json_t *object, crm_pool_t *pool);

#endif
