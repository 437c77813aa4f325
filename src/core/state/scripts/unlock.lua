#!lua flags=allow-oom
-- A lock by hand goes, whoever writes meanwhile.
--
-- KEYS  epoch, record
-- ARGV  expected epoch, id of the lock; '?' is one that cannot be read
--
-- {ok}          it is not there any more
-- {held}        another one stands there: nothing was done
-- {epoch, current or ''}  this Redis is not the one that the caller knows

local epoch = redis.call('GET', KEYS[1]) or ''
if epoch ~= ARGV[1] then
    return {'epoch', epoch}
end

local stands = redis.call('HGET', KEYS[2], 'manual')
local ok, lock = pcall(cjson.decode, stands or '')
local id = ok and type(lock) == 'table' and lock.id or '?'

if stands and id ~= ARGV[2] then
    return {'held'}
end

redis.call('HDEL', KEYS[2], 'manual')
return {'ok'}
