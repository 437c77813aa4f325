#!lua flags=allow-oom
-- Dead jobs live again, each under the id that it had, with what it may do and
-- what it may not.
--
-- KEYS  lease, delayed, dead, inflight
-- ARGV  ms until the first is due, ms from one to the next (both 0: at once),
--       then per job: its place among the dead, its element
--
-- {ok, per job: 1; 0 when it is not there any more; -1 when a job of its id is
--  under way or waits; -2 when it never was a job}

-- include lib/time.lua
-- include lib/job.lua
-- include lib/dead.lua
-- include lib/endpoint.lua
-- include lib/order.lua
-- include lib/admit.lua
-- include lib/element.lua

local now = now_ms()
local org = string.match(prefix, '{(.-)}')
local due, step = now + tonumber(ARGV[1]), tonumber(ARGV[2])

-- Of what died before its class was noted, or was put there by hand.
local function class_of(entry, job)
    local classes = {webhooks = 'webhooks', email_notifications = 'emails',
        functions = 'functions', scores = 'scores', score_updates = 'scores'}
    for _, class in ipairs({'webhooks', 'emails', 'records', 'functions',
        'scores'})
    do
        if entry.class == class then
            return class
        end
    end
    return classes[job.type] or 'records'
end

-- The body comes out of the element as it went in: greedy, since what follows
-- it holds no such words outside of a string.
local function read(element)
    local decoded, entry = pcall(cjson.decode, element)
    local body = string.match(element, '^{"job":(.*),"reason":"')
    local job = decoded and body and decode(body, org)
    if not job then
        return
    end
    local id = job.id
    if id == nil or id == cjson.null then
        id = redis.sha1hex(body)
    end
    return id, body, job, entry
end

local function wait_till_due(id)
    redis.call('HSET', job_key(id), 'state', 'delayed', 'due', due)
    redis.call('ZADD', delayed_key, due, id)
    due = due + step
end

local function start(id, class, endpoint, order)
    if order ~= '' then
        order_join(order, id)
    elseif step > 0 then
        wait_till_due(id)
    else
        make_ready(id, class, endpoint)
    end
end

local function revive(place, element)
    local id, body, job, entry = read(element)
    if not id then
        return -2
    elseif is_alive(id) then
        return -1
    elseif not take_out(dead_key, place, element) then
        return 0
    end
    local class, foreign = class_of(entry, job), entry.foreign ~= false
    local endpoint = endpoint_of(class, text_of(job.action.url))
    local webhook, order = '', ''
    if class == 'webhooks' then
        webhook = webhook_of(text_of(job.action.name),
            text_of(job.action.url), foreign)
        order = order_of(job, endpoint)
    end
    -- Whoever held it before its death has a lower fence.
    redis.call('HSET', job_key(id), 'body', body, 'class', class,
        'endpoint', endpoint, 'webhook', webhook, 'order', order,
        'attempts', 0, 'deliveries', 0, 'fence', now,
        'foreign', foreign and 1 or 0, 'since', now,
        'sequence', type(entry.sequence) == 'number' and entry.sequence
            or redis.call('INCR', prefix .. 'sequence'))
    start(id, class, endpoint, order)
    return 1
end

local reply = {'ok'}
for i = 3, #ARGV, 2 do
    reply[#reply + 1] = revive(ARGV[i], ARGV[i + 1])
end
clear_stones(dead_key)
return reply
