-- What the caller has pulled, and has read itself: jobs as our scripts write
-- them. Where all of them may run and nobody else waits, they are leased where
-- they are, and no body comes in here. Otherwise nothing is done.

-- include lib/done.lua

local first_to = 3 + #KEYS
local first_job = first_to + 2 * ARGV[9]
local n = (#ARGV - first_job + 1) / 2
local job_prefix = prefix .. 'job:'

-- Tables of the size that they will have: one that grows is dear.
local leases = {unpack(ARGV, first_job)}
local ids = {unpack(ARGV, first_job, first_job + n - 1)}
local keys = {unpack(ids)}

for i = 1, n do
    local id = leases[2 * i - 1]
    ids[i], keys[i] = id, job_prefix .. id
    leases[2 * i - 1], leases[2 * i] = deadline, id
end

-- KEYS from the ninth on are all that may hold other jobs.
local may = n > 0 and n <= max_jobs and n <= tonumber(ARGV[11])
    and not troubled and redis.call('EXISTS', unpack(KEYS, 9)) == 0
    and redis.call('EXISTS', unpack(keys)) == 0

for i = may and first_to or first_job, first_job - 1, 2 do
    local most = tonumber(ARGV[i + 1])
    may = may and may_begin(look(ARGV[i]), most) == most
end

if may then
    local own = redis.call('SMISMEMBER', own_key, unpack(ids))
    local done = were_done(ids, now)
    for i = 1, n do
        may = may and own[i] == 1 and not done[i]
    end
end

-- The number of those that are new says that none is leased already.
may = may and #redis.call('XRANGE', pulls_key, ARGV[7], ARGV[7]) == 1
if may then
    leases_are_many(n, deadline)
    may = redis.call('ZADD', lease_key, 'NX', unpack(leases)) == n
    local known = may or redis.call('HMGET', fresh_key, unpack(ids))
    for i = 1, may and 0 or n do
        if not known[i] then
            redis.call('ZREM', lease_key, ids[i])
        end
    end
end

if may then
    local count = string.format('%d', n)
    local sequence = redis.call('INCRBY', sequence_key, count) - n + 1
    redis.call('HSET', prefix .. 'batches', ARGV[8], count, ARGV[8] .. ':',
        now_text .. ' ' .. string.format('%d', sequence))
    redis.call('HSET', fresh_key, unpack(ARGV, first_job))
    redis.call('XDEL', pulls_key, ARGV[7])      -- all else is known by now
    redis.call('SREM', own_key, unpack(ids))
    for i = first_to, first_job - 1, 2 do
        local e = look(ARGV[i])
        redis.call('HINCRBY', inflight_key, ARGV[i], ARGV[i + 1])
        if e.full_at then
            redis.call('ZADD', rate_key, e.full_at + ARGV[i + 1] * 1000 / rate,
                ARGV[i])
        end
    end
    return {'ok', n, 0, 0, -1, redis.call('LLEN', KEYS[8]), sequence}
end
