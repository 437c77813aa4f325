#!lua
-- Completes the intent and renews the leases, before the backend is asked.
--
-- KEYS  intents, intent, settled, then per record: busy
-- ARGV  event, doc, lease ttl ms, n records, ms until recovery may settle it
--
-- {ok}
-- {lost}  the intent is gone or recovery's, or a lease is gone: the write must
--         not be forwarded

-- include lib/time.lua

local event, n = ARGV[1], tonumber(ARGV[4])

local known = redis.call('HMGET', KEYS[2], 'state', 'fence')
if not known[1] or known[2] or redis.call('EXISTS', KEYS[3]) == 1 then
    return {'lost'}
end

for i = 1, n do
    if redis.call('GET', KEYS[3 + i]) ~= event then
        return {'lost'}
    end
end

for i = 1, n do
    redis.call('PEXPIRE', KEYS[3 + i], ARGV[3])
end

redis.call('HSET', KEYS[2], 'doc', ARGV[2], 'state', 'prepared')
redis.call('ZADD', KEYS[1], now_ms() + tonumber(ARGV[5]), event)
return {'ok'}
