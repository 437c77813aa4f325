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
local n = #ARGV / 2
local freed, batches = {}, {}   -- how many of each endpoint, of each batch
local keys, ordered, delivered = {}, {}, {}

-- Tables of the size that they will have: one that grows is dear.
local ids = {unpack(ARGV, 1, n)}
local reply = {'ok', unpack(ids)}

for i = 1, n do
    ids[i] = ARGV[2 * i - 1]
end

-- Of those that ran as they were read. The others have a hash each.
local facts = redis.call('HMGET', fresh_key, unpack(ids))
local ended, firsts = ids, ids          -- if all of them are such
local all_first = true

for i = 1, n do
    all_first = all_first and facts[i] and ARGV[2 * i] == '1'
end
if not all_first then
    ended, firsts = {}, {}
end

for i, id in ipairs(ids) do
    local first, fence = facts[i], ARGV[2 * i]
    local ours, endpoint, webhook = first and fence == '1', nil, nil
    if ours then
        if not all_first then
            firsts[#firsts + 1] = id
        end
        endpoint = string.sub(first, 1, 16)
        webhook = troubled and string.sub(first, 18, 33)
        if string.byte(first, 35) == 98 then    -- b: its body is in a batch
            local batch = string.sub(first, 35, 59)
            batches[batch] = (batches[batch] or 0) + 1
        else
            keys[#keys + 1] = job_key(id)
        end
    elseif not first then
        local job = redis.call('HMGET', job_key(id), 'state', 'fence',
            'endpoint', 'webhook', 'order')
        ours = job[1] == 'leased' and job[2] == fence
        endpoint, webhook = job[3], job[4]
        if ours then
            keys[#keys + 1] = job_key(id)
        end
        if ours and job[5] and job[5] ~= '' then
            ordered[#ordered + 1] = {id = id, order = job[5]}
        elseif not job[1] then
            -- include lib/digits.lua
            -- include lib/done.lua
            fence = was_done(id, now)
        end
    end
    if ours then
        if not all_first then
            ended[#ended + 1] = id
        end
        freed[endpoint] = (freed[endpoint] or 0) + 1
        if troubled then
            delivered[#delivered + 1] = {endpoint, webhook}
        end
    end
    reply[i + 1] = (ours or fence == true) and 1 or 0
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
    note_done(ended, now)
end
if #keys > 0 then
    redis.call('DEL', unpack(keys))
end
if #firsts > 0 then
    redis.call('HDEL', fresh_key, unpack(firsts))
end
if next(batches) then
    -- include lib/batch.lua
    for batch, n in pairs(batches) do
        leave_batch(batch, n)
    end
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
