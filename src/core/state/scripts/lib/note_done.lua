-- include lib/day.lua

-- The set ends a day after the last of its ids has to be known.
local function note_done(ids, now)
    local key = prefix .. 'done:' .. day_name(math.floor(now / 86400000))
    redis.call('SADD', key, unpack(ids))
    if redis.call('TTL', key) < 0 then
        redis.call('EXPIRE', key, 8 * 86400)
    end
end
