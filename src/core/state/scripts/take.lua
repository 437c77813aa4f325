#!lua flags=allow-oom
-- Reads what lies in the entrances, then gives out jobs that may run, each
-- under a lease and with the next fence. What has to wait is put into the
-- private lists; what nothing is in front of goes straight to the caller.
--
-- KEYS  lease, delayed, dead, inflight, own, turn, then per class: queue
-- ARGV  at most so many jobs, at most so many elements moved, lease ttl ms,
--       per endpoint: jobs in flight, jobs a second (0: any), so many at once,
--       then per class: its name, at most so many jobs
--
-- {ok, moved, duplicates, malformed, ms until an endpoint that has jobs may
--  have another one by its rate or -1, per job: id, class, fence, attempts,
--  deliveries, foreign, sequence, body}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua
-- include lib/done.lua
-- include lib/endpoint.lua
-- include lib/health.lua
-- include lib/order.lua
-- include lib/admit.lua

local own_key, turn_key = KEYS[5], KEYS[6]
local max_jobs, max_moves = tonumber(ARGV[1]), tonumber(ARGV[2])
local endpoint_limit = tonumber(ARGV[4])
local rate, burst = tonumber(ARGV[5]), tonumber(ARGV[6])
local rate_key = prefix .. 'rate'
local max_ring_steps, max_passed, round_moves = 1000, 100, 25
local now = now_ms()
local deadline = string.format('%.0f', now + tonumber(ARGV[3]))
local org = string.match(prefix, '{(.-)}')
local wait_ms = -1
local troubled = redis.call('EXISTS', health_index) == 1

-- include lib/entrance.lua


local function wait_for(ms)
    if wait_ms < 0 or ms < wait_ms then
        wait_ms = math.ceil(ms)
    end
end

-- What this call knows of an endpoint, so that each is asked for once. While
-- its breaker is open it gets nothing, then a single job, to show how it does.
-- full_at is when its bucket of tokens will be full again; the relay has none.
-- Neither lies further ahead than it is ever set: where it does, Redis' clock
-- has stepped back, and nobody shall wait for it to come round again.
local seen = {}

local function look(endpoint)
    local e = seen[endpoint]
    if not e then
        local open_until = troubled and tonumber(redis.call('HGET',
            health_key(endpoint), 'open_until') or 0) or 0
        e = {
            at_work = tonumber(redis.call('HGET', inflight_key, endpoint)
                or 0),
            limit = open_until > now and open_until <= now + breaker_open_ms
                and 0 or math.min(endpoint_limit, open_until > 0 and 1 or 1e6),
            full_at = rate > 0 and endpoint ~= 'relay' and math.max(now,
                math.min(now + burst * 1000 / rate, tonumber(
                redis.call('ZSCORE', rate_key, endpoint) or 0))),
            given = 0
        }
        seen[endpoint] = e
    end
    return e
end

-- How long until its bucket has a token; 0 or less: it has one.
local function over_rate(e)
    return e.full_at and e.full_at - now - (burst - 1) * 1000 / rate or 0
end

local function may_go(e)
    if e.at_work >= e.limit then
        return false
    end
    local over = over_rate(e)
    if over > 0 then
        wait_for(over)
        return false
    elseif e.full_at then
        e.full_at = e.full_at + 1000 / rate
    end
    return true
end


-- The classes asked for: how many of each, and what waits for them in Redis:
-- endpoints in the ring, or jobs.
local room, backlog, queues = {}, {}, {}

for i = 7, #ARGV, 2 do
    local class = ARGV[i]
    room[class] = tonumber(ARGV[i + 1])
    local first = math.min(max_jobs, room[class])
    queues[#queues + 1] = {class = class, key = KEYS[7 + (i - 7) / 2],
        first = max_jobs > 0 and first or round_moves}
end

local function has_ring(class)
    return class == 'webhooks' or class == 'emails'
end

local function count_backlog()
    for class in pairs(room) do
        backlog[class] = redis.call('LLEN', has_ring(class)
            and prefix .. 'ring:' .. class or ready_key(class, ''))
    end
end

-- Where a single receiver has jobs, as many as there is room for and more than
-- that, no other one waits for its turn: the rest may stay where it is.
local function enough()
    if pairs_seen ~= 1 then
        return false
    end
    for _, queue in ipairs(queues) do
        local of = fresh[queue.class]
        if (backlog[queue.class] or 0) > 0 then
            return false
        elseif of then
            local endpoint = of.ring[1]
            local n = #of.lists[endpoint]
            if endpoint ~= '' then
                local e = look(endpoint)
                n = math.min(n, e.limit - e.at_work, e.full_at
                    and math.floor(1 - over_rate(e) * rate / 1000) or n)
            end
            return n >= math.min(max_jobs, room[queue.class]) and max_jobs > 0
        end
    end
