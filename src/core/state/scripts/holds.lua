#!lua flags=no-writes
-- What is known of one record, at one instant: for whoever asks why.
--
-- KEYS  record, busy, intents, undetermined, delayed
-- ARGV  "MODULE/ID" and the id as JSON strings, at most so many intents, at
--       most so many waiting jobs are looked at
--
-- {ok, now ms, event that holds the lease or '', ms that it still lasts,
--  number of record fields, of writes, of jobs, of waiting jobs not looked at,
--  per field: name, value,
--  per write: event, state, begun ms or '', reason or '', 1 if undetermined,
--  per job: id, due ms, body}
--
-- A job may be another record's all the same: its body says so.

-- include lib/time.lua

local base = string.sub(KEYS[3], 1, -1 - #'intents')
local fields = redis.call('HGETALL', KEYS[1])
local writes, jobs = {}, {}

local function add(list, ...)
    for _, value in ipairs({...}) do
        list[#list + 1] = value
    end
end

for place, key in ipairs({KEYS[3], KEYS[4]}) do
    local events = redis.call('ZRANGE', key, 0, tonumber(ARGV[3]) - 1)
    for _, event in ipairs(events) do
        local known = redis.call('HMGET', base .. 'intent:' .. event,
            'records', 'state', 'begun', 'reason')
        if known[1] and string.find(known[1], ARGV[1], 1, true) then
            add(writes, event, known[2] or '', known[3] or '',
                known[4] or '', place - 1)
        end
    end
end

local wanted = '"record_id":' .. ARGV[2]
local members = redis.call('ZRANGE', KEYS[5], 0, tonumber(ARGV[4]) - 1,
    'WITHSCORES')
for i = 1, #members, 2 do
    local body = redis.call('HGET', base .. 'job:' .. members[i], 'body')
    if body and string.find(body, wanted, 1, true) then
        add(jobs, members[i], members[i + 1], body)
    end
end

local reply = {'ok', now_ms(), redis.call('GET', KEYS[2]) or '',
    redis.call('PTTL', KEYS[2]), #fields / 2, #writes / 5, #jobs / 3,
    redis.call('ZCARD', KEYS[5]) - #members / 2}
for _, list in ipairs({fields, writes, jobs}) do
    for _, value in ipairs(list) do
        reply[#reply + 1] = value
    end
end
return reply
