/*
 * Commands to Redis about schedules and the runs of functions. The order of
 * keys and arguments is each script's own: it stands at the head of
 * scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"


static void cmd_due(crm_args_t *args, long long due_ms);


crm_cmd_t *
crm_cmd_arm(crm_pool_t *pool, crm_str_t org, long long revision,
    const crm_cmd_schedule_t *schedules, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_ARM, org, 1, 1 + 7 * n);
    crm_args_key(&args, crm_key_schedules(pool, org));
    crm_args_int(&args, revision);

    for (i = 0; i < n; i++) {
        crm_args_str(&args, schedules[i].id);
        crm_args_str(&args, schedules[i].name);
        crm_args_str(&args, schedules[i].spec);
        cmd_due(&args, schedules[i].due_ms);
        crm_args_str(&args, schedules[i].tick);
        crm_args_str(&args, schedules[i].queues ? CRM_STR("queue")
                                                : CRM_STR("skip"));
        crm_args_int(&args, schedules[i].runs_now);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_tick(crm_pool_t *pool, const crm_cmd_tick_t *in)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_TICK, in->org, 1, 12);
    crm_args_key(&args, crm_key_scheduled(pool, in->org));
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_str(&args, in->schedule.id);
    crm_args_str(&args, in->schedule.spec);
    cmd_due(&args, in->schedule.due_ms);
    crm_args_str(&args, in->schedule.tick);
    crm_args_int(&args, in->runs);
    crm_args_str(&args, in->schedule.queues ? CRM_STR("queue")
                                            : CRM_STR("skip"));
    crm_args_str(&args, in->run);
    crm_args_str(&args, in->body);
    crm_args_str(&args, in->missed);
    crm_args_str(&args, in->left_out);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_timer(crm_pool_t *pool, const crm_cmd_timer_t *in)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_TIMER, in->org, 2, 8);
    crm_args_key(&args, crm_key_trace(pool, in->org));
    crm_args_key(&args, crm_key_record(pool, in->org, in->record));
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_int(&args, in->due_ms);
    crm_args_str(&args, in->body);
    crm_args_str(&args, in->trace);
    crm_args_str(&args, in->field ? crm_strz(in->field) : CRM_STR(""));
    crm_args_str(&args, in->seen);
    crm_args_str(&args, in->keeps);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_ran(crm_pool_t *pool, const crm_cmd_ran_t *in)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_RAN, in->org, 3, 7);
    crm_args_key(&args, crm_key_runs(pool, in->org));
    crm_args_key(&args, crm_key_scheduled(pool, in->org));
    crm_args_key(&args, crm_key_answer(pool, in->org, in->lease.id));
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_str(&args, in->doc);
    crm_args_str(&args, in->schedule);
    crm_args_str(&args, in->brief);
    crm_args_str(&args, in->status);
    crm_args_str(&args, in->answer);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_ask(crm_pool_t *pool, crm_str_t org, crm_str_t id, crm_str_t job)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_ASK, 2, 2);
    crm_args_key(&args, crm_key_queue(pool, org, CRM_QUEUE_FUNCTIONS));
    crm_args_key(&args, crm_key_own(pool, org));
    crm_args_str(&args, id);
    crm_args_str(&args, job);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_answer(crm_pool_t *pool, crm_str_t org, crm_str_t id)
{
    crm_args_t  args;

    crm_args_alloc(&args, pool, 2);
    crm_args_str(&args, CRM_STR("GET"));
    crm_args_key(&args, crm_key_answer(pool, org, id));

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_trigger(crm_pool_t *pool, crm_str_t org, crm_str_t schedule,
    crm_str_t tick, crm_str_t day)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_TRIGGER, org, 0, 3);
    crm_args_str(&args, schedule);
    crm_args_str(&args, tick);
    crm_args_str(&args, day);

    return crm_args_end(&args);
}


static void
cmd_due(crm_args_t *args, long long due_ms)
{
    if (due_ms < 0) {
        crm_args_str(args, CRM_STR(""));
    } else {
        crm_args_int(args, due_ms);
    }
}
