#!lua
-- Takes the lease of every record or of none, writes the intent, tells what
-- is known of the records.
--
-- KEYS  epoch, intents, intent, settled, then per record: busy, record
-- ARGV  event, expected epoch, lease ttl ms, records JSON, doc, n records,
--       ms until recovery may settle it; doc is '' when prepare will bring it;
--       then, if need be: how a snapshot begins that is of use, '' drops all,
--       '-' neither; then, if need be: modules in which it creates, modules of
--       whose unsettled creates it is to be told, each as 'Leads/Deals'; then,
--       if need be: the day, n pools of those who take turns, per pool: whose
--       turns, members, how many turns are taken, what a member may get that
--       day or '', 1: of those alone who are online, module, n users, users
--       (all members where one of both is asked, else 0)
--
-- {ok, per record: count, field, value, ..., then, where one is of use, per
-- record: the snapshot without its head, or '', then, where it was to be told:
-- 'creates', when the oldest of another began that is not settled, ms, or 0,
-- then, where turns are taken, {per turn: the member, from 0, or -1: nobody may
-- get it}}
-- {busy, ms}              a record is held for at most that long
-- {epoch, current or ''}  this Redis is not the one that the caller knows
-- {settled, how}          the event has ended, committed or aborted, or is
--                         recovery's now: claimed

-- A script makes its functions anew each time it runs: what a plain create has
-- no use for is made where it is used.

-- include lib/time.lua

local snapshots_max_bytes = 1024 * 1024         -- of one reply

local event, ttl, doc = ARGV[1], ARGV[3], ARGV[5]
local n = tonumber(ARGV[6])

-- A begin repeated after a lost answer must not undo what others have done. One
-- that is the first finds neither of the two.
local known = {}
if redis.call('EXISTS', KEYS[3], KEYS[4]) > 0 then
    local settled = redis.call('GET', KEYS[4])
    if settled then
        return {'settled', settled}
    end
    known = redis.call('HMGET', KEYS[3], 'state', 'fence')
    if known[2] then
        return {'settled', 'claimed'}
    end
end

local epoch = redis.call('GET', KEYS[1]) or ''
if epoch ~= ARGV[2] then
    return {'epoch', epoch}
end

if n > 0 then
    -- include lib/many.lua
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
end

local now = now_ms()
local now_text = string.format('%d', now)
if doc ~= '' or known[1] ~= 'prepared' then
    redis.call('HSET', KEYS[3], 'doc', doc, 'records', ARGV[4],
        'state', doc ~= '' and 'prepared' or 'begun', 'begun', now_text,
        'max_time', ARGV[7])
end
redis.call('ZADD', KEYS[2], string.format('%d', now + tonumber(ARGV[7])),
    event)
if (ARGV[9] or '') ~= '' then
    -- include lib/creates.lua
    redis.call('HSET', KEYS[3], 'creates', ARGV[9])
    note_creates(KEYS[2], ARGV[9], event, now)
end

local reply = {'ok'}
for i = 1, n do
    local known = redis.call('HGETALL', KEYS[4 + 2 * i])
    reply[#reply + 1] = #known / 2
    for _, text in ipairs(known) do
        reply[#reply + 1] = text
    end
end

local head, room = ARGV[8] ~= '-' and ARGV[8], snapshots_max_bytes
if head and n > 0 then
    -- include lib/snapshot.lua
    for i = 1, n do
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
end
if (ARGV[10] or '') ~= '' then
    -- include lib/creates.lua
    reply[#reply + 1] = 'creates'
    reply[#reply + 1] = oldest_create(KEYS[2], ARGV[10], event)
end

if ARGV[11] then
    -- include lib/turns.lua
    -- include lib/take_turns.lua
    reply[#reply + 1] = take_turns(string.sub(KEYS[2], 1, -1 - #'intents'),
        KEYS[3], ARGV[11], 12)
end
return reply
