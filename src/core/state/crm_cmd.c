/*
 * Commands to Redis, those of a write and of the rules. The order of keys and
 * arguments is each script's own: it stands at the head of scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "base/crm_buf.h"
#include "state/crm_args.h"


/* Those that the jobs of a commit go to. */
typedef struct {
    size_t       n_waiting;                 /* jobs that need none */
    size_t       count;
    crm_queue_t  queues[CRM_QUEUE_COUNT];
    size_t       place[CRM_QUEUE_COUNT];    /* of a queue, from 1; 0: none */
} cmd_entrances_t;


static void  cmd_records(crm_args_t *args, crm_str_t org,
    const crm_record_name_t *records, size_t n);
static crm_str_t  cmd_record_list(crm_pool_t *pool,
    const crm_record_name_t *records, size_t n);
static size_t  cmd_turns_args(const crm_cmd_begin_t *in);
static void  cmd_turns(crm_args_t *args, const crm_cmd_begin_t *in);
static void  cmd_fence(crm_args_t *args, long long fence);
static void  cmd_entrances(cmd_entrances_t *entrances,
    const crm_cmd_commit_t *in);
static void  cmd_commit_keys(crm_args_t *args, const crm_cmd_commit_t *in,
    const cmd_entrances_t *entrances);
static void  cmd_commit_records(crm_args_t *args,
    const crm_cmd_commit_t *in);
static void  cmd_commit_args(crm_args_t *args, const crm_cmd_commit_t *in,
    const cmd_entrances_t *entrances);
static void  cmd_commit_waiting(crm_args_t *args, const crm_cmd_commit_t *in);


crm_cmd_t *
crm_cmd_plain(crm_pool_t *pool, const crm_str_t *args, size_t n)
{
    size_t      i;
    crm_args_t  out;

    crm_args_alloc(&out, pool, n);

    for (i = 0; i < n; i++) {
        crm_args_str(&out, args[i]);
    }

    return crm_args_end(&out);
}


crm_cmd_t *
crm_cmd_eval(crm_pool_t *pool, const crm_cmd_t *cmd)
{
    int         i;
    crm_args_t  out;

    crm_args_alloc(&out, pool, (size_t) cmd->argc);
    crm_args_str(&out, CRM_STR("EVAL"));
    crm_args_str(&out, crm_str(cmd->script->source, cmd->script->source_len));

    for (i = 2; i < cmd->argc; i++) {
        crm_args_str(&out, crm_str(cmd->argv[i], cmd->argvlen[i]));
    }

    return crm_args_end(&out);
}


crm_cmd_t *
crm_cmd_begin(crm_pool_t *pool, const crm_cmd_begin_t *in)
{
    int         told;
    crm_args_t  args;

    told = in->created.len || in->watched.len || in->n_turns;

    crm_args_start(&args, pool, CRM_SCRIPT_BEGIN, 4 + 2 * in->n_records,
                   in->n_turns ? 12 + cmd_turns_args(in)
                   : told ? 10 : in->snapshot.data ? 8 : 7);

    crm_args_key(&args, crm_key_epoch(pool, in->org));
    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    crm_args_key(&args, crm_key_settled(pool, in->org, in->event));
    cmd_records(&args, in->org, in->records, in->n_records);

    crm_args_str(&args, in->event);
    crm_args_str(&args, in->epoch);
    crm_args_int(&args, in->lease_ttl_ms);
    crm_args_key(&args, cmd_record_list(pool, in->records, in->n_records));
    crm_args_str(&args, in->doc);
    crm_args_int(&args, (long long) in->n_records);
    crm_args_int(&args, in->max_time_ms);

    if (in->snapshot.data || told) {
        crm_args_str(&args, in->snapshot.data ? in->snapshot : CRM_STR("-"));
    }

    if (told) {
        crm_args_str(&args, in->created);
        crm_args_str(&args, in->watched);
    }

    if (in->n_turns) {
        cmd_turns(&args, in);
    }

    return crm_args_end(&args);
}


static size_t
cmd_turns_args(const crm_cmd_begin_t *in)
{
    size_t  i, n;

    for (i = 0, n = 0; i < in->n_turns; i++) {
        n += 7 + (in->turns[i].users ? in->turns[i].members : 0);
    }

    return n;
}


