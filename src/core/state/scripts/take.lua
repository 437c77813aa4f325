#!lua flags=allow-oom
-- Moves what lies in the entrances into the private lists, then gives out
-- jobs that are ready, each under a lease and with the next fence.
--
-- KEYS  lease, delayed, dead, inflight, own, turn, then per class: queue
-- ARGV  at most so many jobs, at most so many elements moved, lease ttl ms,
--       jobs in flight per endpoint, then per class: its name
--
-- {ok, moved, duplicates, malformed, per job: id, class, fence, attempts,
--  deliveries, foreign, body}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua
-- include lib/done.lua
-- include lib/endpoint.lua
-- include lib/admit.lua

local own_key, turn_key = KEYS[5], KEYS[6]
local max_jobs, max_moves = tonumber(ARGV[1]), tonumber(ARGV[2])
local max_move_bytes = 1024 * 1024    -- decoding must not hold Redis up
local endpoint_limit = tonumber(ARGV[4])
local max_ring_steps = 1000
local now = now_ms()
local deadline = now + tonumber(ARGV[3])
local org = string.match(prefix, '{(.-)}')
local moved, duplicates, malformed = 0, 0, 0


-- A body is kept as it came: cjson would change its numbers. What our scripts
-- pushed is strict JSON; asking costs as much as decoding.
local function admit(class, text)
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
    local url = job.action.url
    local endpoint = endpoint_of(class, type(url) == 'string' and url or '')
    redis.call('HSET', job_key(id), 'body', text, 'class', class,
        'endpoint', endpoint, 'attempts', 0, 'deliveries', 0, 'fence', 0,
        'foreign', foreign and 1 or 0, 'since', now)
    make_ready(id, class, endpoint)
end


-- One of each entrance in turn, so that a full one does not shut the others.
local function empty_entrances()
    local bytes, found = 0, true
    while found do
        found = false
        for i = 5, #ARGV do
            if moved >= max_moves or bytes >= max_move_bytes then
                return
            end
            local text = redis.call('LPOP', KEYS[i + 2])
            if text then
                moved, bytes, found = moved + 1, bytes + #text, true
                admit(ARGV[i], text)
            end
        end
    end
end


-- The next endpoint with room for one more; its ready list stays in the ring
-- while there is something in it.
local function pop_ring(class)
    local ring = prefix .. 'ring:' .. class
    local steps = math.min(redis.call('LLEN', ring), max_ring_steps)
    for _ = 1, steps do
        local endpoint = redis.call('LPOP', ring)
        local list = ready_key(class, endpoint)
        local at_work = redis.call('HGET', inflight_key, endpoint)
        local id = tonumber(at_work or 0) < endpoint_limit
            and redis.call('LPOP', list)
        if redis.call('EXISTS', list) == 1 then
            redis.call('RPUSH', ring, endpoint)
        end
        if id then
            return id
        end
    end
end

local function pop(class)
    if class == 'webhooks' then
        return pop_ring(class)
    end
    return redis.call('LPOP', ready_key(class, ''))
end


-- The ruler's sequence: of 15 turns the first class has 8, the next 4, 2, 1.
-- A turn that its class cannot use goes to the first class that can.
local classes = {'records', 'functions', 'emails', 'webhooks'}
local turns = {1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1}
local open = {}
for i = 5, #ARGV do
    open[ARGV[i]] = true
end

local function next_id(turn)
    for rank = 0, #classes do
        local class = classes[rank > 0 and rank or turns[turn % #turns + 1]]
        local id = open[class] and pop(class)
        if id then
            return id
        end
        open[class] = nil
    end
end


local function give_out(id, reply)
    local job = redis.call('HMGET', job_key(id), 'state', 'class', 'endpoint',
        'attempts', 'foreign', 'body')
    if job[1] ~= 'ready' then
        return false            -- somebody removed it
    end
    local fence = redis.call('HINCRBY', job_key(id), 'fence', 1)
    local deliveries = redis.call('HINCRBY', job_key(id), 'deliveries', 1)
    redis.call('HSET', job_key(id), 'state', 'leased')
    redis.call('ZADD', lease_key, deadline, id)
    if job[3] ~= '' then
        redis.call('HINCRBY', inflight_key, job[3], 1)
    end
    for _, value in ipairs({id, job[2], fence, job[4], deliveries, job[5],
        job[6]})
    do
        reply[#reply + 1] = value
    end
    return true
end


empty_entrances()

local reply = {'ok', moved, duplicates, malformed}
local given, turn = 0, tonumber(redis.call('GET', turn_key) or 0)

while given < max_jobs do
    local id = next_id(turn)
    if not id then
        break
    end
    if give_out(id, reply) then
        given, turn = given + 1, turn + 1
    end
end

if given > 0 then
    redis.call('SET', turn_key, turn % #turns)
end
return reply
