#!lua
-- A lock by hand: it stands from now on, and is confirmed when the write that
-- held the record as it was laid does so no more. Repeated until it is.
--
-- KEYS  epoch, record, busy
-- ARGV  expected epoch, how: lay, confirm or put, id, the lock (JSON object
--       whose member id is that id)
--
-- {ok}          it stands and is confirmed
-- {wait, ms}    it stands; a write that began before it is under way, for at
--               most that long
-- {held}        lay: another lock stands there
-- {gone}        confirm, put: the lock is not there any more
-- {epoch, current or ''}  this Redis is not the one that the caller knows

local how, id, doc = ARGV[2], ARGV[3], ARGV[4]

local epoch = redis.call('GET', KEYS[1]) or ''
if epoch ~= ARGV[1] then
    return {'epoch', epoch}
end

local stands = redis.call('HGET', KEYS[2], 'manual')
local ok, lock = pcall(cjson.decode, stands or '')
lock = ok and type(lock) == 'table' and lock or {}

if stands and lock.id ~= id then
    return {how == 'lay' and 'held' or 'gone'}
end
if not stands and how ~= 'lay' then
    return {'gone'}
end

-- The document of the lock, with one more member.
local function with(member, json)
    return string.sub(doc, 1, -2) .. ',"' .. member .. '":' .. json .. '}'
end

if lock.confirmed == true then
    if how == 'put' then
        redis.call('HSET', KEYS[2], 'manual', with('confirmed', 'true'))
    end
    return {'ok'}
end

-- Who holds the record when the lock is laid has not seen it; who does later
-- has, and is refused: nobody need wait for him.
local holder = redis.call('GET', KEYS[3])
local past = lock.past
if not stands then
    past = holder
end

if holder and holder == past then
    if not stands or how == 'put' then
        redis.call('HSET', KEYS[2], 'manual',
            with('past', cjson.encode(past)))
    end
    return {'wait', math.max(redis.call('PTTL', KEYS[3]), 1)}
end

redis.call('HSET', KEYS[2], 'manual', with('confirmed', 'true'))
return {'ok'}
