#!lua flags=allow-oom
-- A claimed intent cannot be settled now: again later. If that is soon, its
-- records stay held until then: what was done to them may have locked them,
-- and only its settlement brings the mark. If it is not, they are free: nobody
-- may have to wait for a backend that answers nobody.
--
-- KEYS  intents, intent, then per record: busy
-- ARGV  event, fence, reason, delay ms
--
-- {ok}
-- {stale}  settled, or claimed by somebody else

-- include lib/time.lua
-- include lib/claim.lua

local event, delay_ms = ARGV[1], tonumber(ARGV[4])
local soon_ms, late_ms = 20000, 10000

if not claimed(KEYS[2], ARGV[2]) then
    return {'stale'}
end

redis.call('HSET', KEYS[2], 'reason', ARGV[3])
redis.call('ZADD', KEYS[1], now_ms() + delay_ms, event)

if delay_ms > soon_ms then
    give_back(event, 3)
else
    for i = 3, #KEYS do
        if redis.call('GET', KEYS[i]) == event then
            redis.call('PEXPIRE', KEYS[i], delay_ms + late_ms)
        end
    end
end
return {'ok'}
