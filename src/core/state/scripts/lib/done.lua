-- Days since 1970 to YYYYMMDD; years begin in March, so that leap days end
-- them.
local function day_name(day)
    local z = day + 719468
    local era = math.floor(z / 146097)
    local doe = z - era * 146097
    local yoe = math.floor((doe - math.floor(doe / 1460)
        + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
    local doy = doe - 365 * yoe - math.floor(yoe / 4) + math.floor(yoe / 100)
    local mp = math.floor((5 * doy + 2) / 153)
    local month = mp < 10 and mp + 3 or mp - 9
    local year = yoe + era * 400 + (month <= 2 and 1 or 0)
    return string.format('%04d%02d%02d', year, month,
        doy - math.floor((153 * mp + 2) / 5) + 1)
end

local function done_key(now, days_ago)
    return prefix .. 'done:' .. day_name(math.floor(now / 86400000) - days_ago)
end

-- The sets of today and the seven days before. A day of the same month is
-- named without going through the calendar.
local function done_keys(now)
    local day = math.floor(now / 86400000)
    local today = tonumber(day_name(day))
    local keys = {}
    for days_ago = 0, 7 do
        keys[days_ago + 1] = prefix .. 'done:' .. (today % 100 > days_ago
            and string.format('%d', today - days_ago)
            or day_name(day - days_ago))
    end
    return keys
end

-- Which of the ids were done today or on one of the seven days before?
local function were_done(ids, now)
    local known, keys = {}, done_keys(now)
    local left = redis.call('EXISTS', unpack(keys))
    for _, key in ipairs(keys) do
        if left > 0 and redis.call('EXISTS', key) == 1 then
            left = left - 1
            for i, is in ipairs(redis.call('SMISMEMBER', key, unpack(ids))) do
                known[i] = known[i] or is == 1
            end
        end
    end
    return known
end

local function was_done(id, now)
    return were_done({id}, now)[1]
end

-- The set ends a day after the last of its ids has to be known.
local function note_done(ids, now)
    local key = done_key(now, 0)
    redis.call('SADD', key, unpack(ids))
    if redis.call('TTL', key) < 0 then
        redis.call('EXPIRE', key, 8 * 86400)
    end
end
