/*
 * The command locks: who has locked which records by hand, which of them rules
 * have marked; and what an operator takes away.
 */

#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "crm_cli_records.h"
#include "crm_cli_server.h"
#include "base/crm_buf.h"
#include "base/crm_time.h"
#include "base/crm_ulid.h"
#include "state/crm_holds.h"
#include "state/crm_state.h"

#include <openssl/rand.h>


#define LOCKS_MAX_LISTED  10000

typedef struct {
    crm_cli_t  *cli;
    json_t     *list;
    int         more;               /* than are listed */
    int         failed;             /* no memory */
    crm_str_t   manual;             /* of the last record, as it stands */
} locks_t;


static crm_cli_exit_t locks_list(crm_cli_t *cli);
static crm_cli_exit_t locks_list_server(locks_t *l, crm_record_name_t record);
static crm_cli_exit_t locks_list_here(locks_t *l, crm_record_name_t record);
static int locks_visit(void *data, crm_record_name_t record,
    const crm_reply_t *values);
static void locks_add(locks_t *l, crm_record_name_t record,
    const char *source, const char *rule, const json_t *lock);
static json_t *locks_json(const crm_reply_t *value);
static crm_cli_exit_t locks_print(const locks_t *l);
static json_t *locks_value(const json_t *value);
static crm_cli_exit_t locks_release(crm_cli_t *cli);
static crm_cli_exit_t locks_release_here(locks_t *l,
    crm_record_name_t record);
static crm_str_t locks_trace(locks_t *l, crm_record_name_t record,
    long long now_ms);


static const crm_str_t  fields[] = {
    CRM_STR("manual"), CRM_STR(CRM_STATE_LOCK), CRM_STR(CRM_STATE_LOCK_BY)
};


crm_cli_exit_t
crm_cli_locks(crm_cli_t *cli)
{
    const char                *what, *near;
    static const char *const   words[] = { "ls", "release", NULL };

    what = cli->opts.args[1];

    if (strcmp(what, "ls") == 0) {
        return locks_list(cli);
    }

    if (strcmp(what, "release") == 0 && cli->opts.nargs == 3) {
        return locks_release(cli);
    }

    if (strcmp(what, "release") == 0) {
        crm_cli_complain("write: crmctl locks release MODULE/ID");
        return CRM_CLI_USAGE;
    }

    near = crm_cli_nearest(what, words);
    crm_cli_complain("locks takes ls or release, not \"%s\"%s%s%s", what,
                     near ? ": did you mean " : "", near ? near : "",
                     near ? "?" : "");

    return CRM_CLI_USAGE;
}


static crm_cli_exit_t
locks_list(crm_cli_t *cli)
{
    locks_t             l;
    crm_cli_exit_t      rc;
    crm_record_name_t   record;

    memset(&l, 0, sizeof(locks_t));
    memset(&record, 0, sizeof(crm_record_name_t));
    l.cli = cli;

    if (cli->opts.nargs == 3) {
        rc = crm_cli_server_record(&record.module, &record.id, "locks ls",
                                   cli->opts.args[2]);
        if (rc != CRM_CLI_OK) {
            return rc;
        }

    } else if (cli->opts.server) {
        crm_cli_complain("nginx tells of one record at a time: crmctl locks"
                         " ls MODULE/ID --server URL; all of them are listed"
                         " with --redis");
        return CRM_CLI_USAGE;
    }

    l.list = json_array();
    if (l.list == NULL) {
        return crm_cli_no_memory();
    }

    rc = cli->opts.server ? locks_list_server(&l, record)
         : locks_list_here(&l, record);
    if (rc == CRM_CLI_OK) {
        rc = locks_print(&l);
    }

    json_decref(l.list);

    return rc;
}