static void
cmd_turns(crm_args_t *args, const crm_cmd_begin_t *in)
{
    size_t                  i, k;
    const crm_cmd_turns_t  *turns;

    crm_args_str(args, in->day);
    crm_args_int(args, (long long) in->n_turns);

    for (i = 0; i < in->n_turns; i++) {
        turns = &in->turns[i];

        crm_args_str(args, turns->of);
        crm_args_int(args, (long long) turns->members);
        crm_args_int(args, (long long) turns->takes);

        if (turns->limit < 0) {
            crm_args_str(args, CRM_STR(""));
        } else {
            crm_args_int(args, turns->limit);
        }

        crm_args_int(args, turns->online != 0);
        crm_args_str(args, turns->module);
        crm_args_int(args, (long long) (turns->users ? turns->members : 0));

        for (k = 0; turns->users && k < turns->members; k++) {
            crm_args_str(args, turns->users[k]);
        }
    }
}


crm_cmd_t *
crm_cmd_prepare(crm_pool_t *pool, const crm_cmd_prepare_t *in)
{
    size_t      i;
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_PREPARE, 3 + 2 * in->n_records,
                   5 + in->n_records);

    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    crm_args_key(&args, crm_key_settled(pool, in->org, in->event));
    cmd_records(&args, in->org, in->records, in->n_records);

    crm_args_str(&args, in->event);
    crm_args_str(&args, in->doc);
    crm_args_int(&args, in->lease_ttl_ms);
    crm_args_int(&args, (long long) in->n_records);
    crm_args_int(&args, in->max_time_ms);
    for (i = 0; i < in->n_records; i++) {
        crm_args_str(&args, in->marks ? in->marks[i] : CRM_STR_NULL);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_commit(crm_pool_t *pool, const crm_cmd_commit_t *in)
{
    size_t           i, n_args;
    crm_args_t       args;
    cmd_entrances_t  entrances;

    cmd_entrances(&entrances, in);

    n_args = 5 + in->n_traces + 3 * in->n_jobs + 2 * entrances.n_waiting
             + 2 * in->n_records;
    for (i = 0; i < in->n_records; i++) {
        n_args += 3 * in->records[i].n_changes;
    }

    crm_args_start(&args, pool, CRM_SCRIPT_COMMIT,
                   6 + 2 * in->n_records + (entrances.n_waiting > 0)
                   + entrances.count, n_args);

    cmd_commit_keys(&args, in, &entrances);
    cmd_commit_args(&args, in, &entrances);
    cmd_commit_waiting(&args, in);

    return crm_args_end(&args);
}


/* In the order in which the jobs name them. */
static void
cmd_entrances(cmd_entrances_t *entrances, const crm_cmd_commit_t *in)
{
    size_t       i;
    crm_queue_t  queue;

    memset(entrances, 0, sizeof(cmd_entrances_t));

    for (i = 0; i < in->n_jobs; i++) {
        queue = in->jobs[i].queue;

        if (in->jobs[i].due_ms) {
            entrances->n_waiting++;

        } else if (entrances->place[queue] == 0) {
            entrances->queues[entrances->count++] = queue;
            entrances->place[queue] = entrances->count;
        }
    }
}


static void
cmd_commit_keys(crm_args_t *args, const crm_cmd_commit_t *in,
    const cmd_entrances_t *entrances)
{
    size_t       i;
    crm_pool_t  *pool;

    pool = args->pool;

    crm_args_key(args, crm_key_intents(pool, in->org));
    crm_args_key(args, crm_key_intent(pool, in->org, in->event));
    crm_args_key(args, crm_key_settled(pool, in->org, in->event));
    crm_args_key(args, crm_key_undetermined(pool, in->org));
    crm_args_key(args, crm_key_own(pool, in->org));
    crm_args_key(args, crm_key_trace(pool, in->org));

    cmd_commit_records(args, in);

    if (entrances->n_waiting) {
        crm_args_key(args, crm_key_delayed(pool, in->org));
    }

    for (i = entrances->count; i; i--) {
        crm_args_key(args, crm_key_queue(pool, in->org,
                                         entrances->queues[i - 1]));
    }
}


static void
cmd_commit_records(crm_args_t *args, const crm_cmd_commit_t *in)
{
    size_t          i;
    crm_key_pair_t  keys;

    crm_key_pair_init(&keys, args->pool, in->org);

    for (i = 0; i < in->n_records; i++) {
        crm_args_record(args, &keys, in->records[i].name);
    }
}


static void
cmd_commit_args(crm_args_t *args, const crm_cmd_commit_t *in,
    const cmd_entrances_t *entrances)
{
    static const char  *ops[] = { "set", "del", "drop", "add", "keep",
                                "enter", "fill", "rank", "turn" };

    size_t                    i, j;
    const crm_cmd_change_t   *change;
    const crm_cmd_outcome_t  *record;

    crm_args_str(args, in->event);

    if (in->alone) {
        crm_args_str(args, CRM_STR("alone"));

    } else {
        cmd_fence(args, in->fence);
    }

    crm_args_int(args, (long long) in->n_traces);
    for (i = 0; i < in->n_traces; i++) {
        crm_args_str(args, in->traces[i]);
    }

    crm_args_int(args, (long long) (in->n_jobs - entrances->n_waiting));
    for (i = 0; i < in->n_jobs; i++) {
        if (in->jobs[i].due_ms) {
            continue;
        }

        crm_args_int(args, (long long) entrances->place[in->jobs[i].queue]
                           - 1);
        crm_args_str(args, in->jobs[i].id);
        crm_args_str(args, in->jobs[i].json);
    }

    crm_args_int(args, (long long) in->n_records);
    for (i = 0; i < in->n_records; i++) {
        record = &in->records[i];

        crm_args_int(args, record->created ? 1 : 0);
        crm_args_int(args, (long long) record->n_changes);
        for (j = 0; j < record->n_changes; j++) {
            change = &record->changes[j];

            crm_args_str(args, crm_strz(ops[change->op]));
            crm_args_str(args, change->field);
            crm_args_str(args, change->value);
        }
    }
}


static void
cmd_commit_waiting(crm_args_t *args, const crm_cmd_commit_t *in)
{
    size_t                i;
    const crm_cmd_job_t  *job;

    for (i = 0; i < in->n_jobs; i++) {
        job = &in->jobs[i];

        if (job->due_ms) {
            crm_args_str(args, crm_strz(crm_queue_name(job->queue)));
            crm_args_str(args, job->id);
            crm_args_str(args, job->json);
            crm_args_int(args, job->due_ms);
            crm_args_str(args, job->receiver);
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
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_ABORT, 4 + 2 * in->n_records, 2);

    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    crm_args_key(&args, crm_key_settled(pool, in->org, in->event));
    crm_args_key(&args, crm_key_undetermined(pool, in->org));
    cmd_records(&args, in->org, in->records, in->n_records);

    crm_args_str(&args, in->event);
    cmd_fence(&args, in->fence);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_chain(crm_pool_t *pool, crm_str_t org, crm_str_t job,
    crm_str_t event, long long expires_ms)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_CHAIN, 1, 2);

    crm_args_key(&args, crm_key_chain(pool, org, job));
    crm_args_str(&args, event);
    crm_args_int(&args, expires_ms);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_rules(crm_pool_t *pool, crm_str_t org, crm_str_t process,
    crm_str_t doc, crm_str_t epoch)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_RULES, 6, 3);

    crm_args_key(&args, crm_key_epoch(pool, org));
    crm_args_key(&args, crm_key_revision(pool, org));
    crm_args_key(&args, crm_key_processes(pool, org));
    crm_args_key(&args, crm_key_intents(pool, org));
    crm_args_key(&args, crm_key_accepted(pool, org));
    crm_args_key(&args, crm_key_undetermined(pool, org));

    crm_args_str(&args, process);
    crm_args_str(&args, doc);
    crm_args_str(&args, epoch);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_publish(crm_pool_t *pool, const crm_cmd_publish_t *in)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_PUBLISH, 4, 5);

    crm_args_key(&args, crm_key_revision(pool, in->org));
    crm_args_key(&args, crm_key_revisions(pool, in->org));
    crm_args_key(&args, crm_key_epoch(pool, in->org));
    crm_args_key(&args, crm_key_rules(pool, in->org, in->expected + 1));

    crm_args_int(&args, in->expected);
    crm_args_int(&args, in->expected + 1);
    crm_args_str(&args, in->bundle);
    crm_args_str(&args, in->meta);
    crm_args_str(&args, in->epoch);

    return crm_args_end(&args);
}


static void
cmd_records(crm_args_t *args, crm_str_t org, const crm_record_name_t *records,
    size_t n)
{
    size_t          i;
    crm_key_pair_t  keys;

    crm_key_pair_init(&keys, args->pool, org);

    for (i = 0; i < n; i++) {
        crm_args_record(args, &keys, records[i]);
    }
}


/* Of a claim of recovery; the request's own commands have none. */
static void
cmd_fence(crm_args_t *args, long long fence)
{
    if (fence) {
        crm_args_int(args, fence);

    } else {
        crm_args_str(args, CRM_STR_NULL);
    }
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
