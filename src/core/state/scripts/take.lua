#!lua flags=allow-oom
-- Reads what lies in the entrances, then gives out jobs that may run, each
-- under a lease and with the next fence. What has to wait is put into the
-- private lists; what nothing is in front of goes straight to the caller.
--
-- KEYS  lease, delayed, dead, inflight, own, turn, pulls, then per class: its
--       queue, what waits for it in Redis (a ring of endpoints, or jobs)
-- ARGV  at most so many jobs, at most so many elements moved, lease ttl ms,
--       per endpoint: jobs in flight, jobs a second (0: any), so many at once,
--       of what the caller has pulled: its id in pulls (empty: there is none),
--       its batch, to how many endpoints it goes (0: let it be read here),
--       then per class: its name, at most so many jobs,
--       then per endpoint of what was pulled: itself, how many,
--       then per job of it: id, what `fresh` is to hold
--
-- What is pulled comes from the first class, webhooks.
--
-- {ok, moved, duplicates, malformed, ms until an endpoint that has jobs may
--  have another one by its rate or -1, elements left in the first queue,
--  sequence of the first of what was pulled if all of that runs, each under
--  fence 1, or 0, per other job: id, what it is (class, fence, attempts,
--  deliveries, foreign, blanks between), sequence, body}

-- A script makes its functions anew each time it runs: what an empty queue, or
-- our own jobs, have no use for is made where it is used.

-- include lib/time.lua
-- include lib/keys.lua
-- include lib/health_key.lua

local own_key, turn_key = KEYS[5], KEYS[6]
local max_jobs, max_moves = tonumber(ARGV[1]), tonumber(ARGV[2])
local endpoint_limit = tonumber(ARGV[4])
local rate, burst = tonumber(ARGV[5]), tonumber(ARGV[6])
local rate_key = prefix .. 'rate'
local max_ring_steps, max_passed, round_moves = 1000, 100, 25
local now = now_ms()
local org = string.match(prefix, '{(.-)}')
local wait_ms = -1
local troubled = redis.call('EXISTS', health_index) == 1
local joined = false            -- one that keeps its order may be ready now
local deadline = string.format('%d', now + tonumber(ARGV[3]))
local sequence_key = prefix .. 'sequence'
local now_text = string.format('%d', now)

-- include lib/digits.lua
-- include lib/room.lua
-- include lib/leases.lua

if ARGV[7] ~= '' and ARGV[9] ~= '0' then
    -- include lib/pulled.lua
end

-- include lib/fresh.lua
-- include lib/going.lua

-- include lib/batch.lua
-- include lib/pulls.lua

-- What was pulled is read here, with what else there is, in the order of all.
if ARGV[7] ~= '' and #redis.call('XRANGE', pulls_key, ARGV[7], ARGV[7]) > 0 then
    put_back(ARGV[7])
end

-- What goes to the dead, and what others push, needs these.
local odd_functions

local function odd()
    if not odd_functions then
        -- include lib/dead.lua
        -- include lib/admit.lua
        odd_functions = {bury = bury, decode = decode, cut = cut,
            is_strict = is_strict, not_strict = not_strict}
    end
    return odd_functions
end

-- What is to wait in Redis, or has waited there, needs these.
local list_functions

local function lists()
    if not list_functions then
        -- include lib/store.lua
        list_functions = {store = store, spill = spill, key = ready_key}
    end
    return list_functions
end

local order_functions

local function order()
    if not order_functions then
        -- include lib/job.lua
        -- include lib/endpoint.lua
        -- include lib/order.lua
        order_functions = {of = order_of, join = order_join,
            leave = order_leave}
    end
    return order_functions
end

-- The functions that read elements are made with the first of them.
local read_elements

local function admit(class, texts)
    if not read_elements then
        -- include lib/done.lua
        -- include lib/endpoint.lua
        -- include lib/admission.lua
        read_elements = admit_all
    end
    return read_elements(class, texts)
end

-- include lib/entrance.lua

-- The classes asked for: how many of each, and what waits for them in Redis:
-- endpoints in the ring, or jobs.
local room, backlog, queues = {}, {}, {}

local function has_ring(class)
    return class == 'webhooks' or class == 'emails'
end

for i = 8, #KEYS, 2 do
    local class = ARGV[i + 2]
    room[class] = tonumber(ARGV[i + 3])
    local first = math.min(max_jobs, room[class])
    queues[#queues + 1] = {class = class, key = KEYS[i], waiting = KEYS[i + 1],
        first = max_jobs > 0 and first or round_moves}
end

local function count_backlog()
    local keys = {}
    for i, queue in ipairs(queues) do
        keys[i] = queue.waiting
    end
    local any = keys[1] and redis.call('EXISTS', unpack(keys)) > 0
    for _, queue in ipairs(queues) do
        backlog[queue.class] = any and redis.call('LLEN', queue.waiting) or 0
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
                n = may_begin(look(endpoint), n)
            end
            return n >= math.min(max_jobs, room[queue.class]) and max_jobs > 0
        end
    end
end


count_backlog()
empty_entrances(queues, enough)
if joined then
    count_backlog()
end

-- Behind those that wait already; what is left here is what nothing waits for.
local wanted, only = 0, nil
for class, n in pairs(backlog) do
    if n > 0 and fresh[class] then
        lists().spill(class)
        count_backlog()
    end
    if backlog[class] > 0 or fresh[class] then
        wanted, only = wanted + 1, class
    end
end

local reply = {'ok', 0, 0, 0, -1, 0, 0}

-- Whose turn it is matters where more than one class has something.
if wanted > 0 and max_jobs > 0 then
    -- include lib/give_out.lua
    if wanted == 1 then
        give_out_all(nil, function()
            return room[only] and job_of(only)
        end)
    else
        -- include lib/class_turns.lua
        local given, turn = give_out_all(
            tonumber(redis.call('GET', turn_key) or 0), next_job)
        if given > 0 then
            redis.call('SET', turn_key, string.format('%d', turn))
        end
    end
end
for class in pairs(fresh) do
    lists().spill(class)
end
reply[2], reply[3], reply[4], reply[5] = moved, duplicates, malformed, wait_ms
reply[6] = KEYS[8] and redis.call('LLEN', KEYS[8]) or 0
return reply
