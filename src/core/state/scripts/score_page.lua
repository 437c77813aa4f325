#!lua flags=allow-oom
-- A page of records has been counted: what Redis keeps of them is set, what
-- their fields lack is ready to be written, and the job goes on behind that, or
-- is over.
--
-- KEYS  lease, delayed, dead, inflight, scores, scoring
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
local now = string.format('%.0f', now_ms())

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

local updates = {}
for i = 7 + 3 * n, #ARGV, 2 do
    if redis.call('EXISTS', job_key(ARGV[i])) == 0 then
        redis.call('HSET', job_key(ARGV[i]), 'body', ARGV[i + 1], 'class',
            'scores', 'endpoint', '', 'attempts', 0, 'deliveries', 0, 'fence',
            0, 'foreign', 0, 'since', now, 'state', 'ready')
        updates[#updates + 1] = ARGV[i]
    end
end
if #updates > 0 then
    push_ready('scores', '', updates)
    redis.call('SADD', KEYS[6], unpack(updates))
end

redis.call('HSET', KEYS[5], ARGV[3], ARGV[4])
end_lease(id, '')
if body == '' then
    redis.call('DEL', key, KEYS[6])
else
    redis.call('HSET', key, 'since', now, 'body', body, 'attempts', 0,
        'deliveries', 0)
    make_ready(id, 'scores', '')
end
return {'ok'}
