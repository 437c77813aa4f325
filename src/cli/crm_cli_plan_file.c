/*
 * A saved plan, written and read.
 */

#include "crm_cli_plan_file.h"
#include "crm_cli_folder.h"
#include "crm_cli_print.h"
#include "crm_cli_revision.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>


#define PLAN_VERSION    1

/* "crm_plan" is the first key, behind a brace and some blanks. */
#define PLAN_HEAD       64

/* A bundle as large as nginx reads, and what stands around it. */
#define PLAN_MAX_BYTES  (CRM_REPLY_MAX_BYTES + 1024 * 1024)


static json_t *plan_json(const crm_cli_plan_file_t *plan);
static crm_status_t plan_sha256(char *sha256, const json_t *doc);
static crm_status_t file_replace(const char *path, const char *text,
    crm_pool_t *pool, crm_error_t *err);
static int file_fill(int fd, const char *text);
static crm_status_t plan_check(const json_t *doc, const char *path,
    crm_error_t *err);
static crm_status_t plan_take(crm_cli_plan_file_t *plan, json_t *doc,
    const char *path, crm_error_t *err);
static const char *plan_text(const json_t *doc, const char *key);
static void json_end(void *data);


int
crm_cli_plan_file_is(const char *path)
{
    int          fd;
    char         head[PLAN_HEAD + 1];
    char        *p;
    ssize_t      n;
    struct stat  st;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return 0;
    }

    n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
        ? read(fd, head, PLAN_HEAD) : 0;
    (void) close(fd);

    if (n <= 0 || head[0] != '{') {
        return 0;
    }

    head[n] = '\0';
    p = head + 1 + strspn(head + 1, " \t\r\n");

    return strncmp(p, "\"crm_plan\"", sizeof("\"crm_plan\"") - 1) == 0;
}


crm_status_t
crm_cli_plan_file_write(const crm_cli_plan_file_t *plan, const char *path,
    crm_pool_t *pool, crm_error_t *err)
{
    char           sha256[CRM_CLI_SHA256_LEN + 1], *text;
    json_t        *doc;
    crm_status_t   rc;

    text = NULL;
    rc = CRM_ENOMEM;

    doc = plan_json(plan);

    if (doc && plan_sha256(sha256, doc) == CRM_OK
        && json_object_set_new(doc, "sha256", json_string(sha256)) == 0)
    {
        text = json_dumps(doc, JSON_INDENT(1) | CRM_CLI_JSON_REALS);
    }

    if (text) {
        rc = file_replace(path, text, pool, err);
    }

    free(text);
    json_decref(doc);

    return rc;
}


static json_t *
plan_json(const crm_cli_plan_file_t *plan)
{
    return json_pack("{s:i, s:s, s:I, s:s, s:s, s:I, s:o, s:s, s:b, s:O}",
                     "crm_plan", PLAN_VERSION,
                     "org", plan->org,
                     "base", (json_int_t) plan->base,
                     "base_sha256", plan->base_sha256,
                     "epoch", plan->epoch,
                     "made_at", (json_int_t) plan->made_at_ms,
                     "author", crm_cli_json_text(plan->author),
                     "managed_by", plan->managed_by,
                     "prune", plan->prune,
                     "bundle", plan->bundle);
}


/* Of all members but "sha256", whatever blanks and order they are in. */

static crm_status_t
plan_sha256(char *sha256, const json_t *doc)
{
    char    *text;
    json_t  *copy;

    copy = json_copy((json_t *) doc);
    if (copy == NULL) {
        return CRM_ENOMEM;
    }

    (void) json_object_del(copy, "sha256");

    text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS
                            | CRM_CLI_JSON_REALS);
    json_decref(copy);

    if (text == NULL) {
        return CRM_ENOMEM;
    }

    crm_cli_revision_sha256(sha256, crm_strz(text));
    free(text);

    return CRM_OK;
}


/* A name that is a device, as /dev/stdout, must not be renamed over. */

