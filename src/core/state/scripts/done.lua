#!lua flags=allow-oom
-- Jobs have run: only their ids are kept, for eight days.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  per job: id, fence
--
-- {ok, per job: 1 (also when it was done before), or 0 when the lease is not
--  the caller's any more: nothing was done}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/done.lua
-- include lib/endpoint.lua
-- include lib/health.lua
-- include lib/order.lua

local now = now_ms()
local reply = {'ok'}
local ended, hashes, orders, freed = {}, {}, {}, {}
local troubled = redis.call('EXISTS', health_index) == 1

for i = 1, #ARGV, 2 do
    local id = ARGV[i]
    local job = redis.call('HMGET', job_key(id), 'state', 'fence', 'endpoint',
        'webhook', 'order')
    local ours = job[1] == 'leased' and job[2] == ARGV[i + 1]

    if ours then
        ended[#ended + 1], hashes[#hashes + 1] = id, job_key(id)
        if job[3] ~= '' then
            freed[job[3]] = (freed[job[3]] or 0) + 1
        end
        if job[5] and job[5] ~= '' then
            orders[id] = job[5]
        end
        if troubled then
            job_delivered(job[3], job[4], now)
        end
    else
        ours = not job[1] and was_done(id, now)
    end
    reply[#reply + 1] = ours and 1 or 0
end

if #ended > 0 then
    redis.call('ZREM', lease_key, unpack(ended))
    redis.call('DEL', unpack(hashes))
    note_done(ended, now)
end
for endpoint, n in pairs(freed) do
    if redis.call('HINCRBY', inflight_key, endpoint, -n) <= 0 then
        redis.call('HDEL', inflight_key, endpoint)
    end
end
for id, order in pairs(orders) do
    order_leave(order, id)
end
return reply
