/*
 * What is live: the current revision of an organisation in Redis, and the
 * nginx processes that run it.
 */

#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "state/crm_keys.h"

#include <stdlib.h>


static void store_end(void *data);
static crm_status_t process_init(crm_cli_process_t *process,
    const char *field, const json_t *value, crm_pool_t *pool);
static const char *process_dialects(const json_t *list, crm_pool_t *pool);
static int process_compare(const void *a, const void *b);


crm_store_t *
crm_cli_live_open(crm_cli_t *cli)
{
    crm_error_t    err;
    crm_store_t   *store;
    crm_status_t   rc;

    rc = crm_cli_live_connect(&store, cli, &err);
    if (rc != CRM_OK) {
        (void) crm_cli_live_failed(rc, &err);
        return NULL;
    }

    return store;
}


crm_status_t
crm_cli_live_connect(crm_store_t **store, crm_cli_t *cli, crm_error_t *err)
{
    crm_status_t       rc;
    crm_store_opts_t   opts;

    memset(&opts, 0, sizeof(crm_store_opts_t));
    opts.password_file = cli->opts.password_file;
    opts.timeout_ms = cli->opts.timeout_ms;

    rc = crm_store_open(store, crm_strz(cli->opts.redis), &opts, err);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_pool_on_destroy(cli->pool, store_end, *store);
}


static void
store_end(void *data)
{
    crm_store_close(data);
}


crm_cli_exit_t
crm_cli_live_failed(crm_status_t rc, const crm_error_t *err)
{
    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    crm_cli_complain("%s", err->text);

    return CRM_CLI_FAILED;
}


crm_status_t
crm_cli_live_read(crm_cli_live_t *live, crm_store_t *store, const char *org,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_status_t        rc;
    crm_cli_revision_t  revision;

    rc = crm_cli_live_look(live, store, org, pool, err);

    if (rc != CRM_OK || live->revision == 0) {
        return rc;
    }

    rc = crm_cli_revision_read(&revision, store, org, live->revision, pool,
                               err);

    if (rc == CRM_DECLINED) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "revision %lld is current, but its rules "
                             "(crm:{%s}:rules:%lld) are not in Redis: restore "
                             "them from a backup, or roll back to an earlier "
                             "one", live->revision, org, live->revision);
    }

    live->bundle = revision.bundle;
    memcpy(live->sha256, revision.sha256, sizeof(live->sha256));

    return rc;
}


crm_status_t
crm_cli_live_look(crm_cli_live_t *live, crm_store_t *store, const char *org,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_str_t     key, text;
    crm_reply_t  *reply;
    crm_status_t  rc;

    memset(live, 0, sizeof(crm_cli_live_t));
    live->epoch = "";

    rc = crm_cli_live_now(&live->now_ms, store, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    key = crm_key_epoch(pool, crm_strz(org));
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 2, CRM_STR("GET"), key);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, pool, err);
    }

    if (rc == CRM_OK) {
        live->epoch = crm_pool_dup(pool, text).data;
        if (live->epoch == NULL) {
            return CRM_ENOMEM;
        }

    } else if (rc != CRM_DECLINED) {
        return rc;
    }

    key = crm_key_revision(pool, crm_strz(org));
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 2, CRM_STR("GET"), key);
    if (rc == CRM_OK) {
        rc = crm_reply_integer(&live->revision, reply, err);
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


crm_cli_exit_t
crm_cli_live_revision(crm_cli_revision_t *revision, long long number,
    const crm_cli_live_t *live, crm_store_t *store, crm_cli_t *cli)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_cli_revision_read(revision, store, cli->opts.org, number,
                               cli->pool, &err);

    if (rc == CRM_OK) {
        return CRM_CLI_OK;
    }

    if (rc != CRM_DECLINED) {
        return crm_cli_live_failed(rc, &err);
    }

    if (number > live->revision) {
        crm_cli_complain("there is no revision %lld: %lld is the newest, "
                         "crmctl history lists them", number, live->revision);
    } else {
        crm_cli_complain("the rules of revision %lld are not in Redis any "
                         "more", number);
    }

    return CRM_CLI_FAILED;
}


void
crm_cli_live_check(long long number, const char *sha256, crm_store_t *store,
    crm_cli_t *cli)
{
    crm_error_t     err;
    crm_cli_note_t  note;

    if (crm_cli_revision_note(&note, store, cli->opts.org, number, cli->pool,
                              &err) == CRM_OK
        && !crm_cli_revision_is_noted(&note, sha256))
    {
        crm_cli_complain("warning: revision %lld is not what was applied "
                         "then: its digest is not the one that the history "
                         "notes", number);
    }
}


/* Nothing else is known of an organisation: perhaps it is a misspelling. */

crm_cli_exit_t
crm_cli_live_none(crm_store_t *store, crm_cli_t *cli)
{
    size_t         i;
    const char    *near, **names;
    crm_error_t    err;
    crm_reply_t   *reply;

    near = NULL;

    if (crm_store_command(store, cli->pool, &reply, &err, 2,
                          CRM_STR("SMEMBERS"), CRM_KEY_ORGS) == CRM_OK
        && reply->type == CRM_REPLY_ARRAY)
    {
        names = crm_pool_calloc(cli->pool, reply->count + 1, sizeof(char *));

        for (i = 0; names && i < reply->count; i++) {
            names[i] = reply->elements[i].str.data;
            names[i] = names[i] ? names[i] : "";
        }

        near = names ? crm_cli_nearest(cli->opts.org, names) : NULL;
    }

    crm_cli_complain("no rules were ever applied for organisation \"%s\"%s%s"
                     "%s", cli->opts.org, near ? ": did you mean \"" : "",
                     near ? near : "", near ? "\"?" : "");

    return CRM_CLI_FAILED;
}


