/*
 * A rule folder: every document of every rule file below a directory.
 *
 * Rule files are *.yaml, *.yml and *.json, without dot-files; *.test.yaml are
 * tests and no rules. Files are read in the bytewise order of their paths, so
 * that messages come in the same order everywhere. Links are followed, but
 * not in a circle.
 */

#ifndef CRM_CLI_FOLDER_H
#define CRM_CLI_FOLDER_H

#include "crm_cli_yaml.h"


#define CRM_CLI_MAX_FILES         10000
#define CRM_CLI_MAX_FOLDER_DEPTH  32
#define CRM_CLI_MAX_FOLDER_BYTES  (256 * 1024 * 1024)   /* 100,000 rules are
                                                           some 50 MB */


/*
 * Adds the documents below path to docs; path may also be one file. What is
 * wrong, files that cannot be read included, goes to findings, and so does a
 * folder without a single document. CRM_OK, or CRM_ENOMEM.
 */
crm_status_t crm_cli_folder_read(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings);

/*
 * Adds the documents of the test files (*.test.yaml) below path, or of the one
 * file that path is, whatever its name. As crm_cli_folder_read().
 */
crm_status_t crm_cli_folder_tests(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings);

/*
 * The content of a file, as a string in pool. CRM_EINVAL with a sentence in
 * err when it cannot be read, is no regular file, or is longer than max.
 */
crm_status_t crm_cli_file_read(crm_str_t *text, const char *path, size_t max,
    crm_pool_t *pool, crm_error_t *err);

#endif
