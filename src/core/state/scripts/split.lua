#!lua flags=allow-oom
-- The job becomes others, several of its class or one of another, each with an
-- end of its own.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, fence, class of the parts, then per part: id, body
--
-- {ok}     also when it was split before
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua
-- include lib/done.lua
-- include lib/endpoint.lua

local id, fence = ARGV[1], ARGV[2]
local now = now_ms()

if not held(id, fence) then
    local gone = redis.call('EXISTS', job_key(id)) == 0
    return {gone and was_done(id, now) and 'ok' or 'stale'}
end

local job = redis.call('HMGET', job_key(id), 'class', 'endpoint', 'foreign',
    'since')
local class = ARGV[3]
local endpoint = class == job[1] and job[2] or endpoint_of(class, '')

for i = 4, #ARGV, 2 do
    local part = ARGV[i]
    -- Somebody else may have given a job that very id.
    if redis.call('EXISTS', job_key(part)) == 0 then
        redis.call('HSET', job_key(part), 'body', ARGV[i + 1],
            'class', class, 'endpoint', endpoint, 'attempts', 0,
            'deliveries', 0, 'fence', 0, 'foreign', job[3] or 0,
            'since', job[4])
        make_ready(part, class, endpoint)
    end
end

end_lease(id, job[2])
redis.call('DEL', job_key(id))
note_done({id}, now)
return {'ok'}
