#!lua flags=allow-oom
-- Moves what lies in the entrances into the private lists, then gives out
-- jobs that are ready, each under a lease and with the next fence.
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
local max_move_bytes = 1024 * 1024    -- decoding must not hold Redis up
local endpoint_limit = tonumber(ARGV[4])
local rate, burst = tonumber(ARGV[5]), tonumber(ARGV[6])
local rate_key, sequence_key = prefix .. 'rate', prefix .. 'sequence'
local max_ring_steps, max_passed = 1000, 100
local first_class = 7
local now = now_ms()
local deadline = now + tonumber(ARGV[3])
local org = string.match(prefix, '{(.-)}')
local moved, duplicates, malformed = 0, 0, 0
local wait_ms = -1
local troubled = redis.call('EXISTS', health_index) == 1


-- A body is kept as it came: cjson would change its numbers. What our scripts
-- pushed is strict JSON; asking costs as much as decoding.
local function admit(class, text, sequence)
    local job, why, dead = decode(text, org)
    if not job then
        bury(dead, why, now)
        malformed = malformed + 1
        return
    end
    local id = job.id
    if id == nil or id == cjson.null then
        id = redis.sha1hex(text)
    end
    local foreign = redis.call('SREM', own_key, id) == 0
    if foreign and not is_strict(text) then
        bury(cut(text), not_strict, now)
        malformed = malformed + 1
        return
    end
    if redis.call('EXISTS', job_key(id)) == 1 or was_done(id, now) then
        duplicates = duplicates + 1
        return
    end
    local endpoint = endpoint_of(class, text_of(job.action.url))
    local webhook = webhook_of(class, job.action, foreign)
    local order = class == 'webhooks' and order_of(job, endpoint) or ''
    redis.call('HSET', job_key(id), 'body', text, 'class', class,
        'endpoint', endpoint, 'webhook', webhook, 'order', order,
        'attempts', 0, 'deliveries', 0, 'fence', 0,
        'foreign', foreign and 1 or 0, 'since', now, 'sequence', sequence,
        'state', 'ready')
    if order == '' then
        push_ready(id, class, endpoint)
    else
        order_join(order, id)
    end
end


