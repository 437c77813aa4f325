/*
 * The files of a newcomer's first rule folder.
 */

#ifndef CRM_CLI_INIT_H
#define CRM_CLI_INIT_H


typedef struct {
    const char  *name;
    const char  *text;
} crm_cli_init_file_t;

/* Ended by a NULL name. */
extern const crm_cli_init_file_t  crm_cli_init_files[];

#endif
