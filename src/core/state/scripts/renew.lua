#!lua flags=allow-oom
-- More time for jobs that are still at work.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  lease ttl ms, then per job: id, fence
--
-- {ok, per job: 1, or 0 when the lease is not the caller's any more}

-- include lib/time.lua
-- include lib/job.lua

local deadline = now_ms() + tonumber(ARGV[1])
local reply = {'ok'}

for i = 2, #ARGV, 2 do
    local id, fence = ARGV[i], ARGV[i + 1]
    local ours = fence == '1' and redis.call('HEXISTS', fresh_key, id) == 1
        or held(id, fence)
    if ours then
        redis.call('ZADD', lease_key, deadline, id)
    end
    reply[#reply + 1] = ours and 1 or 0
end
return reply
