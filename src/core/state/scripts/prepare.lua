#!lua
-- Completes the intent and renews the leases, before the backend is asked.
--
-- KEYS  intents, intent, settled, then per record: busy, record
-- ARGV  event, doc, lease ttl ms, n records, ms until recovery may settle it,
--       per record: JSON list of the locking rules that it matches if the
--       backend does it, or ''
--
-- {ok}
-- {lost}  the intent is gone or recovery's, or a lease is gone: the write must
--         not be forwarded

-- include lib/time.lua
-- include lib/many.lua
-- include lib/snapshot.lua

local event, n = ARGV[1], tonumber(ARGV[4])

local known = redis.call('HMGET', KEYS[2], 'state', 'fence')
if not known[1] or known[2] or redis.call('EXISTS', KEYS[3]) == 1 then
    return {'lost'}
end

local lost
many('MGET', n, function(i) return KEYS[2 + 2 * i] end, function(holder)
    lost = lost or holder ~= event
end)
if lost then
    return {'lost'}
end

-- What the record looked like is not known from now on.
many('DEL', n, function(i)
    return snapshot_of(KEYS[1], KEYS[3 + 2 * i])
end)

-- The mark stands before the backend can do what it is for: should nobody tell
-- the outcome before the lease ends, the next write finds the lock.
for i = 1, n do
    redis.call('PEXPIRE', KEYS[2 + 2 * i], ARGV[3])
    if ARGV[5 + i] ~= '' then
        redis.call('HSET', KEYS[3 + 2 * i], 'maybe:' .. event, ARGV[5 + i])
    end
end

redis.call('HSET', KEYS[2], 'doc', ARGV[2], 'state', 'prepared')
redis.call('ZADD', KEYS[1],
    string.format('%d', now_ms() + tonumber(ARGV[5])), event)
return {'ok'}
