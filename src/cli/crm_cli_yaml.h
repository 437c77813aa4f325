/*
 * YAML (and JSON, which is a subset) to JSON values that know where they
 * stand.
 *
 * A file is cut at its "---" and "..." lines and each document is read alone,
 * so that a syntax error in one does not hide the others. Plain scalars follow
 * JSON's grammar: null, true, false, numbers; "~" and nothing are null, all
 * else is text. Tags, anchors, aliases and merge keys are errors: a rule reads
 * the same wherever it stands. Numbers keep their digits: those that a double
 * or a 64-bit integer would bend are errors that ask for quotes.
 */

#ifndef CRM_CLI_YAML_H
#define CRM_CLI_YAML_H

#include "crm_cli_print.h"


/* Rule files are written by people; these stop machines. */
#define CRM_CLI_MAX_FILE_BYTES   (16 * 1024 * 1024)
#define CRM_CLI_MAX_DOC_BYTES    (4 * 1024 * 1024)
#define CRM_CLI_MAX_DEPTH        64
#define CRM_CLI_MAX_NODES        1000000
#define CRM_CLI_MAX_DOCS         250000     /* of a folder */
#define CRM_CLI_MAX_SYNTAX       100        /* mistakes of one document */


/* Where a value and its key stand; a tree of the same shape as the value. */
typedef struct crm_cli_node_s  crm_cli_node_t;

struct crm_cli_node_s {
    const char      *key;           /* NULL in a list and at the root */
    unsigned         key_line;
    unsigned         key_column;
    unsigned         line;          /* all 1-based, columns in characters */
    unsigned         column;
    crm_cli_node_t  *first;
    crm_cli_node_t  *last;
    crm_cli_node_t  *next;
};

typedef struct {
    const char      *file;          /* as the user named it, or below that */
    json_t          *value;         /* ours: ends with the pool */
    crm_cli_node_t  *root;
} crm_cli_doc_t;

typedef struct {
    crm_pool_t     *pool;
    crm_cli_doc_t  *items;
    size_t          count;
    size_t          cap;
    size_t          bytes;          /* of the files so far */
    int             full;           /* there are more, and they are not read */
} crm_cli_docs_t;


/*
 * Reads the documents of text, of which file is the name (both borrowed; file
 * as long as docs), and adds those without syntax errors to docs. Empty
 * documents are passed over. What is wrong goes to findings. CRM_OK, or
 * CRM_ENOMEM.
 */
crm_status_t crm_cli_yaml_read(crm_cli_docs_t *docs, const char *file,
    crm_str_t text, crm_cli_findings_t *findings);

/*
 * Where path ("conditions[0].criteria") stands below root: its key if at_key
 * is set and it has one, else its value. A path that is not there leads to
 * the nearest parent that is.
 */
void crm_cli_yaml_find(const crm_cli_node_t *root, const char *path,
    int at_key, unsigned *line, unsigned *column);

#endif
