#!lua flags=allow-oom
-- The job's time has come, and it shall not run: it ends like one that has,
-- and the stream of traces tells why.
--
-- KEYS  lease, delayed, dead, inflight, trace
-- ARGV  id, fence, trace doc
--
-- {ok}     also when it was cancelled before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/note_done.lua
-- include lib/digits.lua
-- include lib/done.lua

local id, fence = ARGV[1], ARGV[2]
local now = now_ms()

if not held(id, fence) then
    local gone = redis.call('EXISTS', job_key(id)) == 0
    return {gone and was_done(id, now) and 'ok' or 'stale'}
end

end_lease(id, redis.call('HGET', job_key(id), 'endpoint'))
redis.call('DEL', job_key(id))
note_done({id}, now)
redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'doc', ARGV[3])
return {'ok'}
