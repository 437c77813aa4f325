#!lua flags=allow-oom
-- The schedules of a revision: each that is on has a tick that waits, a job of
-- the schedule's id; one that is gone has none. A tick whose times are the
-- same stays as it is, overdue or not.
--
-- KEYS  lease, delayed, dead, inflight, schedules
-- ARGV  revision, then per schedule: id, name, what its times follow from,
--       next due ms or '' (it is over), body of its tick, overlap, runs by
--       hand a day
--
-- {ok}  nothing is done for a revision before the last one told

-- include lib/job.lua

local schedules = KEYS[5]
local revision = tonumber(ARGV[1])
local listed = {}

if revision < tonumber(redis.call('HGET', schedules, 'revision') or 0) then
    return {'ok'}
end

local function schedule_key(id)
    return prefix .. 'schedule:' .. id
end

-- A tick that a worker holds is put back by that worker: when it sees that its
-- times are others by now.
local function wait_until(id, due, body, leased)
    if due == '' then
        redis.call('ZREM', delayed_key, id)
        if not leased then
            redis.call('DEL', job_key(id))
        end
        return
    end
    redis.call('HSET', job_key(id), 'body', body, 'class', 'functions',
        'endpoint', '', 'due', due)
    if not leased then
        redis.call('HSET', job_key(id), 'state', 'delayed', 'attempts', 0,
            'deliveries', 0, 'foreign', 0, 'since', due)
        redis.call('HSETNX', job_key(id), 'fence', 0)
        redis.call('ZADD', delayed_key, due, id)
    end
end

for i = 2, #ARGV, 7 do
    local id, spec, due = ARGV[i], ARGV[i + 2], ARGV[i + 3]
    local key = schedule_key(id)
    local known = redis.call('HMGET', key, 'spec', 'over')
    local state = redis.call('HGET', job_key(id), 'state')
    listed[id] = true
    if known[1] ~= spec then
        redis.call('HSET', key, 'runs', 0)
    end
    if known[1] ~= spec or not state and known[2] ~= '1' then
        wait_until(id, due, ARGV[i + 4], state == 'leased')
        redis.call('HSET', key, 'spec', spec, 'due', due,
            'over', due == '' and 1 or 0)
    end
    redis.call('HSET', key, 'name', ARGV[i + 1], 'overlap', ARGV[i + 5],
        'runs_now', ARGV[i + 6])
    redis.call('HSET', schedules, id, ARGV[i + 1])
end

for _, id in ipairs(redis.call('HKEYS', schedules)) do
    if id ~= 'revision' and not listed[id] then
        wait_until(id, '', '', redis.call('HGET', job_key(id), 'state')
            == 'leased')
        redis.call('DEL', schedule_key(id))
        redis.call('HDEL', schedules, id)
    end
end

redis.call('HSET', schedules, 'revision', ARGV[1])
return {'ok'}
