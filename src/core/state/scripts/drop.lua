#!lua flags=allow-oom
-- Jobs that no worker holds end here; their ids are remembered like those of
-- jobs that have run.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  ids
--
-- {ok, per job: 1; 0 when it is not there any more; -1 when a worker holds it}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/note_done.lua
-- include lib/order.lua

local now = now_ms()

-- In its ready list it is passed over by take.
local function drop(id)
    if redis.call('HEXISTS', fresh_key, id) == 1 then
        return -1
    end
    local job = redis.call('HMGET', job_key(id), 'state', 'order')
    if not job[1] then
        return 0
    elseif job[1] == 'leased' then
        return -1
    end
    redis.call('ZREM', delayed_key, id)
    redis.call('DEL', job_key(id))
    note_done({id}, now)
    order_leave(job[2], id)
    return 1
end

local reply = {'ok'}
for _, id in ipairs(ARGV) do
    reply[#reply + 1] = drop(id)
end
return reply
