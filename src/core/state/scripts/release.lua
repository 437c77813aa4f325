#!lua flags=allow-oom
-- An operator takes a lock away that somebody set by hand.
--
-- KEYS  record, trace
-- ARGV  the lock as the operator saw it, trace document
--
-- {released}
-- {none}     it is not locked by hand
-- {changed}  by another lock than that meanwhile; nothing changed

local manual = redis.call('HGET', KEYS[1], 'manual')
if not manual then
    return {'none'}
end
if manual ~= ARGV[1] then
    return {'changed'}
end
redis.call('HDEL', KEYS[1], 'manual')
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'doc', ARGV[2])
return {'released'}
