#!lua
-- Completes the intent and renews the leases, before the backend is asked.
--
-- KEYS  intents, intent, settled, then per record: busy
-- ARGV  event, doc, lease ttl ms, n records
--
-- {ok}
-- {lost}  intent or a lease is gone: the write must not be forwarded

-- include lib/time.lua

local event, n = ARGV[1], tonumber(ARGV[4])

if redis.call('EXISTS', KEYS[2]) == 0 or redis.call('EXISTS', KEYS[3]) == 1
then
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
redis.call('ZADD', KEYS[1], 'NX', now_ms(), event)
return {'ok'}
