#!lua flags=allow-oom
-- A page of records has been counted: what Redis keeps of them is set, what
-- their fields lack is pushed, and the job goes on behind it, or is over.
--
-- KEYS  lease, delayed, dead, inflight, own, queue:records, scores
-- ARGV  id, fence, module, what is told of it, its body or '' (over), n kept,
--       per record: MODULE/ID, what was kept or '', what is; then per update:
--       id, job
--
-- {ok}
-- {stale}  the lease is not the caller's any more: nothing was done
--
-- A record that is being written, or was since it was read, is left alone: that
-- write has counted it.

-- include lib/time.lua
-- include lib/job.lua

local id, body, n = ARGV[1], ARGV[5], tonumber(ARGV[6])
local key = job_key(id)

if not held(id, ARGV[2]) then
    return {'stale'}
end

for i = 7, 6 + 3 * n, 3 do
    local record = prefix .. 'record:' .. ARGV[i]
    if redis.call('EXISTS', prefix .. 'busy:' .. ARGV[i]) == 0
        and (redis.call('HGET', record, 'score') or '') == ARGV[i + 1]
    then
        redis.call('HSET', record, 'score', ARGV[i + 2])
    end
end

for i = 7 + 3 * n, #ARGV, 2 do
    redis.call('SADD', KEYS[5], ARGV[i])
    redis.call('RPUSH', KEYS[6], ARGV[i + 1])
end

redis.call('HSET', KEYS[7], ARGV[3], ARGV[4])
end_lease(id, '')
if body == '' then
    redis.call('DEL', key)
else
    local now = string.format('%.0f', now_ms())
    redis.call('HSET', key, 'state', 'delayed', 'due', now, 'since', now,
        'body', body, 'attempts', 0, 'deliveries', 0)
    redis.call('ZADD', delayed_key, now, id)
end
return {'ok'}
