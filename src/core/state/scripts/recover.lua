#!lua flags=allow-oom
-- Claims intents whose time has come: nobody has told what became of them.
-- The leases of their records are kept, or taken anew where they had run out,
-- so that nothing is written between reading back and settling.
--
-- KEYS  intents, undetermined
-- ARGV  at most so many, claim ms, lease ms, at most so many bytes
--
-- {ok, dropped, blocked, ms until the next is due or -1, per intent: event,
--  fence, lapsed 0|1, begun ms, max time ms, doc, n records, MODULE/ID ...}

-- include lib/time.lua
-- include lib/creates.lua
-- include lib/turns.lua

local intents_key, undetermined_key = KEYS[1], KEYS[2]
local prefix = string.sub(intents_key, 1, -1 - #'intents')
local claim_ms, lease_ms = tonumber(ARGV[2]), ARGV[3]
local max_bytes = tonumber(ARGV[4])
local seven_days_s = 7 * 86400
local busy_ms = 2000
local now = now_ms()
local dropped, blocked, bytes = 0, 0, 0
local reply = {'ok', 0, 0, -1}


-- Whatever a hand has written there, a list of strings comes out.
local function records_of(text)
    local ok, list = pcall(cjson.decode, text or '[]')
    local records = {}
    for i, record in ipairs(ok and type(list) == 'table' and list or {}) do
        if type(record) == 'string' then
            records[#records + 1] = record
        end
    end
    return records
end

local function drop(event, records)
    for _, record in ipairs(records) do
        local busy = prefix .. 'busy:' .. record
        if redis.call('GET', busy) == event then
            redis.call('DEL', busy)
        end
    end
    local intent = prefix .. 'intent:' .. event
    forget_creates(intents_key, redis.call('HGET', intent, 'creates'), event)
    return_turns(prefix, redis.call('HGET', intent, 'turns'), {})
    redis.call('DEL', intent)
    redis.call('ZREM', intents_key, event)
end

-- How long another write holds one of the records, or nil.
local function held_for(event, records)
    for _, record in ipairs(records) do
        local busy = prefix .. 'busy:' .. record
        local holder = redis.call('GET', busy)
        if holder and holder ~= event then
            local left = redis.call('PTTL', busy)
            return left > 0 and math.min(left, busy_ms) or busy_ms
        end
    end
end

local function lease(event, records)
    local lapsed = 0
    for _, record in ipairs(records) do
        local busy = prefix .. 'busy:' .. record
        if redis.call('GET', busy) ~= event then
            lapsed = 1
        end
        redis.call('SET', busy, event, 'PX', lease_ms)
    end
    return lapsed
end

local function claim(event, known, records)
    local lapsed = lease(event, records)
    local fence = redis.call('HINCRBY', prefix .. 'intent:' .. event,
        'fence', 1)
    redis.call('ZADD', intents_key, now + claim_ms, event)
    for _, value in ipairs({event, fence, lapsed, known[4] or '0',
        known[5] or '0', known[2] or '', #records})
    do
        reply[#reply + 1] = value
    end
    for _, record in ipairs(records) do
        reply[#reply + 1] = record
    end
    bytes = bytes + #(known[2] or '')
end

local function look_at(event)
    local known = redis.call('HMGET', prefix .. 'intent:' .. event, 'state',
        'doc', 'records', 'begun', 'max_time')
    local records = records_of(known[3])
    local settled = prefix .. 'settled:' .. event
    if known[1] == 'undetermined' then
        redis.call('ZREM', intents_key, event)
        redis.call('ZADD', undetermined_key, 'NX', now, event)
    elseif not known[1] and not known[2]
        or redis.call('GET', settled) == 'committed'
    then
        drop(event, records)
    elseif known[1] == 'begun' then
        -- Never prepared, so never forwarded. A prepare or begin that comes
        -- late must find that it has ended.
        drop(event, records)
        redis.call('SET', settled, 'aborted', 'EX', seven_days_s)
        dropped = dropped + 1
    else
        local left = held_for(event, records)
        if left then
            redis.call('ZADD', intents_key, now + left, event)
            blocked = blocked + 1
        else
            claim(event, known, records)
        end
    end
end


for _, event in ipairs(redis.call('ZRANGEBYSCORE', intents_key, '-inf', now,
    'LIMIT', 0, ARGV[1]))
do
    if bytes >= max_bytes then
        break
    end
    look_at(event)
end

local first = redis.call('ZRANGE', intents_key, 0, 0, 'WITHSCORES')
reply[2], reply[3] = dropped, blocked
if first[1] then
    reply[4] = math.max(tonumber(first[2]) - now, 0)
end
return reply
