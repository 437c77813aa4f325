/*
 * --server URL --token-file F: through /crm_api/ of nginx, with the rights of
 * the person whose token that is.
 */

#ifndef CRM_CLI_SERVER_H
#define CRM_CLI_SERVER_H

#include <jansson.h>

#include "crm_cli.h"


/* Where /crm_api/ lies if --server does not say: http://host:port. */
#define CRM_CLI_SERVER_PATH  "/crm_api"


/*
 * Asks for path ("locks/Deals/1", encoded already). body may be NULL; it is
 * borrowed. *answer is new, or NULL for one without a body, the caller's to
 * end. What is not 2xx is told on stderr, with what to do: CRM_CLI_FAILED.
 */
crm_cli_exit_t crm_cli_server(json_t **answer, crm_cli_t *cli,
    const char *method, crm_str_t path, const json_t *body);

/* The same, but what is not 2xx is told by nobody: *status says it, *answer is
 * the problem then, or NULL. */
crm_cli_exit_t crm_cli_server_ask(json_t **answer, unsigned *status,
    crm_cli_t *cli, const char *method, crm_str_t path, const json_t *body);

/* Tells what was refused, with what to do. */
void crm_cli_server_refused(crm_cli_t *cli, unsigned status,
    const json_t *problem);

/* MODULE/ID as it was typed: CRM_CLI_OK, or CRM_CLI_USAGE and told. */
crm_cli_exit_t crm_cli_server_record(crm_str_t *module, crm_str_t *id,
    const char *command, const char *text);

/* "TOPIC/MODULE/ID", percent-encoded; data is NULL without memory. */
crm_str_t crm_cli_server_path(crm_cli_t *cli, const char *topic,
    crm_str_t module, crm_str_t id);

#endif
