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
-- include lib/endpoint.lua

local id, fence, body = ARGV[1], ARGV[2], ARGV[3]

if not held(id, fence) then
    return {'stale'}
end

local class = redis.call('HGET', job_key(id), 'class')
local decoded, job = pcall(cjson.decode, body)
local action = decoded and type(job) == 'table' and job.action

redis.call('HSET', job_key(id), 'body', body, 'attempts', 0, 'webhook',
    class == 'webhooks' and type(action) == 'table'
        and webhook_of(text_of(action.name), text_of(action.url), false)
    or '')
return {'ok'}
