/*
 * The state file on disk: PATH.ORG, of the worker processes' user, 0600.
 *
 * It is replaced as a whole: written beside, synced, renamed. The name beside
 * has a character that no organisation has, and one writer at a time: the
 * others leave it to him and look again later. All of it blocks and runs in
 * threads, but for what the master process looks at when it starts.
 */

#include "ngx_http_crm_rules.h"

#include <sys/file.h>


/* What a reply of Redis may have, and the file's own lines. */
#define FILE_MAX  (CRM_REPLY_MAX_BYTES + 4096)


static ngx_int_t file_check(int fd, struct stat *st,
    char error[NGX_HTTP_CRM_ERROR_LEN]);
static int file_lock(const char *path, char error[NGX_HTTP_CRM_ERROR_LEN]);
static ngx_int_t file_fill(int fd, const char *text, size_t len);
static void file_sync_folder(const u_char *path);
static ngx_int_t file_wrong(char error[NGX_HTTP_CRM_ERROR_LEN],
    const char *what);
static ngx_uint_t file_writable(const char *folder, const struct stat *st,
    const ngx_core_conf_t *ccf);


ngx_int_t
ngx_http_crm_file_read(const u_char *path, char **text, size_t *len,
    char error[NGX_HTTP_CRM_ERROR_LEN])
{
    int          fd;
    size_t       n;
    ssize_t      got;
    ngx_int_t    rc;
    struct stat  st;

    *text = NULL;
    *len = 0;

    /* a pipe in its place must not keep the thread */

    fd = open((const char *) path,
              O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd == -1) {
        return errno == ENOENT ? NGX_DECLINED : file_wrong(error, "open");
    }

    rc = file_check(fd, &st, error);

    if (rc == NGX_OK) {
        *text = malloc((size_t) st.st_size + 1);

        if (*text == NULL) {
            rc = file_wrong(error, "read");
        }
    }

    for (n = 0; rc == NGX_OK && n < (size_t) st.st_size; n += (size_t) got) {
        got = read(fd, *text + n, (size_t) st.st_size - n);

        if (got == -1 && errno == EINTR) {
            got = 0;

        } else if (got == -1) {
            rc = file_wrong(error, "read");

        } else if (got == 0) {
            break;
        }
    }

    (void) close(fd);

    if (rc != NGX_OK) {
        free(*text);
        *text = NULL;
        return rc;
    }

    *len = n;

    return NGX_OK;
}


ngx_int_t
ngx_http_crm_file_write(const u_char *path, const char *text, size_t len,
    char error[NGX_HTTP_CRM_ERROR_LEN])
{
    int        fd;
    char       beside[NGX_MAX_PATH], *old;
    size_t     old_len;
    ngx_int_t  rc;

    /* the other processes have loaded the same: one of them has written it */

    rc = ngx_http_crm_file_read(path, &old, &old_len, error);

    if (rc == NGX_OK) {
        rc = old_len == len && memcmp(old, text, len) == 0 ? NGX_OK
                                                           : NGX_DECLINED;
        free(old);

        if (rc == NGX_OK) {
            return NGX_OK;
        }
    }

    if (snprintf(beside, sizeof(beside), "%s~", path) >= (int) sizeof(beside))
    {
        errno = ENAMETOOLONG;
        return file_wrong(error, "write");
    }

    fd = file_lock(beside, error);
    if (fd < 0) {
        return fd;
    }

    rc = NGX_OK;

    if (ftruncate(fd, 0) == -1 || file_fill(fd, text, len) != NGX_OK
        || fsync(fd) == -1)
    {
        rc = file_wrong(error, "write");
        (void) unlink(beside);

    } else if (rename(beside, (const char *) path) == -1) {
        rc = file_wrong(error, "rename");
        (void) unlink(beside);

    } else {
        file_sync_folder(path);
    }

    (void) close(fd);

    return rc;
}


/* What is not ours alone may hold anything. */
static ngx_int_t
file_check(int fd, struct stat *st, char error[NGX_HTTP_CRM_ERROR_LEN])
{
    const char  *wrong;

    if (fstat(fd, st) == -1) {
        return file_wrong(error, "stat");
    }

    wrong = !S_ISREG(st->st_mode) ? "it is no regular file"
            : st->st_uid != geteuid() ? "it belongs to another user"
            : st->st_mode & (S_IWGRP | S_IWOTH) ? "others may write to it"
            : st->st_size > (off_t) FILE_MAX ? "it is too large" : NULL;

    if (wrong == NULL) {
        return NGX_OK;
    }

    (void) snprintf(error, NGX_HTTP_CRM_ERROR_LEN, "%s", wrong);

    return NGX_ERROR;
}


