#!lua flags=allow-oom
-- Jobs whose worker is gone become ready again; those that were given out too
-- often without a result are dead.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  at most so many, deliveries allowed, the time that the last call told
--       the caller (ms; 0: there was none), ms since then by a clock of its
--       own, how old a pull may become (ms)
--
-- {ok, made ready, made dead, ms by this clock, 1 or 0: this clock has stepped}
--
-- Where more time has passed here than there, leases have not run out: nothing
-- is done, so that those who are at work can renew theirs.

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua
-- include lib/endpoint.lua
-- include lib/health_key.lua
-- include lib/health.lua
-- include lib/order.lua
-- include lib/timer.lua
-- include lib/pulls.lua

local now = now_ms()
local ready, dead = 0, 0
local told, passed, step_ms = tonumber(ARGV[3]), tonumber(ARGV[4]), 5000

if told > 0 and now - told - passed > step_ms then
    return {'ok', 0, 0, now, 1}
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', lease_key, '-inf', now,
    'LIMIT', 0, ARGV[1]))
do
    open_job(id)
    local job = redis.call('HMGET', job_key(id), 'class', 'endpoint', 'body',
        'deliveries', 'attempts', 'order', 'foreign', 'sequence', 'fence')
    if not job[1] then
        redis.call('ZREM', lease_key, id)
    elseif tonumber(job[4] or job[9] or 0) >= tonumber(ARGV[2]) then
        bury(job[3], 'crash_loop', now, {id = id, attempts = job[5],
            class = job[1], foreign = job[7], sequence = job[8]})
        end_lease(id, job[2])
        timer_wait(id, '-1')
        order_leave(job[6], id)
        dead = dead + 1
    else
        end_lease(id, job[2])
        make_ready(id, job[1], job[2])
        ready = ready + 1
    end
end

-- Nobody has taken what it pulled; or this clock was ahead once, and names what
-- is pulled since as if it still were: nobody knows when that was.
local oldest = redis.call('XRANGE', pulls_key, '-', '+', 'COUNT', 1)[1]
local age = oldest and now - tonumber(string.match(oldest[1], '^%d+'))
if oldest and math.abs(age) >= tonumber(ARGV[5]) then
    ready = ready + put_back(oldest[1])
elseif not oldest then
    redis.call('DEL', pulls_key)
end

-- Whatever was miscounted by somebody's hand ends when nothing is at work.
if redis.call('EXISTS', lease_key) == 0 then
    redis.call('DEL', inflight_key)
end
redis.call('ZREMRANGEBYSCORE', prefix .. 'rate', '-inf', now)
health_sweep()
return {'ok', ready, dead, now, 0}