end


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
        local endpoint = table.remove(of.ring, 1)
        local list = of.lists[endpoint]
        local job = (endpoint == '' or may_go(look(endpoint)))
            and list[list.at]
        if job then
            list.at = list.at + 1
        end
        if list.at <= #list then
            of.ring[#of.ring + 1] = endpoint
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


-- The ruler's sequence: of 15 turns the first class has 8, the next 4, 2, 1.
-- A turn that its class cannot use goes to the first class that can.
local classes = {'records', 'functions', 'emails', 'webhooks'}
local turns = {1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1}
local background = 'scores'

local function job_of(class)
    local job = (room[class] or 0) > 0 and pop(class)
    if job then
        room[class] = room[class] - 1
        return job
    end
    room[class] = nil
end

local function live_job(turn)
    for rank = 0, #classes do
        local job = job_of(classes[rank > 0 and rank or turns[turn + 1]])
        if job then
            return job
        end
    end
end

-- Behind each job of the background one of the others goes first, if there is
-- any: so it has half of the turns at most, over all calls. Its last turn and
-- theirs are one number: that of theirs, and 15 more if the last was its own.
local function next_job(turn)
    local live = turn % #turns
    local job = turn < #turns and job_of(background)
    if job then
        return job, live + #turns
    end
    job = live_job(live)
    if job then
        return job, (live + 1) % #turns
    end
    return job_of(background), live + #turns
end


-- A webhook that is disabled is not called, whoever asks.
local function is_disabled(webhook)
    return troubled and webhook and webhook ~= '' and redis.call('HEXISTS',
        health_key(webhook), 'disabled_at') == 1
end

local function cancel(webhook, body, known)
    local why = redis.call('HGET', health_key(webhook), 'why')
    bury(body, 'endpoint_disabled: ' .. (why == 'gone' and 'it answered 410'
        or 'it has failed for five days'), now, known)
end

local leases, reply = {}, {'ok', 0, 0, 0, -1}

local function lease(endpoint, id, class, fence, attempts, deliveries, foreign,
    sequence, body)
    leases[#leases + 1] = deadline
    leases[#leases + 1] = id
    local e = seen[endpoint]
    if e then
        e.at_work, e.given = e.at_work + 1, e.given + 1
    elseif endpoint ~= '' then
        redis.call('HINCRBY', inflight_key, endpoint, 1)
    end
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = id, class, fence
    reply[n + 4], reply[n + 5], reply[n + 6] = attempts, deliveries, foreign
    reply[n + 7], reply[n + 8] = sequence, body
    return true
end

local function give_out_fresh(job)
    if is_disabled(job.webhook) then
        cancel(job.webhook, job.text, {id = job.id, class = job.class,
            foreign = job.foreign and '1', sequence = job.sequence})
        return false
    end
    store(job, 'leased', '1')
    return lease(job.endpoint, job.id, job.class, 1, 0, 1,
        job.foreign and 1 or 0, job.sequence, job.text)
end

local function give_out(id)
    local job = redis.call('HMGET', job_key(id), 'state', 'class', 'endpoint',
        'attempts', 'foreign', 'body', 'sequence', 'webhook', 'order', 'fence',
        'deliveries')
    if job[1] ~= 'ready' then
        return false            -- somebody removed it
    elseif is_disabled(job[8]) then
        cancel(job[8], job[6], {id = id, class = job[2], foreign = job[5],
            attempts = job[4], sequence = job[7]})
        redis.call('DEL', job_key(id))
        order_leave(job[9], id)
        if seen[job[3]] then
            seen[job[3]].length = nil   -- the next in order may be there
        end
        return false
    end
    -- One that waited for its time has come by no entrance.
    local sequence = job[7] or redis.call('INCR', sequence_key)
    local fence = string.format('%d', (job[10] or 0) + 1)
    local deliveries = string.format('%d', (job[11] or 0) + 1)
    redis.call('HSET', job_key(id), 'state', 'leased', 'fence', fence,
        'deliveries', deliveries, 'sequence', sequence)
    return lease(job[3], id, job[2], fence, job[4] or 0, deliveries,
        job[5] or 0, sequence, job[6])
end

-- What the jobs given out have in common is written once.
local function note_given()
    if #leases == 0 then
        return
    end
    redis.call('ZADD', lease_key, unpack(leases))
    for endpoint, e in pairs(seen) do
        if e.given > 0 then
            redis.call('HINCRBY', inflight_key, endpoint, e.given)
        end
        if e.given > 0 and e.full_at then
            redis.call('ZADD', rate_key, e.full_at, endpoint)
        end
    end
end


count_backlog()
empty_entrances(queues, enough)
count_backlog()

-- Behind those that wait already; what is left here is what nothing waits for.
local wanted = 0
for class, n in pairs(backlog) do
    if n > 0 then
        spill(class)
        count_backlog()
    end
    if backlog[class] > 0 or fresh[class] then
        wanted = wanted + 1
    end
end

-- Whose turn it is matters where more than one class has something.
local given, passed = 0, 0
local turn = wanted > 1 and tonumber(redis.call('GET', turn_key) or 0) or 0

while given < max_jobs do
    local job, following = next_job(turn)
    if not job then
        break
    end
    if (type(job) == 'table' and give_out_fresh or give_out)(job) then
        given, turn = given + 1, following
    else
        passed = passed + 1
        if passed >= max_passed then
            wait_for(0)         -- there is more, for another call
            break
        end
    end
end

note_given()
if given > 0 and wanted > 1 then
    redis.call('SET', turn_key, string.format('%d', turn))
end
for _, queue in ipairs(queues) do
    spill(queue.class)
end
reply[2], reply[3], reply[4], reply[5] = moved, duplicates, malformed, wait_ms
return reply
