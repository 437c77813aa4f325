#!lua flags=allow-oom
-- Counts what is sent in a day, each id once.
--
-- KEYS  set of the day
-- ARGV  id, at most so many, the set's time to live in seconds
--
-- {ok}    it is counted, now or before
-- {over}  there is no room for it today

local set = KEYS[1]

if redis.call('SISMEMBER', set, ARGV[1]) == 1 then
    return {'ok'}
end

if redis.call('SCARD', set) >= tonumber(ARGV[2]) then
    return {'over'}
end

redis.call('SADD', set, ARGV[1])
redis.call('EXPIRE', set, ARGV[3])
return {'ok'}
