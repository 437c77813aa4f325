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
-- include lib/turns.lua

local base = string.sub(KEYS[5], 1, -1 - #'turns')
local id, fence, of, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

if not held(id, fence) then
    return {'stale'}
end

local turn = redis.call('HGET', job_key(id), 'turn')
if not turn then
    turn = next_turn(base, of)
    redis.call('HSET', job_key(id), 'turn', turn)
end
return {'ok', turn % count}
