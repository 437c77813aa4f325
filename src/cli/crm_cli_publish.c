/*
 * Storing a bundle as the next revision, and telling of it.
 */

#include "crm_cli_publish.h"
#include "crm_cli_print.h"
#include "crm_cli_revision.h"
#include "state/crm_cmd.h"
#include "state/crm_state.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>


/* What the readers of a bundle take, less what stands around it. */
#define PUBLISH_MAX_BYTES  (CRM_REPLY_MAX_BYTES - 1024 * 1024)


static crm_status_t publish_store(crm_cli_publish_t *publish,
    const char *bundle, const char *meta, crm_store_t *store,
    crm_pool_t *pool, crm_error_t *err);
static char *publish_meta(const crm_cli_publish_t *publish,
    const char *bundle, crm_pool_t *pool);


crm_status_t
crm_cli_publish(crm_cli_publish_t *publish, crm_store_t *store,
    crm_pool_t *pool, crm_error_t *err)
{
    char          *bundle, *meta;
    crm_status_t   rc;

    meta = NULL;
    rc = CRM_ENOMEM;
    publish->moved = 0;
    publish->in_doubt = 0;

    bundle = json_dumps(publish->bundle, JSON_COMPACT | CRM_CLI_JSON_REALS);

    if (bundle && strlen(bundle) > PUBLISH_MAX_BYTES) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "the rules take %zu MB together, nginx reads at "
                           "most %d", strlen(bundle) >> 20,
                           PUBLISH_MAX_BYTES >> 20);

    } else if (bundle) {
        meta = publish_meta(publish, bundle, pool);
    }

    if (meta) {
        rc = publish_store(publish, bundle, meta, store, pool, err);
    }

    free(bundle);
    free(meta);

    return rc;
}


static crm_status_t
publish_store(crm_cli_publish_t *publish, const char *bundle,
    const char *meta, crm_store_t *store, crm_pool_t *pool, crm_error_t *err)
{
    char                epoch[CRM_CLI_EPOCH_LEN + 1];
    crm_cmd_t          *cmd;
    crm_reply_t        *reply;
    crm_status_t        rc;
    crm_publish_t       result;
    crm_cmd_publish_t   in;

    if (crm_cli_publish_epoch(epoch) != CRM_OK) {
        return CRM_ENOMEM;
    }

    in.org = crm_strz(publish->org);
    in.expected = publish->expected;
    in.bundle = crm_strz(bundle);
    in.meta = crm_strz(meta);
    in.epoch = crm_str(epoch, CRM_CLI_EPOCH_LEN);

    cmd = crm_cmd_publish(pool, &in);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(store, cmd, pool, &reply, err);
    publish->in_doubt = reply == NULL;

    if (rc == CRM_OK) {
        rc = crm_state_publish(&result, reply, pool, err);
    }

    if (rc == CRM_OK && !result.conflict
        && result.revision != publish->expected + 1)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "Redis says that it has stored revision %lld, "
                             "and was told to store %lld", result.revision,
                             publish->expected + 1);
    }

    if (rc == CRM_OK) {
        publish->moved = result.conflict;
        publish->revision = result.revision;
    }

    return rc;
}


crm_status_t
crm_cli_publish_announce(crm_store_t *store, const char *org,
    long long revision, crm_pool_t *pool, crm_error_t *err)
{
    char           number[CRM_STR_INT_LEN];
    crm_str_t      channel;
    crm_reply_t   *reply;
    crm_status_t   rc;

    rc = crm_store_command(store, pool, &reply, err, 3, CRM_STR("SADD"),
                           CRM_KEY_ORGS, crm_strz(org));
    if (rc != CRM_OK) {
        return rc;
    }

    channel = crm_pool_printf(pool, "crm:{%s}:rules", org);
    if (channel.data == NULL) {
        return CRM_ENOMEM;
    }

    return crm_store_command(store, pool, &reply, err, 3, CRM_STR("PUBLISH"),
                             channel, crm_str_int(number, revision));
}


static char *
publish_meta(const crm_cli_publish_t *publish, const char *bundle,
    crm_pool_t *pool)
{
    int            rc;
    char           sha256[CRM_CLI_SHA256_LEN + 1], *text;
    json_t        *meta;
    crm_str_t      author;
    const size_t  *n;

    crm_cli_revision_sha256(sha256, crm_strz(bundle));

    author = publish->author ? crm_strz(publish->author)
                             : crm_cli_publish_author(pool);
    if (author.data == NULL) {
        return NULL;
    }

    n = publish->merge->changes;

    meta = json_pack("{s:o, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I}",
                     "author", crm_cli_json_text(author.data),
                     "access", "operator",
                     "at", (json_int_t) publish->now_ms,
                     "message", publish->message ? publish->message : "",
                     "sha256", sha256,
                     "objects", (json_int_t) json_array_size(
                         json_object_get(publish->bundle, "objects")),
                     "added", (json_int_t) n[CRM_CLI_ADDED],
                     "changed", (json_int_t) n[CRM_CLI_REPLACED],
                     "removed", (json_int_t) n[CRM_CLI_REMOVED]);
    rc = meta ? 0 : -1;

    if (rc == 0 && publish->managed_by) {
        rc = json_object_set_new(meta, "managed_by",
                                 json_string(publish->managed_by));
    }

    if (rc == 0 && publish->rollback_to) {
        rc = json_object_set_new(meta, "rollback_to",
                                 json_integer(publish->rollback_to));
    }

    text = rc == 0 ? json_dumps(meta, JSON_COMPACT) : NULL;
    json_decref(meta);

    return text;
}


crm_str_t
crm_cli_publish_author(crm_pool_t *pool)
{
    char            host[256];
    const char     *user;
    struct passwd  *pw;

    user = getenv("USER");

    if (user == NULL || user[0] == '\0') {
        pw = getpwuid(geteuid());
        user = pw ? pw->pw_name : "unknown";
    }

    if (gethostname(host, sizeof(host)) != 0) {
        (void) snprintf(host, sizeof(host), "unknown");
    }

    host[sizeof(host) - 1] = '\0';

    return crm_pool_printf(pool, "%s@%s", user, host);
}


crm_status_t
crm_cli_publish_epoch(char *epoch)
{
    int            i;
    ssize_t        n;
    unsigned char  random[CRM_CLI_EPOCH_LEN];

    static const char  letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    do {
        n = getrandom(random, sizeof(random), 0);
    } while (n < 0 && errno == EINTR);

    if (n != (ssize_t) sizeof(random)) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < CRM_CLI_EPOCH_LEN; i++) {
        epoch[i] = letters[random[i] & 31];
    }

    epoch[CRM_CLI_EPOCH_LEN] = '\0';

    return CRM_OK;
}
