#!lua flags=allow-oom
-- The job will never run again; people see why. A timer that a write has moved
-- meanwhile waits for its new time all the same.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, attempts, reason, what was learnt of the endpoint: '',
--       answered, down, gone; then, of a job that follows from that: class, id,
--       body
--
-- {ok, what people are to be told of the endpoint or ''}
-- {stale, ''}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua
-- include lib/endpoint.lua
-- include lib/health_key.lua
-- include lib/health.lua
-- include lib/order.lua
-- include lib/parts.lua
-- include lib/timer.lua

local id, fence = ARGV[1], ARGV[2]

if not held(id, fence) then
    return {'stale', ''}
end

local now = now_ms()
local job = redis.call('HMGET', job_key(id), 'endpoint', 'webhook', 'body',
    'order', 'class', 'foreign', 'sequence')

if ARGV[6] then
    make_part(ARGV[7], ARGV[6], endpoint_of(ARGV[6], ''), ARGV[8],
        job[6] or 0, now)
end
bury(job[3], ARGV[4], now, {id = id, attempts = tonumber(ARGV[3]),
    class = job[5], foreign = job[6], sequence = job[7]})
end_lease(id, job[1])
timer_wait(id, '-1')
order_leave(job[4], id)
return {'ok', job_failed(job, ARGV[5], ARGV[4], now)}
