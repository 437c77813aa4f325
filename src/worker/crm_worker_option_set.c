/*
 * Options: from text to configuration.
 */

#include "crm_worker_option_set.h"

#include "state/crm_keys.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>


#define MEMBER(type, config, option)                                          \
    ((type *) (void *) ((char *) (config) + (option)->offset))


static crm_status_t option_bad(crm_error_t *err,
    const crm_worker_option_t *option, crm_str_t value, const char *want);
static crm_status_t option_list(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_worker_config_list_t *list,
    crm_str_t value, crm_error_t *err);
static crm_status_t option_keep(crm_worker_config_t *config, crm_str_t *to,
    crm_str_t value, crm_error_t *err);


crm_status_t
crm_worker_option_set_flag(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    (void) value;
    (void) err;

    *MEMBER(int, config, option) = 1;

    return CRM_OK;
}


crm_status_t
crm_worker_option_set_redis(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    crm_error_t   inner;
    crm_status_t  rc;

    (void) option;

    rc = crm_redis_url_parse(&config->redis, value, config->pool, &inner);
    if (rc != CRM_OK) {
        crm_error_set(err, rc, CRM_NO_OFFSET, "", "--redis: %s", inner.text);
    }

    return rc;
}


crm_status_t
crm_worker_option_set_org(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (!crm_org_valid(value)) {
        return option_bad(err, option, value,
                          "1 to 64 letters, digits, \"_\", \".\" or \"-\"");
    }

    return option_list(config, option, &config->orgs, value, err);
}


/* smtp takes the schemes of mail, backend those of the web. */
crm_status_t
crm_worker_option_set_url(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    int          good, mail;
    char        *scheme, *user;
    CURLU       *url;
    CURLUcode    rc;
    const char  *want;

    mail = option->offset == offsetof(crm_worker_config_t, smtp);
    want = mail ? "an address such as smtp://127.0.0.1:25, without a user"
                : "an address such as http://127.0.0.1:8080/crm/v8, "
                  "without a user";
    scheme = NULL;
    user = NULL;

    url = curl_url();
    if (url == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    rc = curl_url_set(url, CURLUPART_URL, value.data,
                      CURLU_NON_SUPPORT_SCHEME);

    good = rc == CURLUE_OK
           && curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
           && curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK
           && (mail ? strcmp(scheme, "smtp") == 0
                      || strcmp(scheme, "smtps") == 0
                    : strcmp(scheme, "http") == 0
                      || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(url);

    if (!good) {
        return option_bad(err, option, value, want);
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


crm_status_t
crm_worker_option_set_tls(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (!crm_str_is(value, "required") && !crm_str_is(value, "none")) {
        return option_bad(err, option, value, "\"required\" or \"none\"");
    }

    config->smtp_plain = crm_str_is(value, "none");

    return CRM_OK;
}


crm_status_t
crm_worker_option_set_text(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (value.len == 0 || value.len > 254) {
        return option_bad(err, option, value, "1 to 254 bytes");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


/* A password has no place on a command line. */
crm_status_t
crm_worker_option_set_secret(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (value.len > 128 || value.len < 5
        || (memcmp(value.data, "env:", 4) != 0
            && memcmp(value.data, "file:", 5) != 0))
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "--%s: write the name of a secret, env:NAME or "
                             "file:NAME, not the secret itself",
                             option->name);
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


crm_status_t
crm_worker_option_set_path(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (value.len == 0) {
        return option_bad(err, option, value, "the path of a file");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


crm_status_t
crm_worker_option_set_directory(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    struct stat  st;

    if (value.len == 0 || stat(value.data, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return option_bad(err, option, value, "a directory that exists");
    }

    return option_keep(config, MEMBER(crm_str_t, config, option), value, err);
}


crm_status_t
crm_worker_option_set_env(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    static const char  first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_";
    static const char  digits[] = "0123456789";
    size_t             i;

    for (i = 0; i < value.len; i++) {
        if (strchr(first, value.data[i]) == NULL
            && (i == 0 || strchr(digits, value.data[i]) == NULL))
        {
            break;
        }
    }

    if (i == 0 || i < value.len) {
        return option_bad(err, option, value,
                          "the name of an environment variable");
    }

    return option_list(config, option, &config->secret_env, value, err);
}


crm_status_t
crm_worker_option_set_private(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    crm_error_t   inner;
    crm_status_t  rc;

    rc = crm_worker_guard_allow(&config->guard, value.data, &inner);
    if (rc != CRM_OK) {
        crm_error_set(err, rc, CRM_NO_OFFSET, "", "--%s: %s", option->name,
                      inner.text);
    }

    return rc;
}


crm_status_t
crm_worker_option_set_foreign(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (!crm_str_is(value, "records")) {
        return option_bad(err, option, value, "\"records\"");
    }

    config->accept_foreign_records = 1;

    return CRM_OK;
}


crm_status_t
crm_worker_option_set_number(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    char    want[64];
    long    n;
    size_t  i;

    n = 0;

    for (i = 0; i < value.len && n <= option->most; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            break;
        }

        n = n * 10 + (value.data[i] - '0');
    }

    if (i == 0 || i < value.len || n < option->least || n > option->most) {
        snprintf(want, sizeof(want), "a number from %ld to %ld",
                 option->least, option->most);
        return option_bad(err, option, value, want);
    }

    *MEMBER(unsigned, config, option) = (unsigned) n;

    return CRM_OK;
}


crm_status_t
crm_worker_option_set_time(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    char     want[64];
    int64_t  ms;

    if (crm_retry_time(&ms, value) != CRM_OK
        || ms < option->least * 1000LL || ms > option->most * 1000LL)
    {
        snprintf(want, sizeof(want), "a time from %lds to %lds such as 20s",
                 option->least, option->most);
        return option_bad(err, option, value, want);
    }

    *MEMBER(int64_t, config, option) = ms;

    return CRM_OK;
}


crm_status_t
crm_worker_option_set_schedule(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    return crm_retry_parse(&config->retry, value) == CRM_OK
           ? CRM_OK
           : option_bad(err, option, value,
                        "up to 32 times up to 24h, such as 5s,5m,2h");
}


crm_status_t
crm_worker_option_set_level(crm_worker_config_t *config,
    const crm_worker_option_t *option, crm_str_t value, crm_error_t *err)
{
    if (!crm_worker_log_parse_level(&config->log_level, value.data)) {
        return option_bad(err, option, value,
                          "error, warn, notice, info or debug");
    }

    return CRM_OK;
}


static crm_status_t
option_bad(crm_error_t *err, const crm_worker_option_t *option,
    crm_str_t value, const char *want)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "--%s: \"%.60s\" is not %s", option->name,
                         value.data, want);
}


static crm_status_t
option_list(crm_worker_config_t *config, const crm_worker_option_t *option,
    crm_worker_config_list_t *list, crm_str_t value, crm_error_t *err)
{
    unsigned  i;

    for (i = 0; i < list->count; i++) {
        if (crm_str_eq(list->items[i], value)) {
            return CRM_OK;
        }
    }

    if (list->count == CRM_WORKER_CONFIG_MAX_LIST) {
        return crm_error_set(err, CRM_ELIMIT, CRM_NO_OFFSET, "",
                             "--%s is repeated more than %d times",
                             option->name, CRM_WORKER_CONFIG_MAX_LIST);
    }

    return option_keep(config, &list->items[list->count++], value, err);
}


static crm_status_t
option_keep(crm_worker_config_t *config, crm_str_t *to, crm_str_t value,
    crm_error_t *err)
{
    *to = crm_pool_dup(config->pool, value);

    if (to->data == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    return CRM_OK;
}