/* The file beside, empty or left behind, and ours until it is closed. */
static int
file_lock(const char *path, char error[NGX_HTTP_CRM_ERROR_LEN])
{
    int          fd, rc;
    struct stat  st, now;

    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
              0600);

    if (fd == -1) {
        return file_wrong(error, "open for writing");
    }

    if (file_check(fd, &st, error) != NGX_OK) {
        (void) close(fd);
        return NGX_ERROR;
    }

    /* between open and flock() a writer may have renamed it: then what we hold
     * is the state file itself */

    if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
        rc = errno == EWOULDBLOCK ? NGX_DECLINED : file_wrong(error, "lock");

    } else if (lstat(path, &now) == -1 || now.st_ino != st.st_ino
               || now.st_dev != st.st_dev)
    {
        rc = NGX_DECLINED;

    } else {
        return fd;
    }

    (void) close(fd);

    return rc;
}


static ngx_int_t
file_fill(int fd, const char *text, size_t len)
{
    ssize_t  n;

    while (len) {
        n = write(fd, text, len);

        if (n == -1 && errno != EINTR) {
            return NGX_ERROR;
        }

        if (n > 0) {
            text += n;
            len -= (size_t) n;
        }
    }

    return NGX_OK;
}


/* The name, too, must be there after a crash of the machine. */
static void
file_sync_folder(const u_char *path)
{
    int    fd;
    char   folder[NGX_MAX_PATH], *slash;

    (void) snprintf(folder, sizeof(folder), "%s", path);

    slash = strrchr(folder, '/');
    if (slash == NULL) {
        return;
    }

    slash[slash == folder] = '\0';

    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd != -1) {
        (void) fsync(fd);
        (void) close(fd);
    }
}


static ngx_int_t
file_wrong(char error[NGX_HTTP_CRM_ERROR_LEN], const char *what)
{
    u_char  reason[128];

    *ngx_strerror(errno, reason, sizeof(reason) - 1) = '\0';

    (void) snprintf(error, NGX_HTTP_CRM_ERROR_LEN, "cannot %s it: %s", what,
                    (char *) reason);

    return NGX_ERROR;
}


/*
 * In the master process, at its start and at `nginx -t`: the folder is there,
 * or is made, and the worker processes may write into it. A configuration that
 * is loaded into a running nginx is not refused any more at this point.
 */
ngx_int_t
ngx_http_crm_file_prepare(ngx_cycle_t *cycle, const ngx_str_t *path)
{
    char              folder[NGX_MAX_PATH], *slash;
    ngx_uint_t        fatal;
    struct stat       st;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);
    fatal = ngx_test_config || ngx_is_init_cycle(cycle->old_cycle);

    /* ngx_http_crm_conf_state_file() has seen that it fits */

    (void) ngx_cpystrn((u_char *) folder, path->data, sizeof(folder));
    slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';

    if (stat(folder, &st) == -1 && ngx_errno == NGX_ENOENT
        && mkdir(folder, 0700) == 0 && geteuid() == 0
        && chown(folder, ccf->user, ccf->group) == -1)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "crm_state_file: cannot give folder \"%s\" to user"
                      " \"%s\"", folder, ccf->username);
        return fatal ? NGX_ERROR : NGX_OK;
    }

    if (stat(folder, &st) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "crm_state_file: there is no folder \"%s\", and it"
                      " cannot be made; make it, and give it to user \"%s\"",
                      folder, ccf->username);
        return fatal ? NGX_ERROR : NGX_OK;
    }

    if (!S_ISDIR(st.st_mode) || !file_writable(folder, &st, ccf)) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "crm_state_file: \"%s\" is no folder that the worker"
                      " processes may write to; give it to user \"%s\"",
                      folder, ccf->username);
        return fatal ? NGX_ERROR : NGX_OK;
    }

    return NGX_OK;
}


/* By its mode, as the user that the processes will be; without root they stay
 * who we are. */
static ngx_uint_t
file_writable(const char *folder, const struct stat *st,
    const ngx_core_conf_t *ccf)
{
    int     i, n;
    gid_t   groups[64];
    mode_t  both;

    both = S_IWUSR | S_IXUSR;

    if (geteuid() != 0 || ccf->user == 0) {
        return access(folder, W_OK | X_OK) == 0;
    }

    if (st->st_uid == (uid_t) ccf->user) {
        return (st->st_mode & both) == both;
    }

    n = sizeof(groups) / sizeof(groups[0]);

    if (getgrouplist(ccf->username, ccf->group, groups, &n) == -1) {
        n = 0;
    }

    for (i = 0; i < n; i++) {
        if (groups[i] == st->st_gid) {
            return (st->st_mode & both >> 3) == both >> 3;
        }
    }

    return (st->st_mode & both >> 6) == both >> 6;
}