static crm_status_t
file_replace(const char *path, const char *text, crm_pool_t *pool,
    crm_error_t *err)
{
    int          fd, failed;
    mode_t       mask;
    crm_str_t    temp;
    struct stat  st;

    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "the plan cannot be saved in %s: it is no "
                             "regular file", path);
    }

    /* what a crmctl of the same number left behind is in nobody's way */

    temp = crm_pool_printf(pool, "%s.XXXXXX", path);
    if (temp.data == NULL) {
        return CRM_ENOMEM;
    }

    mask = umask(0);
    (void) umask(mask);

    fd = mkstemp((char *) temp.data);
    failed = fd < 0;

    if (!failed) {
        failed = fchmod(fd, 0666 & ~mask) != 0 || file_fill(fd, text) != 0;
        failed |= close(fd) != 0;
        failed = failed || rename(temp.data, path) != 0;
    }

    if (!failed) {
        return CRM_OK;
    }

    (void) crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                         "the plan cannot be saved in %s: %s", path,
                         strerror(errno));

    if (fd >= 0) {
        (void) unlink(temp.data);
    }

    return CRM_EINVAL;
}


static int
file_fill(int fd, const char *text)
{
    size_t   len;
    ssize_t  n;

    for (len = strlen(text); len; len -= (size_t) n) {
        n = write(fd, text, len);

        if (n < 0 && errno != EINTR) {
            return -1;
        }

        n = n < 0 ? 0 : n;
        text += n;
    }

    return fsync(fd);
}


crm_status_t
crm_cli_plan_file_read(crm_cli_plan_file_t *plan, const char *path,
    crm_pool_t *pool, crm_error_t *err)
{
    json_t        *doc;
    crm_str_t      text;
    crm_status_t   rc;
    json_error_t   jerr;

    memset(plan, 0, sizeof(crm_cli_plan_file_t));

    rc = crm_cli_file_read(&text, path, PLAN_MAX_BYTES, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    doc = json_loadb(text.data, text.len, 0, &jerr);
    if (doc == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "%s:%d: the plan is cut off or damaged (%s): "
                             "make it again with crmctl plan --out", path,
                             jerr.line, jerr.text);
    }

    if (crm_pool_on_destroy(pool, json_end, doc) != CRM_OK) {
        return CRM_ENOMEM;
    }

    rc = plan_check(doc, path, err);

    return rc == CRM_OK ? plan_take(plan, doc, path, err) : rc;
}


static crm_status_t
plan_check(const json_t *doc, const char *path, crm_error_t *err)
{
    char     sha256[CRM_CLI_SHA256_LEN + 1];
    json_t  *version;

    version = json_object_get(doc, "crm_plan");

    if (!json_is_integer(version)
        || json_integer_value(version) != PLAN_VERSION)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "%s: this crmctl reads plans of version %d only: "
                             "make it again with crmctl plan --out", path,
                             PLAN_VERSION);
    }

    if (plan_sha256(sha256, doc) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (strcmp(plan_text(doc, "sha256"), sha256) != 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "%s: the plan was changed after it was made: "
                             "change the rules and make it again with crmctl "
                             "plan --out", path);
    }

    return CRM_OK;
}


/* What has the right digest was written by us, unless by somebody who means
 * it: nothing is taken on trust. */

static crm_status_t
plan_take(crm_cli_plan_file_t *plan, json_t *doc, const char *path,
    crm_error_t *err)
{
    plan->org = plan_text(doc, "org");
    plan->base = json_integer_value(json_object_get(doc, "base"));
    plan->base_sha256 = plan_text(doc, "base_sha256");
    plan->epoch = plan_text(doc, "epoch");
    plan->made_at_ms = json_integer_value(json_object_get(doc, "made_at"));
    plan->author = plan_text(doc, "author");
    plan->managed_by = plan_text(doc, "managed_by");
    plan->prune = json_is_true(json_object_get(doc, "prune"));
    plan->bundle = json_object_get(doc, "bundle");

    if (plan->base < 0 || !crm_cli_revision_is_bundle(plan->bundle)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, path,
                             "%s: this is no plan of crmctl: make one with "
                             "crmctl plan --out", path);
    }

    return CRM_OK;
}


static const char *
plan_text(const json_t *doc, const char *key)
{
    const char  *text;

    text = json_string_value(json_object_get(doc, key));

    return text ? text : "";
}


static void
json_end(void *data)
{
    json_decref(data);
}
