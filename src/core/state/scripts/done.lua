#!lua flags=allow-oom
-- Jobs have run: only their ids are kept, for eight days.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  per job: id, fence
--
-- {ok, per job: 1 (also when it was done before), or 0 when the lease is not
--  the caller's any more: nothing was done}

-- A script makes its functions anew each time it runs: what jobs of healthy
-- receivers have no use for is made where it is used.

-- include lib/time.lua
-- include lib/job.lua
-- include lib/done.lua
-- include lib/health_key.lua

local now = now_ms()
local reply = {'ok'}
local ended, hashes, ordered, freed = {}, {}, {}, {}

for i = 1, #ARGV, 2 do
    local id = ARGV[i]
    local key = job_key(id)
    local job = redis.call('HMGET', key, 'state', 'fence', 'endpoint', 'order')
    local ours = job[1] == 'leased' and job[2] == ARGV[i + 1]

    if ours then
        local endpoint, order = job[3], job[4]
        ended[#ended + 1], hashes[#hashes + 1] = id, key
        freed[endpoint] = (freed[endpoint] or 0) + 1
        if order and order ~= '' then
            ordered[#ordered + 1] = {id = id, order = order}
        end
    else
        ours = not job[1] and was_done(id, now)
    end
    reply[#reply + 1] = ours and 1 or 0
end

if #ended > 0 then
    if redis.call('EXISTS', health_index) == 1 then
        -- include lib/endpoint.lua
        -- include lib/health.lua
        for _, key in ipairs(hashes) do
            local job = redis.call('HMGET', key, 'endpoint', 'webhook')
            job_delivered(job[1], job[2], now)
        end
    end
    redis.call('ZREM', lease_key, unpack(ended))
    redis.call('DEL', unpack(hashes))
    note_done(ended, now)
end
for endpoint, n in pairs(freed) do
    if endpoint ~= ''
        and redis.call('HINCRBY', inflight_key, endpoint, -n) <= 0
    then
        redis.call('HDEL', inflight_key, endpoint)
    end
end
if #ordered > 0 then
    -- include lib/order.lua
    for _, job in ipairs(ordered) do
        order_leave(job.order, job.id)
    end
end
return reply
