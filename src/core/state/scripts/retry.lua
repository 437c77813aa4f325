#!lua flags=allow-oom
-- The job has failed and runs again later.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, delay ms, attempts so far, body or '' to keep it, error
--
-- {ok}     also when this very retry was noted before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua

local id, fence = ARGV[1], ARGV[2]
local key = job_key(id)

if not held(id, fence) then
    return {redis.call('HGET', key, 'retried') == fence and 'ok' or 'stale'}
end

local due = now_ms() + tonumber(ARGV[3])

end_lease(id, redis.call('HGET', key, 'endpoint'))
-- A result came, so the deliveries without one start anew.
redis.call('HSET', key, 'state', 'delayed', 'due', due, 'attempts', ARGV[4],
    'deliveries', 0, 'retried', fence, 'error', string.sub(ARGV[6], 1, 500))
if ARGV[5] ~= '' then
    redis.call('HSET', key, 'body', ARGV[5])
end
redis.call('ZADD', delayed_key, due, id)
return {'ok'}
