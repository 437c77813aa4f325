#!lua flags=allow-oom
-- A claimed intent is being settled still: more time for it, and its records
-- stay held.
--
-- KEYS  intents, intent, then per record: busy
-- ARGV  event, fence, claim ms, lease ms
--
-- {ok}
-- {stale}  settled, or claimed by somebody else

-- include lib/time.lua
-- include lib/claim.lua

local event = ARGV[1]

if not claimed(KEYS[2], ARGV[2]) then
    return {'stale'}
end

redis.call('ZADD', KEYS[1], now_ms() + tonumber(ARGV[3]), event)
for i = 3, #KEYS do
    if redis.call('GET', KEYS[i]) == event then
        redis.call('PEXPIRE', KEYS[i], ARGV[4])
    end
end
return {'ok'}
