/*
 * The key by which nginx knows our writes.
 */

#include "crm_worker_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>


static crm_status_t  chain_wrong(crm_error_t *err, crm_str_t path,
    const char *what);


crm_status_t
crm_worker_chain_read(crm_chain_keys_t *keys, crm_str_t path,
    crm_pool_t *pool, crm_error_t *err)
{
    int           fd;
    char         *text;
    ssize_t       n;
    struct stat   info;
    crm_error_t   why;

    text = crm_pool_alloc(pool, CRM_CHAIN_FILE_MAX + 1);
    if (text == NULL) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd == -1) {
        return chain_wrong(err, path, strerror(errno));
    }

    n = -1;

    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        n = read(fd, text, CRM_CHAIN_FILE_MAX + 1);
    }

    (void) close(fd);

    if (n < 0 || n > CRM_CHAIN_FILE_MAX) {
        return chain_wrong(err, path, "it is no file of a few lines");
    }

    if (info.st_mode & (S_IROTH | S_IWOTH)) {
        return chain_wrong(err, path, "it may be read or written by everybody,"
                           " who could then write as automation; chmod 600"
                           " it");
    }

    if (crm_chain_keys_parse(keys, crm_str(text, (size_t) n), &why)
        != CRM_OK)
    {
        return chain_wrong(err, path, why.text);
    }

    return CRM_OK;
}


void
crm_worker_chain_clean(crm_chain_keys_t *keys)
{
    size_t  i;

    for (i = 0; i < keys->count; i++) {
        OPENSSL_cleanse((char *) keys->keys[i].data, keys->keys[i].len);
    }

    keys->count = 0;
}


static crm_status_t
chain_wrong(crm_error_t *err, crm_str_t path, const char *what)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "--chain-key-file \"%.60s\": %s", path.data, what);
}
