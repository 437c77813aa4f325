#!lua flags=no-writes
-- What is known of a job, whatever it is kept as.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  id, names of fields
--
-- {per field: its value, or nil}

-- include lib/keys.lua
-- include lib/batch.lua
-- include lib/facts.lua

local id = ARGV[1]
local first = redis.call('HGET', fresh_key, id)
local names = {unpack(ARGV, 2)}

if not first then
    return redis.call('HMGET', job_key(id), unpack(names))
end

local fields, reply = facts_of(id, first), {}
for i, name in ipairs(names) do
    reply[i] = fields[name] or false
end
return reply
