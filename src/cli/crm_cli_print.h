/*
 * What crmctl prints: findings, tables, JSON, and sentences about failure.
 *
 * Data goes to stdout, everything else to stderr. Text that came from a file
 * or from Redis never reaches a terminal with control characters in it.
 */

#ifndef CRM_CLI_PRINT_H
#define CRM_CLI_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "rules/crm_finding.h"


/* Reals of at most 15 digits come out as they were written. */
#define CRM_CLI_JSON_REALS  JSON_REAL_PRECISION(15)

#define CRM_CLI_MAX_COLUMNS  8


/* A finding with its place in a file; line 0 is the file as a whole. */
typedef struct {
    crm_severity_t  severity;
    const char     *file;
    unsigned        line;           /* 1-based */
    unsigned        column;         /* 1-based, in characters */
    const char     *code;
    const char     *message;
    const char     *suggestion;     /* or NULL */
    size_t          order;          /* of arrival, so that sorting is stable */
} crm_cli_finding_t;

typedef struct {
    crm_pool_t         *pool;
    crm_cli_finding_t  *items;
    size_t              count;
    size_t              cap;
    size_t              errors;
    crm_status_t        status;     /* CRM_ENOMEM: findings are missing */
} crm_cli_findings_t;

typedef struct {
    crm_pool_t    *pool;
    size_t         columns;
    const char  ***rows;
    size_t         count;
    size_t         cap;
    crm_status_t   status;
} crm_cli_table_t;


void crm_cli_findings_init(crm_cli_findings_t *findings, crm_pool_t *pool);

/*
 * Adds a finding. file is borrowed and must live as long as findings; code is
 * a literal; suggestion (or NULL) is copied. Without memory findings->status
 * tells.
 */
void crm_cli_findings_add(crm_cli_findings_t *findings,
    crm_severity_t severity, const char *file, unsigned line, unsigned column,
    const char *code, const char *suggestion, const char *fmt, ...)
    __attribute__((format(printf, 8, 9)));

/* By file, line, column; findings of one place stay in order of arrival. */
void crm_cli_findings_sort(crm_cli_findings_t *findings);

/* FILE:LINE:COL: error|warning|hint: text, one a line. */
void crm_cli_findings_text(const crm_cli_findings_t *findings, FILE *out);

/* New: {"findings":[...]}, or NULL without memory. */
json_t *crm_cli_findings_json(const crm_cli_findings_t *findings);

/* A table whose first row is the heading. */
void crm_cli_table_init(crm_cli_table_t *table, crm_pool_t *pool,
    size_t columns);

/* Adds a row of table->columns strings; they are copied. */
void crm_cli_table_row(crm_cli_table_t *table, ...);
void crm_cli_table_print(const crm_cli_table_t *table, FILE *out);

/* Prints value with indentation and a line end. 0, or -1 without memory. */
int crm_cli_print_json(const json_t *value, FILE *out);

/* New: s as a JSON string, bytes that are not UTF-8 as question marks. */
json_t *crm_cli_json_text(const char *s);

/* Text without control characters: white space becomes a blank, others a
 * question mark. */
void crm_cli_print_text(const char *s, FILE *out);
void crm_cli_print_str(crm_str_t s, FILE *out);

/* "crmctl: " and a sentence on stderr. */
void crm_cli_complain(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
