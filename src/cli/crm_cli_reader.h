/*
 * One YAML document, read event by event into a value and a tree of places.
 */

#ifndef CRM_CLI_READER_H
#define CRM_CLI_READER_H

#include "crm_cli_yaml.h"


/* One collection that is open. */
typedef struct {
    json_t          *value;         /* borrowed: its parent or root owns it */
    crm_cli_node_t  *node;
    const char      *key;           /* of the value that comes next, or NULL */
    unsigned         key_line;
    unsigned         key_column;
} crm_cli_frame_t;

typedef struct {
    const char          *file;
    unsigned             line;      /* lines before this document */
    crm_pool_t          *pool;
    crm_cli_findings_t  *findings;

    json_t              *value;     /* the result: the caller's */
    crm_cli_node_t      *root;
    unsigned             left_out:1;    /* not fit to be judged further */
    unsigned             no_memory:1;

    unsigned             stop:1;
    crm_cli_frame_t      frames[CRM_CLI_MAX_DEPTH];
    size_t               depth;
    size_t               nodes;
    size_t               errors;    /* of findings, before this document */
    size_t               skip;      /* whole values still to pass over */
    size_t               skip_depth;
    unsigned             at_line;   /* of the event at hand */
    unsigned             at_column;
} crm_cli_reader_t;


/*
 * Reads text, one document. The caller has set file, line, pool and findings,
 * zeroed the rest, and owns r->value afterwards whatever happened.
 */
void crm_cli_reader_run(crm_cli_reader_t *r, crm_str_t text);

#endif
