#!lua flags=allow-oom
-- A claimed intent cannot be settled now: again later. Its records are free
-- meanwhile: nobody may have to wait for a backend that answers nobody.
--
-- KEYS  intents, intent, then per record: busy
-- ARGV  event, fence, reason, delay ms
--
-- {ok}
-- {stale}  settled, or claimed by somebody else

-- include lib/time.lua
-- include lib/claim.lua

local event = ARGV[1]

if not claimed(KEYS[2], ARGV[2]) then
    return {'stale'}
end

redis.call('HSET', KEYS[2], 'reason', ARGV[3])
redis.call('ZADD', KEYS[1], now_ms() + tonumber(ARGV[4]), event)
give_back(event, 3)
return {'ok'}
