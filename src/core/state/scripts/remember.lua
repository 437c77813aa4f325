#!lua flags=allow-oom
-- What came of an effect of a function, before the function is told.
--
-- KEYS  lease, delayed, dead, inflight, effects:JOB
-- ARGV  id, fence, which of its effects, the first is 0, answer
--
-- {ok}
-- {stale}  the lease is not the caller's any more, or it is not the next

-- include lib/job.lua

local effects = KEYS[5]

if not held(ARGV[1], ARGV[2])
    or redis.call('LLEN', effects) ~= tonumber(ARGV[3]) + 1
then
    return {'stale'}
end

redis.call('RPUSH', effects, ARGV[4])
return {'ok'}
