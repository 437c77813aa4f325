#!lua flags=allow-oom
-- What is known of records whose scores are to be counted anew; of none, it is
-- asked whether it is time to.
--
-- KEYS  scoring, per record: record
-- ARGV  at most so many updates that have not ended
--
-- {ok, per record: count, field, value, ...}   as begin tells it
-- {busy, n}  so many updates of records before them have not: not now

local prefix = string.match(KEYS[1], '^.-}:')

local function waiting()
    local n = 0
    for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
        if redis.call('EXISTS', prefix .. 'job:' .. id) == 1 then
            n = n + 1
        else
            redis.call('SREM', KEYS[1], id)
        end
    end
    return n
end

local n = #KEYS == 1 and waiting() or 0
if n > tonumber(ARGV[1]) then
    return {'busy', n}
end

local reply = {'ok'}
for i = 2, #KEYS do
    local known = redis.call('HGETALL', KEYS[i])
    reply[#reply + 1] = #known / 2
    for _, text in ipairs(known) do
        reply[#reply + 1] = text
    end
end
return reply
