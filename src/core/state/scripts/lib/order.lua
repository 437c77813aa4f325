-- Webhooks that keep their order: of those of one record to one endpoint only
-- the first is ready, under a lease or delayed; the others wait behind it.
-- order:HASH (list): their ids, in order.
local function order_key(order)
    return prefix .. 'order:' .. order
end

local function order_of(job, endpoint)
    local record = type(job.record_id) == 'string' and job.record_id or ''
    if job.action.ordered ~= true or record == '' then
        return ''
    end
    return string.sub(redis.sha1hex(table.concat({endpoint,
        text_of(job.action.name), text_of(job.module), record}, '\n')), 1, 16)
end

-- The next one may go. Those that a hand has removed are passed over.
local function order_next(order)
    local key = order_key(order)
    for _ = 1, 1000 do
        local id = redis.call('LINDEX', key, 0)
        local job = id and redis.call('HMGET', job_key(id), 'state', 'class',
            'endpoint')
        if not id then
            return
        elseif job[1] then
            if job[1] == 'waiting' then
                make_ready(id, job[2], job[3])
            end
            return
        end
        redis.call('LPOP', key)
    end
end

local function order_join(order, id)
    redis.call('HSET', job_key(id), 'state', 'waiting')
    redis.call('RPUSH', order_key(order), id)
    order_next(order)
end

-- The job has ended.
local function order_leave(order, id)
    if order and order ~= '' then
        redis.call('LREM', order_key(order), 1, id)
        order_next(order)
    end
end
