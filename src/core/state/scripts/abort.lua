#!lua flags=allow-oom
-- The write will not happen, or the backend refused it.
--
-- KEYS  intents, intent, settled, then per record: busy
-- ARGV  event, n records
--
-- {ok}
-- {committed}  too late, it was committed: nothing was done

local event = ARGV[1]
local seven_days_s = 7 * 86400

if redis.call('GET', KEYS[3]) == 'committed' then
    return {'committed'}
end

for i = 1, tonumber(ARGV[2]) do
    if redis.call('GET', KEYS[3 + i]) == event then
        redis.call('DEL', KEYS[3 + i])
    end
end

-- Without an intent this abort may have overtaken its begin, whose lease
-- nobody would give back: it has to find that the event has ended.
if redis.call('DEL', KEYS[2]) == 0 then
    redis.call('SET', KEYS[3], 'aborted', 'EX', seven_days_s)
end
redis.call('ZREM', KEYS[1], event)
return {'ok'}
