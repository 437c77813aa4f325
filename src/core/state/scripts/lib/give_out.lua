-- Who runs now: the turns of classes and endpoints, and the leases.

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
        local list = ready_key(class, endpoint)
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

-- The same among the jobs of this call.
local function pop_fresh(of)
    for _ = 1, #of.ring do
        local endpoint = of.ring[of.at]
        local list = of.lists[endpoint]
        list.e = list.e or endpoint ~= '' and look(endpoint)
        local job = (not list.e or may_go(list.e)) and list[list.at]
        if job then
            list.at = list.at + 1
        end
        if list.at <= #list then
            of.at = of.at % #of.ring + 1
        else
            table.remove(of.ring, of.at)
            of.at = of.at > #of.ring and 1 or of.at
        end
        if job then
            return job
        end
    end
end

-- A job of this call, or the id of one that is ready.
local function pop(class)
    if fresh[class] then
        return pop_fresh(fresh[class])
    elseif backlog[class] == 0 then
        return nil
    elseif has_ring(class) then
        return pop_ring(class)
    end
    return redis.call('LPOP', ready_key(class, ''))
end


local function job_of(class)
    local job = room[class] > 0 and pop(class)
    if job then
        room[class] = room[class] - 1
        return job
    end
    room[class] = nil
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

local deadline = string.format('%d', now + tonumber(ARGV[3]))
local leases, n_leases, n_reply = {}, 0, #reply

local function lease(endpoint, id, class, fence, attempts, deliveries, foreign,
    sequence, body)
    leases[n_leases + 1], leases[n_leases + 2] = deadline, id
    n_leases = n_leases + 2
    local e = seen[endpoint]
    if e then
        e.at_work, e.given = e.at_work + 1, e.given + 1
    elseif endpoint ~= '' then
        redis.call('HINCRBY', inflight_key, endpoint, 1)
    end
    local n = n_reply
    reply[n + 1], reply[n + 2], reply[n + 3] = id, class, fence
    reply[n + 4], reply[n + 5], reply[n + 6] = attempts, deliveries, foreign
    reply[n + 7], reply[n + 8] = sequence, body
    n_reply = n + 8
    return true
end

local function give_out_fresh(job)
    local to = job.to
    if troubled and is_disabled(to.webhook) then
        cancel(to.webhook, job.text, {id = job.id, class = to.class,
            foreign = job.foreign and '1', sequence = job.sequence})
        return false
    end
    store(job, 'leased', '1')
    return lease(to.endpoint, job.id, to.class, 1, 0, 1,
        job.foreign and 1 or 0, job.sequence, job.text)
end

local function give_out(id)
    local job = redis.call('HMGET', job_key(id), 'state', 'class', 'endpoint',
        'attempts', 'foreign', 'body', 'sequence', 'webhook', 'order', 'fence',
        'deliveries')
    if job[1] ~= 'ready' then
        return false            -- somebody removed it
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
    return lease(job[3], id, job[2], fence, job[4] or 0, deliveries,
        job[5] or 0, sequence, job[6])
end

-- What the jobs given out have in common is written once.
local function note_given()
    if n_leases == 0 then
        return
    end
    redis.call('ZADD', lease_key, unpack(leases))
    for endpoint, e in pairs(seen) do
        if e.given > 0 then
            redis.call('HINCRBY', inflight_key, endpoint,
                string.format('%d', e.given))
        end
        if e.given > 0 and e.full_at then
            redis.call('ZADD', rate_key, e.full_at, endpoint)
        end
    end
end

-- Jobs that next() names one after the other, with the turn behind it.
local function give_out_all(turn, next)
    local given, passed = 0, 0

    while given < max_jobs do
        local job, following = next(turn)
        if not job then
            break
        end
        if (type(job) == 'table' and give_out_fresh or give_out)(job) then
            given, turn = given + 1, following
        else
            passed = passed + 1
            if passed >= max_passed then
                wait_for(0)     -- there is more, for another call
                break
            end
        end
    end

    note_given()
    return given, turn
end
