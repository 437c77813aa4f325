/*
 * Reads the command line and the configuration file.
 */

#include "crm_worker_chain.h"
#include "crm_worker_option.h"

#include <string.h>


/* A line of the file; the longest honest one is an address. */
#define CONFIG_LINE  4096


static crm_status_t config_args(crm_worker_config_t *config, char *given,
    int argc, char *const *argv, crm_error_t *err);
static crm_status_t config_file(crm_worker_config_t *config,
    const char *given, crm_error_t *err);
static crm_status_t config_line(crm_worker_config_t *config,
    const char *given, char *line, crm_error_t *err);


crm_worker_config_t *
crm_worker_config_create(int argc, char *const *argv, crm_error_t *err)
{
    char                       *given;
    unsigned                    i, n;
    crm_pool_t                 *pool;
    crm_worker_config_t        *config;
    const crm_worker_option_t  *option;

    n = crm_worker_option_count();
    pool = crm_pool_create(crm_host_malloc(), 0);
    config = pool ? crm_pool_calloc(pool, 1, sizeof(*config)) : NULL;
    given = config ? crm_pool_calloc(pool, n, 1) : NULL;

    if (given == NULL) {
        crm_pool_destroy(pool);
        crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "", "out of memory");
        return NULL;
    }

    config->pool = pool;

    for (i = 0; i < n; i++) {
        option = crm_worker_option_at(i);

        if (option->fallback != NULL
            && option->set(config, option, crm_strz(option->fallback), err)
               != CRM_OK)
        {
            goto failed;
        }
    }

    /* the default schedule has a floor that a schedule of one's own lacks */
    crm_retry_default(&config->retry);

    if (config_args(config, given, argc, argv, err) != CRM_OK) {
        goto failed;
    }

    if (config->help || config->version) {
        return config;
    }

    if (config->file.data != NULL
        && config_file(config, given, err) != CRM_OK)
    {
        goto failed;
    }

    if (config->redis.text.data == NULL) {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "--redis is missing: write --redis unix:PATH or "
                      "--redis redis://HOST:PORT");
        goto failed;
    }

    if ((config->smtp_user.data != NULL)
        != (config->smtp_password.data != NULL))
    {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "--smtp-user and --smtp-password go together");
        goto failed;
    }

    if (config->chain_key_file.data != NULL
        && crm_worker_chain_read(&config->chain_keys, config->chain_key_file,
                                 pool, err) != CRM_OK)
    {
        goto failed;
    }

    return config;

failed:

    crm_pool_destroy(pool);

    return NULL;
}


void
crm_worker_config_destroy(crm_worker_config_t *config)
{
    if (config != NULL) {
        crm_worker_chain_clean(&config->chain_keys);
        crm_pool_destroy(config->pool);
    }
}


/* given[i] becomes 1 for an option that the command line has. */
static crm_status_t
config_args(crm_worker_config_t *config, char *given, int argc,
    char *const *argv, crm_error_t *err)
{
    int                         i, index;
    const char                 *equals;
    crm_str_t                   name, value;
    crm_status_t                rc;
    const crm_worker_option_t  *option;

    for (i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0 || argv[i][2] == '\0') {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "unexpected argument \"%.60s\"; options "
                                 "begin with --, see --help", argv[i]);
        }

        name = crm_strz(argv[i] + 2);
        value = CRM_STR_NULL;
        equals = memchr(name.data, '=', name.len);

        if (equals != NULL) {
            name.len = (size_t) (equals - name.data);
            value = crm_strz(equals + 1);
        }

        index = crm_worker_option_find(name, "--", err);
        if (index < 0) {
            return CRM_EINVAL;
        }

        option = crm_worker_option_at((unsigned) index);

        if (option->kind == CRM_WORKER_OPTION_FLAG && equals != NULL) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "--%s takes no value", option->name);
        }

        if (option->kind != CRM_WORKER_OPTION_FLAG && equals == NULL) {
            if (i + 1 == argc) {
                return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                     "--%s needs a value: --%s %s",
                                     option->name, option->name,
                                     option->value);
            }

            value = crm_strz(argv[++i]);
        }

        rc = option->set(config, option, value, err);
        if (rc != CRM_OK) {
            return rc;
        }

        given[index] = 1;
    }

    return CRM_OK;
}


static crm_status_t
config_file(crm_worker_config_t *config, const char *given, crm_error_t *err)
{
    FILE         *in;
    char          line[CONFIG_LINE];
    unsigned      number;
    crm_error_t   inner;
    crm_status_t  rc;

    in = fopen(config->file.data, "re");
    if (in == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "--config: cannot read \"%.100s\"",
                             config->file.data);
    }

    rc = CRM_OK;

    for (number = 1; fgets(line, sizeof(line), in) != NULL; number++) {
        inner.text[0] = '\0';

        rc = strchr(line, '\n') == NULL && !feof(in)
             ? crm_error_set(&inner, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the line is too long")
             : config_line(config, given, line, &inner);

        if (rc != CRM_OK) {
            crm_error_set(err, rc, CRM_NO_OFFSET, "", "%.100s:%u: %s",
                          config->file.data, number, inner.text);
            break;
        }
    }

    fclose(in);

    return rc;
}


/* NAME VALUE, where the value is the rest of the line; or nothing. */
static crm_status_t
config_line(crm_worker_config_t *config, const char *given, char *line,
    crm_error_t *err)
{
    int                         index;
    char                       *end;
    crm_str_t                   name, value;
    const crm_worker_option_t  *option;

    line += strspn(line, " \t\r\n");

    if (*line == '\0' || *line == '#') {
        return CRM_OK;
    }

    for (end = line + strlen(line); strchr(" \t\r\n", end[-1]); end--) {
        /* void */
    }

    *end = '\0';

    name = crm_str(line, strcspn(line, " \t"));
    value = crm_strz(line + name.len + strspn(line + name.len, " \t"));

    index = crm_worker_option_find(name, "", err);
    if (index < 0) {
        return CRM_EINVAL;
    }

    option = crm_worker_option_at((unsigned) index);

    if (!option->in_file) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "\"%s\" belongs on the command line",
                             option->name);
    }

    if (value.len == 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "\"%s\" needs a value: %s %s", option->name,
                             option->name, option->value);
    }

    if (option->kind == CRM_WORKER_OPTION_ONE && given[index]) {
        return CRM_OK;
    }

    return option->set(config, option, value, err);
}
