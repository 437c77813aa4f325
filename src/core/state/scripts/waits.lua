#!lua flags=no-writes
-- Records that wait for an approval, those that wait longest first: one page.
--
-- KEYS  approvals
-- ARGV  since when, ms, and its name: the record behind which to begin, or '',
--       ''; how many are looked at, at most; how many bytes of states are told
--
-- {ok, 1 if there are more, name and score of the last that was looked at, or
--  '' and 0, then per record: name, state}

local base = string.sub(KEYS[1], 1, -1 - #'approvals')
local since, behind = ARGV[1], ARGV[2]
local wanted, room = tonumber(ARGV[3]), tonumber(ARGV[4])

-- The place behind it; where it waits no more, that of its time, and those of
-- the same time that come before it by name are passed over.
local first = 0
if behind ~= '' then
    local rank = redis.call('ZRANK', KEYS[1], behind)
    if rank and redis.call('ZSCORE', KEYS[1], behind) == since then
        first = rank + 1
    else
        first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. since)
    end
end

local names = redis.call('ZRANGE', KEYS[1], first, first + wanted,
    'WITHSCORES')
local reply = {'ok', 0, '', 0}
for i = 1, #names, 2 do
    local name, score = names[i], names[i + 1]
    if i > 2 * wanted or room <= 0 then
        reply[2] = 1
        break
    end
    reply[3], reply[4] = name, tonumber(score)
    if score ~= since or name > behind then
        local state = redis.call('HGET', base .. 'record:' .. name, 'approval')
        if state then
            room = room - #state
            reply[#reply + 1] = name
            reply[#reply + 1] = state
        end
    end
end
return reply
