/*
 * Commands to Redis. The order of keys and arguments is each script's own: it
 * stands at the head of scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "base/crm_buf.h"

#include <limits.h>


#define CMD_REAP_MAX        100
#define CMD_PROMOTE_MAX     100
#define CMD_DELIVERIES_MAX  5


/* A command being written: any failure sticks until args_end(). */
typedef struct {
    crm_pool_t  *pool;
    crm_cmd_t   *cmd;
    size_t       cap;
    int          failed;
} cmd_args_t;


static crm_str_t  cmd_record_list(crm_pool_t *pool,
    const crm_record_name_t *records, size_t n);
static void  cmd_commit_keys(cmd_args_t *args, const crm_cmd_commit_t *in);
static void  cmd_commit_args(cmd_args_t *args, const crm_cmd_commit_t *in);
static void  cmd_job_start(cmd_args_t *args, crm_pool_t *pool,
    crm_script_id_t id, crm_str_t org, size_t n_keys, size_t n_args);

static void  args_alloc(cmd_args_t *args, crm_pool_t *pool, size_t n);
static void  args_start(cmd_args_t *args, crm_pool_t *pool,
    crm_script_id_t id, size_t n_keys, size_t n_args);
static void  args_key(cmd_args_t *args, crm_str_t key);
static void  args_str(cmd_args_t *args, crm_str_t s);
static void  args_int(cmd_args_t *args, long long n);
static crm_cmd_t  *args_end(cmd_args_t *args);


crm_cmd_t *
crm_cmd_plain(crm_pool_t *pool, const crm_str_t *args, size_t n)
{
    size_t      i;
    cmd_args_t  out;

    args_alloc(&out, pool, n);

    for (i = 0; i < n; i++) {
        args_str(&out, args[i]);
    }

    return args_end(&out);
}


crm_cmd_t *
crm_cmd_eval(crm_pool_t *pool, const crm_cmd_t *cmd)
{
    int         i;
    cmd_args_t  out;

    args_alloc(&out, pool, (size_t) cmd->argc);
    args_str(&out, CRM_STR("EVAL"));
    args_str(&out, crm_str(cmd->script->source, cmd->script->source_len));

    for (i = 2; i < cmd->argc; i++) {
        args_str(&out, crm_str(cmd->argv[i], cmd->argvlen[i]));
    }

    return args_end(&out);
}


