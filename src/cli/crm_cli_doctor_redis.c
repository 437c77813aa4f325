/*
 * What doctor looks for in Redis itself.
 */

#include "crm_cli_doctor.h"
#include "crm_cli_print.h"

#include <stdlib.h>
#include <time.h>


/* Chain tokens live for a minute; half of it is the most a clock may err. */
#define DOCTOR_CLOCK_FAIL_MS  30000
#define DOCTOR_CLOCK_WARN_MS  1000


static const char *info_get(crm_cli_doctor_t *d, const char *name,
    char *value, size_t size);


void
crm_cli_doctor_redis(crm_cli_doctor_t *d)
{
    crm_str_t      text;
    crm_error_t    err;
    crm_reply_t   *reply;
    crm_store_t   *store;
    crm_status_t   rc;

    rc = crm_cli_live_connect(&store, d->cli, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "redis",
                "start it, or correct --redis", "%s",
                rc == CRM_ENOMEM ? "out of memory" : err.text);
        return;
    }

    rc = crm_store_command(store, d->cli->pool, &reply, &err, 1,
                           CRM_STR("INFO"));
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, d->cli->pool, &err);
    }

    if (rc != CRM_OK) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "redis",
                "this user needs the rights of docs/redis.md", "%s",
                rc == CRM_ENOMEM ? "out of memory"
                : rc == CRM_DECLINED ? "INFO says nothing" : err.text);
        return;
    }

    text = crm_pool_dup(d->cli->pool, text);
    d->info = text.data ? text.data : "";
    d->store = store;

    crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "redis", NULL, "reachable at %s",
            d->cli->opts.redis);
}


void
crm_cli_doctor_version(crm_cli_doctor_t *d)
{
    char  version[64], role[32];

    info_get(d, "redis_version", version, sizeof(version));

    if (strtol(version, NULL, 10) < 7) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "version",
                "install Redis 7 or later", "Redis %s is too old", version);
    } else {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "version", NULL, "Redis %s",
                version);
    }

    info_get(d, "role", role, sizeof(role));

    if (strcmp(role, "master") != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "role",
                "give the address of its master",
                "this Redis is a %s: writes are refused", role);
    }
}


void
crm_cli_doctor_memory(crm_cli_doctor_t *d)
{
    char  policy[64];

    info_get(d, "maxmemory_policy", policy, sizeof(policy));

    if (strcmp(policy, "noeviction") == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "memory", NULL,
                "maxmemory-policy noeviction");
        return;
    }

    crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "memory",
            "set maxmemory-policy noeviction in redis.conf",
            "maxmemory-policy is %s: locks and jobs may be thrown away",
            policy);
}


void
crm_cli_doctor_durability(crm_cli_doctor_t *d)
{
    char           aof[16], status[16];
    crm_str_t      fsync;
    crm_error_t    err;
    crm_reply_t   *reply;

    info_get(d, "aof_enabled", aof, sizeof(aof));
    info_get(d, "aof_last_write_status", status, sizeof(status));

    if (strcmp(aof, "1") != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "durability",
                "set appendonly yes, and appendfsync always (strict) or "
                "everysec (standard)",
                "memory only: nginx refuses it unless crm_redis says "
                "volatile, and a restart loses what was promised");
        return;
    }

    if (strcmp(status, "ok") != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "durability",
                "look at its disk and its log",
                "Redis cannot write its append-only file");
        return;
    }

    fsync = CRM_STR("");

    if (crm_store_command(d->store, d->cli->pool, &reply, &err, 3,
                          CRM_STR("CONFIG"), CRM_STR("GET"),
                          CRM_STR("appendfsync")) == CRM_OK
        && reply->type == CRM_REPLY_ARRAY && reply->count == 2)
    {
        fsync = reply->elements[1].str;
    }

    if (crm_str_is(fsync, "always")) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "durability", NULL,
                "strict: appendonly yes, appendfsync always");

    } else if (crm_str_is(fsync, "everysec")) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "durability", NULL,
                "standard: appendonly yes, appendfsync everysec (a crash may "
                "lose a second)");

    } else if (fsync.len == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "durability", NULL,
                "appendonly yes; appendfsync may not be read by this user");

    } else {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "durability",
                "set appendfsync always or everysec",
                "appendfsync is %.*s: the system decides when to write",
                (int) (fsync.len > 16 ? 16 : fsync.len), fsync.data);
    }
}


void
crm_cli_doctor_clock(crm_cli_doctor_t *d)
{
    long long         local, redis, off;
    crm_error_t       err;
    crm_status_t      rc;
    struct timespec   ts;
    crm_cli_level_t   level;

    rc = crm_cli_live_now(&redis, d->store, d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "clock", rc, &err);
        return;
    }

    (void) clock_gettime(CLOCK_REALTIME, &ts);
    local = (long long) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    off = llabs(local - redis);

    level = off > DOCTOR_CLOCK_FAIL_MS ? CRM_CLI_CHECK_FAIL
            : off > DOCTOR_CLOCK_WARN_MS ? CRM_CLI_CHECK_WARN
            : CRM_CLI_CHECK_OK;

    crm_cli_doctor_say(d, level, "clock",
            level == CRM_CLI_CHECK_OK ? NULL :
            "run a time service on both machines", "%lld ms from Redis' clock",
            off);
}


/* "name:value" of INFO into value; "unknown" when it is not there. */

static const char *
info_get(crm_cli_doctor_t *d, const char *name, char *value, size_t size)
{
    size_t       len, n;
    const char  *line;

    len = strlen(name);
    (void) snprintf(value, size, "unknown");

    for (line = d->info; *line; line += *line ? 1 : 0) {
        if (strncmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            n = strcspn(line, "\r\n");
            (void) snprintf(value, size, "%.*s", (int) n, line);
            break;
        }

        line += strcspn(line, "\n");
    }

    return value;
}
