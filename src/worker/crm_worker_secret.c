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
    char                    *text;
    size_t                   len;
    int64_t                  written_s; /* of a file; else 0 */
    crm_worker_sign_keys_t   keys;      /* count 0: not yet asked for */
};

/* What an organisation's backend is called with. */
struct crm_worker_reserved_s {
    crm_worker_reserved_t  *next;
    crm_pool_t             *pool;       /* this lives in it */
    crm_str_t               org;
    crm_str_t              *names;
    size_t                  n;
};


static crm_status_t  secret_find(crm_worker_secret_t **found,
    crm_worker_secrets_t *secrets, crm_str_t name, crm_error_t *err);
static crm_status_t  secret_read(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, crm_error_t *err);
static crm_status_t  secret_env(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, const char *name, crm_error_t *err);
static crm_status_t  secret_file(crm_worker_secret_t *secret,
    const crm_worker_config_t *config, const char *name, crm_error_t *err);
static crm_status_t  secret_load(crm_worker_secret_t *secret, int fd,
    crm_error_t *err);
static crm_status_t  secret_keep(crm_worker_secret_t *secret, crm_str_t text,
    crm_error_t *err);
static void          secret_drop(crm_worker_secrets_t *secrets,
    crm_worker_secret_t *secret);
static void          secret_free(crm_worker_secret_t *secret);
static int           secret_is_reserved(const crm_worker_secrets_t *secrets,
    crm_str_t org, crm_str_t name);
static int           secret_plain(const char *name);


void
crm_worker_secret_init(crm_worker_secrets_t *secrets,
    const crm_worker_config_t *config)
{
    secrets->config = config;
    secrets->known = NULL;
    secrets->reserved = NULL;
}


crm_status_t
crm_worker_secret_get(const crm_worker_sign_keys_t **keys,
    crm_worker_secrets_t *secrets, crm_str_t org, crm_str_t name,
    crm_error_t *err)
{
    crm_error_t           inner;
    crm_status_t          rc;
    crm_worker_secret_t  *secret;

    if (secret_is_reserved(secrets, org, name)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%.*s is the backend's and signs nothing; give "
                             "the webhook a secret of its own",
                             (int) (name.len > 80 ? 80 : name.len),
                             name.data);
    }

    if (name.len && crm_str_eq(name, secrets->config->smtp_password)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%.*s is the mail relay's and signs nothing; "
                             "give the webhook a secret of its own",
                             (int) (name.len > 80 ? 80 : name.len),
                             name.data);
    }

    rc = secret_find(&secret, secrets, name, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (secret->keys.count == 0) {
        rc = crm_worker_sign_parse(&secret->keys,
                                   crm_str(secret->text, secret->len),
                                   &inner);
        if (rc != CRM_OK) {
            crm_error_set(err, rc, CRM_NO_OFFSET, "", "%s: %s", secret->name,
                          inner.text);
            secret_drop(secrets, secret);
            return rc;
        }

        secret->keys.rotated_s = secret->written_s;
    }

    *keys = &secret->keys;

    return CRM_OK;
}


crm_status_t
crm_worker_secret_text(crm_str_t *text, crm_worker_secrets_t *secrets,
    crm_str_t name, crm_error_t *err)
{
    size_t                i;
    crm_status_t          rc;
    crm_worker_secret_t  *secret;

    rc = secret_find(&secret, secrets, name, err);
    if (rc != CRM_OK) {
        return rc;
    }

    *text = crm_str(secret->text, secret->len);

    while (text->len > 0 && (text->data[text->len - 1] == '\n'
                             || text->data[text->len - 1] == '\r'))
    {
        text->len--;
    }

    for (i = 0; i < text->len; i++) {
        if ((unsigned char) text->data[i] < ' ' || text->data[i] == 0x7f) {
            break;
        }
    }

    if (i < text->len || text->len == 0
        || text->len > CRM_WORKER_SECRET_MAX_TEXT)
    {
        crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s is no value of "
                      "a header: one line of 1 to %d bytes", secret->name,
                      CRM_WORKER_SECRET_MAX_TEXT);
        secret_drop(secrets, secret);
        return CRM_EINVAL;
    }

    return CRM_OK;
}


