#!lua flags=allow-oom
-- Elements of an entrance, or of the dead, go. The ids of those of an entrance
-- are remembered like those of jobs that have run.
--
-- KEYS  lease, delayed, dead, inflight, own, list
-- ARGV  per element: its place in the list, itself
--
-- {ok, per element: 1; 0 when it is not there any more}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/note_done.lua
-- include lib/element.lua

local own_key, list = KEYS[5], KEYS[6]
local now = now_ms()

local function remember(element)
    local ok, job = pcall(cjson.decode, element)
    local id = ok and type(job) == 'table' and job.id
    if type(id) ~= 'string' then
        id = redis.sha1hex(element)
    end
    redis.call('SREM', own_key, id)
    note_done({id}, now)
end

local reply = {'ok'}
for i = 1, #ARGV, 2 do
    local gone = take_out(list, ARGV[i], ARGV[i + 1])
    if gone and list ~= dead_key then
        remember(ARGV[i + 1])
    end
    reply[#reply + 1] = gone and 1 or 0
end
clear_stones(list)
return reply
