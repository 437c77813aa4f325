/*
 * A rule folder: every document of every rule file below a directory.
 */

#include "crm_cli_folder.h"
#include "base/crm_buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>


typedef struct {
    dev_t  dev;
    ino_t  ino;
} place_t;

typedef struct {
    crm_pool_t          *pool;
    crm_cli_findings_t  *findings;
    int                (*wanted)(const char *name);
    const char         **files;
    size_t               count;
    size_t               cap;
    int                  full;
    place_t              above[CRM_CLI_MAX_FOLDER_DEPTH];
    size_t               depth;
} walk_t;


static crm_status_t folder_read(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings, int (*wanted)(const char *name));
static crm_status_t folder_file(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings);
static crm_status_t walk_folder(walk_t *walk, const char *path);
static crm_status_t walk_entry(walk_t *walk, const char *path,
    const char *name);
static crm_status_t walk_enter(walk_t *walk, const char *path,
    const struct stat *st);
static void walk_unreadable(walk_t *walk, const char *path,
    const char *name);
static crm_status_t walk_add(walk_t *walk, const char *path);
static int path_compare(const void *a, const void *b);
static int name_is_tests(const char *name);
static int name_is_rules(const char *name);
static int name_ends(const char *name, const char *end);
static crm_status_t file_slurp(crm_str_t *text, int fd, const char *path,
    size_t max, crm_pool_t *pool, crm_error_t *err);
static int file_changed(int fd, const struct stat *was);


crm_status_t
crm_cli_folder_read(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings)
{
    size_t        errors;
    crm_status_t  rc;

    errors = findings->errors;
    rc = folder_read(docs, path, findings, name_is_rules);

    if (rc == CRM_OK && docs->count == 0 && findings->errors == errors) {
        crm_cli_findings_add(findings, CRM_ERROR, path, 0, 0, "no_rules", NULL,
                             "no rules here: looked for *.yaml, *.yml and "
                             "*.json files with a document in them");
    }

    return rc;
}


crm_status_t
crm_cli_folder_tests(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings)
{
    return folder_read(docs, path, findings, name_is_tests);
}


static crm_status_t
folder_read(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings, int (*wanted)(const char *name))
{
    size_t        i;
    walk_t        walk;
    crm_status_t  rc;
    struct stat   st;

    memset(&walk, 0, sizeof(walk_t));
    walk.pool = docs->pool;
    walk.findings = findings;
    walk.wanted = wanted;

    if (stat(path, &st) != 0) {
        crm_cli_findings_add(findings, CRM_ERROR, path, 0, 0, "unreadable",
                             NULL, "cannot be read: %s", strerror(errno));
        return CRM_OK;
    }

    rc = S_ISDIR(st.st_mode) ? walk_enter(&walk, path, &st)
                             : walk_add(&walk, path);

    if (walk.count > 1) {
        qsort(walk.files, walk.count, sizeof(char *), path_compare);
    }

    for (i = 0; i < walk.count && rc == CRM_OK && !docs->full; i++) {
        rc = folder_file(docs, walk.files[i], findings);
    }

    return rc;
}


/* The text of a file is needed here only: it has a pool of its own. */

static crm_status_t
folder_file(crm_cli_docs_t *docs, const char *path,
    crm_cli_findings_t *findings)
{
    crm_str_t     text;
    crm_error_t   err;
    crm_pool_t   *pool;
    crm_status_t  rc;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_cli_file_read(&text, path, CRM_CLI_MAX_FILE_BYTES, pool, &err);

    docs->bytes += rc == CRM_OK ? text.len : 0;

    if (docs->bytes > CRM_CLI_MAX_FOLDER_BYTES) {
        crm_cli_findings_add(findings, CRM_ERROR, path, 0, 0, "too_large",
                             NULL, "the folder's files have more than %d "
                             "bytes: this and later ones are not read",
                             CRM_CLI_MAX_FOLDER_BYTES);
        docs->full = 1;

    } else if (rc == CRM_OK) {
        rc = crm_cli_yaml_read(docs, path, text, findings);

    } else if (rc == CRM_EINVAL) {
        crm_cli_findings_add(findings, CRM_ERROR, path, 0, 0, "unreadable",
                             NULL, "%s", err.text);
        rc = CRM_OK;
    }

    crm_pool_destroy(pool);

    return rc;
}


static crm_status_t
walk_enter(walk_t *walk, const char *path, const struct stat *st)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; i < walk->depth; i++) {
        if (walk->above[i].dev == st->st_dev
            && walk->above[i].ino == st->st_ino)
        {
            crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                                 "link_loop", NULL, "this link leads back to "
                                 "a folder above it: remove it");
            return CRM_OK;
        }
    }

    if (walk->depth == CRM_CLI_MAX_FOLDER_DEPTH) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "too_deep", NULL,
                             "folders are nested deeper than %d levels",
                             CRM_CLI_MAX_FOLDER_DEPTH);
        return CRM_OK;
    }

    walk->above[walk->depth].dev = st->st_dev;
    walk->above[walk->depth].ino = st->st_ino;
    walk->depth++;

    rc = walk_folder(walk, path);

    walk->depth--;

    return rc;
}


