-- include lib/day.lua

-- The sets of today and the seven days before. A day of the same month is
-- named without going through the calendar.
local function done_keys(now)
    local day = math.floor(now / 86400000)
    local today = day_name(day)
    local month = prefix .. 'done:' .. string.sub(today, 1, 6)
    local of_month = tonumber(string.sub(today, 7))
    local keys = {}
    for days_ago = 0, 7 do
        local n = of_month - days_ago
        keys[days_ago + 1] = n > 0 and month .. two_digits(n)
            or prefix .. 'done:' .. day_name(day - days_ago)
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
            local is = redis.call('SMISMEMBER', key, unpack(ids))
            for i = 1, #ids do
                known[i] = known[i] or is[i] == 1
            end
        end
    end
    return known
end

local function was_done(id, now)
    return were_done({id}, now)[1]
end
