#!lua
-- Moves webhooks out of their entrance into a list of the caller's own, who
-- reads it there: no body comes in here.
--
-- KEYS  queue:webhooks, pulls, batch:BATCH
-- ARGV  BATCH, at most so many, at most so many bytes
--
-- {ok, its id in pulls}
-- {none}  there is nothing, or it is more than so many bytes: nothing was done

local id = redis.call('XADD', KEYS[2], '*', 'batch', ARGV[1])

-- It sorts nothing: it alone copies a part of a list into another, unseen.
local n = redis.call('SORT', KEYS[1], 'BY', 'nosort', 'LIMIT', 0, ARGV[2],
    'STORE', KEYS[3])

if n == 0 or redis.call('MEMORY', 'USAGE', KEYS[3], 'SAMPLES', 0)
    > tonumber(ARGV[3])
then
    redis.call('XDEL', KEYS[2], id)
    redis.call('DEL', KEYS[3])
    return {'none'}
end

redis.call('LTRIM', KEYS[1], n, -1)
return {'ok', id}
