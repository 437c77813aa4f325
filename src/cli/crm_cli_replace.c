/*
 * A file's new contents: see crm_cli_replace.h.
 */

#include "crm_cli_replace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


static int replace_fill(int fd, crm_str_t text, const struct stat *st);


crm_status_t
crm_cli_replace(const char *path, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    int          fd, rc;
    char        *real;
    crm_str_t    name;
    struct stat  st;

    /* what a link leads to is replaced, not the link */

    real = realpath(path, NULL);

    if (real == NULL || stat(real, &st) != 0) {
        free(real);
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "it cannot be written: %s", strerror(errno));
    }

    name = crm_pool_printf(pool, "%s.XXXXXX", real);
    if (name.data == NULL) {
        free(real);
        return CRM_ENOMEM;
    }

    fd = mkstemp((char *) name.data);
    rc = fd < 0 ? -1 : replace_fill(fd, text, &st);

    if (rc == 0) {
        rc = rename(name.data, real);
    }

    if (rc != 0) {
        rc = errno;

        if (fd >= 0) {
            (void) unlink(name.data);
        }

        free(real);

        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "it cannot be written: %s", strerror(rc));
    }

    free(real);

    return CRM_OK;
}


/* Closes fd. */
static int
replace_fill(int fd, crm_str_t text, const struct stat *st)
{
    int      rc, saved;
    size_t   done;
    ssize_t  n;

    rc = fchmod(fd, st->st_mode & 07777);

    for (done = 0; rc == 0 && done < text.len; done += (size_t) n) {
        n = write(fd, text.data + done, text.len - done);

        if (n < 0 && errno == EINTR) {
            n = 0;
        }

        if (n < 0) {
            rc = -1;
            break;
        }
    }

    if (rc == 0) {
        rc = fsync(fd);
    }

    saved = errno;

    if (close(fd) != 0 && rc == 0) {
        return -1;
    }

    errno = saved;

    return rc;
}
