#!lua flags=allow-oom
-- A job that waited for its time has got its body: what is delivered from now
-- on, the same in every attempt.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, body
--
-- {ok}
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua

local id, fence, body = ARGV[1], ARGV[2], ARGV[3]

if not held(id, fence) then
    return {'stale'}
end

redis.call('HSET', job_key(id), 'body', body, 'attempts', 0)
return {'ok'}
