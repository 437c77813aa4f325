/*
 * Storing a bundle as the next revision, and telling of it.
 */

#include "crm_cli_publish.h"
#include "crm_cli_print.h"
#include "base/crm_digest.h"
#include "state/crm_cmd.h"
#include "state/crm_state.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>


static char *publish_meta(const crm_cli_publish_t *publish,
    const char *bundle, crm_pool_t *pool);
static crm_str_t publish_author(crm_pool_t *pool);


crm_status_t
crm_cli_publish(crm_cli_publish_t *publish, crm_store_t *store,
    crm_pool_t *pool, crm_error_t *err)
{
    char               *bundle, *meta, epoch[CRM_CLI_EPOCH_LEN + 1];
    crm_cmd_t          *cmd;
    crm_reply_t        *reply;
    crm_status_t        rc;
    crm_publish_t       result;
    crm_cmd_publish_t   in;

    meta = NULL;
    rc = CRM_ENOMEM;

    bundle = json_dumps(publish->bundle, JSON_COMPACT | CRM_CLI_JSON_REALS);
    if (bundle) {
        meta = publish_meta(publish, bundle, pool);
    }

    if (meta && crm_cli_publish_epoch(epoch) == CRM_OK) {
        in.org = crm_strz(publish->org);
        in.expected = publish->expected;
        in.bundle = crm_strz(bundle);
        in.meta = crm_strz(meta);
        in.epoch = crm_str(epoch, CRM_CLI_EPOCH_LEN);

        cmd = crm_cmd_publish(pool, &in);
        if (cmd) {
            rc = crm_store_run(store, cmd, pool, &reply, err);
        }

        if (rc == CRM_OK) {
            rc = crm_state_publish(&result, reply, pool, err);
        }
    }

    free(bundle);
    free(meta);

    if (rc == CRM_OK) {
        publish->moved = result.conflict;
        publish->revision = result.revision;
    }

    return rc;
}


crm_status_t
crm_cli_publish_announce(crm_store_t *store, const crm_cli_publish_t *publish,
    crm_pool_t *pool, crm_error_t *err)
{
    char           number[32];
    crm_str_t      channel, org;
    crm_reply_t   *reply;
    crm_status_t   rc;

    org = crm_strz(publish->org);

    rc = crm_store_command(store, pool, &reply, err, 3, CRM_STR("SADD"),
                           CRM_KEY_ORGS, org);
    if (rc != CRM_OK) {
        return rc;
    }

    channel = crm_pool_printf(pool, "crm:{%s}:rules", publish->org);
    if (channel.data == NULL) {
        return CRM_ENOMEM;
    }

    (void) snprintf(number, sizeof(number), "%lld", publish->revision);

    return crm_store_command(store, pool, &reply, err, 3, CRM_STR("PUBLISH"),
                             channel, crm_strz(number));
}


static char *
publish_meta(const crm_cli_publish_t *publish, const char *bundle,
    crm_pool_t *pool)
{
    char           sha[2 * CRM_DIGEST_LEN + 1], *text;
    size_t         objects;
    json_t        *meta;
    crm_str_t      author;
    const char    *message;
    crm_str_t      content;
    unsigned char  digest[CRM_DIGEST_LEN];

    content = crm_strz(bundle);
    crm_digest_sha256(digest, &content, 1);
    crm_digest_hex(sha, digest);

    author = publish_author(pool);
    if (author.data == NULL) {
        return NULL;
    }

    message = publish->message;
    objects = json_array_size(json_object_get(publish->bundle, "objects"));

    meta = json_pack("{s:o, s:I, s:s, s:s, s:I, s:s}",
                     "author", crm_cli_json_text(author.data),
                     "at", (json_int_t) publish->now_ms,
                     "message", message ? message : "",
                     "sha256", sha,
                     "objects", (json_int_t) objects,
                     "managed_by", publish->managed_by);

    text = meta ? json_dumps(meta, JSON_COMPACT) : NULL;
    json_decref(meta);

    return text;
}


static crm_str_t
publish_author(crm_pool_t *pool)
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
