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

-- How many of so many it may have now.
local function may_begin(e, most)
    return math.min(most, e.limit - e.at_work, e.full_at
        and math.floor(1 - over_rate(e) * rate / 1000) or most)
end
