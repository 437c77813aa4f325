#!lua flags=allow-oom
-- Nobody can tell what became of a claimed intent: it is kept and listed, for
-- people to settle. Its records are free.
--
-- KEYS  intents, intent, undetermined, then per record: busy
-- ARGV  event, fence, reason
--
-- {ok}
-- {stale}  settled, or claimed by somebody else

-- include lib/time.lua
-- include lib/claim.lua

local event = ARGV[1]

if not claimed(KEYS[2], ARGV[2]) then
    return {'stale'}
end

redis.call('HSET', KEYS[2], 'state', 'undetermined', 'reason',
    ARGV[3])
redis.call('ZREM', KEYS[1], event)
redis.call('ZADD', KEYS[3], now_ms(), event)
give_back(event, 4)
return {'ok'}
