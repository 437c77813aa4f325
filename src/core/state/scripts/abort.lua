#!lua flags=allow-oom
-- The write will not happen, or the backend refused it; or recovery has found
-- that it did not happen.
--
-- KEYS  intents, intent, settled, undetermined, then per record: busy, record
-- ARGV  event, fence of recovery's claim or ''
--
-- {ok}
-- {committed}  too late, it was committed: nothing was done
-- {stale}      the claim was not the caller's any more: nothing was done

-- include lib/claim.lua
-- include lib/creates.lua
-- include lib/turns.lua

local event, fence = ARGV[1], ARGV[2]
local seven_days_s = 7 * 86400

if redis.call('GET', KEYS[3]) == 'committed' then
    return {'committed'}
end

if fence ~= '' and not claimed(KEYS[2], fence) then
    return {'stale'}
end

forget_creates(KEYS[1], redis.call('HGET', KEYS[2], 'creates'), event)

for i = 5, #KEYS, 2 do
    redis.call('HDEL', KEYS[i + 1], 'maybe:' .. event)
    if redis.call('GET', KEYS[i]) == event then
        redis.call('DEL', KEYS[i])
    end
end

return_turns(string.sub(KEYS[1], 1, -1 - #'intents'),
    redis.call('HGET', KEYS[2], 'turns'), {})

-- Without an intent this abort may have overtaken its begin, whose lease
-- nobody would give back: it has to find that the event has ended.
if redis.call('DEL', KEYS[2]) == 0 or fence ~= '' then
    redis.call('SET', KEYS[3], 'aborted', 'EX', seven_days_s)
end
redis.call('ZREM', KEYS[1], event)
redis.call('ZREM', KEYS[4], event)
return {'ok'}
