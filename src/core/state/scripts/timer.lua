#!lua flags=allow-oom
-- A timer has been looked at: it waits for its next time, or is over. What a
-- write has set meanwhile goes before.
--
-- KEYS  lease, delayed, dead, inflight, trace, record
-- ARGV  id, fence, next due ms or -1, its body, trace doc or '', field of the
--       record that changes or '', what it was, what it becomes ('': it goes)
--
-- {ok}
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/time.lua
-- include lib/job.lua

local id, due, body, field = ARGV[1], ARGV[3], ARGV[4], ARGV[6]
local key = job_key(id)

if not held(id, ARGV[2]) then
    return {'stale'}
end

local moved = redis.call('HMGET', key, 'moved_due', 'moved_body')
if moved[1] then
    due, body = moved[1], moved[2]
end

-- Not if somebody has changed it since, nor if a write has ended all of it.
if field ~= '' and moved[1] ~= '-1'
    and (redis.call('HGET', KEYS[6], field) or '') == ARGV[7]
then
    if ARGV[8] == '' then
        redis.call('HDEL', KEYS[6], field)
    else
        redis.call('HSET', KEYS[6], field, ARGV[8])
    end
end

end_lease(id, '')
if due == '-1' then
    redis.call('DEL', key)
else
    redis.call('HDEL', key, 'moved_due', 'moved_body')
    redis.call('HSET', key, 'state', 'delayed', 'due', due, 'since', due,
        'body', body, 'attempts', 0, 'deliveries', 0)
    redis.call('ZADD', delayed_key, due, id)
end
if ARGV[5] ~= '' then
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'doc', ARGV[5])
end
return {'ok'}
