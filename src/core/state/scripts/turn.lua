#!lua flags=allow-oom
-- Whose turn it is in a round robin. A job takes one turn, however often it is
-- tried: it is kept beside it.
--
-- KEYS  lease, delayed, dead, inflight, turns
-- ARGV  id, fence, whose turns, how many take them
--
-- {ok, n}  0 is the first
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/job.lua

local turns_key = KEYS[5]
local id, fence, of, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

if not held(id, fence) then
    return {'stale'}
end

local turn = redis.call('HGET', job_key(id), 'turn')
if not turn then
    turn = redis.call('HINCRBY', turns_key, of, 1) - 1
    redis.call('HSET', job_key(id), 'turn', turn)
end
return {'ok', turn % count}
