-- include lib/keys.lua

local function ready_key(class, endpoint)
    local key = prefix .. 'ready:' .. class
    return endpoint == '' and key or key .. ':' .. endpoint
end

-- An endpoint is in the ring of its class while it has ready jobs.
local function push_ready(class, endpoint, ids)
    local length = redis.call('RPUSH', ready_key(class, endpoint), unpack(ids))
    if length == #ids and endpoint ~= '' then
        redis.call('RPUSH', prefix .. 'ring:' .. class, endpoint)
    end
end

local function make_ready(id, class, endpoint)
    push_ready(class, endpoint, {id})
    redis.call('HSET', job_key(id), 'state', 'ready')
end

local function end_lease(id, endpoint)
    redis.call('ZREM', lease_key, id)
    if endpoint ~= ''
        and redis.call('HINCRBY', inflight_key, endpoint, -1) <= 0
    then
        redis.call('HDEL', inflight_key, endpoint)
    end
end

-- include lib/batch.lua
-- include lib/facts.lua

-- Is there one of that id, whatever it is kept as?
local function is_alive(id)
    return redis.call('EXISTS', job_key(id)) == 1
        or redis.call('HEXISTS', fresh_key, id) == 1
end

-- Whoever does more with such a job than to end it makes it a hash first.
local function open_job(id)
    local first = redis.call('HGET', fresh_key, id)
    if not first then
        return
    end
    local facts, batch = facts_of(id, first)
    local key, args = job_key(id), {}
    for name, value in pairs(facts) do
        args[#args + 1] = name
        args[#args + 1] = value
    end
    redis.call('HDEL', fresh_key, id)
    redis.call('DEL', key)
    redis.call('HSET', key, unpack(args))
    if batch then
        leave_batch(batch, 1)
    end
end

-- Is the job under the lease that this fence was given with? Once reaped, a
-- lease is over, whether or not somebody took the job since.
local function held(id, fence)
    open_job(id)
    local job = redis.call('HMGET', job_key(id), 'state', 'fence')
    return job[1] == 'leased' and job[2] == fence
end
