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
-- include lib/keys.lua
-- include lib/note_done.lua
-- include lib/health_key.lua

local now = now_ms()
local troubled = redis.call('EXISTS', health_index) == 1
local ids, reply = {}, {'ok'}
local ended, keys, firsts, ordered, freed = {}, {}, {}, {}, {}
local delivered = {}            -- if an endpoint is not well: to whom

for i = 1, #ARGV, 2 do
    ids[#ids + 1] = ARGV[i]
end

-- Of those that ran as they were read. The others have a hash each.
local facts = redis.call('HMGET', fresh_key, unpack(ids))

for i, id in ipairs(ids) do
    local first, fence = facts[i], ARGV[2 * i]
    local ours, endpoint, webhook = first and fence == '1', nil, nil
    if ours then
        firsts[#firsts + 1] = id
        endpoint = string.sub(first, 1, 16)
        webhook = troubled and string.sub(first, 18, 33)
    elseif not first then
        local job = redis.call('HMGET', job_key(id), 'state', 'fence',
            'endpoint', 'webhook', 'order')
        ours = job[1] == 'leased' and job[2] == fence
        endpoint, webhook = job[3], job[4]
        if ours and job[5] and job[5] ~= '' then
            ordered[#ordered + 1] = {id = id, order = job[5]}
        elseif not job[1] then
            -- include lib/digits.lua
            -- include lib/done.lua
            reply[i + 1] = was_done(id, now) and 1 or 0
        end
    end
    if ours then
        local n = #ended + 1
        ended[n], keys[n] = id, job_key(id)
        freed[endpoint] = (freed[endpoint] or 0) + 1
        delivered[n] = troubled and {endpoint, webhook} or nil
    end
    reply[i + 1] = reply[i + 1] or ours and 1 or 0
end

if #ended > 0 then
    if troubled then
        -- include lib/endpoint.lua
        -- include lib/health.lua
        for _, to in ipairs(delivered) do
            job_delivered(to[1], to[2], now)
        end
    end
    redis.call('ZREM', lease_key, unpack(ended))
    redis.call('DEL', unpack(keys))
    note_done(ended, now)
end
if #firsts > 0 then
    redis.call('HDEL', fresh_key, unpack(firsts))
end
for endpoint, n in pairs(freed) do
    if endpoint ~= ''
        and redis.call('HINCRBY', inflight_key, endpoint, -n) <= 0
    then
        redis.call('HDEL', inflight_key, endpoint)
    end
end
if #ordered > 0 then
    -- include lib/job.lua
    -- include lib/order.lua
    for _, job in ipairs(ordered) do
        order_leave(job.order, job.id)
    end
end
return reply
