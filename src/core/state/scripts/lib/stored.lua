-- Jobs that have waited in Redis, and receivers that get none.

-- The next endpoint with room for one more; its ready list stays in the ring
-- while there is something in it.
local function pop_ring(class)
    local ring = prefix .. 'ring:' .. class
    local steps = math.min(backlog[class], max_ring_steps)
    for _ = 1, steps do
        local endpoint = redis.call('LMOVE', ring, ring, 'LEFT', 'RIGHT')
        if not endpoint then
            break
        end
        local list = lists().key(class, endpoint)
        local e = look(endpoint)
        e.length = e.length or redis.call('LLEN', list)
        local id = e.length > 0 and may_go(e) and redis.call('LPOP', list)
        if id then
            e.length = e.length - 1
        end
        if e.length <= 0 then
            redis.call('LREM', ring, -1, endpoint)
            backlog[class] = backlog[class] - 1
        end
        if id then
            return id
        end
    end
end

-- A webhook that is disabled is not called, whoever asks.
local function is_disabled(webhook)
    return webhook and webhook ~= '' and redis.call('HEXISTS',
        health_key(webhook), 'disabled_at') == 1
end

local function cancel(webhook, body, known)
    local why = redis.call('HGET', health_key(webhook), 'why')
    odd().bury(body, 'endpoint_disabled: ' .. (why == 'gone'
        and 'it answered 410' or 'it has failed for five days'), now, known)
end

local function give_out(id)
    local job = redis.pcall('HMGET', job_key(id), 'state', 'class', 'endpoint',
        'attempts', 'foreign', 'body', 'sequence', 'webhook', 'order', 'fence',
        'deliveries')
    if job[1] ~= 'ready' then
        return false            -- somebody removed it, or it is no hash
    elseif troubled and is_disabled(job[8]) then
        cancel(job[8], job[6], {id = id, class = job[2], foreign = job[5],
            attempts = job[4], sequence = job[7]})
        redis.call('DEL', job_key(id))
        if job[9] and job[9] ~= '' then
            order().leave(job[9], id)
        end
        if seen[job[3]] then
            seen[job[3]].length = nil   -- the next in order may be there
        end
        return false
    end
    -- One that waited for its time has come by no entrance.
    local sequence = job[7] or redis.call('INCR', sequence_key)
    local fence = string.format('%d', (job[10] or 0) + 1)
    local deliveries = string.format('%d', (job[11] or job[10] or 0) + 1)
    redis.call('HSET', job_key(id), 'state', 'leased', 'fence', fence,
        'deliveries', deliveries, 'sequence', sequence)
    return lease(job[3], id, table.concat({job[2], fence, job[4] or '0',
        deliveries, job[5] or '0'}, ' '), sequence, job[6])
end
