#!lua
-- Takes the lease of every record or of none, writes the intent, tells what
-- is known of the records.
--
-- KEYS  epoch, intents, intent, settled, then per record: busy, record
-- ARGV  event, expected epoch, lease ttl ms, records JSON, doc, n records,
--       ms until recovery may settle it; doc is '' when prepare will bring it;
--       then, if need be: how a snapshot begins that is of use, '' drops all
--
-- {ok, per record: count, field, value, ..., then, where one is of use, per
-- record: the snapshot without its head, or ''}
-- {busy, ms}              a record is held for at most that long
-- {epoch, current or ''}  this Redis is not the one that the caller knows
-- {settled, how}          the event has ended, committed or aborted, or is
--                         recovery's now: claimed

-- include lib/time.lua
-- include lib/many.lua
-- include lib/snapshot.lua

local snapshots_max_bytes = 1024 * 1024         -- of one reply

local event, ttl, doc = ARGV[1], ARGV[3], ARGV[5]
local n = tonumber(ARGV[6])

local current = redis.call('MGET', KEYS[1], KEYS[4])
local epoch, settled = current[1] or '', current[2]
if settled then
    return {'settled', settled}
end

-- A begin repeated after a lost answer must not undo what others have done.
local known = redis.call('HMGET', KEYS[3], 'state', 'fence')
if known[2] then
    return {'settled', 'claimed'}
end

if epoch ~= ARGV[2] then
    return {'epoch', epoch}
end

local function busy(i)
    return KEYS[3 + 2 * i]
end

local other
many('MGET', n, busy, function(holder, i)
    other = other or holder and holder ~= event and busy(i)
end)
if other then
    return {'busy', math.max(redis.call('PTTL', other), 1)}
end

for i = 1, n do
    redis.call('SET', busy(i), event, 'PX', ttl)
end

local now = now_ms()
if doc ~= '' or known[1] ~= 'prepared' then
    redis.call('HSET', KEYS[3], 'doc', doc, 'records', ARGV[4],
        'state', doc ~= '' and 'prepared' or 'begun', 'begun', now,
        'max_time', ARGV[7])
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[7]), event)

local reply = {'ok'}
for i = 1, n do
    local known = redis.call('HGETALL', KEYS[4 + 2 * i])
    reply[#reply + 1] = #known / 2
    for _, text in ipairs(known) do
        reply[#reply + 1] = text
    end
end

local head, room = ARGV[8], snapshots_max_bytes
for i = 1, head and n or 0 do
    local key = snapshot_of(KEYS[2], KEYS[4 + 2 * i])
    if head == '' then
        redis.call('DEL', key)
    else
        -- where one is missing, the backend is asked for all
        local kept = room > 0 and redis.call('GET', key) or ''
        local good = string.sub(kept, 1, #head) == head and #kept <= room
        room = good and room - #kept or 0
        reply[#reply + 1] = good and string.sub(kept, #head + 1) or ''
    end
end
return reply
