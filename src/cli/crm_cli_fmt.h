/*
 * Rule files in their canonical form.
 *
 * Lines are moved, never rewritten, so that comments and the way in which
 * values are written stay: documents in the order of the rule language and
 * then by name, in each the keys in the order of its kind. A comment above a
 * key goes with the key, one above a document with the document; the one at the
 * top of a file with several stays there, up to its last empty line.
 */

#ifndef CRM_CLI_FMT_H
#define CRM_CLI_FMT_H

#include "crm_cli_yaml.h"


/*
 * The canonical form of text, a YAML file whose documents are docs[0] to
 * docs[count - 1]; in pool. CRM_EINVAL when it cannot be taken apart, with a
 * sentence in err; CRM_ENOMEM.
 */
crm_status_t crm_cli_fmt_yaml(crm_str_t *out, crm_str_t text,
    const crm_cli_doc_t *docs, size_t count, crm_pool_t *pool,
    crm_error_t *err);

/* The same of a JSON file. */
crm_status_t crm_cli_fmt_json(crm_str_t *out, crm_str_t text,
    const crm_cli_doc_t *docs, size_t count, crm_pool_t *pool,
    crm_error_t *err);

/* The place of a key in the documents of object's kind; keys that the kind
 * does not have come behind all others. */
int crm_cli_fmt_key_order(const json_t *object, crm_str_t key);

/* Below, at or above 0 as a comes before, is as, or comes behind b. */
int crm_cli_fmt_compare(const json_t *a, const json_t *b);

#endif
