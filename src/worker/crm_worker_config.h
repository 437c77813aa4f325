/*
 * What crm-worker was asked to do: its command line and configuration file.
 *
 * Both know the same names: "--concurrency 20" there, a line "concurrency 20"
 * here. The command line wins over the file; of options that may be repeated
 * both count. One table in crm_worker_config.c holds every name, default and
 * check.
 */

#ifndef CRM_WORKER_CONFIG_H
#define CRM_WORKER_CONFIG_H

#include "crm_worker_guard.h"
#include "crm_worker_log.h"

#include "base/crm_pool.h"
#include "base/crm_retry.h"
#include "state/crm_chain.h"
#include "state/crm_redis_url.h"

#include <stdint.h>
#include <stdio.h>


#define CRM_WORKER_CONFIG_VERSION   "0.1.0"

/* Lists that people write; longer ones are mistakes. */
#define CRM_WORKER_CONFIG_MAX_LIST  256

/* BSD's EX_USAGE. */
#define CRM_WORKER_CONFIG_EXIT      64


typedef struct {
    crm_str_t  items[CRM_WORKER_CONFIG_MAX_LIST];
    unsigned   count;
} crm_worker_config_list_t;

typedef struct {
    crm_pool_t                *pool;        /* everything below lives in it */

    crm_redis_url_t            redis;
    crm_str_t                  redis_password_file;
    crm_worker_config_list_t   orgs;        /* empty: all of crm:orgs */

    crm_str_t                  backend;     /* null strings: not given */
    crm_str_t                  smtp;
    int                        smtp_plain;  /* smtp:// without STARTTLS */
    crm_str_t                  smtp_user;
    crm_str_t                  smtp_password;   /* a secret's name */
    unsigned                   mail_limit;  /* a day; 0: by users */
    crm_str_t                  chain_key_file;
    crm_chain_keys_t           chain_keys;  /* what stands in it */
    crm_str_t                  ca_file;
    crm_str_t                  secrets;     /* directory */
    crm_worker_config_list_t   secret_env;
    int                        accept_foreign_records;

    crm_worker_guard_t         guard;
    crm_retry_t                retry;
    unsigned                   concurrency;
    unsigned                   endpoint_limit;  /* 0: not given */
    unsigned                   endpoint_rate;   /* a second; 0: any */
    int64_t                    lease_ms;
    int64_t                    timeout_ms;  /* of a whole delivery */
    int64_t                    drain_ms;    /* after SIGTERM */
    crm_worker_log_level_t     log_level;

    crm_str_t                  file;
    int                        once;
    int                        help;
    int                        version;
} crm_worker_config_t;


/*
 * Reads argv and the file it names into a new configuration, or returns NULL
 * with *err filled; the text names the option and what it accepts. --help and
 * --version end the reading: the caller prints and exits.
 */
crm_worker_config_t *crm_worker_config_create(int argc, char *const *argv,
    crm_error_t *err);

void crm_worker_config_destroy(crm_worker_config_t *config);

/* The text of --help, made from the table. */
void crm_worker_config_usage(FILE *out);

#endif
