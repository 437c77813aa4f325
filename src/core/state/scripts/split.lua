#!lua flags=allow-oom
-- The job ends, and becomes others, several of its class or one of another,
-- each with an end of its own. A webhook has been delivered.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, class of the parts, then per part: id, body
--
-- {ok}     also when it was split before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/note_done.lua
-- include lib/digits.lua
-- include lib/done.lua
-- include lib/endpoint.lua
-- include lib/health_key.lua
-- include lib/health.lua
-- include lib/order.lua
-- include lib/parts.lua

local id, fence = ARGV[1], ARGV[2]
local now = now_ms()

if not held(id, fence) then
    local gone = redis.call('EXISTS', job_key(id)) == 0
    return {gone and was_done(id, now) and 'ok' or 'stale'}
end

local job = redis.call('HMGET', job_key(id), 'class', 'endpoint', 'foreign',
    'since', 'webhook', 'order')
local class = ARGV[3]
local endpoint = class == job[1] and job[2] or endpoint_of(class, '')

for i = 4, #ARGV, 2 do
    make_part(ARGV[i], class, endpoint, ARGV[i + 1], job[3] or 0, job[4])
end

end_lease(id, job[2])
redis.call('DEL', job_key(id))
note_done({id}, now)
order_leave(job[6], id)
job_delivered(job[2], job[5], now)
return {'ok'}
