#!lua flags=allow-oom
-- How an attempt of a function has ended, and what it told by info.
--
-- KEYS  lease, delayed, dead, inflight, runs, scheduled, answer:JOB
-- ARGV  id, fence, document, schedule or '', document without what was told,
--       how it ended, what somebody waits for or ''
--
-- {ok}
-- {stale}  the lease is not the caller's any more: nothing was done

-- include lib/job.lua

local runs_max, audit_max = 1000, 10000
local answer_s = 120

if not held(ARGV[1], ARGV[2]) then
    return {'stale'}
end

redis.call('XADD', KEYS[5], 'MAXLEN', '~', runs_max, '*', 'doc', ARGV[3])
if ARGV[4] ~= '' then
    redis.call('XADD', KEYS[6], 'MAXLEN', '~', audit_max, '*', 'doc', ARGV[5])
    local key = prefix .. 'schedule:' .. ARGV[4]
    if redis.call('EXISTS', key) == 1 then
        redis.call('HSET', key, 'last_status', ARGV[6])
    end
end
if ARGV[7] ~= '' then
    redis.call('SET', KEYS[7], ARGV[7], 'EX', answer_s)
end
return {'ok'}
