#!lua flags=allow-oom
-- A function begins: what has come of its effects in the attempts before, so
-- that it lives through them again and does none of them twice.
--
-- KEYS  lease, delayed, dead, inflight, effects:JOB
-- ARGV  id, fence, ms since 1970 that it is to take for now
--
-- {ok, now, answer, ...}  now of its first attempt; answers in their order
-- {stale}                 the lease is not the caller's any more

-- include lib/job.lua

local effects = KEYS[5]
local seven_days_s = 7 * 86400

if not held(ARGV[1], ARGV[2]) then
    return {'stale'}
end

if redis.call('EXISTS', effects) == 0 then
    redis.call('RPUSH', effects, ARGV[3])
end
redis.call('EXPIRE', effects, seven_days_s)

local reply = redis.call('LRANGE', effects, 0, -1)
table.insert(reply, 1, 'ok')
return reply
