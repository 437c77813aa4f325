/*
 * The command intents settle: ends a write for somebody who has looked into
 * the CRM.
 *
 * Only what recovery has given up is ended here: everything else it settles
 * itself, or its request does.
 */

#include "crm_cli_intents.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "queue/crm_intent.h"
#include "queue/crm_settling.h"
#include "rules/crm_ruleset.h"
#include "state/crm_state.h"


typedef struct {
    crm_cli_t           *cli;
    crm_store_t         *store;
    crm_str_t            org;
    crm_str_t            event_id;
    crm_str_t            doc;
    crm_str_t            names;         /* JSON list of MODULE/ID */
    crm_intents_t        intents;
    crm_settled_item_t  *items;         /* of each */
    crm_ruleset_t       *rules;
    crm_cmd_commit_t     commit;
    crm_error_t          err;
} settle_t;


static crm_cli_exit_t settle_run(settle_t *s, int committed);
static crm_cli_exit_t settle_find(settle_t *s);
static crm_cli_exit_t settle_refuse(settle_t *s, crm_str_t state);
static crm_cli_exit_t settle_drop(settle_t *s);
static crm_status_t settle_records(settle_t *s, crm_record_name_t **records,
    size_t *n);
static crm_cli_exit_t settle_commit(settle_t *s);
static crm_cli_exit_t settle_identify(settle_t *s);
static crm_status_t settle_rules(settle_t *s);
static crm_status_t settle_plan(settle_t *s);
static crm_status_t settle_event(settle_t *s, size_t i);
static crm_cli_exit_t settle_send(settle_t *s);
static crm_cli_exit_t settle_failed(settle_t *s, crm_status_t rc);
static crm_cli_exit_t settle_said(settle_t *s, const char *outcome,
    long long jobs);


