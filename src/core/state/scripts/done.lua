#!lua flags=allow-oom
-- The job has run: only its id is kept, for eight days.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence
--
-- {ok}     also when it was done before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/done.lua
-- include lib/endpoint.lua
-- include lib/health.lua
-- include lib/order.lua

local id, fence = ARGV[1], ARGV[2]
local now = now_ms()

if not held(id, fence) then
    local gone = redis.call('EXISTS', job_key(id)) == 0
    return {gone and was_done(id, now) and 'ok' or 'stale'}
end

local job = redis.call('HMGET', job_key(id), 'endpoint', 'webhook', 'order')

end_lease(id, job[1])
redis.call('DEL', job_key(id))
order_leave(job[3], id)
job_delivered(job[1], job[2], now)
redis.call('SADD', done_key(now, 0), id)
redis.call('EXPIRE', done_key(now, 0), 8 * 86400)
return {'ok'}
