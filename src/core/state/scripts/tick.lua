#!lua flags=allow-oom
-- A schedule's time has come: its run begins, and the tick waits for the next
-- one. Both or neither, by the one worker that holds the tick.
--
-- KEYS  lease, delayed, dead, inflight, scheduled
-- ARGV  id, fence, schedule, what its times follow from, next due ms or '' (it
--       is over), body of the next tick, runs in all or 0, overlap, run or ''
--       (none), its body, document of what was missed or '', document of a run
--       that is left out since one goes on
--
-- {run}      it is ready, or waits for the one before it
-- {overlap}  it is left out
-- {none}     there was none
-- {changed}  the schedule is another one by now: nothing runs
-- {stale}    the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/endpoint.lua
-- include lib/order.lua

local id, fence, schedule = ARGV[1], ARGV[2], ARGV[3]
local next_due, runs_in_all = ARGV[5], tonumber(ARGV[7])
local overlap, run, body = ARGV[8], ARGV[9], ARGV[10]
local key = prefix .. 'schedule:' .. schedule
local by_clock = id == schedule
local queue_max, audit_max = 100, 10000

if not held(id, fence) then
    return {'stale'}
end

local function audit(doc)
    if doc ~= '' then
        redis.call('XADD', KEYS[5], 'MAXLEN', '~', audit_max, '*', 'doc', doc)
    end
end

-- A tick of the hand's has no next one.
local function wait_until(due, next_body)
    end_lease(id, '')
    if not by_clock or not due or due == '' then
        redis.call('DEL', job_key(id))
        return
    end
    redis.call('HSET', job_key(id), 'state', 'delayed', 'due', due,
        'attempts', 0, 'deliveries', 0)
    if next_body then
        redis.call('HSET', job_key(id), 'body', next_body)
    end
    redis.call('ZADD', delayed_key, due, id)
end

-- Runs of a schedule keep their order: those behind the first wait.
local function begin()
    order_next(schedule)
    local going = redis.call('LLEN', order_key(schedule))
    if going > (overlap == 'queue' and queue_max or 0) then
        audit(ARGV[12])
        return 'overlap'
    end
    if redis.call('EXISTS', job_key(run)) == 0 then
        local now = string.format('%.0f', now_ms())
        redis.call('HSET', job_key(run), 'body', body, 'class', 'functions',
            'endpoint', '', 'attempts', 0, 'deliveries', 0, 'fence', 0,
            'foreign', 0, 'since', now, 'order', schedule)
        order_join(schedule, run)
        redis.call('HINCRBY', key, by_clock and 'runs' or 'by_hand', 1)
        redis.call('HSET', key, 'last_run', run, 'last_at', now,
            'last_status', 'begun')
    end
    return 'run'
end

local now_is = redis.call('HMGET', key, 'spec', 'due')
if now_is[1] ~= ARGV[4] then
    wait_until(now_is[2])
    return {'changed'}
end

audit(ARGV[11])
local what = run == '' and 'none' or begin()

if runs_in_all > 0
    and tonumber(redis.call('HGET', key, 'runs') or 0) >= runs_in_all
then
    next_due = ''
end
wait_until(next_due, ARGV[6])
if by_clock then
    redis.call('HSET', key, 'due', next_due, 'over', next_due == '' and 1 or 0)
end
return {what}
