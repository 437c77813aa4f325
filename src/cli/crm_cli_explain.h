/*
 * A trace document, for people: what was judged, by which gates, what fired
 * and why not, what changes, which jobs would run, at once or later.
 *
 * The document is read in place, so that numbers stand as they were written.
 */

#ifndef CRM_CLI_EXPLAIN_H
#define CRM_CLI_EXPLAIN_H

#include <stdio.h>

#include "base/crm_pool.h"
#include "record/crm_scan.h"


typedef struct {
    crm_pool_t  *pool;          /* for decoded text */
    FILE        *out;
    const char  *indent;        /* before each line; "" */

    /* Which rules to tell of, by their names; NULL: all. */
    int        (*wanted)(crm_str_t name, void *data);
    void        *data;
} crm_cli_explain_t;


/* All of it. */
void crm_cli_explain(const crm_cli_explain_t *how, crm_span_t trace);

/* Parts of it: the write and the decision; gates that had something to look
 * at; rules; what the record is worth; what rules changed; jobs, if the
 * document holds them; what rules schedule. */
void crm_cli_explain_head(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_gates(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_rules(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_scores(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_changes(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_jobs(const crm_cli_explain_t *how, crm_span_t trace);
void crm_cli_explain_scheduled(const crm_cli_explain_t *how,
    crm_span_t trace);

/* A string without its quotes, all else as it stands. */
void crm_cli_explain_text(const crm_cli_explain_t *how, crm_span_t span);

#endif
