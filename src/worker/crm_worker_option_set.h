/*
 * What sets each option: its value, as it was written, into the configuration.
 *
 * CRM_EINVAL with a sentence that names the option, the value and what would be
 * right; CRM_ENOMEM.
 */

#ifndef CRM_WORKER_OPTION_SET_H
#define CRM_WORKER_OPTION_SET_H

#include "crm_worker_option.h"


crm_status_t crm_worker_option_set_flag(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_redis(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_org(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_url(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_tls(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_text(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_secret(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_path(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_directory(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_env(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_private(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_foreign(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_number(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_time(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_schedule(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);
crm_status_t crm_worker_option_set_level(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err);

#endif