crm_cli_exit_t
crm_cli_settle(crm_cli_t *cli)
{
    int              committed;
    settle_t         s;
    const char      *outcome;
    crm_cli_exit_t   rc;

    outcome = cli->opts.args[3];
    committed = strcmp(outcome, "committed") == 0;

    if (!committed && strcmp(outcome, "dropped") != 0) {
        crm_cli_complain("an event is settled as committed or dropped, not "
                         "\"%s\"", outcome);
        return CRM_CLI_USAGE;
    }

    if (!committed && cli->opts.id) {
        crm_cli_complain("--id names a record that was created: it goes with "
                         "committed");
        return CRM_CLI_USAGE;
    }

    memset(&s, 0, sizeof(settle_t));
    s.cli = cli;
    s.org = crm_strz(cli->opts.org);
    s.event_id = crm_strz(cli->opts.args[2]);

    s.store = crm_cli_live_open(cli);
    if (s.store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = settle_run(&s, committed);

    if (s.rules) {
        crm_ruleset_release(s.rules);
    }

    return rc;
}


static crm_cli_exit_t
settle_run(settle_t *s, int committed)
{
    crm_cli_exit_t  rc;

    rc = settle_find(s);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    return committed ? settle_commit(s) : settle_drop(s);
}


static crm_cli_exit_t
settle_find(settle_t *s)
{
    crm_str_t      key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    key = crm_key_intent(s->cli->pool, s->org, s->event_id);
    if (key.data == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_store_command(s->store, s->cli->pool, &reply, &s->err, 5,
                           CRM_STR("HMGET"), key, CRM_STR("state"),
                           CRM_STR("doc"), CRM_STR("records"));
    if (rc != CRM_OK) {
        return settle_failed(s, rc);
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 3) {
        crm_cli_complain("%s holds no intent", key.data);
        return CRM_CLI_FAILED;
    }

    s->doc = reply->elements[1].str;
    s->names = reply->elements[2].str;

    return crm_str_is(reply->elements[0].str, "undetermined")
           ? CRM_CLI_OK : settle_refuse(s, reply->elements[0].str);
}


/* The event is not for people to settle: says why. */

static crm_cli_exit_t
settle_refuse(settle_t *s, crm_str_t state)
{
    crm_str_t      key, text;
    crm_reply_t   *reply;
    crm_status_t   rc;

    if (state.len) {
        crm_cli_complain("event %s is %.*s, not undetermined: its request is "
                         "under way, or crm-worker settles it",
                         s->event_id.data, (int) state.len, state.data);
        return CRM_CLI_FAILED;
    }

    key = crm_key_settled(s->cli->pool, s->org, s->event_id);
    if (key.data == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_store_command(s->store, s->cli->pool, &reply, &s->err, 2,
                           CRM_STR("GET"), key);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, s->cli->pool, &s->err);
    }

    if (rc == CRM_OK) {
        crm_cli_complain("event %s has ended: %.*s", s->event_id.data,
                         (int) text.len, text.data);
        return CRM_CLI_FAILED;
    }

    if (rc == CRM_DECLINED) {
        crm_cli_complain("there is no event %s: \"crmctl intents ls\" lists "
                         "those that have not ended", s->event_id.data);
        return CRM_CLI_FAILED;
    }

    return settle_failed(s, rc);
}


/* Its records are free since it was given up; what it may have marked on them
 * goes. */

static crm_cli_exit_t
settle_drop(settle_t *s)
{
    crm_cmd_t            *cmd;
    crm_reply_t          *reply;
    crm_status_t          rc;
    crm_cmd_abort_t       in;
    crm_record_name_t    *records;
    crm_abort_status_t    status;

    memset(&in, 0, sizeof(crm_cmd_abort_t));
    in.org = s->org;
    in.event = s->event_id;

    if (settle_records(s, &records, &in.n_records) != CRM_OK) {
        return crm_cli_no_memory();
    }

    in.records = records;

    cmd = crm_cmd_abort(s->cli->pool, &in);
    if (cmd == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_store_run(s->store, cmd, s->cli->pool, &reply, &s->err);
    if (rc == CRM_OK) {
        rc = crm_state_abort(&status, reply, &s->err);
    }

    if (rc != CRM_OK) {
        return settle_failed(s, rc);
    }

    if (status == CRM_ABORT_COMMITTED) {
        crm_cli_complain("event %s has ended: committed", s->event_id.data);
        return CRM_CLI_FAILED;
    }

    return settle_said(s, "dropped", 0);
}


/* What is no MODULE/ID, by whatever hand, is none of its records. */

static crm_status_t
settle_records(settle_t *s, crm_record_name_t **records, size_t *n)
{
    size_t        i;
    json_t       *list, *name;
    crm_str_t     text;
    const char   *slash;

    *n = 0;
    list = json_loadb(s->names.data, s->names.len, 0, NULL);

    *records = crm_pool_calloc(s->cli->pool, json_array_size(list) + 1,
                               sizeof(crm_record_name_t));
    if (*records == NULL) {
        json_decref(list);
        return CRM_ENOMEM;
    }

    json_array_foreach(list, i, name) {
        text = crm_strz(json_is_string(name) ? json_string_value(name) : "");
        slash = memchr(text.data, '/', text.len);

        if (slash == NULL) {
            continue;
        }

        text = crm_pool_dup(s->cli->pool, text);
        if (text.data == NULL) {
            json_decref(list);
            return CRM_ENOMEM;
        }

        slash = memchr(text.data, '/', text.len);
        (*records)[*n].module = crm_str(text.data,
                                        (size_t) (slash - text.data));
        (*records)[*n].id = crm_str(slash + 1,
                                    text.len - (*records)[*n].module.len - 1);
        (*n)++;
    }

    json_decref(list);

    return CRM_OK;
}


static crm_cli_exit_t
settle_commit(settle_t *s)
{
    crm_status_t    rc;
    crm_cli_exit_t  done;

    rc = crm_intent_parse(&s->intents, s->doc, s->cli->pool, &s->err);

    if (rc != CRM_OK && rc != CRM_ENOMEM) {
        crm_cli_complain("what follows from event %s is not known, its intent "
                         "cannot be read: %s; it can only be dropped",
                         s->event_id.data, s->err.text);
        return CRM_CLI_FAILED;
    }

    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    done = settle_identify(s);
    if (done != CRM_CLI_OK) {
        return done;
    }

    rc = settle_rules(s);

    if (rc == CRM_OK) {
        rc = settle_plan(s);
    }

    return rc == CRM_OK ? settle_send(s) : settle_failed(s, rc);
}


static crm_cli_exit_t
settle_identify(settle_t *s)
{
    size_t               i;
    const char          *id;
    const crm_intent_t  *intent;

    id = s->cli->opts.id;
    intent = &s->intents.items[0];

    s->items = crm_pool_calloc(s->cli->pool, s->intents.count,
                               sizeof(crm_settled_item_t));
    if (s->items == NULL) {
        return crm_cli_no_memory();
    }

    for (i = 0; i < s->intents.count; i++) {
        s->items[i].record_id = s->intents.items[i].record_id;

        if (s->intents.count > 1 && s->items[i].record_id.len == 0) {
            crm_cli_complain("event %s has created several records of %.*s "
                             "at once: which is which cannot be said, it can "
                             "only be dropped", s->event_id.data,
                             (int) intent->module.len, intent->module.data);
            return CRM_CLI_FAILED;
        }
    }

    if (intent->operation == CRM_OP_CREATE) {
        if (id == NULL) {
            crm_cli_complain("event %s has created a record of %.*s: say "
                             "which one with --id ID", s->event_id.data,
                             (int) intent->module.len, intent->module.data);
            return CRM_CLI_USAGE;
        }

        s->items[0].record_id = crm_strz(id);
        return CRM_CLI_OK;
    }

    if (id && (s->intents.count > 1
               || !crm_str_is(intent->record_id, id)))
    {
        crm_cli_complain("event %s is about the record %.*s, not %s: --id "
                         "names one that was created", s->event_id.data,
                         (int) intent->record_id.len,
                         intent->record_id.data, id);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


/* The rules that judged it, which may not be those of today. */

static crm_status_t
settle_rules(settle_t *s)
{
    json_t          *bundle;
    crm_str_t        key, text;
    long long        revision;
    crm_reply_t     *reply;
    crm_status_t     rc;
    crm_findings_t   findings;

    revision = s->intents.items[0].revision;
    key = crm_key_rules(s->cli->pool, s->org, revision);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(s->store, s->cli->pool, &reply, &s->err, 2,
                           CRM_STR("GET"), key);
    if (rc == CRM_OK) {
        rc = crm_reply_text(&text, reply, s->cli->pool, &s->err);
    }

    if (rc == CRM_DECLINED) {
        return crm_error_set(&s->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the rules that judged it, revision %lld, are "
                             "not in Redis any more", revision);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    bundle = json_loadb(text.data, text.len, 0, NULL);

    crm_findings_init(&findings, s->cli->pool);
    s->rules = bundle ? crm_ruleset_create(bundle, revision,
                                           crm_host_malloc(), &findings)
                      : NULL;
    json_decref(bundle);

    if (s->rules) {
        (void) crm_intents_dialect(&s->intents, s->rules);
    }

    return s->rules ? CRM_OK
           : crm_error_set(&s->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "the rules that judged it, revision %lld, do not "
                           "compile", revision);
}


/* What recovery would do: crm_intent_restore() and what follows. Its leases
 * are long gone, so its marks stay as later writes left them, and with them
 * what its request had marked before it asked the CRM. */

static crm_status_t
settle_plan(settle_t *s)
{
    size_t           i;
    crm_status_t     rc;
    crm_settling_t   settling;

    for (i = 0; i < s->intents.count; i++) {
        rc = settle_event(s, i);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    memset(&settling, 0, sizeof(crm_settling_t));
    settling.items = s->items;
    settling.count = s->intents.count;

    return crm_settling_commit(&settling, &s->commit, s->cli->pool);
}


static crm_status_t
settle_event(settle_t *s, size_t i)
{
    crm_event_t          *event;
    crm_write_t          *write;
    crm_status_t          rc;
    crm_intent_since_t    since;

    memset(&since, 0, sizeof(crm_intent_since_t));
    since.lapsed = 1;

    event = crm_pool_alloc(s->cli->pool, sizeof(crm_event_t));
    write = crm_pool_alloc(s->cli->pool, sizeof(crm_write_t));
    if (event == NULL || write == NULL) {
        return CRM_ENOMEM;
    }

    s->items[i].event = event;

    rc = crm_intent_restore(event, write, &s->intents.items[i], s->rules,
                            &since, s->cli->pool, &s->err);

    return rc == CRM_OK && write->operation != CRM_OP_CREATE
           ? crm_event_finish(event, s->items[i].record_id) : rc;
}


static crm_cli_exit_t
settle_send(settle_t *s)
{
    crm_cmd_t     *cmd;
    crm_commit_t   commit;
    crm_reply_t   *reply;
    crm_status_t   rc;

    s->commit.org = s->org;
    s->commit.event = s->event_id;

    cmd = crm_cmd_commit(s->cli->pool, &s->commit);
    if (cmd == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_store_run(s->store, cmd, s->cli->pool, &reply, &s->err);
    if (rc == CRM_OK) {
        rc = crm_state_commit(&commit, reply, &s->err);
    }

    if (rc != CRM_OK) {
        return settle_failed(s, rc);
    }

    if (commit.status == CRM_COMMIT_DONE) {
        crm_cli_complain("event %s has ended: committed", s->event_id.data);
        return CRM_CLI_FAILED;
    }

    return settle_said(s, "committed", commit.pushed);
}


static crm_cli_exit_t
settle_failed(settle_t *s, crm_status_t rc)
{
    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    crm_cli_complain("event %s was not settled: %s", s->event_id.data,
                     s->err.text);

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
settle_said(settle_t *s, const char *outcome, long long jobs)
{
    int      rc;
    json_t  *value;

    if (!s->cli->opts.json) {
        printf("event %s is settled: %s, %lld job%s\n", s->event_id.data,
               outcome, jobs, jobs == 1 ? "" : "s");
        return CRM_CLI_OK;
    }

    value = json_pack("{s:o, s:s, s:I}",
                      "event", crm_cli_json_text(s->event_id.data),
                      "settled", outcome, "jobs", (json_int_t) jobs);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}
