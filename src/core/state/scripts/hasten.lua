#!lua flags=allow-oom
-- Delayed jobs are due now, or soon.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  ms until the first is due, ms from one to the next, then ids
--
-- {ok, per job: 1; 0 when it is not delayed any more}

-- include lib/time.lua
-- include lib/job.lua

local due = now_ms() + tonumber(ARGV[1])
local reply = {'ok'}

for i = 3, #ARGV do
    local id = ARGV[i]
    local is_delayed = redis.call('HEXISTS', fresh_key, id) == 0
        and redis.call('HGET', job_key(id), 'state') == 'delayed'
    if is_delayed then
        redis.call('HSET', job_key(id), 'due', due)
        redis.call('ZADD', delayed_key, due, id)
        due = due + tonumber(ARGV[2])
    end
    reply[#reply + 1] = is_delayed and 1 or 0
end
return reply
