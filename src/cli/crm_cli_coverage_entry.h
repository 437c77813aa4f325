/*
 * What coverage keeps of each rule. Private to crm_cli_coverage*.c.
 */

#ifndef CRM_CLI_COVERAGE_ENTRY_H
#define CRM_CLI_COVERAGE_ENTRY_H

#include "crm_cli_coverage.h"


typedef struct {
    const char  *path;              /* in the document */
    crm_str_t    text;              /* "Amount greater_equal 100000" */
    int          seen[2];           /* false, true */
} crm_cli_leaf_t;

typedef struct {
    const char  *path;
    int          reached;
    crm_cli_leaf_t      *leaves;
    size_t       count;
    size_t       cap;
} crm_cli_condition_t;

typedef struct {
    const crm_cli_doc_t  *doc;
    const char           *path;     /* of its name */
    const char           *what;     /* "rule", "lock", "validation" */
    const char           *name;
    int                   reached;
    crm_cli_condition_t          *conditions;
    size_t                count;
    crm_cli_condition_t   watch;    /* the fields that its trigger watches */
} crm_cli_rule_t;

struct crm_cli_coverage_s {
    crm_pool_t  *pool;
    crm_map_t    rules;             /* key to crm_cli_rule_t */
};


/* The key of a rule ("rule", "lock" ...) of a module; data is NULL without
 * memory. */
crm_str_t crm_cli_coverage_key(crm_pool_t *pool, const char *what,
    crm_str_t module, crm_str_t id);

#endif
