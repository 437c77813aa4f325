#!lua flags=allow-oom
-- The job will never run again; people see why.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, attempts, reason
--
-- {ok}
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua

local id, fence = ARGV[1], ARGV[2]

if not held(id, fence) then
    return {'stale'}
end

local job = redis.call('HMGET', job_key(id), 'body', 'endpoint')

bury(job[1], ARGV[4], now_ms(), tonumber(ARGV[3]))
end_lease(id, job[2])
redis.call('DEL', job_key(id))
return {'ok'}