static crm_cli_exit_t
locks_list_server(locks_t *l, crm_record_name_t record)
{
    json_t          *answer;
    crm_str_t        path;
    const char      *source, *rule;
    crm_cli_exit_t   rc;

    path = crm_cli_server_path(l->cli, "locks", record.module, record.id);
    if (path.data == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_cli_server(&answer, l->cli, "GET", path, NULL);

    if (rc == CRM_CLI_OK && json_is_true(json_object_get(answer, "locked"))) {
        source = json_string_value(json_object_get(answer, "source"));
        rule = json_string_value(json_object_get(answer, "rule"));
        locks_add(l, record, source ? source : "", rule, answer);
    }

    json_decref(answer);

    return rc;
}


static crm_cli_exit_t
locks_list_here(locks_t *l, crm_record_name_t record)
{
    crm_error_t    err;
    crm_store_t   *store;
    crm_status_t   rc;

    store = crm_cli_live_open(l->cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = record.id.len
         ? crm_cli_record(l->cli, store, record, fields, 3, locks_visit, l,
                          &err)
         : crm_cli_records(l->cli, store, fields, 3, locks_visit, l, &err);

    if (l->failed) {
        return crm_cli_no_memory();
    }

    return rc == CRM_OK || rc == CRM_DECLINED ? CRM_CLI_OK
           : crm_cli_live_failed(rc, &err);
}


static int
locks_visit(void *data, crm_record_name_t record, const crm_reply_t *values)
{
    size_t         i;
    json_t        *manual, *marks, *by, *rule;
    locks_t       *l;

    l = data;

    if (json_array_size(l->list) >= LOCKS_MAX_LISTED) {
        l->more = 1;
        return 1;
    }

    if (values->elements[0].type == CRM_REPLY_STRING) {
        l->manual = crm_pool_dup(l->cli->pool, values->elements[0].str);
        manual = locks_json(&values->elements[0]);
        locks_add(l, record, "manual", NULL, manual);
        json_decref(manual);
    }

    marks = locks_json(&values->elements[1]);
    by = locks_json(&values->elements[2]);

    json_array_foreach(marks, i, rule) {
        locks_add(l, record, "automatic", json_string_value(rule), by);
    }

    json_decref(marks);
    json_decref(by);

    return l->failed;
}


/* New, or NULL: there is none that can be read. */
static json_t *
locks_json(const crm_reply_t *value)
{
    return value->type == CRM_REPLY_STRING
           ? json_loadb(value->str.data, value->str.len, 0, NULL) : NULL;
}


static void
locks_add(locks_t *l, crm_record_name_t record, const char *source,
    const char *rule, const json_t *lock)
{
    size_t       i;
    json_t      *item, *value;
    char        *module, *id;

    static const char *const  names[] = { "reason", "by", "at", "event" };

    module = (char *) crm_pool_dup(l->cli->pool, record.module).data;
    id = (char *) crm_pool_dup(l->cli->pool, record.id).data;
    item = module && id ? json_pack("{s:o, s:o, s:s, s:o}",
                                    "module", crm_cli_json_text(module),
                                    "id", crm_cli_json_text(id),
                                    "source", source,
                                    "rule", rule ? crm_cli_json_text(rule)
                                                 : json_null()) : NULL;

    for (i = 0; item && i < sizeof(names) / sizeof(names[0]); i++) {
        value = locks_value(json_object_get(lock, names[i]));

        if (json_object_set_new(item, names[i], value) != 0) {
            l->failed = 1;
        }
    }

    if (item == NULL || json_array_append_new(l->list, item) != 0) {
        l->failed = 1;
    }
}


static crm_cli_exit_t
locks_print(const locks_t *l)
{
    size_t            i;
    json_t           *lock, *doc;
    const char       *rule, *by, *at, *reason, *record;
    crm_cli_exit_t    rc;
    crm_cli_table_t   table;

    if (l->cli->opts.json) {
        doc = json_pack("{s:O, s:b}", "locks", l->list, "more", l->more);
        rc = doc && crm_cli_print_json(doc, stdout) == 0 ? CRM_CLI_OK
             : crm_cli_no_memory();
        json_decref(doc);
        return rc;
    }

    crm_cli_table_init(&table, l->cli->pool, 5);
    crm_cli_table_row(&table, "RECORD", "LOCKED", "SINCE", "BY", "REASON");

    json_array_foreach(l->list, i, lock) {
        rule = json_string_value(json_object_get(lock, "rule"));
        by = json_string_value(json_object_get(lock, "by"));
        at = json_string_value(json_object_get(lock, "at"));
        reason = json_string_value(json_object_get(lock, "reason"));
        record = crm_pool_printf(l->cli->pool, "%s/%s",
                     json_string_value(json_object_get(lock, "module")),
                     json_string_value(json_object_get(lock, "id"))).data;

        crm_cli_table_row(&table, record ? record : "?",
                          json_string_value(json_object_get(lock, "source")),
                          at ? at : "",
                          rule ? rule : by ? by : "", reason ? reason : "");
    }

    if (json_array_size(l->list)) {
        crm_cli_table_print(&table, stdout);
    } else {
        printf("nothing is locked\n");
    }

    if (l->more) {
        printf("and more than these %d\n", LOCKS_MAX_LISTED);
    }

    return CRM_CLI_OK;
}


/* New: a time is milliseconds in Redis, and a text wherever people see it. */
static json_t *
locks_value(const json_t *value)
{
    char  at[CRM_TIME_ISO_LEN + 1];

    if (json_is_integer(value)) {
        return json_string(crm_time_iso(at, json_integer_value(value)).data);
    }

    return value ? json_incref((json_t *) value) : json_null();
}


static crm_cli_exit_t
locks_release(crm_cli_t *cli)
{
    json_t             *answer;
    locks_t             l;
    crm_str_t           path;
    crm_cli_exit_t      rc;
    crm_record_name_t   record;

    rc = crm_cli_server_record(&record.module, &record.id, "locks release",
                               cli->opts.args[2]);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    memset(&l, 0, sizeof(locks_t));
    l.cli = cli;

    if (cli->opts.server) {
        path = crm_cli_server_path(cli, "locks", record.module, record.id);
        rc = path.data ? crm_cli_server(&answer, cli, "DELETE", path, NULL)
             : crm_cli_no_memory();
        if (path.data) {
            json_decref(answer);
        }

    } else {
        l.list = json_array();
        rc = l.list ? locks_release_here(&l, record) : crm_cli_no_memory();
        json_decref(l.list);
    }

    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (cli->opts.json) {
        printf("{\"released\": true}\n");
    } else {
        printf("%s is not locked by hand any more\n", cli->opts.args[2]);
    }

    return CRM_CLI_OK;
}


/* The operator's right is access to Redis; what is taken is what was read. */
static crm_cli_exit_t
locks_release_here(locks_t *l, crm_record_name_t record)
{
    long long              now_ms;
    crm_cmd_t             *cmd;
    crm_str_t              trace;
    crm_error_t            err;
    crm_reply_t           *reply;
    crm_store_t           *store;
    crm_status_t           rc;
    crm_release_status_t   status;

    store = crm_cli_live_open(l->cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_cli_record(l->cli, store, record, fields, 1, locks_visit, l,
                        &err);
    if (rc == CRM_OK) {
        rc = crm_cli_live_now(&now_ms, store, l->cli->pool, &err);
    }
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    status = CRM_RELEASE_NONE;

    if (l->manual.data) {
        trace = locks_trace(l, record, now_ms);
        cmd = trace.data ? crm_holds_release(l->cli->pool,
                                           crm_strz(l->cli->opts.org), record,
                                           l->manual, trace) : NULL;
        rc = cmd ? crm_store_run(store, cmd, l->cli->pool, &reply, &err)
             : CRM_ENOMEM;
        if (rc == CRM_OK) {
            rc = crm_holds_released(&status, reply, &err);
        }
        if (rc != CRM_OK) {
            return crm_cli_live_failed(rc, &err);
        }
    }

    if (status == CRM_RELEASED) {
        return CRM_CLI_OK;
    }

    crm_cli_complain(status == CRM_RELEASE_NONE
                     ? "%s is not locked by hand: a lock by a rule goes when"
                       " the rule does not match any more (crmctl why %s)"
                     : "%s was locked anew meanwhile: look at it again"
                       " (crmctl why %s)", l->cli->opts.args[2],
                     l->cli->opts.args[2]);

    return CRM_CLI_FAILED;
}


static crm_str_t
locks_trace(locks_t *l, crm_record_name_t record, long long now_ms)
{
    char            at[CRM_TIME_ISO_LEN + 1], event[CRM_ULID_LEN + 1];
    crm_buf_t       buf;
    unsigned char   random[CRM_ULID_RANDOM];

    if (RAND_bytes(random, CRM_ULID_RANDOM) != 1) {
        return CRM_STR_NULL;
    }

    crm_buf_init(&buf, l->cli->pool, 0);
    crm_buf_puts(&buf, "{\"event_id\":");
    crm_buf_json(&buf, crm_ulid(event, now_ms, random));
    crm_buf_puts(&buf, ",\"ts\":");
    crm_buf_json(&buf, crm_time_iso(at, now_ms));
    crm_buf_puts(&buf, ",\"org\":");
    crm_buf_json(&buf, crm_strz(l->cli->opts.org));
    crm_buf_puts(&buf, ",\"module\":");
    crm_buf_json(&buf, record.module);
    crm_buf_puts(&buf, ",\"record_id\":");
    crm_buf_json(&buf, record.id);
    crm_buf_puts(&buf, ",\"op\":\"unlock\",\"source\":\"crmctl\",\"actor\":"
                       "{\"user\":\"operator\"},\"decision\":\"allowed\","
                       "\"lock\":");
    crm_buf_json(&buf, l->manual);
    crm_buf_putc(&buf, '}');

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf)
           : CRM_STR_NULL;
}