crm_status_t
crm_cli_live_now(long long *now_ms, crm_store_t *store, crm_pool_t *pool,
    crm_error_t *err)
{
    long long      s, us;
    crm_reply_t   *reply;
    crm_status_t   rc;

    rc = crm_store_command(store, pool, &reply, err, 1, CRM_STR("TIME"));
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 2
        || crm_reply_integer(&s, &reply->elements[0], err) != CRM_OK
        || crm_reply_integer(&us, &reply->elements[1], err) != CRM_OK)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "Redis does not tell its time");
    }

    *now_ms = s * 1000 + us / 1000;

    return CRM_OK;
}


crm_status_t
crm_cli_live_processes(crm_cli_processes_t *processes, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err)
{
    return crm_cli_live_processes_since(processes, store, org,
                                        CRM_CLI_PROCESS_GONE_MS, pool, err);
}


crm_status_t
crm_cli_live_processes_since(crm_cli_processes_t *processes,
    crm_store_t *store, const char *org, long long gone_ms, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t         i;
    json_t        *docs, *doc;
    crm_str_t      key, name, text;
    crm_reply_t   *reply;
    crm_status_t   rc;

    memset(processes, 0, sizeof(crm_cli_processes_t));

    rc = crm_cli_live_now(&processes->now_ms, store, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    key = crm_key_processes(pool, crm_strz(org));
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &reply, err, 2, CRM_STR("HGETALL"),
                           key);
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s holds something else than processes",
                             key.data);
    }

    docs = json_object();
    rc = docs ? CRM_OK : CRM_ENOMEM;

    for (i = 0; rc == CRM_OK && i + 1 < reply->count; i += 2) {
        name = reply->elements[i].str;
        text = reply->elements[i + 1].str;
        doc = text.data ? json_loadb(text.data, text.len, 0, NULL) : NULL;

        /* what cannot be read is no process of ours */

        if (name.data && doc
            && json_object_set_new(docs, name.data, doc) != 0)
        {
            continue;
        }

        if (name.data == NULL) {
            json_decref(doc);
        }
    }

    if (rc == CRM_OK) {
        rc = crm_cli_live_processes_of(processes, docs, gone_ms, pool);
    }

    json_decref(docs);

    return rc;
}


crm_status_t
crm_cli_live_processes_of(crm_cli_processes_t *processes, json_t *docs,
    long long gone_ms, crm_pool_t *pool)
{
    json_t             *doc;
    const char         *name;
    crm_status_t        rc;
    crm_cli_process_t  *process;

    processes->items = crm_pool_calloc(pool, json_object_size(docs) + 1,
                                       sizeof(crm_cli_process_t));
    if (processes->items == NULL) {
        return CRM_ENOMEM;
    }

    json_object_foreach(docs, name, doc) {
        process = &processes->items[processes->count];
        rc = process_init(process, name, doc, pool);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc == CRM_OK
            && processes->now_ms - process->seen_ms <= gone_ms)
        {
            processes->count++;
        }
    }

    if (processes->count > 1) {
        qsort(processes->items, processes->count, sizeof(crm_cli_process_t),
              process_compare);
    }

    return CRM_OK;
}


/* field is "host:pid"; what cannot be read is no process of ours. */

static crm_status_t
process_init(crm_cli_process_t *process, const char *field,
    const json_t *value, crm_pool_t *pool)
{
    char          *host, *colon;
    const char    *error, *epoch;
    const json_t  *rejected;

    memset(process, 0, sizeof(crm_cli_process_t));

    host = (char *) crm_pool_dup(pool, crm_strz(field)).data;
    if (host == NULL) {
        return CRM_ENOMEM;
    }

    colon = strrchr(host, ':');

    if (colon == NULL || !json_is_object(value)) {
        return CRM_DECLINED;
    }

    *colon = '\0';
    rejected = json_object_get(value, "rejected");
    error = json_string_value(json_object_get(rejected, "error"));

    process->host = host;
    process->pid = strtoll(colon + 1, NULL, 10);
    process->revision =
        json_integer_value(json_object_get(value, "revision"));
    process->loaded_at =
        json_integer_value(json_object_get(value, "loaded_at"));
    process->seen_ms =
        (long long) json_number_value(json_object_get(value, "seen_ms"));
    process->rejected =
        json_integer_value(json_object_get(rejected, "revision"));
    process->error = crm_pool_dup(pool, crm_strz(error ? error : "")).data;

    epoch = json_string_value(json_object_get(value, "epoch"));
    process->epoch = crm_pool_dup(pool, crm_strz(epoch ? epoch : "")).data;
    process->epoch_ok = !json_is_false(json_object_get(value, "epoch_ok"));
    process->dialects = process_dialects(json_object_get(value, "dialects"),
                                         pool);

    return process->error && process->epoch && process->dialects
           ? CRM_OK : CRM_ENOMEM;
}


/* NULL without memory. */

static const char *
process_dialects(const json_t *list, crm_pool_t *pool)
{
    char       *text;
    crm_str_t   kept;

    if (!json_is_array(list)) {
        return "[]";
    }

    text = json_dumps(list, JSON_COMPACT);
    kept = text ? crm_pool_dup(pool, crm_strz(text)) : CRM_STR_NULL;
    free(text);

    return kept.data;
}


static int
process_compare(const void *a, const void *b)
{
    int                       rc;
    const crm_cli_process_t  *x = a, *y = b;

    rc = strcmp(x->host, y->host);
    if (rc) {
        return rc;
    }

    return x->pid < y->pid ? -1 : x->pid > y->pid;
}