-- A few of each entrance in turn, so that a full one does not shut the others.
local function empty_entrances()
    local bytes, found = 0, true
    while found do
        found = false
        for i = first_class, #ARGV, 2 do
            local n = math.min(max_moves - moved, 4)
            if n <= 0 or bytes >= max_move_bytes then
                return
            end
            local some = redis.call('LPOP', KEYS[7 + (i - first_class) / 2], n)
                or {}
            local last = #some > 0
                and redis.call('INCRBY', sequence_key, #some) or 0
            for k, text in ipairs(some) do
                moved, bytes, found = moved + 1, bytes + #text, true
                admit(ARGV[i], text, last - #some + k)
            end
        end
    end
end


local function wait_for(ms)
    if wait_ms < 0 or ms < wait_ms then
        wait_ms = math.ceil(ms)
    end
end

-- What this call knows of an endpoint, so that each is asked for once. While
-- its breaker is open it gets nothing, then a single job, to show how it does.
-- full_at is when its bucket of tokens will be full again; the relay has none.
local seen = {}

local function look(endpoint, list)
    local e = seen[endpoint]
    if not e then
        local open_until = troubled and tonumber(redis.call('HGET',
            health_key(endpoint), 'open_until') or 0) or 0
        e = {
            at_work = tonumber(redis.call('HGET', inflight_key, endpoint)
                or 0),
            limit = open_until > now and 0
                or math.min(endpoint_limit, open_until > 0 and 1 or 1e6),
            full_at = rate > 0 and endpoint ~= 'relay' and math.max(now,
                tonumber(redis.call('ZSCORE', rate_key, endpoint) or 0)),
            given = 0
        }
        seen[endpoint] = e
    end
    e.length = e.length or redis.call('LLEN', list)
    return e
end

local function may_go(e)
    if e.length == 0 or e.at_work >= e.limit then
        return false
    elseif e.full_at then
        local over = e.full_at - now - (burst - 1) * 1000 / rate
        if over > 0 then
            wait_for(over)
            return false
        end
        e.full_at = e.full_at + 1000 / rate
    end
    return true
end

-- The next endpoint with room for one more; its ready list stays in the ring
-- while there is something in it.
local function pop_ring(class)
    local ring = prefix .. 'ring:' .. class
    local steps = math.min(redis.call('LLEN', ring), max_ring_steps)
    for _ = 1, steps do
        local endpoint = redis.call('LMOVE', ring, ring, 'LEFT', 'RIGHT')
        local list = ready_key(class, endpoint)
        local e = look(endpoint, list)
        local id = may_go(e) and redis.call('LPOP', list)
        if id then
            e.length = e.length - 1
        end
        if e.length <= 0 then
            redis.call('LREM', ring, -1, endpoint)
        end
        if id then
            return id
        end
    end
end

local function pop(class)
    if class == 'webhooks' or class == 'emails' then
        return pop_ring(class)
    end
    return redis.call('LPOP', ready_key(class, ''))
end


-- The ruler's sequence: of 15 turns the first class has 8, the next 4, 2, 1.
-- A turn that its class cannot use goes to the first class that can.
local classes = {'records', 'functions', 'emails', 'webhooks'}
local turns = {1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1}
local room = {}
for i = first_class, #ARGV, 2 do
    room[ARGV[i]] = tonumber(ARGV[i + 1])
end

local function next_id(turn)
    for rank = 0, #classes do
        local class = classes[rank > 0 and rank or turns[turn % #turns + 1]]
        local id = (room[class] or 0) > 0 and pop(class)
        if id then
            room[class] = room[class] - 1
            return id
        end
        room[class] = nil
    end
end


-- A webhook that is disabled is not called, whoever asks.
local function is_disabled(webhook)
    return troubled and webhook and webhook ~= '' and redis.call('HEXISTS',
        health_key(webhook), 'disabled_at') == 1
end

local function cancel(id, job)
    local why = redis.call('HGET', health_key(job[8]), 'why')
    bury(job[6], 'endpoint_disabled: ' .. (why == 'gone' and 'it answered 410'
        or 'it has failed for five days'), now, tonumber(job[4]))
    redis.call('DEL', job_key(id))
    order_leave(job[9], id)
    if seen[job[3]] then
        seen[job[3]].length = nil       -- the next in order may be there
    end
end

local leases = {}

local function give_out(id, reply)
    local job = redis.call('HMGET', job_key(id), 'state', 'class', 'endpoint',
        'attempts', 'foreign', 'body', 'sequence', 'webhook', 'order', 'fence',
        'deliveries')
    if job[1] ~= 'ready' then
        return false            -- somebody removed it
    elseif is_disabled(job[8]) then
        cancel(id, job)
        return false
    end
    -- One that waited for its time has come by no entrance.
    local sequence = job[7] or redis.call('INCR', sequence_key)
    local fence, deliveries = (job[10] or 0) + 1, (job[11] or 0) + 1
    redis.call('HSET', job_key(id), 'state', 'leased', 'fence', fence,
        'deliveries', deliveries, 'sequence', sequence)
    leases[#leases + 1] = deadline
    leases[#leases + 1] = id
    local e = seen[job[3]]
    if e then
        e.at_work, e.given = e.at_work + 1, e.given + 1
    elseif job[3] ~= '' then
        redis.call('HINCRBY', inflight_key, job[3], 1)
    end
    for _, value in ipairs({id, job[2], fence, job[4], deliveries, job[5],
        sequence, job[6]})
    do
        reply[#reply + 1] = value
    end
    return true
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


empty_entrances()

local reply = {'ok', moved, duplicates, malformed, -1}
local given, turn = 0, tonumber(redis.call('GET', turn_key) or 0)
local passed = 0

while given < max_jobs do
    local id = next_id(turn)
    if not id then
        break
    end
    if give_out(id, reply) then
        given, turn = given + 1, turn + 1
    else
        passed = passed + 1
        if passed >= max_passed then
            wait_for(0)         -- there is more, for another call
            break
        end
    end
end

note_given()
if given > 0 then
    redis.call('SET', turn_key, turn % #turns)
end
reply[5] = wait_ms
return reply
