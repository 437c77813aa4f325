/*
 * Functions whose text stands in a file of its own: "file: add.dg" beside the
 * rule file. What it holds goes into the document as "source", so that a
 * revision is whole without the folder.
 */

#ifndef CRM_CLI_SOURCE_H
#define CRM_CLI_SOURCE_H

#include "crm_cli_yaml.h"


/*
 * Reads the files of all functions in docs that have no "source". What is
 * wrong goes to findings; a name that leads elsewhere is left to the core,
 * which refuses it. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_source_read(crm_cli_docs_t *docs,
    crm_cli_findings_t *findings);

#endif
