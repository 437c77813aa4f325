#!lua flags=allow-oom
-- A job that waited for its time has got its body: what is delivered from now
-- on, the same in every attempt.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, body
--
-- {ok}
-- {behind}  one that keeps the order of its record has others before it: its
--          lease is over, and it is ready when they have ended
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/endpoint.lua
-- include lib/order.lua

local id, fence, body = ARGV[1], ARGV[2], ARGV[3]

if not held(id, fence) then
    return {'stale'}
end

local known = redis.call('HMGET', job_key(id), 'class', 'endpoint', 'order')
local decoded, job = pcall(cjson.decode, body)
local webhook, order = '', known[3] or ''

if known[1] == 'webhooks' and decoded and type(job) == 'table'
    and type(job.action) == 'table'
then
    webhook = webhook_of(text_of(job.action.name), text_of(job.action.url),
        false)
    order = order == '' and order_of(job, known[2]) or order
end

redis.call('HSET', job_key(id), 'body', body, 'attempts', 0, 'webhook',
    webhook)

if order ~= (known[3] or '') then
    -- It came by no entrance: its place is behind those that are there now.
    redis.call('HSET', job_key(id), 'order', order)
    redis.call('RPUSH', order_key(order), id)
    if redis.call('LINDEX', order_key(order), 0) ~= id then
        end_lease(id, known[2])
        redis.call('HSET', job_key(id), 'state', 'waiting', 'deliveries', 0)
        order_next(order)
        return {'behind'}
    end
end
return {'ok'}
