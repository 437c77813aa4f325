-- Every script of the worker begins with KEYS lease, delayed, dead, inflight.
-- The keys of single jobs and endpoints (job:ID, ready:CLASS[:ENDPOINT],
-- ring:CLASS, done:DAY, order:HASH, health:HASH) have names that only the
-- script learns; they are derived from the first key and share its hash tag.
local lease_key, delayed_key, dead_key = KEYS[1], KEYS[2], KEYS[3]
local inflight_key = KEYS[4]
local prefix = string.sub(lease_key, 1, -1 - #'lease')
local job_max_bytes = 1024 * 1024       -- CRM_MAX_JOB_BYTES

local function job_key(id)
    return prefix .. 'job:' .. id
end

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

-- Is the job under the lease that this fence was given with? Once reaped, a
-- lease is over, whether or not somebody took the job since.
local function held(id, fence)
    local job = redis.call('HMGET', job_key(id), 'state', 'fence')
    return job[1] == 'leased' and job[2] == fence
end
