#!lua flags=allow-oom
-- The job has failed and runs again later.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, delay ms, attempts so far, body or '' to keep it, error,
--       what was learnt of the endpoint: '', answered, down
--
-- {ok, what people are to be told of the endpoint or ''}     also when this
--          very retry was noted before
-- {stale, ''}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/endpoint.lua
-- include lib/health_key.lua
-- include lib/health.lua

local id, fence = ARGV[1], ARGV[2]
local key = job_key(id)

if not held(id, fence) then
    local noted = redis.call('HGET', key, 'retried') == fence
    return {noted and 'ok' or 'stale', ''}
end

local now = now_ms()
local due = now + tonumber(ARGV[3])
local job = redis.call('HMGET', key, 'endpoint', 'webhook', 'body')

end_lease(id, job[1])
-- A result came, so the deliveries without one start anew.
redis.call('HSET', key, 'state', 'delayed', 'due', due, 'attempts', ARGV[4],
    'deliveries', 0, 'retried', fence, 'error', string.sub(ARGV[6], 1, 500))
if ARGV[5] ~= '' then
    redis.call('HSET', key, 'body', ARGV[5])
end
redis.call('ZADD', delayed_key, due, id)
return {'ok', job_failed(job, ARGV[7], ARGV[6], now)}