crm_cmd_t *
crm_cmd_begin(crm_pool_t *pool, const crm_cmd_begin_t *in)
{
    size_t      i;
    cmd_args_t  args;

    args_start(&args, pool, CRM_SCRIPT_BEGIN, 4 + 2 * in->n_records, 6);

    args_key(&args, crm_key_epoch(pool, in->org));
    args_key(&args, crm_key_intents(pool, in->org));
    args_key(&args, crm_key_intent(pool, in->org, in->event));
    args_key(&args, crm_key_settled(pool, in->org, in->event));
    for (i = 0; i < in->n_records; i++) {
        args_key(&args, crm_key_busy(pool, in->org, in->records[i]));
        args_key(&args, crm_key_record(pool, in->org, in->records[i]));
    }

    args_str(&args, in->event);
    args_str(&args, in->epoch);
    args_int(&args, in->lease_ttl_ms);
    args_key(&args, cmd_record_list(pool, in->records, in->n_records));
    args_str(&args, in->doc);
    args_int(&args, (long long) in->n_records);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_prepare(crm_pool_t *pool, const crm_cmd_prepare_t *in)
{
    size_t      i;
    cmd_args_t  args;

    args_start(&args, pool, CRM_SCRIPT_PREPARE, 3 + in->n_records, 4);

    args_key(&args, crm_key_intents(pool, in->org));
    args_key(&args, crm_key_intent(pool, in->org, in->event));
    args_key(&args, crm_key_settled(pool, in->org, in->event));
    for (i = 0; i < in->n_records; i++) {
        args_key(&args, crm_key_busy(pool, in->org, in->records[i]));
    }

    args_str(&args, in->event);
    args_str(&args, in->doc);
    args_int(&args, in->lease_ttl_ms);
    args_int(&args, (long long) in->n_records);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_commit(crm_pool_t *pool, const crm_cmd_commit_t *in)
{
    size_t      i, n_args;
    cmd_args_t  args;

    n_args = 4 + 3 * in->n_jobs + 2 * in->n_records;
    for (i = 0; i < in->n_records; i++) {
        n_args += 3 * in->records[i].n_changes;
    }

    args_start(&args, pool, CRM_SCRIPT_COMMIT,
               5 + CRM_QUEUE_COUNT + 2 * in->n_records, n_args);
    cmd_commit_keys(&args, in);
    cmd_commit_args(&args, in);

    return args_end(&args);
}


static void
cmd_commit_keys(cmd_args_t *args, const crm_cmd_commit_t *in)
{
    int          queue;
    size_t       i;
    crm_pool_t  *pool;

    pool = args->pool;

    args_key(args, crm_key_intents(pool, in->org));
    args_key(args, crm_key_intent(pool, in->org, in->event));
    args_key(args, crm_key_settled(pool, in->org, in->event));
    args_key(args, crm_key_own(pool, in->org));
    args_key(args, crm_key_trace(pool, in->org));

    for (queue = 0; queue < CRM_QUEUE_COUNT; queue++) {
        args_key(args, crm_key_queue(pool, in->org, (crm_queue_t) queue));
    }

    for (i = 0; i < in->n_records; i++) {
        args_key(args, crm_key_busy(pool, in->org, in->records[i].name));
        args_key(args, crm_key_record(pool, in->org, in->records[i].name));
    }
}


static void
cmd_commit_args(cmd_args_t *args, const crm_cmd_commit_t *in)
{
    static const char  *ops[] = { "set", "del", "drop" };

    size_t                    i, j;
    const crm_cmd_change_t   *change;
    const crm_cmd_outcome_t  *record;

    args_str(args, in->event);
    args_str(args, in->trace);

    args_int(args, (long long) in->n_jobs);
    for (i = 0; i < in->n_jobs; i++) {
        args_int(args, (long long) in->jobs[i].queue + 1);
        args_str(args, in->jobs[i].id);
        args_str(args, in->jobs[i].json);
    }

    args_int(args, (long long) in->n_records);
    for (i = 0; i < in->n_records; i++) {
        record = &in->records[i];

        args_int(args, record->created ? 1 : 0);
        args_int(args, (long long) record->n_changes);
        for (j = 0; j < record->n_changes; j++) {
            change = &record->changes[j];

            args_str(args, crm_strz(ops[change->op]));
            args_str(args, change->field);
            args_str(args, change->value);
        }
    }
}


crm_cmd_t *
crm_cmd_trace(crm_pool_t *pool, crm_str_t org, crm_str_t doc)
{
    crm_str_t  args[8];

    args[0] = CRM_STR("XADD");
    args[1] = crm_key_trace(pool, org);
    args[2] = CRM_STR("MAXLEN");
    args[3] = CRM_STR("~");
    args[4] = CRM_STR("10000");
    args[5] = CRM_STR("*");
    args[6] = CRM_STR("doc");
    args[7] = doc;

    return args[1].data ? crm_cmd_plain(pool, args, 8) : NULL;
}


crm_cmd_t *
crm_cmd_abort(crm_pool_t *pool, const crm_cmd_abort_t *in)
{
    size_t      i;
    cmd_args_t  args;

    args_start(&args, pool, CRM_SCRIPT_ABORT, 3 + in->n_records, 2);

    args_key(&args, crm_key_intents(pool, in->org));
    args_key(&args, crm_key_intent(pool, in->org, in->event));
    args_key(&args, crm_key_settled(pool, in->org, in->event));
    for (i = 0; i < in->n_records; i++) {
        args_key(&args, crm_key_busy(pool, in->org, in->records[i]));
    }

    args_str(&args, in->event);
    args_int(&args, (long long) in->n_records);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_rules(crm_pool_t *pool, crm_str_t org, crm_str_t process,
    crm_str_t doc)
{
    cmd_args_t  args;

    args_start(&args, pool, CRM_SCRIPT_RULES, 4, 2);

    args_key(&args, crm_key_epoch(pool, org));
    args_key(&args, crm_key_revision(pool, org));
    args_key(&args, crm_key_processes(pool, org));
    args_key(&args, crm_key_intents(pool, org));

    args_str(&args, process);
    args_str(&args, doc);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_publish(crm_pool_t *pool, const crm_cmd_publish_t *in)
{
    cmd_args_t  args;

    args_start(&args, pool, CRM_SCRIPT_PUBLISH, 4, 5);

    args_key(&args, crm_key_revision(pool, in->org));
    args_key(&args, crm_key_revisions(pool, in->org));
    args_key(&args, crm_key_epoch(pool, in->org));
    args_key(&args, crm_key_rules(pool, in->org, in->expected + 1));

    args_int(&args, in->expected);
    args_int(&args, in->expected + 1);
    args_str(&args, in->bundle);
    args_str(&args, in->meta);
    args_str(&args, in->epoch);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_take(crm_pool_t *pool, const crm_cmd_take_t *in)
{
    size_t      i;
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_TAKE, in->org, 2 + in->n_classes,
                  4 + in->n_classes);

    args_key(&args, crm_key_own(pool, in->org));
    args_key(&args, crm_key_turn(pool, in->org));
    for (i = 0; i < in->n_classes; i++) {
        args_key(&args, crm_key_queue(pool, in->org, in->classes[i]));
    }

    args_int(&args, in->max_jobs);
    args_int(&args, in->max_move);
    args_int(&args, in->lease_ttl_ms);
    args_int(&args, in->endpoint_limit);
    for (i = 0; i < in->n_classes; i++) {
        args_str(&args, crm_strz(crm_queue_name(in->classes[i])));
    }

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_renew(crm_pool_t *pool, crm_str_t org, const crm_lease_t *leases,
    size_t n, long long lease_ttl_ms)
{
    size_t      i;
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_RENEW, org, 0, 1 + 2 * n);

    args_int(&args, lease_ttl_ms);
    for (i = 0; i < n; i++) {
        args_str(&args, leases[i].id);
        args_int(&args, leases[i].fence);
    }

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_done(crm_pool_t *pool, crm_str_t org, crm_lease_t lease)
{
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_DONE, org, 0, 2);
    args_str(&args, lease.id);
    args_int(&args, lease.fence);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_retry(crm_pool_t *pool, const crm_cmd_retry_t *in)
{
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_RETRY, in->org, 0, 6);
    args_str(&args, in->lease.id);
    args_int(&args, in->lease.fence);
    args_int(&args, in->delay_ms);
    args_int(&args, in->attempts);
    args_str(&args, in->body);
    args_str(&args, in->error);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_dead(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    long long attempts, crm_str_t reason)
{
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_DEAD, org, 0, 4);
    args_str(&args, lease.id);
    args_int(&args, lease.fence);
    args_int(&args, attempts);
    args_str(&args, reason);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_reap(crm_pool_t *pool, crm_str_t org)
{
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_REAP, org, 0, 2);
    args_int(&args, CMD_REAP_MAX);
    args_int(&args, CMD_DELIVERIES_MAX);

    return args_end(&args);
}


crm_cmd_t *
crm_cmd_promote(crm_pool_t *pool, crm_str_t org)
{
    cmd_args_t  args;

    cmd_job_start(&args, pool, CRM_SCRIPT_PROMOTE, org, 0, 1);
    args_int(&args, CMD_PROMOTE_MAX);

    return args_end(&args);
}


/* What each of the worker's scripts begins with: scripts/lib/job.lua. */
static void
cmd_job_start(cmd_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    crm_str_t org, size_t n_keys, size_t n_args)
{
    args_start(args, pool, id, 4 + n_keys, n_args);

    args_key(args, crm_key_lease(pool, org));
    args_key(args, crm_key_delayed(pool, org));
    args_key(args, crm_key_dead(pool, org));
    args_key(args, crm_key_inflight(pool, org));
}


/* ["MODULE/ID", …], for recovery. */
static crm_str_t
cmd_record_list(crm_pool_t *pool, const crm_record_name_t *records, size_t n)
{
    size_t     i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '[');

    for (i = 0; i < n; i++) {
        crm_buf_puts(&buf, i ? ",\"" : "\"");
        crm_buf_json_text(&buf, records[i].module);
        crm_buf_putc(&buf, '/');
        crm_buf_json_text(&buf, records[i].id);
        crm_buf_putc(&buf, '"');
    }

    crm_buf_putc(&buf, ']');

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}


static void
args_alloc(cmd_args_t *args, crm_pool_t *pool, size_t n)
{
    crm_cmd_t  *cmd;

    args->pool = pool;
    args->cap = n;
    args->failed = 1;
    args->cmd = NULL;

    if (n > INT_MAX) {
        return;
    }

    cmd = crm_pool_calloc(pool, 1, sizeof(crm_cmd_t));
    if (cmd == NULL) {
        return;
    }

    cmd->argv = crm_pool_calloc(pool, n, sizeof(char *));
    cmd->argvlen = crm_pool_calloc(pool, n, sizeof(size_t));
    args->cmd = cmd;
    args->failed = cmd->argv == NULL || cmd->argvlen == NULL;
}


static void
args_start(cmd_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    size_t n_keys, size_t n_args)
{
    const crm_script_t  *script;

    script = crm_script(id);

    args_alloc(args, pool, 3 + n_keys + n_args);
    args_str(args, CRM_STR("EVALSHA"));
    args_str(args, crm_strz(script->sha1));
    args_int(args, (long long) n_keys);

    if (!args->failed) {
        args->cmd->script = script;
    }
}


/* A string without data means that there was no memory for it. */
static void
args_key(cmd_args_t *args, crm_str_t key)
{
    if (key.data == NULL) {
        args->failed = 1;
        return;
    }

    args_str(args, key);
}


static void
args_str(cmd_args_t *args, crm_str_t s)
{
    crm_cmd_t  *cmd;

    cmd = args->cmd;

    if (args->failed || (size_t) cmd->argc >= args->cap) {
        args->failed = 1;
        return;
    }

    cmd->argv[cmd->argc] = s.data ? s.data : "";
    cmd->argvlen[cmd->argc] = s.len;
    cmd->argc++;
}


static void
args_int(cmd_args_t *args, long long n)
{
    crm_buf_t  text;

    crm_buf_init(&text, args->pool, 24);
    crm_buf_int(&text, n);

    if (crm_buf_status(&text) != CRM_OK) {
        args->failed = 1;
        return;
    }

    args_key(args, crm_buf_view(&text));
}


static crm_cmd_t *
args_end(cmd_args_t *args)
{
    if (args->failed || (size_t) args->cmd->argc != args->cap) {
        return NULL;
    }

    return args->cmd;
}