crm_status_t
crm_worker_secret_reserve(crm_worker_secrets_t *secrets, crm_str_t org,
    const crm_str_t *names, size_t n)
{
    size_t                  i;
    crm_pool_t             *pool;
    crm_worker_reserved_t  *reserved, **at;

    pool = crm_pool_create(crm_host_malloc(), 0);
    reserved = pool ? crm_pool_calloc(pool, 1, sizeof(*reserved)) : NULL;

    if (reserved == NULL) {
        crm_pool_destroy(pool);
        return CRM_ENOMEM;
    }

    reserved->pool = pool;
    reserved->org = crm_pool_dup(pool, org);
    reserved->names = crm_pool_calloc(pool, n + 1, sizeof(crm_str_t));

    for (i = 0; reserved->org.data && reserved->names && i < n; i++) {
        reserved->names[i] = crm_pool_dup(pool, names[i]);
        reserved->n += reserved->names[i].data != NULL;
    }

    if (reserved->org.data == NULL || reserved->names == NULL
        || reserved->n < n)
    {
        crm_pool_destroy(pool);
        return CRM_ENOMEM;
    }

    for (at = &secrets->reserved; *at; at = &(*at)->next) {
        if (crm_str_eq((*at)->org, org)) {
            reserved->next = (*at)->next;
            crm_pool_destroy((*at)->pool);
            break;
        }
    }

    *at = reserved;

    return CRM_OK;
}


void
crm_worker_secret_forget(crm_worker_secrets_t *secrets)
{
    crm_worker_secret_t  *secret, *next;

    for (secret = secrets->known; secret; secret = next) {
        next = secret->next;
        secret_free(secret);
    }

    secrets->known = NULL;
}


void
crm_worker_secret_clean(crm_worker_secrets_t *secrets)
{
    crm_worker_reserved_t  *reserved, *next;

    crm_worker_secret_forget(secrets);

    for (reserved = secrets->reserved; reserved; reserved = next) {
        next = reserved->next;
        crm_pool_destroy(reserved->pool);
    }

    secrets->reserved = NULL;
}


static crm_status_t
secret_find(crm_worker_secret_t **found, crm_worker_secrets_t *secrets,
    crm_str_t name, crm_error_t *err)
{
    crm_status_t          rc;
    crm_worker_secret_t  *secret;

    for (secret = secrets->known; secret; secret = secret->next) {
        if (crm_str_is(name, secret->name)) {
            *found = secret;
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
        secret_free(secret);
        return rc;
    }

    secret->next = secrets->known;
    secrets->known = secret;
    *found = secret;

    return CRM_OK;
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

        return secret_keep(secret, crm_strz(value), err);
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

    secret->written_s = (int64_t) st.st_mtime;

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
        rc = secret_keep(secret, crm_str(text, len), err);
    }

    OPENSSL_cleanse(text, sizeof(text));

    return rc;
}


static crm_status_t
secret_keep(crm_worker_secret_t *secret, crm_str_t text, crm_error_t *err)
{
    secret->text = malloc(text.len + 1);

    if (secret->text == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    memcpy(secret->text, text.data, text.len);
    secret->len = text.len;

    return CRM_OK;
}


/* What is not good for what it was asked for is read anew the next time. */
static void
secret_drop(crm_worker_secrets_t *secrets, crm_worker_secret_t *secret)
{
    crm_worker_secret_t  **at;

    for (at = &secrets->known; *at != secret; at = &(*at)->next) {
        /* void */
    }

    *at = secret->next;
    secret_free(secret);
}


static void
secret_free(crm_worker_secret_t *secret)
{
    if (secret->text != NULL) {
        OPENSSL_cleanse(secret->text, secret->len);
        free(secret->text);
    }

    crm_worker_sign_wipe(&secret->keys);
    free(secret);
}


static int
secret_is_reserved(const crm_worker_secrets_t *secrets, crm_str_t org,
    crm_str_t name)
{
    size_t                  i;
    crm_worker_reserved_t  *reserved;

    for (reserved = secrets->reserved; reserved; reserved = reserved->next) {
        for (i = 0; crm_str_eq(reserved->org, org) && i < reserved->n; i++) {
            if (crm_str_eq(reserved->names[i], name)) {
                return 1;
            }
        }
    }

    return 0;
}


static int
secret_plain(const char *name)
{
    static const char  plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789_.-";

    return name[0] != '\0' && name[0] != '.'
           && strspn(name, plain) == strlen(name);
}