static crm_status_t
walk_folder(walk_t *walk, const char *path)
{
    DIR            *dir;
    crm_status_t    rc;
    struct dirent  *entry;

    dir = opendir(path);
    if (dir == NULL) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "unreadable", NULL, "cannot be read: %s",
                             strerror(errno));
        return CRM_OK;
    }

    rc = CRM_OK;

    for (errno = 0; rc == CRM_OK && (entry = readdir(dir)) != NULL; errno = 0)
    {
        if (entry->d_name[0] != '.') {
            rc = walk_entry(walk, path, entry->d_name);
        }
    }

    if (rc == CRM_OK && errno != 0) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "unreadable", NULL, "cannot be read: %s",
                             strerror(errno));
    }

    (void) closedir(dir);

    return rc;
}


static crm_status_t
walk_entry(walk_t *walk, const char *path, const char *name)
{
    size_t       len;
    crm_str_t    full;
    struct stat  st;

    len = strlen(path);
    full = crm_pool_printf(walk->pool, "%s%s%s", path,
                           len && path[len - 1] == '/' ? "" : "/", name);
    if (full.data == NULL) {
        return CRM_ENOMEM;
    }

    if (stat(full.data, &st) != 0) {
        walk_unreadable(walk, full.data, name);
        return CRM_OK;
    }

    if (S_ISDIR(st.st_mode)) {
        return walk_enter(walk, full.data, &st);
    }

    return walk->wanted(name) ? walk_add(walk, full.data) : CRM_OK;
}


/* What a link into nothing was is not known: of a folder, whose objects would
 * pass for deleted. What has just gone, and was no rule file, is not missed. */

static void
walk_unreadable(walk_t *walk, const char *path, const char *name)
{
    int           failed;
    struct stat   st;

    failed = errno;

    if (failed != ENOENT || walk->wanted(name)) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "unreadable", NULL, "cannot be read: %s",
                             strerror(failed));

    } else if (lstat(path, &st) == 0) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "unreadable", NULL, "this link leads to nothing: "
                             "mend or remove it");
    }
}


static crm_status_t
walk_add(walk_t *walk, const char *path)
{
    size_t        cap;
    const char  **files;

    if (walk->full) {
        return CRM_OK;
    }

    if (walk->count == CRM_CLI_MAX_FILES) {
        crm_cli_findings_add(walk->findings, CRM_ERROR, path, 0, 0,
                             "too_many", NULL, "more than %d rule files: this "
                             "and later ones are not read", CRM_CLI_MAX_FILES);
        walk->full = 1;
        return CRM_OK;
    }

    if (walk->count == walk->cap) {
        cap = walk->cap ? walk->cap * 2 : 64;
        files = crm_pool_calloc(walk->pool, cap, sizeof(char *));
        if (files == NULL) {
            return CRM_ENOMEM;
        }

        if (walk->count) {
            memcpy(files, walk->files, walk->count * sizeof(char *));
        }

        walk->files = files;
        walk->cap = cap;
    }

    walk->files[walk->count++] = path;

    return CRM_OK;
}


static int
path_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


static int
name_is_tests(const char *name)
{
    return name_ends(name, ".test.yaml");
}


static int
name_is_rules(const char *name)
{
    if (name_is_tests(name)) {
        return 0;
    }

    return name_ends(name, ".yaml") || name_ends(name, ".yml")
           || name_ends(name, ".json");
}


static int
name_ends(const char *name, const char *end)
{
    size_t  n, k;

    n = strlen(name);
    k = strlen(end);

    return n > k && strcmp(name + n - k, end) == 0;
}


crm_status_t
crm_cli_file_read(crm_str_t *text, const char *path, size_t max,
    crm_pool_t *pool, crm_error_t *err)
{
    int           fd;
    crm_status_t  rc;
    struct stat   st;

    /* A pipe must not make us wait for its other end. */

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "cannot be read: %s", strerror(errno));
    }

    if (fstat(fd, &st) != 0) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                           "cannot be read: %s", strerror(errno));

    } else if (!S_ISREG(st.st_mode)) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                           "is not a regular file");

    } else if (st.st_size > 0 && (size_t) st.st_size > max) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                           "has %lld bytes; %zu are allowed",
                           (long long) st.st_size, max);

    } else {
        rc = file_slurp(text, fd, path, max, pool, err);

        if (rc == CRM_OK && file_changed(fd, &st)) {
            rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                               "was changed while it was read: try again");
        }
    }

    (void) close(fd);

    return rc;
}


static crm_status_t
file_slurp(crm_str_t *text, int fd, const char *path, size_t max,
    crm_pool_t *pool, crm_error_t *err)
{
    char       chunk[16384];
    ssize_t    n;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, max);

    for ( ;; ) {
        n = read(fd, chunk, sizeof(chunk));
        if (n == 0) {
            break;
        }

        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n < 0) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                                 "cannot be read: %s", strerror(errno));
        }

        crm_buf_add(&buf, chunk, (size_t) n);
    }

    if (crm_buf_status(&buf) == CRM_ELIMIT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "has more than the %zu bytes that are allowed",
                             max);
    }

    *text = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* Somebody writes to it, and what was read may be half of that. */

static int
file_changed(int fd, const struct stat *was)
{
    struct stat  st;

    return fstat(fd, &st) != 0 || st.st_size != was->st_size
           || st.st_mtim.tv_sec != was->st_mtim.tv_sec
           || st.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}
