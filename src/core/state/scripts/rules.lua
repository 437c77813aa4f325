#!lua flags=allow-oom
-- A process says that it lives and asks what is current. It may always write:
-- what it writes is small and bounded, and a full Redis must not hide the
-- rules.
--
-- KEYS  epoch, revision, processes, intents, epoch:accepted, undetermined
-- ARGV  process ("host:pid"), doc (a JSON object), epoch that it remembers
--
-- {ok, epoch or '', revision or '', now ms, number of intents, the epoch that
--  was accepted in place of the remembered one or '', number of undetermined}

-- include lib/time.lua

local forget_ms = 60000
local now = now_ms()

local head = string.match(ARGV[2], '^%s*({.*)}%s*$')
if not head then
    return redis.error_reply('ERR the process document is not an object')
end

local comma = string.match(head, '^{%s*$') and '' or ','
redis.call('HSET', KEYS[3], ARGV[1],
    head .. comma .. string.format('"seen_ms":%.0f}', now))

local all = redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
    local seen = string.match(all[i + 1], '"seen_ms":(%d+)}$')
    if not seen or tonumber(seen) < now - forget_ms then
        redis.call('HDEL', KEYS[3], all[i])
    end
end

return {'ok', redis.call('GET', KEYS[1]) or '',
    redis.call('GET', KEYS[2]) or '', now, redis.call('ZCARD', KEYS[4]),
    redis.call('HGET', KEYS[5], ARGV[3]) or '', redis.call('ZCARD', KEYS[6])}
