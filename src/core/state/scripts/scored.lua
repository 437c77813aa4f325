#!lua flags=no-writes
-- What is known of records whose scores are to be counted anew; of none, it is
-- asked whether it is time to.
--
-- KEYS  queue:records, ready:records, per record: record
-- ARGV  none
--
-- {ok, per record: count, field, value, ...}   as begin tells it
-- {busy, n}  so many jobs that write records stand in front: not now

local waiting = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2])
if #KEYS == 2 and waiting > 0 then
    return {'busy', waiting}
end

local reply = {'ok'}
for i = 3, #KEYS do
    local known = redis.call('HGETALL', KEYS[i])
    reply[#reply + 1] = #known / 2
    for _, text in ipairs(known) do
        reply[#reply + 1] = text
    end
end
return reply
