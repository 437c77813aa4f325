/*
 * Dialect files: JSON to the model that record/crm_dialect_file.h draws.
 *
 * nginx, the worker and crmctl read them alike: what is wrong is found with
 * line and column, all of it in one run.
 */

#ifndef CRM_DIALECT_PARSE_H
#define CRM_DIALECT_PARSE_H

#include "record/crm_dialect_kind.h"
#include "rules/crm_finding.h"
#include "rules/crm_key.h"


/* A dialect file is a few pages. */
#define CRM_DIALECT_MAX_FILE  (256 * 1024)

/* A finding and where it stands in the text, from 1. */
typedef struct {
    const crm_finding_t  *finding;
    unsigned              line;
    unsigned              column;       /* in characters */
} crm_dialect_fault_t;

typedef struct {
    const crm_dialect_t  *dialect;      /* NULL: there are errors */
    crm_dialect_fault_t  *faults;       /* by line and column */
    size_t                count;
    size_t                errors;
} crm_dialect_parsed_t;


/*
 * Reads text. The dialect and all findings live in pool. CRM_OK, whatever was
 * found; CRM_ENOMEM.
 */
crm_status_t crm_dialect_parse(crm_dialect_parsed_t *parsed, crm_str_t text,
    crm_pool_t *pool);

/* The keys of a file and of its parts, each table named, ended by NULL. */
typedef struct {
    const char       *name;             /* "", "routes", "routes.match" */
    const crm_key_t  *keys;
} crm_dialect_table_t;

extern const crm_dialect_table_t  crm_dialect_parse_tables[];

#endif
