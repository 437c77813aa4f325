-- How endpoints do (lib/endpoint.lua), behind lib/health_key.lua. What is kept of one is gone with its
-- next success, so that of those that are well nothing is kept.
--
-- health (sorted set): either of them -> its last failure (ms)
-- health:ENDPOINT  kind endpoint, url, 0 … 9 (samples), trips, open_until
-- health:WEBHOOK   kind webhook, name, url, since, last, failures, error,
--                  told, told_at, disabled_at, why
local sample_ms, samples = 30000, 10
local breaker_least, breaker_share = 10, 0.7
local disable_after_ms, disable_span_ms = 120 * 3600000, 12 * 3600000
local told_every_ms = 3600000
local failing_kept_s, disabled_kept_s = 8 * 86400, 30 * 86400

local function health_touch(hash, kept_s, now)
    redis.call('EXPIRE', health_key(hash), kept_s)
    redis.call('ZADD', health_index, now, hash)
end

local function health_forget(hash)
    if redis.call('DEL', health_key(hash)) == 1 then
        redis.call('ZREM', health_index, hash)
    end
end

-- Adds a result to the samples; all and failed of the last five minutes.
local function health_sample(key, failed, now)
    local number = math.floor(now / sample_ms)
    local all, bad = 0, 0
    local slots = {}
    for i = 1, samples do
        slots[i] = i - 1
    end
    for i, text in ipairs(redis.call('HMGET', key, unpack(slots))) do
        local at, n, f = string.match(text or '', '^(%d+):(%d+):(%d+)$')
        at, n, f = tonumber(at or -1), tonumber(n or 0), tonumber(f or 0)
        if i - 1 == number % samples then
            if at ~= number then
                n, f = 0, 0
            end
            n, f, at = n + 1, f + (failed and 1 or 0), number
            redis.call('HSET', key, i - 1,
                string.format('%d:%d:%d', number, n, f))
        end
        if at > number - samples then
            all, bad = all + n, bad + f
        end
    end
    return all, bad
end

local function endpoint_failed(hash, url, now)
    local key = health_key(hash)
    local all, bad = health_sample(key, true, now)
    local open_until = tonumber(redis.call('HGET', key, 'open_until') or 0)
    local opens = open_until == 0
        and all >= breaker_least and bad >= all * breaker_share
    redis.call('HSET', key, 'kind', 'endpoint', 'url', url)
    -- While it is open, what had begun before says nothing new.
    if opens or open_until > 0 and open_until <= now then
        redis.call('HINCRBY', key, 'trips', 1)
        redis.call('HSET', key, 'open_until', now + breaker_open_ms)
    end
    health_touch(hash, 3600, now)
    return opens and 'breaker_open' or nil
end

-- It answered, whatever it said: the breaker closes.
local function endpoint_answered(hash, now)
    local key = health_key(hash)
    if redis.call('EXISTS', key) == 0 then
        return
    elseif redis.call('HEXISTS', key, 'open_until') == 1 then
        health_forget(hash)
    else
        health_sample(key, false, now)
    end
end

local function webhook_disable(hash, why, now)
    local key = health_key(hash)
    redis.call('HSET', key, 'disabled_at', now, 'why', why)
    health_touch(hash, disabled_kept_s, now)
    return 'disabled'
end

-- What people are to be told of, at most once an hour: that half of the way to
-- being disabled is gone, and 70, 90, 100 percent.
local function webhook_failed(hash, name, url, error, now)
    local key = health_key(hash)
    redis.call('HSETNX', key, 'since', now)
    redis.call('HINCRBY', key, 'failures', 1)
    local old = redis.call('HMGET', key, 'since', 'disabled_at', 'told',
        'told_at')
    redis.call('HSET', key, 'kind', 'webhook', 'name', name, 'url', url,
        'last', now, 'error', string.sub(error, 1, 200))
    if old[2] then
        return
    end
    health_touch(hash, failing_kept_s, now)
    local age = now - tonumber(old[1])
    if age >= disable_after_ms and age >= disable_span_ms then
        return webhook_disable(hash, 'failing', now)
    end
    for _, percent in ipairs({90, 70, 50}) do
        if age * 100 >= disable_after_ms * percent then
            if tonumber(old[3] or 0) < percent
                and now - tonumber(old[4] or 0) >= told_every_ms
            then
                redis.call('HSET', key, 'told', percent, 'told_at', now)
                return string.format('failing_%d', percent)
            end
            return
        end
    end
end

-- health: '' (nothing was learnt), answered (4xx), down, gone (410). What
-- people are to be told of the endpoint, or ''.
local function job_failed(job, health, error, now)
    local endpoint, webhook, body = job[1], job[2], job[3]
    if health == '' or not webhook or webhook == '' then
        return ''
    end
    local ok, doc = pcall(cjson.decode, body)
    local action = ok and type(doc) == 'table' and doc.action
    if type(action) ~= 'table' then
        return ''
    end
    local name, origin = text_of(action.name), origin_of(text_of(action.url))
    local note
    if health == 'down' then
        note = endpoint_failed(endpoint, origin, now)
    else
        endpoint_answered(endpoint, now)
    end
    local other = webhook_failed(webhook, name, origin, error, now)
    if health == 'gone'
        and redis.call('HEXISTS', health_key(webhook), 'disabled_at') == 0
    then
        other = webhook_disable(webhook, 'gone', now)
    end
    return other or note or ''
end

local function job_delivered(endpoint, webhook, now)
    if webhook and webhook ~= ''
        and redis.call('EXISTS', health_index) == 1
    then
        -- What had begun before it was disabled does not bring it back.
        if redis.call('HEXISTS', health_key(webhook), 'disabled_at') == 0 then
            health_forget(webhook)
        end
        endpoint_answered(endpoint, now)
    end
end

-- Of entries whose hash has expired the index forgets some.
local function health_sweep()
    local few = redis.call('ZRANDMEMBER', health_index, 5)
    for _, hash in ipairs(few or {}) do
        if redis.call('EXISTS', health_key(hash)) == 0 then
            redis.call('ZREM', health_index, hash)
        end
    end
end
