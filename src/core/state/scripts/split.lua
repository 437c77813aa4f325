#!lua flags=allow-oom
-- The job becomes several of its class, each with an end of its own.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, then per part: id, body
--
-- {ok}     also when it was split before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/done.lua

local id, fence = ARGV[1], ARGV[2]
local now = now_ms()

if not held(id, fence) then
    local gone = redis.call('EXISTS', job_key(id)) == 0
    return {gone and was_done(id, now) and 'ok' or 'stale'}
end

local job = redis.call('HMGET', job_key(id), 'class', 'endpoint', 'foreign',
    'since')

for i = 3, #ARGV, 2 do
    local part = ARGV[i]
    -- Somebody else may have given a job that very id.
    if redis.call('EXISTS', job_key(part)) == 0 then
        redis.call('HSET', job_key(part), 'body', ARGV[i + 1],
            'class', job[1], 'endpoint', job[2], 'attempts', 0,
            'deliveries', 0, 'fence', 0, 'foreign', job[3] or 0,
            'since', job[4])
        make_ready(part, job[1], job[2])
    end
end

end_lease(id, job[2])
redis.call('DEL', job_key(id))
note_done({id}, now)
return {'ok'}
