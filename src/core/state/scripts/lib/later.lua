-- One that waits for its time is a worker's at once: promote lets it out. A
-- timer may come again under its id: no fence of its shall.
local function wait(job, id, class, body, due, url)
    local timer = url == 'move' or url == 'keep'
    redis.call('HSET', job, 'body', body, 'class', class, 'endpoint',
        endpoint_of(class, url), 'attempts', 0, 'deliveries', 0, 'fence',
        timer and string.format('%.0f', now_ms()) or 0, 'foreign', 0, 'since',
        due, 'due', due, 'state', 'delayed')
    redis.call('ZADD', delayed, due, id)
end

-- A timer moves with what it waits for: keep only makes one that is missing.
-- The worker that looks at it now learns of it at the end (timer.lua). Without
-- the lease another write may know better: then it comes earlier, never later.
local function move(job, id, state, body, due)
    if late and (due == '-1' or state ~= 'delayed'
        or tonumber(redis.call('ZSCORE', delayed, id) or 0) <= tonumber(due))
    then
        return
    elseif state ~= 'delayed' then
        redis.call('HSET', job, 'moved_due', due, 'moved_body', body)
    elseif due == '-1' then
        redis.call('ZREM', delayed, id)
        redis.call('DEL', job)
    else
        redis.call('HDEL', job, 'moved_due', 'moved_body')
        redis.call('HSET', job, 'body', body, 'since', due, 'due', due,
            'attempts', 0, 'deliveries', 0)
        redis.call('ZADD', delayed, due, id)
    end
end
