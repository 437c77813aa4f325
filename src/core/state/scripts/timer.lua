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
-- include lib/timer.lua

local id, field = ARGV[1], ARGV[6]

if not held(id, ARGV[2]) then
    return {'stale'}
end

end_lease(id, '')
local moved = timer_wait(id, ARGV[3], ARGV[4])

-- Not if somebody has changed it since, nor if a write has ended all of it.
if field ~= '' and moved ~= '-1'
    and (redis.call('HGET', KEYS[6], field) or '') == ARGV[7]
then
    if ARGV[8] == '' then
        redis.call('HDEL', KEYS[6], field)
    else
        redis.call('HSET', KEYS[6], field, ARGV[8])
    end
end

if ARGV[5] ~= '' then
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'doc', ARGV[5])
end
return {'ok'}
