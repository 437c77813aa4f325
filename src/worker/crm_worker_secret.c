/*
 * Secrets by name.
 */

#include "crm_worker_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>


#define SECRET_NAME_MAX  128


struct crm_worker_secret_s {
    crm_worker_secret_t     *next;
    char                     name[SECRET_NAME_MAX];
    crm_worker_sign_keys_t   keys;
};


static crm_status_t  secret_read(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, crm_error_t *err);
static crm_status_t  secret_env(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, const char *name, crm_error_t *err);
static crm_status_t  secret_file(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, const char *name, crm_error_t *err);
static crm_status_t  secret_load(crm_worker_secret_t *secret, int fd,
    crm_error_t *err);
static crm_status_t  secret_parse(crm_worker_secret_t *secret,
    crm_str_t text, crm_error_t *err);
static int           secret_plain(const char *name);


void
crm_worker_secret_init(crm_worker_secrets_t *secrets,
    const crm_worker_config_t *config)
{
    secrets->config = config;
    secrets->known = NULL;
}


crm_status_t
crm_worker_secret_get(const crm_worker_sign_keys_t **keys,
    crm_worker_secrets_t *secrets, crm_str_t name, crm_error_t *err)
{
    crm_status_t          rc;
    crm_worker_secret_t  *secret;

    for (secret = secrets->known; secret; secret = secret->next) {
        if (crm_str_is(name, secret->name)) {
            *keys = &secret->keys;
            return CRM_OK;
        }
    }

    if (name.len >= SECRET_NAME_MAX || memchr(name.data, '\0', name.len)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the secret's name is too long");
    }

    secret = calloc(1, sizeof(crm_worker_secret_t));
    if (secret == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    memcpy(secret->name, name.data, name.len);

    rc = secret_read(secret, secrets->config, err);
    if (rc != CRM_OK) {
        crm_worker_sign_wipe(&secret->keys);
        free(secret);
        return rc;
    }

    secret->next = secrets->known;
    secrets->known = secret;
    *keys = &secret->keys;

    return CRM_OK;
}


void
crm_worker_secret_forget(crm_worker_secrets_t *secrets)
{
    crm_worker_secret_t  *secret, *next;

    for (secret = secrets->known; secret; secret = next) {
        next = secret->next;
        crm_worker_sign_wipe(&secret->keys);
        free(secret);
    }

    secrets->known = NULL;
}


static crm_status_t
secret_read(crm_worker_secret_t *secret, const crm_worker_config_t *config,
    crm_error_t *err)
{
    if (strncmp(secret->name, "env:", 4) == 0) {
        return secret_env(secret, config, secret->name + 4, err);
    }

    if (strncmp(secret->name, "file:", 5) == 0) {
        return secret_file(secret, config, secret->name + 5, err);
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "a secret is named env:NAME or file:NAME");
}


static crm_status_t
secret_env(crm_worker_secret_t *secret, const crm_worker_config_t *config,
    const char *name, crm_error_t *err)
{
    unsigned     i;
    const char  *value;

    for (i = 0; i < config->secret_env.count; i++) {
        if (!crm_str_is(config->secret_env.items[i], name)) {
            continue;
        }

        value = getenv(name);
        if (value == NULL) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "the environment has no %.60s", name);
        }

        return secret_parse(secret, crm_strz(value), err);
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "env:%.60s was not given as --secret-env", name);
}


static crm_status_t
secret_file(crm_worker_secret_t *secret, const crm_worker_config_t *config,
    const char *name, crm_error_t *err)
{
    int           fd;
    char          path[PATH_MAX];
    crm_status_t  rc;

    if (!secret_plain(name)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "after file: stand letters, digits, \"_\", "
                             "\".\" and \"-\", no dot in front");
    }

    if (config->secrets.data == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "file:%.60s needs --secrets DIR", name);
    }

    if (snprintf(path, sizeof(path), "%s/%s", config->secrets.data, name)
        >= (int) sizeof(path))
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the path of file:%.60s is too long", name);
    }

    /* O_NONBLOCK: a pipe laid there must not stop the loop */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "file:%.60s cannot be opened: %s", name,
                             strerror(errno));
    }

    rc = secret_load(secret, fd, err);
    close(fd);

    return rc;
}


static crm_status_t
secret_load(crm_worker_secret_t *secret, int fd, crm_error_t *err)
{
    char          text[CRM_WORKER_SECRET_MAX_BYTES + 1];
    size_t        len;
    ssize_t       n;
    struct stat   st;
    crm_status_t  rc;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s is not a regular file", secret->name);
    }

    for (len = 0; len < sizeof(text); len += (size_t) n) {
        n = read(fd, text + len, sizeof(text) - len);

        if (n < 0) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "%s cannot be read: %s", secret->name,
                                 strerror(errno));
        }

        if (n == 0) {
            break;
        }
    }

    if (len == sizeof(text)) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "%s is larger than %d bytes", secret->name,
                           CRM_WORKER_SECRET_MAX_BYTES);
    } else {
        rc = secret_parse(secret, crm_str(text, len), err);
    }

    OPENSSL_cleanse(text, sizeof(text));

    return rc;
}


static crm_status_t
secret_parse(crm_worker_secret_t *secret, crm_str_t text, crm_error_t *err)
{
    crm_error_t   inner;
    crm_status_t  rc;

    rc = crm_worker_sign_parse(&secret->keys, text, &inner);
    if (rc != CRM_OK) {
        crm_error_set(err, rc, CRM_NO_OFFSET, "", "%s: %s", secret->name,
                      inner.text);
    }

    return rc;
}


static int
secret_plain(const char *name)
{
    static const char  plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789_.-";

    return name[0] != '\0' && name[0] != '.'
           && strspn(name, plain) == strlen(name);
}
