#!lua
-- A hand starts a schedule: a tick of its own is ready, beside the clock's.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  schedule, body, day (YYYYMMDD, of the organisation's)
--
-- {ok, n}        its n-th by hand on that day
-- {limit, most}  so many have been today
-- {running}      one goes on, and it says overlap: skip
-- {unknown}      no worker has seen a schedule of that id

-- include lib/time.lua
-- include lib/job.lua
-- include lib/endpoint.lua
-- include lib/order.lua

local schedule, day = ARGV[1], ARGV[3]
local key = prefix .. 'schedule:' .. schedule
local known = redis.call('HMGET', key, 'spec', 'runs_now', 'day', 'today',
    'overlap')
local today = known[3] == day and tonumber(known[4]) or 0
local most = tonumber(known[2] or 0)

if not known[1] then
    return {'unknown'}
elseif today >= most then
    return {'limit', most}
end

order_next(schedule)
if known[5] == 'skip' and redis.call('LLEN', order_key(schedule)) > 0 then
    return {'running'}
end

local id = schedule .. ':' .. day .. ':' .. (today + 1)
redis.call('HSET', job_key(id), 'body', ARGV[2], 'class', 'functions',
    'endpoint', '', 'attempts', 0, 'deliveries', 0, 'fence', 0, 'foreign', 0,
    'since', string.format('%.0f', now_ms()))
make_ready(id, 'functions', '')
redis.call('HSET', key, 'day', day, 'today', today + 1)
return {'ok', today + 1}
