-- A timer waits for its next time, ms, or is over, '-1': any other job, too.
-- What a write has set while a worker looked at it goes before, and is told.
local function timer_wait(id, due, body)
    local key = job_key(id)
    local moved = redis.call('HMGET', key, 'moved_due', 'moved_body')
    if moved[1] then
        due, body = moved[1], moved[2]
    end
    if due == '-1' then
        redis.call('DEL', key)
    else
        redis.call('HDEL', key, 'moved_due', 'moved_body')
        redis.call('HSET', key, 'state', 'delayed', 'due', due, 'since', due,
            'body', body, 'attempts', 0, 'deliveries', 0)
        redis.call('ZADD', delayed_key, due, id)
    end
    return moved[1]
end
