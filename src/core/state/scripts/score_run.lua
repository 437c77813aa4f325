#!lua
-- The stored records of a module are to be counted anew.
--
-- KEYS  lease, delayed, dead, inflight, scores
-- ARGV  id, module, body, what is told of it
--
-- {ok}
-- {running}  they are being counted

-- include lib/time.lua
-- include lib/job.lua

local id = ARGV[1]

if redis.call('EXISTS', job_key(id)) == 1 then
    return {'running'}
end

redis.call('HSET', job_key(id), 'body', ARGV[3], 'class', 'scores',
    'endpoint', '', 'attempts', 0, 'deliveries', 0, 'fence',
    string.format('%.0f', now_ms()), 'foreign', 0, 'since',
    string.format('%.0f', now_ms()))
redis.call('HSET', KEYS[5], ARGV[2], ARGV[4])
make_ready(id, 'scores', '')
return {'ok'}
