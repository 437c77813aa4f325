/*
 * Rules through /crm_api/ of nginx (--server).
 */

#include "crm_cli_remote.h"
#include "crm_cli_print.h"
#include "crm_cli_server.h"


static crm_cli_exit_t remote_org(crm_cli_t *cli, const char *org);
static crm_cli_exit_t remote_misshapen(crm_cli_t *cli);
static json_t *remote_body(const crm_cli_publish_t *publish);
static void json_end(void *data);


crm_cli_exit_t
crm_cli_remote_live(crm_cli_live_t *live, crm_cli_t *cli)
{
    json_t          *answer, *bundle;
    crm_str_t        epoch;
    const char      *sha256;
    crm_cli_exit_t   rc;

    memset(live, 0, sizeof(crm_cli_live_t));

    rc = crm_cli_server(&answer, cli, "GET", CRM_STR("rules"), NULL);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (answer == NULL
        || crm_pool_on_destroy(cli->pool, json_end, answer) != CRM_OK)
    {
        return answer ? crm_cli_no_memory() : remote_misshapen(cli);
    }

    bundle = json_object_get(answer, "bundle");
    live->revision = json_integer_value(json_object_get(answer, "revision"));
    live->now_ms = json_integer_value(json_object_get(answer, "now"));

    if (!crm_cli_revision_is_bundle(bundle) || live->revision <= 0) {
        return remote_misshapen(cli);
    }

    live->bundle = bundle;
    sha256 = json_string_value(json_object_get(json_object_get(answer,
                                               "note"), "sha256"));
    if (sha256 && strlen(sha256) == CRM_CLI_SHA256_LEN) {
        memcpy(live->sha256, sha256, CRM_CLI_SHA256_LEN + 1);
    }

    live->epoch = json_string_value(json_object_get(answer, "epoch"));
    epoch = crm_pool_dup(cli->pool, crm_strz(live->epoch ? live->epoch : ""));
    live->epoch = epoch.data;

    return epoch.data ? remote_org(cli, json_string_value(
                                            json_object_get(answer, "org")))
                      : crm_cli_no_memory();
}


static crm_cli_exit_t
remote_org(crm_cli_t *cli, const char *org)
{
    if (org == NULL) {
        return remote_misshapen(cli);
    }

    if (cli->opts.org == NULL) {
        cli->opts.org = org;
        return CRM_CLI_OK;
    }

    if (strcmp(cli->opts.org, org) != 0) {
        crm_cli_complain("%s serves the organisation \"%s\", not \"%s\"",
                         cli->opts.server, org, cli->opts.org);
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
remote_misshapen(crm_cli_t *cli)
{
    crm_cli_complain("%s answers, but not as crm_api does: is that the"
                     " location?", cli->opts.server);

    return CRM_CLI_FAILED;
}


crm_cli_exit_t
crm_cli_remote_publish(crm_cli_publish_t *publish, crm_cli_t *cli)
{
    json_t          *body, *answer;
    unsigned         status;
    crm_cli_live_t   live;
    crm_cli_exit_t   rc;

    publish->moved = 0;
    publish->in_doubt = 0;

    if (cli->opts.author) {
        crm_cli_complain("--author is for who writes to Redis: with --server"
                         " the token says who it is");
        return CRM_CLI_USAGE;
    }

    body = remote_body(publish);
    if (body == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_cli_server_ask(&answer, &status, cli, "PUT", CRM_STR("rules"),
                            body);
    json_decref(body);

    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (status == 409) {
        json_decref(answer);
        rc = crm_cli_remote_live(&live, cli);
        publish->moved = rc == CRM_CLI_OK;
        publish->revision = live.revision;
        return rc;
    }

    if (status != 200) {
        crm_cli_complain("the rules could not be stored");
        crm_cli_server_refused(cli, status, answer);
        json_decref(answer);
        return CRM_CLI_FAILED;
    }

    publish->revision = json_integer_value(json_object_get(answer,
                                                           "revision"));
    json_decref(answer);

    return publish->revision > 0 ? CRM_CLI_OK : remote_misshapen(cli);
}


static json_t *
remote_body(const crm_cli_publish_t *publish)
{
    json_t  *body;

    body = json_pack("{s:I, s:O}", "expected", (json_int_t) publish->expected,
                     "bundle", publish->bundle);

    if (body
        && ((publish->message && publish->message[0]
             && json_object_set_new(body, "message",
                                    json_string(publish->message)) != 0)
            || (publish->managed_by
                && json_object_set_new(body, "managed_by",
                                       json_string(publish->managed_by))
                   != 0)))
    {
        json_decref(body);
        return NULL;
    }

    return body;
}


crm_cli_exit_t
crm_cli_remote_processes(crm_cli_processes_t *processes, long long gone_ms,
    crm_cli_t *cli)
{
    json_t          *answer;
    crm_status_t     rc;
    crm_cli_exit_t   done;

    memset(processes, 0, sizeof(crm_cli_processes_t));

    done = crm_cli_server(&answer, cli, "GET", CRM_STR("processes"), NULL);
    if (done != CRM_CLI_OK) {
        return done;
    }

    processes->now_ms = json_integer_value(json_object_get(answer, "now"));

    rc = crm_cli_live_processes_of(processes,
                                   json_object_get(answer, "processes"),
                                   gone_ms, cli->pool);
    json_decref(answer);

    return rc == CRM_OK ? CRM_CLI_OK : crm_cli_no_memory();
}


crm_status_t
crm_cli_remote_zone(json_t *bundle, const json_t *live)
{
    json_t  *mine, *theirs;

    mine = json_object_get(bundle, "time_zone");
    theirs = json_object_get(live, "time_zone");

    if (mine == NULL || theirs == NULL
        || !json_equal(json_object_get(mine, "name"),
                       json_object_get(theirs, "name")))
    {
        return CRM_OK;
    }

    return json_object_set(bundle, "time_zone", theirs) == 0 ? CRM_OK
                                                             : CRM_ENOMEM;
}


static void
json_end(void *data)
{
    json_decref(data);
}
