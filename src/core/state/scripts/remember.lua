#!lua flags=allow-oom
-- What came of an effect of a function, before the function is told; what is
-- an effect inside Redis is done in the same step, so that it is done once.
--
-- KEYS  lease, delayed, dead, inflight, effects:JOB, queue:emails, own,
--       variables
-- ARGV  id, fence, which of its effects, the first is 0, answer, then nothing
--       more or: mail, id, job; set, variable, its document
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
if ARGV[5] == 'mail' then
    redis.call('SADD', KEYS[7], ARGV[6])
    redis.call('RPUSH', KEYS[6], ARGV[7])
elseif ARGV[5] == 'set' then
    redis.call('HSET', KEYS[8], ARGV[6], ARGV[7])
end
return {'ok'}
