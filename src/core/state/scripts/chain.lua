#!lua
-- Accepts a chain header once: a write that a job asks for, by its attempt that
-- holds until the given time. What became of the attempt before it is looked
-- up, so that a job writes once though its worker or its answer was lost.
--
-- KEYS  chain:JOB
-- ARGV  event, expires ms since 1970
--
-- {ok}             this event may go on; the attempt before it has ended, or
--                  has now, without a write
-- {used}           this attempt, or a later one, was here before
-- {done}           the job has been written already
-- {pending}        the attempt before it is under way, or in doubt

local remembered_ms = 7 * 86400 * 1000
local settled_s = 7 * 86400
local key, event, expires = KEYS[1], ARGV[1], tonumber(ARGV[2])

-- settled:EVENT and intent:EVENT of an event that only the script learns.
local prefix = string.match(key, '^crm:{.-}:')

local known = redis.call('HMGET', key, 'event', 'expires')
local before, until_ms = known[1], tonumber(known[2] or 0)

if before ~= event and until_ms >= expires then
    return {'used'}
end

if before and before ~= event then
    local settled = prefix .. 'settled:' .. before
    local how = redis.call('GET', settled)
    if how == 'committed' then
        return {'done'}
    elseif not how then
        if redis.call('EXISTS', prefix .. 'intent:' .. before) == 1 then
            return {'pending'}
        end
        -- It has not begun; now it cannot any more.
        redis.call('SET', settled, 'aborted', 'EX', settled_s)
    end
end

redis.call('HSET', key, 'event', event, 'expires', ARGV[2])
redis.call('PEXPIRE', key, remembered_ms)
return {'ok'}
