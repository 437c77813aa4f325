#!lua
-- Stores the next revision and makes it the current one.
--
-- KEYS  revision, revisions, epoch, rules:N
-- ARGV  expected current revision, N, bundle, meta JSON, epoch if none is
--
-- {ok, N, epoch}
-- {conflict, current, epoch or ''}  somebody else was faster

local current = redis.call('GET', KEYS[1]) or '0'

if current == ARGV[2] and redis.call('GET', KEYS[4]) == ARGV[3] then
    return {'ok', current, redis.call('GET', KEYS[3]) or ''}
end

if current ~= ARGV[1] then
    return {'conflict', current, redis.call('GET', KEYS[3]) or ''}
end

redis.call('SET', KEYS[3], ARGV[5], 'NX')
redis.call('SET', KEYS[4], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
redis.call('SET', KEYS[1], ARGV[2])
return {'ok', ARGV[2], redis.call('GET', KEYS[3])}
