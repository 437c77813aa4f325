#!lua flags=allow-oom
-- Delayed jobs that are due become ready.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  at most so many
--
-- {ok, made ready, ms until the next is due or -1}

-- include lib/time.lua
-- include lib/job.lua

local now = now_ms()
local ready = 0

for _, id in ipairs(redis.call('ZRANGEBYSCORE', delayed_key, '-inf', now,
    'LIMIT', 0, ARGV[1]))
do
    local job = redis.call('HMGET', job_key(id), 'state', 'class', 'endpoint')
    redis.call('ZREM', delayed_key, id)
    if job[1] == 'delayed' then
        make_ready(id, job[2], job[3])
        ready = ready + 1
    end
end

local next_due = redis.call('ZRANGE', delayed_key, 0, 0, 'WITHSCORES')[2]
return {'ok', ready, next_due and math.max(next_due - now, 0) or -1}
