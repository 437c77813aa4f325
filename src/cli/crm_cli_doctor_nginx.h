/*
 * The nginx of this machine, as doctor sees it.
 */

#ifndef CRM_CLI_DOCTOR_NGINX_H
#define CRM_CLI_DOCTOR_NGINX_H

#include "crm_cli_doctor.h"


#define CRM_CLI_CONF_MAX_FILES  32

typedef struct {
    const char  *path;
    const char  *directive;
} crm_cli_conf_file_t;

/* What a configuration says, as far as doctor asks. Strings lie in the pool. */
typedef struct {
    int                   guards;       /* it has a crm_automation */
    int                   loads;        /* load_module names our module */
    int                   ends;         /* it has a worker_shutdown_timeout */
    const char           *user;         /* of the workers */
    const char           *group;        /* NULL: that of the user */
    crm_cli_conf_file_t   sockets[CRM_CLI_CONF_MAX_FILES];
    size_t                n_sockets;
    crm_cli_conf_file_t   secrets[CRM_CLI_CONF_MAX_FILES];
    size_t                n_secrets;
} crm_cli_conf_t;


/* --nginx: does it take its configuration, or --module? */
void crm_cli_doctor_nginx(crm_cli_doctor_t *d);

/* Sockets that the workers must reach, secrets that others must not read. */
void crm_cli_doctor_files(crm_cli_doctor_t *d, const crm_cli_conf_t *conf);

/* Reads what "nginx -T" printed. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_conf_read(crm_cli_conf_t *conf, crm_str_t dump,
    crm_pool_t *pool);

#endif
